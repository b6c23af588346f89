"""An evaluation computes correct figures, pays once, stays within its budget, and resumes where it was interrupted."""

import asyncio
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from rfqflow.core.errors import ErrorClass
from rfqflow.core.evaluation.cases import Case
from rfqflow.core.evaluation.comparison import compare
from rfqflow.core.evaluation.metrics import measure
from rfqflow.core.policy import Policy
from rfqflow.core.prompting.prompt import Prompt
from rfqflow.database import migrate
from rfqflow.database.reconnecting import ReconnectingConnection
from rfqflow.enrichment.budgeted_calls import BudgetedCaller
from rfqflow.enrichment.pipeline import Pipeline
from rfqflow.evaluation.report import as_html, as_json, as_junit, render
from rfqflow.evaluation.runner import EvaluationTarget, ask_all
from rfqflow.prompts import shipped
from rfqflow.store.evaluation import EvaluationStore
from tests.support.oracle_provider import Knowing

ROUTES = migrate.shipped_routes()
SLUGS = [route.slug for route in ROUTES]


def cases(number: int, seed: int = 1) -> list[Case]:
    chance = Random(seed)
    found = []
    for at in range(number):
        labels = {"route": chance.choice(SLUGS), "language": "en", "gate": None, "injection": False}
        found.append(Case(f"c{at:04}", f"Please quote part {at} of {seed}, twelve pieces.", labels, family=f"f{at}"))
    return found


@pytest.fixture
async def bench(database):
    line = ReconnectingConnection(database, "rfqflow test")
    yield EvaluationStore(line)
    await line.close()


async def asked(bench, provider, labelled, *, version="rfq@1", most=Decimal(5), **more):
    prompt = replace(Prompt.of(shipped(), ROUTES), version=version, sha256=version.encode().ljust(32))
    pipeline = Pipeline(provider, prompt_version=None, deadline_seconds=5, pepper=None)
    policy = Policy.from_values(await bench.policy())
    calls = BudgetedCaller(pipeline, bench, policy, deadline_seconds=5, most_usd=most)
    subject = EvaluationTarget(provider.name, provider.model, version, prompt, ROUTES)
    outcome = await ask_all(labelled, subject, calls, bench, source="test", **more)
    return outcome, calls


def knowing(labelled, **rates):
    return Knowing({case.message: case.labels["route"] for case in labelled}, **rates)


async def test_a_known_error_rate_is_found(bench):
    labelled = cases(240)
    provider = knowing(labelled, errs={"rfq@1": 0.2}, breaks={"rfq@1": 0.05})
    outcome, _ = await asked(bench, provider, labelled)
    report = measure(outcome.results, "rfq@1", provider="openai", model="m1")

    wrong = sum(not 0.05 <= provider.draw(case.message, "rfq@1") <= 0.8 for case in labelled)
    assert 240 - wrong == report.route.hits
    low, high = report.route.interval
    assert low <= 0.75 <= high
    assert {"invalid_output": sum(provider.draw(one.message, "rfq@1") < 0.05 for one in labelled)} == report.failures
    assert pytest.approx(0.9 - report.route.hits / (240 - report.failed.hits), abs=1e-9) == report.expected_error
    assert report.rules is not None  # the report has the baselines beside it
    assert max(sum(one.labels["route"] == slug for one in labelled) for slug in SLUGS) == report.majority.hits


async def test_the_allowed_number_of_calls_is_in_flight(bench):
    labelled = cases(12)
    provider = knowing(labelled)
    provider.together = asyncio.Barrier(4)
    outcome, _ = await asked(bench, provider, labelled, concurrency=4)
    assert (12, 4) == (outcome.asked, provider.peak)


