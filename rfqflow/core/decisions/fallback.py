"""Chooses the next model of the chain: RFQFLOW_MODEL, then RFQFLOW_FALLBACK_MODELS. Pure."""

from collections.abc import Sequence

from rfqflow.core.errors import ErrorClass

# Errors that another model may not have, such as a filter or an answer that is too long. Outages are left to the
# breaker, and a bad request would be bad for every model.
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
    """The models to choose from, in order of preference. Empty only if the chain is empty.

    `last_model` and `last_error_class` belong to the last attempt for the same content. After an error that depends on
    the model, the models after the last one follow. After the last model of the chain, the first follows: then a person
    or the backoff has made the RFQ due again.
    """
    rest = following(models, last_model) if last_error_class in ANOTHER_MODEL else ()
    return rest or tuple(models)


def following(models: Sequence[str], model: str | None) -> tuple[str, ...]:
    """The models after this one in the chain. Empty for the last model, and for a model outside the chain."""
    return tuple(models[models.index(model) + 1 :]) if model in models else ()
