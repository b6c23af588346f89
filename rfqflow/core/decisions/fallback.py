"""Chooses the next model of the chain: RFQFLOW_MODEL, then RFQFLOW_FALLBACK_MODELS. Pure."""

from collections.abc import Sequence

from rfqflow.core.errors import ErrorClass

# Errors that depend on the model, such as a filter or an overlong answer. Outages and bad requests are not among them:
# every model would meet the same, or the breaker handles it.
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
    """The models to choose from, the preferred one first; never empty if the chain is not.

    `last_model` and `last_error_class` belong to the last attempt at the same content. If that model cannot do it, the
    chain continues after it. At its end, the chain starts again: the RFQ has reached a final state, or a person or
    backoff made it due.
    """
    rest = following(models, last_model) if last_error_class in ANOTHER_MODEL else ()
    return rest or tuple(models)


def following(models: Sequence[str], model: str | None) -> tuple[str, ...]:
    """The models after this one; none after the last, or for a model outside the chain."""
    return tuple(models[models.index(model) + 1 :]) if model in models else ()
