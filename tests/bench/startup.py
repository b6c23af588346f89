"""Part `startup`: `rfqflow --help` as a person calls it, in pairs with an empty command of click."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rfqflow.bench.statistics import Figure, difference

CLICK = "import click\n@click.command()\ndef main(): pass\nmain(['--help'])"


def measure(*, rounds: int, say: Any) -> dict[str, Any]:
    commands = {
        "rfqflow --help": [str(Path(sys.executable).with_name("rfqflow")), "--help"],
        "click alone": [sys.executable, "-c", CLICK],
        "python alone": [sys.executable, "-c", ""],
    }
    for command in commands.values():  # one run before: Python files are compiled, and in the page cache
        _took_ms(command)
    found: dict[str, list[float]] = {name: [] for name in commands}
    say(f"startup: {rounds} rounds")
    for number in range(rounds):
        names = list(commands)
        for name in names if number % 2 == 0 else reversed(names):
            found[name].append(_took_ms(commands[name]))
    return {
        "milliseconds": {name: Figure.of(took).plain() for name, took in found.items()},
        "over_click_ms": difference(found["rfqflow --help"], found["click alone"]).plain(),
    }


def _took_ms(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return (time.perf_counter() - began) * 1000
