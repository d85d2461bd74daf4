"""Measured qualities: the scores that candidates' ``eval`` files hold, paired where their cases are shared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from breakeven.beliefs import Belief, Joint, Source, Values
from breakeven.errors import EvidenceError
from breakeven.evidence import Paired, ScoreTable, align, read_scores
from breakeven.statistics.joint import joint_posterior
from breakeven.study.candidate_file import WaitFile
from breakeven.study.context import Context
from breakeven.study.given import MisreadError
from breakeven.yaml_places import Path, dotted

__all__ = ["Measured", "measured_qualities"]

_SHOWN_DRAWS: Final = 1_000
"""Draws that a measured quality's own interval is shown from; the simulation draws its own, jointly."""
_SHOWN_IDS: Final = 3


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One candidate's quality on the cases that it shares with others."""

    belief: Belief
    n_cases: int
    iterations: int | None
    """Versions of the prompt that were tried on these cases, where the file says so."""


def measured_qualities(ctx: Context) -> tuple[dict[str, Measured], tuple[Joint, ...]]:
    """Every measured quality, and the joints that draw those measured on the same cases together."""
    tables = _tables(ctx)
    found: dict[str, Measured] = {}
    joints: list[Joint] = []
    for names in _sharing(tables):
        group = {name: tables[name] for name in names}
        try:
            paired = align(group)
        except EvidenceError as exc:
            ctx.problems.add_error(_at(names[0]), exc)
            continue
        _note_unpaired(ctx, paired)
        joint = Joint(names=tuple(dotted(_level(name)) for name in names), draw=partial(_draw, paired))
        joints.append(joint)
        shown = joint.draw(np.random.default_rng(0), _SHOWN_DRAWS)
        for column, name in enumerate(names):
            found[name] = _measured(ctx, name, tables[name], paired, shown[:, column])
    return found, tuple(joints)


def _at(name: str) -> Path:
    return ("candidates", name, "quality", "eval")


def _level(name: str) -> Path:
    return ("candidates", name, "quality")


def _draw(paired: Paired, rng: np.random.Generator, n: int) -> Values:
    return joint_posterior(paired.scores, rng, n, paired.clusters)


def _tables(ctx: Context) -> dict[str, ScoreTable]:
    tables = {}
    for name, file in ctx.file.candidates.items():
        quality = None if isinstance(file, WaitFile) else file.quality
        if quality is None or quality.eval is None:
            continue
        try:
            table = read_scores(ctx.folder.find(quality.eval))
        except MisreadError as exc:
            ctx.problems.add(_at(name), exc.message, exc.hint)
        except EvidenceError as exc:
            ctx.problems.add_error(_at(name), exc)
        else:
            tables[name] = table
            _note_rejected(ctx, name, table)
            continue
        ctx.problems.blind(_level(name))
    return tables


def _sharing(tables: Mapping[str, ScoreTable]) -> list[list[str]]:
    """Candidates in groups that share cases; a group without a case common to all falls apart into single ones."""
    cases = {name: set(table.ids) for name, table in tables.items()}
    groups: list[list[str]] = []
    for name in tables:
        mine = [group for group in groups if any(cases[name] & cases[other] for other in group)]
        groups = [group for group in groups if group not in mine]
        groups.append([*(other for group in mine for other in group), name])
    order = list(tables)
    whole = [sorted(group, key=order.index) for group in groups]
    return [
        part for group in whole for part in ([group] if _common(cases, group) else [[name] for name in group])
    ]


def _common(cases: Mapping[str, set[str]], names: Iterable[str]) -> set[str]:
    return set.intersection(*(cases[name] for name in names))


def _measured(ctx: Context, name: str, table: ScoreTable, paired: Paired, draws: Values) -> Measured:
    file = ctx.file.candidates[name]
    quality = None if isinstance(file, WaitFile) else file.quality
    assert quality is not None
    n = len(paired.ids)
    source = Source(
        kind="measured", reference=f"{quality.eval}, {n:,} cases", date=quality.date or table.date
    )
    evidence = tuple(float(value) for value in np.sort(draws))
    belief = Belief(
        name=dotted(_level(name)),
        kind="share",
        family="draws",
        parameters=(),
        source=source,
        evidence=evidence,
    )
    return Measured(belief=belief, n_cases=n, iterations=table.iterations)


def _note_unpaired(ctx: Context, paired: Paired) -> None:
    for name, ids in paired.unpaired.items():
        if ids:
            first = ", ".join(ids[:_SHOWN_IDS]) + (", …" if len(ids) > _SHOWN_IDS else "")
            others = ", ".join(other for other in paired.names if other != name)
            ctx.notes.append(
                f"{name}: {len(ids):,} of {len(ids) + len(paired.ids):,} scored cases are left out, "
                f"since {others} did not run them: {first}"
            )


def _note_rejected(ctx: Context, name: str, table: ScoreTable) -> None:
    if table.rejected:
        first, n = table.rejected[0], len(table.rejected)
        rows = "1 row of its scores was" if n == 1 else f"{n:,} rows of its scores were"
        ctx.notes.append(
            f"{name}: {rows} not used; line {first.place.line if first.place else '?'}: {first.message}"
        )
