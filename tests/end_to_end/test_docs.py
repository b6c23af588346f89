"""The pages in docs/ are true: the tests run each command and statement, and generated pages match the code."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import command_server

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))  # test_recipes.py runs the blocks of recipes.md
BLOCK = re.compile(r"^```([^\n`]*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
SHOWN = {"text", "ini", "toml", "yaml", "mermaid"}
# Blocks that have their own test.
RUN_THERE = {
    "toml mapping": "tests/end_to_end/test_mapping_cli.py",
    "sql mapped": "tests/end_to_end/test_mapping_cli.py",
    "sql supabase": "tests/database/test_privileges.py",
    "sh signed": "tests/integration/test_http.py",
}
ROLES = {"deploy.md": "rfqflow_daemon", "mail.md": "rfq_intake"}  # a block of the page makes it, for the whole server
# What a test lacks: a network, an engine, a cluster, minutes, a password at a terminal, an RFQ of that reference.
ELSEWHERE = re.compile(
    r"^(rfqflow run --http |rfqflow console$|rfqflow .*(rfq@2|prompt trial)|rfqflow .*--map mapping|rfqflow docs add .*(glossary|catalogue)|rfqflow (account|draft) |RFQFLOW_CONSOLE_PROXY_TRUSTED=|make |git |RFQFLOW_TEST_LITELLM=|"
    r"docker|kubectl|systemctl|uv|npm|pip-audit|mkdocs|python -[mc]|python docs/|UPDATE_COUNTS=1 python -m pytest|/tmp/locked/|pip-licenses --python=|"
    r"RFQFLOW_PG_BIN=\S+ python -m pytest)"
)


def name_of(page: Path) -> str:
    return str(page.relative_to(DOCS))


def blocks(page: Path) -> list[tuple[str, str]]:
    return BLOCK.findall(page.read_text())


def shell(script: str, *, cwd: Path, seconds: float, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PIP_CONFIG_FILE") if name in os.environ}
    kept |= {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_"))}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=cwd, env={**kept, **environment}, capture_output=True, text=True,
        timeout=seconds, check=False,
    )  # fmt: skip


def checkout(to: Path) -> Path:
    """A copy of the project, as a new user gets it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a git checkout: the list of its files is unknown")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, to / name)
    return to


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "recipes.md"], ids=name_of)
def test_every_block_runs_or_has_a_reason_why_not(page):
    for kind, text in blocks(page):
        if kind in RUN_THERE:
            assert f"```{kind}" in (ROOT / RUN_THERE[kind]).read_text().replace('"sh signed', '"```sh signed'), kind
            continue
        assert kind in {"sh", "sql", "console", *SHOWN}, kind
        if kind == "console":
            for line in text.splitlines():
                assert ELSEWHERE.match(line), f"it can be run, so it is to be: {line}"
        assert kind not in SHOWN or not re.search(r"^(rfqflow|select|insert) ", text, re.MULTILINE), text


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "tutorial.md"], ids=name_of)
async def test_every_command_and_statement_works(page, database, open_plain, tmp_path):
    if "cyclonedx-py" in page.read_text() and not tool("cyclonedx-py"):
        pytest.skip("needs rfqflow[checks]")
    conn = await open_plain(database)
    await conn.execute("insert into public.rfq_requests (message) values ('Please quote 250 pcs of housing 7-114')")
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    shutil.copytree(ROOT / "rfqflow/prompts", tmp_path / "rfqflow/prompts")
    (tmp_path / "tests/corpus").mkdir(parents=True)
    shutil.copy(ROOT / "tests/corpus/rfqs_dev.jsonl", tmp_path / "tests/corpus")
    (tmp_path / "Maildir/new").mkdir(parents=True)
    for place, mail in (("request.eml", "one"), ("Maildir/new/1.host", "two")):
        (tmp_path / place).write_text(
            f"From: ada@example.com\nMessage-ID: <{mail}@example.com>\n\nPlease quote 250 pcs of 7-114\n"
        )
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for kind, text in blocks(page):
        if kind == "sql":
            await conn.execute(text)
        elif kind == "sh" and not re.search(r"^(?!rfqflow )|[|<>&$;]", text.strip(), re.MULTILINE):
            for line in text.strip().splitlines():
                ours = {"RFQFLOW_DATABASE_URL": database, "RFQFLOW_PROVIDER": "rules", "RFQFLOW_LOG_LEVEL": "error"}
                done = await asyncio.to_thread(
                    command_server.run, *shlex.split(line)[1:], env={**os.environ, **ours}, cwd=tmp_path
                )
                assert done.returncode == 0, f"{line}\n{done.stderr}"
        elif kind == "sh":
            done = shell(
                text, cwd=tmp_path, seconds=100, PATH=path, DATABASE_URL=database, RFQFLOW_DATABASE_URL=database, RFQFLOW_PROVIDER="rules",
                RFQFLOW_LOG_LEVEL="error",
            )  # fmt: skip
            assert done.returncode == 0, f"{text}\n{done.stderr}"
    if role := ROLES.get(page.name):
        await conn.execute(f"drop owned by {role}; drop role {role}")


