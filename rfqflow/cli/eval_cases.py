"""`rfqflow eval import`, `export`, `sample` and `import-overrides`."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any

import click

from rfqflow.cli.evaluation import ACTOR, warn_of, with_evaluation_store
from rfqflow.cli.json_lines import read_json_lines
from rfqflow.cli.options import OUTPUT, database, example, json_, moment, opened, since
from rfqflow.cli.output import print_json

if TYPE_CHECKING:
    from pathlib import Path

    from rfqflow.store.evaluation import EvaluationStore

_DRAWN_FROM = 20_000  # most RFQs from which a sample is drawn
_BANDS = (0.35, 0.65, 0.9)


@example("rfqflow eval import cases.jsonl --actor ada")
@click.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@ACTOR
@database
@json_
def import_(*, file: IO[str], actor: str | None, database_url: str | None, as_json: bool) -> None:
    """Import labelled cases into ai.eval_cases.

    FILE is JSON Lines. The command ignores lines without labels, and updates cases whose ids it knows.
    """
    from rfqflow.evaluation.runner import read_cases, strangers

    labelled, unlabelled = read_cases(read_json_lines(file))

    async def save(store: EvaluationStore) -> tuple[int, int, list[str]]:
        return (*await store.save_cases(labelled, actor), strangers(labelled, await store.routes()))

    new, changed, unknown = with_evaluation_store(database_url, save)
    warn_of(unknown)
    _tell(new, changed, len(labelled), unlabelled, as_json=as_json)


@example("rfqflow eval export cases.jsonl")
@click.command("export")
@click.argument("file", type=OUTPUT, default="-")
@database
def export(*, file: Path, database_url: str | None) -> None:
    """Write the active cases as JSON Lines.

    Without FILE, the command writes to standard output.
    """
    cases = with_evaluation_store(database_url, lambda store: store.cases())
    with opened(file) as out:
        for case in cases:
            out.write(json.dumps(case.json, ensure_ascii=False) + "\n")


@example("rfqflow eval sample --size 100 --out sample.jsonl")
@click.command("sample")
@click.option("--size", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Number of RFQs.")
@click.option("--out", type=OUTPUT, default="-", help="Output file. Default: standard output.")
@click.option("--seed", type=int, default=1, show_default=True, help="Random seed.")
@since
@database
def sample(*, size: int, out: Path, seed: int, since: str | None, database_url: str | None) -> None:
    """Sample RFQs for a person to label.

    The sample is stratified by route, language, confidence and week. Contact data is masked. In each line, replace the
    null of `labels`; `suggested` holds the model's answer. Then run `rfqflow eval import`.
    """
    from collections import defaultdict
    from random import Random

    from rfqflow.core.evaluation.cases import masked, stratified

    async def draw(store: EvaluationStore) -> list[dict[str, Any]]:
        strata: dict[Any, list[str]] = defaultdict(list)
        for row in await store.candidates(moment(since), _DRAWN_FROM):
            band = sum((row["confidence"] or 0) >= limit for limit in _BANDS)
            strata[row["route"], row["language"], band, str(row["week"])].append(row["rfq_id"])
        drawn = stratified(strata, size, Random(seed))  # noqa: S311 - draws a sample, guards nothing
        rfqs = await store.rfqs(drawn)
        lines = []
        for rfq_id in drawn:
            if rfq_id in rfqs:
                rfq, said = rfqs[rfq_id]
                line = masked(f"sample-{rfq_id}", rfq, {}, "sample").json
                lines.append({**line, "labels": None, "suggested": _suggested(said)})
        return lines

    lines = with_evaluation_store(database_url, draw)
    with opened(out) as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    click.echo(f"{len(lines)} RFQs to label", err=True)


@example("rfqflow eval import-overrides --actor ada")
@click.command("import-overrides")
@ACTOR
@database
@json_
def import_overrides(*, actor: str | None, database_url: str | None, as_json: bool) -> None:
    """Create cases from active overrides and corrections.

    The labels of a case are what the person decided: the route, or the corrected fields. You can repeat the command.
    """
    from rfqflow.evaluation.runner import cases_of_overrides

    new, changed, total = with_evaluation_store(database_url, lambda store: cases_of_overrides(store, actor))
    _tell(new, changed, total, 0, as_json=as_json)


def _suggested(said: dict[str, Any]) -> dict[str, Any]:
    """The model's answer in the form of labels, so that a person can copy what is right. Holds only masked text."""
    kept = ("route", "urgency", "tags", "language", "intent", "due_date", "missing", "confidence")
    items = [{key: item.get(key) for key in ("quantity", "unit")} for item in said.get("line_items", ())]
    return {**{key: said[key] for key in kept if said.get(key) is not None}, "line_items": items}


def _tell(new: int, changed: int, total: int, unlabelled: int, *, as_json: bool) -> None:
    found = {"new": new, "changed": changed, "unchanged": total - new - changed, "unlabelled": unlabelled}
    if as_json:
        print_json(found)
    else:
        click.echo(", ".join(f"{count} {name}" for name, count in found.items()))
