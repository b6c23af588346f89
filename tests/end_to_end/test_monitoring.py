"""Alert rules and the dashboard.

Every code has its alert, every query uses a metric of /metrics, and Prometheus accepts both. The tests look for
promtool and prometheus on the PATH (`.ci/run` unpacks Debian's package). Without them, the tests that need them are
skipped.
"""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import yaml

from tests.support.http_client import ask
from tests.support.http_daemon import answering, insert

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy" / "prometheus" / "rfqflow.rules.yaml"
BOARD = json.loads((ROOT / "deploy" / "grafana" / "rfqflow.json").read_text())
ALERTS = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
CODE = re.compile(r'rfqflow_health_findings\{code="(\w+)"\}')
BY_CODE = {found[1]: alert for alert in ALERTS if (found := CODE.search(alert["expr"]))}
OTHERS = [alert for alert in ALERTS if not CODE.search(alert["expr"])]
SECONDS = {"m": 60, "h": 3600}
OF_PROMETHEUS = {"up", "process_start_time_seconds"}


def seconds(duration: str) -> int:
    return int(duration[:-1]) * SECONDS[duration[-1]]


def metrics_of(expression: str) -> set[str]:
    """Names of series in an expression, without those of functions, labels and texts."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\b(?:by|without|on|group_left)\s*\([^)]*\)', "", expression)
    return {name for name in re.findall(r"[a-z_]+(?![a-z_]*\s*\()", bare) if "_" in name or name == "up"}


def queries() -> list[tuple[str, str]]:
    return [(panel["title"], target["expr"]) for panel in BOARD["panels"] for target in panel.get("targets", ())]


async def test_every_code_of_health_has_an_alert_and_every_alert_has_a_code(db):
    comment = await db.fetchval(
        "select col_description('ai.health'::regclass, attnum) from pg_attribute where attrelid = 'ai.health'::regclass and attname = 'code'"
    )
    codes = set(re.findall(r"\w+", comment.partition(". A code")[0])) - {"or"}

    assert set(BY_CODE) == codes
    assert len({alert["alert"] for alert in ALERTS}) == len(ALERTS)
    assert len(BY_CODE) + len(OTHERS) == len(ALERTS)


def test_each_alert_waits_has_a_severity_and_links_to_its_section_of_the_page():
    page = (ROOT / "docs" / "how-to" / "alerts.md").read_text()
    for alert in ALERTS:
        assert 60 <= seconds(alert["for"]) <= 7200, alert["alert"]
        assert alert["annotations"]["summary"]
        file, _, anchor = alert["annotations"]["runbook_url"].partition("#")
        assert file == "docs/how-to/alerts.md"
        assert f'<a id="{anchor}"></a>' in page, anchor
    for code, alert in BY_CODE.items():
        # The finding's own, since one code can have either.
        assert "labels" not in alert
        assert "severity" in alert["expr"]
        assert alert["annotations"]["runbook_url"].endswith(f"#{code}")
    assert {alert["labels"]["severity"] for alert in OTHERS} <= {"critical", "warning"}
    assert len(re.findall('<a id="', page)) == len(ALERTS)


async def test_every_metric_in_rules_and_dashboard_is_one_that_a_daemon_has(database, db):
    listed = set(re.findall(r"`(rfqflow_\w+)`", (ROOT / "docs" / "reference" / "metrics.md").read_text()))
    async with answering(database) as (url, _):
        text = (await ask(url + "/metrics")).text
    ours = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    known = listed | ours | OF_PROMETHEUS

    for what, expression in [*((alert["alert"], alert["expr"]) for alert in ALERTS), *queries()]:
        named = {re.sub(r"_(bucket|sum|count)$", "", name) for name in metrics_of(expression)}
        assert named, what
        assert named <= known, (what, named - known)


# -- by Prometheus' own tools ------------------------------------------------------------------------------------------


def tool(name: str) -> str:
    return shutil.which(name) or pytest.skip(f"there is no {name}: apt-get install prometheus, or see .ci/run")


def annotations(alert: dict[str, Any], value: str, **labels: str) -> dict[str, str]:
    """The annotations as Prometheus fills them in."""
    filled = {}
    for name, text in alert["annotations"].items():
        text = text.replace("{{ $value }}", value)  # noqa: PLW2901
        for label, given in labels.items():
            text = text.replace(f"{{{{ $labels.{label} }}}}", given)  # noqa: PLW2901
        filled[name] = text
    return filled


def case(
    alert: dict[str, Any],
    series: dict[str, str],
    labels: dict[str, str],
    value: str,
    *,
    after: str | None = None,
    begins: int = 0,
) -> dict[str, Any]:
    """The alert fires after its wait, not before.

    `after`: it has stopped by then; `begins`: when its cause begins, in seconds.
    """
    wait = begins + seconds(alert["for"])
    firing = {"exp_labels": labels, "exp_annotations": annotations(alert, value, **labels)}
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": [
            {"eval_time": f"{wait - 60}s", "alertname": alert["alert"], "exp_alerts": []},
            {"eval_time": f"{wait + 120}s", "alertname": alert["alert"], "exp_alerts": [firing]},
            *([{"eval_time": after, "alertname": alert["alert"], "exp_alerts": []}] if after else []),
        ],
    }


def cases() -> list[dict[str, Any]]:
    made = []
    for code, alert in BY_CODE.items():
        of = f'job="rfqflow",severity="warning",code="{code}"'
        # Two daemons report the same finding, perhaps without a count; then the finding is gone.
        series = {f'rfqflow_health_findings{{instance="{one}",{of}}}': "0x130 _x60" for one in ("a:1", "b:1")}
        made.append(case(alert, series, {"job": "rfqflow", "severity": "warning", "code": code}, "0", after="180m"))
    named = {alert["alert"]: alert for alert in OTHERS}
    daemon = {"job": "rfqflow", "instance": "a:1"}
    of = 'job="rfqflow",instance="a:1"'
    given: dict[str, tuple[dict[str, str], dict[str, str], str]] = {
        "RfqflowNotScraped": ({f"up{{{of}}}": "0x60"}, {}, "1"),
        "RfqflowDown": ({f"up{{{of}}}": "0x60", 'up{job="other",instance="c:1"}': "0x60"}, daemon, "0"),
        "RfqflowDatabaseUnreachable": ({f"rfqflow_database_up{{{of}}}": "0x60", 'rfqflow_database_up{job="rfqflow",instance="b:1"}': "0x60"}, {"job": "rfqflow"}, "0"),
        "RfqflowRestarting": ({f"process_start_time_seconds{{{of}}}": "1 2 3 4 5 5x60"}, daemon, "4"),
        "RfqflowReleasesDiffer": ({f'rfqflow_build_info{{{of},version="{one}",schema="1"}}': "1x200" for one in ("1.0", "1.1")}, {"job": "rfqflow"}, "2"),
    }  # fmt: skip
    assert set(given) == set(named)
    for name, (series, labels, value) in given.items():
        fired = {**labels, "severity": named[name]["labels"]["severity"]}
        made.append(case(named[name], series, fired, value, begins=240 if name == "RfqflowRestarting" else 0))
    of_two = 'job="rfqflow",severity="critical",code="paused",instance="a:1"'
    quiet = {f"rfqflow_health_findings{{{of_two}}}": "3x10 _x60"}
    made.append({
        "interval": "1m", "input_series": [{"series": name, "values": values} for name, values in quiet.items()],
        "alert_rule_test": [{"eval_time": "40m", "alertname": BY_CODE["paused"]["alert"], "exp_alerts": []}],
    })  # fmt: skip
    return made


def test_promtool_accepts_the_rules_and_each_alert_fires_when_it_should(tmp_path):
    promtool = tool("promtool")
    checked = subprocess.run([promtool, "check", "rules", RULES], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"{len(ALERTS)} rules found" in checked.stdout

    file = tmp_path / "cases.yaml"
    file.write_text(yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": cases()}))
    done = subprocess.run([promtool, "test", "rules", file], capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


async def test_prometheus_answers_every_query_of_the_dashboard_from_a_working_daemon(database, db, tmp_path):
    prometheus = tool("prometheus")
    with socket.socket() as found_free:
        found_free.bind(("127.0.0.1", 0))
        port = found_free.getsockname()[1]
    async with answering(database) as (url, _):
        await db.execute("select ai.set_budget('global', 'day', 5)")
        for n in range(5):
            await insert(db, f"Please quote {n + 2}50 pcs of housing 7-11{n}")
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [str(RULES)],
            "scrape_configs": [{"job_name": "rfqflow", "static_configs": [{"targets": [urlsplit(url).netloc]}]}],
        }  # fmt: skip
        (tmp_path / "prometheus.yaml").write_text(yaml.safe_dump(config))
        process = await asyncio.create_subprocess_exec(
            prometheus, f"--config.file={tmp_path}/prometheus.yaml", f"--storage.tsdb.path={tmp_path}/data",
            f"--web.listen-address=127.0.0.1:{port}", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            where = f"http://127.0.0.1:{port}/api/v1"

            async def query(expression: str) -> list[Any]:
                plain = expression.replace("$__rate_interval", "1m").replace("$job", ".*")
                answered = (await ask(f"{where}/query?{urlencode({'query': plain})}")).json
                assert answered["status"] == "success", (expression, answered)
                return answered["data"]["result"]

            await until(lambda: query('rfqflow_rfqs_ended_total{status="done"} >= 5'))
            await db.execute("select ai.pause('ada')")
            await until(lambda: query('rfqflow_health_findings{code="paused"}'))
            found = {(title, expression): await query(expression) for title, expression in queries()}
            pending = (await ask(f"{where}/rules")).json["data"]["groups"]
        finally:
            process.terminate()
            await process.wait()
    for title in (
        "Findings",
        "Waiting",
        "Workers",
        "Paused",
        "Queue",
        "Budget",
        "Breaker",
        "In flight",
        "Releases",
        "Memory",
    ):
        assert any(rows for (shown, _), rows in found.items() if shown == title) or title == "Breaker", title
    states = {rule["name"]: (rule["health"], rule["state"]) for group in pending for rule in group["rules"]}
    assert {health for health, _ in states.values()} <= {"ok", "unknown"}
    assert len(states) == len(ALERTS)


async def until(condition: Any) -> None:
    by = time.monotonic() + 60
    while True:
        try:
            if await condition():
                return
        except (OSError, KeyError, ValueError):
            pass  # it is not up yet
        assert time.monotonic() < by, "it did not come to pass"
        await asyncio.sleep(0.2)
