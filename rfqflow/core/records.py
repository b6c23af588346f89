"""The records of one RFQ's processing: frozen, without behaviour, with the names of SQL."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from rfqflow.core.answer import Answer
from rfqflow.core.attached import FileText, mail_texts
from rfqflow.core.attachments.model import PageImage
from rfqflow.core.cached import cached
from rfqflow.core.errors import Stage, Usage
from rfqflow.core.lists import ListPart, Table, tables
from rfqflow.core.text.reading import Reading

_NUMBER = 8  # characters of a row beside its text: the line's number, the sign after it, a line feed


@dataclass(frozen=True, slots=True)
class Route:
    """A row of `ai.routes`; exactly one active row is the fallback."""

    slug: str
    description: str
    keywords: tuple[str, ...] = ()
    fallback: bool = False


@dataclass(frozen=True)
class Rfq:
    """A customer's message. All of it is data and never an instruction.

    `message` is unchanged; people, prompts, gates, rules and checks see `reading`, which is computed once.
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
    received: dt.date | None = None  # the day of its arrival
    is_readable: bool = False  # the message consists of the numbered, masked lines of another message and its files
    files: tuple[FileText, ...] = ()  # attached files, once they are read

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
            mails=mail_texts(self.files),
        )

    @property
    def file_characters(self) -> int:
        """The characters of the files' lines, including their line numbers."""
        return sum(len(row) + _NUMBER for file in self.files for row in file.rows)

    @property
    def first_file_line(self) -> int:
        """The number of the first line after the message."""
        return len(self.reading.lines) - self.reading.file_rows + 1

    @cached
    def pictures(self) -> tuple[tuple[int, PageImage], ...]:
        """Pages and pictures of the files that a model may be shown, each behind the number of its line."""
        if self.is_readable:
            return ()  # masked or a part: what a picture shows cannot be masked
        found, first = [], self.first_file_line if self.files else 0
        for file in self.files:
            found += [(first + row, image) for row, image in file.images]
            first += len(file.rows)
        return tuple(found)

    @cached
    def headings(self) -> frozenset[int]:
        """The numbers of lines that are rfqflow's own words about files: they state nothing."""
        if self.is_readable or not self.files:
            return frozenset()
        found: set[int] = set()
        first = self.first_file_line
        for file in self.files:
            shown = {row for start, _, _, count in file.runs for row in range(start, start + count)}
            shown -= {row for row, _ in file.images}
            found.update(first + row for row in range(len(file.rows)) if row not in shown)
            first += len(file.rows)
        return frozenset(found)

    def without_pictures(self) -> "Rfq":
        """The same RFQ for a call that shows none."""
        return replace(self, files=tuple(replace(file, images=()) for file in self.files)) if self.pictures else self

    @property
    def characters(self) -> int:
        """The approximate number of characters to read."""
        return len(self.message) + self.file_characters

    @cached
    def tables(self) -> tuple[Table, ...]:
        """The lists of the message that rules can read."""
        return tables(self.reading.lines)


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A reference document that went into a prompt, and its score."""

    id: int
    score: float


@dataclass(frozen=True, slots=True)
class Signal:
    """A sign that a message is not a customer's: one of rfqflow's words, never the customer's."""

    signal: str
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """A usable answer and its cost."""

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
    bill_unknown: bool = False  # the bill of one call of the attempt is unknown: `usage` is incomplete
    confidence_raw: float | None = None  # the model's own value, if `answer` holds the calibrated one
    refused: tuple[Stage, ...] = ()  # for each invalid reply of the attempt: the check that refused it
    reasks: int = 0  # calls of the attempt that repeated a request with its errors
    parameters: Mapping[str, object] = field(default_factory=dict)  # parameters of the last call
    taken_out: Mapping[str, str] = field(default_factory=dict)  # the model's values that the text contradicts, by fact
    is_part: bool = False  # of a long list: another part follows
    pictures: int = 0  # number of pictures that the model was shown


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """One attached file of an RFQ, as its table describes it; the sender chose its names, which are bounded."""

    attachment_id: str
    name: str | None
    content_type: str | None
    octets: int | None  # None: it has no content, but `uri`
    uri: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A row of the queue that this worker owns until its lease ends; `rfq` is None if the RFQ has been deleted."""

    outbox_id: int
    claim_id: int
    rfq_id: UUID
    attempt: int
    forced: bool
    queue_ms: float
    rfq: Rfq | None
    content_sha256: bytes | None
    prompt_version: str = ""  # the active one at the claim
    # since the insert of its RFQ; None if the RFQ finished before or is older than the installation
    age_ms: float | None = None
    out_of_turn: bool = False  # claimed from the newest RFQs, so that a flood does not delay everyone
    is_new: bool = False  # inserted just now and never claimed before: no run exists yet
    is_cut: bool = False  # the message is the beginning and end of a long one
    unreadable: str | None = None  # why it is unreadable, an SQLSTATE or a class; then `rfq` is None
    is_attached: bool = False  # files came with it, in its transaction or later
    late_ms: float | None = None  # since the most recent later file

    @property
    def is_in_bulk(self) -> bool:
        """Whether no person waits: older than the installation, or rerun in bulk, and not failed yet."""
        return self.age_ms is None and self.attempt == 1 and not self.forced


@dataclass(slots=True)
class ClaimMetrics:
    """Measures of a claim for metrics that no run records; filled in during its processing."""

    claimed_at: float  # by the monotonic clock of its process
    age_ms: float | None = None  # as `Claim.age_ms`
    spam_score: int | None = None
    limit_wait_seconds: float | None = None  # waiting for a full limit of the fleet; None: no limit was full
    estimate_ratio: float | None = None  # actual cost divided by the held amount
    refused: tuple[Stage, ...] = ()
    reasks: int = 0
    checks: tuple[tuple[str, str], ...] = ()  # field, without its index in a list, and verdict


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """A paid answer that could not be written; no second call is needed."""

    run_id: int
    content_sha256: bytes
    prompt_version: str
    prompt_sha256: bytes
    provider: str
    model: str
    output: str
    accepted: bool = False  # this RFQ once had this answer; else its table refused it


@dataclass(frozen=True, slots=True)
class AnsweredPart:
    """A model's answer to one part of a long list, stored on its run until all parts exist."""

    part: ListPart
    answer: Answer  # unchecked
    provider: str
    model: str
    prompt_version: str
    prompt_sha256: bytes


@dataclass(frozen=True, slots=True)
class DuplicateOf:
    """The first RFQ with this text by this sender; `answer` is None while a worker still processes it."""

    rfq_id: UUID
    answer: StoredAnswer | None = None


@dataclass(frozen=True, slots=True)
class GateFacts:
    """Facts that the gates need besides the RFQ itself."""

    accepted_sha256: bytes | None = None
    accepted_version: str | None = None
    paid: StoredAnswer | None = None
    last_model: str | None = None  # of the last attempt at this content, unless it succeeded
    last_error_class: str | None = None
    sender: str | None = None  # by the sender, as limits and budgets identify one
    original: DuplicateOf | None = None  # None: it is not a duplicate
    same_text_senders: int = 0  # other senders of this text today
    sender_over: bool = False  # has used up a sender's limit of enriched RFQs
    ip_over: bool = False
    first_done: bool = False  # the cascade's cheap model has answered this text, but was too unsure
