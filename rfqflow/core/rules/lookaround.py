"""Words before or after a number that show whether it is a quantity. All words are normalized."""
# ruff: noqa: RUF001 - letters and signs of many languages are what this module is about

import re

from rfqflow.core.rules.text import listed
from rfqflow.core.text.units import COUNTS
from rfqflow.core.text.word_lists import word_lists

_LISTS = {name: listed(words) for name, words in word_lists("lookaround").items()}
# Labels as in `Qty: 50`. Other words may be between the label and the number.
LABELS = _LISTS["labels"]
LABEL_PAIRS = _LISTS["label_pairs"]
FILLERS = _LISTS["fillers"]
# Words that make the next number a name, as in `ISO 4017`, `Pos. 3`, `Line 2` and `DN 50`.
REFERENCES = _LISTS["references"]
# A number after these words describes the thing before it and is not ordered, as in `a panel with 12 feeders`.
ATTRIBUTES = _LISTS["attributes"]
ATTRIBUTE_PAIRS = _LISTS["attribute_pairs"]
ARTICLES = _LISTS["articles"]
OPENERS = _LISTS["openers"]
STREETS = re.compile(
    r"\s*(?:[^\W\d_]+[ .-]){0,2}(?:street|st|road|rd|row|ave|avenue|drive|dr|lane|ln|blvd"
    r"|boulevard|(?<!-)way|court|parkway|pkwy|str|strasse|\w*strasse|\w*weg|\w*platz|allee|rue"
    r"|avenue|chemin|calle|avda|via|viale|corso|ulica|ul|rua|gatan|\w*gatan|\w*vagen|sokak"
    r"|caddesi|cad|straat|\w*straat|laan|ulice)\b"
)
# Words after which a measure such as `14 m` is a size and not an amount.
SIZE_AFTER = re.compile(
    r"(?!\s?(?:high|height|long|wide|deep|thick|tall)-[a-z])\s?(?:x|×|\*|/|emelo|magas|hossz|szeles|толщ|товщ|шир|высот"
    r"|висот|длин|довж|диам|діам|hoy(?!-)|hoj(?!-)|tyk|korkea|pitka|leve|vysok|dlouh|sirok|inalt|lung|lat|υψος|μηκ|πλατ|long|length|high|height|wide|width|deep|depth|thick|tall|dia|diam|lg|hoch"
    r"|hohe|breit|breite|lang|lange|tief|dick|stark|hoog|breed|dik|diep|de (?:haut|long|larg"
    r"|diam|profond|largo|ancho|alto|alt|compr|prof)"
    r"|di (?:lunghezza|altezza|larghezza|profondita)|alto|alta|largo|larga|ancho|lungo|lunga"
    r"|wysok|szerok|dlug|hog\b|bred|each|cada\b|chacune?\b|ciascun|elk\b|vardera|hver\b|egyenkent|fiecare|кажд|per\b|je\b|apart|centres|centers|spacing)"
)
MEASURE_AFTER = re.compile(
    r"\s?(?:head\b|capacity|capacidad|capacite|capacita|kapazitat|kapasite|span|radius"
    r"|together|gross|net\b|in total|to eaves|a year|a month|annually|payload|lifting|crane"
    r"|lift\b|swl|wll|tragfahigkeit|above|below|pitch|grid|from|away|hydraulic|press\b"
    r"|bags?\b|sacks?\b|drums?\b|buckets?\b|cans?\b|tins?\b|pails?\b|cartridges?\b|reels?\b"
    r"|rolls?\b|lengths?\b|bars?\b|sacke\b|fasser\b|rollen\b|gebinde|bidon|sacs?\b|futs?\b"
    r"|sacos?\b|bidones|fusti|sacchi|zakken|vaten|work(?:i|ow)\b|tambor|ibc\b|\+/|±|tol"
    r"|[^,.;]{0,28}\b(?:tanks?|vessels?|kettles?|reactors?|silos?|behalter|kessel|cuves?"
    r"|reservoirs?|depositos?|tanques?|serbatoi|serbatoio|zbiorniki?|nadrz|kazani?|receivers?"
    r"|cranes?|hoists?|press|presses|forklifts?|kran|ponts? roulants?|grua|gru)\b)"
)
NOT_GOODS = _LISTS["not_goods"]
# A small number of these belongs to a thing, as in a robot of 6 axes. A large number is goods, as in 350 axes to
# drawing.
GOODS_IF_MANY = _LISTS["goods_if_many"]
# Existing things count if work on them is requested, as in `have our 3 cranes inspected`.
THEIRS, DONE_TO = _LISTS["theirs"], _LISTS["done_to"]
MONTHS = _LISTS["months"]
# In capitals these are standards, as in `EN 10204`. In lower case they are short words, as in `en 11 haspels`.
CAPITAL_REFERENCES = _LISTS["capital_references"]
# Units before their number, as in `enkoder szt. 6`.
UNIT_LABELS = _LISTS["unit_labels"]
# Words before a quantity that is replaced, as in `16 statt 22` and `96 y no 120`.
REPLACED, REPLACED_LAST = _LISTS["replaced"], _LISTS["replaced_last"]
ASKED_ON = _LISTS["asked_on"]
_SHARING = _LISTS["sharing"]
_PIECES = frozenset({"pc", "lot", "pallet"})
_TOKENS = re.compile(r"[^\W_]+(?:['./-][^\W_]+)*\.?")
_TRAILING = " \t:=.-–~#(\"'"


