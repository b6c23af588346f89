"""Texts of `rfqflow migrate` about the application's table: the plan and the result."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WIDTH = 80
_MARGIN = 10


def plan_lines(plan: dict[str, Any]) -> list[str]:
    """The plan as lines for a terminal."""
    server = f"Database {plan['database']} (PostgreSQL {plan['server'].split()[0]}), as role {plan['role']}."
    lines = textwrap.wrap(f"{server} This command changes nothing.", _WIDTH)
    if plan["refused"]:
        lines += ["", *_part("refused", [plan["refused"]["why"] + "."])]
        if plan["refused"]["remedy"] and plan["refused"]["remedy"] not in plan["refused"]["why"]:
            lines += _part("remedy", [plan["refused"]["remedy"]])
    if plan["table"] is None:
        return lines
    lines += ["", *_part("table", _table(plan)), *_part("attached", _attachments(plan["attachments"]))]
    if not plan["files"] and not (
        plan["columns"] or plan["triggers"] or plan["index"] or plan["attachments"]["triggers"]
    ):
        return [*lines, *_part("files", [f"up to date with rfqflow {plan['release']}: no changes"])]
    lines += _part("columns", _columns(plan))
    lines += _part(
        "triggers", [f"{one['name']}: {one['fires']}; {one['does']}" for one in plan["triggers"]] or ["none is added"]
    )
    lines += _part(
        "index",
        [f"{plan['index']['statement']} (takes moments: the table is below 4 MB)"] if plan["index"] else ["none"],
    )
    lines += _part("locks", _locks(plan))
    lines += _part("schema", _schema(plan))
    lines += _part("roles", _roles(plan))
    lines += _part("rights", _rights(plan))
    lines += _part("kept", _kept(plan))
    if plan["notify_off"]:
        lines += _part("notify", ["off, since max_prepared_transactions is above 0: daemons poll once a second"])
    return lines


def done(plan: dict[str, Any], files: list[str], locked_ms: float | None) -> dict[str, Any]:
    """What the migration did, and the next steps for the operator."""
    # The plan has no table if it was refused. The migration can succeed later, when the cause of the refusal is gone.
    table = plan["table"] or {"name": None, "is_created": False, "rows": 0, "rows_are_exact": True, "inserters": []}
    is_new = bool(plan["place"] == "absent" or (plan["place"] == "elsewhere" and plan["columns"]))
    return {
        "applied": files,
        "table": table["name"],
        "is_created": table["is_created"],
        "columns_added": [column["name"] for column in plan["columns"]],
        "triggers_added": [trigger["name"] for trigger in plan["triggers"]],
        "index_added": plan["index"]["statement"] if plan["index"] else None,
        "locked_ms": None if locked_ms is None or table["is_created"] else round(locked_ms, 1),
        "older_rows": table["rows"] if is_new else None,
        "older_rows_are_exact": table["rows_are_exact"],
        "roles_left_out": plan["roles"]["left_out"],
        "next": list(_next(plan, table, is_new=is_new)),
    }


def done_lines(result: dict[str, Any]) -> list[str]:
    """The result as lines for a terminal."""
    if not result["applied"] and not result["triggers_added"] and not result["columns_added"]:
        return ["up to date"]
    lines = [f"applied {_count(result['applied'], 'file')}"]
    if result["is_created"]:
        lines.append(f"{result['table']} is created, with {len(result['triggers_added'])} triggers")
    elif result["table"]:
        what = [
            *([_count(result["columns_added"], "column")] if result["columns_added"] else []),
            *([_count(result["triggers_added"], "trigger")] if result["triggers_added"] else []),
            *(["an index"] if result["index_added"] else []),
        ]
        said = (
            f"{' and '.join([', '.join(what[:-1]), what[-1]] if what[1:] else what)} added"
            if what
            else "nothing changed"
        )
        held = f"; it was locked for {result['locked_ms']:.0f} ms" if what and result["locked_ms"] else ""
        lines.append(f"{result['table']}: {said}{held}")
    if result["older_rows"]:
        about = "" if result["older_rows_are_exact"] else "about "
        lines.append(
            f"{about}{_rows(result['older_rows'])} that existed before: unchanged, and enriched only by "
            "`rfqflow backfill`"
        )
    lines += [f"role {role} was not created: this role may not create roles" for role in result["roles_left_out"]]
    if result["next"]:
        lines += ["next:", *(f"  {step['do']}\n      {step['why']}" for step in result["next"])]
    return lines


def _next(plan: dict[str, Any], table: dict[str, Any], *, is_new: bool) -> Iterator[dict[str, str]]:
    if plan["roles"]["left_out"]:
        yield {
            "do": plan["roles"]["statement"],
            "why": "as a role with CREATEROLE; then run `rfqflow migrate` again, which grants the roles their rights",
        }
    if plan["usage_to_grant"] and is_new:
        yield {"do": f"{plan['usage_to_grant']};", "why": "as the owner of schema ai, which is another role"}
    if not is_new:
        if plan["place"] == "attached" and plan["files"]:
            yield {
                "do": "replace the daemons one by one",
                "why": "daemons of the earlier release keep working meanwhile",
            }
        return
    yield {
        "do": "rfqflow run",
        "why": "start the daemon; without a model's key or address, the built-in rules answer",
    }
    if plan["try"]:
        yield {"do": f"{plan['try']};", "why": "insert a first RFQ; your application does the same"}
    else:
        yield {
            "do": "insert an RFQ as your application does",
            "why": "some columns of the table need values that rfqflow does not know",
        }
    if table["rows"]:
        yield {
            "do": "rfqflow backfill",
            "why": "enriches existing rows at a limited rate; each row costs a call",
        }
    if not table["inserters"]:
        yield {
            "do": f"grant insert on {table['name']} to YOUR_APPLICATION;",
            "why": "unless your application owns the table; for INSERT ... RETURNING, also grant select "
            f"({table['returning']})",
        }


def _table(plan: dict[str, Any]) -> list[str]:
    table = plan["table"]
    if table["is_created"]:
        return [f"{table['name']} does not exist: rfqflow creates it"]
    about = "" if table["rows_are_exact"] else "about "
    parts = f" in {table['parts']} parts" if table["parts"] else ""
    named = ", ".join(f"{ours} = {theirs}" for ours, theirs in table["columns"].items() if theirs and ours != theirs)
    where = table["answers_in"] if table["answers_in"] == "ai.enrichment" else f"its {table['answers_in']}"
    return [
        f"{table['name']}, {about}{_rows(table['rows'])}{parts} ({_bytes(table['bytes'])}), of role {table['owner']}; "
        f"key {table['key']} ({table['key_type']}); answers in {where}" + (f"; {named}" if named else "")
    ]


def _attachments(files: dict[str, Any]) -> list[str]:
    """The lines about the table of attachments."""
    if files["name"] is None:
        why = f"none: {files['why']}" if files["why"] else "none, as mapped"
        return [why, *([files["remedy"]] if files["remedy"] else [])]
    if files["is_created"]:
        return [f"{files['name']} does not exist: rfqflow creates it. The application needs INSERT on it"]
    named = ", ".join(f"{ours} = {theirs}" for ours, theirs in files["columns"].items() if ours != theirs)
    triggers = f"; triggers {' and '.join(files['triggers'])} are added" if files["triggers"] else ""
    return [f"{files['name']}" + (f"; {named}" if named else "") + triggers]


def _columns(plan: dict[str, Any]) -> list[str]:
    if not plan["columns"]:
        return ["none is added"]
    defaults = ", ".join(f"{one['name']} {one['default']}" for one in plan["columns"] if one["default"])
    return [
        f"{len(plan['columns'])} are added without defaults, so no row is rewritten:",
        ", ".join(f"{one['name']} {one['type']}" for one in plan["columns"]),
        *([f"then defaults for new rows: {defaults}"] if defaults else []),
    ]


def _locks(plan: dict[str, Any]) -> list[str]:
    if not plan["locks"]:
        return ["none that blocks reads or writes"]
    lines = [f"{one['mode']} for {one['why']}: blocks {one['blocks']}" for one in plan["locks"]]
    one = plan["locks"][0]
    lines.append(
        f"rfqflow waits {one['asked_for_ms']} ms per attempt for the lock, in at most {one['tries']} attempts, so that "
        "other sessions wait only briefly. It then holds the lock for some tenths of a second. Without the lock, the "
        "table stays unchanged"
    )
    for holder in plan["waits_for"]:
        who = ", ".join(filter(None, (holder["application"], holder["role"])))
        lines.append(
            f"pid {holder['pid']} ({who}) has used the table in a transaction for {holder['seconds']:.0f} s: "
            "the migration waits until it ends"
        )
    return lines


def _schema(plan: dict[str, Any]) -> list[str]:
    if plan["schema"] is None:
        names = plan["files"]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""  # noqa: PLR2004 - what fits a line
        return [f"{_count(names, 'file')} applied: {', '.join(names[:3])}{more}"] if names else ["up to date"]
    schema = plan["schema"]
    is_made = "ai is created" if schema["is_created"] else "ai already exists, and other objects in it stay"
    return [f"{is_made}: {schema['relations']} tables and views, {schema['functions']} functions"]


def _roles(plan: dict[str, Any]) -> list[str]:
    lines = []
    if plan["roles"]["created"]:
        lines.append(f"{' and '.join(plan['roles']['created'])} are created, without login")
    if plan["roles"]["left_out"]:
        lines.append(f"{' and '.join(plan['roles']['left_out'])} are not created: {plan['role']} may not create roles")
    return lines or ["none is created"]


def _rights(plan: dict[str, Any]) -> list[str]:
    given = [
        f"{one['role']}: {one['functions']} functions, {one['relations']} views and tables of schema ai"
        for one in plan["rights"]
    ]
    if plan["usage_to_grant"]:
        given.append(f"not granted, since another role owns schema ai. Its owner runs: {plan['usage_to_grant']}")
    return [*given, "no role gains a right on your table, and PUBLIC gains no right at all"]


def _kept(plan: dict[str, Any]) -> list[str]:
    table = plan["table"]
    if table["is_created"]:
        return ["everything else in the database: unchanged"]
    said = ["your rows and your other columns, indexes, triggers and rights: unchanged"]
    if plan["place"] == "absent" and table["rows"]:
        about = "" if table["rows_are_exact"] else "about "
        said.append(f"{about}existing {_rows(table['rows'])}: enriched only if you run `rfqflow backfill`")
    return said


def _part(name: str, paragraphs: Iterable[str]) -> list[str]:
    lines: list[str] = []
    for text in paragraphs:
        first = f"{name}:".ljust(_MARGIN) if not lines else " " * _MARGIN
        lines += textwrap.wrap(
            text,
            _WIDTH,
            initial_indent=first,
            subsequent_indent=" " * _MARGIN,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return lines


def _count(names: list[str], what: str) -> str:
    return f"{len(names)} {what}{'' if len(names) == 1 else 's'}"


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


def _bytes(size: int) -> str:
    return f"{size / 1024:,.0f} kB" if size < 1 << 20 else f"{size / (1 << 20):,.0f} MB"
