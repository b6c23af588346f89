"""The full set works: each part runs at a tiny size and makes its tables and its page. No test looks at the figures.

All parts take more than a minute, mostly of waiting: they are in the long tier (RFQFLOW_LONG=1). The quickest part runs
always.

Peers are downloaded. RFQFLOW_BENCH_PEERS names the peers to try (`all` for all); without it, no peer is tried.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["--rounds", "1", "--rows", "300", "--idle-seconds", "2", "--waves", "2", "--in-flight", "20"]
GROWTH = ["--rounds", "1", "--sizes", "500,1k", "--rows", "200", "--insert-seconds", "1", "--backlog", "600",
          "--pinned-seconds", "1", "--slots", "10"]  # fmt: skip


def run(folder: Path, *options: str | Path) -> tuple[dict, str]:
    """Runs a part; returns the figures and what was printed. The page is beside the figures."""
    file = folder / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--json", file, "--html", folder / "page.html", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    return json.loads(file.read_text()), done.stdout


def parts(*names: str) -> list[str]:
    return [text for name in names for text in ("--part", name)]


def test_a_part_prints_its_targets_and_shows_an_earlier_result(server_dsn, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    results, printed = run(small, *parts("startup"), "--database-url", server_dsn, *SMALL)
    assert "rfqflow --help" in printed
    assert {one["verdict"] for one in results["targets"]} == {"open"}  # one round decides nothing

    _, printed = run(tmp_path, "--read", small / "figures.json")
    assert "rfqflow --help" in printed
    assert "rfqflow --help" in (tmp_path / "page.html").read_text()


@pytest.mark.long
@pytest.mark.timeout(600)
def test_each_part_prints_its_targets_and_shows_earlier_results_together(server_dsn, tmp_path):
    small, grown = tmp_path / "small", tmp_path / "grown"
    small.mkdir()
    grown.mkdir()
    results, printed = run(
        small, *parts("startup", "idle", "workers", "inflight"), "--database-url", server_dsn, *SMALL
    )
    for reported in ("rfqflow --help", "statements/minute", "smallest share", "bare SDK loop"):
        assert reported in printed
    assert {one["verdict"] for one in results["targets"]} == {"open"}  # one round decides nothing

    results, printed = run(grown, *parts("growth"), "--database-url", server_dsn, *GROWTH)
    assert [one["rfqs"] for one in results["growth"]["sizes"]] == [500, 1000]
    assert min(one["partitions"] for one in results["growth"]["sizes"]) > 12
    for reported in ("an open snapshot", "half of a backlog of 600", "5,000 deferred", "2,000 in flight elsewhere"):
        assert reported in printed

    _, printed = run(tmp_path, "--read", small / "figures.json", "--read", grown / "figures.json")
    for reported in ("rfqflow --help", "bare SDK loop", "5,000 deferred"):
        assert reported in printed
        assert reported in (tmp_path / "page.html").read_text()
    assert "Cost against size" in (tmp_path / "page.html").read_text()


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_cost_of_each_guard_and_a_short_day_are_measured(server_dsn, tmp_path):
    options = ["--rounds", "1", "--rows", "200", "--grown", "1k", "--minutes", "0.2", "--per-second", "5"]
    results, printed = run(tmp_path, *parts("guards", "day"), "--database-url", server_dsn, *options)

    for name in ("fresh", "grown"):
        priced = {one["name"] for one in results["guards"][name] if "more_us" in one}
        assert priced >= {"spam and gibberish", "duplicates", "three budgets", "checks of an answer", "all guards"}
    assert "The price of each guard, beside 1,000 RFQs" in printed
    assert results["day"]["late_ms"]["message alone"]["rfqs"] > 10
    assert min(results["day"]["by_minute"]["p50"]) > 0
    assert "a day, p99 of lateness" in printed
    assert "A day" in (tmp_path / "page.html").read_text()


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_rfqflow_and_its_queue_are_measured_as_the_peers_are(server_dsn, tmp_path):
    wanted = os.environ.get("RFQFLOW_BENCH_PEERS", "none")
    only = [] if wanted == "all" else ["--only", wanted]

    results, printed = run(
        tmp_path,
        *parts("peers"),
        "--database-url",
        server_dsn,
        "--rounds",
        "1",
        "--jobs",
        "300",
        "--seconds",
        "1",
        *only,
    )

    found = results["peers"]["contenders"]
    assert set(found) >= {"rfqflow", "rfqflow, all guards on", "rfqflow, queue only"}
    for name, one in found.items():
        assert name in printed
        assert one["jobs"] == 300
        assert one["per_second"]["median"] > 0
        assert one["wal_bytes_per_job"]["median"] > 0
    if wanted == "all":
        assert (
            len(found) + len(results["peers"]["not_installed"]) == 18
        )  # ours, peers in two or three forms, one missing