@pytest.mark.timeout(400)
def test_following_the_tutorial_to_the_letter_gives_its_results(tmp_path):
    folder = tmp_path / "a clean place"
    folder.mkdir()
    tmp_path.chmod(0o755)
    script, expected = "", []
    for kind, text in blocks(DOCS / "tutorial.md"):
        if kind == "sh":
            script += text
        else:
            # What the page shows, in its order.
            expected.append(text.split())
            script += f'echo "--- {len(expected)}"\n'
    home = tmp_path / "home"
    home.mkdir()
    # Packages come from the cache, and modules that are not imported are not compiled: "no" turns --no-compile on.
    cache = subprocess.run([sys.executable, "-m", "pip", "cache", "dir"], capture_output=True, text=True, check=False)
    quicker = {"PIP_NO_COMPILE": "no"} | ({"PIP_CACHE_DIR": cache.stdout.strip()} if cache.stdout.strip() else {})
    done = shell("set -m\n" + script, cwd=checkout(folder), seconds=380, HOME=str(home), **quicker)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    parts = re.split(r"^--- \d+$", done.stdout, flags=re.MULTILINE)
    assert len(parts) == len(expected) + 1
    for shown, words in zip(parts, expected, strict=False):
        for word in words:
            assert word in shown, f"{word} is not in {shown}"
    assert (
        "rfqflow"
        not in subprocess.run(["pgrep", "-af", str(folder)], capture_output=True, text=True, check=False).stdout
    )


async def test_the_reference_equals_what_the_code_generates(db):
    sys.path.insert(0, str(DOCS))
    try:
        import generate
    finally:
        sys.path.remove(str(DOCS))
    found = await generate.pages(db)

    if os.environ.get("UPDATE_GOLDEN"):
        for name, text in found.items():
            (generate.REFERENCE / name).write_text(text)
    for name, text in found.items():
        assert (generate.REFERENCE / name).read_text() == text, f"run: python docs/generate.py ({name})"


def test_the_site_is_built_without_a_warning(tmp_path):
    pytest.importorskip("material", reason="needs rfqflow[docs]")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path / "site"],
        cwd=ROOT, capture_output=True, text=True, timeout=100, check=False, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    for page in PAGES:
        built = tmp_path / "site" / page.relative_to(DOCS).with_suffix("") / "index.html"
        if page.name == "index.md":
            built = tmp_path / "site" / "index.html"
        text = built.read_text()
        loaded = re.findall(r"""<(?:script|link|img)[^>]+(?:src|href)=["']?(https?://[^"'\s>]+)""", text)
        assert [one for one in loaded if "canonical" not in one] == [], page


def tool(name: str) -> str | None:
    """A program beside the interpreter, or on the path."""
    return shutil.which(name, path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
