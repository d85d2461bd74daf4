"""The data checks, one file each, and the table of them.

To add one: write a module here that names its check ``CHECK`` (several: ``CHECKS``, a tuple). Nothing else is to be
entered anywhere. From a package of your own, name the check in the entry point group ``breakeven.data_checks``.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from typing import Final

from breakeven.errors import EvidenceError, InputError, Problem, nearest
from breakeven.evidence.training.check import Check

__all__ = ["ENTRY_POINTS", "data_checks", "named_checks"]

ENTRY_POINTS: Final = "breakeven.data_checks"
"""Under this name other packages bring checks of their own."""


_ORDER: Final = (
    "format", "length", "schema", "leakage", "holdout", "duplicates", "conflicts", "labels", "classes", "production",
    "origin", "edge-cases", "language", "personal-data", "secrets", "toxic",
)  # fmt: skip
"""What spoils a training run first; checks that are not named here come after them."""


@cache
def data_checks() -> tuple[Check, ...]:
    """Every known check, the gravest first.

    A check of another package replaces one of ours that has its name. Raises EvidenceError where one is no check.
    """
    found: dict[str, Check] = {}
    for module in sorted(info.name for info in iter_modules(__path__)):
        for check in _of_module(f"{__name__}.{module}"):
            found[check.name] = check
    for entry in entry_points(group=ENTRY_POINTS):
        check = entry.load()
        if not _is_check(check):
            raise EvidenceError(f"the entry point {entry.name!r} of {ENTRY_POINTS} is no data check")
        found[check.name] = check
    rank = {name: place for place, name in enumerate(_ORDER)}
    return tuple(sorted(found.values(), key=lambda check: rank.get(check.name, len(rank))))


def named_checks(names: tuple[str, ...]) -> tuple[Check, ...]:
    """The checks of these names, in the order of the table; InputError names the nearest of an unknown one."""
    known = {check.name: check for check in data_checks()}
    for name in names:
        if name not in known:
            near = nearest(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
            raise InputError(Problem(message=f"no data check is called {name!r}", hint=hint))
    return tuple(check for name, check in known.items() if name in names)


def _of_module(name: str) -> tuple[Check, ...]:
    module = import_module(name)
    one = getattr(module, "CHECK", None)
    return (*(() if one is None else (one,)), *getattr(module, "CHECKS", ()))


def _is_check(thing: object) -> bool:
    return callable(thing) and all(isinstance(getattr(thing, name, None), str) for name in ("name", "title"))
