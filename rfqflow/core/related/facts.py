"""The facts by which RFQs are compared, and the keys by which the database finds RFQs that may belong together."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rfqflow.core.related.items import Item, code, items_of
from rfqflow.core.text.sanitize import fold
from rfqflow.core.text.word_lists import word_lists

ITEM_KEYS = 40
_IDS = 25
_REFERENCES = 8
_LIST_LEAST = 3  # items
_ID_MOST = 1000  # characters
_READ_MOST = 4000
_HEADER = ("due_date", "due_date_derived", "quote_deadline", "delivery_place", "incoterm")
_PUBLIC = word_lists("mail_providers")["public"].split()
_PUBLIC_NAMES = {one for one in _PUBLIC if not one.endswith(".")}
_PUBLIC_STARTS = {one for one in _PUBLIC if one.endswith(".")}
_REFERENCE = re.compile(
    r"\b(?:(?P<ref>ref|referenz|reference|referencia|referencja|riferimento|rif|vorgang|znak)|rfq|anfrage|angebot|offer|"
    r"quote|quotation|inquiry|enquiry|devis|demande|oferta|cotizacion|richiesta|offerta|preventivo|aanvraag|offerte|"
    r"zapytanie|oferty|poptavka|nabidka|forfragan|offert|teklif|talep|запрос|заявка|询价单?|報價|見積)"
    r"(?:[ -]?(?P<no>no|nr|number|nummer|num|numero|id|č|号|#|n[°º]))?[.:#°º\s-]{0,4}"
    r"(?P<number>[a-z]{0,8}[-/]?\d[\w/-]{2,24})",
)
_BARE = re.compile(r"\d+(?:x\d+)*[a-z]{0,3}")  # after a word such as `quote`, this is probably a quantity or a size
_DATE = re.compile(r"(?:\d{1,2}|(?:19|20)\d\d)[/-]\d{1,2}(?:[/-](?:\d\d|(?:19|20)\d\d))?")
_DIGITS_LEAST = 3
_LEAST = 4


@dataclass(frozen=True, slots=True)
class Related:
    """The facts of one RFQ that are compared."""

    company: str
    message_id: str
    named_ids: frozenset[str]
    items: tuple[Item, ...]
    header: Mapping[str, str]
    language: str
    references: tuple[str, ...] = ()

    def names(self, other: Related) -> bool:
        """Whether this RFQ's mail is a direct or indirect reply to the other RFQ's mail."""
        return bool(other.message_id) and other.message_id in self.named_ids

    def keys(self) -> list[str]:
        """The keys that the database hashes and looks up. Each begins with its kind (`ai.related_keys`)."""
        found = [f"m:{one}" for one in sorted({self.message_id, *self.named_ids} - {""})]
        identities = {item.identity for item in self.items} - {""}
        # Take only some items of a long list: those with the smallest hashes, so that two equal lists give the same
        # items.
        some = sorted(identities, key=lambda one: hashlib.sha256(one.encode("utf-8", "replace")).digest())[:ITEM_KEYS]
        found += [f"i:{one}" for one in some]
        if len(identities) >= _LIST_LEAST:
            found.append(f"l:{hashlib.sha256(json.dumps(sorted(identities)).encode()).hexdigest()}")
        if self.company:
            found.append(f"c:{self.company}")
            found += [f"n:{self.company}:{one}" for one in self.references]
            found += [f"o:{self.company}:{one}" for one in some]
        return found

    def digest(self) -> str:
        """A hash of all facts that are compared."""
        items = [[item.name, *_values(item)] for item in self.items]
        whole = [self.keys(), dict(self.header), self.language, items]
        return hashlib.sha256(json.dumps(whole, default=str).encode("utf-8", "replace")).hexdigest()


ITEM_FIELDS = ("quantity", "quantity_max", "unit", "material", "revision")


def _values(item: Item) -> list[Any]:
    return [item.values.get(name) for name in ITEM_FIELDS]


def related_facts(facts: Mapping[str, Any]) -> Related:
    """Reads the result of `ai.related_facts`. Check all values: other roles may have written metadata and answer."""
    metadata, answer = _mapping(facts.get("metadata")), _mapping(facts.get("answer"))
    items = items_of(answer.get("line_items"))
    own = {item.part for item in items} | {code(one) for item in items for one in item.figures}
    header = {name: text for name in _HEADER if (text := _text(answer.get(name)))}
    listed = metadata.get("references")
    named = [metadata.get("in_reply_to"), *(listed if isinstance(listed, list) else [])][: _IDS - 1]
    return Related(
        company_of(_text(facts.get("email"))),
        _text(metadata.get("message_id"))[:_ID_MOST],
        frozenset(text[:_ID_MOST] for one in named if (text := _text(one))),
        items, header, _text(answer.get("language")),
        tuple(_references(facts, metadata, own)),
    )  # fmt: skip


def company_of(email: str) -> str:
    """The domain of an address, or the whole address if the domain is a public mail provider.

    Empty if it is not an address.
    """
    local, _, domain = email.strip().lower().rpartition("@")
    if not local or "." not in domain:
        return ""
    is_public = domain in _PUBLIC_NAMES or f"{domain.partition('.')[0]}." in _PUBLIC_STARTS
    return f"{local}@{domain}" if is_public else domain


def _references(facts: Mapping[str, Any], metadata: Mapping[str, Any], own: set[str]) -> list[str]:
    """The reference numbers: the application's own, and numbers that the mail calls a reference."""
    text = f"{_text(metadata.get('subject'))}\n{_text(facts.get('message'))[:_READ_MOST]}"
    named = [
        found["number"] for found in _REFERENCE.finditer(fold(text))
        if found["ref"] or found["no"] or not _BARE.fullmatch(found["number"])
    ]  # fmt: skip
    given = [fold(_text(one)) for one in (metadata.get("reference"), facts.get("request_id"))]
    # For a mail with `RFQ-2026-17`, the number is `2026-17`.
    given = [found["number"] if (found := _REFERENCE.fullmatch(one)) else one for one in given]
    return list(dict.fromkeys(_numbers([*given, *named], own)))[:_REFERENCES]


def _numbers(texts: Iterable[str], own: set[str]) -> Iterable[str]:
    for text in texts:
        number = code(text)
        if len(number) < _LEAST or sum(map(str.isdigit, number)) < _DIGITS_LEAST or _DATE.fullmatch(text.strip()):
            continue
        if number not in own and not re.fullmatch(r"(?:19|20)\d\d", number):  # skip part numbers and years
            yield number


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
