"""The answer: what enrichment says about one RFQ, strict and closed, whoever gave it (a model or `rules`).

`Answer` is the domain model. Its JSON, minus what has a column of its own, is what `ai_extracted` holds.
"""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1

Urgency = Literal["low", "normal", "high", "critical"]
Intent = Literal["rfq", "order", "follow_up", "supplier_offer", "support", "job_application", "spam", "other"]
Missing = Literal["quantity", "material", "drawing", "delivery_location", "due_date", "specification", "contact"]
Incoterm = Literal["EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP"]

Short = Annotated[str, Field(min_length=1, max_length=120)]


Lines = Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(max_length=24)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class LineItem(_Strict):
    """One thing asked for; each price break or call-off is an item of its own."""

    description: Annotated[str, Field(min_length=1, max_length=300)]
    quantity: Annotated[Decimal, Field(gt=0)] | None = None
    quantity_max: Annotated[Decimal, Field(gt=0)] | None = None  # the upper end where a range is stated
    unit: Annotated[str, Field(max_length=24)] | None = None  # as written
    part_number: Short | None = None
    revision: Annotated[str, Field(max_length=24)] | None = None
    material: Short | None = None
    standards: Annotated[tuple[Short, ...], Field(max_length=12)] = ()
    lines: Lines = ()  # of the readable text, that it is read from


class RouteShare(_Strict):
    route: str
    share: Annotated[float, Field(ge=0, le=1)]


class Money(_Strict):
    amount: Annotated[Decimal, Field(gt=0)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]


class Evidence(_Strict):
    """Why a field has its value: words of the text (or a term that matched) and their weight."""

    field: Annotated[str, Field(max_length=40)]
    text: Annotated[str, Field(max_length=120)]
    weight: float | None = None


class Cite(_Strict):
    """Where a fact that is none of an item stands."""

    field: Annotated[str, Field(max_length=40)]
    lines: Lines = ()


class FactVerdict(StrEnum):
    """What the text says of a fact."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"  # the text neither states nor excludes it: kept, and marked
    CONTRADICTED = "contradicted"  # not shown as a fact; the run keeps what the model said


class Check(_Strict):
    """The verdict on one fact, why where it is not borne out, and the lines that it was looked for in."""

    verdict: FactVerdict
    why: str | None = None
    count: int | None = None  # of the line items that nobody has read
    lines: Lines = ()


def incomplete(count: int) -> Check:
    """The mark of a list of which so many items have not been read."""
    return Check(verdict=FactVerdict.UNVERIFIED, why="incomplete", count=count)


class Answer(_Strict):
    summary: Annotated[str, Field(min_length=1, max_length=600)]
    language: Annotated[str, Field(pattern="^[a-z]{2,3}$")] | None = None
    intent: Intent = "rfq"
    route: str
    route_alternatives: Annotated[tuple[RouteShare, ...], Field(max_length=2)] = ()
    confidence: Annotated[float, Field(ge=0, le=1)]
    tags: Annotated[tuple[Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,39}$")], ...], Field(max_length=8)] = ()
    urgency: Urgency = "normal"
    line_items: Annotated[tuple[LineItem, ...], Field(max_length=1_000)] = ()
    due_date: dt.date | None = None  # delivery or completion, stated in full; without an end the start
    due_date_derived: dt.date | None = None  # the same, where it follows from the day of receipt ("in six weeks")
    due_date_text: Short | None = None
    quote_deadline: dt.date | None = None
    delivery_place: Short | None = None
    incoterm: Incoterm | None = None
    budget: Money | None = None
    certificates: Annotated[tuple[Short, ...], Field(max_length=12)] = ()
    missing: tuple[Missing, ...] = ()
    injection_suspected: bool = False
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=24)] = ()
    cites: Annotated[tuple[Cite, ...], Field(max_length=24)] = ()
    checks: dict[str, Check] = Field(default_factory=dict)  # by fact: `line_items[0].quantity`
