"""What an answer says of the files that came with its RFQ: each is named, and whether it was read."""

from rfqflow.core.records import AttachmentRow

UNREAD = "attachment_unread"
MOST_FILES = 50  # of one RFQ that are looked at; more are told of by the mark alone


def told(file: AttachmentRow) -> dict[str, object]:
    """As `ai_extracted.attachments` has it; no file is read yet."""
    return {"name": file.name or "", "state": "unread", "reason": "no_reader"}


def review(found: str | None) -> str:
    """Why a person must look, where a file was not read: that explains a lack of confidence, and nothing worse."""
    return UNREAD if found in (None, "low_confidence") else found
