"""The shapes that a learning curve may have, each scaled to go from 0 at the smallest size to 1 at the largest."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from breakeven.statistics.arrays import FloatArray

__all__ = ["Shape", "progress", "shapes"]

POWER, LOGISTIC, BROKEN = "power law", "logistic in log size", "broken power law"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One shape: its family, its parameters, and what it was believed before any run."""

    family: str
    parameters: tuple[float, ...]
    prior: float


def shapes(first: float, last: float) -> tuple[Shape, ...]:
    """All shapes of the three families, a third of the prior each, for sizes from ``first`` to ``last``."""
    found: list[Shape] = []
    for family, parameters in (
        (POWER, _powers()),
        (LOGISTIC, _logistics(first, last)),
        (BROKEN, _broken(first, last)),
    ):
        listed = list(parameters)
        found += [Shape(family=family, parameters=p, prior=1 / 3 / len(listed)) for p in listed]
    return tuple(found)


def progress(shape: Shape, sizes: FloatArray, first: float, last: float) -> FloatArray:
    """How much of the way from ``first`` to ``last`` is done at ``sizes``: 0 at first, 1 at last, more beyond."""
    low, high = (float(_lack(shape, np.array([end]))[0]) for end in (first, last))
    return np.asarray((low - _lack(shape, sizes)) / (low - high))


def _lack(shape: Shape, sizes: FloatArray) -> FloatArray:
    """What is still missing at each size, falling, in any unit."""
    if shape.family == POWER:
        return np.asarray(sizes ** -shape.parameters[0])
    if shape.family == LOGISTIC:
        slope, middle = shape.parameters
        return np.asarray(1 / (1 + (sizes / middle) ** slope))
    early, late, bend = shape.parameters
    return np.asarray(sizes**-early * (1 + (sizes / bend) ** 2) ** (-(late - early) / 2))


def _powers() -> Iterator[tuple[float, ...]]:
    return ((float(c),) for c in np.geomspace(0.05, 2.5, 16))


def _logistics(first: float, last: float) -> Iterator[tuple[float, ...]]:
    middles = np.geomspace(first, last * math.e, 9)
    return ((float(s), float(m)) for s, m in product(np.geomspace(0.5, 4, 8), middles))


def _broken(first: float, last: float) -> Iterator[tuple[float, ...]]:
    """Slopes before and after a bend of unit sharpness; a bend is where they differ."""
    slopes = (0.02, 0.1, 0.3, 0.7, 1.4, 2.5)
    bends = np.geomspace(first, last, 7)[1:]
    every = product(slopes, slopes, bends)
    return ((early, late, float(bend)) for early, late, bend in every if early != late)
