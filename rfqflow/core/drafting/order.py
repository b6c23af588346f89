"""A draft by a model: its prompt, and the checks of the model's output.

The model writes one question per missing fact. In a language without a shipped letter, it also writes the words around
the questions. rfqflow writes all other text. An output that breaks a rule is refused as a whole, so that a hostile
message cannot put text into a reply.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from rfqflow.core.answer import Answer
from rfqflow.core.drafting.asks import FIELDS
from rfqflow.core.drafting.foreign import amounts_of, faults_of, lures
from rfqflow.core.drafting.letters import LANGUAGES, letter, name_of
from rfqflow.core.drafting.reply import BODY_MOST, SUBJECT_MOST, Draft, Frame, frame_of, framed
from rfqflow.core.errors import ConfigError, Stage
from rfqflow.core.prompting import answer_schema
from rfqflow.core.prompting.answer_normalization import invalid
from rfqflow.core.prompting.prompt import Prompt, canonical
from rfqflow.core.prompting.prompt_leak import leaks
from rfqflow.core.rules import steers
from rfqflow.core.rules.language import detect
from rfqflow.core.text.sanitize import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rfqflow.core.drafting.asks import Ask, RfqFacts
    from rfqflow.core.drafting.letters import Letter
    from rfqflow.core.prompting.prompt import PromptText
    from rfqflow.core.records import Rfq

_FEW_WORDS = 16
_SOURCE_MOST = 100_000  # characters of a message: four times as many as a model sees
_TEXT_MOST, _TEXT_LEAST, _FRAME_MOST = 300, 3, 200  # characters
_BLOCK = re.compile(r"\{\{(language|asks|frame)\}\}")
_CANARY = "{{canary}}"
_SOME_CANARY = "0" * 16
_WORD = re.compile(r"[^\W\d_]+")
# Question marks of Latin and many other scripts, CJK, Arabic, and Armenian.
_ASKING = ("?", "\uff1f", "\u061f", "\u055e")
_ASKING_IN_GREEK = (*_ASKING, ";", "\u037e")
# The end of a sentence before the end of the text. A full stop after four letters does not belong to an abbreviation.
_SENTENCE_ENDS = re.compile("[?!\uff1f\uff01\u061f\u037e\u3002\u06d4](?=.)|[^\\W\\d_]{4}[.\u2026]\\s+\\w|\\.{3}")
_WITHOUT_SIGN = frozenset({"th", "lo", "km", "my"})  # these languages write questions without a question mark
_ALIKE = (
    frozenset({"da", "no", "sv"}), frozenset({"cs", "pl", "sk", "sl", "hr"}), frozenset({"ru", "uk", "bg", "sr"}),
    frozenset({"es", "pt", "it", "ro", "fr", "ca"}), frozenset({"zh", "ja"}), frozenset({"ar", "fa", "ur"}),
    frozenset({"de", "nl"}), frozenset({"fi", "et"}),
)  # fmt: skip
_SUBJECTS: Mapping[str, str] = {
    "quantity": "the quantity", "unit": "the unit in which the quantity is given", "material": "the material",
    "part_number": "the part number and its revision", "drawing": "the drawing, which they may send",
    "specification": "the specification or technical data", "certificates": "the certificates that they need",
    "delivery_location": "where to deliver", "incoterm": "the delivery terms (Incoterms)",
    "due_date": "by when they need the delivery", "quote_deadline": "by when they need our offer",
    "contact": "whom to contact, and how",
}  # fmt: skip


class DraftAnswer(Answer):
    """A model's output for a draft. The fields of an answer are not used."""

    summary: Annotated[str, Field(min_length=1)] = "(draft)"
    route: str = ""
    confidence: Annotated[float, Field(ge=0, le=1)] = 0
    subject: str = ""
    greeting: str = ""
    opening: str = ""
    closing: str = ""
    questions: tuple[tuple[str, str], ...] = ()  # pairs of a field and its question


