"""JSON Schemas of data that applications read: `ai_extracted`, and the messages of webhooks.

The schema of `ai_extracted` is generated from its Python model. SQL builds a webhook message (`ai.claim_webhooks`), so
its model is in this module. Tests check stored and sent data against both schemas.
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
    "description": "Increases when a key is removed or changes its meaning. A release may add keys without that.",
}
_ATTACHMENTS = {
    "type": "array",
    "description": "The files that came with the RFQ, at most 50. Absent if no file came.",
    "items": {"$ref": "#/$defs/Attachment"},
}
_ATTACHMENT = {
    "type": "object",
    "description": "A file that came with the RFQ.",
    "additionalProperties": False,
    "required": ["name", "state"],
    "properties": {
        "name": {"type": "string", "description": "The name that the sender gave the file."},
        "kind": {"type": "string", "description": "The kind of the file by its content, such as pdf."},
        "pages": {"type": "integer", "description": "The number of pages or sheets."},
        "lines": {"type": "integer", "description": "The number of lines of the file in the text that was read."},
        "first_line": {"type": "integer", "description": "The number of the line that names the file, to cite."},
        "places": {
            "type": "array",
            "description": "Places of lines in the file: first number, page, line on the page, number of lines.",
            "items": {"type": "array", "items": {"type": "integer"}, "minItems": 4, "maxItems": 4},
        },
        "left_out": {"type": "integer", "description": "The number of lines without room beside other files."},
        "pictures": {
            "type": "array",
            "description": "The pages that the model was shown as pictures.",
            "items": {"type": "integer"},
        },
        "unread_pictures": {
            "type": "integer",
            "description": "The number of pages without text that the model was not shown.",
        },
        "cut": {"const": True, "description": "The file has more content than was read."},
        "state": {"enum": ["read", "unread", "failed"], "description": "Whether the file was read."},
        "reason": {"type": "string", "description": "Why the file was not read, as a code."},
    },
}
_CONFIDENCE_RAW = {
    "type": "number",
    "description": "The model's own confidence in the route. The column ai_confidence has the calibrated confidence.",
}


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Annotated[int, Field(description="As in X-Rfqflow-Webhook-Id. Equal in a repetition.")]
    happened_at: Annotated[dt.datetime, Field(description="When rfqflow recorded the event, in UTC.")]


class RfqEnded(_Message):
    """An RFQ has finished. If the RFQ no longer exists when the message is sent, the message has only rfq_id."""

    kind: Annotated[Literal["done", "failed"], Field(description="How the RFQ finished.")]
    rfq_id: Annotated[UUID, Field(description="As in ai.rfq_status. For a numeric key: its digits.")]
    request_id: Annotated[str | None, Field(description="The application's own id of the RFQ.")] = None
    status: Annotated[
        Literal["pending", "deferred", "done", "skipped", "failed"] | None,
        Field(description="ai_status when the message is sent."),
    ] = None
    reason: Annotated[str | None, Field(description="ai_reason, as a code.")] = None
    review: Annotated[str | None, Field(description="Why a person must review the RFQ, as a code.")] = None
    route: Annotated[str | None, Field(description="The effective route: an override takes precedence.")] = None
    route_source: Annotated[
        Literal["ai", "override"] | None, Field(description="Who set the route: the answer or an override.")
    ] = None
    urgency: Annotated[Urgency | None, Field(description="ai_urgency.")] = None
    confidence: Annotated[float | None, Field(ge=0, le=1, description="ai_confidence.")] = None


class FleetChanged(_Message):
    """A breaker or a budget has changed, or an operator tests the webhook.

    If the event no longer exists, the message has only kind.
    """

    kind: Annotated[Literal["breaker", "budget", "test"], Field(description="What has changed. For test: nothing.")]
    event: Annotated[
        Literal[
            "breaker_opened", "breaker_half_opened", "breaker_closed", "budget_refused", "budget_overrun",
            "budget_corrected",
        ] | None,
        Field(description="ai.events.kind."),
    ] = None  # fmt: skip
    provider: Annotated[str | None, Field(description="The provider.")] = None
    model: Annotated[str | None, Field(description="The model. * means all models of the provider.")] = None
    scope: Annotated[str | None, Field(description="The budget.")] = None
    reason: Annotated[str | None, Field(description="The reason, as a code.")] = None
    amount_usd: Annotated[float | None, Field(description="The amount in US dollars.")] = None
    until: Annotated[dt.datetime | None, Field(description="The time until which the change lasts, in UTC.")] = None


def ai_extracted() -> dict[str, Any]:
    """The schema of the column `ai_extracted`, in the application's table or in `ai.enrichment`."""
    whole = Answer.model_json_schema(mode="serialization")
    fields = {name: each for name, each in whole["properties"].items() if name not in COLUMNS}
    return {
        "$schema": _DIALECT,
        "$id": f"urn:rfqflow:ai-extracted:{SCHEMA_VERSION}",
        "title": "ai_extracted",
        "description": "What rfqflow has read in a request for quotation. An absent key has its default, or no value. "
        "Summary, route, tags, urgency and confidence have their own columns.",
        "type": "object",
        "additionalProperties": False,
        "required": ["schema_version"],
        "properties": _tidied(
            {"schema_version": _VERSION, **fields, "confidence_raw": _CONFIDENCE_RAW, "attachments": _ATTACHMENTS}
        ),
        "$defs": {**_tidied(whole["$defs"]), "Attachment": _ATTACHMENT},
    }


def webhook() -> dict[str, Any]:
    """The schema of a webhook message in the format `json`."""
    kinds = (RfqEnded, FleetChanged)
    return {
        "$schema": _DIALECT,
        "$id": "urn:rfqflow:webhook:1",
        "title": "webhook",
        "description": "What rfqflow sends to a webhook of format json. It contains no text or address of a customer.",
        "oneOf": [{"$ref": f"#/$defs/{kind.__name__}"} for kind in kinds],
        "$defs": {kind.__name__: kind.model_json_schema(mode="serialization") for kind in kinds},
    }


PUBLISHED: Mapping[str, Callable[[], dict[str, Any]]] = {"ai-extracted": ai_extracted, "webhook": webhook}


def _tidied(value: Any) -> Any:
    """The schema without titles that repeat the name, and without null, since a default value is not written."""
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
