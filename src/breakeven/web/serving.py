"""What the pages share: the study file, what was computed of it, and the line in front of the arithmetic."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event
from typing import Annotated, Any, Final, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from breakeven.advice.decision import Decision
from breakeven.errors import InputError, Place, Problem, StudyError
from breakeven.web.sharing import GivenUpError, Shared
from breakeven.web.shown import Colours, colours_of
from breakeven.web.whatif import MOST_EDITS, Change, WhatIf

__all__ = ["Changes", "Edited", "Served", "StaleError", "served"]

T = TypeVar("T")

_MOST_BYTES: Final = 1_000_000
_KEPT: Final = 24
"""Decisions that are kept: back and forth between two costs nothing."""


class StaleError(InputError):
    """The study file has changed since the page was loaded."""

    status = 409


class Changes(BaseModel):
    """Inputs as they stand on the page."""

    model_config = ConfigDict(extra="forbid")

    seen: Annotated[str, Field(max_length=64)]
    """The fingerprint of the study file that the page shows."""
    changes: Annotated[list[tuple[str, str]], Field(max_length=MOST_EDITS)] = []


@dataclass(frozen=True, kw_only=True)
class Edited:
    """The saved text and the same with the page's changes."""

    saved: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Served:
    """One study file on this server."""

    path: Path
    whatif: WhatIf
    _quick: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1), repr=False)
    _full: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1), repr=False)
    _words: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1), repr=False)
    _decisions: Shared[Decision] = field(default_factory=lambda: Shared(most=_KEPT), repr=False)
    _made: Shared[Any] = field(default_factory=lambda: Shared(most=_KEPT), repr=False)
    _colours: dict[str, Colours] = field(default_factory=dict, repr=False)

    @property
    def is_there(self) -> bool:
        """Whether there is a study yet."""
        return self.path.is_file()

    def text(self) -> str:
        """The saved study. Raises StudyError where it can not be read."""
        try:
            with self.path.open("rb") as file:
                return file.read(_MOST_BYTES + 1).decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as exc:
            problem = Problem(message=f"the study can not be read: {exc}", place=Place(file=self.path.name))
            raise StudyError(problem) from exc

    @staticmethod
    def fingerprint(text: str) -> str:
        """By which a page knows which text it shows."""
        return hashlib.sha256(text.encode()).hexdigest()[:24]

    def edited(self, asked: Changes) -> Edited:
        """The text with the page's changes. Raises StaleError where the file is another one by now."""
        saved = self.text()
        if asked.seen != self.fingerprint(saved):
            hint = "reload the page; your changes stay in its address"
            raise StaleError(
                Problem(message=f"{self.path.name} was changed on disk after this page was loaded", hint=hint)
            )
        return Edited(saved=saved, text=self.whatif.edited(saved, asked.changes))

    def colours(self, saved: str) -> Colours:
        """The colours of the saved study."""
        if saved not in self._colours:
            self._colours.clear()
            self._colours[saved] = colours_of(self.whatif.quick(saved))
        return self._colours[saved]

    async def quickly(self, work: Callable[[], T]) -> T:
        """Work of some milliseconds, one at a time."""
        return await to_thread.run_sync(work, limiter=self._quick)

    async def worded(self, work: Callable[[], T]) -> T:
        """Words and drawings of a decision that is there, one at a time, beside the arithmetic."""
        return await to_thread.run_sync(work, limiter=self._words)

    async def fully(self, work: Callable[[], T]) -> T:
        """Work that takes a second, one at a time, beside the quick one."""
        return await to_thread.run_sync(work, limiter=self._full)

    async def while_asked(self, request: Request, work: Callable[[], T]) -> T | None:
        """Quick work; None where the page gave up while it stood in line, so that nothing is done that nobody reads."""
        async with self._quick:
            if await request.is_disconnected():
                return None
            return await to_thread.run_sync(work)

    async def decided(self, text: str) -> Decision:
        """The full decision on a text: kept, shared with who else asks for it, and ended when nobody does any more."""
        return await self._decisions.get((self.whatif.age, text), partial(self._computed, text))

    async def _computed(self, text: str, given_up: Event) -> Decision:
        def between() -> None:
            if given_up.is_set():
                raise GivenUpError

        return await self.fully(partial(self.whatif.full, text, between))

    async def made_once(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """What is made of a text, and kept: by who asks first, for all who ask meanwhile and later."""
        found: T = await self._made.get((self.whatif.age, key), lambda _: make())
        return found

    @property
    def under_way(self) -> int:
        """Decisions that are computed or stand in line."""
        return self._decisions.under_way

    def listed(self, saved: str, changes: Sequence[Change]) -> list[tuple[str, str, str]]:
        """(input, as saved, as edited) of each change."""
        from breakeven.study.editing import written

        beliefs = {b.name: b for b in self.whatif.study(saved).beliefs}
        found = []
        for name, value in changes:
            b = beliefs.get(name)
            found.append((name, "" if b is None else written(b.low, b.high, b.kind), value))
        return found


def served(request: Request) -> Served:
    """The study that a request is about."""
    found: Any = request.app.state.served
    assert isinstance(found, Served)
    return found
