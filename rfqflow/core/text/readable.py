"""One readable text: what a person sees of a message, whether it was typed, pasted or is a mail's HTML.

A parser that browsers' rules bind (lexbor) reads the markup, so that broken tags, entities and comments end up as
they would on a screen. Table rows become lines with a tab between cells; quotations begin with `> `. What the
markup conceals is taken out and kept apart: it is evidence, not text.

Costs are bounded: no more than `LIMIT` characters are parsed, and markup on which tree building is quadratic (deep
nesting, formatting that is never closed) loses its tags without a tree.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfqflow.core.text.sanitize import clip, visible

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

LIMIT = 128_000  # characters; a longer message is an attachment pasted in
_DEPTH = 200  # elements in elements; mail threads reach some fifty
_WORK = 200_000  # open formatting elements times tags: what the parser may have to make again
_CONCEALED_MOST = 500  # elements with a style that are looked at
_ANCESTORS = 40
_HIDDEN_CHARACTERS = 2_000
_LONGEST_PREVIEW = 300  # of the line that lists of mails show beside the subject


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TAG_NAMES = (
    "a|abbr|b|big|blockquote|body|br|center|code|dd|div|dl|dt|em|font|form|h[1-6]|head|hr|html|i|img|li|link|meta|ol|p"
    "|pre|s|section|small|span|strike|strong|style|sub|sup|table|tbody|td|tfoot|th|thead|title|tr|tt|u|ul|o:p|script"
)
# A whole tag, or one with an attribute: not the `<b` of "a<b and c>d".
_LOOKS_LIKE_HTML = re.compile(
    rf"<(?:/?(?:{_TAG_NAMES})(?:\s*/?>|\s+[a-z:-]+\s*=|\s+(?:hidden|nowrap|compact|noshade)\b)|!--|!doctype\b)",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_ANY_TAG = re.compile(r"<(/?)([a-z][a-z0-9:]*)[^<>]*?(/?)>", re.IGNORECASE)
_MADE_TAG = re.compile(r"<(/?)([a-z][^\s<>/]*)([^<>]*)>")  # as the parser writes them: `>` in a value is escaped
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
_QUOTE_BEGINS, _QUOTE_ENDS = "\x02", "\x03"  # taken out of the text before
_STYLED = "[style], [hidden], font[color], [aria-hidden=true][style]"
_UNSEEN_ELEMENTS = "script, style, head > title, template, noscript, object, embed, iframe, svg, math, select, textarea"
_ZERO = r"0*(?:\.0+)?(?:[01](?:\.\d+)?)?(?:px|pt|em|rem|%|cm|mm|in|vh|vw)?"
_CONCEALS = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all|opacity\s*:\s*0*(?:\.0\d*)?\s*(?:;|!|$)"
    rf"|font-size\s*:\s*(?:0|1)(?:\.\d+)?\s*(?:px|pt|%|em)?\s*(?:;|!|$)"
    r"|text-indent\s*:\s*-\d{3,}|(?:left|top|margin-left)\s*:\s*-\d{3,}"
    rf"|(?:max-)?(?:height|width)\s*:\s*{_ZERO}\s*(?:;|!|$)(?=.*overflow\s*:\s*hidden)"
    rf"|overflow\s*:\s*hidden.*;\s*(?:max-)?(?:height|width)\s*:\s*{_ZERO}\s*(?:;|!|$)"
    r"|color\s*:\s*(?:transparent|rgba\([^)]*,\s*0?\.?0*\s*\))",
    re.IGNORECASE | re.DOTALL,
)
_COLOUR = re.compile(r"(?<![-\w])color\s*:\s*([^;!]+)", re.IGNORECASE)
_BACKGROUND = re.compile(r"background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
_RULE = re.compile(r"([^{}@]{1,300})\{([^{}]{0,2000})\}")
_CONDITIONAL = re.compile(r"\A\s*(?:\[if\b|<!\[endif\]|\[endif\]|StartFragment|EndFragment)", re.IGNORECASE)
_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
_MANY_BREAKS = re.compile(r"\n[ \xa0]*(?:\n[ \xa0]*){2,}")
_CELL_EDGE = re.compile(r"[ \xa0]*\t[ \xa0]*")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_WORDS_THAT_SAY = 3  # of concealed text: fewer are a spacer or a tracking mark
_SIGNS_THAT_SAY = 6  # the same in scripts without blanks


@dataclass(frozen=True, slots=True)
class Readable:
    """What a person sees, and what the markup keeps from sight (at most some thousand characters)."""

    text: str
    hidden: str = ""
    is_html: bool = False
    buried: str = ""  # of what is hidden, the elements further down than a preview line: no mail program writes them

    @property
    def conceals(self) -> bool:
        """Whether there are words among what is hidden."""
        return _says(self.hidden)

    @property
    def buries(self) -> bool:
        """Whether there are words among what is hidden between visible ones."""
        return _says(self.buried)


def _says(hidden: str) -> bool:
    return len(_WORDS.findall(hidden)) >= _WORDS_THAT_SAY or len(_CJK.findall(hidden)) >= _SIGNS_THAT_SAY


def readable(message: str) -> Readable:
    """The readable text of a message, of which at most `LIMIT` characters are looked at."""
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
        return Readable(_settled(visible(bare)), nested, is_html=True, buried=nested)
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - most messages are no HTML

    tree = LexborHTMLParser(text)
    hidden = [comment for comment in _comments(text) if not _CONDITIONAL.match(comment)]
    concealed, buried = _concealed(tree)
    hidden += concealed
    for node in tree.css(_UNSEEN_ELEMENTS):
        node.decompose()
    body = tree.body
    made = (body.html or "") if body is not None else ""
    made = made.replace(_QUOTE_BEGINS, "").replace(_QUOTE_ENDS, "")
    typed = not re.search(r"<(?:html|body|!doctype)\b", text, re.IGNORECASE)
    shown = _settled(visible(_linear(_COMMENT.sub("", made), typed=typed)))
    told_of, between = (visible("\n".join(each))[:_HIDDEN_CHARACTERS] for each in (hidden, buried))
    return Readable(shown, told_of, is_html=True, buried=between)


def _is_costly(text: str) -> bool:
    """Whether building a tree of it could take long: nesting, and formatting that is carried from block to block."""
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
    return [_BLANKS.sub(" ", found[1]).strip() for found in _COMMENT.finditer(text)] if "<!--" in text else []


def _concealed(tree: LexborHTMLParser) -> tuple[list[str], list[str]]:
    """Takes out what is not seen, and returns its words, and those of them that are no preview line."""
    taken = []
    for selector in _concealing_selectors(tree):
        try:
            taken += tree.css(selector)[:_CONCEALED_MOST]
        except Exception:  # noqa: BLE001, S112 - a selector that the parser does not know hides nothing
            continue
    taken += [node for node in tree.css(_STYLED)[:_CONCEALED_MOST] if _is_concealed(node)]
    begins = "".join(tree.body.text(deep=True)[:_HIDDEN_CHARACTERS].split()) if taken and tree.body else ""
    concealed, buried = [], []
    for node in taken:
        if node.parent is None:
            continue  # went with one around it
        words = _BLANKS.sub(" ", node.text(deep=True)).strip()
        node.decompose()
        if not words:
            continue
        concealed.append(words)
        bare = "".join(words.split())
        if len(words) <= _LONGEST_PREVIEW and begins.startswith(bare):
            begins = begins[len(bare) :]
        else:
            buried.append(words)
    return concealed, buried


def _concealing_selectors(tree: LexborHTMLParser) -> list[str]:
    """Of the rules of style sheets that hide: `.preheader`, `#note`."""
    found = []
    for sheet in tree.css("style")[:10]:
        rules = _RULE.finditer((sheet.text(deep=True) or "")[:20_000])
        found += [rule[1].strip() for rule in rules if _CONCEALS.search(rule[2])]
    return found[:50]


def _is_concealed(node: LexborNode) -> bool:
    attributes = node.attributes
    if "hidden" in attributes:
        return True
    style = attributes.get("style") or ""
    if _CONCEALS.search(style[:2000]):
        return True
    colour = _COLOUR.search(style)
    written = colour[1] if colour else (attributes.get("color") or "" if node.tag == "font" else "")
    return bool(written) and _shade(written) is not None and _shade(written) == _shade_behind(node)


def _shade_behind(node: LexborNode) -> str | None:
    """The background that a node is drawn on; white where none is given, None where it can't be told."""
    current: LexborNode | None = node
    for _ in range(_ANCESTORS):
        if current is None:
            break
        attributes = current.attributes
        style = _BACKGROUND.search(attributes.get("style") or "")
        written = style[1] if style else attributes.get("bgcolor") or ""
        if "url(" in written:
            return None
        if written and not re.match(r"\s*(?:none|transparent|inherit|initial)", written):
            return _shade(written)
        current = current.parent
    return "white"


