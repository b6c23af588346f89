"""The answer: what enrichment says about one RFQ, strict and closed, whoever gave it (a model or `rules`).

`Answer` is the domain model. Its JSON, minus what has a column of its own, is what `ai_extracted` holds.
"""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1

Urgency = Literal["low", "normal", "high", "critical"]
Intent = Literal["rfq", "order", "follow_up", "supplier_offer", "support", "job_application", "spam", "other"]
Missing = Literal["quantity", "material", "drawing", "delivery_location", "due_date", "specification", "contact"]
Incoterm = Literal["EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP"]

Short = Annotated[str, Field(min_length=1, max_length=120)]


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
    due_date: dt.date | None = None  # delivery or completion when stated in full, else the quote's deadline
    due_date_text: Short | None = None
    quote_deadline: dt.date | None = None
    delivery_place: Short | None = None
    incoterm: Incoterm | None = None
    budget: Money | None = None
    certificates: Annotated[tuple[Short, ...], Field(max_length=12)] = ()
    missing: tuple[Missing, ...] = ()
    injection_suspected: bool = False
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=24)] = ()
