"""The records that pass through the doors: frozen, without behaviour, the same names as in SQL."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from rfqflow.core.answer import Answer
from rfqflow.core.attached import FileText
from rfqflow.core.cached import cached
from rfqflow.core.errors import Stage, Usage
from rfqflow.core.lists import ListPart, Table, tables
from rfqflow.core.text.reading import Reading

_NUMBER = 8  # characters: that of a line, the sign behind it, a line feed


@dataclass(frozen=True, slots=True)
class Route:
    """A row of `ai.routes`; exactly one active row is the fallback."""

    slug: str
    description: str
    keywords: tuple[str, ...] = ()
    fallback: bool = False


@dataclass(frozen=True)
class Rfq:
    """What a customer sent. All of it is data and never an instruction.

    `message` is as it came; people, prompts, gates, rules and checks see `reading`, which is made once.
    """

    rfq_id: UUID
    request_id: str
    message: str
    name: str | None = None
    email: str | None = None
    company: str | None = None
    phone: str | None = None
    source_ip: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)
    received: dt.date | None = None  # the day it came in
    is_readable: bool = False  # the message is the numbered lines of another with its files, masked
    files: tuple[FileText, ...] = ()  # that came with it, once they have been read

    @cached
    def reading(self) -> Reading:
        """The readable text of the message."""
        if self.is_readable:
            return Reading.of_readable(self.message)
        reading = Reading.of(self.message)
        if not self.files:
            return reading
        return reading.with_files(
            [row for file in self.files for row in file.rows],
            hidden="".join(file.hidden for file in self.files),
            conceals=any(file.conceals for file in self.files),
        )

    @property
    def file_characters(self) -> int:
        """Of the files' lines, with the numbers before them."""
        return sum(len(row) + _NUMBER for file in self.files for row in file.rows)

    @property
    def first_file_line(self) -> int:
        """The number of the first line that is of no message."""
        return len(self.reading.lines) - self.reading.file_rows + 1

    @property
    def characters(self) -> int:
        """How much there is to read, about."""
        return len(self.message) + self.file_characters

    @cached
    def tables(self) -> tuple[Table, ...]:
        """The lists of the message that rules can read."""
        return tables(self.reading.lines)


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A reference document that went into a prompt, and how well it fitted."""

    id: int
    score: float


@dataclass(frozen=True, slots=True)
class Signal:
    """Why a message looks like none of a customer's: a word of ours, never the customer's."""

    signal: str
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """A usable answer and what it cost to get."""

    answer: Answer
    provider: str
    model: str
    prompt_version: str
    prompt_sha256: bytes
    usage: Usage = Usage()
    cost_usd: Decimal | None = None  # None: unknown, which is not zero
    cost_source: str = "unknown"  # table | genai-prices | assumed | free | unknown
    provider_request_id: str | None = None
    finish_reason: str | None = None
    bill_unknown: bool = False  # a call of the attempt was billed nobody knows how much: `usage` is a part of it
    confidence_raw: float | None = None  # what the model said, where `answer` holds what that is worth
    refused: tuple[Stage, ...] = ()  # of each earlier reply of the attempt that was no answer: by which check
    reasks: int = 0  # calls of the attempt that told the model what was wrong
    parameters: Mapping[str, object] = field(default_factory=dict)  # that its last call was made with
    taken_out: Mapping[str, str] = field(default_factory=dict)  # what the text contradicts, by fact, as it was said
    is_part: bool = False  # of a long list: another one is asked about


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """One file that came with an RFQ, as its table has it; names are the sender's, and bounded."""

    attachment_id: str
    name: str | None
    content_type: str | None
    octets: int | None  # None: it has no content, but `uri`
    uri: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A row of the queue that is ours until its lease ends; `rfq` is None where the RFQ has been deleted."""

    outbox_id: int
    claim_id: int
    rfq_id: UUID
    attempt: int
    forced: bool
    queue_ms: float
    rfq: Rfq | None
    content_sha256: bytes | None
    prompt_version: str = ""  # in force when it was claimed
    age_ms: float | None = None  # since its RFQ was inserted; None where that says nothing of us
    out_of_turn: bool = False  # taken from the newest, so that a flood does not keep everybody waiting
    is_new: bool = False  # inserted just now and never claimed before: there is no run of it yet
    is_cut: bool = False  # the message is head and tail of a long one
    unreadable: str | None = None  # what it could not be read for, an SQLSTATE or a class; then `rfq` is None
    is_attached: bool = False  # files came with it, in its transaction or later
    late_ms: float | None = None  # since the last one that came later

    @property
    def is_in_bulk(self) -> bool:
        """Whether nobody waits: older than the installation, or brought back with others, and not failed yet."""
        return self.age_ms is None and self.attempt == 1 and not self.forced


@dataclass(slots=True)
class ClaimMetrics:
    """What metrics tell of a claim besides what is recorded; filled in on its way."""

    claimed_at: float  # by the monotonic clock of its process
    age_ms: float | None = None  # as `Claim.age_ms`
    spam_score: int | None = None
    limit_wait_seconds: float | None = None  # for a limit of the fleet that was full; None: it met none
    estimate_ratio: float | None = None  # what the call cost, by what was held for it
    refused: tuple[Stage, ...] = ()
    reasks: int = 0
    checks: tuple[tuple[str, str], ...] = ()  # field, without its place in a list, and verdict


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer that was paid for and could not be written; it need not be bought again."""

    run_id: int
    content_sha256: bytes
    prompt_version: str
    prompt_sha256: bytes
    provider: str
    model: str
    output: str
    accepted: bool = False  # it was this RFQ's answer once; else its table refused it


@dataclass(frozen=True, slots=True)
class AnsweredPart:
    """What a model said of one part of a long list, as it is kept on its run until all parts are there."""

    part: ListPart
    answer: Answer  # unchecked
    provider: str
    model: str
    prompt_version: str
    prompt_sha256: bytes


@dataclass(frozen=True, slots=True)
class DuplicateOf:
    """The first RFQ with this text by this sender; `answer` is None while it is still worked on."""

    rfq_id: UUID
    answer: StoredAnswer | None = None


@dataclass(frozen=True, slots=True)
class GateFacts:
    """What the gates know about an RFQ besides itself."""

    accepted_sha256: bytes | None = None
    accepted_version: str | None = None
    paid: StoredAnswer | None = None
    last_model: str | None = None  # of the last attempt at this content, unless it succeeded
    last_error_class: str | None = None
    sender: str | None = None  # by what the guards know who sent it
    original: DuplicateOf | None = None  # None: it is no duplicate
    same_text_senders: int = 0  # others who sent this text today
    sender_over: bool = False  # has used up what one sender may have enriched
    ip_over: bool = False
    first_done: bool = False  # the cheap model of the cascade was asked about this text, and did not settle it
