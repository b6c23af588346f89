"""The tables that a run can use: public.rfq_requests, and a mapped table of the application with a number as its key.

An RFQ's id is a uuid everywhere in the history, as in the queue. A table with another key converts the key to a uuid.
"""

import random
import uuid
from dataclasses import dataclass
from typing import Any

from tests.support.refusals import REFUSALS

COLUMNS = ("id", "request_id", "name", "email", "company", "phone", "message")


@dataclass(frozen=True)
class Table:
    """`columns` has the application's name and type of each column; `rfqs` is a relation with the names of rfqflow."""

    relation: str
    ddl: str
    mapping: dict[str, Any] | None
    columns: dict[str, tuple[str, str]]
    rfqs: str
    schema: str = "public"
    is_number: bool = False
    files: str = "public.rfq_attachments"
    file_columns: tuple[str, ...] = ("id", "rfq_id", "file_name", "content", "uri")

    def key(self, rfq_id: str) -> Any:
        """The value of the application's key for this RFQ."""
        return int(rfq_id.replace("-", "").lstrip("0").replace("f", "-") or "0") if self.is_number else rfq_id

    def new_id(self, draw: random.Random) -> str:
        return (
            rfq_uuid(draw.randrange(1, 2**62))
            if self.is_number
            else str(uuid.UUID(int=draw.getrandbits(128), version=4))
        )

    @property
    def rfq_id(self) -> str:
        """The id as an expression on a row `new` or `old` of a trigger."""
        column = self.columns["id"][0]
        return (
            f"ai.rfq_uuid((coalesce(new, old)).{column}::bigint)"
            if self.is_number
            else f"(coalesce(new, old)).{column}"
        )

    @property
    def unseen_files(self) -> str:
        """A query for the RFQs with files that no claim has loaded."""
        key, _, name, content, uri = (f"f.{one}" for one in self.file_columns)
        return (
            f"select {self.file_rfq_id} from {self.files} f join {self.rfqs} r on r.id = {self.file_rfq_id} "
            f"where not exists (select from ai.attachment_sets s where s.rfq_id = r.id "
            f"and ai.attachment_hash({key}::text, {name}, octet_length({content}), {uri}) = any (s.seen))"
        )

    @property
    def file_rfq_id(self) -> str:
        """The id of a file's RFQ, as an expression on a row `f` of the files."""
        return f"ai.rfq_uuid(f.{self.file_columns[1]})" if self.is_number else f"f.{self.file_columns[1]}"

    def insert_many(self, rfqs: list[dict[str, Any]]) -> tuple[Any, ...]:
        """One INSERT of RFQs with the usual columns, and its arguments."""
        names = ", ".join(self.columns[name][0] for name in COLUMNS)
        arrays = ", ".join(
            f"${n}::{'bigint' if self.is_number and n == 1 else 'uuid' if n == 1 else 'text'}[]" for n in range(1, 8)
        )
        values = [[self.key(one[name]) if name == "id" else one[name] for one in rfqs] for name in COLUMNS]
        return f"insert into {self.relation} ({names}) select * from unnest({arrays})", *values

    def insert_one(self, rfq: dict[str, Any]) -> tuple[Any, ...]:
        """One INSERT of all columns that the RFQ has, each value as text."""
        held = {name: rfq[name] for name in self.columns if name in rfq}
        values = [str(self.key(value)) if name == "id" else value for name, value in held.items()]
        casts = ", ".join(f"${number}::text::{self.columns[name][1]}" for number, name in enumerate(held, 1))
        return (
            f"insert into {self.relation} ({', '.join(self.columns[name][0] for name in held)}) values ({casts})",
            *values,
        )

    def update(self, name: str) -> str:
        return f"update {self.relation} set {self.columns[name][0]} = $2 where {self.columns['id'][0]} = $1"

    def insert_file(self, rfq_id: str, file: dict[str, Any]) -> tuple[Any, ...]:
        """One INSERT of a file, and its arguments."""
        kind = "bigint" if self.is_number else "uuid"
        return (
            f"insert into {self.files} ({', '.join(self.file_columns[1:])}) values ($1::{kind}, $2, $3, $4)",
            self.key(rfq_id), file["name"], file["content"], file["uri"],
        )  # fmt: skip

    @property
    def replace_file(self) -> str:
        *_, name, content, uri = self.file_columns
        return f"update {self.files} set {content} = $2, {uri} = null where {name} = $1"

    @property
    def delete(self) -> str:
        return f"delete from {self.relation} where {self.columns['id'][0]} = $1"

    @property
    def lock(self) -> str:
        key, kind = self.columns["id"]
        return f"select {key} as key from {self.relation} where {key} = any ($1::{kind}[]) for update"


def rfq_uuid(number: int) -> str:
    """The same as ai.rfq_uuid in SQL."""
    return str(uuid.UUID(str(number).replace("-", "f").rjust(32, "0")))


_BUSINESS = {
    "id": "uuid", "created_at": "timestamptz", "request_id": "text", "idempotency_key": "text", "name": "text", "email": "text",
    "company": "text", "phone": "text", "source_ip": "inet", "message": "text", "metadata": "jsonb",
}  # fmt: skip
_ANSWER = {
    "ai_status": "text",
    "ai_route": "text",
    "ai_extracted": "jsonb",
    "ai_updated_at": "timestamptz",
    "ai_content_sha256": "bytea",
}

_INQUIRY = {
    "id": ("no", "bigint"), "created_at": ("received", "timestamp"), "request_id": ("ref", "text"), "name": ("who", "varchar"),
    "email": ("contact", "varchar"), "company": ("firm", "text"), "phone": ("tel", "varchar"), "source_ip": ("source", "inet"),
    "message": ("body", "text"), "metadata": ("info", "jsonb"),
}  # fmt: skip

TABLES = {
    "ours": Table(
        "public.rfq_requests", REFUSALS, None,
        {name: (name, kind) for name, kind in (_BUSINESS | _ANSWER).items()}, "public.rfq_requests",
    ),
    "mapped": Table(
        "sales.inquiry",
        "create schema sales; create table sales.inquiry (no bigint generated by default as identity primary key, body text not null, "
        "received timestamp not null default (now() at time zone 'UTC'), ref text, who varchar, contact varchar, firm text, "
        "tel varchar, source inet, info jsonb, internal_note text); "
        "create table sales.inquiry_file (no bigint generated always as identity primary key, inquiry bigint not null, title text not null, "
        "data bytea, place text); create index on sales.inquiry_file (inquiry);",
        {
            "table": "sales.inquiry", "ai_columns": "enrichment", "attachments": {"table": "sales.inquiry_file", "columns": {
                "id": "no", "rfq_id": "inquiry", "file_name": "title", "content": "data", "uri": "place"}},
            "columns": {name: column for name, (column, _) in _INQUIRY.items()},
        },
        _INQUIRY,
        "(select ai.rfq_uuid(t.no) as id, t.received as created_at, t.ref as request_id, t.who as name, t.contact as email, "
        "t.firm as company, t.tel as phone, t.body as message, "
        "case when e.rfq_id is null then 'pending' else e.ai_status end as ai_status, e.ai_reason, e.ai_summary, e.ai_route, "
        "e.ai_content_sha256, e.ai_prompt_version from sales.inquiry t left join ai.enrichment e on e.rfq_number = t.no)",
        "sales", is_number=True, files="sales.inquiry_file", file_columns=("no", "inquiry", "title", "data", "place"),
    ),
}  # fmt: skip
