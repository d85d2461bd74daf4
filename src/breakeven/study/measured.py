"""Measured qualities: the scores that candidates' ``eval`` files hold, paired where their cases are shared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from breakeven.study.leaks import Leak, corrected, data_behind, find_leak, leak_note, without
from breakeven.study.scored import Scored, ScoredGroup
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
    leak: Leak | None = None
    """What of its cases stands in its training rows; those are no longer in its table."""
    read: ScoreTable | None = None
    """Its table as it was read, where cases were taken out."""

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
        _note_unpaired(ctx, paired, _leaked(names, evaluated))
        joints.append(joint)
        ctx.scored.append(_scored_group(ctx, names, evaluated, paired, shown))
        for column, name in enumerate(names):
            _note_picked(ctx, name, evaluated[name], paired, shown[:, column])
            found[name] = _measured(ctx, name, evaluated[name], paired, shown[:, column])
    return found, tuple(joints)


def _with_versions(names: Iterable[str], evaluated: Mapping[str, _Evaluated]) -> dict[str, ScoreTable]:
    """The candidates' scores, then those of the versions that they were picked from."""
    group = {name: evaluated[name].table for name in names}
    further = {file: table for name in group for file, table in evaluated[name].versions.items()}
    return group | further


def _scored_group(
    ctx: Context, names: Sequence[str], evaluated: Mapping[str, _Evaluated], paired: Paired, drawn: Values
) -> ScoredGroup:
    """The evidence itself, for pages that show it."""
    its = {name: evaluated[name] for name in names}
    read = {name: it.read or it.table for name, it in its.items()}
    seen = align(read) if any(it.read is not None for it in its.values()) else paired
    sure = {name: [it.seen.confidence.get(case) for case in paired.ids] for name, it in its.items()}
    return ScoredGroup(
        names=tuple(names), scores=paired.scores[:, : len(names)], clusters=paired.clusters,
        seen=seen.scores[:, : len(names)], seen_clusters=seen.clusters, drawn=drawn,
        known={
            name: Scored(iterations=it.iterations, openings=it.seen.openings, moved=it.seen.moved,
                         leaked=0 if it.leak is None else len(it.leak.cases) or it.leak.data.leaked)
            for name, it in its.items()
        },
        versions={name: paired.scores[:, _written(ctx, name, it, paired)] for name, it in its.items() if it.versions},
        confidence={name: np.array(row) for name, row in sure.items() if None not in row},
    )  # fmt: skip


def _written(ctx: Context, name: str, its: _Evaluated, paired: Paired) -> list[int]:
    """Columns of all its versions, as the study lists them; the one under `eval` last where it is not listed."""
    file = ctx.file.candidates[name]
    quality = None if isinstance(file, WaitFile) else file.quality
    listed = (
        []
        if quality is None
        else [f for f in quality.versions or () if f in its.versions or f == quality.eval]
    )
    used = "" if quality is None else quality.eval or ""
    order = list(dict.fromkeys([*listed, used]))
    return [paired.names.index(name if file_name == used else file_name) for file_name in order]


def _joint(names: list[str], evaluated: Mapping[str, _Evaluated], paired: Paired) -> Joint:
    families = {
        column: tuple(paired.names.index(file) for file in evaluated[name].versions)
        for column, name in enumerate(names)
        if evaluated[name].versions
    }
    errors = [(evaluated[name].seen.moved, evaluated[name].seen.widening) for name in names]
    leaks = {
        column: (leak.data.leaked, leak.data.audited_cases)
        for column, name in enumerate(names)
        if (leak := evaluated[name].leak) is not None and leak.by_share
    }
    draw = partial(draw_qualities, paired, families, len(names), errors)
    return Joint(
        names=tuple(dotted(_level(name)) for name in names),
        draw=partial(_draw_clean, draw, leaks) if leaks else draw,
    )


def _draw_clean(
    draw: Callable[[np.random.Generator, int], Values],
    leaks: Mapping[int, tuple[int, int]],
    rng: np.random.Generator,
    n: int,
) -> Values:
    return corrected(draw(rng, n), leaks, rng)


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
        its = _Evaluated(table=table, seen=seen, versions=_versions(ctx, name, quality))
        clean = _cleaned(ctx, name, its)
        if clean is not None:
            found[name] = clean
    return found


def _cleaned(ctx: Context, name: str, its: _Evaluated) -> _Evaluated | None:
    """Without the cases that leaked into its training rows; None where none is left."""
    leak = find_leak(data_behind(ctx, name), its.table)
    if leak is None:
        return its
    if leak.cases.issuperset(its.table.ids):
        message = f"all {its.table.n_cases:,} cases stand in its training rows ({leak.data.file})"
        ctx.problems.add(_at(name), message, "score it on cases that it was not trained on")
        ctx.problems.blind(_level(name))
        return None
    ctx.notes.append(leak_note(name, leak, its.table))
    return replace(its, table=without(its.table, leak.cases), leak=leak, read=its.table)


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
        kind="measured",
        reference=f"{quality.eval}, {n:,} cases{_clean(its)}",
        date=quality.date or its.table.date,
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


def _clean(its: _Evaluated) -> str:
    if its.leak is None or not (its.leak.cases or its.leak.by_share):
        return ""
    how = "corrected for leaked ones" if its.leak.by_share else "without leaked ones"
    return f" {how} ({its.leak.data.file})"


def _leaked(names: Iterable[str], evaluated: Mapping[str, _Evaluated]) -> frozenset[str]:
    """Cases that some of these candidates were trained on: the others are compared with them on clean ones."""
    leaks = [evaluated[name].leak for name in names]
    return frozenset().union(*(leak.cases for leak in leaks if leak is not None))


def _note_unpaired(ctx: Context, paired: Paired, leaked: frozenset[str]) -> None:
    for name, every in paired.unpaired.items():
        ids = [case for case in every if case not in leaked]
        if len(ids) < len(every):
            ctx.notes.append(
                f"{name}: {len(every) - len(ids):,} of its scored cases leaked into the training rows of a candidate "
                "that it is compared with; it counts with the clean ones"
            )
        if ids:
            first = ", ".join(ids[:_SHOWN_IDS]) + (", …" if len(ids) > _SHOWN_IDS else "")
            others = ", ".join(other for other in paired.names if other != name)
            ctx.notes.append(
                f"{name}: {len(ids):,} of {len(every) + len(paired.ids):,} scored cases are left out, "
                f"since {others} did not run them: {first}"
            )


def _note_rejected(ctx: Context, name: str, table: ScoreTable) -> None:
    if table.rejected:
        first, n = table.rejected[0], len(table.rejected)
        rows = "1 row of its scores was" if n == 1 else f"{n:,} rows of its scores were"
        ctx.notes.append(
            f"{name}: {rows} not used; line {first.place.line if first.place else '?'}: {first.message}"
        )
