"""The operator's parameters of a model win over those of its family, and lose to those of the prompt."""

from dataclasses import replace

import pytest

from rfqflow.core.prompting.model_parameters import ModelParameters
from rfqflow.core.prompting.parameters import parameter_faults
from tests.support.provider_requests import PROMPT

ALL = {"provider": "openai", "model": "*", "reasoning_effort": "high", "verbosity": "low", "note": "for all"}
ONE = {"provider": "openai", "model": "m1", "reasoning_effort": "minimal", "verbosity": None, "max_output_tokens": 900}


def test_the_models_own_row_wins_column_by_column_and_the_prompt_over_both():
    table = ModelParameters([ALL, ONE])
    assert table.of("openai", "m1") == {"reasoning_effort": "minimal", "verbosity": "low", "max_output_tokens": 900}
    assert table.of("openai", "m2") == {"reasoning_effort": "high", "verbosity": "low"}
    assert table.of("anthropic", "m1") == {}

    prompt = replace(PROMPT, parameters={"verbosity": "medium"})
    assert table.applied("openai", "m1", prompt).parameters == {**table.of("openai", "m1"), "verbosity": "medium"}
    assert table.applied("openai", "m1", prompt).sha256 == prompt.sha256  # its words are the same


def test_without_a_row_the_prompt_is_unchanged():
    assert ModelParameters().applied("openai", "m1", PROMPT) is PROMPT
    assert ModelParameters([ONE]).applied("openai", "m2", PROMPT) is PROMPT


def test_a_new_table_replaces_the_one_before():
    table = ModelParameters([ALL])
    table.set_table([ONE])
    assert table.of("openai", "m2") == {}


def test_parameters_of_a_later_release_are_ignored():
    assert ModelParameters([{**ONE, "mood": "good"}]).of("openai", "m1") == ModelParameters([ONE]).of("openai", "m1")


def test_an_evaluation_reuses_an_answer_only_if_all_that_changes_it_is_equal():
    def filed(**parameters):
        return ModelParameters([{"provider": "openai", "model": "m1", **parameters}]).measured("openai", "m1", PROMPT)

    assert filed(service_tier="flex", prompt_cache_key="k", deadline_seconds=9.0, note="n") is PROMPT
    assert filed(temperature=1.0) is PROMPT  # the prompt sets its own
    low, high = filed(reasoning_effort="low"), filed(reasoning_effort="high")
    assert len({PROMPT.sha256, low.sha256, high.sha256}) == 3
    assert filed(reasoning_effort="low", service_tier="flex").sha256 == low.sha256


@pytest.mark.parametrize(
    ("parameters", "fault"),
    [
        ({"service_tier": "felx"}, "service_tier"),
        ({"prompt_cache_key": "two words"}, "prompt_cache_key"),
        ({"deadline_seconds": 0.5}, "deadline_seconds"),
        ({"reasoning_effort": "extreme"}, "reasoning_effort"),
    ],
)
def test_a_prompt_has_the_same_limits_as_the_table(parameters, fault):
    assert [fault in said for said in parameter_faults(parameters)] == [True]


def test_a_prompt_accepts_what_the_table_accepts():
    taken = {"service_tier": "flex", "prompt_cache_key": "rfq-1", "deadline_seconds": 45.0, "reasoning_effort": "max"}
    assert parameter_faults(taken) == []
