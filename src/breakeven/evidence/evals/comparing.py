"""Several candidates' results on the same cases: who is better, by how much, how surely, and what would settle it.

Differences come from pairs: for each pair, the cases that both ran. A case that one of them did not run is listed,
never counted as wrong. Statistics are those of ``breakeven.statistics``; here is only who is put beside whom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np
from scipy import special

from breakeven.errors import EvidenceError, InputError, NotEnoughEvidenceError, Problem, nearest
from breakeven.evidence.evals.comparing_judged import corrected, judge_notes
from breakeven.evidence.evals.comparison import Comparison, Pair, Regression, SelectionEffect, Unpaired
from breakeven.evidence.evals.result import CaseRun, EvalResult
from breakeven.evidence.evals.summarising import FEWEST_SEGMENTS, summarise_result
from breakeven.statistics.arrays import FloatArray
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.holdout import reuse_optimism
from breakeven.statistics.margins import non_inferiority
from breakeven.statistics.pairing import compare as compare_pair
from breakeven.statistics.sample_size import Needed, cases_for_non_inferiority, cases_to_settle
from breakeven.statistics.segments import Segments, segment_differences, segment_means
from breakeven.statistics.selection import Selection, select_best
from breakeven.statistics.several import Several, compare_several

__all__ = ["compare"]

_ALL_PAIRS_UP_TO: Final = 5
"""Candidates up to which every pair is compared; beyond, each against the reference."""
_LEAST_DISAGREEMENT: Final = 1e-12
_POWER: Final = 0.8
"""Of the numbers of cases that are named."""


class _Scores:
    """One candidate's mean score by case."""

    def __init__(self, result: EvalResult) -> None:
        sums: dict[str, list[float]] = {}
        self.asked = dict.fromkeys(run.id for run in result.runs)
        self.cluster: dict[str, str] = {}
        self.segment: dict[str, str] = {}
        for run in result.runs:
            if run.score is not None:
                sums.setdefault(run.id, []).append(run.score)
            if run.cluster is not None:
                self.cluster.setdefault(run.id, run.cluster)
            if run.segment is not None:
                self.segment.setdefault(run.id, run.segment)
        self.mean = {case: sum(scores) / len(scores) for case, scores in sums.items()}


def compare(
    results: Mapping[str, EvalResult],
    *,
    level: float = 0.95,
    margin: float = 0.01,
    reference: str | None = None,
    segments: Mapping[str, str] | None = None,
    segment_field: str | None = None,
    worst: int = 5,
    versions_of_one: bool = False,
    seed: int = 0,
) -> Comparison:
    """Candidates (name → result) against a reference, the first of them where none is named.

    level: of the intervals. margin: how much worse is still good enough, a share. segments: case → segment, where the
    runs do not hold it; shown where there are at least three. worst: regressions listed a pair. versions_of_one: the
    candidates are versions of one prompt, tried on these cases: the best one's score is corrected for being picked.
    Raises InputError for fewer than two candidates, EvidenceError where the reference shares no case with another.
    """
    reference = _reference(results, reference)
    scores = {name: _Scores(result) for name, result in results.items()}
    rng = np.random.default_rng(seed)
    ordered = [reference, *(name for name in results if name != reference)]
    pairs = [(reference, name) for name in ordered[1:]]
    if len(ordered) <= _ALL_PAIRS_UP_TO:
        pairs += list(combinations(ordered[1:], 2))
    segmented = _segments(ordered, scores, segments, level)
    several = _several(ordered, scores, level, rng)
    found = tuple(
        corrected(_pair(a, b, scores, level, margin, rng, several, ordered), results, len(ordered) - 1, rng)
        for a, b in pairs
    )
    return Comparison(
        level=level,
        margin=margin,
        reference=reference,
        candidates=tuple(summarise_result(name, results[name], level=level) for name in results),
        pairs=found,
        unpaired=_unpaired(ordered, scores),
        p_best=_p_best(ordered, several, found[0]),
        segment_field=(segment_field or "segment") if segmented else None,
        segments=segmented,
        regressions=tuple(
            found for name in ordered[1:] for found in _worst(reference, name, results, scores, worst)
        ),
        selection=_selection(ordered, scores, level, rng) if versions_of_one else None,
        notes=(
            *_narrowed(several, found),
            *_notes(results, scores, [p for p in found if p.a == reference], picked=versions_of_one),
            *_unsegmented(segmented, segments, segment_field),
        ),
    )


