"""Do 10 to 20% of the rows teach edge cases?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from breakeven.errors import EvidenceError
from breakeven.evidence.evals.classifying.features import TfidfFeatures
from breakeven.evidence.evals.records import dig
from breakeven.evidence.training.auditing.predicting import LONGEST
from breakeven.evidence.training.check import Check, CheckInput, CheckResult, Flagged, Verdict
from breakeven.statistics.arrays import FloatArray

__all__ = ["CHECK"]

_LOW, _HIGH = 0.10, 0.20
_FEWEST: Final = 100
_MOST: Final = 4_000
_NEIGHBOURS: Final = 5
_FAR: Final = 0.5
_COLUMNS: Final = (
    "edge_case",
    "edge",
    "is_edge_case",
    "metadata.edge_case",
    "metadata.edge",
    "meta.edge_case",
)
_TAGS: Final = ("tags", "difficulty", "kind", "metadata.tags", "metadata.difficulty")
_WORDS: Final = frozenset(
    {"edge", "edge-case", "edge case", "edge_case", "corner case", "hard", "rare", "adversarial"}
)
_YES: Final = frozenset({"1", "1.0", "true", "yes", "y"}) | _WORDS


class EdgeCasesCheck:
    """The share of rows that are edge cases: by a column that says so, else those that few other rows are like.

    Without a column a row counts as one where its mean likeness (cosine of TF-IDF) to its five nearest rows is less
    than half of what is usual. That is our reading, so it gives a figure and no verdict.
    Setting ``edge-column``: the column.
    """

    name = "edge-cases"
    title = "Edge cases"

    def __call__(self, given: CheckInput, /) -> CheckResult:
        """A verdict by the file's own tags; by likeness only a figure."""
        tagged = _tagged(given)
        if tagged is not None:
            return self._counted(given, tagged)
        try:
            near = _nearness(given) if len(given.train.rows) >= _FEWEST else None
        except EvidenceError:  # texts without words
            near = None
        if near is None:
            return self._unknown(
                f"no row is tagged, and {len(given.train.rows):,} are too few to tell by likeness"
            )
        rows, likeness = near
        far = likeness < _FAR * float(np.median(likeness))
        because = (
            f"no row is tagged; {far.mean():.1%} of {far.size:,} rows are like few others, which document 003's "
            f"{_LOW:.0%} to {_HIGH:.0%} may or may not mean"
        )
        flagged = tuple(
            Flagged(
                row=int(k), place=given.train.rows[int(k)].place, reason=f"like few others (cosine {s:.2f})"
            )
            for k, s in zip(rows[far], likeness[far], strict=True)
        )
        return self._unknown(
            because, flagged, {"far_share": round(float(far.mean()), 4), "rows": int(far.size)}
        )

    def _unknown(
        self, because: str, flagged: tuple[Flagged, ...] = (), details: Mapping[str, Any] | None = None
    ) -> CheckResult:  # fmt: skip
        return CheckResult(
            check=self.name, title=self.title, verdict="cannot_tell", because=because, threshold=_LOW, better="above",
            source="document 003, section 4", flagged=flagged, details=details or {},
            next_step="tag edge cases in a column `edge_case`",
        )  # fmt: skip

    def _counted(self, given: CheckInput, tagged: list[int]) -> CheckResult:
        n = len(given.train.rows)
        share = len(tagged) / n
        verdict: Verdict = "pass" if _LOW <= share <= _HIGH else "fail"
        step = "" if verdict == "pass" else "add edge cases" if share < _LOW else "add everyday cases"
        return CheckResult(
            check=self.name, title=self.title, verdict=verdict, value=share, n=n, method="counted by their tags",
            because=f"{len(tagged):,} of {n:,} rows are tagged as edge cases; {_LOW:.0%} to {_HIGH:.0%} are asked for",
            threshold=_HIGH if share > _HIGH else _LOW, better="below" if share > _HIGH else "above",
            source="document 003, section 4", next_step=step, details={"tagged": len(tagged)},
        )  # fmt: skip


CHECK: Final[Check] = EdgeCasesCheck()


def _tagged(given: CheckInput) -> list[int] | None:
    """Rows that a column calls edge cases; None: there is no such column."""
    named = given.settings.get("edge-column")
    for column in (str(named),) if named else _COLUMNS:
        values = [dig(row.raw, column) for row in given.train.rows]
        if any(value is not None for value in values):
            return [k for k, value in enumerate(values) if str(value).strip().lower() in _YES]
    for column in _TAGS:
        words = [_words(dig(row.raw, column)) for row in given.train.rows]
        found = [k for k, said in enumerate(words) if said & _WORDS]
        if found:
            return found
    return None


def _words(value: Any) -> set[str]:
    parts = value if isinstance(value, list | tuple) else str(value or "").split(",")
    return {str(part).strip().lower() for part in parts}


def _nearness(given: CheckInput) -> tuple[np.ndarray[Any, Any], FloatArray]:
    """Up to 4,000 rows drawn at random, and the mean cosine of each with its nearest among them."""
    order = np.random.default_rng(given.seed).permutation(len(given.train.rows))
    rows = np.sort(order[:_MOST])
    if (shared := given.question_features) is not None:
        features = shared[rows]
    else:
        texts = [given.questions[k][:LONGEST] for k in rows]
        features = TfidfFeatures(texts).of(texts)
    norms = np.sqrt(np.asarray(features.multiply(features).sum(axis=1)).ravel())
    norms[norms == 0] = 1.0
    found = np.empty(rows.size)
    for start in range(0, rows.size, 500):
        part = slice(start, start + 500)
        cosine = (features[part] @ features.T).toarray() / norms[part][:, None] / norms
        cosine[np.arange(cosine.shape[0]), np.arange(start, start + cosine.shape[0])] = -1.0
        found[part] = np.partition(cosine, -_NEIGHBOURS, axis=1)[:, -_NEIGHBOURS:].mean(axis=1)
    return rows, found