@dataclass(frozen=True, slots=True)
class Order:
    """A request for a draft by a model."""

    rfq: RfqFacts
    asks: tuple[Ask, ...]
    language: str

    @property
    def letter(self) -> Letter | None:
        """The shipped letter of the language, if there is one."""
        return letter(self.language) if self.language in LANGUAGES else None

    def refusal(self, rfq: Rfq) -> str:
        """Why no model is called. Empty if a call is possible."""
        if not self.asks:
            return "nothing_missing"
        return "injection" if self.rfq.injection_suspected or steers(rfq) else ""

    def prompt(self, text: PromptText) -> Prompt:
        """The prompt of the request. It names fields and positions of items, and contains no words of the customer."""
        blocks = {
            "language": f"{name_of(self.language)} (`{self.language}`)",
            "asks": "\n".join(_asked(ask) for ask in self.asks),
            "frame": _NO_FRAME if self.letter else _FRAME,
        }
        missing = {"language", "asks", "frame"} - set(_BLOCK.findall(text.system))
        if missing or _CANARY not in text.system:
            raise ConfigError(f"prompt {text.version} cannot be used: it lacks {', '.join(sorted(missing)) or _CANARY}")
        system = _BLOCK.sub(lambda found: blocks[found[1]], text.system)
        schema = self._schema()
        around = tuple(system.split(_CANARY))
        return Prompt(
            version=text.version,
            sha256=hashlib.sha256(canonical([text.system, text.template, dict(text.parameters)])).digest(),
            system=system,
            around_canary=around,
            template=text.template,
            schema=schema,
            parameters=dict(text.parameters),
            fixed_bytes=len(canonical(schema)) + len(_SOME_CANARY.join(around).encode("utf-8", "replace")),
        )

    def _schema(self) -> dict[str, Any]:
        text = {"type": "string"}
        about = {"type": "string", "enum": [ask.field for ask in self.asks]}
        frame = {} if self.letter else dict.fromkeys(("subject", "greeting", "opening"), text)
        fields: dict[str, Any] = {
            **frame, "questions": {"type": "array", "items": _object({"about": about, "text": text})},
            **({} if self.letter else {"closing": text}),
        }  # fmt: skip
        return _object(fields)

    def read(self, text: str, *, canary: str, instructions: str) -> DraftAnswer:
        """Reads the model's output. Raises InvalidAnswer if the output must not be shown."""
        value = answer_schema.value_of(text, canary)
        answer_schema.refuse_misfits(value, self._schema())
        questions = tuple((one["about"], one["text"].strip()) for one in value["questions"])
        frame = {name: value.get(name, "").strip() for name in ("subject", "greeting", "opening", "closing")}
        said = DraftAnswer(**frame, questions=questions)
        faults = dict.fromkeys(self._faults(said))
        if leaks(
            {*frame.values(), *(question for _, question in questions)}, instructions, self.rfq.message[:_SOURCE_MOST]
        ):
            faults["text: repeats the instructions"] = None
        if faults:
            raise invalid(*faults, stage=Stage.DOMAIN)
        return said

    def _faults(self, said: DraftAnswer) -> Iterator[str]:
        asked, answered = [ask.field for ask in self.asks], [about for about, _ in said.questions]
        if sorted(asked) != sorted(answered):
            yield "questions: must be one for each thing that was named, and no other"
        for about, question in said.questions:
            for fault in self._of_question(about, question):
                yield f"questions.{about}: {fault}"
        frame = [] if self.letter else [said.subject, said.greeting, said.opening, said.closing]
        for text in frame:
            if not _TEXT_LEAST <= len(text) <= _FRAME_MOST or "\n" in text:
                yield f"text: must be one line of {_TEXT_LEAST} to {_FRAME_MOST} characters"
        everything = [*frame, *(question for _, question in said.questions)]
        whole = "\n".join(everything)
        source = self._source()
        for code in (*faults_of(whole.replace("\n", " ")), *amounts_of(whole, source), *lures(whole)):
            yield f"text: {_RULES[code]}"
        if not self._is_in_language(whole):
            yield f"text: must be in {name_of(self.language)}"

    def _is_in_language(self, text: str) -> bool:
        """Whether a text is in the language.

        A few words are not enough to tell, so the letter's own opening sentence is put before them.
        """
        words = _WORD.findall(fold(text))
        ours = f"{self.letter.opening} {text}" if self.letter and len(words) < _FEW_WORDS else text
        found = detect(ours, _WORD.findall(fold(ours)))
        return found in (None, self.language) or any({found, self.language} <= alike for alike in _ALIKE)

    def _of_question(self, about: str, question: str) -> Iterator[str]:
        if not _TEXT_LEAST <= len(question) <= _TEXT_MOST or "\n" in question:
            yield f"must be one line of {_TEXT_LEAST} to {_TEXT_MOST} characters"
        signs = _ASKING_IN_GREEK if self.language == "el" else _ASKING
        if not question.endswith(signs) and self.language not in _WITHOUT_SIGN:
            yield "must be a question"
        elif _SENTENCE_ENDS.search(question):
            yield "must be one sentence"
        ours = self.letter
        if ours is not None and about in ours.words:
            folded = fold(question)
            if not any(word in folded for word in ours.words[about]):
                yield "must ask about that and nothing else"

    def _source(self) -> str:
        places = " ".join(str(place) for ask in self.asks for place in ask.items)
        return f"{self.rfq.message[:_SOURCE_MOST]}\n{self.rfq.company or ''}\n{places}"

    def draft(self, said: DraftAnswer) -> Draft:
        """The complete reply."""
        ours = self.letter
        words = ours or letter("en")
        frame = frame_of(self.rfq, words)
        if ours is None:
            frame = Frame(self.language, said.subject[:SUBJECT_MOST], said.greeting, said.opening, said.closing, "")
        by_field = dict(said.questions)
        questions = [(ask, by_field[ask.field]) for ask in sorted(self.asks, key=lambda ask: FIELDS.index(ask.field))]
        if ours is None:  # without a letter, the word for an item would be English, so use the item's name or position
            words = replace(words, item="#{number}", more="… +{count}")
        text = framed(frame, questions, self.rfq, words).rstrip()
        return Draft(self.language, frame.subject, text[:BODY_MOST], self.asks, source="model")


_NO_FRAME = "Write the questions alone: greeting and closing words are added."
_FRAME = (
    "Write `subject` (of the e-mail), `greeting` (without a name), `opening` (one sentence: thanks for the request,"
    " and that the following is needed for an offer) and `closing` (one sentence and a greeting) as well."
)
_RULES = {
    "hidden": "must hold no invisible characters",
    "link": "must hold no link and no address",
    "markup": "must be plain text",
    "placeholder": "must hold no placeholder",
    "contact": "must hold no address and no telephone number",
    "price": "must name no amount of money",
    "number": "must name no number that the request does not have",
    "lure": "must ask for nothing but what was named",
}


def _asked(ask: Ask) -> str:
    items = f", for item {', '.join(map(str, ask.items))} of the request" if ask.items else ""
    return f"- `{ask.field}`: {_SUBJECTS[ask.field]}{items}"


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object", "properties": dict(properties), "required": list(properties), "additionalProperties": False,
    }  # fmt: skip
