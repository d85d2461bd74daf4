"""Training runs for a learning curve: a classifier trained on parts of its texts, or a table of runs made elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from breakeven.errors import EvidenceError, InputError, Place, Problem
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.classifying.features import EmbeddingFeatures, MakeFeatures, TfidfFeatures
from breakeven.evidence.evals.classifying.linear import fit_linear
from breakeven.evidence.evals.classifying.texts import LinearCandidate, case_text
from breakeven.evidence.evals.embedding.vectors import Vectors
from breakeven.evidence.evals.records import Records, dig, read_records
from breakeven.evidence.evals.scorers import Scorer

__all__ = ["TrainingRun", "default_sizes", "linear_runs", "read_runs"]

_HALVINGS: Final = 5
_SMALLEST: Final = 10


@dataclass(frozen=True, kw_only=True)
class TrainingRun:
    """One run: on how many examples, with which seed, and its score on the cases."""

    size: float
    seed: str
    score: float


def default_sizes(n: int) -> tuple[int, ...]:
    """All rows, half of them, a quarter, and so on: five sizes."""
    return tuple(n >> k for k in reversed(range(_HALVINGS)))


def linear_runs(
    candidate: LinearCandidate, cases: Sequence[Case], scorer: Scorer, sizes: Sequence[int], seeds: int,
    *, vectors: Vectors | None = None, on_run: Callable[[TrainingRun], None] = lambda run: None,
) -> list[TrainingRun]:  # fmt: skip
    """Each size trained ``seeds`` times on rows drawn anew; C is chosen once, at the largest size.

    vectors: of all texts, for a candidate on embeddings; nothing is asked for here. Raises InputError where one is
    missing, or a size is larger than the training file, or too small to hold two classes.
    """
    train, n = candidate.train, len(candidate.train.texts)
    wrong = [size for size in sizes if not _SMALLEST <= size <= n]
    if wrong:
        shown = ", ".join(f"{size:,}" for size in wrong)
        raise InputError(f"sizes {shown}: a size is between {_SMALLEST} and {n:,} rows here")
    texts = [case_text(case, train.input) for case in cases]
    make = _features(candidate, texts, vectors or Vectors())
    found, tuned = [], None
    for size in sorted(set(sizes), reverse=True):
        for seed in range(seeds):
            rng = np.random.default_rng([candidate.seed, size, seed])
            part = train.part(rng.permutation(n)[:size].tolist())
            if len(set(part.labels)) < 2:
                raise InputError(f"size {size:,}: all rows that were drawn have one label; take larger sizes")
            model = fit_linear(part.texts, part.labels, rng, make=make, tuned=tuned)
            tuned = tuned or model.tuned
            best = model.probabilities(texts).argmax(axis=1)
            scores = [scorer.score(c, model.classes[k]).score for c, k in zip(cases, best, strict=True)]
            found.append(TrainingRun(size=size, seed=str(seed), score=float(np.mean(scores))))
            on_run(found[-1])
    return found[::-1]


def _features(candidate: LinearCandidate, texts: Sequence[str], vectors: Vectors) -> MakeFeatures:
    """What a candidate's texts are turned into; its vectors have to be there."""
    if candidate.embeddings is None:
        return TfidfFeatures
    missing = vectors.missing(candidate.embeddings, (*candidate.train.texts, *texts))
    if missing:
        n = "1 text has" if len(missing) == 1 else f"{len(missing):,} texts have"
        message = f"{candidate.name}: {n} no vector of {candidate.embeddings} yet, and a curve asks nobody"
        hint = "`breakeven eval run` embeds each once and keeps it; then the curve costs nothing"
        raise InputError(Problem(message=message, hint=hint))
    made = EmbeddingFeatures(vectors, candidate.embeddings)
    return lambda _: made


def _no_row(path: Path, records: Records, where: Mapping[str, str]) -> Problem:
    """Which condition no row meets, and what stands there instead."""
    for column, wanted in where.items():
        there = list(dict.fromkeys(str(dig(row.values, column)) for row in records.rows))
        if wanted not in there:
            message = f"no row has {column} {wanted!r}"
            return Problem(
                message=message, place=Place(file=str(path)), hint=f"there are: {', '.join(there[:12])}"
            )
    told = "; no row meets all conditions" if where else ""
    return Problem(message=f"no run was read{told}", place=Place(file=str(path)))


def read_runs(
    path: Path, *, columns: Mapping[str, str], where: Mapping[str, str], percent: bool = False
) -> tuple[list[TrainingRun], list[Problem]]:
    """Runs out of a table with ``size``, ``score`` and, where it has one, ``seed``; and rows that are not used.

    columns: field → column. where: column → the value that a row must have. percent: scores go from 0 to 100.
    """
    records = read_records(path)
    runs, problems = [], list(records.problems)
    for name in ("size", "score"):
        if columns.get(name, name).partition(".")[0] not in records.columns:
            hint = f"there are: {', '.join(records.columns[:12])}; --map {name}=COLUMN"
            message = f"no column {columns.get(name, name)!r}"
            raise EvidenceError(Problem(message=message, place=Place(file=str(path)), hint=hint))
    for row in records.rows:
        if any(str(dig(row.values, column)) != wanted for column, wanted in where.items()):
            continue
        size, score, draw = (dig(row.values, columns.get(name, name)) for name in ("size", "score", "seed"))
        try:
            run = TrainingRun(size=float(size), seed=str(draw), score=float(score) / (100 if percent else 1))
        except (TypeError, ValueError):
            problems.append(
                Problem(message=f"size {size!r}, score {score!r}: numbers are needed", place=row.place)
            )
            continue
        if not (run.size > 0 and 0 <= run.score <= 1):
            scale = "for scores from 0 to 100: --percent" if run.score > 1 else None
            raise EvidenceError(
                Problem(message=f"size {size!r}, score {score!r}", place=row.place, hint=scale)
            )
        runs.append(run)
    if not runs:
        raise EvidenceError(_no_row(path, records, where))
    return runs, problems
