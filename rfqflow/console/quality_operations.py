"""Operations on prompts, trials, evaluations and cases. Each operation first shows a preview of its effects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rfqflow.console.formatting import money, number, percent
from rfqflow.console.operations import CHANGED, Field, Form, Operation, Refused, rfqs, why
from rfqflow.core.errors import ConfigError
from rfqflow.evaluation.runner import cases_of_overrides, corrected_cases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfqflow.console.context import Console
    from rfqflow.console.operations import Asked

_MOST_USD = 1_000.0  # limits what a typing error can spend
_USUAL_MODEL = "The model that workers use"
_PAGE = "prompts"
_KINDS = {
    "shadow": "Shadow: runs beside the active prompt, changes no RFQ",
    "canary": "Canary: enriches a share of the RFQs",
}


async def _version(console: Console, asked: Asked) -> dict[str, Any]:
    found = await console.quality.versions(asked("version"))
    if not asked("version") or not found:
        raise ConfigError(f"prompt {asked('version')[:80]} not found")
    return found[0]


async def _active(console: Console) -> dict[str, Any]:
    found = next((one for one in await console.quality.versions() if one["active"]), None)
    if found is None:
        raise ConfigError("no prompt is active yet: a worker registers the shipped prompt when it starts")
    return found


def _measured(one: Mapping[str, Any]) -> str:
    if one["accuracy"] is None:
        return f"{one['version']} has no finished evaluation."
    return f"{one['version']}: route accuracy {percent(one['accuracy'])} on {rfqs(one['cases'], 'cases', 'case')}."


async def _waiting(console: Console) -> str:
    queue = await console.pages.queue()
    due, held = rfqs(queue["claimable"]), rfqs(queue["in_flight"])
    return f"{due} due, {held} in progress. RFQs in progress keep the prompt with which they began."


async def _ended_trials(console: Console) -> list[str]:
    running = [one for one in await console.quality.running() if one["ended_at"] is None]
    return [f"This change ends the {one['kind']} of {one['prompt_version']}." for one in running]


def _force(asked: Asked, hint: str) -> Field:
    return Field("force", "Force this without an evaluation", "1" if asked("force") == "1" else "", "check", hint=hint)


def _need_measured(version: str, asked: Asked) -> None:
    """Refuses a version without an evaluation. The database refuses it too, but this message says what to do."""
    if asked("force") != "1":
        raise Refused(
            "force", f"{version} has no evaluation: run an evaluation first, or force this and give a reason."
        )
    if asked.reason is None:
        raise Refused("why", f"{version} has no evaluation: to force this, give a reason.")


# -- activate, roll back -------------------------------------------------------------------------------------------


async def _activate_form(console: Console, asked: Asked) -> Form:
    one, active = await _version(console, asked), await _active(console)
    version, title = one["version"], f"Activate {one['version']}"
    if one["active"]:
        return Form(title, "", [f"{version} is already active."], back="/prompts", page=_PAGE, nothing=True)
    facts = [
        f"From the next claim on, all workers use {version} instead of {active['version']}.",
        "Finished RFQs stay as they are and cause no further call.",
        await _waiting(console), _measured(one), _measured(active), *await _ended_trials(console),
    ]  # fmt: skip
    fields = [why(asked, required=not one["is_measured"])]
    warnings = []
    if not one["is_measured"]:
        warnings = [f"{version} has no evaluation. Run an evaluation first, or force this and give a reason."]
        fields = [_force(asked, "The audit records that you forced this."), *fields]
    return Form(
        title, f"Activate {version}", facts, warnings, fields,
        hidden=[("version", version)], state=active["version"], back="/prompts", page=_PAGE,
    )  # fmt: skip


async def _activate(console: Console, asked: Asked, actor: str) -> str:
    one = await _version(console, asked)
    if not one["is_measured"]:
        _need_measured(one["version"], asked)
    await console.quality.operator.activate_prompt(
        one["version"], actor, asked.reason, force=asked("force") == "1" and not one["is_measured"]
    )
    return f"{one['version']} is active from the next claim on."


async def _rollback_form(console: Console, asked: Asked) -> Form:
    active = await _active(console)
    facts = [
        f"{active['version']} is active. The previous version becomes active again from the next claim on.",
        "Finished RFQs stay as they are.", await _waiting(console), *await _ended_trials(console),
    ]  # fmt: skip
    return Form(
        "Roll the prompt back", "Back to the previous version", facts, fields=[why(asked)],
        state=active["version"], back="/prompts", page=_PAGE,
    )  # fmt: skip


async def _rollback(console: Console, asked: Asked, actor: str) -> str:
    await console.quality.operator.rollback_prompt(actor, asked.reason)
    return f"The previous version is active again: {(await _active(console))['version']}."


# -- trials ------------------------------------------------------------------------------------------------------------


async def _trial_form(console: Console, asked: Asked) -> Form:
    one, active = await _version(console, asked), await _active(console)
    version = one["version"]
    if one["active"]:
        facts = [f"{version} is the active prompt: there is nothing to compare it with."]
        return Form(f"Try {version}", "", facts, back="/prompts", page=_PAGE, nothing=True)
    kind = asked("kind", "shadow")
    facts = [
        f"A shadow runs beside {active['version']} and changes no RFQ. The budget evaluation pays for its calls.",
        f"A canary enriches a share of the RFQs instead of {active['version']}. It stops by itself if it is clearly "
        "worse. You can rerun the RFQs of a canary.",
        _measured(one), "This ends a running trial of the same kind.",
    ]  # fmt: skip
    fields = [
        Field("kind", "Kind of trial", _KINDS.get(kind, kind), choices=tuple(_KINDS.values())),
        Field("percent", "Share of the RFQs, percent", asked("percent", "5"), "decimal", required=True), why(asked),
    ]  # fmt: skip
    if not one["is_measured"]:
        fields.append(_force(asked, "For a canary only: a shadow needs no evaluation."))
    return Form(
        f"Try {version}", "Start the trial", facts, fields=fields,
        hidden=[("version", version)], state=active["version"], back="/prompts", page=_PAGE,
    )  # fmt: skip


async def _trial(console: Console, asked: Asked, actor: str) -> str:
    one = await _version(console, asked)
    kind = next((name for name, text in _KINDS.items() if asked("kind") in (name, text)), None)
    if kind is None:
        raise Refused("kind", "Choose shadow or canary.")
    share = _decimal(asked, "percent", 100)
    if not share:
        raise Refused("percent", "Write a share above 0 percent.")
    if kind == "canary" and not one["is_measured"]:
        _need_measured(one["version"], asked)
    await console.quality.trials.start(
        kind, one["version"], share, actor, asked.reason, force=asked("force") == "1" and kind == "canary"
    )
    return f"The {kind} of {one['version']} has begun, with {number(share)} % of the RFQs."


async def _running(console: Console, asked: Asked) -> dict[str, Any] | None:
    """The running trial that the form names."""
    return next(
        (
            one
            for one in await console.quality.running()
            if one["ended_at"] is None and str(one["trial"]) == asked("trial")
        ),
        None,
    )


async def _stop_trial_form(console: Console, asked: Asked) -> Form:
    one = await _running(console, asked)
    back = f"/trials/{asked('trial')}" if asked("trial").isdecimal() else "/prompts"
    if one is None:
        return Form("Stop a trial", "", ["The trial has already ended."], back=back, page=_PAGE, nothing=True)
    canary = one["kind"] == "canary"
    touched = len(await console.quality.trials.rfqs(one["trial"])) if canary else 0
    facts = [
        f"From the next claim on, all RFQs use {one['base_version']}." if canary
        else f"No more RFQs use {one['prompt_version']}.",
        f"{rfqs(touched)} used {one['prompt_version']}. These RFQs stay as they are; you can rerun them afterwards."
        if canary else "The shadow has changed no RFQ.",
    ]  # fmt: skip
    return Form(
        f"Stop the {one['kind']} of {one['prompt_version']}", "Stop it", facts, fields=[why(asked)],
        hidden=[("trial", str(one["trial"]))], back=back, page=_PAGE,
    )  # fmt: skip


async def _stop_trial(console: Console, asked: Asked, actor: str) -> str:
    one, trials = await _running(console, asked), console.quality.trials
    if one is None:
        raise Refused("", "The trial has already ended.", CHANGED)
    await trials.end(one["kind"], actor, asked.reason or "stopped by hand", await trials.figures(one["trial"]))
    return "The trial is stopped."


async def _touched(console: Console, asked: Asked) -> list[Any]:
    if not asked("trial").isdecimal() or len(asked("trial")) > 18:  # noqa: PLR2004 - digits of a bigint
        raise ConfigError("no trial has this number")
    only_failed = asked("failed") == "1"
    found = await console.quality.trials.rfqs(int(asked("trial")))
    return [rfq_id for rfq_id, failed in found if failed or not only_failed]


async def _rerun_trial_form(console: Console, asked: Asked) -> Form:
    touched, active = await _touched(console, asked), await _active(console)
    costs = await console.pages.costs(touched)
    facts = [
        f"{rfqs(len(touched))} that the canary {'failed at' if asked('failed') == '1' else 'handled'} become due "
        f"again, with {active['version']}.",
        "The cost is unknown, since no recent call has a known price." if costs.each is None
        else f"The cost is about {money(costs.each * len(touched))}, at {money(costs.each)} per RFQ. "
        "Active budgets apply as usual.",
    ]  # fmt: skip
    running = any(
        str(one["trial"]) == asked("trial") for one in await console.quality.running() if one["ended_at"] is None
    )
    warnings = (
        ["The trial still runs, so some of these RFQs would use the candidate again. Stop the trial first."]
        if running
        else []
    )
    hidden = [("trial", asked("trial")), *([("failed", "1")] if asked("failed") == "1" else [])]
    return Form(
        "Rerun RFQs of a trial", f"Rerun {rfqs(len(touched))}", facts if touched else ["The trial handled no RFQ."],
        warnings, [why(asked)], hidden, expected_count=len(touched), back=f"/trials/{asked('trial')}", page=_PAGE,
        nothing=not touched or running,
    )  # fmt: skip


async def _rerun_trial(console: Console, asked: Asked, actor: str) -> str:
    touched = await _touched(console, asked)
    if len(touched) != asked.expected_count:
        raise Refused(
            "", f"The count changed from {asked.expected_count or 0:,} to {len(touched):,}: confirm again.", CHANGED
        )
    done = await console.quality.rerun(touched, actor, int(asked("trial")), asked.reason)
    return f"{rfqs(done, 'RFQs are', 'RFQ is')} due again."


# -- evaluations and cases ---------------------------------------------------------------------------------------------


async def _evaluate_form(console: Console, asked: Asked) -> Form:
    versions, models = await console.quality.versions(), await console.quality.models()
    cases = sum((await console.quality.cases()).values())
    facts = [
        f"A worker sends {rfqs(cases, 'active cases', 'active case')} to the model, within the budget evaluation.",
        "If a case already has an answer with the same prompt and model, you do not pay for it again.",
    ]
    fields = [
        Field("version", "Version", asked("version"), choices=[one["version"] for one in versions]),
        Field("model", "Model", asked("model") or _USUAL_MODEL, choices=[_USUAL_MODEL, *models]),
        Field("most_usd", "Spending limit, US dollars", asked("most_usd", "1"), "decimal", required=True),
    ]
    return Form("Evaluate a prompt", "Evaluate", facts, fields=fields, back="/prompts", page=_PAGE)


async def _evaluate(console: Console, asked: Asked, actor: str) -> str:
    most = _decimal(asked, "most_usd", _MOST_USD)
    model = asked("model")
    await console.quality.evaluations.request(
        asked("version"), None if model in ("", _USUAL_MODEL) else model, most, actor
    )
    return "A worker will run the evaluation. This page shows the progress."


async def _cases_form(console: Console, _asked: Asked) -> Form:
    made = await corrected_cases(console.quality.evaluations)
    new, changed, _ = await console.quality.labelled.preview(made)
    facts = [
        f"{rfqs(new, 'cases are', 'case is')} new, {number(changed)} {'is' if changed == 1 else 'are'} changed, from "
        f"{rfqs(len(made), 'active overrides and corrected RFQs', 'active override or corrected RFQ')}.",
        "Contact data in the cases is masked. All later evaluations use the cases.",
        "If an override or a correction was withdrawn, its case becomes inactive.",
    ]
    return Form(
        "Make cases of all overrides and corrections", f"Make {rfqs(new + changed, 'cases', 'case')}", facts,
        hidden=[("new", str(new)), ("changed", str(changed))], expected_count=new + changed, back="/overrides",
        page=_PAGE, nothing=not new + changed,
    )  # fmt: skip


async def _cases(console: Console, asked: Asked, actor: str) -> str:
    if not (asked("new").isdecimal() and asked("changed").isdecimal() and len(asked("new") + asked("changed")) < 16):  # noqa: PLR2004 - digits
        raise Refused("", "Open the preview first, then confirm.")
    expected = int(asked("new")), int(asked("changed"))
    new, changed, _ = await cases_of_overrides(console.quality.evaluations, actor, noted=True, expected=expected)
    return f"{rfqs(new + changed, 'cases are', 'case is')} new or changed."


def _decimal(asked: Asked, name: str, most: float) -> float:
    text = asked(name).replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        raise Refused(name, f"Write a number, such as 2.5, not {text[:40] or 'nothing'}.") from None
    if not 0 <= value <= most:
        raise Refused(name, f"Write a number from 0 to {most:g}.")
    return value


OPERATIONS = {
    "activate": Operation(_activate_form, _activate),
    "rollback": Operation(_rollback_form, _rollback),
    "trial": Operation(_trial_form, _trial),
    "stop-trial": Operation(_stop_trial_form, _stop_trial),
    "rerun-trial": Operation(_rerun_trial_form, _rerun_trial),
    "evaluate": Operation(_evaluate_form, _evaluate),
    "cases": Operation(_cases_form, _cases),
}
