"""The measurements as tables, and the targets with their results. A missed target is shown, and is no error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from rfqflow.bench.statistics import ROUNDS_FOR_AN_INTERVAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Verdict = Literal["met", "missed", "open"]


@dataclass(frozen=True, slots=True)
class Target:
    """A target. It is met if the whole interval of the figure meets it, missed if no part does, and otherwise open."""

    what: str
    aim: str
    reached: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def machine(facts: dict[str, Any]) -> list[str]:
    """Lines about the machine, the versions and the settings with which the figures were measured."""
    settings = ", ".join(f"{name}={value}" for name, value in facts["settings"].items())
    return [
        f"rfqflow {facts['rfqflow']}, PostgreSQL {facts['postgresql']}, Python {facts['python']}, {facts['system']}",
        f"{facts['cores']} core(s), {facts['cpu']}; load {facts['load']} at the start; policy notify={facts['notify']}",
        settings,
    ]


def tables(results: dict[str, Any]) -> list[Table]:
    """One table for each benchmark that was run."""
    made: list[Table] = []
    if found := results.get("insert"):
        made += _insert(found)
    if found := results.get("drain"):
        made.append(_drain(found))
    if found := results.get("pickup"):
        made.append(_pickup(found))
    if found := results.get("wal"):
        made += _counts(found)
    return made


def targets(results: dict[str, Any]) -> list[Target]:
    """The targets for which this run has figures."""
    return [*_insert_targets(results), *_drain_targets(results), *_pickup_targets(results), *_count_targets(results)]


def _insert(found: dict[str, Any]) -> list[Table]:
    rows = []
    for count, level in found["writers"].items():
        for name, cell in level.items():
            rows.append((
                count, name, spread(cell["per_second"], 0), spread(cell["p50_ms"], 2), spread(cell["p95_ms"], 2),
                spread(cell["ratio_to_bare"], 2), spread(cell["ratio_to_no_bell"], 2),
                spread(cell["p95_to_no_bell"], 2),
            ))  # fmt: skip
    bulk = found["one_statement"]
    left_out = f"; left out for want of connections: {found['left_out']}" if found["left_out"] else ""
    return [
        Table(
            f"Insert ({found['driver']}, {found['seconds']:g} s a cell{left_out})",
            ("writers", "variant", "inserts/s", "p50 ms", "p95 ms", "of bare", "of no bell", "p95 of no bell"),
            rows,
        ),
        Table(
            f"{bulk['rows']:,} rows in one statement",
            ("variant", "seconds", "of bare"),
            [
                (name, spread(cell["seconds"], 2), spread(cell["ratio_to_bare"], 2))
                for name, cell in bulk.items()
                if isinstance(cell, dict)
            ],
        ),
    ]


def _drain(found: dict[str, Any]) -> Table:
    rows = []
    for name, cell in found.items():
        if isinstance(cell, dict):
            rows.append((
                name, spread(cell["per_second"], 0), spread(cell.get("share_of_raw"), 2),
                spread(cell.get("ratio_to_two_calls"), 2), spread(cell.get("share_of_drain"), 2),
                spread(cell.get("cpu_us_per_rfq"), 0),
                spread(cell.get("rss_mib"), 0),
            ))  # fmt: skip
    return Table(
        f"Drain with full write-back, no-op answers ({found['rows']:,} RFQs, {found['concurrency']} slots; raw: "
        f"{found['driver']}, one connection, batch {found['batch']}; one by one: "
        f"{found['single_rows']:,} RFQs; logs from {found['log_level']} on)",
        ("what", "RFQs/s", "of raw", "of raw two calls", "of worker", "worker CPU us/RFQ", "RSS MiB"),
        rows,
    )


def _pickup(found: dict[str, Any]) -> Table:
    return Table(
        f"Pickup, idle worker, {found['per_second']} inserts/s for {found['seconds']:g} s",
        ("what", "p50 ms", "p95 ms", "p99 ms", "count"),
        [
            (name, *(spread(cell[f"{label}_ms"], 2) for label in ("p50", "p95", "p99")), str(cell["count"]))
            for name, cell in found.items()
            if isinstance(cell, dict)
        ],
    )


def _counts(found: dict[str, Any]) -> list[Table]:
    fifty, one = found["wal_bytes_per_rfq"]["batch 50"], found["wal_bytes_per_rfq"]["batch 1"]
    counted = [
        ("commits per RFQ, fused call", *(f"{found['commits_per_rfq'][name]:.4f}" for name in ("batch 50", "batch 1"))),
        ("transactions per RFQ, whole worker, 50 slots and 1",
         *(f"{found['worker_transactions_per_rfq'][name]:.3f}" for name in ("50 slots", "1 slot"))),
        ("share of HOT claims", f"{found['hot_share_of_claims']:.3f}", ""),
        ("pages touched per claim", f"{found['buffers_per_claim']:.1f}", ""),
        ("statements per second, idle worker", f"{found['idle_statements_per_second']:.2f}", ""),
        *((f"notifications per 1,000 inserts, {name}", str(heard), "")
          for name, heard in found["notifications_per_1000_inserts"].items()),
    ]  # fmt: skip
    return [
        Table(
            f"WAL bytes per RFQ ({found['rows']:,} RFQs)",
            ("part", "batch 50", "batch 1"),
            [(name, f"{fifty[name]:,.0f}", f"{one[name]:,.0f}") for name in fifty],
        ),
        Table("Counts", ("what", "batch 50", "batch 1"), counted),
    ]


def _insert_targets(results: dict[str, Any]) -> Iterator[Target]:
    found = results.get("insert")
    if not found:
        return
    for count, level in found["writers"].items():
        busy, asleep = level["rfqflow, busy"], level["rfqflow, asleep"]
        yield least(f"insert rate, {count} writer(s), busy, of no bell", busy["ratio_to_no_bell"], 0.95)
        yield most(f"insert p95, {count} writer(s), busy, of no bell", busy["p95_to_no_bell"], 1.15)
        if count == "1":
            yield most("insert p50 over no bell, 1 writer, asleep, ms", asleep["p50_over_no_bell_ms"], 0.1)
    bulk = found["one_statement"]
    yield most(f"{bulk['rows']:,} rows in one statement, time of bare", bulk["rfqflow, busy"]["ratio_to_bare"], 1.5)


def _drain_targets(results: dict[str, Any]) -> Iterator[Target]:
    if found := results.get("drain"):
        yield least("drain rate, one process, of raw", found["worker"]["share_of_raw"], 0.9)
        yield least("all guards on, of the drain rate", found["worker, all guards on"]["share_of_drain"], 0.5)
        yield least("a flood of spam, of the drain rate", found["worker, a flood of spam"]["share_of_drain"], 0.6)
        yield least("one by one, of raw in two calls", found["worker, one slot"]["ratio_to_two_calls"], 1.5)


def _pickup_targets(results: dict[str, Any]) -> Iterator[Target]:
    if found := results.get("pickup"):
        for label, aim in (("p50", 0.9), ("p95", 1.3), ("p99", 2.5)):
            yield most(f"pickup {label}, ms", found["committed to started"][f"{label}_ms"], aim)
        for label, aim in (("p50", 2), ("p95", 3), ("p99", 5)):
            cell = found["all guards on, committed to started"]
            yield most(f"pickup {label}, all guards on, ms", cell[f"{label}_ms"], aim)


def _count_targets(results: dict[str, Any]) -> Iterator[Target]:
    found = results.get("wal")
    if not found:
        return
    wal = found["wal_bytes_per_rfq"]["batch 50"]
    yield most("WAL of the queue, bytes per RFQ, batch 50", exact(wal["queue"]), 480)
    share = wal["finish, run"] / wal["finish, run as a raw insert"]
    yield most("WAL of the run row, of a raw insert", exact(share), 1.05)
    yield most("commits per RFQ, batch 1", exact(found["commits_per_rfq"]["batch 1"]), 1.01)
    yield most("commits per RFQ, batch 50", exact(found["commits_per_rfq"]["batch 50"]), 0.03)


def exact(value: float) -> dict[str, Any]:
    """A figure that was counted and not timed, for which one value is enough."""
    return {"median": value, "low": value, "high": value, "rounds": 1, "exact": True}


def least(what: str, figure: dict[str, Any], aim: float) -> Target:
    """A target that is met if the figure is at least `aim`."""
    return Target(what, f">= {aim:g}", spread(figure, 3), _verdict(figure, figure["low"] >= aim, figure["high"] < aim))


def most(what: str, figure: dict[str, Any], aim: float) -> Target:
    """A target that is met if the figure is at most `aim`."""
    return Target(what, f"<= {aim:g}", spread(figure, 3), _verdict(figure, figure["high"] <= aim, figure["low"] > aim))


def _verdict(figure: dict[str, Any], all_keep: bool, all_break: bool) -> Verdict:
    if not figure.get("exact") and figure["rounds"] < ROUNDS_FOR_AN_INTERVAL:
        return "open"
    return "met" if all_keep else "missed" if all_break else "open"


def spread(figure: dict[str, Any] | None, digits: int) -> str:
    """The median and its interval."""
    if figure is None:
        return ""
    middle, low, high = (f"{figure[name]:,.{digits}f}" for name in ("median", "low", "high"))
    return middle if low == high else f"{middle} ({low} - {high})"
