"""Prose uses one word per idea, short sentences and no riddles: in documents, code, messages and pages."""

import ast
import io
import re
import tokenize
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Pages that docs/generate.py makes have the words of help, settings and `COMMENT ON`: mend them there.
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "sql/README.md", *(ROOT / ".github").rglob("*.md")])  # fmt: skip
# Retired: what to write instead.
RETIRED = {
    r"nought": "zero",
    r"heeds?|heeded": "follows, applies",
    r"hurr(?:y|ies|ied|ying)": "force stop",
    r"baton": "hand-off",
    r"minder|postman|keeper": "the class's name",
    r"unheard": "unacknowledged",
    r"(?:leave|given leave|has no leave|needs no leave) to call|given leave|gives? leave": "admission, admitted",
    r"puts? back|putting back": "requeue, defer, restore",
    r"in force": "active",
    r"whoever|whosoever": "the caller, the operator, the role that",
    r"somebody": "the operator, a person, a session",
    r"(?:is|are|was|were) told": "reports, returns, notifies",
    r"tells? of": "reports",
    r"deeds?": "action",
    r"keeps? (?:the )?house|upkeep": "maintenance",
    r"dear|dearer|dearest": "expensive",
    r"burdens?|strains?": "stress scenario",
    r"doors? \d+": "step N",
    r"came? to (?:its|their|an) (?:first )?end": "finished",
    r"work(?:s|ed)? off": "drain, process",
    r"(?:is|are|was) to be had": "is available",
    r"know better": "override",
    r"by which leg": "which retriever",
    r"at the desk of|your desk knows": "your team's reference documents",
    # Riddles: the reader must guess who or what is meant.
    r"told of|(?:be|been|being|can't be) told": "reports, returns; name who reports",
    r"what(?:ever)? is (?:not |already )?there": "name the thing that exists",
    r"(?:that|what|which|it|they|value|text) (?:is|are|was) none": "is not a number, is missing; name the fault",
    r"(?:of|by|to|like|than) (?:ours|theirs)": "our, their",
    r"those who": "people who, roles that",
    r"(?:one|that) which is none|such (?:a|an) one": "name the thing",
    r"whatever (?!else )[^,.;]*": "any, every; or name the cases",
}
# "Who comes back finds the row": a clause in place of the actor.
CLAUSES = re.compile(
    r"(?:^|(?<=[.] ))Who(?:ever)? [^.?:;]+ (?:is|are|finds|gets|sees|has|needs|pays|reads|waits) [^.?]*[.]"
)


def retired(text: str) -> list[str]:
    """The retired words and riddles in a text, each with what to write instead."""
    found = [
        f"{hit[0]!r}: write {instead}"
        for word, instead in RETIRED.items()
        for hit in re.finditer(rf"\b(?:{word})\b", text, re.IGNORECASE)
    ]
    return found + [f"{hit[0]!r}: name the actor" for hit in CLAUSES.finditer(text)]


