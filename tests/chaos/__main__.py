"""python -m tests.chaos --tier push --seed 1: exit code 0 if all holds, 1 for an anomaly, 2 for an invalid run."""

import argparse
import asyncio
import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path

from tests.support.owned_folder import owned_folder, sweep

from .report import conduct
from .table import TABLES
from .tiers import TIERS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--tier", choices=TIERS, default="push")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--table", choices=[*TABLES, "both"], default="both", help="both: half of the run on each table"
    )
    parser.add_argument("--rfqs", type=int, help="number of RFQs, in place of the tier's")
    parser.add_argument("--faults", type=float, default=1.0, help="the share of the tier's faults to run")
    parser.add_argument("--poison", type=int, help="number of harmful RFQs, in place of the tier's; 0: none")
    parser.add_argument("--rate", type=float, help="RFQs per second, in place of the tier's rate")
    parser.add_argument("--minutes", type=float, help="duration of a soak, in place of the tier's")
    parser.add_argument("--only", default="", help="kinds of faults, comma-separated")
    parser.add_argument("--keep", type=Path, help="an empty folder for histories and logs, which is kept")
    options = parser.parse_args()
    sweep({Path(tempfile.gettempdir())})
    with contextlib.ExitStack() as stack:
        folder = options.keep or stack.enter_context(owned_folder())
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        result = asyncio.run(conduct(folder, options, lambda line: print(line, file=sys.stderr, flush=True)))
    print(json.dumps(result))
    if not result["valid"]:
        return 2
    return 0 if result["holds"] else 1


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        code = main()
        sys.stdout.flush()
        os._exit(code)  # threads of a stalled proxy must not keep the process alive
