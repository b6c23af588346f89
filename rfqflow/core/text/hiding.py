"""Removes the text that the markup of a mail hides, and judges that text.

Mail programs and portals hide harmless text, such as a preview line, marks of a template, or a second layout for small
screens. Such text repeats visible text, or has the words of notices. Other hidden text is for a reader of the markup,
such as a model.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from rfqflow.core.text.plain import plainest
from rfqflow.core.text.word_lists import word_lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from selectolax.lexbor import LexborHTMLParser, LexborNode

HIDDEN_CHARACTERS = 2_000
_LONGEST_PREVIEW = 300  # characters of the preview line that mail programs show beside the subject
_MOST = 500  # most elements with a style that are examined
_ANCESTORS = 40
_STYLED = "[style], [hidden], font[color], [aria-hidden=true][style]"
_ZERO = r"0*(?:\.0+)?(?:[01](?:\.\d+)?)?(?:px|pt|em|rem|%|cm|mm|in|vh|vw)?"
_CONCEALS = re.compile(
    r"display\s*:\s*none|mso-hide\s*:\s*all|opacity\s*:\s*0*(?:\.0\d*)?\s*(?:;|!|$)"
    r"|text-indent\s*:\s*-\d{3,}|(?:left|top|margin-left)\s*:\s*-\d{3,}"
    rf"|(?:max-)?(?:height|width)\s*:\s*{_ZERO}\s*(?:;|!|$)(?=.*overflow\s*:\s*hidden)"
    rf"|overflow\s*:\s*hidden.*;\s*(?:max-)?(?:height|width)\s*:\s*{_ZERO}\s*(?:;|!|$)",
    re.IGNORECASE | re.DOTALL,
)
# Styles that an inner element can override.
_TINY = re.compile(
    r"font-size\s*:\s*(?:0|1)(?:\.\d+)?\s*(?:px|pt|%|em)?\s*(?:;|!|$)|visibility\s*:\s*(?:hidden|collapse)"
    r"|(?<![-\w])color\s*:\s*(?:transparent|rgba\([^)]*,\s*0?\.?0*\s*\))",
    re.IGNORECASE,
)
_UNDOES = re.compile(
    r"font-size\s*:\s*(?:[2-9]|1\d|\w*-?(?:small|medium|large))|visibility\s*:\s*visible|(?<![-\w])color\s*:",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?<![-\w])color\s*:\s*([^;!]+)", re.IGNORECASE)
_BACKGROUND = re.compile(r"background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
_NOT_PAINTED = re.compile(r"\s*(?:none|transparent|inherit|initial)")
_PICTURE = re.compile(r"url\(|gradient\(|background-image", re.IGNORECASE)
_RULE = re.compile(r"([^{}@;]{1,300})\{([^{}]{0,2000})\}")
_FOR_SOME_SCREENS = re.compile(
    r"@media[^{}]*(?:width|print|height|orientation|prefers|resolution|webkit)|@(?!media)", re.IGNORECASE
)
_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_CODED = re.compile(r"\S*[_|{}\d@\\=<>]\S*|https?:\S+")  # a mark for programs, which has no words
_LETTERS = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_WORDS_THAT_SAY = 3  # characters of a hidden text that counts; fewer are a spacer or a mark
_SIGNS_THAT_SAY = 6  # the same in scripts without blanks
_UNKNOWN_SHARE = 0.25
_SHEETS, _SHEET, _RULES, _SELECTORS = 10, 40_000, 600, 30
_ROOTS = frozenset(("html", "head", "body"))


def _words_of(name: str) -> frozenset[str]:
    return frozenset(plainest(word).strip() for word in re.split("[,\n]", word_lists("notices")[name]) if word.strip())


_NEUTRAL, _NOTICE = _words_of("neutral"), _words_of("notice")


def says_something(hidden: Iterable[str], shown: str) -> bool:
    """Whether hidden texts have words that are neither in the visible text nor in notices, templates or marks."""
    seen = frozenset(_LETTERS.findall(plainest(shown)))
    words = signs = 0
    for text in hidden:
        plain = plainest(text)
        spoken = [word for word in _LETTERS.findall(_CODED.sub(" ", plain)) if _WORD.search(word)]
        telling = [word for word in spoken if word not in _NEUTRAL]
        unknown = [word for word in telling if word not in seen and word not in _NOTICE]
        if len(unknown) > _UNKNOWN_SHARE * len(telling):
            words += len(spoken) if 2 * len(unknown) > len(telling) else len(unknown)
        letters = "".join(_CJK.findall(plain))
        pairs = [letters[at : at + 2] for at in range(len(letters) - 1)]
        if sum(pair not in shown for pair in pairs) > _UNKNOWN_SHARE * len(pairs):
            signs += len(letters)
    return words >= _WORDS_THAT_SAY or signs >= _SIGNS_THAT_SAY


def take_out(tree: LexborHTMLParser) -> tuple[list[str], list[str]]:
    """Removes invisible text. Returns all invisible texts, and those that are not a preview line."""
    sheet = list(islice(_rules(tree), _RULES))
    painted = _painted(tree, sheet)
    taken: list[LexborNode] = []
    hiding = [selector for selector, style in sheet if _CONCEALS.search(style) or _TINY.search(style)]
    for selector in list(dict.fromkeys(hiding))[:_SELECTORS]:
        taken += _matching(tree, selector)
    white = [
        selector for selector, style in sheet if (set_to := _COLOUR.search(style)) and _shade(set_to[1]) == "white"
    ]
    for selector in list(dict.fromkeys(white))[:_SELECTORS]:
        taken += [node for node in _matching(tree, selector) if _shade_behind(node, painted) == "white"]
    styled = tree.css(_STYLED)[:_MOST]
    taken += [node for node in styled if _is_concealed(node, painted)]
    kept = _what_undoes(styled) if taken else (frozenset(), frozenset())
    begins = "".join(tree.body.text(deep=True)[:HIDDEN_CHARACTERS].split()) if taken and tree.body else ""
    concealed, buried = [], []
    for node in taken:
        if node.parent is None or node.tag in _ROOTS:
            continue  # it was removed with an element around it
        for piece in _unseen_pieces(node, *kept):
            words = _BLANKS.sub(" ", piece.text(deep=True) or "").strip()
            piece.decompose()
            if not words:
                continue
            concealed.append(words)
            bare = "".join(words.split())
            if len(words) <= _LONGEST_PREVIEW and begins.startswith(bare):
                begins = begins[len(bare) :]
            else:
                buried.append(words)
    return concealed, buried


def _what_undoes(styled: Sequence[LexborNode]) -> tuple[frozenset[int], frozenset[int]]:
    """The elements that set a size or a colour, and their ancestors."""
    undoing: set[int] = set()
    around: set[int] = set()
    for node in styled:
        if not _UNDOES.search((node.attributes.get("style") or "")[:2000]):
            continue
        undoing.add(node.mem_id)
        above = node.parent
        while above is not None and above.mem_id not in around:
            around.add(above.mem_id)
            above = above.parent
    return frozenset(undoing), frozenset(around)


def _unseen_pieces(node: LexborNode, undoing: frozenset[int], around: frozenset[int]) -> list[LexborNode]:
    """The node, or its parts that inner elements do not make visible again."""
    if node.mem_id not in around or _CONCEALS.search((node.attributes.get("style") or "")[:2000]):
        return [node]
    return [
        piece for piece in node.iter(include_text=True) if piece.mem_id not in undoing and piece.mem_id not in around
    ]


def _rules(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """Yields the selectors of style sheets and their settings, without settings for special screens."""
    for sheet in tree.css("style")[:_SHEETS]:
        css = _CSS_COMMENT.sub(" ", (sheet.text(deep=True) or "")[:_SHEET])
        for rule in _RULE.finditer(_for_all(css)):
            yield rule[1].strip(), rule[2]


def _for_all(css: str) -> str:
    """A style sheet without blocks for special screens, such as `@media (max-width: 600px)`."""
    kept, position = [], 0
    while (at := css.find("@", position)) >= 0:
        kept.append(css[position:at])
        end = css.find("{", at)
        closing = css.find(";", at)
        if end < 0 or 0 <= closing < end:  # `@import ...;`
            position = closing + 1 if closing >= 0 else len(css)
            continue
        skipped = _FOR_SOME_SCREENS.match(css, at, end)
        position = end + 1
        if skipped:
            depth = 1
            for brace in re.finditer("[{}]", css[position:]):
                depth += 1 if brace[0] == "{" else -1
                if not depth:
                    position += brace.end()
                    break
            else:
                position = len(css)
    kept.append(css[position:])
    return "".join(kept)


def _matching(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
    try:
        return tree.css(selector)[:_MOST]
    except Exception:  # noqa: BLE001 - a selector that the parser does not know counts as hiding nothing
        return []


def _painted(tree: LexborHTMLParser, sheet: list[tuple[str, str]]) -> dict[int, str | None]:
    """By element: the background from style sheets."""
    found: dict[int, str | None] = {}
    for selector, style in [rule for rule in sheet if "background" in rule[1].lower()][:_SELECTORS]:
        colour = _BACKGROUND.search(style)
        shade = _shade(colour[1]) if colour and not _PICTURE.search(style) else None
        if colour and _NOT_PAINTED.match(colour[1]):
            continue
        found |= {node.mem_id: shade for node in _matching(tree, selector)}
    return found


def _is_concealed(node: LexborNode, painted: dict[int, str | None]) -> bool:
    attributes = node.attributes
    if "hidden" in attributes:
        return True
    style = (attributes.get("style") or "")[:2000]
    if _CONCEALS.search(style) or _TINY.search(style):
        return True
    colour = _COLOUR.search(style)
    written = colour[1] if colour else (attributes.get("color") or "" if node.tag == "font" else "")
    return _is_like_what_is_behind(node, written, painted)


def _is_like_what_is_behind(node: LexborNode, written: str, painted: dict[int, str | None]) -> bool:
    shade = _shade(written) if written else None
    return shade is not None and shade == _shade_behind(node, painted)


def _shade_behind(node: LexborNode, painted: dict[int, str | None]) -> str | None:
    """The background of a node. It is white by default, and None if it is unknown."""
    current: LexborNode | None = node
    for _ in range(_ANCESTORS):
        if current is None:
            break
        attributes = current.attributes
        style = attributes.get("style") or ""
        if "background" in attributes or _PICTURE.search(style):
            return None
        found = _BACKGROUND.search(style)
        written = found[1] if found else attributes.get("bgcolor") or ""
        if written and not _NOT_PAINTED.match(written):
            return _shade(written)
        if current.mem_id in painted:
            return painted[current.mem_id]
        current = current.parent
    return "white"


def _shade(colour: str) -> str | None:
    """`white`, `black`, or the colour as six digits. None for any other value."""
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
    if min(parts) >= 0xF5:  # noqa: PLR2004 - it cannot be distinguished from white
        return "white"
    return "black" if max(parts) <= 0x0A else digits  # noqa: PLR2004 - it cannot be distinguished from black
