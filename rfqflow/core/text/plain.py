"""Words as they are compared: without case, accents and strokes, one character for one character where that can be."""
# ruff: noqa: RUF001 - signs of many languages are what this module is about

from rfqflow.core.text.sanitize import fold

_STROKES = {"ł": "l", "ı": "i", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"}  # letters Unicode does not take apart

_REMEMBERED = 20_000  # characters: a text of all there are is no reason to keep them


class _Folded(dict[int, str]):
    """A character's folded form, worked out once: `fold` over a whole text costs ten times as much."""

    def __missing__(self, code: int) -> str:
        if len(self) > _REMEMBERED:
            self.clear()
        folded = "".join(_STROKES.get(letter, letter) for letter in fold(chr(code)).lower())
        self[code] = folded
        return folded


_FOLDED = _Folded()


def plainest(text: str) -> str:
    """The text without case, accents and strokes: what words are compared by."""
    return text.lower() if text.isascii() else text.casefold().translate(_FOLDED)
