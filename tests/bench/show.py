"""The results of the full set as tables with targets beside figures, and as plots: on a terminal, and as one page."""

from collections.abc import Iterator
from html import escape
from typing import Any

from rfqflow.bench import report
from rfqflow.bench.report import Table, Target, least, most, spread
from rfqflow.reporting.scorecard import STYLE
from rfqflow.reporting.svg_charts import ChartStyle, Series, bars, lines, short

from .contest import FULL, GUARDED
from .peers.registry import QUEUE_ONLY

STRAINS = {
    "pinned": "an open snapshot ({open_seconds:g} s, {dead_rows:,} dead rows)",
    "backlog": "half of a backlog of {backlog:,} drained",
    "deferred": "{deferred:,} deferred",
    "held": "{held:,} in flight elsewhere",
}

DAY_AIMS = {"p50": 5, "p95": 15, "p99": 40}


def tables(results: dict[str, Any]) -> list[Table]:
    return [
        one for part in (_peers, _growth, _guards, _day, _inflight, _idle, _startup, _workers) for one in part(results)
    ]


def targets(results: dict[str, Any]) -> list[Target]:
    """The targets that the figures of this run can decide."""
    return [
        one
        for part in (_peer_targets, _growth_targets, _day_targets, _inflight_targets, _small_targets, _worker_targets)
        for one in part(results)
    ]


def _peers(results: dict[str, Any]) -> Iterator[Table]:
    if not (found := results.get("peers")):
        return
    contenders = found["contenders"]
    yield Table(
        "Drain, one process (jobs/s: first start to last commit)",
        ("who", "jobs", "jobs/s", "to best peer", "WAL B/job", "commits/1,000", "CPU us/job", "RSS MiB"),
        [
            (
                name, f"{one['jobs']:,}", spread(one["per_second"], 0), spread(one.get("ratio_to_best_peer"), 2),
                spread(one["wal_bytes_per_job"], 0), spread(one["commits_per_1000_jobs"], 1),
                spread(one["cpu_us_per_job"], 0), spread(one["rss_mib"], 0),
            )
            for name, one in contenders.items()
        ],
    )  # fmt: skip
    yield Table(
        f"Pickup, idle worker, 50 jobs/s for {found['seconds']:g} s, ms",
        ("who", *(f"{kind} {label}" for kind in ("committed", "called") for label in ("p50", "p95", "p99"))),
        [
            (
                name,
                *(
                    spread(one[kind][f"{label}_ms"], 2)
                    for kind in ("committed_to_started", "called_to_started")
                    for label in ("p50", "p95", "p99")
                ),
            )
            for name, one in contenders.items()
            if "committed_to_started" in one
        ],
    )
    yield Table(
        "Settings",
        ("who", "versions", "settings", "note"),
        [
            (name, ", ".join(" ".join(pair) for pair in one["versions"].items()), one["settings"], one["warning"])
            for name, one in contenders.items()
        ]
        + [(name, "", "not measured", why) for name, why in found["not_installed"].items()],
    )


def _growth(results: dict[str, Any]) -> Iterator[Table]:
    found = results.get("growth", {})
    if sizes := found.get("sizes"):
        yield Table(
            f"Growth: {found['rows']:,} RFQs drained, {found['writers']} writers, beside a fresh database",
            ("RFQs and runs", "partitions", "MiB", "drained/s", "of fresh", "inserts/s", "of fresh", "p95 of fresh"),
            [
                (
                    f"{one['rfqs']:,}", str(one["partitions"]), f"{one['database_mib']:,}",
                    spread(one["drain_per_second"], 0), spread(one["drain_to_fresh"], 2),
                    spread(one["insert_per_second"], 0), spread(one["insert_to_fresh"], 2),
                    spread(one["insert_p95_to_fresh"], 2),
                )
                for one in sizes
            ],
        )  # fmt: skip
    rows = [
        (reported.format(**found[name]), slots, spread(one["per_second"], 0), spread(one["to_fresh"], 2))
        for name, reported in STRAINS.items()
        if name in found
        for slots, one in found[name]["slots"].items()
    ]
    if rows:
        yield Table("Strains, beside a fresh database", ("what", "slots", "drained/s", "of fresh"), rows)


def _guards(results: dict[str, Any]) -> Iterator[Table]:
    found = results.get("guards", {})
    for key, title in (("fresh", "on a fresh database"), ("grown", f"beside {found.get('rfqs', 0):,} RFQs")):
        if key in found:
            yield Table(
                f"The price of each guard, {title}: {found['rows']:,} RFQs drained",
                ("guard", "RFQs/s", "compared with", "of its rate", "us more", "us of CPU", "us of CPU more"),
                [
                    (
                        one["name"], spread(one["per_second"], 0), one["reference"], spread(one.get("of_reference"), 2),
                        spread(one.get("more_us"), 0), spread(one["cpu_us"], 0), spread(one.get("more_cpu_us"), 0),
                    )
                    for one in found[key]
                ],
            )  # fmt: skip


