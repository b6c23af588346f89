"""`rfqflow docs`, as a person and a program use it."""

import json
import os
import subprocess
import sys

import pytest

from tests.support import command_server


@pytest.fixture
def docs(database, tmp_path):
    def run(*arguments, code=0, stdin=None):
        environment = {**os.environ, "RFQFLOW_DATABASE_URL": database, "PYTHONWARNINGS": "error"}
        done = command_server.run("docs", *map(str, arguments), env=environment, cwd=tmp_path, stdin=stdin or b"")
        out, err = done.stdout, done.stderr
        assert (done.returncode, "Traceback" in err) == (code, False), err
        return json.loads(out) if "--json" in arguments and out else out if code == 0 else err

    return run


def test_a_document_is_added_listed_found_removed_and_restored(docs, tmp_path):
    (tmp_path / "coupling.md").write_text("# Flange coupling\n\nJoins two shafts. Article DR-1183.\n")

    reported = docs("add", "coupling.md", "--kind", "catalogue", "--route", "mechanical", "--language", "en", "--json")
    (added,) = reported["documents"]
    assert (added["outcome"], added["title"]) == ("added", "Flange coupling")

    (listed,) = docs("list", "--json")
    assert {key: listed[key] for key in ("id", "kind", "route", "language", "keys")} == {
        "id": added["id"], "kind": "catalogue", "route": "mechanical", "language": "en", "keys": ["DR1183"]
    }  # fmt: skip
    assert "Flange coupling" in docs("list")

    (found,) = docs("search", "20 pcs dr1183, flanges and a coupling", "--json")
    assert found["id"] == added["id"]
    assert found["legs"]["key"] == {"rank": 1, "keys": ["DR1183"]}
    assert found["score"] == pytest.approx(2 / 61, rel=1e-5)
    shown = docs("search", "dr1183")
    assert "key #1 (DR1183)" in shown
    assert "0.0164" in shown

    assert docs("remove", added["id"], "--json") == {"removed": [added["id"]], "absent": [], "erased": False}
    assert docs("search", "dr1183", "--json") == []
    assert docs("search", "dr1183").strip() == "nothing fits"
    assert docs("list", "--json") == []
    assert "(removed)" in docs("list", "--all")

    assert "restored" in docs("add", "coupling.md", "--kind", "catalogue")
    assert docs("search", "dr1183", "--json")[0]["id"] == added["id"]

    assert docs("remove", added["id"], "--erase", "--json")["erased"] is True
    assert docs("list", "--all", "--json") == []


def test_an_existing_document_is_reported_without_an_error(docs):
    first = docs("add", "-", "--kind", "rule", "--title", "Pumps", "--json", stdin=b"Pumps go to mechanical.\r\n")
    again = docs("add", "-", "--kind", "rule", "--title", "Pumps", "--json", stdin=b"Pumps go to mechanical.")
    assert again["documents"] == [{**first["documents"][0], "outcome": "known"}]
    assert "already exists" in docs("add", "-", "--kind", "rule", "--title", "Pumps", stdin=b"Pumps go to mechanical.")


def test_a_long_file_is_added_section_by_section(docs, tmp_path):
    (tmp_path / "words.md").write_text("# Words\n\n## OEM\n\nMaker of pumps.\n\n## FAT\n\nTest at the works.\n")
    reported = docs("add", "words.md", "--kind", "glossary", "--split", "--json")
    assert [one["title"] for one in reported["documents"]] == ["Words: OEM", "Words: FAT"]
    assert [one["title"] for one in docs("search", "what is a fat", "--json")] == ["Words: FAT"]


def test_many_are_added_from_json_lines(docs, tmp_path):
    lines = [{"title": f"Article {n}", "body": f"Made of steel{n}.", "keys": [f"ART {n:04}-X"]} for n in range(250)]
    lines[7] |= {"kind": "rule", "body": "A line separator \u2028 in it."}
    # As other programs write it, too: with the separator unescaped.
    (tmp_path / "many.jsonl").write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in lines) + "\n\n")

    reported = docs("add", "--jsonl", "many.jsonl", "--kind", "catalogue", "--json")
    assert {key: reported[key] for key in ("added", "known", "restored")} == {"added": 250, "known": 0, "restored": 0}
    assert docs("add", "--jsonl", "many.jsonl", "--kind", "catalogue").startswith("250 known")
    assert docs("search", "art-0123/x", "--json")[0]["title"] == "Article 123"
    assert len(docs("list", "--kind", "rule", "--json")) == 1
    assert len(docs("list", "--json")) == 100
    assert len(docs("list", "--limit", "300", "--json")) == 250


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["add"], "--jsonl"),
        (["add", "good.txt"], "--kind is missing"),
        (["add", "good.txt", "--kind", "poem"], "poem"),
        (["add", "absent.txt", "--kind", "rule"], "absent.txt: No such file"),
        (["add", "good.txt", "absent.txt", "--kind", "rule"], "absent.txt: No such file"),
        (["add", ".", "--kind", "rule"], "directory"),
        (["add", "empty.txt", "--kind", "rule"], "empty.txt is empty"),
        (["add", "binary", "--kind", "rule"], "not UTF-8"),
        (["add", "long.txt", "--kind", "rule"], "--split"),
        (["add", "good.txt", "--kind", "rule", "--route", "nowhere"], "route nowhere not found"),
        (["add", "good.txt", "--kind", "rule", "--language", "German"], "language must be a code"),
        (["add", "good.txt", "empty.txt", "--kind", "rule", "--title", "T"], "--title"),
        (
            ["add", "--jsonl", "bad.jsonl", "--kind", "rule"],
            "line 2: not JSON; line 3: body is missing; line 4: unknown",
        ),
        (["search"], "TEXT"),
        (["remove", "seven"], "seven"),
    ],
)
def test_wrong_input_gets_one_clear_message_and_adds_nothing(docs, tmp_path, arguments, hint):
    (tmp_path / "good.txt").write_text("Pumps go to mechanical.")
    (tmp_path / "empty.txt").write_text(" \n\u200b")
    (tmp_path / "binary").write_bytes(b"\x7fELF\xff\xfe")
    (tmp_path / "long.txt").write_text("word " * 30_000)
    (tmp_path / "bad.jsonl").write_text(
        '{"title": "a", "body": "b"}\n{"title"\n{"title": "a"}\n{"title": "a", "body": "b", "color": 1}\n'
    )
    assert hint in docs(*arguments, code=2)
    assert docs("list", "--json") == []


def test_a_text_that_will_be_cut_in_the_prompt_is_reported(docs, database, tmp_path):
    (tmp_path / "long.txt").write_text("word " * 500)
    environment = {**os.environ, "RFQFLOW_DATABASE_URL": database}
    done = subprocess.run(
        [sys.executable, "-m", "rfqflow", "docs", "add", "long.txt", "--kind", "rule"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "rag_tokens" in done.stderr


def test_missing_documents_are_reported_with_exit_code_1(docs):
    one = docs("add", "-", "--kind", "rule", "--json", stdin=b"Pumps.")["documents"][0]["id"]
    assert "document not found: 4711" in docs("remove", one, 4711, code=1)
    # The existing documents are removed all the same.
    assert docs("list", "--json") == []


def test_a_database_without_the_schema_is_reported_with_the_remedy(empty_database, tmp_path):
    for arguments in (["list"], ["search", "x"], ["remove", "1"]):
        done = subprocess.run(
            [sys.executable, "-m", "rfqflow", "docs", *arguments, "--database-url", empty_database],
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode, "rfqflow migrate" in done.stderr) == (1, True), done.stderr
