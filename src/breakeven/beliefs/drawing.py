"""Beliefs drawn: one sampled world in each row, every input from its own stream."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from breakeven.beliefs.belief import Belief, Values

__all__ = ["CAUSE_LOADING", "Draws", "Joint", "PathDraw", "centres", "sample"]

CAUSE_LOADING: Final = 0.9
"""How strongly an input follows its shared cause (correlation of two such inputs: 0.81)."""
THREADS: Final = 2
"""Inputs drawn at a time: NumPy lets go of the interpreter meanwhile, and each input has its own stream."""


@dataclass(frozen=True, kw_only=True)
class Joint:
    """Inputs that are drawn together from evidence: the qualities of candidates scored on the same cases."""

    names: tuple[str, ...]
    draw: Callable[[np.random.Generator, int], Values]
    """(rng, n) → array (n, len(names))."""


class Draws:
    """One sampled world in each row: the value of every input, looked up by its belief."""

    def __init__(
        self, n: int, values: Mapping[str, Values], paths: Mapping[str, Values] | None = None
    ) -> None:
        self.n = n
        self._values = values
        self._paths = paths or {}

    def __getitem__(self, belief: Belief) -> Values:
        return self._values[belief.name]

    def touched(self) -> tuple[Draws, set[str]]:
        """The same draws, and a set that fills with the names of the inputs that are looked up."""
        seen: set[str] = set()
        return _Watched(self, seen), seen

    def named(self, name: str) -> Values:
        """The values of the input with this name; shape (n,) or (1,)."""
        return self._values[name]

    def path(self, name: str) -> Values | None:
        """A value for each month, shape (months, n), where one was drawn under this name."""
        return self._paths.get(name)

    @property
    def names(self) -> Sequence[str]:
        """Every input's name."""
        return list(self._values)

    def rows(self, start: int, stop: int) -> Draws:
        """The draws from ``start`` to ``stop``, as views."""
        cut = {name: v if v.size == 1 else v[start:stop] for name, v in self._values.items()}
        paths = {name: path[:, start:stop] for name, path in self._paths.items()}
        return Draws(min(stop, self.n) - start, cut, paths)

    def first(self, n: int) -> Draws:
        """The first ``n`` draws."""
        return self.rows(0, min(n, self.n))

    def with_values(self, name: str, values: Values) -> Draws:
        """The same draws with one input replaced, shape (n,) or (1,)."""
        return Draws(self.n, {**self._values, name: values}, self._paths)

    def at_values(self, name: str, grid: Values) -> Draws:
        """Every draw repeated once for each value of the grid, with that input set to it: grid-major rows."""
        repeated = {key: v if v.size == 1 else np.tile(v, grid.size) for key, v in self._values.items()}
        repeated[name] = np.repeat(grid, self.n)
        paths = {key: np.tile(path, (1, grid.size)) for key, path in self._paths.items()}
        return Draws(self.n * grid.size, repeated, paths)


class _Watched(Draws):
    """Draws that note what is looked up."""

    def __init__(self, draws: Draws, seen: set[str]) -> None:
        super().__init__(draws.n, draws._values, draws._paths)
        self._seen = seen

    def __getitem__(self, belief: Belief) -> Values:
        self._seen.add(belief.name)
        return super().__getitem__(belief)

    def named(self, name: str) -> Values:
        self._seen.add(name)
        return super().named(name)

    def path(self, name: str) -> Values | None:
        self._seen.add(name)
        return super().path(name)


PathDraw = Callable[[np.random.Generator, int], Values]
"""(rng, n) → one value for each month and draw, shape (months, n)."""


def sample(
    beliefs: Iterable[Belief],
    n: int,
    seed: int,
    joints: Sequence[Joint] = (),
    paths: Mapping[str, PathDraw] | None = None,
) -> Draws:
    """``n`` draws of every belief.

    Each input has its own stream, keyed by its name: adding an input leaves the draws of all others as they were, so
    two versions of a study are compared on the same worlds.
    """
    beliefs = tuple(beliefs)
    drawn = [belief for belief in beliefs if not belief.is_point]
    shared = dict.fromkeys(belief.cause for belief in drawn if belief.cause is not None)
    causes = {cause: _stream(seed, f"cause: {cause}").standard_normal(n) for cause in shared}

    def draw(belief: Belief, row: Values) -> None:
        _stream(seed, belief.name).standard_normal(out=row)
        if belief.cause is not None:
            row *= np.sqrt(1 - CAUSE_LOADING**2)
            row += CAUSE_LOADING * causes[belief.cause]
        row[:] = belief.at(row)

    rows = np.empty((len(drawn), n))  # one block: taking memory bit by bit costs a fifth of the time
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(draw, drawn, rows))
    row_of = dict(zip((belief.name for belief in drawn), rows, strict=True))
    values = {b.name: b.at(np.zeros(1)) if b.is_point else row_of[b.name] for b in beliefs}
    for joint in joints:
        together = joint.draw(_stream(seed, "joint: " + ", ".join(joint.names)), n)
        values.update({name: np.ascontiguousarray(together[:, k]) for k, name in enumerate(joint.names)})
    followed = {name: path(_stream(seed, f"path: {name}"), n) for name, path in (paths or {}).items()}
    return Draws(n, values, followed)


def _stream(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(name.encode())]))


def centres(beliefs: Iterable[Belief]) -> Draws:
    """The deterministic world: every belief at its centre."""
    return Draws(1, {belief.name: np.array([belief.centre]) for belief in beliefs})
