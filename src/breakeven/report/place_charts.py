"""Where candidates stand, as chart data: the cost–quality plane, and who leads where."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from breakeven.advice.decision import Assumption, CandidateResult, CrossoverMap, Decision
from breakeven.beliefs import Values
from breakeven.errors import QuantityError
from breakeven.quantities import parse_range, show_usd
from breakeven.report.chart_types import MapChart, Mark, PlaneChart, PlanePoint, Table
from breakeven.report.evidence_rows import STANDINGS
from breakeven.report.text import join, quantity, share

__all__ = ["map_chart", "plane_chart"]

# The cost–quality plane.


def plane_chart(d: Decision, marks: Mapping[str, Mark]) -> PlaneChart | None:
    """Cost against quality; None where neither is known of any candidate."""
    all_ = [c for c in d.candidates.values() if math.isfinite(c.cost.mean) and math.isfinite(c.quality.mean)]
    if not all_:
        return None
    points = tuple(
        PlanePoint(
            mark=marks[c.name],
            cost=c.cost,
            quality=c.quality,
            on_frontier=_on_frontier(c, all_, d),
        )
        for c in all_
    )
    return PlaneChart(
        title=_plane_title(points, d),
        text="Cost over the horizon against quality, mean and 90% interval. "
        + " ".join(f"{p.mark.name}: {show_usd(p.cost.mean)}, {p.quality.mean:.1%}." for p in points),
        table=_plane_table(points, d),
        points=points,
        target=_target(d),
    )


def _on_frontier(c: CandidateResult, all_: Sequence[CandidateResult], d: Decision) -> bool:
    """By the table of incremental ratios; where there is none, that no other beats it."""
    known = {row.name: row.status for row in d.icers}
    return known[c.name] == "frontier" if c.name in known else not any(_beats(other, c) for other in all_)


def _plane_table(points: Sequence[PlanePoint], d: Decision) -> Table:
    """By rising cost along the frontier, then those off it and why."""
    if not d.icers:
        return Table(
            head=("Candidate", "Cost", "Quality"),
            rows=tuple((p.mark.name, show_usd(p.cost.mean), f"{p.quality.mean:.1%}") for p in points),
        )
    return Table(
        head=("Candidate", "Cost", "Quality", "One more point costs", "Standing"),
        rows=tuple(
            (r.name, show_usd(r.cost), f"{r.effect:.1f}%", "–" if r.icer is None else show_usd(r.icer),
             STANDINGS[r.status])
            for r in d.icers
        ),
    )  # fmt: skip


def _plane_title(points: Sequence[PlanePoint], d: Decision) -> str:
    mixed = {row.name for row in d.icers if row.status == "extended dominance"}
    out = [p.mark.name for p in points if not p.on_frontier and p.mark.name not in mixed]
    if out:
        return f"{join(out)} {'is' if len(out) == 1 else 'are'} dearer than another and no better"
    if mixed:
        return f"{join(sorted(mixed))} {'is' if len(mixed) == 1 else 'are'} dearer than a mix of two others as good"
    return "More quality costs more: no candidate is dearer than another and no better"


def _beats(other: CandidateResult, c: CandidateResult) -> bool:
    cheaper, better = other.cost.mean <= c.cost.mean, other.quality.mean >= c.quality.mean
    return cheaper and better and (other.cost.mean < c.cost.mean or other.quality.mean > c.quality.mean)


def _target(d: Decision) -> float | None:
    """The target as a share; None where none is stated or its text is no single percentage."""
    try:
        found = parse_range(d.target or "")
    except QuantityError:
        return None
    return found.low if found.is_point and found.percent else None


# The crossover map.


def map_chart(d: Decision, marks: Mapping[str, Mark]) -> MapChart | None:
    """Who leads over volume and one other input; None where there is nothing to vary."""
    found = d.crossover
    if found is None or found.volumes.size < 2 or found.values.size < 2:
        return None
    seen = {name for row in found.winner for name in row}
    shown = tuple(mark for name, mark in marks.items() if name in seen)
    index = {mark.name: k for k, mark in enumerate(shown)}
    known = {a.input: a for a in d.assumptions}
    volume, other = known.get("workload.volume"), known.get(found.input)
    believed = None if volume is None or other is None else (volume, other)
    return MapChart(
        title=_map_title(found, believed),
        text=f"Candidate with the highest expected net benefit, by calls a month and {found.input}. "
        + " ".join(f"{m.name} leads on {share(_covered(found.winner, m.name))} of the map." for m in shown),
        table=_map_table(found.volumes, found.values, found.winner, found.input, found.kind),
        volumes=found.volumes,
        values=found.values,
        winners=tuple(tuple(index[name] for name in row) for row in found.winner),
        marks=shown,
        input=found.input,
        kind=found.kind,
        believed=believed,
    )  # fmt: skip


def _map_title(found: CrossoverMap, believed: tuple[Assumption, Assumption] | None) -> str:
    names = list(dict.fromkeys(name for row in found.winner for name in row))
    if len(names) == 1:
        return f"{names[0]} leads everywhere"
    if believed is None:
        return f"{join(names)} each lead somewhere"
    volume, other = believed
    row = int(np.argmin(np.abs(found.values - other.centre)))
    here = found.winner[row][int(np.argmin(np.abs(found.volumes - volume.centre)))]
    rest = [name for name in names if name != here]
    return f"{here} leads where you stand, {join(rest)} elsewhere"


def _covered(winner: tuple[tuple[str, ...], ...], name: str) -> float:
    cells = [cell for row in winner for cell in row]
    return cells.count(name) / len(cells)


def _map_table(
    volumes: Values, values: Values, winner: tuple[tuple[str, ...], ...], other: str, kind: str
) -> Table:
    """A coarse reading of the map: five volumes by five values."""
    across = np.unique(np.linspace(0, volumes.size - 1, 5).round().astype(int))
    down = np.unique(np.linspace(0, values.size - 1, 5).round().astype(int))[::-1]
    return Table(
        head=(other, *(quantity(float(volumes[k]), "volume", "calls/month") for k in across)),
        rows=tuple((quantity(float(values[j]), kind, ""), *(winner[j][k] for k in across)) for j in down),
    )