def _p_best(ordered: Sequence[str], several: Several | None, first: Pair) -> dict[str, float]:
    """Candidate → probability to be the best; of two, on the cases that both ran."""
    if first.judged is not None and len(ordered) > 2:
        return {}  # the draws are of the judge's verdicts, which the differences no longer are
    if several is not None:
        return dict(zip(ordered, several.p_best, strict=True))
    p = first.p_b_better
    return {first.a: 1 - p, first.b: p} if len(ordered) == 2 else {}


def _reference(results: Mapping[str, EvalResult], reference: str | None) -> str:
    if len(results) < 2:
        raise InputError(
            "one candidate compares with nothing: name two results, or `breakeven eval show` one"
        )
    if reference is None:
        return next(iter(results))
    if reference not in results:
        near = nearest(reference, results)
        hint = f"nearest: {', '.join(near)}" if near else f"there are: {', '.join(results)}"
        raise InputError(Problem(message=f"no candidate is called {reference!r}", hint=hint))
    return reference


@dataclass(frozen=True, kw_only=True, eq=False)
class _Shared:
    """Candidates' scores on the cases that all of them ran."""

    ids: tuple[str, ...]
    matrix: FloatArray
    clusters: list[str | None] | None


def _shared(names: Sequence[str], scores: Mapping[str, _Scores]) -> _Shared:
    common = [case for case in scores[names[0]].mean if all(case in scores[name].mean for name in names)]
    clusters: list[str | None] = []
    for case in common:
        labels = {label for name in names if (label := scores[name].cluster.get(case)) is not None}
        if len(labels) > 1:
            message = f"case {case!r} is in clusters {', '.join(map(repr, sorted(labels)))}"
            raise EvidenceError(
                Problem(message=message, hint="a case belongs to one cluster, whoever runs it")
            )
        clusters.append(next(iter(labels), None))
    matrix = np.array([[scores[name].mean[case] for name in names] for case in common], dtype=np.float64)
    known = any(label is not None for label in clusters)
    return _Shared(ids=tuple(common), matrix=matrix, clusters=clusters if known else None)


def _pair(
    a: str, b: str, scores: Mapping[str, _Scores], level: float, margin: float, rng: np.random.Generator,
    several: Several | None, ordered: Sequence[str],
) -> Pair:  # fmt: skip
    shared = _shared((a, b), scores)
    if not shared.ids:
        raise _nothing_shared(a, b, scores)
    first, second = shared.matrix[:, 0], shared.matrix[:, 1]
    found = compare_pair(first, second, rng=rng, clusters=shared.clusters, level=level)
    contrast = None
    if several is not None and a == ordered[0] and len(ordered) > 2:
        contrast = next(c for c in several.contrasts if ordered[c.b] == b)
    verdict = non_inferiority(
        first, second, rng=rng, margin=margin, clusters=shared.clusters, confidence=level
    )
    settled = found.difference.enough and not _holds_zero(found.difference)
    return Pair(
        a=a,
        b=b,
        n=len(shared.ids),
        comparison=found,
        inferiority=verdict,
        to_settle=_needed(lambda: cases_to_settle(
            first, second, rng, clusters=shared.clusters, alpha=1 - level, power=_POWER
        )) if not settled else None,
        to_show=_needed(lambda: cases_for_non_inferiority(
            first, second, rng, margin=margin, clusters=shared.clusters, confidence=level, power=_POWER
        )) if verdict.verdict == "cannot tell" else None,
        adjusted=None if several is None or contrast is None else _together(shared, several, level, rng),
        # Of the cases that all candidates ran: with fewer than this pair's, it would belie the interval.
        p_adjusted=contrast.p_adjusted if contrast is not None and contrast.difference.n == len(shared.ids) else None,
    )  # fmt: skip


