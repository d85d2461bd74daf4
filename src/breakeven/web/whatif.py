"""A study's text with edits, computed: at once and roughly while it is being changed, in full when it rests."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from breakeven.advice.decide import decide, outline
from breakeven.advice.decision import Decision
from breakeven.advice.published_rules import PUBLISHED_RULES
from breakeven.advice.purchases import PURCHASES, PurchaseKind
from breakeven.advice.rule import Rule
from breakeven.economics.sensitivity import go_on
from breakeven.errors import InputError, Problem, StudyError
from breakeven.prices import PriceBook
from breakeven.study.editing import Edit, edit_all
from breakeven.study.model import Study
from breakeven.study.opening import FILE_NAME, parse_study
from breakeven.web.inputs import paths_of

__all__ = ["MOST_EDITS", "Change", "Setting", "WhatIf"]

T = TypeVar("T")

QUICK_DRAWS: Final = 1000
MOST_EDITS: Final = 60
_LONGEST: Final = 200
"""Characters of one value: as long as a quantity may be."""
_KEPT: Final = 24
"""Studies that are kept open: back and forth between two costs nothing."""

Change = tuple[str, str]
"""An input's name and what is to stand there, as one would write it."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How studies are opened and computed on this server."""

    folder: Path
    """Where the study's evidence lies."""
    today: dt.date
    book: PriceBook
    prices_as_of: str
    file: str = FILE_NAME
    """The study file's name in the folder."""
    seed: int = 0
    draws: int = 20_000
    allow_outside: bool = False
    rules: Sequence[Rule] = PUBLISHED_RULES
    purchases: Sequence[PurchaseKind] = PURCHASES


class _Kept:
    """The last results by their key, for several threads."""

    def __init__(self) -> None:
        self._found: OrderedDict[Any, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                found: T = self._found[key]
                return found
        made = make()
        with self._lock:
            self._found[key] = made
            while len(self._found) > _KEPT:
                self._found.popitem(last=False)
        return made

    def clear(self) -> None:
        with self._lock:
            self._found.clear()


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """Opens and computes studies for the page, and keeps what it opened."""

    setting: Setting
    _studies: _Kept = field(default_factory=_Kept, repr=False)
    _ages: list[int] = field(default_factory=lambda: [0], repr=False)

    @property
    def age(self) -> int:
        """How often everything was forgotten: what is kept elsewhere of an earlier age no longer counts."""
        return self._ages[0]

    def study(self, text: str) -> Study:
        """The study in a text. Raises StudyError with every problem and its place."""
        return self._studies.get(text, lambda: self._opened(text))

    def _opened(self, text: str) -> Study:
        s = self.setting
        return parse_study(
            text, s.file, today=s.today, book=s.book, folder=s.folder, allow_outside=s.allow_outside
        )

    def edited(self, text: str, changes: Sequence[Change]) -> str:
        """The text with these inputs changed; a study again, or StudyError. Raises InputError for an unknown input."""
        if not changes:
            return text
        if len(changes) > MOST_EDITS:
            raise InputError(f"{len(changes)} changes at once; {MOST_EDITS} are the most")
        base = self.study(text)
        return edit_all(text, [edit for name, value in changes for edit in _edits(base, name, value)])

    def quick(self, text: str) -> Decision:
        """Who leads and by how much, from few draws."""
        s = self.setting
        return outline(self.study(text), draws=QUICK_DRAWS, seed=s.seed, prices_as_of=s.prices_as_of)

    def full(self, text: str, between: Callable[[], None] = go_on) -> Decision:
        """The decision, as ``breakeven decide`` makes it. ``between``: called between steps; it may raise to end it."""
        s = self.setting
        return decide(
            self.study(text), draws=s.draws, seed=s.seed, prices_as_of=s.prices_as_of, rules=s.rules,
            purchases=s.purchases, between=between,
        )  # fmt: skip

    def forget(self) -> None:
        """Compute anew: a file beside the study has changed."""
        self._studies.clear()
        self._ages[0] += 1


def _edits(study: Study, name: str, value: str) -> list[Edit]:
    if not value.strip() or len(value) > _LONGEST:
        message = "nothing stands here" if not value.strip() else f"longer than {_LONGEST} characters"
        raise StudyError(Problem(message=message, field=name, hint="write a quantity with its unit"))
    paths = paths_of(study, name)
    if not paths:
        known = any(belief.name == name for belief in study.beliefs)
        message = (
            "this can only be changed in the study file" if known else f"no input is called {name[:80]!r}"
        )
        raise InputError(Problem(message=message, field=name))
    return [Edit(path, value) for path in paths]
