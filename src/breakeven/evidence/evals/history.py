"""A prompt's versions on the same cases: as scored, corrected for picking the best, and what one more may bring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from breakeven.errors import NotEnoughEvidenceError
from breakeven.evidence.evals.library import Version
from breakeven.evidence.evals.result import EvalResult
from breakeven.statistics.arrays import FloatArray
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.iterations import LEAST_CASES, LEAST_ITERATIONS, NextIteration, next_iteration
from breakeven.statistics.selection import Selection, select_best

__all__ = ["History", "Point", "Worth", "group_results", "tell_history"]


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What quality is worth and an iteration costs, in dollars, and where both come from."""

    usd_per_point: float
    cost_usd: float | None
    source: str


@dataclass(frozen=True, kw_only=True)
class Point:
    """One version on the common cases."""

    label: str
    result: EvalResult
    raw: Estimate
    """As it scored."""
    corrected: Estimate
    """Drawn towards the family, as is right for whichever is picked."""
    p_best: float


@dataclass(frozen=True, kw_only=True, eq=False)
class History:
    """The versions of one prompt, for one model, on the cases that all of them ran."""

    prompt: str
    model: str | None
    points: tuple[Point, ...]
    """In the order in which they were written."""
    n_cases: int
    dropped: int
    """Cases left out because a version has no score there."""
    selection: Selection
    next: NextIteration | None
    """None: with one version there is no step to learn from."""
    iterations: int
    """Different texts among the versions."""
    sealed: bool
    """Whether these are cases of a sealed hold-out: picking on them is what sealing should prevent."""

    @property
    def best(self) -> Point:
        """The version that scored highest."""
        return self.points[self.selection.best]

    @property
    def gate(self) -> dict[str, object]:
        """Document 000's gate as a fact: what it asks for and what there is."""
        return {
            "source": "document 000", "met": self.n_cases >= LEAST_CASES and self.iterations >= LEAST_ITERATIONS,
            "iterations": {"have": self.iterations, "need": LEAST_ITERATIONS},
            "cases": {"have": self.n_cases, "need": LEAST_CASES},
        }  # fmt: skip


def group_results(results: Iterable[EvalResult]) -> list[list[EvalResult]]:
    """Results that can be told as one history: the same prompt, model, cases and scorer; the longest first."""
    groups: dict[tuple[object, ...], list[EvalResult]] = {}
    for result in results:
        if result.prompt is not None and any(run.score is not None for run in result.runs):
            key = (result.prompt.name, result.model, result.cases_sha256, result.scorer)
            groups.setdefault(key, []).append(result)
    return sorted(groups.values(), key=len, reverse=True)


def tell_history(
    results: Sequence[EvalResult],
    rng: np.random.Generator,
    *,
    worth: Worth | None = None,
    level: float = 0.90,
    draws: int = 20_000,
) -> History:
    """The history of one group of results, in the order of their versions, then of their dates.

    Raises NotEnoughEvidenceError where fewer than two cases were scored by all of them.
    """
    ordered = sorted(results, key=_written)
    labels = _labels(ordered)
    ids, scores, clusters = _matrix(ordered)
    if len(ids) < 2:
        raise NotEnoughEvidenceError(
            f"{len(ids)} cases were scored by all {len(ordered)} versions; 2 are needed"
        )
    grouped = clusters if any(label is not None for label in clusters) else None
    following = None
    if len(ordered) > 1:
        following = next_iteration(
            scores, rng, clusters=grouped, level=level, draws=draws,
            usd_per_point=None if worth is None else worth.usd_per_point,
            cost_usd=None if worth is None else worth.cost_usd,
        )  # fmt: skip
        selection = following.selection
    else:
        selection = select_best(scores, rng, clusters=grouped, level=level, draws=draws)
    first = ordered[0]
    points = tuple(
        Point(label=label, result=result, raw=raw, corrected=corrected, p_best=p)
        for label, result, raw, corrected, p in zip(
            labels, ordered, selection.raw, selection.corrected, selection.p_best, strict=True
        )
    )
    everything = {run.id for result in ordered for run in result.runs}
    return History(
        prompt=first.prompt.name if first.prompt else first.candidate, model=first.model, points=points,
        n_cases=len(ids), dropped=len(everything) - len(ids), selection=selection, next=following,
        iterations=len({result.prompt.sha256 for result in ordered if result.prompt}),
        sealed=any(result.hold_out_openings for result in ordered),
    )  # fmt: skip


def _written(result: EvalResult) -> tuple[Version, str, str]:
    """When a version was written: versions that are no numbers came before, by date."""
    version = result.prompt.version if result.prompt else ""
    return Version.of(version) or Version(major=0, minor=0, patch=0), str(result.date or ""), version


def _labels(results: Sequence[EvalResult]) -> list[str]:
    """The versions; with the hash where two texts have one number, with the candidate where one was run in two ways."""
    references = [result.prompt for result in results if result.prompt is not None]
    texts = Counter(version for version, _ in {(one.version, one.sha256) for one in references})
    runs = Counter(one.sha256 for one in references)
    labels = []
    for result, one in zip(results, references, strict=True):
        label = f"{one.version} ({one.sha256[:8]})" if texts[one.version] > 1 else one.version
        labels.append(f"{label} {result.candidate}" if runs[one.sha256] > 1 else label)
    return labels


def _matrix(results: Sequence[EvalResult]) -> tuple[list[str], FloatArray, list[str | None]]:
    """Cases that every version scored, their mean scores (cases, versions), and their clusters."""
    tables: list[dict[str, list[float]]] = []
    clusters: dict[str, str | None] = {}
    for result in results:
        table: dict[str, list[float]] = {}
        for run in result.runs:
            if run.score is not None:
                table.setdefault(run.id, []).append(run.score)
                clusters[run.id] = clusters.get(run.id) or run.cluster
        tables.append(table)
    ids = [case for case in tables[0] if all(case in table for table in tables)]
    scores = np.array([[float(np.mean(table[case])) for table in tables] for case in ids], dtype=np.float64)
    return ids, scores.reshape(len(ids), len(results)), [clusters[case] for case in ids]
