"""All labelled RFQs. Every second RFQ of a kind is held out: no developer looks at it while readers and rules are tuned."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from tests.corpus.attached import drawings, mails, sheets
from tests.corpus.attached.model import AttachedRfq


def all_cases() -> tuple[AttachedRfq, ...]:
    """All cases, in the order of their kinds."""
    kinds: Counter[str] = Counter()
    made = []
    for group in (
        drawings.drawings, drawings.specifications, drawings.tables, drawings.scans, sheets.small, sheets.sixty,
        sheets.many, sheets.several, mails.documents, mails.mails, mails.pages, mails.disagreeing,
    ):  # fmt: skip
        for case in group():
            kinds[case.kind] += 1
            made.append(replace(case, held_out=kinds[case.kind] % 2 == 0))
    return tuple(made)
