"""python -m tests.corpus.attached: labelled RFQs with files, and hostile files, through the whole daemon.

It prints by kind how many items, quantities, dates, places and citations are right. It does so for the rules, for a
scripted model that copies what its prompt shows, and for scans whose pictures the model gets. Then it prints how the
hostile files ended, and the daemon's peak memory. `--details` prints the faults of single RFQs, except those held out.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rfqflow.database import migrate
from rfqflow.database.connection import connect
from rfqflow.database.embedded import EmbeddedPostgres
from tests.corpus.attached.cases import all_cases
from tests.corpus.attached.measure import Measured, by_group, measure
from tests.corpus.attached.model import AttachedRfq, Score

_COLUMNS = ("RFQs", "items", "extra", "quantities", "dates", "wrong", "places", "cited", "marked")


def table(title: str, cases: Sequence[AttachedRfq], measured: Measured) -> str:
    """The figures by kind, of each half, and of all."""
    lines = [f"{title:18}" + "".join(f"{name:>11}" for name in _COLUMNS)]
    lines += [f"{name:18}" + _figures(each) for name, each in by_group(cases, measured.scores).items()]
    totals = ("looked at", "held out", "all")
    body = [line for line in lines[1:] if not line.startswith(totals)]
    return "\n".join(
        [lines[0], *body, *sorted(set(lines[1:]) - set(body), key=lambda line: totals.index(line[:18].strip()))]
    )


def _figures(each: Score) -> str:
    shown = (
        str(each.rfqs), f"{each.found}/{each.items}", str(each.extra), f"{each.quantities}/{each.items}",
        f"{each.right_dates}/{each.dates}", str(each.wrong_dates), f"{each.right_places}/{each.places}",
        f"{each.right_cites}/{each.cites}", f"{each.marks}/{each.rfqs}",
    )  # fmt: skip
    return "".join(f"{cell:>11}" for cell in shown)


async def main(*, details: bool, only: str | None, hostile: bool) -> None:
    """Measures the rules and the model with a database that is dropped afterwards."""
    cases = [case for case in all_cases() if only is None or only in (case.kind, case.case_id)]
    for title, model, pictures in (("rules", False, 0), ("honest model", True, 0), ("with pictures", True, 4)):
        cases = [case for case in cases if case.shown] if pictures else cases
        if not cases:
            continue
        with (
            tempfile.TemporaryDirectory() as folder,
            EmbeddedPostgres(Path(folder), settings={"fsync": "off"}) as server,
        ):
            conn = await connect(server.dsn)
            await migrate.migrate(conn)
            await conn.close()
            measured = await measure(server.dsn, cases, model=model, pictures=pictures, hostile=hostile and not model)
        print(table(title, cases, measured))
        print(f"{measured.seconds:.0f} s; peak memory of the daemon: {measured.peak_mebibytes:.0f} MiB")
        if measured.hostile:
            right = sum(end.is_right for end in measured.hostile)
            print(f"hostile files that ended alone, for a right reason: {right} of {len(measured.hostile)}")
            print("".join(f"  {end.name}: {end.status}, {end.end}\n" for end in measured.hostile if not end.is_right))
        if details:
            looked_at = [case for case in cases if not case.held_out]
            print("\n".join(miss for case in looked_at for miss in measured.scores[case.case_id].misses[:6]))
        print()


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--details", action="store_true", help="what is wrong with the RFQs that are looked at")
    options.add_argument("--only", help="one kind or one RFQ")
    options.add_argument("--hostile", action="store_true", help="the hostile files too: some minutes of CPU")
    asyncio.run(main(**vars(options.parse_args())))
