"""Settings that people change in the console.

The database validates them, and refuses a change after a concurrent change.

Each change records its actor and reason in the same transaction. Policies are recorded in ai.policy_history and prices
in ai.actions. Triggers record the others in ai.setting_history.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import asyncpg

from rfqflow.core.errors import RfqflowError
from rfqflow.store.fleet_queries import FleetQueries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rfqflow.store.fleet_queries import Row

_DIGITS_MOST = 60


class SettingRefused(RfqflowError):
    """The database refuses a value. `field`: the field with the value, if it is known."""

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


class SettingChanged(SettingRefused):
    """Another person has changed the setting first."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of settings: its key, and the columns that people change."""

    setting: str
    name: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]


TABLES = {
    "routes": Table("route", "ai.routes", ("slug",), ("description", "keywords", "is_fallback", "is_active")),
    "limits": Table(
        "limit", "ai.model_limits", ("provider", "model"),
        ("most_in_flight", "requests_per_minute", "tokens_per_minute", "request_burst", "token_burst", "note"),
    ),
    "parameters": Table(
        "parameter", "ai.model_parameters", ("provider", "model"),
        ("reasoning_effort", "verbosity", "service_tier", "prompt_cache_key", "temperature", "top_p", "seed",
         "max_output_tokens", "max_output_tokens_retry", "deadline_seconds", "note"),
    ),
    "webhooks": Table("webhook", "ai.webhooks", ("name",), ("kinds", "format", "is_active")),
}  # fmt: skip
_POLICIES = """
select p.key, p.value::text, p.default_value::text, p.unit, p.kind, p.minimum, p.maximum, p.choices, p.is_whole,
  p.description, h.changed_at, h.actor, h.reason, h.old_value::text as old_value
from ai.policy p
left join lateral (
  select x.* from ai.policy_history x where x.key = p.key order by x.id desc limit 1
) h on h.old_value is not null
order by p.key
"""
# The update locks the row and compares it, so that the second of two concurrent changes is refused.
_SET_POLICY = """
with seen as materialized (
  select p.key from ai.policy p where p.key = $1 and ($3::jsonb is null or p.value = $3::jsonb) for update
)
select ai.set_policy(s.key, $2::jsonb, $4, $5)::text as old from seen s
"""
_LAST = """
select x.actor, x.at, x.old, x.new
from (
  select h.actor, h.changed_at as at, h.old::text as old, h.new::text as new
  from ai.setting_history h where h.setting = $1 and h.object = $2
  union all
  select p.actor, p.changed_at, p.old_value #>> '{}', p.new_value #>> '{}'
  from ai.policy_history p where $1 = 'policy' and p.key = $2
) x
order by x.at desc limit 1
"""
_WHO = """who as materialized (
  select set_config('rfqflow.actor', $1, true) as actor, set_config('rfqflow.reason', $2, true) as reason)"""


def _of_row(table: Table) -> str:
    return f"jsonb_build_object({', '.join(f'{column!r}, t.{column}' for column in table.columns)})"


def _listed(table: Table) -> str:
    keys = ", ".join(f"t.{key}" for key in table.keys)
    return (
        f"select {keys}, {', '.join(f't.{column}' for column in table.columns)}, {_of_row(table)}::text as seen "
        f"from {table.name} t order by {keys}"
    )


def _updated(table: Table) -> str:
    """An UPDATE with $1 actor, $2 reason, $3 new values, $4 the row as the person saw it, then the key."""
    columns = ", ".join(table.columns)
    where = " and ".join(f"t.{key} = ${place}" for place, key in enumerate(table.keys, 5))
    return (
        f"with {_WHO} update {table.name} t set ({columns}) = "
        f"(select {', '.join(f'n.{one}' for one in table.columns)} from jsonb_populate_record(t, $3::jsonb) n) "
        f"from who where {where} and {_of_row(table)} = $4::jsonb returning 1"
    )


def _inserted(table: Table) -> str:
    """An INSERT with $1 actor, $2 reason, $3 key and values."""
    columns = ", ".join((*table.keys, *table.columns))
    return (
        f"with {_WHO} insert into {table.name} ({columns}) "
        f"select {', '.join(f'n.{one}' for one in (*table.keys, *table.columns))} "
        f"from who cross join jsonb_populate_record(null::{table.name}, $3::jsonb) n "
        f"on conflict ({', '.join(table.keys)}) do nothing returning 1"
    )


