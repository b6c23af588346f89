"""The readable text of a message, as a person sees it. The message may be typed, pasted, or the HTML of a mail.

The parser lexbor follows the rules of browsers, so broken tags, entities and comments have the same effect as on a
screen. A table row becomes a line with a tab between cells. Lines of a quotation begin with `> `. Text that the markup
hides is kept separately, as evidence.

The time is limited. At most `LIMIT` characters are parsed. From markup for which a tree would take quadratic time (deep
nesting, formatting that is never closed), the tags are removed without a tree.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from rfqflow.core.text.hiding import HIDDEN_CHARACTERS, says_something, take_out
from rfqflow.core.text.sanitize import clip, visible

LIMIT = 128_000  # characters; a longer message has a pasted attachment
_DEPTH = 200  # elements within elements; mail threads have about fifty
_WORK = 200_000  # open formatting elements times tags: the elements that the parser may have to create again


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TAG_NAMES = (
    "a|abbr|b|big|blockquote|body|br|center|code|dd|div|dl|dt|em|font|form|h[1-6]|head|hr|html|i|img|li|link|meta|ol|p"
    "|pre|s|section|small|span|strike|strong|style|sub|sup|table|tbody|td|tfoot|th|thead|title|tr|tt|u|ul|o:p|script"
)
# A complete tag, or a tag with an attribute, but not `<b` in `a<b and c>d`.
_LOOKS_LIKE_HTML = re.compile(
    rf"<(?:/?(?:{_TAG_NAMES})(?:\s*/?>|\s+[a-z:-]+\s*=|\s+(?:hidden|nowrap|compact|noshade)\b)|!--|!doctype\b)",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_ANY_TAG = re.compile(r"<(/?)([a-z][a-z0-9:]*)[^<>]*?(/?)>", re.IGNORECASE)
_MADE_TAG = re.compile(r"<(/?)([a-z][^\s<>/]*)([^<>]*)>")  # tags as the parser writes them, with `>` in values escaped
_UNPARSED = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?:style|script)\b.*?(?:</(?:style|script)\s*>|\Z)|<[/!]?[a-z][^<>]{0,4000}>",
    re.IGNORECASE | re.DOTALL,
)
_CLOSES_ITSELF = _listed(
    "area base br col embed hr img input link meta source track wbr p li td th tr tbody thead tfoot dt dd option"
)
_FORMATTING = _listed("a b big code em font i nobr s small strike strong tt u")
_BLOCKS = _listed(
    "address article aside blockquote center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 "
    "header hr li main nav ol p pre section table tbody td tfoot th thead title tr ul"
)
_CELLS = _listed("td th")
_SPACED = _listed("p table ul ol h1 h2 h3 h4 h5 h6 blockquote pre")
_QUOTE_BEGINS, _QUOTE_ENDS = "\x02", "\x03"  # these characters were removed from the text before
_UNSEEN_ELEMENTS = "script, style, head > title, template, noscript, object, embed, iframe, svg, math, select, textarea"
_STRUCK_OUT = "del, s, strike"  # elements for deleted text of tracked changes
_CONDITIONAL = re.compile(r"\A\s*(?:\[if\b|<!\[endif\]|\[endif\]|StartFragment|EndFragment)", re.IGNORECASE)
_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
_SHEETS = re.compile(r"<(?:style|script|xml)\b.*?(?:</(?:style|script|xml)\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
_MANY_BREAKS = re.compile(r"\n[ \xa0]*(?:\n[ \xa0]*){2,}")
_CELL_EDGE = re.compile(r"[ \xa0]*\t[ \xa0]*")


@dataclass(frozen=True, slots=True)
class Readable:
    """The text that a person sees, and the text that the markup hides, up to some thousand characters."""

    text: str
    hidden: str = ""
    is_html: bool = False
    conceals: bool = False  # whether the hidden text has words that mail programs and portals do not write
    buries: bool = False  # whether text below the preview line is hidden, which no mail program does


def readable(message: str) -> Readable:
    """The readable text of a message, from its first `LIMIT` characters."""
    text = clip(message, LIMIT)
    if "<" in text and _LOOKS_LIKE_HTML.search(text):
        return _of_html(text)
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    return Readable(visible(text))


def _of_html(text: str) -> Readable:
    if _is_costly(text):
        bare = html.unescape(_UNPARSED.sub(lambda tag: _break_for(tag[0]), text))
        nested = "nested deeper than any mail program nests"
        return Readable(_settled(visible(bare)), nested, is_html=True, conceals=True, buries=True)
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - most messages are no HTML

    tree = LexborHTMLParser(text)
    hidden = [comment for comment in _comments(text) if not _CONDITIONAL.match(comment)]
    concealed, buried = take_out(tree)
    hidden += concealed
    for node in tree.css(f"{_UNSEEN_ELEMENTS}, {_STRUCK_OUT}"):
        node.decompose()
    body = tree.body
    made = (body.html or "") if body is not None else ""
    made = made.replace(_QUOTE_BEGINS, "").replace(_QUOTE_ENDS, "")
    typed = not re.search(r"<(?:html|body|!doctype)\b", text, re.IGNORECASE)
    shown = _settled(visible(_linear(_COMMENT.sub("", made), typed=typed)))
    hidden_text, between = (visible("\n".join(each))[:HIDDEN_CHARACTERS] for each in (hidden, buried))
    conceals, buries = (bool(each) and says_something(each.split("\n"), shown) for each in (hidden_text, between))
    return Readable(shown, hidden_text, is_html=True, conceals=conceals, buries=buries)


def _is_costly(text: str) -> bool:
    """Whether building a tree may take long, because of nesting or of formatting that continues from block to block."""
    depth = deepest = formatting = most_formatting = tags = 0
    for tag in _ANY_TAG.finditer(text):
        tags += 1
        name = tag[2].lower()
        if name in _CLOSES_ITSELF or tag[3]:
            continue
        step = -1 if tag[1] else 1
        depth = max(0, depth + step)
        deepest = max(deepest, depth)
        if name in _FORMATTING:
            formatting = max(0, formatting + step)
            most_formatting = max(most_formatting, formatting)
    return deepest > _DEPTH or most_formatting * tags > _WORK


def _comments(text: str) -> list[str]:
    if "<!--" not in text:
        return []
    return [_BLANKS.sub(" ", found[1]).strip() for found in _COMMENT.finditer(_SHEETS.sub(" ", text))]


def _linear(made: str, *, typed: bool) -> str:
    """The markup that the parser has written, as lines. A table row is one line, with a tab between its cells."""
    lines = _Lines(typed=typed)
    position = 0
    for tag in _MADE_TAG.finditer(made):
        if tag.start() > position:
            lines.text(made[position : tag.start()])
        position = tag.end()
        lines.tag(tag[2], closes=bool(tag[1]))
    lines.text(made[position:])
    return _quoted("".join(lines.parts))


class _Lines:
    """The lines of the text while they are built."""

    def __init__(self, *, typed: bool) -> None:
        """`typed`: the markup is not a whole document, so line feeds outside its elements are line ends."""
        self.parts: list[str] = []
        self._typed = typed
        self._begun = False  # whether the current line has text
        self._blocks = self._cells = self._preformatted = 0  # numbers of open elements

    def text(self, made: str) -> None:
        """Adds the text between two tags."""
        self._add(_shown_text(made, keeps_lines=self._preformatted > 0 or (self._typed and not self._blocks)))

    def tag(self, name: str, *, closes: bool) -> None:
        """Applies the start or the end of an element."""
        step = -1 if closes else 1
        if name == "br":
            self._add(" " if self._cells else "\n")
        elif name in _CELLS:
            self._cells = max(0, self._cells + step)
            self._add("\t" if closes else "")
        elif name in _BLOCKS:
            if name == "table":
                self._cells = 0  # a table in a cell is a layout, so its rows are separate lines
            self._break(name)
        if name in _BLOCKS:
            self._blocks = max(0, self._blocks + step)
        if name == "blockquote":
            self._add(_QUOTE_ENDS if closes else _QUOTE_BEGINS)
        elif name == "pre":
            self._preformatted = max(0, self._preformatted + step)
        elif name == "li" and not closes:
            self._add("- ")

    def _break(self, name: str) -> None:
        if self._cells and name != "tr":
            self._add(" ")
        elif self._begun:
            self.parts.append("\n\n" if name in _SPACED else "\n")
            self._begun = False

    def _add(self, text: str) -> None:
        if text and (self._begun or text != " "):
            self.parts.append(text)
            self._begun = text[-1] != "\n"


def _shown_text(made: str, *, keeps_lines: bool) -> str:
    # The parser writes only these four entities.
    if "&" in made:
        made = made.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ").replace("&amp;", "&")
    return made if keeps_lines else _BLANKS.sub(" ", made)


def _quoted(text: str) -> str:
    """The text with `> ` before the lines of quotations."""
    if _QUOTE_BEGINS not in text:
        return text
    depth, lines = 0, []
    for line in text.split("\n"):
        depth += line.count(_QUOTE_BEGINS)
        bare = line.replace(_QUOTE_BEGINS, "").replace(_QUOTE_ENDS, "")
        lines.append(f"{'> ' * min(depth, 5)}{bare}" if depth and bare.strip() else bare)
        depth = max(0, depth - line.count(_QUOTE_ENDS))
    return "\n".join(lines)


def _settled(text: str) -> str:
    lines = (_CELL_EDGE.sub("\t", line).strip(" \t\xa0\r") for line in text.split("\n"))
    return _MANY_BREAKS.sub("\n\n", "\n".join(lines)).strip()


def _break_for(tag: str) -> str:
    name = re.match(r"</?([a-z][a-z0-9]*)", tag, re.IGNORECASE)
    if not name:
        return " "
    if name[1].lower() in ("td", "th"):
        return "\t" if tag.startswith("</") else ""
    return "\n" if name[1].lower() in _BLOCKS or name[1].lower() == "br" else ""
