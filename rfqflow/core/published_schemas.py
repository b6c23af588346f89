"""JSON Schemas of data that applications read: `ai_extracted`, and the message of a webhook.

The schema of `ai_extracted` is generated from its Python model. SQL builds a message (`ai.claim_webhooks`), so its
model is here. Tests check stored and sent data against both.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from rfqflow.core.answer import COLUMNS, SCHEMA_VERSION, Answer, Urgency

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VERSION = {
    "type": "integer",
    "const": SCHEMA_VERSION,
    "description": "Counts up when a key goes, or means something else. A release may add keys without that.",
}
_ATTACHMENTS = {
    "type": "array",
    "description": "The files that came with the RFQ, at most 50. Absent where none came.",
    "items": {"$ref": "#/$defs/Attachment"},
}
_ATTACHMENT = {
    "type": "object",
    "description": "A file that came with the RFQ.",
    "additionalProperties": False,
    "required": ["name", "state"],
    "properties": {
        "name": {"type": "string", "description": "As the sender named it."},
        "kind": {"type": "string", "description": "What it is by its content, such as pdf."},
        "pages": {"type": "integer", "description": "Its pages or sheets."},
        "lines": {"type": "integer", "description": "How many of its lines are in the text that was read."},
        "first_line": {"type": "integer", "description": "The number of its head among the lines that facts cite."},
        "places": {
            "type": "array",
            "description": "Where lines stand: number of the first, page, line on that page, how many follow.",
            "items": {"type": "array", "items": {"type": "integer"}, "minItems": 4, "maxItems": 4},
        },
        "left_out": {"type": "integer", "description": "Lines that did not fit beside those of other files."},
        "pictures": {
            "type": "array",
            "description": "Pages that the model was shown as pictures.",
            "items": {"type": "integer"},
        },
        "unread_pictures": {
            "type": "integer",
            "description": "Number of pages without text that the model was not shown.",
        },
        "cut": {"const": True, "description": "The file has more than was read of it."},
        "state": {"enum": ["read", "unread", "failed"], "description": "Whether it was read."},
        "reason": {"type": "string", "description": "Why it was not read: a code."},
    },
}
_CONFIDENCE_RAW = {
    "type": "number",
    "description": "What the model said of the route; the column ai_confidence has it as calibrated.",
}


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Annotated[int, Field(description="Of this message: X-Rfqflow-Webhook-Id. One that comes again is a repeat.")]
    happened_at: Annotated[dt.datetime, Field(description="When it was noted, in UTC.")]


class RfqEnded(_Message):
    """An RFQ is finished. If it no longer exists at the time of sending, the message holds only rfq_id."""

    kind: Annotated[Literal["done", "failed"], Field(description="How it ended.")]
    rfq_id: Annotated[UUID, Field(description="As in ai.rfq_status; of a table with a number for a key its digits.")]
    request_id: Annotated[str | None, Field(description="The application's own id.")] = None
    status: Annotated[
        Literal["pending", "deferred", "done", "skipped", "failed"] | None,
        Field(description="ai_status at the time of sending."),
    ] = None
    reason: Annotated[str | None, Field(description="ai_reason: a code.")] = None
    review: Annotated[str | None, Field(description="Why a person must look: a code.")] = None
    route: Annotated[str | None, Field(description="The effective route: an override takes precedence.")] = None
    route_source: Annotated[
        Literal["ai", "override"] | None, Field(description="Who set the route: the answer or an override.")
    ] = None
    urgency: Annotated[Urgency | None, Field(description="ai_urgency.")] = None
    confidence: Annotated[float | None, Field(ge=0, le=1, description="ai_confidence.")] = None


class FleetChanged(_Message):
    """A breaker or a budget has changed, or an operator tests the webhook. Without its event, it holds only kind."""

    kind: Annotated[Literal["breaker", "budget", "test"], Field(description="What has changed; test: nothing.")]
    event: Annotated[
        Literal[
            "breaker_opened", "breaker_half_opened", "breaker_closed", "budget_refused", "budget_overrun",
            "budget_corrected",
        ] | None,
        Field(description="ai.events.kind."),
    ] = None  # fmt: skip
    provider: Annotated[str | None, Field(description="Of which provider.")] = None
    model: Annotated[str | None, Field(description="Of which model; * is the whole provider.")] = None
    scope: Annotated[str | None, Field(description="Which budget.")] = None
    reason: Annotated[str | None, Field(description="Why: a code.")] = None
    amount_usd: Annotated[float | None, Field(description="How much.")] = None
    until: Annotated[dt.datetime | None, Field(description="Until when, in UTC.")] = None


def ai_extracted() -> dict[str, Any]:
    """What the column `ai_extracted` holds, of the application's table or of `ai.enrichment`."""
    whole = Answer.model_json_schema(mode="serialization")
    fields = {name: each for name, each in whole["properties"].items() if name not in COLUMNS}
    return {
        "$schema": _DIALECT,
        "$id": f"urn:rfqflow:ai-extracted:{SCHEMA_VERSION}",
        "title": "ai_extracted",
        "description": "What rfqflow read in a request for quotation. A key that is absent has its default, or no "
        "value. Summary, route, tags, urgency and confidence have columns of their own.",
        "type": "object",
        "additionalProperties": False,
        "required": ["schema_version"],
        "properties": _tidied(
            {"schema_version": _VERSION, **fields, "confidence_raw": _CONFIDENCE_RAW, "attachments": _ATTACHMENTS}
        ),
        "$defs": {**_tidied(whole["$defs"]), "Attachment": _ATTACHMENT},
    }


def webhook() -> dict[str, Any]:
    """The body of a message in the format `json`."""
    kinds = (RfqEnded, FleetChanged)
    return {
        "$schema": _DIALECT,
        "$id": "urn:rfqflow:webhook:1",
        "title": "webhook",
        "description": "What rfqflow sends to a webhook of the format json. It holds no text and no address of a "
        "customer.",
        "oneOf": [{"$ref": f"#/$defs/{kind.__name__}"} for kind in kinds],
        "$defs": {kind.__name__: kind.model_json_schema(mode="serialization") for kind in kinds},
    }


PUBLISHED: Mapping[str, Callable[[], dict[str, Any]]] = {"ai-extracted": ai_extracted, "webhook": webhook}


def _tidied(value: Any) -> Any:
    """Without titles that repeat the name, and without null: what has its default is not written."""
    if isinstance(value, list):
        return [_tidied(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {
        name: _tidied(each)
        for name, each in value.items()
        if not ((name == "default" and each is None) or (name == "title" and isinstance(each, str)))
    }
    some = [each for each in kept.get("anyOf", ()) if each != {"type": "null"}]
    if len(some) == 1 and len(some) < len(kept["anyOf"]):
        del kept["anyOf"]
        return {**some[0], **kept}
    return kept
