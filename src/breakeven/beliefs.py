"""Uncertain values: what we believe about an input, where that comes from, and how it is drawn.

A belief is a point, a 90% interval ``a..b`` with the family that fits it, a named distribution, or draws from evidence.
All are drawn through standard normal scores, so inputs that share a cause (the prices of one provider) move together:
with loading λ, a score is λ·(score of the cause) + √(1−λ²)·(its own).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from breakeven.errors import QuantityError
from breakeven.quantities import KINDS, Kind, Range, read, show, show_usd
from breakeven.sources import Source

__all__ = [
    "Belief",
    "Draws",
    "Joint",
    "PathDraw",
    "Source",
    "Values",
    "centres",
    "from_range",
    "from_text",
    "point",
    "sample",
    "show_value",
    "unit_of",
]

Values = NDArray[np.float64]
"""One value for each draw, shape (n,); a point has shape (1,) and broadcasts."""

Family = Literal["point", "lognormal", "normal", "logit-normal", "uniform", "triangular", "beta", "draws"]

Z90: Final = 1.6448536269514722
"""The standard normal score of 95%: a 90% interval reaches from −Z90 to +Z90."""
CAUSE_LOADING: Final = 0.9
"""How strongly an input follows its shared cause (correlation of two such inputs: 0.81)."""
THREADS: Final = 2
"""Inputs drawn at a time: NumPy lets go of the interpreter meanwhile, and each input has its own stream."""


@dataclass(frozen=True, kw_only=True)
class Belief:
    """One uncertain input. Values are in the unit of its kind (see ``quantities.KINDS``)."""

    name: str
    """Dotted path in the study: ``candidates.tuned.label_cost``."""
    kind: str
    """The kind of quantity, a key of ``quantities.KINDS``."""
    family: Family
    parameters: tuple[float, ...]
    """point (value); lognormal, logit-normal, normal (location, scale); uniform (low, high); triangular (low, mode,
    high); beta (a, b); draws: empty."""
    source: Source
    low_bound: float = -np.inf
    high_bound: float = np.inf
    cause: str | None = None
    """What this input shares with others: ``prices of openai``."""
    evidence: tuple[float, ...] = field(default=(), repr=False)
    """Sorted draws, for the family ``draws``."""

    @property
    def is_point(self) -> bool:
        """Whether there is no uncertainty."""
        return self.family == "point"

    @property
    def centre(self) -> float:
        """The median."""
        return float(self.quantile(0.5))

    @property
    def low(self) -> float:
        """The 5th percentile."""
        return float(self.quantile(0.05))

    @property
    def high(self) -> float:
        """The 95th percentile."""
        return float(self.quantile(0.95))

    def quantile(self, p: float) -> float:
        """The value that a share ``p`` of draws falls below."""
        return float(self.at(np.array([special.ndtri(p)]))[0])

    def share_below(self, value: float) -> float:
        """The probability of a draw below ``value``, to 1/4,000."""
        scores = special.ndtri((np.arange(4000) + 0.5) / 4000)
        return float(np.mean(self.at(scores) < value))

    def at(self, scores: Values) -> Values:
        """The values at these standard normal scores, same shape; a point stays one value."""
        values = _TRANSFORMS[self.family](self, scores)
        if np.isneginf(self.low_bound) and np.isposinf(self.high_bound):
            return values
        return np.clip(values, self.low_bound, self.high_bound)

    def __str__(self) -> str:
        if self.is_point:
            return show_value(self.centre, self.kind)
        return f"{show_value(self.low, self.kind)} .. {show_value(self.high, self.kind)}"


def _point(belief: Belief, scores: Values) -> Values:
    return np.array([belief.parameters[0]])


def _normal(belief: Belief, scores: Values) -> Values:
    location, scale = belief.parameters
    values = scale * scores
    values += (
        location  # in place, here and below: for 100,000 draws a new array costs more than the arithmetic
    )
    return values


def _lognormal(belief: Belief, scores: Values) -> Values:
    values = _normal(belief, scores)
    return np.exp(values, out=values)


def _logit_normal(belief: Belief, scores: Values) -> Values:
    values = _normal(belief, scores)
    special.expit(values, out=values)
    return values


def _uniform(belief: Belief, scores: Values) -> Values:
    low, high = belief.parameters
    values: Values = low + (high - low) * special.ndtr(scores)
    return values


def _triangular(belief: Belief, scores: Values) -> Values:
    low, mode, high = belief.parameters
    u = special.ndtr(scores)
    split = (mode - low) / (high - low)
    rising = low + np.sqrt(u * (high - low) * (mode - low))
    falling = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    values: Values = np.where(u < split, rising, falling)
    return values


def _beta(belief: Belief, scores: Values) -> Values:
    values: Values = special.betaincinv(*belief.parameters, special.ndtr(scores))
    return values


def _draws(belief: Belief, scores: Values) -> Values:
    known = np.asarray(belief.evidence)
    at = (np.arange(known.size) + 0.5) / known.size
    values: Values = np.interp(special.ndtr(scores), at, known)
    return values


_TRANSFORMS: Final[Mapping[str, Callable[[Belief, Values], Values]]] = {
    "point": _point,
    "normal": _normal,
    "lognormal": _lognormal,
    "logit-normal": _logit_normal,
    "uniform": _uniform,
    "triangular": _triangular,
    "beta": _beta,
    "draws": _draws,
}


def point(name: str, kind: str, value: float, source: Source) -> Belief:
    """A value without uncertainty."""
    return Belief(name=name, kind=kind, family="point", parameters=(float(value),), source=source)


def from_text(
    name: str,
    kind: str,
    text: str | float,
    source: Source,
    *,
    family: Family | None = None,
    cause: str | None = None,
) -> Belief:
    """Read a quantity or a 90% interval as written; raises QuantityError."""
    return from_range(name, KINDS[kind], read(text, KINDS[kind]), source, family=family, cause=cause)


def from_range(
    name: str,
    kind: Kind,
    found: Range,
    source: Source,
    *,
    family: Family | None = None,
    cause: str | None = None,
) -> Belief:
    """A belief whose 5th and 95th percentiles are the ends of the range.

    The family follows from the kind: a share is logit-normal, what can not be negative is lognormal, the rest is
    normal. An end that lies on a bound (0% or $0) has no logarithm: then a normal, clipped at the bound.
    """
    if found.is_point:
        return point(name, kind.name, found.low, source)
    low, high = found.low, found.high
    family = family or _natural_family(kind, low, high)
    bounds = (kind.low, kind.high)
    if family == "uniform":
        parameters: tuple[float, ...] = (low, high)
    elif family == "lognormal":
        parameters = _centre_and_scale(np.log(low), np.log(high)) if low > 0 else _refuse(name, family, low)
    elif family == "logit-normal":
        inside = low > 0 and high < 1
        ends = (special.logit(low), special.logit(high)) if inside else _refuse(name, family, low)
        parameters = _centre_and_scale(*ends)
    elif family == "normal":
        parameters = _centre_and_scale(low, high)
    else:
        raise QuantityError(f"{name}: a range can not be read as {family}", hint="uniform, normal, lognormal")
    keep_bounds = family == "normal"
    return Belief(
        name=name, kind=kind.name, family=family, parameters=tuple(float(p) for p in parameters), source=source,
        low_bound=bounds[0] if keep_bounds else -np.inf, high_bound=bounds[1] if keep_bounds else np.inf, cause=cause,
    )  # fmt: skip


def _refuse(name: str, family: str, low: float) -> tuple[float, float]:
    raise QuantityError(
        f"{name}: a {family} can not start at {low:g}", hint="use a low end above 0, or `normal:`"
    )


def _natural_family(kind: Kind, low: float, high: float) -> Family:
    if kind.percent and kind.low == 0 and kind.high == 1:
        return "logit-normal" if low > 0 and high < 1 else "normal"
    return "lognormal" if kind.low == 0 and low > 0 else "normal"


def _centre_and_scale(low: float, high: float) -> tuple[float, float]:
    return (low + high) / 2, (high - low) / (2 * Z90)


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


def renamed(belief: Belief, name: str) -> Belief:
    """The same belief under another name."""
    return replace(belief, name=name)


_SUFFIX: Final = {
    "volume": " calls/month",
    "tokens": " tokens",
    "hours": " hours",
    "hours per month": " hours/month",
    "events per month": " a month",
    "months": " months",
    "seconds": " s",
    "calls per second": " calls/s",
    "gigabytes": " GB",
}
_PER: Final = {
    "money": "",
    "money per call": "/call",
    "money per error": " an error",
    "money per answer": " an answer",
    "money per example": "/example",
    "money per token": "/1M tokens",
    "money per hour": "/hour",
    "money per second": "/s",
    "money per month": "/month",
    "money per GB and month": "/GB/month",
}
_NOTHING: Final = 1e-9
"""Percentages closer to zero than this are the rounding of a zero."""
_RATE: Final = {"monthly rate": "%/month", "yearly rate": "%/year", "points": " points", "share": "%"}


def show_value(value: float, kind: str) -> str:
    """A value in its kind's unit, for people: ``480K calls/month``, ``$0.15/1M tokens``, ``2.1%``."""
    if kind in _PER:
        return f"{show_usd(value)}{_PER[kind]}"
    if kind in _RATE:
        percent = value * 100
        return (
            f"{0.0 if abs(percent) < _NOTHING else percent:.3g}{_RATE[kind]}"  # the end of 0%..3% is −5e-16%
        )
    return f"{show(value)}{_SUFFIX.get(kind, '')}"


_UNITS: Final = {
    "volume": "calls/month",
    "money": "usd",
    "money per error": "usd/error",
    "money per example": "usd/example",
    "money per token": "usd/1M tokens",
    "money per call": "usd/call",
    "money per hour": "usd/hour",
    "money per month": "usd/month",
    "money per GB and month": "usd/GB/month",
    "hours per month": "hours/month",
    "events per month": "events/month",
    "monthly rate": "share/month",
    "yearly rate": "share/year",
    "points": "share",
    "seconds": "s",
    "calls per second": "calls/s",
    "gigabytes": "GB",
    "count": "",
    "factor": "",
}


def unit_of(kind: str) -> str:
    """The unit that values of a kind are kept in, for machines: ``usd/1M tokens``; empty for a plain number."""
    return _UNITS.get(kind, kind)
