"""Evaluation cases: labelled RFQs, their identity, and samples of RFQs to label. Pure."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from rfqflow.core import screening
from rfqflow.core.evaluation.label_checks import CaseError, check_labels
from rfqflow.core.evaluation.statistics import RandomSource
from rfqflow.core.prompting import masking
from rfqflow.core.prompting.prompt import canonical
from rfqflow.core.records import Rfq

_NOBODY = UUID(int=0)
_NO_LETTERS = re.compile(r"[\W\d_]+")
_CONTACT = ("name", "email", "phone", "source_ip")
PROVENANCES = ("file", "sample", "override", "correction")
MASKED = "(masked)"  # replaces contact data, so that the case shows only that the data was given
_ID_BYTES = 500  # much less than the limit of an index entry
_NAMED = 80
MESSAGE_MOST = 400_000


@dataclass(frozen=True, slots=True)
class Case:
    """A case. `labels`: values that a person has confirmed. Fields without a label are not scored."""

    case_id: str
    message: str
    labels: Mapping[str, Any]
    company: str | None = None
    contact: Mapping[str, Any] = field(default_factory=dict)
    family: str = ""
    provenance: str = "file"
    rfq_id: str | None = None
    override_id: int | None = None

    @property
    def rfq(self) -> Rfq:
        """The case as an RFQ."""
        known = self.contact.get
        return Rfq(
            _NOBODY, self.case_id, self.message, company=self.company, name=known("name"), email=known("email"),
            phone=known("phone"), source_ip=known("source_ip"),
        )  # fmt: skip

    @property
    def sha256(self) -> bytes:
        """The hash of the text that a model sees.

        It does not depend on the labels, so a new label needs no new call.
        """
        shown = {
            "message": self.message,
            "company": self.company,
            "given": sorted(k for k, v in self.contact.items() if v),
        }
        return hashlib.sha256(canonical(shown)).digest()

    @property
    def json(self) -> dict[str, Any]:
        """The case as a line of a file of cases."""
        more = {"rfq_id": self.rfq_id, "override_id": self.override_id}
        return {
            "id": self.case_id, **{key: self.contact.get(key) for key in _CONTACT}, "company": self.company,
            "message": self.message, "labels": dict(self.labels), "family": self.family, "provenance": self.provenance,
            **{key: value for key, value in more.items() if value is not None},
        }  # fmt: skip


def parse(line: Mapping[str, Any]) -> Case | None:
    """The case in a line of a file. None if it has no labels yet.

    Raises:
        CaseError: the line is not a valid case. The error names the field.
    """
    case_id, message, labels = line.get("id"), line.get("message"), line.get("labels")
    if not isinstance(case_id, str) or not case_id:
        raise CaseError("id", "lacks an id")
    if not isinstance(message, str) or not message:
        raise CaseError("message", f"{case_id[:_NAMED]} lacks a message")
    if labels is None:
        return None
    try:
        return _parsed(line, case_id, message, labels)
    except CaseError as error:
        raise CaseError(error.field, f"{case_id[:_NAMED]}: {error}") from None


def _parsed(line: Mapping[str, Any], case_id: str, message: str, labels: object) -> Case:
    provenance = line.get("provenance") or "file"
    if type(labels) is not dict:
        raise CaseError("labels", "labels must be an object, or null while there are none")
    if provenance not in PROVENANCES:
        raise CaseError("provenance", f"provenance must be one of {', '.join(PROVENANCES)}")
    if len(case_id.encode("utf-8", "replace")) > _ID_BYTES:
        raise CaseError("id", f"an id has at most {_ID_BYTES} bytes")
    if len(message) > MESSAGE_MOST:
        raise CaseError("message", f"a message has at most {MESSAGE_MOST:,} characters")
    for name in ("company", *_CONTACT):
        if not isinstance(line.get(name) or "", str):
            raise CaseError(name, f"{name} must be a text")
    if unstorable := _unstorable(line):
        raise CaseError(
            unstorable, f"{unstorable} holds a value that no database stores: U+0000, half a character, or NaN"
        )
    check_labels(labels)
    rfq_id, override_id = line.get("rfq_id"), line.get("override_id")
    if rfq_id is not None and not _is_uuid(rfq_id):
        raise CaseError("rfq_id", "rfq_id must be a UUID")
    return Case(
        case_id=case_id, message=message, labels=labels, company=line.get("company"),
        contact={key: line[key] for key in _CONTACT if line.get(key)},
        family=str(line.get("family") or family(message)), provenance=provenance, rfq_id=rfq_id,
        # In a file from another installation, the number may belong to another override of this one, which then could
        # not become a case.
        override_id=override_id if case_id == f"override-{override_id}" and type(override_id) is int else None,
    )  # fmt: skip


def _unstorable(line: Mapping[str, Any]) -> str | None:
    """The name of the first field with a text that PostgreSQL cannot store."""
    for name in ("id", "message", "company", *_CONTACT, "family", "labels"):
        try:
            text = json.dumps(line.get(name), ensure_ascii=False, allow_nan=False)
            text.encode()
        except ValueError:
            return name
        if "\\u0000" in text.replace("\\\\", ""):
            return name
    return None


def _is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False


def masked(case_id: str, rfq: Rfq, labels: Mapping[str, Any], provenance: str, override_id: int | None = None) -> Case:
    """A case without personal data: contact fields are removed, and contact data in texts is masked."""
    clean, _ = masking.mask_rfq(rfq)
    contact = {key: MASKED for key in ("name", "email", "phone") if getattr(rfq, key)}
    return Case(
        case_id, clean.message, labels, clean.company, contact, family(clean.message), provenance, str(rfq.rfq_id),
        override_id,
    )  # fmt: skip


def without_contact(case: Case) -> Case:
    """The case in the form of `masked`. A case that is masked already does not change."""
    company = None if case.company is None else masking.mask_once(case.company)
    contact = {key: MASKED for key, value in case.contact.items() if value}
    return replace(case, message=masking.mask_once(case.message), company=company, contact=contact)


def family(message: str) -> str:
    """A key that is the same for texts that differ only in case, spaces, signs and numbers."""
    words = _NO_LETTERS.sub(" ", message).strip()
    return screening.fingerprint(words or message).hex()[:16]


def gate(rfq: Rfq) -> str | None:
    """Why the gates would skip the text, with the shipped limits. None: they would pass it."""
    if screening.too_short(rfq.reading.text):
        return "too_short"
    if screening.spam(rfq).score >= screening.SKIP_AT:
        return "spam"
    return "gibberish" if screening.gibberish(rfq.reading.text) else None


def stratified(strata: Mapping[Hashable, Sequence[str]], number: int, chance: RandomSource) -> list[str]:
    """Draws from each stratum in turn until `number` ids are drawn, so that rare strata are represented."""
    left: dict[Hashable, list[str]] = defaultdict(list)
    for key in sorted(strata, key=repr):
        left[key] = chance.sample(list(strata[key]), len(strata[key]))
    drawn: list[str] = []
    while len(drawn) < number and left:
        turn = list(left)
        chance.shuffle(turn)  # otherwise a small sample would never contain the last strata
        for key in turn[: number - len(drawn)]:
            drawn.append(left[key].pop())
            if not left[key]:
                del left[key]
    return drawn