async def test_the_same_case_prompt_and_model_is_paid_once_and_a_changed_one_again(bench, db):
    labelled = cases(30)
    provider = knowing(labelled)
    first, calls = await asked(bench, provider, labelled)
    again, none = await asked(bench, provider, labelled)
    assert ([30, 0], [0, 30]) == ([first.asked, first.cached], [again.asked, again.cached])
    assert (Decimal("0.030"), 0) == (calls.spent_usd, none.spent_usd)
    assert [replace(one, latency_ms=0) for one in first.results] == [
        replace(one, cached=False, latency_ms=0) for one in again.results
    ]

    relabelled = [replace(case, labels={**case.labels, "route": "general"}) for case in labelled]
    corrected, _ = await asked(bench, provider, relabelled)
    assert (0, {"general"}) == (corrected.asked, {one.labels["route"] for one in corrected.results})
    other, _ = await asked(bench, provider, labelled, version="rfq@2")
    reworded, _ = await asked(bench, provider, [replace(labelled[0], message="Something else is needed here.")])
    repeated, _ = await asked(bench, provider, labelled, repeats=2)
    assert (30, 1, 30) == (other.asked, reworded.asked, repeated.asked)
    assert 60 == len(repeated.results)
    assert Decimal("0.091") == await db.fetchval("select sum(booked_usd) from ai.eval_calls")


async def test_an_evaluation_has_its_own_budget_and_resumes_when_more_is_granted(bench, db):
    labelled = cases(20)
    provider = knowing(labelled)
    await db.execute("select ai.set_budget('evaluation', 'day', 0.005)")
    await db.execute("select ai.set_budget('global', 'day', 0)")

    stopped, _ = await asked(bench, provider, labelled, concurrency=1)
    assert (5, "call to m1 not admitted: budget") == (len(stopped.results), stopped.stopped)
    assert await db.fetchval("select spent_usd from ai.budget_status where scope = 'evaluation'") == Decimal("0.005")
    assert await db.fetchval("select coalesce(sum(spent_usd), 0) from ai.budget_status where scope = 'global'") == 0

    await db.execute("select ai.set_budget('evaluation', 'day', 1)")
    rest, _ = await asked(bench, provider, labelled)
    assert (15, 5, None) == (rest.asked, rest.cached, rest.stopped)
    assert [] == await db.fetch(
        "select * from ai.reconcile_budget() where spent_usd <> runs_usd or held_usd <> holds_usd"
    )
    assert await db.fetchval("select count(*) from ai.holds") == 0
    assert await db.fetchval("select count(*) from ai.rag_runs") == 0


async def test_a_cap_on_cost_holds_with_many_simultaneous_calls(bench):
    labelled = cases(40)
    provider = knowing(labelled)
    stopped, calls = await asked(bench, provider, labelled, most=Decimal("0.0125"), concurrency=16)
    assert calls.spent_usd <= Decimal("0.0125")
    assert (12, True) == (len(provider.calls), "spending limit of 0.0125 USD reached" in (stopped.stopped or ""))


async def test_an_evaluation_waits_for_holds_and_does_not_take_them_for_spent(bench, db):
    """A hold is an upper bound: with many calls in flight, the holds reach the cap long before the costs do."""
    labelled = cases(30)
    provider = knowing(labelled)
    provider.held = Decimal("0.4")
    await db.execute("select ai.set_budget('evaluation', 'day', 1)")
    done, _ = await asked(bench, provider, labelled, concurrency=16, most=Decimal("0.9"))
    assert (30, None) == (done.asked, done.stopped)
    done, _ = await asked(bench, provider, labelled, concurrency=16, version="rfq@2")
    assert (30, None) == (done.asked, done.stopped)


async def test_an_interrupted_run_resumes(bench, db):
    labelled = cases(40)
    provider = knowing(labelled)
    enough = asyncio.Event()
    task = asyncio.create_task(
        asked(bench, provider, labelled, concurrency=2, on_progress=lambda so_far: so_far.asked >= 10 and enough.set())
    )
    await enough.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    kept = await db.fetchval("select count(*) from ai.eval_results")
    assert await db.fetchval("select finished_at is null from ai.eval_runs")

    rest, _ = await asked(bench, provider, labelled)
    assert (kept, 40 - kept) == (rest.cached, rest.asked)
    # The cut-off calls may have been billed: they count at their holds, once these are reaped.
    await db.execute("update ai.holds set admitted_at = admitted_at - interval '16 minutes'")
    left = await db.fetchval("select ai.reap_holds()")
    assert left == await db.fetchval("select count(*) from ai.eval_calls where purpose = 'lost'")
    assert await db.fetchval("select count(*) from ai.rag_runs") == 0


