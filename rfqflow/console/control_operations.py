"""Operations of the fleet: pause, resume, breakers, caps, prices, waiting RFQs, backfill and maintenance."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rfqflow.console.formatting import money, plain, words
from rfqflow.console.operations import Field, Form, Operation, Refused, need_reason, rfqs, state_of, why
from rfqflow.core.decisions.admission import cap_usd
from rfqflow.core.decisions.pricing import NORMAL_TIER, Price, usd_per_million
from rfqflow.core.errors import ConfigError, RfqflowError
from rfqflow.maintenance.scheduler import MaintenanceRunner
from rfqflow.reporting.cap_preview import judged, lines_of, warnings_of
from rfqflow.store.queue import QueueStore
from rfqflow.store.retention import Retention

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from rfqflow.console.context import Console
    from rfqflow.console.operations import Asked

PERIODS = ("hour", "day", "month")
_SWEEP_SECONDS = 10.0
_BACKFILL_SECONDS = 10.0  # less than the time limit of a page; for the rest, the operator repeats the action
_BATCH = 1000
_PER_MINUTE_MOST = 100_000
_COUNTED = 1000
_LIVE_SECONDS = 15


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _counted(count: int) -> str:
    return f"more than {_COUNTED:,} RFQs" if count > _COUNTED else rfqs(count)


# -- pause and resume --------------------------------------------------------------------------------------------------


async def _fleet(console: Console) -> tuple[dict[str, Any], list[str]]:
    queue, workers = await console.pages.queue(), await console.pages.workers()
    live = [one for one in workers if one["silent_seconds"] < _LIVE_SECONDS]
    slots = sum(one["concurrency"] for one in live)
    return queue, [
        f"{rfqs(len(live), 'workers are', 'worker is')} alive, with {rfqs(slots, 'slots', 'slot')}; "
        f"{rfqs(queue['in_flight'])} in progress, {rfqs(queue['claimable'])} due."
    ]


async def _pause_form(console: Console, asked: Asked) -> Form:
    queue, facts = await _fleet(console)
    if queue["mode"] != "on":
        return Form("Pause the fleet", "", ["The fleet is already paused."], nothing=True)
    facts += ["Workers stop claiming RFQs. RFQs in progress finish; new RFQs queue and wait."]
    reason = why(asked, required=True)
    return Form("Pause the fleet", "Pause all workers", facts, fields=[reason], state=await _mode(console))


async def _mode(console: Console) -> str:
    return state_of(await console.pages.control.mode_changes())


async def _pause(console: Console, asked: Asked, actor: str) -> str:
    await console.pages.pause(actor, need_reason(asked))
    return "All workers are paused: RFQs wait until an operator resumes."


async def _resume_form(console: Console, asked: Asked) -> Form:
    queue, facts = await _fleet(console)
    if queue["mode"] == "on":
        return Form("Resume", "", ["The fleet is not paused.", *facts], nothing=True)
    facts += [f"Workers wake at once; {rfqs(queue['claimable'])} become claimable."]
    return Form("End the pause", "Resume all workers", facts, fields=[why(asked)], state=await _mode(console))


async def _resume(console: Console, asked: Asked, actor: str) -> str:
    await console.pages.resume(actor, asked.reason)
    return "The fleet is resumed: workers claim due RFQs."


# -- breakers ----------------------------------------------------------------------------------------------------------


def _target(asked: Asked) -> tuple[str, str, str]:
    provider, model = asked("provider"), asked("model") or "*"
    return provider, model, f"all models of {provider}" if model == "*" else f"{model} ({provider})"


async def _breaker_form(console: Console, asked: Asked, *, opens: bool) -> Form:
    provider, model, name = _target(asked)
    states = await console.pages.breaker() or []
    one = next((row for row in states if (row["provider"], row["model"]) == (provider, model)), None)
    waiting = await console.pages.control.waiting_for("breaker_open")
    hidden = [("provider", provider), ("model", model)]
    state = state_of(one and (one["is_manual"], one["reason"], one["opened_at"]))
    facts = [f"The breaker is {words(one['state'])}." if one else "No calls so far."]
    if opens:
        facts += [
            "The breaker blocks all calls until an operator closes it. RFQs without another model are deferred.",
            f"{_counted(waiting)} already wait for a breaker.",
        ]
        reason = why(asked, required=True)
        is_open = one is not None and one["state"] == "open" and one["reason"] == "manual"
        return Form(f"Open the breaker of {name}", "Block all calls", facts, fields=[reason], hidden=hidden,
                    back="/#breakers", nothing=is_open, state=state)  # fmt: skip
    facts += [
        f"{_counted(waiting)} wait for a breaker. Calls increase gradually. If calls fail, the breaker opens again."
    ]
    closed = one is None or (one["state"] == "closed" and not one["not_before"])
    return Form(f"Close the breaker of {name}", "Close the breaker", facts, fields=[why(asked)], hidden=hidden,
                back="/#breakers", nothing=closed, state=state)  # fmt: skip


async def _open_form(console: Console, asked: Asked) -> Form:
    return await _breaker_form(console, asked, opens=True)


async def _open(console: Console, asked: Asked, actor: str) -> str:
    provider, model, name = _target(asked)
    await console.pages.breaker_action("open", provider, model, actor, need_reason(asked))
    return f"The breaker of {name} is open and blocks all calls."


async def _close_form(console: Console, asked: Asked) -> Form:
    return await _breaker_form(console, asked, opens=False)


async def _close(console: Console, asked: Asked, actor: str) -> str:
    provider, model, name = _target(asked)
    await console.pages.breaker_action("close", provider, model, actor, asked.reason)
    return f"The breaker of {name} is closed: calls increase gradually."


# -- caps and prices ---------------------------------------------------------------------------------------------------


def _scope(asked: Asked) -> str:
    return f"model:{asked('model')}" if asked("scope") == "model" else asked("scope")


async def _cap_preview(console: Console, asked: Asked) -> tuple[list[str], list[str]]:
    """The effects of the cap, and warnings if it stops work. Both are empty while the form is incomplete."""
    scope, period = _scope(asked), asked("period")
    try:
        cap = cap_usd(asked("usd"))
        found = judged(await console.pages.guards.preview_budget(scope, period, cap), cap)
    except ConfigError:
        return [], []
    old = found["old_cap_usd"]
    was = "now no cap" if old is None else f"now {money(Decimal(str(old)))}"
    return (
        [f"Cap of {scope} per {period}: {was}.", *lines_of(found, scope, period, _utc)],
        warnings_of(found, cap, _utc),
    )


async def _cap_form(console: Console, asked: Asked) -> Form:
    facts, warnings = await _cap_preview(console, asked)
    fields = [
        Field("scope", "Budget", _scope(asked), required=True,
              hint="global: all calls for RFQs; model:NAME; sender: the calls for each sender; evaluation; draft"),
        Field("period", "Per", asked("period", "day"), choices=PERIODS),
        Field("usd", "Cap, US dollars", asked("usd"), kind="decimal", required=True, hint="none removes the cap"),
        why(asked),
    ]  # fmt: skip
    return Form(
        "Set a cap", "Set the cap", facts or ["Name a budget and an amount."], warnings, fields,
        [("seen", f"{_scope(asked)} {asked('period')} {asked('usd')}")], back="/budgets", page="budgets", previews=True,
        state=state_of(await console.pages.caps_changed(1)),
    )  # fmt: skip


async def _cap(console: Console, asked: Asked, actor: str) -> str:
    scope, period = _scope(asked), asked("period")
    try:
        cap = cap_usd(asked("usd"))
    except ConfigError as error:
        raise Refused("usd", str(error)) from None
    _, warnings = await _cap_preview(console, asked)
    if warnings and asked("seen") != f"{scope} {period} {asked('usd')}":
        raise Refused("usd", "This cap stops work: read the effects above. To confirm, send the form again.", 409)
    try:
        old = await console.pages.guards.set_budget(scope, period, cap, actor, asked.reason)
    except ConfigError as error:
        raise Refused("scope", str(error)) from None
    shown = "no cap" if cap is None else money(cap)
    return f"{scope} per {period}: {'no cap' if old is None else money(old)} → {shown}."


async def _price_form(console: Console, asked: Asked) -> Form:
    waiting = await console.pages.control.waiting_for("unknown_price")
    rows = await console.pages.prices.model_prices()
    known = [row for row in rows
             if (row["provider"], row["model"]) == (asked("provider"), asked("model"))]  # fmt: skip
    facts = ["US dollars per million tokens. For your own server, set 0 and 0."]
    facts += [
        f"Now {row['service_tier']}: {plain(row['input_usd_per_million'])} input, "
        f"{plain(row['output_usd_per_million'])} output, "
        f"{plain(row['cached_input_usd_per_million'] or row['input_usd_per_million'])} cached input."
        for row in known
    ]
    facts += [
        "rfqflow corrects calls that it booked at an assumed price. RFQs that wait for a price or a budget become due. "
        f"{_counted(waiting)} wait for a price."
    ]
    fields = [
        Field("provider", "Provider", asked("provider"), required=True, hint="openai, anthropic or ollama"),
        Field("model", "Model", asked("model"), required=True),
        Field("input", "Input", asked("input"), kind="decimal", required=True),
        Field("output", "Output", asked("output"), kind="decimal", required=True),
        Field("cached", "Cached input", asked("cached"), kind="decimal", hint="empty: same as the input price"),
        Field("note", "Source of the price", asked("note")),
    ]  # fmt: skip
    return Form(
        "Set a price", "Set the price", facts, fields=fields, back="/budgets", page="budgets", state=state_of(rows)
    )


async def _price(console: Console, asked: Asked, actor: str) -> str:
    provider, model = asked("provider"), asked("model")
    for name in ("provider", "model"):
        if not asked(name) or not asked(name).isprintable() or asked(name) == "*":
            raise Refused(name, f"write the {name} as `rfqflow price list` shows it")
    amounts = {}
    for name in ("input", "output", *(("cached",) if asked("cached") else ())):
        try:
            amounts[name] = usd_per_million(asked(name), name)
        except ConfigError as error:
            raise Refused(name, str(error)) from None
    found = await console.pages.prices.set_price(
        provider,
        model,
        Price(amounts["input"], amounts["output"], amounts.get("cached")),
        NORMAL_TIER,
        None,
        actor,
        asked("note") or None,
    )
    calls = found["corrected"]["calls"]
    corrected = rfqs(calls, "calls are", "call is")
    return f"The price of {model} ({provider}) is set. {corrected} corrected, and {rfqs(found['woken'])} are due again."


# -- RFQs that wait ----------------------------------------------------------------------------------------------------


async def _try_form(console: Console, asked: Asked) -> Form:
    code = asked("code")
    waiting = await console.pages.control.waiting_for(code)
    about = next((row for row in await console.pages.control.reasons() if row["reason"] == code), None)
    facts = [*([about["meaning"]] if about and about["meaning"] else []),
             f"{_counted(waiting)} wait for this. The first thousand become due at once, the others gradually.",
             "If the cause persists, workers defer the RFQs again and charge no attempt."]  # fmt: skip
    return Form(f"Try again: {words(code)}", "Try them now", facts, fields=[why(asked)], hidden=[("code", code)],
                nothing=not waiting)  # fmt: skip


async def _try(console: Console, asked: Asked, actor: str) -> str:
    return f"{rfqs(await console.pages.control.try_now(asked('code'), actor, asked.reason))} are due now."


async def _enqueue_form(console: Console, asked: Asked) -> Form:
    missed = await console.pages.control.missed()
    facts = [
        f"The trigger did not enqueue {rfqs(missed)} at their insert.",
        "These RFQs become due at once, except for RFQs that already have an answer.",
    ]
    return Form("Enqueue missed RFQs", "Enqueue them", facts, fields=[why(asked)], nothing=not missed)


async def _enqueue(console: Console, asked: Asked, actor: str) -> str:
    return f"{rfqs(await console.pages.control.enqueue_missed(actor, asked.reason))} are enqueued."


async def _backfill_form(console: Console, asked: Asked) -> Form:
    control = console.pages.control
    older, usd = await control.older(), await control.call_usd()
    cost = (
        "The cost is unknown, since no call has a known cost yet"
        if usd is None
        else f"The cost is about {money(usd * older)}, at {money(usd)} per call"
    )
    fields = [
        Field("limit", "Number of RFQs", asked("limit") or str(older), kind="number", required=True,
              hint="the most RFQs to enqueue; the lowest ids come first"),
        Field("per_minute", "RFQs per minute", asked("per_minute") or "60", kind="number", required=True,
              hint="the most RFQs that become due per minute; a new RFQ may wait for RFQs that are already due"),
        why(asked),
    ]  # fmt: skip
    facts = [f"The last sweep counted {rfqs(older)} that are older than the installation and not enriched. {cost}."]
    return Form("Backfill older RFQs", "Enqueue them", facts, fields=fields, expected_count=older, nothing=not older)


def _number(asked: Asked, name: str, most: int) -> int:
    text = asked(name).replace(",", "")
    if not (text.isdecimal() and len(text) < 16 and 1 <= int(text) <= most):  # noqa: PLR2004 - digits of a bigint
        raise Refused(name, f"write a whole number from 1 to {most:,}, not {text[:40]!r}")
    return int(text)


async def _backfill(console: Console, asked: Asked, actor: str) -> str:
    control = console.pages.control
    limit, per_minute = _number(asked, "limit", 10**9), _number(asked, "per_minute", _PER_MINUTE_MOST)
    if (older := await control.older()) != asked.expected_count:
        raise Refused("", f"The count changed from {asked.expected_count or 0:,} to {older:,}: confirm again.", 409)
    after: UUID | None = None
    done, ends_at = 0, time.monotonic() + _BACKFILL_SECONDS
    try:
        while done < limit and time.monotonic() < ends_at:
            after, put = await control.backfill(after, min(_BATCH, limit - done), per_minute)
            done += put
            if after is None:
                break
    finally:  # after an error too, since each batch has its own transaction
        await control.note(actor, "backfill", {"enqueued": done, "per_minute": per_minute, "reason": asked.reason})
    more = "" if after is None or done >= limit else " There are more RFQs: run the backfill again."
    return f"{rfqs(done)} are enqueued, {per_minute:,} per minute.{more}"


# -- maintenance -------------------------------------------------------------------------------------------------------


async def _steps(console: Console, asked: Asked) -> Sequence[dict[str, Any]]:
    named = set(asked.all("step"))
    return [row for row in await console.pages.control.maintenance() if row["step"] in named]


async def _maintain_form(console: Console, asked: Asked) -> Form:
    rows = await _steps(console, asked)
    facts = [
        f"{words(row['step'])}: "
        + (f"failed at {_utc(row['failed_at'])} with {row['sqlstate']}" if row["is_failing"]
           else f"last ran at {_utc(row['ran_at'])}" if row["ran_at"] else "has not run yet")
        + (", late" if row["is_late"] else "") + "."
        for row in rows
    ]  # fmt: skip
    facts += ["The console runs the step once, with the console's database role. Workers also run the step regularly."]
    hidden = [("step", row["step"]) for row in rows]
    return Form("Run maintenance now", "Run it", facts, hidden=hidden, back="/#maintenance", nothing=not rows)


async def _maintain(console: Console, asked: Asked, actor: str) -> str:
    rows = await _steps(console, asked)
    done: list[str] = []
    failed: list[str] = []
    async with console.pages.line() as line:
        runner = MaintenanceRunner(QueueStore(line), Retention(line), lambda: _SWEEP_SECONDS)
        if foreign := [row["step"] for row in rows if row["step"] not in runner.steps]:
            raise RfqflowError(f"{foreign[0]} runs only by `rfqflow maintain`")
        for row in rows:
            _, count = await runner.do(row["step"])
            (done if count >= 0 else failed).append(row["step"])
    await console.pages.control.note(actor, "maintain", {"steps": done, "failed": failed})
    if failed:
        raise RfqflowError(
            f"{', '.join(failed)} failed again. The console's log has the class of the error, and the server's log the "
            "full message"
        )
    return f"Done: {', '.join(done)}."


OPERATIONS = {
    "pause": Operation(_pause_form, _pause),
    "resume": Operation(_resume_form, _resume),
    "open-breaker": Operation(_open_form, _open),
    "close-breaker": Operation(_close_form, _close),
    "cap": Operation(_cap_form, _cap),
    "price": Operation(_price_form, _price),
    "try": Operation(_try_form, _try),
    "enqueue": Operation(_enqueue_form, _enqueue),
    "backfill": Operation(_backfill_form, _backfill),
    "maintain": Operation(_maintain_form, _maintain),
}
