"""Equal work done once: who asks for what is being computed waits for it, and what was computed is kept.

Work that nobody waits for any more ends, or never starts: a slider that has moved on, a tab that was closed.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

__all__ = ["GivenUpError", "Shared"]

T = TypeVar("T")


class GivenUpError(Exception):
    """Raised in work that nobody waits for; it reaches nobody."""


@dataclass(eq=False)
class _Flight:
    """Work under way, and how many wait for it."""

    task: asyncio.Task[Any]
    given_up: threading.Event
    waiting: int = 0


@dataclass(kw_only=True)
class Shared(Generic[T]):
    """Results by what they are results of. ``most``: the sum of ``size`` of the results that are kept."""

    most: float
    size: Callable[[T], float] = lambda _: 1.0
    keeps: Callable[[T], bool] = lambda _: True
    """Whether a result may be given again: not a failure that may pass."""
    _kept: OrderedDict[Hashable, T] = field(default_factory=OrderedDict, repr=False)
    _flights: dict[Hashable, _Flight] = field(default_factory=dict, repr=False)
    _held: float = 0.0
    _age: int = 0

    @property
    def under_way(self) -> int:
        """Pieces of work that are computed or stand in line."""
        return len(self._flights)

    def known(self, key: Hashable) -> T | None:
        """The result where it is kept; None where it is not."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]

    async def get(self, key: Hashable, begin: Callable[[threading.Event], Awaitable[T]]) -> T:
        """The result, kept or computed. ``begin``: computes it; the event it is given says that nobody waits any more.

        A caller that is cancelled no longer waits. Errors reach everybody who waits, and are not kept.
        """
        found = self.known(key)
        if found is not None:
            return found
        at = (key, self._age, asyncio.get_running_loop())
        flight = self._flights.get(at) or self._begun(key, at, begin)
        flight.waiting += 1
        try:
            made: T = await asyncio.shield(flight.task)
            return made
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._flights.pop(at, None)
                flight.given_up.set()
                flight.task.cancel()

    def _begun(
        self, key: Hashable, at: Hashable, begin: Callable[[threading.Event], Awaitable[T]]
    ) -> _Flight:
        given_up, age = threading.Event(), self._age

        async def fly() -> T:
            return await begin(given_up)

        flight = _Flight(task=asyncio.create_task(fly()), given_up=given_up)

        def landed(task: asyncio.Task[T]) -> None:
            if self._flights.get(at) is flight:
                del self._flights[at]
            if not task.cancelled() and task.exception() is None and age == self._age:
                self._keep(key, task.result())

        flight.task.add_done_callback(landed)
        self._flights[at] = flight
        return flight

    def _keep(self, key: Hashable, made: T) -> None:
        if not self.keeps(made) or self.size(made) > self.most or key in self._kept:
            return
        self._kept[key] = made
        self._held += self.size(made)
        while self._held > self.most:
            _, oldest = self._kept.popitem(last=False)
            self._held -= self.size(oldest)

    def forget(self) -> None:
        """Compute anew; what is under way still answers who waits for it, and is not kept."""
        self._age += 1
        self._kept.clear()
        self._held = 0.0