async def test_a_temporary_failure_is_repeated_and_never_cached(bench, monkeypatch):
    monkeypatch.setattr("rfqflow.enrichment.budgeted_calls.PAUSE_SECONDS", 0.0)
    labelled = cases(3)
    provider = knowing(labelled)
    provider.fault = ErrorClass.CONNECTION
    failed, _ = await asked(bench, provider, labelled[:1])
    assert (3, "connection") == (len(provider.calls), failed.results[0].error_class)
    provider.fault = None
    mended, _ = await asked(bench, provider, labelled)
    assert (3, 0, 1.0) == (mended.asked, mended.cached, measure(mended.results, "rfq@1").route.value)
    provider.fault = ErrorClass.INVALID_OUTPUT
    broken, _ = await asked(bench, provider, labelled, version="rfq@2")
    again, _ = await asked(bench, provider, labelled, version="rfq@2")
    assert (3, 3, {"invalid_output": 3}) == (broken.asked, again.cached, measure(again.results, "rfq@2").failures)


async def test_no_call_is_made_during_a_pause(bench, db):
    await db.execute("select ai.pause('ada', 'test')")
    stopped, _ = await asked(bench, provider := knowing(cases(2)), cases(2))
    assert ("call to m1 not admitted: paused", []) == (stopped.stopped, provider.calls)


async def test_two_prompts_are_compared_from_stored_answers(bench):
    labelled = cases(200)
    provider = knowing(labelled, errs={"rfq@1": 0.3, "rfq@2": 0.1})
    runs = []
    for version in ("rfq@1", "rfq@2"):
        outcome, _ = await asked(bench, provider, labelled, version=version)
        await bench.finish(outcome.eval_run, as_json(measure(outcome.results, version)))
        runs.append((await bench.run(None, version))["eval_run"])
    found = compare(*[await bench.results(run) for run in runs], Random(1), rounds=500)
    assert ("better", 200) == (found.verdict, found.cases)


async def test_a_report_has_no_word_of_a_customer(bench):
    labelled = cases(60)
    provider = knowing(labelled, errs={"rfq@1": 0.2}, breaks={"rfq@1": 0.1})
    outcome, _ = await asked(bench, provider, labelled, repeats=2)
    report = measure(outcome.results, "rfq@1", provider="openai", model="m<1>")
    page, text = as_html(report), render(report)

    for out in (page, text, json.dumps(as_json(report)), as_junit(report, outcome.results)):
        assert "twelve pieces" not in out
    assert not re.search(r"(src|href)=|<script|m<1>|https?://(?!www\.w3\.org)", page)
    assert "<svg" in page
    suite = ET.fromstring(as_junit(report, outcome.results))
    assert ("120", str(report.failed.hits)) == (suite.get("tests"), suite.get("errors"))
    assert 120 - report.route.hits - report.failed.hits == int(suite.get("failures"))
    for reported in ("majority", "rules", "review for 95 %", "false skips", "USD per RFQ", "latency p50"):
        assert reported in text or reported == "review for 95 %"


async def test_a_case_is_not_measured_on_missing_labels(bench):
    bare = [Case("o1", "Two pumps for the works, please, by Friday.", {"route": "process"})]
    outcome, _ = await asked(bench, knowing(bare), bare)
    report = measure(outcome.results, "rfq@1")
    assert (1, 1.0) == (report.cases, report.route.value)
    assert [0] * 5 == [
        report.urgency.total, report.language.total, report.line_items.given, report.missing.given, report.injection.given
    ]  # fmt: skip
