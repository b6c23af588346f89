"""The values in which two answers to the same RFQ disagree. Wording does not count. Pure.

Other releases may have recorded the answers with other schemas, so any field may be missing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from rfqflow.core.evaluation.metrics import LABELLED_VALUES, plain_value
from rfqflow.core.text import units

# Fields that are compared. Summary, tags and descriptions are not: two good answers use different words.
FIELDS = ("route", "intent", "urgency", "language", *LABELLED_VALUES, "line_items", "missing", "injection_suspected")
_DEFAULTS: Mapping[str, Any] = {"intent": "rfq", "urgency": "normal", "injection_suspected": False}


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A field in which answers disagree. `base`: None if the active prompt was not called.

    `person`: the route that a person set, if any.
    """

    field: str
    base: Any
    candidate: Any
    person: Any = None


def disagreements(
    base: Mapping[str, Any] | None, candidate: Mapping[str, Any], person_route: str | None = None
) -> list[Disagreement]:
    """The fields in which the candidate's answer differs from the base's answer, or from a person's decision."""
    found = []
    for name in FIELDS:
        said, other = _value(candidate, name), None if base is None else _value(base, name)
        person = person_route if name == "route" else None
        differs = base is not None and _comparable(name, said) != _comparable(name, other)
        if differs or (person is not None and person != said):
            found.append(Disagreement(name, other, said, person))
    return found


def _value(answer: Mapping[str, Any], name: str) -> Any:
    value = answer.get(name)
    return _DEFAULTS.get(name) if value is None else value


def _comparable(name: str, value: Any) -> Any:
    if name == "line_items":
        return Counter(_item(one) for one in _all(value))
    if name == "missing":
        return {str(one) for one in _all(value)}
    return plain_value(value)


def _all(value: Any) -> Iterable[Any]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _item(item: Any) -> tuple[str, str]:
    """Quantity and unit of an item, in the form in which evaluations compare them."""
    known = item if isinstance(item, Mapping) else {}
    unit = known.get("unit")
    try:
        quantity = str(Decimal(str(known["quantity"])).normalize()) if known.get("quantity") is not None else ""
    except InvalidOperation:
        quantity = str(known["quantity"])
    return quantity, str(units.canonical(unit if isinstance(unit, str) else None))