class Before:
    """The one or two words directly before a number."""

    __slots__ = ("last", "pair", "text", "touching")

    def __init__(self, folded: str) -> None:
        self.text = folded
        tokens = [token.rstrip(".") for token in _TOKENS.findall(folded)]
        self.last = tokens[-1] if tokens else ""
        self.pair = "_".join(tokens[-2:]) if len(tokens) > 1 else ""
        # Only white space or the colon of a label is between the word and the number, so they belong together.
        rest = folded.rstrip(_TRAILING)
        self.touching = bool(tokens) and rest.endswith(self.last)

    @property
    def labelled(self) -> bool:
        """Whether a word such as `Menge` announces the number."""
        if not self.touching:
            return False
        tokens = [token.rstrip(".") for token in _TOKENS.findall(self.text)]
        if self.last in UNIT_LABELS and len(tokens) > 1 and not any(map(str.isdecimal, tokens[-2])):
            return True
        while len(tokens) > 1 and tokens[-1] in FILLERS and tokens[-1] not in LABELS:
            if "_".join(tokens[-2:]) in LABEL_PAIRS:
                return True
            tokens.pop()
        return bool(tokens) and (tokens[-1] in LABELS or "_".join(tokens[-2:]) in LABEL_PAIRS)

    @property
    def references(self) -> bool:
        """Whether the number is part of a name."""
        spaced = self.text.rstrip(" .:#\t")
        return self.text.rstrip().endswith(("#", "§", "n°", "nº")) or (
            self.touching
            and spaced.endswith(self.last)
            and self.last in REFERENCES
            and not self.text.rstrip().endswith((":", "-", "–", "="))
        )

    @property
    def attributes(self) -> bool:
        """Whether the number describes what is named before it."""
        near = self.text.rstrip()
        return (
            self.touching
            and near.endswith((self.last, self.last + "."))
            and (self.last in ATTRIBUTES or self.pair in ATTRIBUTE_PAIRS)
            and self.pair not in ASKED_ON
        )

    @property
    def replaced(self) -> bool:
        """Whether another number replaces this number."""
        return self.touching and (self.last in REPLACED_LAST or self.pair in REPLACED)

    @property
    def replaced_or_shared(self) -> bool:
        """Whether another number replaces this number, or it is the size of a set, as in `3 sets of 4`."""
        if not self.touching:
            return False
        if self.last in REPLACED_LAST or self.pair in REPLACED:
            return True
        unit, _, little = self.pair.partition("_")
        return little in _SHARING and COUNTS.get(unit, "pc") not in _PIECES

    @property
    def opens(self) -> bool:
        """Whether the number begins something new."""
        near = self.text.rstrip(" -•*")
        return not near or near.endswith((",", ";", ":", "+", "&", "(", ")", ".", "-", "–")) or self.last in OPENERS
