"""Records about the processing of one RFQ. They are frozen, and their fields have the names of SQL columns."""

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

_NUMBER = 8  # characters that a row adds to its text: the line's number, the sign after it, and a line feed


@dataclass(frozen=True, slots=True)
class Route:
    """A row of `ai.routes`. Exactly one active row is the fallback."""

    slug: str
    description: str
    keywords: tuple[str, ...] = ()
    fallback: bool = False


@dataclass(frozen=True)
class Rfq:
    """A customer's message. All of it is data and never an instruction.

    `message` is unchanged. People, prompts, gates, rules and checks see `reading`, which is computed once.
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
    received: dt.date | None = None  # the day on which the RFQ arrived
    is_readable: bool = False  # whether the message consists of numbered, masked lines of another message and its files
    files: tuple[FileText, ...] = ()  # the attached files, when they have been read

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
        """The number of characters of the files' lines, including the line numbers."""
        return sum(len(row) + _NUMBER for file in self.files for row in file.rows)

    @property
    def first_file_line(self) -> int:
        """The number of the first line after the message."""
        return len(self.reading.lines) - self.reading.file_rows + 1

    @cached
    def pictures(self) -> tuple[tuple[int, PageImage], ...]:
        """Pages and pictures of the files that a model may be shown, each with the number of its line."""
        if self.is_readable:
            return ()  # the lines are masked, and pictures cannot be masked
        found, first = [], self.first_file_line if self.files else 0
        for file in self.files:
            found += [(first + row, image) for row, image in file.images]
            first += len(file.rows)
        return tuple(found)

    @cached
    def headings(self) -> frozenset[int]:
        """The numbers of lines with rfqflow's own words about files, which state no fact."""
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
        """The same RFQ without pictures."""
        return replace(self, files=tuple(replace(file, images=()) for file in self.files)) if self.pictures else self

    @property
    def characters(self) -> int:
        """The approximate number of characters to read."""
        return len(self.message) + self.file_characters

    @cached
    def tables(self) -> tuple[Table, ...]:
        """The lists of the message that the rules can read."""
        return tables(self.reading.lines)


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A reference document that was part of a prompt, and its score."""

    id: int
    score: float


@dataclass(frozen=True, slots=True)
class Signal:
    """A sign that a message does not come from a customer. It is a word of rfqflow, never of the customer."""

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
    bill_unknown: bool = False  # whether the bill of a call of the attempt is unknown, so that `usage` is incomplete
    confidence_raw: float | None = None  # the model's own value, if `answer` has the calibrated value
    refused: tuple[Stage, ...] = ()  # for each invalid reply of the attempt: the check that refused it
    reasks: int = 0  # calls of the attempt that repeated a request with its errors
    parameters: Mapping[str, object] = field(default_factory=dict)  # parameters of the last call
    taken_out: Mapping[str, str] = field(default_factory=dict)  # by fact: the model's values that the text contradicts
    is_part: bool = False  # whether it answers a part of a long list, and another part follows
    pictures: int = 0  # number of pictures that the model was shown


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """An attached file of an RFQ, as its table describes it. The sender chose the names, whose length is limited."""

    attachment_id: str
    name: str | None
    content_type: str | None
    octets: int | None  # None: the file has a `uri` instead of content
    uri: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A row of the queue that this worker owns until its lease ends. `rfq` is None if the RFQ was deleted."""

    outbox_id: int
    claim_id: int
    rfq_id: UUID
    attempt: int
    forced: bool
    queue_ms: float
    rfq: Rfq | None
    content_sha256: bytes | None
    prompt_version: str = ""  # the prompt version that was active at the claim
    # since the insert of the RFQ; None if the RFQ finished before, or is older than the installation
    age_ms: float | None = None
    out_of_turn: bool = False  # whether it was claimed from the newest RFQs, so that a flood does not delay them all
    is_new: bool = False  # whether the RFQ is new and was never claimed before, so that it has no runs
    is_cut: bool = False  # whether the message is only the beginning and the end of a long message
    unreadable: str | None = None  # why the RFQ is unreadable: an SQLSTATE or the class of an error; then `rfq` is None
    is_attached: bool = False  # whether files came with the RFQ, in its transaction or later
    late_ms: float | None = None  # since the last file that came after the RFQ

    @property
    def is_in_bulk(self) -> bool:
        """Whether no person waits: the RFQ is part of a backfill or a bulk rerun, and has not failed yet."""
        return self.age_ms is None and self.attempt == 1 and not self.forced


@dataclass(slots=True)
class ClaimMetrics:
    """Measurements of a claim, for metrics that no run records. They are set while the claim is processed."""

    claimed_at: float  # by the monotonic clock of the worker's process
    age_ms: float | None = None  # as `Claim.age_ms`
    spam_score: int | None = None
    limit_wait_seconds: float | None = None  # wait for a full limit of the fleet; None: no limit was full
    estimate_ratio: float | None = None  # actual cost divided by the amount of the hold
    refused: tuple[Stage, ...] = ()
    reasks: int = 0
    checks: tuple[tuple[str, str], ...] = ()  # each field, without its index in a list, and its verdict


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """A stored answer that was paid for, so that no second call is needed."""

    run_id: int
    content_sha256: bytes
    prompt_version: str
    prompt_sha256: bytes
    provider: str
    model: str
    output: str
    # True: the RFQ has had this answer before; False: the application's table refused the answer.
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class AnsweredPart:
    """A model's answer to one part of a long list. Its run stores it until all parts are answered."""

    part: ListPart
    answer: Answer  # not yet checked against the text
    provider: str
    model: str
    prompt_version: str
    prompt_sha256: bytes


@dataclass(frozen=True, slots=True)
class DuplicateOf:
    """The first RFQ with this text by this sender. `answer` is None while a worker processes that RFQ."""

    rfq_id: UUID
    answer: StoredAnswer | None = None


@dataclass(frozen=True, slots=True)
class GateFacts:
    """The facts that the gates need besides the RFQ itself."""

    accepted_sha256: bytes | None = None
    accepted_version: str | None = None
    paid: StoredAnswer | None = None
    last_model: str | None = None  # the model of the last attempt for this content, unless it succeeded
    last_error_class: str | None = None
    sender: str | None = None  # the sender, in the form in which limits and budgets identify senders
    original: DuplicateOf | None = None  # None: the RFQ is not a duplicate
    same_text_senders: int = 0  # number of other senders of this text today
    sender_over: bool = False  # whether the sender has reached its limit of enriched RFQs
    ip_over: bool = False
    first_done: bool = False  # whether the cascade's cheap model has answered this text, but was too unsure
