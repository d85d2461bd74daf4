"""Measured qualities: the scores that candidates' ``eval`` files hold, paired where their cases are shared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np

from breakeven.beliefs import Belief, Joint, Source, Values
from breakeven.errors import EvidenceError, NotEnoughEvidenceError
from breakeven.evidence import Paired, ScoreTable, align, read_scores
from breakeven.study.candidate_file import QualityFile, WaitFile
from breakeven.study.context import Context
from breakeven.study.eval_notes import Seen, seen_in
from breakeven.study.families import draw_qualities
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
    """Versions of the prompt that were tried on these cases, where the file says so or the versions stand beside it."""
    seen: Seen = field(default_factory=Seen)
    """What the file says besides scores."""


@dataclass(frozen=True, kw_only=True)
class _Evaluated:
    """One candidate's files."""

    table: ScoreTable
    seen: Seen
    versions: Mapping[str, ScoreTable]
    """File → scores of another version that the candidate was picked from."""

    @property
    def iterations(self) -> int | None:
        tried = len(self.versions) + 1 if self.versions else None
        return max((n for n in (self.table.iterations, tried) if n is not None), default=None)


def measured_qualities(ctx: Context) -> tuple[dict[str, Measured], tuple[Joint, ...]]:
    """Every measured quality, and the joints that draw those measured on the same cases together."""
    evaluated = _evaluated(ctx)
    tables = {name: it.table for name, it in evaluated.items()}
    found: dict[str, Measured] = {}
    joints: list[Joint] = []
    for names in _sharing(tables):
        try:
            paired = align(_with_versions(names, evaluated))
            joint = _joint(names, evaluated, paired)
            shown = joint.draw(np.random.default_rng(0), _SHOWN_DRAWS)
        except EvidenceError as exc:
            ctx.problems.add_error(_at(names[0]), exc)
            continue
        except NotEnoughEvidenceError as exc:
            ctx.problems.add((*_level(names[0]), "versions"), str(exc))
            continue
        _note_unpaired(ctx, paired)
        joints.append(joint)
        for column, name in enumerate(names):
            _note_picked(ctx, name, evaluated[name], paired, shown[:, column])
            found[name] = _measured(ctx, name, evaluated[name], paired, shown[:, column])
    return found, tuple(joints)


def _with_versions(names: Iterable[str], evaluated: Mapping[str, _Evaluated]) -> dict[str, ScoreTable]:
    """The candidates' scores, then those of the versions that they were picked from."""
    group = {name: evaluated[name].table for name in names}
    further = {file: table for name in group for file, table in evaluated[name].versions.items()}
    return group | further


def _joint(names: list[str], evaluated: Mapping[str, _Evaluated], paired: Paired) -> Joint:
    families = {
        column: tuple(paired.names.index(file) for file in evaluated[name].versions)
        for column, name in enumerate(names)
        if evaluated[name].versions
    }
    errors = [(evaluated[name].seen.moved, evaluated[name].seen.widening) for name in names]
    return Joint(
        names=tuple(dotted(_level(name)) for name in names),
        draw=partial(draw_qualities, paired, families, len(names), errors),
    )


def _at(name: str) -> Path:
    return ("candidates", name, "quality", "eval")


def _level(name: str) -> Path:
    return ("candidates", name, "quality")


def _evaluated(ctx: Context) -> dict[str, _Evaluated]:
    found = {}
    for name, file in ctx.file.candidates.items():
        quality = None if isinstance(file, WaitFile) else file.quality
        if quality is None or quality.eval is None:
            if quality is not None and quality.versions:
                hint = "name the file of the version that is used under `eval`"
                ctx.problems.add((*_level(name), "versions"), "`versions` without `eval`", hint, at_key=True)
            continue
        table, seen = _read(ctx, name, quality.eval, _at(name))
        if table is None:
            ctx.problems.blind(_level(name))
            continue
        _note_rejected(ctx, name, table)
        ctx.notes.extend(seen.notes)
        found[name] = _Evaluated(table=table, seen=seen, versions=_versions(ctx, name, quality))
    return found


def _read(ctx: Context, name: str, file: str, at: Path) -> tuple[ScoreTable | None, Seen]:
    try:
        path = ctx.folder.find(file)
        table = read_scores(path)
        return table, seen_in(name, path, table)
    except MisreadError as exc:
        ctx.problems.add(at, exc.message, exc.hint)
    except EvidenceError as exc:
        ctx.problems.add_error(at, exc)
    return None, Seen()


def _versions(ctx: Context, name: str, quality: QualityFile) -> dict[str, ScoreTable]:
    """The other versions' scores; the file that stands under `eval` may be among them, and is no other."""
    found: dict[str, ScoreTable] = {}
    for number, file in enumerate(quality.versions or ()):
        if file != quality.eval and file not in found:
            table, _ = _read(ctx, name, file, (*_level(name), "versions", number))
            if table is not None:
                found[file] = table
    return found


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


def _note_picked(ctx: Context, name: str, its: _Evaluated, paired: Paired, draws: Values) -> None:
    if its.versions:
        seen = float(paired.scores[:, paired.names.index(name)].mean())
        ctx.notes.append(
            f"{name}: picked from {len(its.versions) + 1} versions on the same {len(paired.ids):,} cases; "
            f"it scored {seen:.1%}, and counts with {float(draws.mean()):.1%} for having been picked"
        )


def _measured(ctx: Context, name: str, its: _Evaluated, paired: Paired, draws: Values) -> Measured:
    file = ctx.file.candidates[name]
    quality = None if isinstance(file, WaitFile) else file.quality
    assert quality is not None
    n = len(paired.ids)
    source = Source(
        kind="measured", reference=f"{quality.eval}, {n:,} cases", date=quality.date or its.table.date
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
    return Measured(belief=belief, n_cases=n, iterations=its.iterations, seen=its.seen)


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
