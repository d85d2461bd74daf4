"""The money model run on arrays that remember: each cost line as a rate times a schedule of months, both as formulas.

Nothing of the model is written down a second time here, save which month a column stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

import numpy as np

from breakeven.beliefs import Draws, Values
from breakeven.economics.bill import bill
from breakeven.economics.lines import COST_LINES, CostLine
from breakeven.economics.quality import mean_quality
from breakeven.economics.world import LUMPS, SCALE_WITH_CALLS, Driver, DriverKind, Schedules, Terms, World
from breakeven.report.workbook.nodes import Node, Tape, UntraceableError
from breakeven.report.workbook.traced import Traced, as_values, nodes_of, traced
from breakeven.study.model import Candidate, Study

__all__ = ["CandidateTrace", "Row", "Trace", "trace"]

_STEPPED: Final = frozenset({DriverKind.REPLICAS, DriverKind.SHORTFALL})


@dataclass(frozen=True, kw_only=True)
class Row:
    """One cost line of one candidate, as it follows one driver."""

    line: CostLine
    driver: Driver
    rate: Node
    """Dollars for each unit of the driver."""
    discounted: Node
    """The driver's discounted sum over the months."""
    static: bool
    """Whether the line could not be traced, so that its rate is a number."""

    @property
    def sort(self) -> str:
        """How it follows volume: ``fixed``, ``with calls`` or ``in steps``."""
        if self.driver.kind in SCALE_WITH_CALLS:
            return "with calls"
        return "in steps" if self.driver.kind in _STEPPED else "fixed"

    @property
    def is_lump(self) -> bool:
        """Whether it is paid at a month's start."""
        return self.driver.kind in LUMPS


@dataclass(frozen=True, kw_only=True)
class CandidateTrace:
    """One candidate."""

    name: str
    candidate: Candidate
    rows: tuple[Row, ...]
    """In the order of the lines."""
    quality: Node
    worth: Node
    """Right answers at their stated worth, discounted; a constant 0 where none is stated."""


@dataclass(frozen=True, kw_only=True)
class Trace:
    """All of a study."""

    study: Study
    tape: Tape
    months: tuple[Node, ...]
    inputs: Mapping[str, Node]
    """By belief."""
    discount: tuple[Node, ...]
    schedules: Mapping[Driver, tuple[Node, ...]]
    """Every driver that some row follows, month by month."""
    candidates: Mapping[str, CandidateTrace]
    workings: tuple[tuple[str, str, Node], ...]
    """Candidate, what it is, and the node: results on the way that the model itself has a name for."""


class _Schedules(Schedules):
    """Schedules whose months are the headings of columns."""

    def __init__(self, study: Study, draws: Draws, months: Traced) -> None:
        super().__init__(study, draws)
        self._months = as_values(months) - 1  # type: ignore[assignment]
        self.growth = np.exp(np.log1p(draws[study.workload.growth]) * self._months)
        self.discount = np.exp(-np.log1p(draws[study.discount]) * (self._months / 12))


def trace(study: Study, lines: Sequence[CostLine] = COST_LINES) -> Trace:
    """Every cost line of every candidate, with all beliefs at their centres."""
    return _Tracing(study, lines).trace()


class _Tracing:
    def __init__(self, study: Study, lines: Sequence[CostLine]) -> None:
        self.study, self.tape = study, Tape()
        self.inputs = {b.name: self.tape.input(b.name, b.centre) for b in study.beliefs}
        values = {name: as_values(traced(self.tape, [node])) for name, node in self.inputs.items()}
        self.draws, self.plain = Draws(1, values), study.centres()
        self.months = [self.tape.month(k + 1) for k in range(study.horizon_months)]
        column = Traced(self.tape, traced(self.tape, self.months).nodes.reshape(-1, 1))
        self.schedules = _Schedules(study, self.draws, column)
        self.memory: dict[Hashable, object] = {}
        self.static: set[tuple[str, str]] = set()
        self.lines = [replace(line, terms=self._safely(line)) for line in lines]

    def trace(self) -> Trace:
        candidates = {name: self._candidate(name) for name in self.study.candidates}
        drivers = dict.fromkeys(row.driver for c in candidates.values() for row in c.rows)
        return Trace(
            study=self.study, tape=self.tape, months=tuple(self.months), inputs=self.inputs,
            discount=tuple(nodes_of(self.tape, self.schedules.discount)), candidates=candidates,
            schedules={d: tuple(nodes_of(self.tape, self.schedules[d])) for d in drivers},
            workings=tuple(self._workings()),
        )  # fmt: skip

    def _safely(self, line: CostLine) -> Callable[[World], Terms]:
        """The line's terms; computed as plain numbers where they can not be traced."""

        def terms(world: World) -> Terms:
            try:
                return line.terms(world)
            except UntraceableError:
                self.static.add((world.candidate.name, line.key))
                return line.terms(replace(world, draws=self.plain, memory={}))

        return terms

    def _candidate(self, name: str) -> CandidateTrace:
        world = World(self.study, self.study.candidates[name], self.draws, self.memory)
        found = bill(world, self.lines)
        self._settle(world, found)
        rows = [
            Row(
                line=line, driver=driver, rate=nodes_of(self.tape, rate)[0],
                discounted=nodes_of(self.tape, self.schedules.discounted(driver))[0],
                static=(name, line.key) in self.static,
            )
            for line in self.lines
            for driver, rate in found.get(line.key, {}).items()
        ]  # fmt: skip
        quality = mean_quality(world, self.schedules)
        return CandidateTrace(
            name=name, candidate=world.candidate, rows=tuple(rows), quality=nodes_of(self.tape, quality)[0],
            worth=self._worth(world, quality),
        )  # fmt: skip

    def _worth(self, world: World, quality: Values) -> Node:
        value = self.study.workload.value
        if value is None:
            return self.tape.const(0.0)
        calls = world.volume * self.schedules.discounted(Driver(DriverKind.CALLS))
        return nodes_of(self.tape, world[value] * quality * calls)[0]

    def _settle(self, world: World, found: Mapping[str, Terms]) -> None:
        """What a month's model bill stays under a commitment, once the bill is known."""
        paid = [
            (d, r) for line in self.lines if not line.consequence for d, r in found.get(line.key, {}).items()
        ]
        for driver in [d for d, _ in paid if d.kind is DriverKind.SHORTFALL]:
            commitment = self.study.candidates[driver.of].commitment
            if commitment is not None:
                used = sum(
                    (self.schedules[d] * r for d, r in paid if d.kind is DriverKind.API), np.zeros((1, 1))
                )
                self.schedules.bill(driver, world[commitment], used)

    def _workings(self) -> Iterator[tuple[str, str, Node]]:
        """What the model remembers of each candidate's calls: tokens in, cached share, the cost of one attempt."""
        seen: set[int] = set()
        for key, remembered in self.memory.items():
            _, candidate = cast("tuple[Hashable, str]", key)
            for name, value in vars(remembered).items():
                if not isinstance(value, Traced) or value.size != 1:
                    continue
                node = nodes_of(self.tape, value)[0]
                if node.args and id(node) not in seen:
                    seen.add(id(node))
                    yield candidate, name, node
