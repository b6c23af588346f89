"""Pages that preview the effects of an operation, and run the operation after the operator confirms it.

The pages work without scripts. After a refusal, the form keeps its input and shows the error beside the field.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.responses import RedirectResponse

from rfqflow.console import failures
from rfqflow.core.errors import RfqflowError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from rfqflow.console.context import Console
    from rfqflow.console.session import Session

REASON_MOST = 500
_REFUSED = 400
CHANGED = 409
_QUICKER = (
    "Nothing was done: another person changed this first, or it is already done. The page shows the current state."
)


class Asked:
    """The values that an address or a form sends."""

    def __init__(self, items: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in items:
            self._values.setdefault(name, []).append(value.replace("\x00", "").strip())

    @classmethod
    def of(cls, request: Request) -> Asked:
        if request.method == "GET":
            return cls(request.query_params.multi_items())
        form: dict[str, list[str]] = request.state.form
        return cls((name, value) for name, values in form.items() for value in values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __call__(self, name: str, default: str = "") -> str:
        return self._values.get(name, [default])[0]

    def all(self, name: str) -> list[str]:
        return list(self._values.get(name, ()))

    @property
    def reason(self) -> str | None:
        return self("why")[:REASON_MOST] or None

    @property
    def expected_count(self) -> int | None:
        """The number that the operator confirmed."""
        text = self("expected_count")
        return int(text) if text.isdecimal() and len(text) < 16 else None  # noqa: PLR2004 - digits of a bigint


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form. `kind`: text, decimal, number or check (a checkbox). With `choices`, the field is a list."""

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    required: bool = False
    hint: str = ""
    choices: Sequence[str] = ()


def why(asked: Asked, *, required: bool = False) -> Field:
    return Field("why", "Why", asked("why"), required=required, hint="The audit records the reason.")


@dataclass(frozen=True, slots=True)
class Form:
    """A preview: the facts and warnings about an operation, and the fields of its form.

    The operation is refused if it no longer matches what the page showed: `expected_count`, the number of objects, or
    `state`, a hash of other values.
    """

    title: str
    submit: str
    facts: Sequence[str]
    warnings: Sequence[str] = ()
    fields: Sequence[Field] = ()
    hidden: Sequence[tuple[str, str]] = ()
    expected_count: int | None = None
    state: str = ""
    back: str = "/"
    page: str = "overview"
    previews: bool = False
    nothing: bool = False  # the operation would change nothing
    errors: dict[str, str] = field(default_factory=dict)


class Refused(RfqflowError):
    """The console refuses the operation. `name` is the field with the error, or empty."""

    def __init__(self, name: str, text: str, status: int = _REFUSED) -> None:
        super().__init__(text)
        self.name = name
        self.status = status


@dataclass(frozen=True, slots=True)
class Operation:
    """`form` previews the operation. `act` runs it and returns a message, or raises Refused."""

    form: Callable[[Console, Asked], Awaitable[Form]]
    act: Callable[[Console, Asked, str], Awaitable[str]]


async def ask(console: Console, session: Session, operation: Operation, asked: Asked) -> Response:
    return _shown(console, session, await operation.form(console, asked))


async def act(console: Console, session: Session, operation: Operation, asked: Asked) -> Response:
    """Runs the operation and redirects with a message. After a refusal, shows the form again with current numbers."""
    if asked("preview"):
        return await ask(console, session, operation, asked)
    form = await operation.form(console, asked)
    if (asked("state") and asked("state") != form.state) or (form.nothing and form.expected_count is None):
        if asked.reason and not any(one.name == "why" for one in form.fields):
            form = replace(
                form, fields=[*form.fields, why(asked)]
            )  # keep the typed reason, so that the operator can copy it
        return _refused(console, session, form, "", _QUICKER, CHANGED)
    try:
        said = await operation.act(console, asked, session.actor)
    except failures.ERRORS:
        raise
    except Refused as error:
        return _refused(console, session, await operation.form(console, asked), error.name, str(error), error.status)
    except RfqflowError as error:
        return _refused(console, session, await operation.form(console, asked), "", str(error), CHANGED)
    console.overview.want_all()
    back = (await operation.form(console, asked)).back
    return RedirectResponse(with_notice(console, session, back, said), 303)


def _refused(console: Console, session: Session, form: Form, name: str, text: str, status: int) -> Response:
    known = name if any(one.name == name for one in form.fields) else ""
    form.errors[known] = text
    return _shown(console, session, form, status)


def _shown(console: Console, session: Session, form: Form, status: int = 200) -> Response:
    return console.page(session, "confirm.html", status=status, page=form.page, form=form, said=None)


def state_of(*shown: object) -> str:
    """A hash of the values that a form shows, for `Form.state`."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:32]


def need_reason(asked: Asked) -> str:
    reason = asked.reason
    if reason is None:
        raise Refused("why", "Give a reason for the audit, since this stops all work.")
    return reason


# -- signed messages after an operation: a link from another site cannot show its own message -------------------------


def with_notice(console: Console, session: Session, path: str, text: str) -> str:
    place, hash_mark, anchor = path.partition("#")
    joint = "&" if "?" in place else "?"
    return f"{place}{joint}{urlencode({'notice': text, 'mark': _mark(console, session, text)})}{hash_mark}{anchor}"


def notice_of(console: Console, request: Request, session: Session) -> str | None:
    text, mark = request.query_params.get("notice", ""), request.query_params.get("mark", "")
    is_ours = hmac.compare_digest(_mark(console, session, text).encode(), mark.encode("utf-8", "replace"))
    return text if text and is_ours else None


def _mark(console: Console, session: Session, text: str) -> str:
    key = console.sessions.form_token(session).encode()
    return hmac.new(key, b"notice " + text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]


def rfqs(count: int, many: str = "RFQs", one: str = "RFQ") -> str:
    """A number with its noun, such as `1,001 RFQs`. In `ai.health`, 1,001 means more than 1,000."""
    return f"{count:,} {one if count == 1 else many}"
