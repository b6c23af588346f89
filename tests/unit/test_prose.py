"""Documents use one word per idea: words that the project has retired stay out of prose."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Pages that docs/generate.py makes have the words of help, settings and `COMMENT ON`: mend them there.
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "sql/README.md", *(ROOT / ".github").rglob("*.md")]
    if path.name != "CHANGELOG.md"
)  # fmt: skip
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
}


def prose(path: Path) -> str:
    """A page without its blocks and its code."""
    text = re.sub(r"^ *```.*?^ *```", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`|\]\([^)]*\)|<a id=\"\w+\"></a>", "", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_uses_no_word_that_is_retired(page):
    found = [
        f"{hit[0]!r}: write {instead}"
        for word, instead in RETIRED.items()
        for hit in re.finditer(rf"\b(?:{word})\b", prose(page), re.IGNORECASE)
    ]

    assert found == []


# What PostgreSQL's `\\d+` shows is one line each: comments of the database may be longer.
PLAIN = [page for page in PAGES if page.name != "database.md"]


@pytest.mark.parametrize("page", PLAIN, ids=lambda path: str(path.relative_to(ROOT)))
def test_sentences_of_a_page_have_at_most_25_words(page):
    text = re.sub(r"^#.*$|^\|[-|]+\|$", "", prose(page), flags=re.MULTILINE)
    blocks = re.split(r"\n\s*\n|^\s*(?:[-*]|\d+\.) |\|", text, flags=re.MULTILINE)
    sentences = [words for block in blocks for words in re.split(r"(?<=[.?!:;])\s", " ".join(block.split()))]

    assert [sentence for sentence in sentences if len(re.findall(r"[\w'-]+(?:[.,]\d+)*", sentence)) > 25] == []
