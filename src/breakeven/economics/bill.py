"""The bill of one candidate: every cost line's terms, for single candidates and for those made of two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from breakeven.beliefs import Values
from breakeven.economics.lines import CostLine
from breakeven.economics.world import SCALE_WITH_CALLS, Driver, DriverKind, Terms, World
from breakeven.errors import InputError
from breakeven.study.model import Study

__all__ = ["Bill", "bill"]

Bill = Mapping[str, Terms]
"""Terms by the key of their cost line; a line that is not counted is absent."""


def bill(world: World, lines: Sequence[CostLine]) -> Bill:
    """What the candidate of this world pays, line by line.

    A hybrid pays its small candidate whole, the large one's standing costs, ``e`` of the large one's calls (line 7),
    and its own work. One that waits pays its first candidate until the switch and the other from then on; what the
    first one built is not built again.
    """
    match world.candidate.kind:
        case "hybrid":
            return _hybrid(world, lines)
        case "wait":
            return _wait(world, lines)
        case _:
            return _own(world, lines)


def _own(world: World, lines: Iterable[CostLine]) -> Bill:
    found = {line.key: line.terms(world) for line in lines}
    if world.candidate.name in world.built:
        found = {key: _without_build(terms) for key, terms in found.items()}
    return {key: terms for key, terms in found.items() if terms}


def _without_build(terms: Terms) -> Terms:
    return {driver: rate for driver, rate in terms.items() if driver.kind is not DriverKind.ONCE}


def _hybrid(world: World, lines: Sequence[CostLine]) -> Bill:
    c = world.candidate
    if c.small is None or c.large is None or c.escalate is None:
        raise InputError(f"{c.name}: a hybrid needs small, large and escalate")
    on_the_bill = [line for line in lines if not line.consequence]
    small = bill(world.other(c.small), on_the_bill)
    large = bill(world.other(c.large).loaded(c.escalate), on_the_bill)
    standing = {key: _without_calls(terms) for key, terms in large.items()}
    return _merged(small, standing, _own(world, lines))


def _without_calls(terms: Terms) -> Terms:
    return {driver: rate for driver, rate in terms.items() if driver.kind not in SCALE_WITH_CALLS}


def _wait(world: World, lines: Sequence[CostLine]) -> Bill:
    c = world.candidate
    if c.first is None or c.then is None or c.switch_month is None:
        raise InputError(f"{c.name}: one that waits needs now, later and at")
    on_the_bill = [line for line in lines if not line.consequence]
    before = bill(world.other(c.first).within(1, c.switch_month - 1), lines)
    built = world.built | _parts(world.study, c.first)
    after = bill(replace(world.other(c.then).within(c.switch_month, 0), built=built), lines)
    return _merged(before, after, _own(world, on_the_bill))


def _parts(study: Study, name: str) -> frozenset[str]:
    """A candidate and those it is made of: what is built once it serves."""
    c = study.candidates[name]
    inner = [_parts(study, part) for part in (c.small, c.large, c.first, c.then) if part is not None]
    return frozenset({name}).union(*inner)


def _merged(*bills: Bill) -> Bill:
    merged: dict[str, dict[Driver, Values]] = {}
    for part in bills:
        for key, terms in part.items():
            into = merged.setdefault(key, {})
            for driver, rate in terms.items():
                into[driver] = into[driver] + rate if driver in into else rate
    return merged
