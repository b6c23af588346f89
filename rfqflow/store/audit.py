"""The audit of people's actions, as pages and as a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rfqflow.core.text.csv_cells import BYTE_ORDER_MARK, COMMA, Dialect, line, text_cell
from rfqflow.store.fleet_queries import FleetQueries

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import AsyncIterator

    from rfqflow.store.fleet_queries import Row

KINDS = (
    "override", "correction", "desk", "rerun", "discard", "erasure", "pause", "breaker", "policy", "budget", "price",
    "route", "limit", "parameter", "webhook", "maintenance", "document", "prompt", "trial", "evaluation", "case",
    "export", "login", "account",
)  # fmt: skip
COLUMNS = ("at", "kind", "what", "actor", "object", "rfq_id", "old", "new", "reason", "entry")
_EXPORT_PAGE = 500
# Sort by time first, so that each table of the audit is read backwards through its index on time.
_PAGE = """
select at, kind, what, actor, object, rfq_id, old, new, reason, entry
from ai.audit
where at <= coalesce($1::timestamptz, 'infinity') and at >= coalesce($3::timestamptz, '-infinity')
  and at < coalesce($4::timestamptz, 'infinity')
  and ($1::timestamptz is null or (at, entry) < ($1, $2::text))
  and ($5::text is null or kind = $5) and ($6::text is null or actor = $6)
  and ($7::text is null or rfq_id::text = lower($7) or object ilike '%' || $8::text || '%')
order by at desc, entry desc
limit $9
"""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Actions from `since` until before `until`. `before`: the cursor that the previous page returned."""

    kind: str | None = None
    actor: str | None = None
    object: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    before: tuple[dt.datetime, str] | None = None


class AuditTrail(FleetQueries):
    async def audit(self, asked: AuditFilter, limit: int) -> list[Row]:
        """A page of the audit, newest first."""
        at, entry = asked.before or (None, None)
        escaped = None if asked.object is None else _literal(asked.object)
        return await self._rows(
            _PAGE, at, entry, asked.since, asked.until, asked.kind, asked.actor, asked.object, escaped, limit
        )

    async def audit_lines(self, asked: AuditFilter, dialect: Dialect = COMMA) -> AsyncIterator[str]:
        """The whole audit as CSV, a page at a time."""
        yield BYTE_ORDER_MARK + line((text_cell(name) for name in ("at_utc", *COLUMNS[1:])), dialect)
        while True:
            rows = await self.audit(asked, _EXPORT_PAGE)
            yield "".join(line((_cell(row[name]) for name in COLUMNS), dialect) for row in rows)
            if len(rows) < _EXPORT_PAGE:
                return
            asked = replace(asked, before=(rows[-1]["at"], rows[-1]["entry"]))


def _literal(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if hasattr(value, "astimezone"):
        return text_cell(f"{value:%Y-%m-%d %H:%M:%S}")  # the connection's time zone is UTC
    return text_cell(str(value))
