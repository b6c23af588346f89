"""The default routes, read from the file that installs them, so that no test has a copy that drifts."""

import re
from functools import cache
from pathlib import Path

from rfqflow.core.records import Route

FILE = Path(__file__).parents[2] / "sql" / "migrations" / "0003_routes.sql"
_STATEMENT = re.compile(
    r"(?:--[^\n]*\n|\s)*insert into ai\.routes \(slug, description, keywords, is_fallback\) values\n"
    r"(?P<rows>.*?)\non conflict \(slug\) do nothing;\s*",
    re.DOTALL,
)
_ROW = re.compile(r"\('([a-z_]+)',\s*'([^']+)',\s*'\{([^'{}\"\\]*)\}', (true|false)\)")
KEYWORD = re.compile(r"[^\s,*^][^,*^]*(?:\*[^,*^]*)*?(?:\^\d+(?:\.\d+)?)?")


@cache
def default_routes() -> tuple[Route, ...]:
    statement = _STATEMENT.fullmatch(FILE.read_text(encoding="utf-8"))
    assert statement, "the file is one insert and nothing else"
    assert not _ROW.sub("", statement["rows"]).strip(" ,\n"), (
        "every row has the form (slug, description, '{...}', bool)"
    )
    return tuple(
        Route(slug, description, tuple(_keyword(entry) for entry in keywords.split(",")), fallback == "true")
        for slug, description, keywords, fallback in _ROW.findall(statement["rows"])
    )


def _keyword(entry: str) -> str:
    keyword = " ".join(entry.split())
    assert KEYWORD.fullmatch(keyword), keyword
    return keyword
