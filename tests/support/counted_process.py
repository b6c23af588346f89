"""Runs a module of rfqflow as `python -m` does, and writes its counts into a file when it ends.

python counted_process.py OUT WHAT MODULE ARGUMENT...

WHAT is `calls` or `imports`. `calls` also counts the calls of each Python function in the main thread, where a coroutine
counts again each time it resumes. MODULE `-` runs nothing: the counts are those of the bare interpreter.
"""

import cProfile
import json
import runpy
import sys
from collections import Counter
from pathlib import Path


def peak_mib() -> float:
    # Not ru_maxrss: exec keeps the peak of the process that started this one.
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def _calls(profile: cProfile.Profile) -> Counter[str]:
    calls: Counter[str] = Counter()
    for one in profile.getstats():
        calls[f"{one.code.co_filename}:{one.code.co_firstlineno} {one.code.co_name}"] += one.callcount
    return calls


def main() -> None:
    out, what, module = sys.argv[1:4]
    sys.argv = sys.argv[3:]
    profile = cProfile.Profile(builtins=False)
    if what == "calls":
        profile.enable()
    try:
        if module != "-":
            runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        profile.disable()
        found = {"modules": len(sys.modules), "rss_mib": peak_mib()}
        if what == "calls":
            found["calls"] = dict(_calls(profile))
        Path(out).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
