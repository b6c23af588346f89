"""The answer to one RFQ, from a model or from the rules. Its model is strict and allows no other fields.

`Answer` is the domain model. `ai_extracted` has its JSON, without the fields that have their own columns. The
descriptions are part of the published schema (`core/published_schemas.py`).
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

SCHEMA_VERSION = 1
# The fields that have their own columns. ai_extracted has the other fields.
COLUMNS = frozenset({"summary", "route", "tags", "urgency", "confidence"})

Urgency = Literal["low", "normal", "high", "critical"]
Intent = Literal["rfq", "order", "follow_up", "supplier_offer", "support", "job_application", "spam", "other"]
Missing = Literal["quantity", "material", "drawing", "delivery_location", "due_date", "specification", "contact"]
Incoterm = Literal["EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP"]

Short = Annotated[str, Field(min_length=1, max_length=120)]
Lines = Annotated[
    tuple[Annotated[int, Field(ge=1)], ...],
    Field(max_length=24, description="Numbers of the readable text's lines, from 1, that it was read from."),
]


def _digits(value: Decimal) -> str:
    return f"{value:f}"  # 1000 instead of 1E+3


# In JSON, an amount is a text of digits, since many programs would turn a number into a float.
Amount = Annotated[
    Decimal,
    Field(gt=0),
    PlainSerializer(_digits, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}, mode="serialization"),
]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class LineItem(_Strict):
    """One requested item. Each price break and each call-off is a separate item."""

    description: Annotated[str, Field(min_length=1, max_length=300, description="Description of the item, in words.")]
    quantity: Annotated[Amount | None, Field(description="Quantity; the lower end of a range.")] = None
    quantity_max: Annotated[Amount | None, Field(description="The upper end of a stated range.")] = None
    unit: Annotated[str | None, Field(max_length=24, description="Unit of the quantity, as written.")] = None
    part_number: Annotated[Short | None, Field(description="Part number of the customer or maker, as written.")] = None
    revision: Annotated[str | None, Field(max_length=24, description="Revision of the drawing or part.")] = None
    material: Annotated[Short | None, Field(description="Material or grade, as written.")] = None
    standards: Annotated[
        tuple[Short, ...], Field(max_length=12, description="Standards that the item must meet, as written.")
    ] = ()
    lines: Lines = ()


class RouteShare(_Strict):
    """An alternative route."""

    route: Annotated[str, Field(description="A slug of ai.routes.")]
    share: Annotated[float, Field(ge=0, le=1, description="Probability that this route is right.")]


class Money(_Strict):
    """An amount of money."""

    amount: Annotated[Amount, Field(description="How much.")]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 4217 code.")]


class Evidence(_Strict):
    """The reason for a field's value: words of the text or a matched term, and the weight of the reason."""

    field: Annotated[str, Field(max_length=40, description="The field that it supports.")]
    text: Annotated[str, Field(max_length=120, description="Words of the customer's text.")]
    weight: Annotated[float | None, Field(description="Its weight; rules only.")] = None


class Cite(_Strict):
    """The lines that state a fact outside line items."""

    field: Annotated[str, Field(max_length=40, description="The field, such as due_date.")]
    lines: Lines = ()


class FactVerdict(StrEnum):
    """The verdict of the text about a fact."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"  # the text neither states nor excludes the fact: it is kept and marked
    # The text disagrees: it is not shown as a fact, and only the run keeps the model's value.
    CONTRADICTED = "contradicted"


class Check(_Strict):
    """The verdict on one fact, the reason if the fact is not verified, and the lines that were checked."""

    verdict: Annotated[
        FactVerdict,
        Field(description="contradicted: the text disagrees, and the value is left out here."),
    ]
    why: Annotated[str | None, Field(description="Code for why it is not verified, or for its origin.")] = None
    count: Annotated[int | None, Field(description="For line_items: number of unread items.")] = None
    lines: Lines = ()


def incomplete(count: int) -> Check:
    """The mark of a list in which this many items were not read."""
    return Check(verdict=FactVerdict.UNVERIFIED, why="incomplete", count=count)


class Answer(_Strict):
    summary: Annotated[str, Field(min_length=1, max_length=600, description="One paragraph.")]
    language: Annotated[
        str | None, Field(pattern="^[a-z]{2,3}$", description="ISO 639 code of the message's language.")
    ] = None
    intent: Annotated[Intent, Field(description="The kind of message.")] = "rfq"
    route: Annotated[str, Field(description="A slug of ai.routes.")]
    route_alternatives: Annotated[
        tuple[RouteShare, ...], Field(max_length=2, description="Alternative routes, most likely first.")
    ] = ()
    confidence: Annotated[float, Field(ge=0, le=1, description="Confidence in the route.")]
    tags: Annotated[
        tuple[Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,39}$")], ...],
        Field(max_length=8, description="Slugs."),
    ] = ()
    urgency: Annotated[Urgency, Field(description="Urgency stated by the customer.")] = "normal"
    line_items: Annotated[
        tuple[LineItem, ...], Field(max_length=1_000, description="The requested items, in the text's order.")
    ] = ()
    due_date: Annotated[
        dt.date | None, Field(description="Date of delivery or completion, stated in full; the end of a time span.")
    ] = None
    due_date_derived: Annotated[
        dt.date | None,
        Field(description="The same, computed from the day of receipt, as for 'in six weeks'."),
    ] = None
    due_date_text: Annotated[Short | None, Field(description="The customer's words for the date.")] = None
    quote_deadline: Annotated[dt.date | None, Field(description="Deadline of the offer.")] = None
    delivery_place: Annotated[Short | None, Field(description="Place of delivery, as written.")] = None
    incoterm: Annotated[Incoterm | None, Field(description="Incoterms rule.")] = None
    budget: Annotated[Money | None, Field(description="The customer's budget.")] = None
    certificates: Annotated[
        tuple[Short, ...], Field(max_length=12, description="Requested certificates and reports, as written.")
    ] = ()
    missing: Annotated[tuple[Missing, ...], Field(description="Data that an offer needs and the RFQ lacks.")] = ()
    injection_suspected: Annotated[bool, Field(description="The text tries to instruct a machine: review it.")] = False
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=24, description="Reasons for the fields' values.")] = ()
    cites: Annotated[
        tuple[Cite, ...], Field(max_length=24, description="Lines that state facts outside line items.")
    ] = ()
    checks: Annotated[
        dict[str, Check], Field(description="The verdict on each fact, by its path, such as line_items[0].quantity.")
    ] = Field(default_factory=dict)


def extracted_of(output: Mapping[str, object]) -> dict[str, object]:
    """The content of `ai_extracted` for the JSON of an answer."""
    return {
        "schema_version": SCHEMA_VERSION,
        **{name: value for name, value in output.items() if name not in COLUMNS},
    }
