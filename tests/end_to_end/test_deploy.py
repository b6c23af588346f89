"""What deploy/ and the Dockerfile promise: the tests parse the files as their tools do, and compare them with the code."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import click
import pytest
import yaml

from rfqflow import __version__
from rfqflow.cli import main
from rfqflow.settings import FINISH_MARGIN_SECONDS, Settings
from tests.support.daemon import Process

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
MANIFESTS = [
    one for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")) for one in yaml.safe_load_all(path.read_text())
]
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
STOP_SECONDS = Settings.model_fields["call_deadline_seconds"].default + FINISH_MARGIN_SECONDS
KNOWN = {f"RFQFLOW_{name.upper()}" for name in Settings.model_fields} | {
    str(field.validation_alias) for field in Settings.model_fields.values() if field.validation_alias
}
SECRET = re.compile(r"(SECRET|PEPPER|TOKEN|KEY|DATABASE_URL|WEBHOOK_URLS)$")


def one(kind: str) -> dict:
    found = [each for each in MANIFESTS if each["kind"] == kind]
    assert len(found) == 1
    return found[0]


def pods() -> list[dict]:
    return [one("Deployment")["spec"]["template"]["spec"], one("Job")["spec"]["template"]["spec"]]


def parses(arguments: list[str]) -> bool:
    command = main.get_command(click.Context(main), arguments[0])
    assert command
    command.make_context(arguments[0], list(arguments[1:]))
    return True


def unit() -> dict[str, list[str]]:
    settings: dict[str, list[str]] = {}
    for line in (DEPLOY / "systemd" / "rfqflow.service").read_text().splitlines():
        name, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            settings.setdefault(name, []).append(value)
    return settings


def test_each_process_waits_for_calls_in_flight_at_a_stop():
    assert one("Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] >= STOP_SECONDS + 10
    assert int(COMPOSE["services"]["daemon"]["stop_grace_period"].removesuffix("s")) >= STOP_SECONDS + 10
    assert int(unit()["TimeoutStopSec"][0]) >= STOP_SECONDS + 10
    assert unit()["KillSignal"] == ["SIGTERM"]


def test_the_commands_and_settings_they_name_exist():
    for pod in pods():
        for container in pod["containers"]:
            assert parses(container["args"])
            assert {each["name"] for each in container["env"]} <= KNOWN
    for name in ("migrate", "daemon"):
        service = COMPOSE["services"][name]
        assert parses(service["command"])
        assert set(service["environment"]) <= KNOWN
    assert parses(shlex.split(unit()["ExecStart"][0])[1:])
    assert {each.partition("=")[0] for each in unit()["Environment"][0].split()} <= KNOWN


def test_no_secret_is_written_down():
    for pod in pods():
        for container in pod["containers"]:
            for each in container["env"]:
                assert not SECRET.search(each["name"]) or "secretKeyRef" in each["valueFrom"], each["name"]
    for service in COMPOSE["services"].values():
        for name, value in service["environment"].items():
            if SECRET.search(name) or name.endswith("PASSWORD"):
                assert "${" in value, name
                assert "${POSTGRES_PASSWORD:-" not in value, "a default password stays"
    assert not SECRET.search(unit()["Environment"][0])
    assert unit()["EnvironmentFile"] == ["/etc/rfqflow/rfqflow.env"]
    assert one("TriggerAuthentication")["spec"]["secretTargetRef"][0]["parameter"] == "connection"


def test_pods_have_no_more_rights_than_they_need():
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}  # fmt: skip
            assert [each["mountPath"] for each in container["volumeMounts"]] == ["/tmp"]
            assert container["resources"]["limits"]["memory"]
            assert container["image"] == f"rfqflow:{__version__}"
    for name in ("migrate", "daemon"):
        service = COMPOSE["services"][name]
        assert (service["read_only"], service["cap_drop"], service["tmpfs"]) == (True, ["ALL"], ["/tmp"])


def test_probes_use_paths_that_the_daemon_answers():
    container = one("Deployment")["spec"]["template"]["spec"]["containers"][0]
    port = container["ports"][0]
    assert container["args"][container["args"].index("--http") + 1].endswith(f":{port['containerPort']}")
    assert "RFQFLOW_HTTP_SECRET" in {each["name"] for each in container["env"]}, "it is not on loopback"
    from rfqflow.http import app

    text = Path(app.__file__).read_text()
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        asked = container[probe]["httpGet"]
        assert asked["port"] == port["name"]
        assert f'"{asked["path"]}"' in text
    live = container["livenessProbe"]
    assert live["periodSeconds"] * live["failureThreshold"] >= 300, "an unreachable database restarts no pod"


async def test_autoscaling_and_the_disruption_budget_select_the_daemon(db):
    deployment, budget, scaled = one("Deployment"), one("PodDisruptionBudget"), one("ScaledObject")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == budget["spec"]["selector"]["matchLabels"] == labels
    assert budget["spec"]["maxUnavailable"] == 1
    assert "replicas" not in deployment["spec"], "an apply must not undo the scaler"
    assert scaled["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert scaled["spec"]["minReplicaCount"] >= 1
    trigger = scaled["spec"]["triggers"][0]
    assert trigger["authenticationRef"]["name"] == one("TriggerAuthentication")["metadata"]["name"]
    assert int(trigger["metadata"]["targetQueryValue"]) == 2 * Settings.model_fields["concurrency"].default

    await db.execute("insert into public.rfq_requests (message) select 'm' from generate_series(1, 3)")
    assert await db.fetchval(trigger["metadata"]["query"]) == 3
    await db.execute("select ai.pause('ada')")
    assert await db.fetchval(trigger["metadata"]["query"]) == 0, "who is paused needs no more pods"
    await db.execute("set role rfqflow_reader")
    assert await db.fetchval(trigger["metadata"]["query"]) == 0, "a reader may ask"


def test_compose_migrates_before_it_runs():
    waits = COMPOSE["services"]["daemon"]["depends_on"]
    assert waits["migrate"]["condition"] == "service_completed_successfully"
    assert COMPOSE["services"]["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    mounted = COMPOSE["services"]["daemon"]["volumes"][0].partition(":")[2]
    assert COMPOSE["services"]["daemon"]["environment"]["RFQFLOW_ARCHIVE_DIR"] == mounted
    assert f"install -d -o rfqflow -g rfqflow -m 0700 {mounted}" in (ROOT / "Dockerfile").read_text()


def test_systemd_accepts_the_unit_and_rates_its_sandbox_well(tmp_path):
    parser = RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read_string((DEPLOY / "systemd" / "rfqflow.service").read_text())
    assert parser.sections() == ["Unit", "Service", "Install"]
    tool = shutil.which("systemd-analyze")
    if not tool:
        pytest.skip("no systemd-analyze here")
    # Only the program is not installed here.
    text = (DEPLOY / "systemd" / "rfqflow.service").read_text().replace("/opt/rfqflow/bin/rfqflow", "/bin/true")
    (tmp_path / "rfqflow.service").write_text(text)
    done = subprocess.run([tool, "verify", tmp_path / "rfqflow.service"], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "rfqflow.service" in line]
    assert (done.returncode, said) == (0, [])
    done = subprocess.run(
        [tool, "security", "--offline=true", tmp_path / "rfqflow.service"], capture_output=True, text=True, check=False
    )
    exposure = re.search(r"exposure level for rfqflow.service: ([\d.]+)", done.stdout)
    if exposure:
        assert float(exposure[1]) <= 2


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    return [
        (line.split(" ", 1)[0], line.split(" ", 1)[1])
        for line in text.splitlines()
        if line and not line.startswith("#")
    ]


def test_the_image_is_small_and_does_not_run_as_root():
    reported = instructions()
    froms = [value for name, value in reported if name == "FROM"]
    assert len(froms) == 2, "what builds is not what runs"
    assert all(re.match(r"python:3\.\d+-slim( AS build)?$", each) for each in froms)
    last = reported[max(n for n, (name, _) in enumerate(reported) if name == "FROM") :]
    names = [name for name, _ in last]
    assert "ADD" not in {name for name, _ in reported}
    assert not [value for name, value in reported if name == "COPY" and value.split()[0] == "."]
    assert dict(last)["USER"].isdecimal(), "a number: runAsNonRoot can tell"
    assert int(dict(last)["USER"]) >= 1000
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert dict(last)["ENTRYPOINT"].startswith("["), "exec form: signals reach the daemon"
    assert dict(last)["CMD"].startswith("[")
    assert dict(last)["STOPSIGNAL"] == "SIGTERM"
    assert parses(["run"])
    for name, value in reported:
        if name == "RUN" and "apt-get install" in value:
            assert "--no-install-recommends" in value
            assert "rm -rf /var/lib/apt/lists" in value
        if name == "RUN" and re.search(r"pip (install|wheel)", value):
            assert "--no-cache-dir" in value
            assert "--no-index" in value or "--require-hashes" in value or "--no-deps" in value
    for name, value in reported:
        if name == "COPY":
            for source in value.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert source not in (ROOT / ".dockerignore").read_text().split()


async def test_the_daemon_writes_nothing_to_a_read_only_file_system(database, db, tmp_path):
    await db.execute("insert into public.rfq_requests (message) values ('Please quote 250 pcs of housing 7-114')")
    tmp_path.chmod(0o755)
    before = {path for path in ROOT.iterdir() if not path.name.startswith(".")}
    async with Process(
        "run", "--drain", RFQFLOW_DATABASE_URL=database, HOME="/nonexistent", PYTHONDONTWRITEBYTECODE="1",
        RFQFLOW_DATA_DIR=str(tmp_path / "data"),
    ) as process:  # fmt: skip
        assert await process.exit_code(60) == 0
    assert not (tmp_path / "data").exists()
    assert {path for path in ROOT.iterdir() if not path.name.startswith(".")} == before


def test_kubernetes_accepts_the_manifests():
    kubernetes = pytest.importorskip("kubernetes_validate", reason="needs rfqflow[checks]")
    own = [one for one in MANIFESTS if "keda.sh" not in one["apiVersion"]]
    assert len(own) == len(MANIFESTS) - 2, "KEDA's kinds are not Kubernetes' own"
    for version in (kubernetes.latest_version(), "1.30"):
        for each in own:
            kubernetes.validate(each, version, strict=True)
    broken = {**own[0], "spek": {}}
    with pytest.raises(kubernetes.ValidationError):
        kubernetes.validate(broken, kubernetes.latest_version(), strict=True)


def test_hadolint_reports_nothing_about_the_dockerfile():
    tool = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if not tool:
        pytest.skip("needs rfqflow[checks]")
    done = subprocess.run([tool, "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