def prose(path: Path) -> str:
    """A page without its blocks and its code."""
    text = re.sub(r"^ *```.*?^ *```", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`|\]\([^)]*\)|<a id=\"\w+\"></a>", "", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_uses_no_word_that_is_retired(page):
    assert retired(prose(page)) == []


def too_long(text: str) -> list[str]:
    """Sentences of more than 25 words."""
    sentences = re.split(r"(?<=[.?!:;])\s", " ".join(text.split()))
    return [sentence for sentence in sentences if len(re.findall(r"[\w'-]+(?:[.,]\d+)*", sentence)) > 25]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sentences_of_a_page_have_at_most_25_words(page):
    text = re.sub(r"^#.*$|^\|[-|]+\|$", "", prose(page), flags=re.MULTILINE)
    blocks = re.split(r"\n\s*\n|^\s*(?:[-*]|\d+\.) |\|", text, flags=re.MULTILINE)

    assert [sentence for block in blocks for sentence in too_long(block)] == []


# The texts of the database: comments in files and on objects, messages, hints, descriptions, causes, remedies.
# install.sql is generated from the other files. The samples have words of customers.
SQL_FILES = sorted(
    path for path in (ROOT / "sql").rglob("*.sql") if path.name not in {"install.sql", "sample_files.sql", "samples.sql"}
)  # fmt: skip
STATEMENT = re.compile(
    r"\b(?:select|insert into|update|delete from|alter|create|drop|grant|revoke|comment on|lock table|case|"
    r"cross join|coalesce|exists|raise)\b.*[(=%]", re.DOTALL
)  # fmt: skip


@cache
def sql_texts(path: Path) -> tuple[tuple[int, str], ...]:
    """Comments and literals that are sentences, each with its line. Adjacent comment lines are one text."""
    sql, texts, last = path.read_text(), [], -1
    for hit in re.finditer(r"--[^\n]*|'(?:[^']|'')*'", sql):
        line, found = sql.count("\n", 0, hit.start()) + 1, hit.group()
        if found.startswith("--"):
            is_alone = not sql[sql.rfind("\n", 0, hit.start()) + 1 : hit.start()].strip()
            if is_alone and last == line - 1:
                texts[-1] = (texts[-1][0], f"{texts[-1][1]} {found[2:].strip()}")
            else:
                texts.append((line, found[2:].strip()))
            last = line if is_alone else -1
        elif " " in found and not STATEMENT.search(found):
            texts.append((line, found[1:-1].replace("''", "'")))
    return tuple((line, re.sub(r"`[^`\n]*`", "", text)) for line, text in texts)


@pytest.mark.parametrize("path", SQL_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_texts_of_the_database_use_no_word_that_is_retired_and_no_long_sentence(path):
    found = []
    for line, text in sql_texts(path):
        found += [f"{line}: {fault}" for fault in retired(text)]
        found += [f"{line}: more than 25 words: {sentence}" for sentence in too_long(text)]

    assert found == []


def test_reasons_to_change_a_policy_use_no_word_that_is_retired_and_no_long_sentence():
    policies = (ROOT / "docs/policies.toml").read_text()

    assert retired(policies) == []
    assert [sentence for line in policies.splitlines() for sentence in too_long(line)] == []


# The texts of the program: comments, docstrings, help, errors, events. These modules hold vocabularies of
# customers in many languages: only their comments and docstrings are prose.
PYTHON_FILES = sorted((ROOT / "rfqflow").rglob("*.py"))
VOCABULARIES = ("core/checks", "core/drafting", "core/lists", "core/rules", "core/screening", "core/text")
PATTERN = re.compile(r"\\[bsdwSDW]|\(\?|\[\^|\w\|\w")


@cache
def python_texts(path: Path) -> tuple[tuple[int, str], ...]:
    """Comments, docstrings and literals that are sentences, each with its line."""
    code, texts, last = path.read_text(), [], -1
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            is_alone = not token.line[: token.start[1]].strip()
            comment = token.string.lstrip("#").strip()
            if is_alone and last == token.start[0] - 1:
                texts[-1] = (texts[-1][0], f"{texts[-1][1]} {comment}")
            elif not re.match(r"(?:noqa|fmt|type|ruff|mypy):", comment):
                texts.append((token.start[0], comment))
            last = token.start[0] if is_alone else -1
    nodes = [*ast.walk(ast.parse(code))]
    inside = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    docstrings = {
        id(node.body[0].value)
        for node in nodes
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body and isinstance(node.body[0], ast.Expr)
    }  # fmt: skip
    has_words = not any(f"rfqflow/{folder}" in str(path) for folder in VOCABULARIES)
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            text = node.value
        else:
            continue
        if id(node) in docstrings or (
            has_words and " " in text and not STATEMENT.search(text) and not PATTERN.search(text)
        ):
            texts.append((node.lineno, text))
    return tuple((line, re.sub(r"`[^`\n]*`", "", text)) for line, text in texts)


@pytest.mark.parametrize("path", PYTHON_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_texts_of_the_program_use_no_word_that_is_retired_and_no_riddle(path):
    assert [f"{line}: {fault}" for line, text in python_texts(path) for fault in retired(text)] == []


@pytest.mark.parametrize("path", PYTHON_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sentences_of_the_program_have_at_most_25_words(path):
    assert [
        f"{line}: {sentence}"
        for line, text in python_texts(path)
        for block in re.split(r"\n\s*\n|\n[ \t├└]+", text)
        if re.match(r"[A-Z`][^<{]*[.]$", block)
        for sentence in too_long(block)
    ] == []


# Text of the console's pages and of their scripts.
CONSOLE_FILES = sorted(
    path for pattern in ("templates/*.html", "static/*.js") for path in (ROOT / "rfqflow/console").glob(pattern)
)


@pytest.mark.parametrize("path", CONSOLE_FILES, ids=lambda path: path.name)
def test_pages_of_the_console_use_no_word_that_is_retired_and_no_riddle(path):
    text = path.read_text()
    if path.suffix == ".js":
        texts = re.findall(r"(?<!:)//[^\n]*|/\*.*?\*/|\"[^\"\n]* [^\"\n]*\"|`[^`]* [^`]*`", text, re.DOTALL)
    else:
        texts = [*re.findall(r"'[^'{}<>]* [^'{}<>]*'", text), re.sub(r"\{%.*?%\}|<[^>]*>", " ", text, flags=re.DOTALL)]

    assert [fault for each in texts for fault in retired(each)] == []