def _shade(colour: str) -> str | None:
    """`white`, `black`, or the colour as six digits; None for what is none of these."""
    text = colour.strip().strip("\"'").lower()
    if rgb := re.match(r"rgba?\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})", text):
        digits = "".join(f"{min(int(part), 255):02x}" for part in rgb.groups())
    elif short := re.match(r"#?([0-9a-f])([0-9a-f])([0-9a-f])(?![0-9a-f])", text):
        digits = "".join(2 * part for part in short.groups())
    elif full := re.match(r"#?([0-9a-f]{6})(?![0-9a-f])", text):
        digits = full[1]
    else:
        name = re.match(r"[a-z]+", text)
        return name[0] if name else None
    parts = [int(digits[at : at + 2], 16) for at in (0, 2, 4)]
    if min(parts) >= 0xF5:  # noqa: PLR2004 - nobody tells it from white
        return "white"
    return "black" if max(parts) <= 0x0A else digits  # noqa: PLR2004 - nor this from black


def _linear(made: str, *, typed: bool) -> str:
    """The parser's own markup as lines: a row of a table is one, with a tab between its cells."""
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
    """Text under construction."""

    def __init__(self, *, typed: bool) -> None:
        """`typed`: no whole document, so that line feeds outside of its elements are a person's."""
        self.parts: list[str] = []
        self._typed = typed
        self._begun = False  # something stands on the current line
        self._blocks = self._cells = self._preformatted = 0  # open elements

    def text(self, made: str) -> None:
        """Text between two tags."""
        self._add(_shown_text(made, keeps_lines=self._preformatted > 0 or (self._typed and not self._blocks)))

    def tag(self, name: str, *, closes: bool) -> None:
        """What an element's begin or end does to the lines."""
        step = -1 if closes else 1
        if name == "br":
            self._add(" " if self._cells else "\n")
        elif name in _CELLS:
            self._cells = max(0, self._cells + step)
            self._add("\t" if closes else "")
        elif name in _BLOCKS:
            if name == "table":
                self._cells = 0  # a table in a cell lays a page out: its rows are lines of their own
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
    # The parser writes these four and no other.
    if "&" in made:
        made = made.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ").replace("&amp;", "&")
    return made if keeps_lines else _BLANKS.sub(" ", made)


def _quoted(text: str) -> str:
    """Lines within quotations behind `> `."""
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
