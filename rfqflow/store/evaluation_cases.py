"""Evaluation cases and their answers, for the console's lists."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rfqflow.store import case_import
from rfqflow.store.errors import fetched
from rfqflow.store.evaluation import RESULT_COLUMNS, case_json, case_of, result_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfqflow.core.evaluation.cases import Case
    from rfqflow.core.evaluation.metrics import Result
    from rfqflow.database.reconnecting import QueryExecutor

_CASE = (
    "c.case_id, c.message, c.labels::text, c.company, c.contact::text, c.family, c.provenance, c.rfq_id, "
    "c.override_id, c.is_active, c.created_at, c.created_by"
)
_LIST = f"""
select {_CASE} from ai.eval_cases c
where c.is_active = $1 and ($2::text is null or c.provenance = $2) and ($3::text is null or c.labels ->> 'route' = $3)
  and ($4::text is null or c.case_id collate "C" > $4)
  and ($5::text is null or strpos(lower(c.case_id), lower($5)) > 0 or strpos(lower(c.message), lower($5)) > 0)
order by c.case_id collate "C" limit $6
"""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """The filter of a list of cases. `after`: the last case of the previous page."""

    active: bool = True
    provenance: str | None = None
    route: str | None = None
    words: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case with its related data. `result`: its result in the selected evaluation."""

    case: Case
    is_active: bool
    created_at: Any
    created_by: str
    result: Result | None = None


class CaseStore:
    """Queries for the console's lists. They may run on different connections."""

    def __init__(self, lines: QueryExecutor) -> None:
        self._lines = lines

    async def _rows(self, statement: str, *args: Any) -> list[Any]:
        return await fetched(self._lines, statement, *args)

    async def listed(self, wanted: CaseFilter, eval_run: int | None, limit: int) -> list[CaseRow]:
        """Cases. With `eval_run`, each has its first answer in that evaluation, judged by the current labels."""
        rows = await self._rows(
            _LIST, wanted.active, wanted.provenance, wanted.route, wanted.after, wanted.words, limit
        )
        found = [_row(row) for row in rows]
        if eval_run is None or not found:
            return found
        results = {one.case_id: one for one in await self._first_results(eval_run, [row.case.case_id for row in found])}
        return [
            replace(row, result=_relabelled(results[row.case.case_id], row.case))
            if row.case.case_id in results
            else row
            for row in found
        ]

    async def _first_results(self, eval_run: int, case_ids: Sequence[str]) -> list[Result]:
        rows = await self._rows(
            f"select {RESULT_COLUMNS} from ai.eval_results e "
            "where e.eval_run = $1 and e.case_id = any ($2::text[]) and e.repeat = 1",
            eval_run, list(case_ids),
        )  # fmt: skip
        return [result_of(row) for row in rows]

    async def one(self, case_id: str) -> CaseRow | None:
        rows = await self._rows(f"select {_CASE} from ai.eval_cases c where c.case_id = $1", case_id)
        return _row(rows[0]) if rows else None

    async def named(self, case_ids: Sequence[str]) -> dict[str, CaseRow]:
        """By id: the stored cases among these ids."""
        rows = await self._rows(
            f"select {_CASE} from ai.eval_cases c where c.case_id = any ($1::text[])",
            list(case_ids),
        )
        return {row["case_id"]: _row(row) for row in rows}

    async def answers(self, case_id: str, limit: int) -> list[tuple[dict[str, Any], bytes, Result]]:
        """The newest evaluations that include a case, each with the hash of the sent text and the first answer."""
        rows = await self._rows(
            "select r.eval_run, r.prompt_version, r.model as by_model, r.finished_at, e.case_sha256, "
            f"{RESULT_COLUMNS} from ai.eval_runs r join ai.eval_results e on e.eval_run = r.eval_run "
            "and e.case_id = $1 and e.repeat = 1 order by r.eval_run desc limit $2",
            case_id, limit,
        )  # fmt: skip
        return [(dict(row), bytes(row["case_sha256"]), result_of(row)) for row in rows]

    async def hashes(self, eval_run: int, case_ids: Sequence[str]) -> dict[str, bytes]:
        """By case: the hash of the text that an evaluation sent."""
        rows = await self._rows(
            "select distinct case_id, case_sha256 from ai.eval_results "
            "where eval_run = $1 and case_id = any ($2::text[])",
            eval_run, list(case_ids),
        )  # fmt: skip
        return {row["case_id"]: bytes(row["case_sha256"]) for row in rows}

    async def newest_run(self) -> int | None:
        """The last finished evaluation that used the cases in the database."""
        rows = await self._rows(
            "select max(eval_run) as eval_run from ai.eval_runs where finished_at is not null and source = 'db'"
        )
        found: int | None = rows[0]["eval_run"]
        return found

    async def counts(self) -> list[dict[str, Any]]:
        """The number of cases by source and by whether they are active."""
        rows = await self._rows(
            "select provenance, is_active, count(*) as cases from ai.eval_cases group by 1, 2 order by 1, 2"
        )
        return [dict(row) for row in rows]

    async def routes(self) -> list[str]:
        """The routes that occur as labels."""
        rows = await self._rows(
            "select distinct labels ->> 'route' as route from ai.eval_cases where labels ->> 'route' <> '' order by 1"
        )
        return [row["route"] for row in rows]

    async def preview(self, cases: Sequence[Case]) -> tuple[int, int, list[dict[str, Any]]]:
        """How many cases a save would add and change, and some of these cases, changed cases first."""
        return await case_import.preview(self._rows, [case_json(case) for case in cases])


def _row(row: Mapping[str, Any]) -> CaseRow:
    return CaseRow(case_of(row), row["is_active"], row["created_at"], row["created_by"])


def _relabelled(result: Result, case: Case) -> Result:
    return replace(result, facts={**result.facts, "labels": json.loads(json.dumps(case.labels))})
