"""Evaluation cases, evaluation runs and calls in `ai.*`, for evaluations, shadows and drafts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg

from rfqflow.core.answer import Answer
from rfqflow.core.errors import ConfigError
from rfqflow.core.evaluation.cases import Case
from rfqflow.core.evaluation.metrics import Result
from rfqflow.core.records import Rfq, Route
from rfqflow.store import case_import, correction_cases
from rfqflow.store.encoding import admission_of, encoded_requests, encoded_settled_call
from rfqflow.store.errors import fetched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from rfqflow.core.decisions.admission import Admission, AdmissionRequest
    from rfqflow.core.results import SettledCall
    from rfqflow.database.reconnecting import QueryExecutor

_MOST_BIGINT = 2**63 - 1
# RFQ ids that no application has: `ai.rfq_uuid` turns a numeric key into a UUID of digits and f only.
NO_RFQ = UUID("eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee")  # the RFQ id of holds in scope evaluation
OF_DRAFTS = UUID("dddddddd-dddd-dddd-dddd-dddddddddddd")  # the RFQ id of holds in scope draft


RESULT_COLUMNS = (
    "e.case_id, e.repeat, e.facts::text, e.answer::text, e.error_class, e.input_tokens, e.output_tokens, e.cost_usd, "
    "e.latency_ms, e.is_cached, e.cached_input_tokens, e.reasoning_tokens"
)


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """An evaluation that a worker has claimed. `left_usd`: what is left of its spending limit."""

    request: int
    claim_id: int
    version: str
    left_usd: Decimal
    actor: str


class EvaluationStore:
    """Calls into `ai.*`. Each raises RfqflowError with a remedy if the database lacks an object."""

    def __init__(self, line: QueryExecutor) -> None:
        self._line = line

    async def _rows(self, statement: str, *args: Any) -> list[asyncpg.Record]:
        return await fetched(self._line, statement, *args)

    # -- prompts and policy --------------------------------------------------------------------------------------------

    async def policy(self) -> dict[str, Any]:
        rows = await self._rows("select jsonb_object_agg(key, value)::text from ai.policy")
        return dict(json.loads(rows[0][0]))

    async def routes(self) -> tuple[Route, ...]:
        rows = await self._rows(
            "select slug, description, keywords, is_fallback from ai.routes where is_active order by slug"
        )
        return tuple(
            Route(route["slug"], route["description"], tuple(route["keywords"]), route["is_fallback"]) for route in rows
        )

    async def admit(
        self, provider: str, request: AdmissionRequest, lease_seconds: float, scope: str = "evaluation"
    ) -> Admission:
        """Asks for the admission of a call. If the call is admitted, its cost is held in `scope`."""
        rows = await self._rows(
            "select * from ai.admit($1, $2, $3, $4)",
            provider, encoded_requests([request]), timedelta(seconds=lease_seconds), scope,
        )  # fmt: skip
        return admission_of(rows[0])

    async def extend_hold(self, claim_id: int, nano: int) -> bool:
        rows = await self._rows("select * from ai.extend_holds($1, $2)", [claim_id], [nano])
        return bool(rows[0]["is_granted"])

    async def settle(self, call: SettledCall, purpose: str) -> None:
        await self._rows("select ai.settle_evaluation($1, $2)", encoded_settled_call(call), purpose)

    # -- cases ---------------------------------------------------------------------------------------------------------

    async def cases(self) -> list[Case]:
        """The active cases."""
        return [case_of(row) for row in await self._rows("select * from ai.active_cases()")]

    async def save_cases(
        self, cases: Iterable[Case], actor: str | None, *, noted: bool = False, expected: tuple[int, int] | None = None
    ) -> tuple[int, int]:
        """Saves cases. Returns the number of new cases, and of cases whose labels or texts changed.

        `noted`: the details of an action to record in the audit.

        Raises:
            ConfigError: the counts (new, changed) differ from `expected`; nothing is saved.
        """
        return await case_import.save(
            self._rows, [case_json(case) for case in cases], actor, noted=noted, expected=expected
        )

    async def overridden(self, only: int | None = None) -> list[tuple[int, str, Rfq]]:
        """Active overrides that are about the RFQ's current text: number, route, RFQ.

        `only`: return just this override.
        """
        rows = await self._rows(
            "select o.override_id, o.route, r.rfq_id, r.request_id, r.message, r.name, r.email, r.company, r.phone "
            "from ai.overrides o join ai.rfqs r on r.rfq_id = o.rfq_id "
            "where o.withdrawn_at is null and (o.content_sha256 is null or o.content_sha256 = r.content_sha256) "
            "and ($1::bigint is null or o.override_id = $1) order by o.override_id",
            only,
        )
        return [(row["override_id"], row["route"], _rfq(row)) for row in rows]

    async def retire_withdrawn(self) -> int:
        """Deactivates cases whose overrides or corrections were withdrawn."""
        rows = await self._rows(
            "update ai.eval_cases e set is_active = false from ai.overrides o "
            "where o.override_id = e.override_id and o.withdrawn_at is not null and e.is_active returning 1"
        )
        await correction_cases.retire_uncorrected(self._rows)
        return len(rows)

    async def corrected(self) -> list[tuple[dict[str, Any], Rfq]]:
        """For each corrected RFQ: labels for the fields that people corrected, and the RFQ."""
        return await correction_cases.corrected(self._rows)

    async def candidates(self, since: datetime | None, limit: int) -> list[asyncpg.Record]:
        """Candidates for a sample, with rfq_id, route, language, confidence and week. Draws at most `limit`, evenly."""
        return await self._rows(
            "with done as materialized (select r.rfq_id from ai.rfqs r where r.ai_status = 'done' "
            "and not exists (select from ai.eval_cases e where e.rfq_id = r.rfq_id)), "
            "drawn as materialized (select t.* from ai.rfq_times(array(select rfq_id from done)) t "
            "where $1::timestamptz is null or t.created_at >= $1 "
            "order by hashtextextended(t.rfq_id::text, 0) limit $2) "
            "select r.rfq_id::text, r.ai_route as route, r.ai_extracted ->> 'language' as language, "
            "r.ai_confidence as confidence, date_trunc('week', d.created_at)::date as week "
            "from drawn d join ai.rfqs r on r.rfq_id = d.rfq_id order by hashtextextended(r.rfq_id::text, 0)",
            since, limit,
        )  # fmt: skip

    async def rfqs(self, rfq_ids: Sequence[str]) -> dict[str, tuple[Rfq, dict[str, Any]]]:
        """By id: RFQs with their answers."""
        rows = await self._rows(
            "select r.rfq_id, r.request_id, r.message, r.name, r.email, r.company, r.phone, r.ai_route, r.ai_urgency, "
            "r.ai_confidence, r.ai_tags, r.ai_extracted::text as extracted from ai.rfqs r "
            "where r.rfq_id = any ($1::text[]::uuid[])",
            list(rfq_ids),
        )
        return {
            str(row["rfq_id"]): (
                _rfq(row),
                {
                    "route": row["ai_route"], "urgency": row["ai_urgency"], "tags": row["ai_tags"],
                    "confidence": row["ai_confidence"], **json.loads(row["extracted"] or "{}"),
                },
            )
            for row in rows
        }  # fmt: skip

    # -- evaluation runs -----------------------------------------------------------------------------------------------

    async def start(
        self, provider: str, model: str, version: str, sha256: bytes, source: str, cases: int, repeats: int,
        actor: str | None,
    ) -> int:  # fmt: skip
        rows = await self._rows(
            "select ai.start_evaluation($1, $2, $3, $4, $5, $6, $7, $8)",
            provider, model, version, sha256, source, cases, repeats, actor,
        )  # fmt: skip
        return int(rows[0][0])

    async def finish(self, eval_run: int, report: dict[str, Any]) -> None:
        await self._rows("select ai.finish_evaluation($1, $2)", eval_run, json.dumps(report))

    async def cached(
        self, shas: Sequence[bytes], prompt_sha256: bytes, provider: str, model: str
    ) -> dict[tuple[bytes, int], asyncpg.Record]:
        """The latest stored answers, by the hash of the case and the repetition.

        Calls that failed in the network are left out, so that the evaluation repeats them.
        """
        rows = await self._rows(
            "select * from ai.known_answers($1, $2, $3, $4)", list(shas), prompt_sha256, provider, model
        )
        return {(row["case_sha256"], row["repeat"]): row for row in rows}

    async def record(
        self, eval_run: int, sha256: bytes, prompt_sha256: bytes, provider: str, model: str, result: Result
    ) -> None:
        answer = result.answer.model_dump(mode="json", exclude_defaults=True) if result.answer else None
        kept = {
            "case_id": result.case_id, "repeat": result.repeat, "is_cached": result.cached,
            "facts": {**result.facts, "invented": result.invented}, "answer": answer,
            "error_class": result.error_class, "input_tokens": result.input_tokens,
            "output_tokens": result.output_tokens, "latency_ms": result.latency_ms,
            "cached_input_tokens": result.cached_input_tokens, "reasoning_tokens": result.reasoning_tokens,
            "cost_usd": None if result.cost_usd is None else str(result.cost_usd),
        }  # fmt: skip
        await self._rows(
            "select ai.record_answer($1, $2, $3, $4, $5, $6)",
            eval_run, sha256, prompt_sha256, provider, model, json.dumps(kept),
        )  # fmt: skip

    async def run(self, eval_run: int | None, version: str | None = None, model: str | None = None) -> dict[str, Any]:
        """The finished evaluation with this number, or else the latest one of the prompt version and the model."""
        if eval_run is not None and eval_run > _MOST_BIGINT:
            raise ConfigError(f"no finished evaluation {eval_run}: see `rfqflow eval list`")
        rows = await self._rows(
            "select eval_run, started_at, finished_at, started_by, provider, model, prompt_version, source, cases, "
            "repeats, report::text from ai.eval_runs where finished_at is not null "
            "and ($1::bigint is null or eval_run = $1) "
            "and ($2::text is null or prompt_version = $2) and ($3::text is null or model = $3) "
            "order by eval_run desc limit 1",
            eval_run, version, model,
        )  # fmt: skip
        if not rows:
            wanted = f"number {eval_run}" if eval_run else f"of {version}" if version else ""
            raise ConfigError(f"no finished evaluation {wanted}".rstrip() + ": see `rfqflow eval list`")
        return {**rows[0], "report": json.loads(rows[0]["report"])}

    async def runs(self, limit: int) -> list[dict[str, Any]]:
        rows = await self._rows(
            "select r.eval_run, r.started_at, r.provider, r.model, r.prompt_version, r.source, r.cases, r.repeats, "
            "case when r.finished_at is null then 'broken off' else 'finished' end as state, "
            "(r.report -> 'route' ->> 'accuracy')::float8 as accuracy from ai.eval_runs r "
            "order by r.eval_run desc limit $1",
            limit,
        )
        return [dict(row) for row in rows]

    async def results(self, eval_run: int) -> list[Result]:
        rows = await self._rows(
            f"select {RESULT_COLUMNS} from ai.eval_results e where e.eval_run = $1 order by e.case_id, e.repeat",
            eval_run,
        )
        return [result_of(row) for row in rows]

    # -- requested evaluations -----------------------------------------------------------------------------------------

    async def request(self, version: str, model: str | None, most_usd: float, actor: str | None) -> int:
        """Requests an evaluation. Returns its number.

        Raises:
            ConfigError: the prompt does not exist, there are no cases, or an evaluation is already running.
        """
        try:
            rows = await self._rows(
                "select ai.request_evaluation($1, $2, $3::float8::numeric, $4) as request",
                version, model, most_usd, actor,
            )  # fmt: skip
        except asyncpg.CheckViolationError:
            raise ConfigError("an evaluation may cost from 0 to 1,000,000 USD") from None
        except asyncpg.PostgresError as error:
            if error.sqlstate in ("RF004", "RF007"):
                raise ConfigError(error.message) from None
            raise
        return int(rows[0]["request"])

    async def cancel(self, actor: str | None) -> int | None:
        """Cancels the evaluation that is requested or running. Returns its number, or None."""
        rows = await self._rows("select ai.cancel_evaluation($1) as request", actor)
        return rows[0]["request"] if rows else None

    async def take(self, model: str, claim_id: int, lease_seconds: float) -> EvaluationRequest | None:
        rows = await self._rows(
            "select * from ai.claim_evaluation($1, $2, $3)", model, claim_id, timedelta(seconds=lease_seconds)
        )
        if not rows:
            return None
        row = rows[0]
        return EvaluationRequest(row["request"], claim_id, row["prompt_version"], row["left_usd"], row["requested_by"])

    async def note(
        self,
        wanted: EvaluationRequest,
        lease_seconds: float,
        eval_run: int | None,
        cases: int,
        answered: int,
        spent_usd: Decimal,
    ) -> bool:
        """Reports progress. Returns whether to continue. `spent_usd`: the spending since the last report."""
        rows = await self._rows(
            "select ai.note_evaluation($1, $2, $3, $4, $5, $6, $7) as ours", wanted.request, wanted.claim_id,
            timedelta(seconds=lease_seconds), eval_run, cases, answered, spent_usd,
        )  # fmt: skip
        return bool(rows[0]["ours"])

    async def leave(self, wanted: EvaluationRequest, reason: str | None) -> bool:
        """Ends the evaluation with a reason. Without a reason, another worker may resume it."""
        rows = await self._rows(
            "select ai.release_evaluation($1, $2, $3) as ours", wanted.request, wanted.claim_id, reason
        )
        return bool(rows[0]["ours"])

    async def save_calibration(
        self, version: str, model: str, points: Sequence[tuple[float, float]], cases: int, errors: tuple[float, float],
        eval_run: int, actor: str | None,
    ) -> None:  # fmt: skip
        await self._rows(
            "insert into ai.calibrations (prompt_version, model, points, cases, error_before, error_after, eval_run, "
            "created_by) values ($1, $2, $3, $4, $5, $6, $7, coalesce($8, session_user)) "
            "on conflict (prompt_version, model) do update set points = excluded.points, cases = excluded.cases, "
            "error_before = excluded.error_before, error_after = excluded.error_after, eval_run = excluded.eval_run, "
            "created_at = clock_timestamp(), created_by = excluded.created_by",
            version, model, json.dumps([list(point) for point in points]), cases, *errors, eval_run, actor,
        )  # fmt: skip

    async def calibration(self, version: str, model: str) -> list[list[float]]:
        """The points of the calibration. An empty list: confidence is used unchanged."""
        rows = await self._rows(
            "select points::text from ai.calibrations where prompt_version = $1 and model = $2", version, model
        )
        return list(json.loads(rows[0][0])) if rows else []

    async def drop_calibration(self, version: str, model: str) -> bool:
        return bool(
            await self._rows(
                "delete from ai.calibrations where prompt_version = $1 and model = $2 returning 1", version, model
            )
        )

    async def weekly(self, weeks: int) -> list[dict[str, Any]]:
        """Accepted answers by week back from now, with age, route, language, confidence band, RFQs and overridden."""
        rows = await self._rows("select * from ai.weekly_answers($1)", weeks)
        return [dict(row) for row in rows]

    async def record_drift(self, moved: Sequence[str]) -> None:
        """Records the drifts as an event, which all workers log."""
        await self._rows("select ai.record_drift($1)", list(moved))


def case_of(row: Mapping[str, Any]) -> Case:
    """The case in a row of `ai.eval_cases`."""
    rfq_id = None if row["rfq_id"] is None else str(row["rfq_id"])
    return Case(
        row["case_id"], row["message"], json.loads(row["labels"]), row["company"], json.loads(row["contact"]),
        row["family"], row["provenance"], rfq_id, row["override_id"],
    )  # fmt: skip


def result_of(row: Mapping[str, Any]) -> Result:
    """The result in a row of `ai.eval_results`."""
    facts = json.loads(row["facts"])
    return Result(
        row["case_id"], facts, Answer.model_validate_json(row["answer"]) if row["answer"] else None,
        row["error_class"], row["repeat"], row["input_tokens"], row["output_tokens"], row["cost_usd"],
        row["latency_ms"], row["is_cached"], facts.get("invented", 0), row["cached_input_tokens"],
        row["reasoning_tokens"],
    )  # fmt: skip


def case_json(case: Case) -> dict[str, Any]:
    """The case in the JSON form in which it is saved."""
    return {
        "case_id": case.case_id, "family": case.family, "provenance": case.provenance, "rfq_id": case.rfq_id,
        "override_id": case.override_id, "message": case.message, "company": case.company,
        "contact": dict(case.contact), "labels": dict(case.labels),
    }  # fmt: skip


def _rfq(row: asyncpg.Record) -> Rfq:
    rfq_id: UUID = row["rfq_id"]
    return Rfq(
        rfq_id,
        row["request_id"] or str(rfq_id),
        row["message"],
        row["name"],
        row["email"],
        row["company"],
        row["phone"],
    )