def _holds_zero(estimate: Estimate) -> bool:
    return estimate.low is not None and estimate.high is not None and estimate.low <= 0 <= estimate.high


def _together(shared: _Shared, several: Several, level: float, rng: np.random.Generator) -> Estimate:
    """The pair's interval, as wide as all comparisons together demand, on all the cases that the pair shares."""
    alone = 2 * float(special.ndtr(several.multiplier)) - 1
    columns = shared.matrix.T
    wide = compare_pair(columns[0], columns[1], rng=rng, clusters=shared.clusters, level=alone).difference
    return replace(wide, level=level, method=f"{wide.method}, simultaneous (max-T)")


def _needed(ask: Callable[[], Needed]) -> Needed | None:
    try:
        return ask()
    except NotEnoughEvidenceError:
        return None


def _nothing_shared(a: str, b: str, scores: Mapping[str, _Scores]) -> EvidenceError:
    def shown(name: str) -> str:
        ids = list(scores[name].mean) or list(scores[name].asked)
        return ", ".join(repr(case) for case in ids[:4]) + (", …" if len(ids) > 4 else "")

    head = Problem(
        message=f"{a} and {b} share no scored case",
        hint="run both on the same cases, and give a case the same id in both files",
    )
    return EvidenceError(head, *(Problem(message=f"{name} has {shown(name) or 'none'}") for name in (a, b)))


def _several(
    ordered: Sequence[str], scores: Mapping[str, _Scores], level: float, rng: np.random.Generator
) -> Several | None:
    """All against the first on the cases that every candidate ran; None for two, or where they share too few."""
    if len(ordered) == 2:
        return None
    shared = _shared(ordered, scores)
    columns = shared.matrix
    if len(shared.ids) < 2:
        return None
    try:
        return compare_several(columns, rng, reference=0, clusters=shared.clusters, level=level)
    except NotEnoughEvidenceError:
        return None


def _unpaired(ordered: Sequence[str], scores: Mapping[str, _Scores]) -> tuple[Unpaired, ...]:
    """What the reference has and another lacks, and the other way round."""
    found: list[Unpaired] = []
    reference = ordered[0]
    for name in ordered[1:]:
        for one, other in ((reference, name), (name, reference)):
            alone = [case for case in scores[one].mean if case not in scores[other].mean]
            asked = scores[other].asked
            for reason, ids in (
                ("not scored", [case for case in alone if case in asked]),
                ("not run", [case for case in alone if case not in asked]),
            ):
                if ids:
                    found.append(Unpaired(candidate=one, against=other, ids=tuple(ids), reason=reason))
    return tuple(found)


def _segments(
    ordered: Sequence[str], scores: Mapping[str, _Scores], given: Mapping[str, str] | None, level: float
) -> dict[str, Segments]:
    """The reference's means and the others' differences by segment; empty where there are too few segments."""
    known = dict(given) if given is not None else {}
    if given is None:
        for name in ordered:
            known.update(scores[name].segment)
    found: dict[str, Segments] = {}
    for name in ordered:
        names = (ordered[0],) if name == ordered[0] else (ordered[0], name)
        shared = _shared(names, scores)
        labelled = [k for k, case in enumerate(shared.ids) if case in known]
        labels = [known[shared.ids[k]] for k in labelled]
        clusters = None if shared.clusters is None else [shared.clusters[k] for k in labelled]
        columns = [column[labelled] for column in shared.matrix.T]
        if len(set(labels)) < FEWEST_SEGMENTS:
            continue
        if len(columns) == 1:
            found[name] = segment_means(columns[0], labels, clusters=clusters, level=level)
        else:
            found[name] = segment_differences(columns[0], columns[1], labels, clusters=clusters, level=level)
    return found


def _narrowed(several: Several | None, pairs: Sequence[Pair]) -> tuple[str, ...]:
    """That one candidate's gaps cut the cases on which all can be ranked."""
    if several is None:
        return ()
    shared, most = several.contrasts[0].difference.n, max(pair.n for pair in pairs)
    if shared == most:
        return ()
    return (
        f"who is best is told on the {shared:,} cases that every candidate ran, of up to {most:,} a pair",
    )


