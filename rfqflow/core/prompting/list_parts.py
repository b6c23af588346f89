"""The prompt of a call about one part of a long list: the usual prompt, and the lines from which to take items."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rfqflow.core.lists.parts import ListPart
from rfqflow.core.prompting.answer_schema import items_alone
from rfqflow.core.prompting.prompt import Prompt, canonical
from rfqflow.core.records import Rfq
from rfqflow.core.text.reading import Line

_FIRST = """

This message lists more than one answer can hold. Take `line_items` from lines {first} to {last} alone: the lines behind
them are asked about later. Fill in all other fields from the whole message.
"""
_FURTHER = """

This is a part of a longer message, which is read part by part. This answer has one field, `line_items`: the items of
lines {first} to {last}, each of them. The other lines are shown for what they say about these.
"""


def of_first(prompt: Prompt, part: ListPart) -> Prompt:
    """The prompt of the call about the first part, which also answers all other fields."""
    return replace(prompt, template=prompt.template + _FIRST.format(first=part.first, last=part.last))


def of_further(prompt: Prompt, part: ListPart) -> Prompt:
    """The prompt of a call for items only. It has the same system part, so that the provider's cache can be used."""
    schema: Mapping[str, Any] = items_alone(prompt.schema)
    return replace(
        prompt,
        template=prompt.template + _FURTHER.format(first=part.first, last=part.last),
        schema=schema,
        fixed_bytes=prompt.fixed_bytes - len(canonical(prompt.schema)) + len(canonical(schema)),
    )


def with_lines(rfq: Rfq, lines: Sequence[Line]) -> Rfq:
    """The RFQ with only these lines, one per row, for masking before the lines get their numbers."""
    return replace(rfq, message="\n".join(line.text for line in lines), is_readable=True)


def numbered_as(rfq: Rfq, lines: Sequence[Line]) -> Rfq:
    """The rows of `with_lines` with the line numbers that they have in the whole message."""
    rows = [""] * (lines[-1].number if lines else 0)
    for line, row in zip(lines, rfq.message.split("\n"), strict=False):
        rows[line.number - 1] = row
    return replace(rfq, message="\n".join(rows), is_readable=True)
