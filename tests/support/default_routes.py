"""The default routes, read from the file that installs them, so that no test has an outdated copy."""

import re
from functools import cache

from rfqflow.core.records import Route
from rfqflow.database.sql_files import shipped_routes

KEYWORD = re.compile(r"[^\s,*^][^,*^]*(?:\*[^,*^]*)*?(?:\^\d+(?:\.\d+)?)?")


@cache
def default_routes() -> tuple[Route, ...]:
    routes = shipped_routes()
    for route in routes:
        for keyword in route.keywords:
            assert KEYWORD.fullmatch(keyword), keyword
    return routes