def _unsegmented(
    found: Mapping[str, Segments], given: Mapping[str, str] | None, name: str | None
) -> tuple[str, ...]:
    """That there are too few segments to show, where they were asked for."""
    if found or (given is None and name is None):
        return ()
    return (f"fewer than {FEWEST_SEGMENTS} segments in {name or 'segment'!r}: no breakdown",)


def _worst(
    a: str, b: str, results: Mapping[str, EvalResult], scores: Mapping[str, _Scores], most: int
) -> list[Regression]:
    """Cases on which b fell furthest behind a."""
    first, second = scores[a].mean, scores[b].mean
    behind = [
        (first[case] - second[case], case)
        for case in first
        if case in second and first[case] - second[case] > _LEAST_DISAGREEMENT
    ]
    behind.sort(key=lambda found: -found[0])
    chosen = [case for _, case in behind[:most]]
    runs = {name: _one_run(results[name], chosen) for name in (a, b)}
    return [
        Regression(
            id=case,
            a=a,
            b=b,
            score_a=first[case],
            score_b=second[case],
            input=runs[a][case].input or runs[b][case].input,
            output_a=runs[a][case].output,
            output_b=runs[b][case].output,
            note_b=runs[b][case].note,
            segment=runs[a][case].segment or runs[b][case].segment,
        )
        for case in chosen
    ]


def _one_run(result: EvalResult, cases: Sequence[str]) -> dict[str, CaseRun]:
    """The first scored run of each case."""
    found: dict[str, CaseRun] = {}
    wanted = set(cases)
    for run in result.runs:
        if run.id in wanted and run.score is not None:
            found.setdefault(run.id, run)
    return found


def _selection(
    ordered: Sequence[str], scores: Mapping[str, _Scores], level: float, rng: np.random.Generator
) -> SelectionEffect:
    shared = _shared(ordered, scores)
    if len(shared.ids) < 2:
        raise NotEnoughEvidenceError("the versions share fewer than 2 cases: their best can not be corrected")
    chosen: Selection = select_best(shared.matrix, rng, clusters=shared.clusters, level=level)
    return SelectionEffect(
        names=tuple(ordered),
        best=ordered[chosen.best],
        seen=chosen.raw[chosen.best],
        corrected=chosen.corrected[chosen.best],
        optimism=chosen.optimism,
    )


def _notes(
    results: Mapping[str, EvalResult], scores: Mapping[str, _Scores], pairs: Sequence[Pair], *, picked: bool
) -> Iterator[str]:
    """What a reader must know before believing the figures."""
    yield from judge_notes(results, pairs, picked=picked)
    for name, result in results.items():
        if not result.complete:
            yield f"{name} is not complete: what is missing is left out, not counted as wrong"
    if len({r.cases_sha256 for r in results.values() if r.cases_sha256}) > 1:
        yield "the results were made on different versions of the cases"
    scorers = sorted({r.scorer for r in results.values() if r.scorer})
    if len(scorers) > 1:
        yield f"scored in different ways: {', '.join(scorers)}"
    for name, result in results.items():
        if result.hold_out_openings is not None:
            yield f"{name}: sealed cases, opened {result.hold_out_openings}×"
        elif result.iterations is not None and result.iterations > 1:
            yield _optimism(name, result.iterations, scores[name])


def _optimism(name: str, iterations: int, scores: _Scores) -> str:
    """What having tried several versions on the same cases may have done, where only the kept one is at hand."""
    said = f"{name} is the one kept of {iterations} versions that were tried on these cases"
    values = list(scores.mean.values())
    share = sum(values) / len(values) if values else 0.0
    if not 0 < share < 1:
        return said
    most = 100 * reuse_optimism(share, len(values), iterations)
    return (
        f"{said}: its score is up to about {most:.1f} points too high if they were picked blindly, and more if they "
        "were edited after reading the errors; give all versions with --versions, or score it on sealed cases"
    )
