"""`functools.cached_property` without the lock that it has in Python 3.11.

Here, the lock takes longer than most values.
"""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

if TYPE_CHECKING or sys.version_info >= (3, 12):
    cached = cached_property
else:
    _T = TypeVar("_T")

    class cached(Generic[_T]):  # noqa: N801 - replaces a function
        """Computes a value at its first use, and keeps it in the instance's `__dict__`.

        Two threads may both compute the value, with the same result.
        """

        def __init__(self, make: Callable[[Any], _T]) -> None:
            self._make = make
            self.__doc__ = make.__doc__

        def __set_name__(self, _owner: type, name: str) -> None:
            self._name = name

        def __get__(self, instance: Any, _owner: type | None = None) -> Any:
            if instance is None:
                return self
            value = instance.__dict__[self._name] = self._make(instance)
            return value
