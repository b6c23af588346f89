"""A release can be built again bit by bit, and its dependencies are pinned by hash."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text()


def locked() -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", LOCK, re.MULTILINE))


def test_the_lock_pins_each_package_by_hash_and_names_only_the_public_index():
    joined = re.sub(r"\\\n\s*", "", LOCK)
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    assert len(lines) > 20
    for line in lines:
        assert re.fullmatch(
            r"[a-z0-9-]+==[\w.]+( ; [^-]+?)?( --hash=sha256:[0-9a-f]{64})+ ?", re.sub(r"\s+", " ", line)
        ), line[:80]
    for url in re.findall(r"[a-z+]+://[^\s]+", LOCK):
        assert url.startswith(("https://pypi.org/", "https://files.pythonhosted.org/"))
    assert not re.search(r"@|--(index-url|extra-index-url|find-links|trusted-host)|file:", LOCK)


def test_the_lock_has_every_requirement_of_the_package():
    packaging = pytest.importorskip("packaging.requirements")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for text in (
        *project["dependencies"],
        *(each for extra in ("anthropic", "attachments", "uvloop") for each in project["optional-dependencies"][extra]),
    ):
        asked = packaging.Requirement(text)
        assert asked.specifier.contains(locked()[asked.name]), text


def test_a_wheel_built_twice_is_the_same_to_the_byte(tmp_path):
    hashes = set()
    for name, mask, at in (("first", 0o022, 1), ("second place", 0o077, 2_000_000_000)):
        copy = tmp_path / name
        copy.mkdir()
        for part in ("rfqflow", "sql"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        for part in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / part, copy / part)
        for path in copy.rglob("*"):
            os.utime(path, (at, at))
            if path.is_file():
                path.chmod(0o666 & ~mask)
        done = subprocess.run(
            [sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path / f"out {name}", copy],
            env={**os.environ, "SOURCE_DATE_EPOCH": "1767225600"}, capture_output=True, text=True, timeout=110, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-500:]
        (wheel,) = (tmp_path / f"out {name}").glob("*.whl")
        hashes.add(hashlib.sha256(wheel.read_bytes()).hexdigest())

    assert len(hashes) == 1


def run(tool: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    found = shutil.which(tool, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if not found:
        pytest.skip("needs rfqflow[checks]")
    return subprocess.run([found, *arguments], cwd=cwd, capture_output=True, text=True, timeout=100, check=False)


def test_the_bill_of_materials_lists_the_packages_of_the_lock(tmp_path):
    to = tmp_path / "sbom.json"
    done = run("cyclonedx-py", "requirements", "requirements.lock", "--of", "JSON", "-o", str(to), cwd=ROOT)

    assert done.returncode == 0, done.stderr
    bill = json.loads(to.read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert {one["name"]: one["version"] for one in bill["components"]} == locked()
    assert all(one["purl"].startswith("pkg:pypi/") for one in bill["components"])


FREE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Mozilla Public License 2|MPL-2\.0|Unlicense|Zlib", re.IGNORECASE
)


def test_all_locked_packages_may_be_redistributed():
    done = run("pip-licenses", "--from=mixed", "--format=json", "--packages", *locked(), cwd=ROOT)

    assert done.returncode == 0, done.stderr
    licences = {one["Name"].lower().replace("_", "-"): one["License"] for one in json.loads(done.stdout)}
    absent = set(locked()) - set(licences)
    # Packages for other systems and interpreters are not installed here.
    assert len(absent) <= 6, absent
    assert {
        name: text for name, text in licences.items() if not FREE.search(text) or re.search(r"\bA?GPL|Affero", text)
    } == {}
