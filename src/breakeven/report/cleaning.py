"""A decision with all its texts made harmless, so that no page can forget one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from breakeven.errors import InputError
from breakeven.report.text import clean

__all__ = ["cleaned"]

T = TypeVar("T")


def cleaned(thing: T) -> T:
    """The same decision (or any part of it) with ``clean`` applied to every text, keys included.

    Raises InputError where two candidates would look alike on a page.
    """
    result: T = _cleaned(thing)
    return result


def _cleaned(thing: Any) -> Any:
    if isinstance(thing, str):
        return clean(thing)
    if isinstance(thing, tuple):
        return tuple(_cleaned(item) for item in thing)
    if isinstance(thing, Mapping):
        return _mapping(thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        return replace(thing, **{f.name: _cleaned(getattr(thing, f.name)) for f in fields(thing) if f.init})
    return thing


def _mapping(thing: Mapping[Any, Any]) -> dict[Any, Any]:
    found = {_cleaned(key): _cleaned(value) for key, value in thing.items()}
    if len(found) < len(thing):
        names = ", ".join(repr(key) for key in thing)
        raise InputError(f"two names look the same on a page: {names}; give each its own")
    return found
