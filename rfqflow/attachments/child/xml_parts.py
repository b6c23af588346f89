"""XML of office files, read as events, so that there are no entities, no external files, and no tree in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

from rfqflow.attachments.child.book import Unreadable
from rfqflow.core.attachments.model import UnreadReason

if TYPE_CHECKING:
    from collections.abc import Callable


def events(content: bytes, begin: Callable[[str, dict[str, str]], None]) -> None:
    """Calls `begin` with the name and the attributes of each element. The names have no prefixes of namespaces.

    Raises:
        Unreadable: the part is not XML, or declares entities.
    """
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise Unreadable(UnreadReason.BROKEN)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: begin(name.rpartition(":")[2], attributes)
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Unreadable(UnreadReason.BROKEN) from error