def _day(results: dict[str, Any]) -> Iterator[Table]:
    if not (found := results.get("day")):
        return
    yield Table(
        f"A day of {found['minutes']:g} minutes: {found['rfqs']:,} RFQs, commit to end less the model's time, ms",
        ("RFQs", "number", "p50", "p95", "p99"),
        [
            (kind, f"{one['rfqs']:,}", *(f"{one[label]:,.1f}" for label in ("p50", "p95", "p99")))
            for kind, one in found["late_ms"].items()
        ],
    )
    warm, end = found["warm"], found["end"]
    yield Table(
        "What grew in that day",
        ("what", "early", "at its end"),
        [
            (f"worker {number}, RSS MiB", f"{before:.0f}", f"{after:.0f}")
            for number, (before, after) in enumerate(zip(warm["rss_mib"], end["rss_mib"], strict=True), 1)
        ]
        + [
            (f"ai.{name}, KiB (dead rows)", f"{warm['tables'][name]['kib']} ({warm['tables'][name]['dead']})",
             f"{one['kib']} ({one['dead']})")
            for name, one in end["tables"].items()
        ],
    )  # fmt: skip
    yield Table(
        "Processor of the workers",
        ("share of a core when idle, each", "ms per RFQ"),
        [(f"{found['idle_share']:.4f}", f"{found['cpu_ms_per_rfq']:.2f}")],
    )


def _inflight(results: dict[str, Any]) -> Iterator[Table]:
    if found := results.get("inflight"):
        yield Table(
            f"{found['in_flight']:,} calls of {found['call_seconds']:g} s in flight, one process, {found['waves']} waves",
            ("calls", "per second", "of ideal", "of bare loop", "RSS MiB", "CPU ms/call"),
            [
                (
                    name, spread(one["per_second"], 0), spread(one["share_of_ideal"], 3),
                    spread(one["share_of_bare_loop"], 3), spread(one["rss_mib"], 0), spread(one["cpu_ms_per_call"], 2),
                )
                for name, one in found["kinds"].items()
            ],
        )  # fmt: skip


def _idle(results: dict[str, Any]) -> Iterator[Table]:
    if found := results.get("idle"):
        yield Table(
            f"Idle worker ({found['seconds'][1]:g} s less {found['seconds'][0]:g} s)",
            ("share of a core", "statements/minute", "RSS MiB"),
            [
                (
                    spread(found["share_of_a_core"], 4),
                    spread(found["statements_per_minute"], 0),
                    spread(found["rss_mib"], 0),
                )
            ],
        )


def _startup(results: dict[str, Any]) -> Iterator[Table]:
    if found := results.get("startup"):
        rows = [(name, spread(one, 0)) for name, one in found["milliseconds"].items()]
        rows.append(("rfqflow over click", spread(found["over_click_ms"], 0)))
        yield Table("Start-up", ("what", "ms"), rows)


def _workers(results: dict[str, Any]) -> Iterator[Table]:
    if found := results.get("workers"):
        yield Table(
            f"Workers on one backlog of {found['rows']:,}",
            ("workers", "drained/s", "of one", "smallest share of an even one", "late ms", "longest gap ms"),
            [
                (
                    count, spread(one["per_second"], 0), spread(one["ratio_to_one"], 2),
                    spread(one["smallest_share"], 2), spread(one["late_ms"], 0), spread(one["longest_gap_ms"], 0),
                )
                for count, one in found["workers"].items()
            ],
        )  # fmt: skip


def _peer_targets(results: dict[str, Any]) -> Iterator[Target]:
    contenders = results.get("peers", {}).get("contenders", {})
    for name, aim in ((FULL, 8.0), (GUARDED, 3.0), (QUEUE_ONLY.name, 1.5)):
        if figure := contenders.get(name, {}).get("ratio_to_best_peer"):
            yield least(f"drain rate of {name}, to the best peer", figure, aim)
    if FULL in contenders:
        for name, aims in ((FULL, (0.9, 1.3, 2.5)), (GUARDED, (2, 3, 5))):
            for label, aim in zip(("p50", "p95", "p99"), aims, strict=True):
                figure = contenders[name]["committed_to_started"][f"{label}_ms"]
                yield most(f"pickup {label} of {name}, ms", figure, aim)


def _growth_targets(results: dict[str, Any]) -> Iterator[Target]:
    found = results.get("growth", {})
    for one in found.get("sizes", ()):
        yield least(f"drain rate at {one['rfqs']:,} RFQs, of fresh", one["drain_to_fresh"], 0.9)
        yield least(f"insert rate at {one['rfqs']:,} RFQs, of fresh", one["insert_to_fresh"], 0.9)
    for name, reported in STRAINS.items():
        for slots, one in found.get(name, {}).get("slots", {}).items():
            what = reported.format(**found[name])
            yield least(f"drain rate, {slots} slot(s), {what}, of fresh", one["to_fresh"], 0.9)


