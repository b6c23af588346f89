"""Faults, load and a checker that proves that nothing is lost: `python -m tests.chaos --tier push --seed 1`."""

import sys
from pathlib import Path

SHELL = str(Path(__file__).resolve().parents[1] / "shell")
if SHELL not in sys.path:  # the model server and the proxy, which tests of one process use too
    sys.path.insert(0, SHELL)
