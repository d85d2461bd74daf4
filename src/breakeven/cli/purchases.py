"""What can be bought, the catalogue's entries and those of installed packages (entry point ``breakeven.purchases``)."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import metadata
from typing import Final

from breakeven.advice.purchases import PURCHASES, PurchaseKind
from breakeven.errors import BreakevenError, InputError, Problem

__all__ = ["ENTRY_POINTS", "all_purchases"]

ENTRY_POINTS: Final = "breakeven.purchases"
"""The group in which a package names its purchases: an entry is a ``PurchaseKind`` or several."""


def all_purchases() -> tuple[PurchaseKind, ...]:
    """The catalogue, then what installed packages add; no two share a key.

    Raises InputError that names the entry where one can not be loaded or gives something else.
    """
    found = {kind.key: kind for kind in PURCHASES}
    entries = metadata.entry_points(group=ENTRY_POINTS)
    for entry in sorted(entries, key=lambda entry: (entry.name, entry.value)):
        for kind in _from_package(entry):
            if kind.key in found:
                raise InputError(
                    Problem(message=f"{_named(entry)}: there is a purchase {kind.key!r} already")
                )
            found[kind.key] = kind
    return tuple(found.values())


def _from_package(entry: metadata.EntryPoint) -> list[PurchaseKind]:
    try:
        given = entry.load()
    except BreakevenError as exc:
        raise InputError(Problem(message=f"{_named(entry)}: {exc}")) from exc
    except Exception as exc:  # whatever a package does when it is imported
        raise InputError(Problem(message=f"{_named(entry)} can not be loaded: {exc!r}")) from exc
    kinds = (
        [given]
        if isinstance(given, PurchaseKind)
        else list(given)
        if isinstance(given, Iterable)
        else [given]
    )
    if not all(isinstance(kind, PurchaseKind) for kind in kinds):
        hint = "name a breakeven.advice.purchases.PurchaseKind, or a tuple of them"
        raise InputError(
            Problem(message=f"{_named(entry)} gives something that can not be bought", hint=hint)
        )
    return kinds


def _named(entry: metadata.EntryPoint) -> str:
    package = f" of {entry.dist.name}" if entry.dist is not None else ""
    return f"entry point {entry.name!r}{package} ({entry.value})"