def _day_targets(results: dict[str, Any]) -> Iterator[Target]:
    """One day is one measurement of thousands of RFQs, so its percentiles have no interval."""
    if not (found := results.get("day")):
        return
    late = found["late_ms"].get("message alone", {})
    figures = [
        (f"a day, {label} of lateness, ms", late[label], aim) for label, aim in DAY_AIMS.items() if label in late
    ]
    for what, value, aim in [*figures, ("a day, share of a core of an idle worker", found["idle_share"], 0.01)]:
        yield most(what, {"median": value, "low": value, "high": value, "rounds": 1, "exact": True}, aim)


def _inflight_targets(results: dict[str, Any]) -> Iterator[Target]:
    if found := results.get("inflight"):
        kinds = found["kinds"]
        if "sleeping" in kinds:
            yield least("calls in flight that sleep, of ideal", kinds["sleeping"]["share_of_ideal"], 0.97)
            yield most("calls in flight that sleep, RSS MiB", kinds["sleeping"]["rss_mib"], 60)
        if "by the SDK" in kinds:
            yield least("calls by the SDK, of a bare loop of it", kinds["by the SDK"]["share_of_bare_loop"], 0.95)


def _small_targets(results: dict[str, Any]) -> Iterator[Target]:
    if found := results.get("idle"):
        yield most("idle worker, share of a core", found["share_of_a_core"], 0.002)
        yield most("idle worker, statements a minute", found["statements_per_minute"], 60)
    if found := results.get("startup"):
        yield most("rfqflow --help, ms", found["milliseconds"]["rfqflow --help"], 120)


def _worker_targets(results: dict[str, Any]) -> Iterator[Target]:
    """The targets "no collapse" and "no idle worker", as figures."""
    for count, one in results.get("workers", {}).get("workers", {}).items():
        if count != "1":
            yield least(f"drain rate of {count} workers, of one", one["ratio_to_one"], 0.95)
            yield least(f"smallest share of {count} workers, of an even one", one["smallest_share"], 0.5)


def _microseconds(value: float) -> str:
    return f"{short(value)} us"


def _milliseconds(value: float) -> str:
    return f"{short(value)} ms"


def plots(results: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Title, description and SVG of each plot."""
    drawn = []
    if sizes := results.get("growth", {}).get("sizes"):
        labels = tuple(short(one["rfqs"]) for one in sizes)
        cost = (
            Series("one RFQ drained", tuple(one["drain_us"]["median"] for one in sizes)),
            Series(
                f"one insert of {results['growth']['writers']} writers",
                tuple(one["insert_us"]["median"] for one in sizes),
            ),
        )
        drawn.append((
            "Cost against size", "Microseconds by RFQs and runs in the database, medians; flat is good.",
            lines("Cost against size", labels, cost, ChartStyle(_microseconds)),
        ))  # fmt: skip
    if minutes := results.get("day", {}).get("by_minute"):
        drawn.append((
            "A day", "Commit to end less the model's time, milliseconds by minute; RFQs without a file.",
            lines("A day", tuple(str(number) for number in range(len(minutes["p50"]))),
                  tuple(Series(label, tuple(values)) for label, values in minutes.items()), ChartStyle(_milliseconds)),
        ))  # fmt: skip
    if contenders := results.get("peers", {}).get("contenders"):
        names = tuple(name.removeprefix(f"{FULL}, ") for name in contenders)
        for title, note, key in (
            ("Drain rate", "Jobs per second, one process, medians.", "per_second"),
            ("WAL", "Bytes per job drained, medians.", "wal_bytes_per_job"),
        ):
            series = (Series("median", tuple(one[key]["median"] for one in contenders.values())),)
            drawn.append((title, note, bars(title, names, series)))
    return drawn


def page(results: dict[str, Any]) -> str:
    """One file without scripts, and without requests to other hosts."""
    said = "".join(f"<p>{escape(line)}</p>" for line in report.machine(results["machine"]))
    aims = Table(
        "Targets",
        ("what", "target", "reached", ""),
        [(one.what, one.aim, one.reached, one.verdict) for one in targets(results)],
    )
    drawn = "".join(
        f'<h2>{escape(title)}</h2><p>{escape(note)}</p><div class="wide">{svg}</div>'
        for title, note, svg in plots(results)
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>rfqflow: measured</title><style>{STYLE}</style><h1>rfqflow, measured</h1>{said}{_html(aims)}{drawn}"
        + "".join(_html(one) for one in tables(results))
        + "</html>\n"
    )


def _html(one: Table) -> str:
    top = "".join(f"<th>{escape(column)}</th>" for column in one.columns)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in one.rows)
    return f'<h2>{escape(one.title)}</h2><div class="wide"><table><tr>{top}</tr>{rows}</table></div>'
