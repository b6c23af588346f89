"""The console's timeline shows the parameters of a call, and the shares of cached and of reasoning tokens."""

import datetime as dt
import re

import pytest
from jinja2 import Environment, PackageLoader

from rfqflow.console.formatting import FILTERS

RUN = {
    "attempt": 1, "provider": "openai", "model": "m1", "prompt_version": "rfq@1", "queue_ms": 1.0, "latency_ms": 2.0,
    "input_tokens": 1000, "cached_input_tokens": 800, "output_tokens": 400, "reasoning_tokens": 300,
    "service_tier": "flex", "parameters": {"reasoning_effort": "low", "temperature": 0}, "cost_usd": 0.0026,
    "cost_source": "table",
}  # fmt: skip


def shown(**changed):
    env = Environment(loader=PackageLoader("rfqflow.console"), autoescape=True)
    env.filters.update(FILTERS)
    run = {
        "kind": "run", "what": "succeeded", "at": dt.datetime.now(dt.UTC), "reason": None, "actor": None,
        "detail": {**RUN, **changed},
    }  # fmt: skip
    page = env.get_template("part_rfq_timeline.html").render(timeline=[run])
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_shares_tier_and_parameters_are_shown():
    said = shown()
    assert (
        "1,000 (80 % cached) + 400 (75 % reasoning) tokens · flex tier · reasoning effort low · temperature 0" in said
    )


@pytest.mark.parametrize("unsaid", [None, 0])
def test_values_that_the_provider_did_not_send_are_left_out(unsaid):
    said = shown(cached_input_tokens=unsaid, reasoning_tokens=unsaid, service_tier=None, parameters=None)
    assert "1,000 + 400 tokens · $" in said
    assert "tier" not in said


def test_a_run_without_a_call_has_no_tokens():
    said = shown(input_tokens=None, output_tokens=None, cached_input_tokens=None, reasoning_tokens=None)
    assert "tokens" not in said
