"""Every address of the console, read from the application itself, so that the list has new ones too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfqflow.console.app import build_app
from rfqflow.console.context import Console
from rfqflow.console.passwords import PasswordChecks, Passwords
from rfqflow.console.visitors import Visitors
from rfqflow.core.roles import Role
from rfqflow.http.completion_stream import CompletionWatcher
from rfqflow.store.accounts import AccountStore
from rfqflow.store.connection_pool import ConnectionPool
from rfqflow.store.console import ConsoleQueries
from rfqflow.store.desk import DeskStore
from rfqflow.store.drafts import DraftStore
from rfqflow.store.prompt_quality import Quality
from rfqflow.store.related import RelatedStore

if TYPE_CHECKING:
    from collections.abc import Mapping

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


@dataclass(frozen=True)
class Address:
    """`needs`: the lowest role that may use the address; None: it needs no session."""

    path: str
    method: str
    needs: Role | None

    def filled(self, values: Mapping[str, object]) -> str:
        """The path with a value for each parameter; KeyError for a parameter without a value."""
        return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: str(values[found[1]]), self.path)


def addresses() -> list[Address]:
    lines = ConnectionPool(NOWHERE, "test", 1, pooled=False, seconds=1)
    console = Console(
        ConsoleQueries(lines), Quality(lines), CompletionWatcher(None), desk=DeskStore(lines), drafts=DraftStore(lines), related=RelatedStore(lines), accounts=AccountStore(lines),
        visitors=Visitors(None, None, exposed=False), checks=PasswordChecks(Passwords(1)),
    )  # fmt: skip
    found = []
    for route in build_app(console).routes:
        for method in sorted(route.methods - {"HEAD"}):
            needs = None
            if hasattr(route.endpoint, "needs"):
                default = Role.VIEWER if method == "GET" else Role.OPERATOR
                needs = default if route.endpoint.needs is None else route.endpoint.needs
            found.append(Address(route.path, method, needs))
    return found
