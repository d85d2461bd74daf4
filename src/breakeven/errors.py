"""Everything that Breakeven raises on purpose, as one tree.

::

    BreakevenError                  base class: catch this to catch all of ours
    ├── InputError                  what you gave can not be used; carries the place it stands at
    │   ├── QuantityError           a quantity could not be read (unit missing, wrong, or ambiguous)
    │   ├── StudyError              a study file is wrong; holds one problem or many
    │   ├── EvidenceError           an evidence file (scores, profile) could not be used
    │   └── ClaimsError             a claims file is wrong
    ├── UnknownPriceError           no price for a model, host or GPU: never taken as zero
    ├── UnknownFigureError          a figure to be explained has no such name
    ├── NotEnoughEvidenceError      the evidence does not allow an answer (exit code 3)
    └── MissingExtraError           an optional dependency is not installed; prints its install line

Every message says what was read, where, and what would be right.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "BreakevenError",
    "ClaimsError",
    "EvidenceError",
    "InputError",
    "MissingExtraError",
    "NotEnoughEvidenceError",
    "Place",
    "Problem",
    "QuantityError",
    "StudyError",
    "UnknownFigureError",
    "UnknownPriceError",
    "nearest",
]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in a file something stands: ``breakeven.yaml:7:12``."""

    file: str
    line: int | None = None
    """Line, counted from 1."""
    column: int | None = None
    """Column, counted from 1."""

    def __str__(self) -> str:
        parts = [self.file, *(str(n) for n in (self.line, self.column) if n is not None)]
        return ":".join(parts)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong with an input: its place, its field, what was read, what would be right."""

    message: str
    place: Place | None = None
    field: str | None = None
    """Dotted path of the field: ``candidates.tuned.retrain``."""
    hint: str | None = None
    """What would be right."""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        what = f"{self.field}: " if self.field else ""
        hint = f"\n    {self.hint}" if self.hint else ""
        return f"{where}{what}{self.message}{hint}"


class BreakevenError(Exception):
    """Base class of all errors that Breakeven raises on purpose."""


class InputError(BreakevenError):
    """Something you gave can not be used. ``problems`` lists each, with its place."""

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = tuple(Problem(message=p) if isinstance(p, str) else p for p in problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class QuantityError(InputError):
    """A quantity could not be read: its unit is missing, wrong, or has two readings."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        self.message = message
        self.hint = hint
        super().__init__(Problem(message=message, hint=hint))


class StudyError(InputError):
    """A study file is wrong; one entry in ``problems`` for each thing found."""


class EvidenceError(InputError):
    """An evidence file (scores, profile) could not be used."""


class ClaimsError(InputError):
    """A claims file is wrong."""


class UnknownPriceError(BreakevenError):
    """No price is known. A missing price would look like a saving, so it is never taken as zero."""

    def __init__(self, what: str, key: str, near: Iterable[str] = ()) -> None:
        self.key = key
        self.near = tuple(near)
        hint = f" Nearest: {', '.join(self.near)}." if self.near else ""
        super().__init__(
            f"no {what} for {key!r} in the price book.{hint} "
            f"State it under `prices:` in the study, or look it up with `breakeven prices search`."
        )


class UnknownFigureError(BreakevenError):
    """A figure to be explained has no such name."""

    def __init__(self, figure: str, near: Iterable[str] = ()) -> None:
        self.figure = figure
        self.near = tuple(near)
        hint = f" Nearest: {', '.join(self.near)}." if self.near else ""
        super().__init__(f"no figure is called {figure!r}.{hint} `breakeven explain --list` shows all.")


class NotEnoughEvidenceError(BreakevenError):
    """The evidence does not allow an answer."""


class MissingExtraError(BreakevenError):
    """An optional dependency is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed; it comes with an extra: pip install 'breakeven[{extra}]'"
        )


def nearest(word: str, known: Iterable[str], *, n: int = 3) -> list[str]:
    """The known words most like ``word``, best first; empty where none is near."""
    return difflib.get_close_matches(word, list(known), n=n, cutoff=0.55)
