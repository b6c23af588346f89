"""Which model of the chain is asked next. Pure; the chain is RFQFLOW_MODEL, then RFQFLOW_FALLBACK_MODELS."""

from collections.abc import Sequence

from rfqflow.core.errors import ErrorClass

# What one model makes of a text another need not: its filter, its manners, its length of breath. An outage or a bad
# request is not among them: whoever is asked would meet the same, or the breaker looks after it.
ANOTHER_MODEL = frozenset(
    {
        ErrorClass.CONTENT_FILTER,
        ErrorClass.REFUSAL,
        ErrorClass.INVALID_OUTPUT,
        ErrorClass.TRUNCATED,
        ErrorClass.MODEL_NOT_FOUND,
    }
)


def candidates(models: Sequence[str], last_model: str | None, last_error_class: str | None) -> tuple[str, ...]:
    """The models to choose from, the preferred one first; never empty where the chain is not.

    `last_model` and `last_error_class` are those of the last attempt at the same content. Where it showed that its
    model cannot do it, the chain goes on after that model. At the chain's end it begins anew: the verdict has ended
    the RFQ there, or a person or a backoff has brought it back.
    """
    rest = following(models, last_model) if last_error_class in ANOTHER_MODEL else ()
    return rest or tuple(models)


def following(models: Sequence[str], model: str | None) -> tuple[str, ...]:
    """The models after one; none after the last, nor after one that is not of the chain."""
    return tuple(models[models.index(model) + 1 :]) if model in models else ()
