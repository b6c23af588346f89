"""Cases, evaluations of two prompts on them, a shadow and edited answers, for tests of the pages about quality."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rfqflow.core.evaluation.cases import Case

if TYPE_CHECKING:
    import asyncpg

GIVEN = {"summary": "s", "route": "process", "confidence": 0.8}
PHONE, EMAIL = "+353 21 555 0100", "jo.byrne@pumps.example"


def case(case_id: str, message: str, **labels: Any) -> Case:
    return Case(case_id, message, labels)


async def save(db: asyncpg.Connection, *cases: Case) -> None:
    await db.executemany(
        "insert into ai.eval_cases (case_id, family, provenance, message, company, labels, created_by) "
        "values ($1, $1, 'file', $2, $3, $4, 'ada')",
        [(one.case_id, one.message, one.company, json.dumps(dict(one.labels))) for one in cases],
    )


async def evaluated(db: asyncpg.Connection, version: str, *answers: tuple[Case, dict[str, Any] | str]) -> int:
    """Inserts a finished evaluation; an answer that is a text stands for an error's class."""
    number: int = await db.fetchval(
        "insert into ai.eval_runs (started_by, provider, model, prompt_version, prompt_sha256, source, cases, repeats, "
        "finished_at, report) values ('ada', 'openai', 'm1', $1, '\\x01', 'db', $2, 1, now(), "
        """'{"route": {"accuracy": 0.5, "low": 0.1, "high": 0.9}}') returning eval_run""",
        version, len(answers),
    )  # fmt: skip
    for one, given in answers:
        answer = None if isinstance(given, str) else json.dumps({**GIVEN, **given})
        await db.execute(
            "insert into ai.eval_results (eval_run, case_id, repeat, case_sha256, prompt_sha256, provider, model, "
            "is_cached, facts, answer, error_class) values ($1, $2, 1, $3, '\\x01', 'openai', 'm1', false, $4, $5, $6)",
            number, one.case_id, one.sha256,
            json.dumps({"labels": dict(one.labels), "family": one.case_id, "characters": len(one.message)}), answer,
            given if isinstance(given, str) else None,
        )  # fmt: skip
    return number


async def versions(db: asyncpg.Connection, *, active: str = "rfq@1") -> None:
    """Two prompts, the first of them active."""
    for _ in range(2):
        await db.execute(
            "select ai.add_prompt('rfq', gen_random_uuid()::text, 'user {message}', '{}', 'ada', 'shorter')"
        )
    await db.execute("select ai.set_policy('active_prompt', to_jsonb($1::text), 'ada')", active)


async def shadowed(db: asyncpg.Connection, *pairs: tuple[str, dict[str, Any], dict[str, Any]]) -> int:
    """A running shadow of rfq@2 on RFQs of these companies, with the base's answer and the candidate's for each."""
    number: int = await db.fetchval("select ai.start_trial('shadow', 'rfq@2', 50, 'ada')")
    for company, base, candidate in pairs:
        await db.execute(
            "with made as (insert into public.rfq_requests (company, message) values ($2, 'please quote') returning id) "
            "insert into ai.shadow_results (trial, rfq_id, base_output, answer, ended_at) "
            "select $1, id, $3, $4, clock_timestamp() from made",
            number, company, json.dumps({**GIVEN, **base}), json.dumps({**GIVEN, **candidate}),
        )  # fmt: skip
    return number


async def dealt_with(db: asyncpg.Connection, version: str, answers: int, edited: int, days_ago: int = 0) -> None:
    """Inserts answers that a person handled; some of them were rerouted."""
    await db.execute(
        "with made as (insert into public.rfq_requests (message) select 'm' from generate_series(1, $2::int) returning id), "
        "seen as (insert into ai.desk (rfq_id, updated_by, seen_answer, seen_prompt_version, seen_model, seen_route, "
        "seen_lines, seen_at) select id, 'ada', 'x', $1, 'm1', 'process', 2, now() - $4::int * interval '1 day' from made "
        "returning rfq_id) "
        "insert into ai.overrides (rfq_id, route, ai_route, ai_prompt_version, actor) "
        "select rfq_id, 'civil', 'process', $1, 'ada' from seen limit $3",
        version, answers, edited, days_ago,
    )  # fmt: skip