def _deleted(table: Table) -> str:
    """A DELETE with $1 actor, $2 reason, $3 the row as the person saw it, then the key."""
    where = " and ".join(f"t.{key} = ${place}" for place, key in enumerate(table.keys, 4))
    return (
        f"with {_WHO} delete from {table.name} t using who where {where} and {_of_row(table)} = $3::jsonb returning 1"
    )


_LISTED = {name: _listed(table) for name, table in TABLES.items()}
_UPDATED = {name: _updated(table) for name, table in TABLES.items()}
_INSERTED = {name: _inserted(table) for name, table in TABLES.items()}
_DELETED = {name: _deleted(table) for name, table in TABLES.items()}


def allowed(policy: Mapping[str, Any]) -> str:
    """The allowed values of a policy, in words."""
    if policy["choices"]:
        return "one of " + ", ".join(policy["choices"])
    if policy["kind"] != "number":
        return "a word or a text"
    kind = "a whole number" if policy["is_whole"] else "a number"
    unit = f" ({policy['unit']})" if policy["unit"] else ""
    if policy["minimum"] is None or policy["maximum"] is None:
        return kind + unit
    return f"{kind} from {policy['minimum']:f} to {policy['maximum']:f}{unit}"


class SettingsStore(FleetQueries):
    """Reads and changes settings. Raises SettingRefused with a remedy, also after a concurrent change."""

    async def policies(self) -> list[Row]:
        """All policies with their values and their last changes."""
        return await self._rows(_POLICIES)

    async def change_policy(self, key: str, text: str, seen: str | None, actor: str, reason: str | None) -> None:
        """Sets a policy. `text`: what the person typed. `seen`: the value that the person saw, as JSON."""
        found = [row for row in await self.policies() if row["key"] == key]
        if not found:
            raise SettingRefused(f"policy {key} not found")
        value = _number(text) if found[0]["kind"] == "number" else json.dumps(text)
        if value is None:
            raise SettingRefused(f"{text or 'Nothing'} is not allowed: use {allowed(found[0])}.", "value")
        try:
            rows = await self._rows(_SET_POLICY, key, value, seen, actor, reason)
        except asyncpg.CheckViolationError as error:
            if error.constraint_name is None:  # the value names an object that does not exist
                raise SettingRefused(_sentence(error), "value") from None
            raise SettingRefused(f"It takes {allowed(found[0])}.", "value") from None
        except asyncpg.PostgresError as error:
            if str(error.sqlstate).startswith("RF"):
                raise SettingRefused(_sentence(error), "value") from None
            raise
        if not rows:
            raise SettingChanged(await self._changed("policy", key), "value")

    async def settings(self, name: str) -> list[Row]:
        """The rows of one table of settings. A change must pass the row's `seen`."""
        return await self._rows(_LISTED[name])

    async def change_setting(
        self, name: str, keys: list[str], given: Mapping[str, Any], seen: str | None, actor: str, reason: str | None
    ) -> None:
        """Changes a row. Adds a row if `seen` is None."""
        table = TABLES[name]
        columns = {column: given.get(column) for column in table.columns}
        who = (actor, reason or "")
        try:
            if seen is None:
                values = json.dumps({**dict(zip(table.keys, keys, strict=True)), **columns})
                rows = await self._rows(_INSERTED[name], *who, values)
            else:
                rows = await self._rows(_UPDATED[name], *who, json.dumps(columns), seen, *keys)
        except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as error:
            raise SettingRefused(*await self._refusal(table, error)) from None
        if not rows and seen is None:
            raise SettingRefused(f"This one exists already: {' '.join(keys)}.", table.keys[0])
        if not rows:
            raise SettingChanged(await self._changed(table.setting, " ".join(keys)))

    async def remove_setting(self, name: str, keys: list[str], seen: str, actor: str, reason: str | None) -> None:
        table = TABLES[name]
        try:
            rows = await self._rows(_DELETED[name], actor, reason or "", seen, *keys)
        except asyncpg.IntegrityConstraintViolationError as error:
            raise SettingRefused(*await self._refusal(table, error)) from None
        if not rows:
            raise SettingChanged(await self._changed(table.setting, " ".join(keys)))

    async def priced_models(self) -> list[Row]:
        return await self._rows(
            "select * from ai.price_status "
            "order by provider, model, source = 'later', service_tier <> 'default', service_tier, since"
        )

    async def change_price(
        self, provider: str, model: str, tier: str, amounts: Mapping[str, str], actor: str, reason: str | None
    ) -> None:
        """Sets a price from now on. `amounts`: input, cached and output, as the person typed them."""
        numbers: dict[str, Decimal | None] = {}
        for field, text in amounts.items():
            number = _number(text)
            if number is None and (text or field != "cached"):
                raise SettingRefused(f"{text or 'Nothing'} is not an amount: write it like 0.25.", field)
            numbers[field] = None if number is None else Decimal(number)
        try:
            await self._rows(
                "select ai.set_price($1, $2, $3, $4, $5, $6, null, $7, $8)",
                provider, model, numbers["input"], numbers["output"], numbers["cached"], tier or "default", actor,
                reason,
            )  # fmt: skip
        except (asyncpg.CheckViolationError, asyncpg.DataError) as error:
            name = str(error.constraint_name or "")
            field = "provider" if "name_a_model" in name else "tier" if "tier" in name else "input"
            comment = await self._comment(name) if name else None
            raise SettingRefused(comment or f"{error.message}.", field) from None

    async def webhook_states(self) -> dict[str, Row]:
        return {row["webhook"]: row for row in await self._rows("select * from ai.webhook_status")}

    async def try_webhook(self, name: str, actor: str) -> None:
        try:
            await self._rows("select ai.test_webhook($1, $2)", name, actor)
        except asyncpg.PostgresError as error:
            if error.sqlstate == "RF004":
                raise SettingRefused(f"{error.message}.") from None
            raise

    async def listed_documents(self, limit: int) -> list[Row]:
        return await self._rows(
            "select id, kind, title, route, language, created_at, created_by, is_active, length(body) as characters "
            "from ai.documents order by is_active desc, id desc limit $1",
            limit,
        )

    async def put_document(self, given: Mapping[str, str], actor: str, reason: str | None) -> str:
        """Adds or restores a document. Returns `added`, `known` or `restored`."""
        try:
            rows = await self._rows(
                f"with {_WHO} select a.outcome from who cross join ai.add_documents($3::jsonb, who.actor) a",
                actor, reason or "", json.dumps([dict(given)]),
            )  # fmt: skip
        except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError) as error:
            fields = ("kind", "title", "body", "language", "route")
            raise SettingRefused(*await self._refusal(Table("document", "ai.documents", (), fields), error)) from None
        return str(rows[0]["outcome"])

    async def take_document(self, document_id: int, actor: str, reason: str | None) -> None:
        """Removes a document from every search."""
        rows = await self._rows(
            f"with {_WHO} select ai.remove_document($3) as done from who", actor, reason or "", document_id
        )
        if not rows[0]["done"]:
            raise SettingRefused("It is already removed.")

    async def _refusal(self, table: Table, error: asyncpg.PostgresError) -> tuple[str, str]:
        """The refusal as a sentence, from the constraint, and the field with the refused value."""
        name = str(error.constraint_name or "")
        column = str(error.column_name or "")
        fields = sorted((*table.keys, *table.columns), key=len, reverse=True)
        about = column or next((one for one in fields if one.removeprefix("is_") in name), "")
        if isinstance(error, asyncpg.NotNullViolationError):
            return "This field is required.", about
        if isinstance(error, asyncpg.ForeignKeyViolationError):
            return "Another row refers to it, or it refers to a missing row.", about
        comment = await self._comment(name)
        return comment or f"{error.message}.", about

    async def _comment(self, constraint: str) -> str | None:
        rows = await self._rows(
            "select coalesce((select obj_description(c.oid, 'pg_constraint') from pg_constraint c "
            "where c.conname = $1 and c.connamespace = 'ai'::regnamespace), "
            "obj_description(to_regclass('ai.' || quote_ident($1)), 'pg_class')) as comment",
            constraint,
        )
        return None if rows[0]["comment"] is None else str(rows[0]["comment"])

    async def _changed(self, setting: str, object_: str) -> str:
        """A sentence about the concurrent change: who made it, and the current value."""
        rows = await self._rows(_LAST, setting, object_)
        if not rows:
            return "It was changed or removed meanwhile: reload the page."
        one = rows[0]
        now = "removed it" if one["new"] is None else f"set it to {one['new']}"
        was = "" if one["old"] is None else f" (it was {one['old']})"
        return (
            f"{one['actor']} {now}{was} meanwhile, at {one['at']:%H:%M:%S} UTC. Nothing was changed: "
            "check the new value."
        )


def _number(text: str) -> str | None:
    """The number in a form that the database can parse. None: the text is not a number."""
    try:
        number = Decimal(text.strip()) if 0 < len(text) <= _DIGITS_MOST and text.isascii() else None
    except InvalidOperation:
        return None
    return None if number is None or not number.is_finite() or abs(number.adjusted()) > _DIGITS_MOST else f"{number:f}"


def _sentence(error: asyncpg.PostgresError) -> str:
    return f"{error.message}. {error.hint or ''}".strip()
