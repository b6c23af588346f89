"""`rfqflow eval import`, `export`, `sample` and `import-overrides`."""

from __future__ import annotations

import json
from collections import defaultdict
from random import Random
from typing import IO, TYPE_CHECKING, Any

import click

from rfqflow.cli.evaluate import warn_of, with_evaluation_store
from rfqflow.cli.json_lines import read_json_lines
from rfqflow.cli.output import print_json
from rfqflow.cli.steer import moment
from rfqflow.core.evaluation import cases as cases_
from rfqflow.evaluation.runner import cases_of_overrides, read_cases, strangers

if TYPE_CHECKING:
    from rfqflow.store.evaluation import EvaluationStore

_DRAWN_FROM = 20_000  # RFQs a sample is drawn from at most
_BANDS = (0.35, 0.65, 0.9)


def import_(file: IO[str], actor: str | None, database_url: str | None, *, as_json: bool) -> None:
    """Takes cases in."""
    labelled, unlabelled = read_cases(read_json_lines(file))

    async def save(bench: EvaluationStore) -> tuple[int, int, list[str]]:
        return (*await bench.save_cases(labelled, actor), strangers(labelled, await bench.routes()))

    new, changed, unknown = with_evaluation_store(database_url, save)
    warn_of(unknown)
    _tell(new, changed, len(labelled), unlabelled, as_json=as_json)


def export(file: IO[str], database_url: str | None) -> None:
    """Writes the active cases."""
    for case in with_evaluation_store(database_url, lambda bench: bench.cases()):
        file.write(json.dumps(case.json, ensure_ascii=False) + "\n")


def sample(size: int, out: IO[str], seed: int, since: str | None, database_url: str | None) -> None:
    """Draws RFQs, masked."""

    async def draw(bench: EvaluationStore) -> list[dict[str, Any]]:
        strata: dict[Any, list[str]] = defaultdict(list)
        for row in await bench.candidates(moment(since), _DRAWN_FROM):
            band = sum((row["confidence"] or 0) >= limit for limit in _BANDS)
            strata[row["route"], row["language"], band, str(row["week"])].append(row["rfq_id"])
        drawn = cases_.stratified(strata, size, Random(seed))  # noqa: S311 - draws a sample, guards nothing
        rfqs = await bench.rfqs(drawn)
        lines = []
        for rfq_id in drawn:
            if rfq_id in rfqs:
                rfq, said = rfqs[rfq_id]
                line = cases_.masked(f"sample-{rfq_id}", rfq, {}, "sample").json
                lines.append({**line, "labels": None, "suggested": _suggested(said)})
        return lines

    lines = with_evaluation_store(database_url, draw)
    for line in lines:
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
    click.echo(f"{len(lines)} RFQs to label", err=True)


def import_overrides(actor: str | None, database_url: str | None, *, as_json: bool) -> None:
    """Makes cases of overrides."""
    new, changed, total = with_evaluation_store(database_url, lambda bench: cases_of_overrides(bench, actor))
    _tell(new, changed, total, 0, as_json=as_json)


def _suggested(said: dict[str, Any]) -> dict[str, Any]:
    """In the form of labels, so that what is right can be copied; nothing that quotes the text unmasked."""
    kept = ("route", "urgency", "tags", "language", "intent", "due_date", "missing", "confidence")
    items = [{key: one.get(key) for key in ("quantity", "unit")} for one in said.get("line_items", ())]
    return {**{key: said[key] for key in kept if said.get(key) is not None}, "line_items": items}


def _tell(new: int, changed: int, total: int, unlabelled: int, *, as_json: bool) -> None:
    found = {"new": new, "changed": changed, "unchanged": total - new - changed, "unlabelled": unlabelled}
    if as_json:
        print_json(found)
    else:
        click.echo(", ".join(f"{count} {name}" for name, count in found.items()))
