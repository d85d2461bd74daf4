"""F1 over a whole set of cases, from the counts that the scorers of labels, entities and fields keep a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from breakeven.errors import NotEnoughEvidenceError
from breakeven.evidence.evals.result import CaseRun
from breakeven.statistics.f_measure import CorpusF1, corpus_f1

__all__ = ["corpus_of"]

_MOST_LABELS: Final = 500
"""Labels told apart; the rest count together, and towards micro-F1 alone."""


_MOST_CLASSES: Final = 100
_CASES_A_CLASS: Final = 5
"""On average, at least, for expected texts to be called classes."""


def corpus_of(
    runs: Sequence[CaseRun], *, level: float, only_classes: bool = False, seed: int = 0
) -> CorpusF1 | None:
    """Micro- and macro-F1 over all scored runs, with intervals over cases or their clusters; None without counts.

    only_classes: only where the labels that occur are few, as they are not where texts are compared.
    """
    counted = [run for run in runs if run.score is not None]
    if not any(run.counts for run in counted):
        return None
    support: dict[str, float] = {}
    for run in counted:
        for label, (right, _, missed) in run.counts.items():
            support[label] = support.get(label, 0.0) + right + missed
    occurring = sum(n > 0 for n in support.values())
    n_cases = len({run.id for run in counted})
    if only_classes and not 1 < occurring <= min(_MOST_CLASSES, n_cases / _CASES_A_CLASS):
        return None
    names = sorted(support, key=lambda label: (-support[label], label))[:_MOST_LABELS]
    places = {label: k for k, label in enumerate(names)}
    cells = np.zeros((len(counted), len(names) + 1, 3))
    for row, run in enumerate(counted):
        for label, three in run.counts.items():
            cells[row, places.get(label, len(names))] += three
    rng = np.random.default_rng(seed)
    return _figures(cells, rng, names, counted, level)


def _figures(
    cells: np.typing.NDArray[np.float64], rng: np.random.Generator, names: list[str], runs: Sequence[CaseRun],
    level: float,
) -> CorpusF1 | None:  # fmt: skip
    """Runs of one case are one case: they stay together, as do cases of one cluster."""
    cases, first = np.unique([run.id for run in runs], return_inverse=True)
    summed = np.zeros((len(cases), *cells.shape[1:]))
    np.add.at(summed, first, cells)
    clusters: list[str | None] = [None] * len(cases)
    for code, run in zip(first.tolist(), runs, strict=True):
        clusters[code] = run.cluster
    known = any(label is not None for label in clusters)
    try:
        return corpus_f1(
            summed, rng, labels=[*names, "(others)"], clusters=clusters if known else None, level=level
        )
    except NotEnoughEvidenceError:
        return None
