"""The answer: what enrichment says about one RFQ, strict and closed, whoever gave it (a model or `rules`).

`Answer` is the domain model. Its JSON, minus what has a column of its own, is what `ai_extracted` holds. The
descriptions go into its published schema (`core/published_schemas.py`).
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

SCHEMA_VERSION = 1
# These have columns of their own; the rest of an answer is ai_extracted.
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
    return f"{value:f}"  # not 1E+3


# In JSON a text of digits: many readers make a float of a number.
Amount = Annotated[
    Decimal,
    Field(gt=0),
    PlainSerializer(_digits, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}, mode="serialization"),
]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class LineItem(_Strict):
    """One thing asked for; each price break or call-off is an item of its own."""

    description: Annotated[str, Field(min_length=1, max_length=300, description="What is asked for, in words.")]
    quantity: Annotated[Amount | None, Field(description="How many or how much; the lower end of a range.")] = None
    quantity_max: Annotated[Amount | None, Field(description="The upper end, where a range is stated.")] = None
    unit: Annotated[str | None, Field(max_length=24, description="Unit of the quantity, as written.")] = None
    part_number: Annotated[Short | None, Field(description="The customer's or a maker's number, as written.")] = None
    revision: Annotated[str | None, Field(max_length=24, description="Revision of the drawing or part.")] = None
    material: Annotated[Short | None, Field(description="Material or grade, as written.")] = None
    standards: Annotated[
        tuple[Short, ...], Field(max_length=12, description="Standards that the item has to meet, as written.")
    ] = ()
    lines: Lines = ()


class RouteShare(_Strict):
    """Another route that was considered."""

    route: Annotated[str, Field(description="A slug of ai.routes.")]
    share: Annotated[float, Field(ge=0, le=1, description="How likely it is the right one.")]


class Money(_Strict):
    """An amount of money."""

    amount: Annotated[Amount, Field(description="How much.")]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 4217 code.")]


class Evidence(_Strict):
    """Why a field has its value: words of the text (or a term that matched) and their weight."""

    field: Annotated[str, Field(max_length=40, description="The field that it speaks for.")]
    text: Annotated[str, Field(max_length=120, description="Words of the customer's text.")]
    weight: Annotated[float | None, Field(description="How much it counted; rules only.")] = None


class Cite(_Strict):
    """Where a fact that is none of an item stands."""

    field: Annotated[str, Field(max_length=40, description="The field, such as due_date.")]
    lines: Lines = ()


class FactVerdict(StrEnum):
    """What the text says of a fact."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"  # the text neither states nor excludes it: kept, and marked
    CONTRADICTED = "contradicted"  # not shown as a fact; the run keeps what the model said


class Check(_Strict):
    """The verdict on one fact, why where it is not borne out, and the lines that it was looked for in."""

    verdict: Annotated[
        FactVerdict,
        Field(description="contradicted: the text says otherwise, and the value is left out here."),
    ]
    why: Annotated[str | None, Field(description="Why it is not verified, as a code, or how it came here.")] = None
    count: Annotated[int | None, Field(description="Of line_items: how many have not been read.")] = None
    lines: Lines = ()


def incomplete(count: int) -> Check:
    """The mark of a list of which so many items have not been read."""
    return Check(verdict=FactVerdict.UNVERIFIED, why="incomplete", count=count)


class Answer(_Strict):
    summary: Annotated[str, Field(min_length=1, max_length=600, description="One paragraph.")]
    language: Annotated[str | None, Field(pattern="^[a-z]{2,3}$", description="ISO 639 code of the message's.")] = None
    intent: Annotated[Intent, Field(description="What the message is.")] = "rfq"
    route: Annotated[str, Field(description="A slug of ai.routes.")]
    route_alternatives: Annotated[
        tuple[RouteShare, ...], Field(max_length=2, description="Which other routes were considered, likeliest first.")
    ] = ()
    confidence: Annotated[float, Field(ge=0, le=1, description="Of the route.")]
    tags: Annotated[
        tuple[Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,39}$")], ...],
        Field(max_length=8, description="Slugs."),
    ] = ()
    urgency: Annotated[Urgency, Field(description="How urgent the customer says it is.")] = "normal"
    line_items: Annotated[
        tuple[LineItem, ...], Field(max_length=1_000, description="The things asked for, in the text's order.")
    ] = ()
    due_date: Annotated[
        dt.date | None, Field(description="Delivery or completion, stated in full; of a span the end.")
    ] = None
    due_date_derived: Annotated[
        dt.date | None,
        Field(description="The same, where it follows from the day of receipt, as of 'in six weeks'."),
    ] = None
    due_date_text: Annotated[Short | None, Field(description="The customer's words for it.")] = None
    quote_deadline: Annotated[dt.date | None, Field(description="By when the offer is wanted.")] = None
    delivery_place: Annotated[Short | None, Field(description="Where to deliver, as written.")] = None
    incoterm: Annotated[Incoterm | None, Field(description="The rule of Incoterms.")] = None
    budget: Annotated[Money | None, Field(description="What the customer wants to spend.")] = None
    certificates: Annotated[
        tuple[Short, ...], Field(max_length=12, description="Certificates and reports asked for, as written.")
    ] = ()
    missing: Annotated[tuple[Missing, ...], Field(description="What an offer needs and the RFQ does not say.")] = ()
    injection_suspected: Annotated[bool, Field(description="The text gives orders to a machine: look at it.")] = False
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=24, description="Why fields have their values.")] = ()
    cites: Annotated[
        tuple[Cite, ...], Field(max_length=24, description="Where facts stand that are none of an item.")
    ] = ()
    checks: Annotated[
        dict[str, Check], Field(description="The verdict on each fact, by its path, such as line_items[0].quantity.")
    ] = Field(default_factory=dict)


def extracted_of(output: Mapping[str, object]) -> dict[str, object]:
    """What `ai_extracted` holds of an answer's JSON."""
    return {
        "schema_version": SCHEMA_VERSION,
        **{name: value for name, value in output.items() if name not in COLUMNS},
    }
