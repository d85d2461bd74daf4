"""What a comparison is made of: candidates, pairs, cases without a partner, segments and regressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from breakeven.evidence.evals.calibrating import Calibration
from breakeven.evidence.evals.result import EvalResult
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.f_measure import CorpusF1
from breakeven.statistics.intervals import VarianceParts
from breakeven.statistics.judged_pairs import JudgedDifference
from breakeven.statistics.margins import NonInferiority
from breakeven.statistics.pairing import PairedComparison
from breakeven.statistics.sample_size import Needed
from breakeven.statistics.segments import Segments

__all__ = ["CandidateSummary", "Comparison", "Pair", "Regression", "SelectionEffect", "Unpaired"]


@dataclass(frozen=True, kw_only=True)
class CandidateSummary:
    """One candidate's result in figures."""

    name: str
    result: EvalResult
    score: Estimate | None
    """Mean score over its cases, repeats averaged first; None: nothing was scored."""
    variance: VarianceParts | None
    """How much of the error is the cases' and how much the runs'; None: fewer than two cases."""
    n_cases: int
    """Cases with at least one scored run."""
    n_runs: int
    n_not_scored: int
    """Runs that no answer came from: they are left out, not counted as wrong."""
    failures: Mapping[str, int]
    """Why no answer came → runs."""
    format_failures: int
    """Answers that could not be read as what was asked for; each scores 0."""
    cost_usd: float | None
    """Of all runs with a known cost; None: none has one."""
    n_costed: int
    judge_cost_usd: float | None
    tokens: Mapping[str, float]
    """``input``, ``cached``, ``output``, ``reasoning`` → mean a run, over runs that tell."""
    latency_s: Mapping[str, float]
    """``p50``, ``p95`` → seconds; empty where no run tells."""
    corpus: CorpusF1 | None = None
    """F1 over the whole set, where the task has labels. It is shown; compared and joined to money is ``score``."""
    calibration: Calibration | None = None
    """What people's labels make of a judge's verdicts; where the judge's verdict is the score, ``score`` is that."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Candidate b against candidate a on the cases that both ran."""

    a: str
    b: str
    n: int
    comparison: PairedComparison
    """Of the scores as they are: where a judge scored, of its verdicts."""
    inferiority: NonInferiority
    """Whether b is no more than the margin worse than a."""
    to_settle: Needed | None
    """Cases in all to settle which is better; None: it is settled, or there are too few cases to say."""
    to_show: Needed | None
    """Cases in all to show "no more than the margin worse", or human labels where ``judged``; None: the verdict is
    clear, or too few cases to say."""
    adjusted: Estimate | None
    """The difference with an interval that holds together with all others; None: there is one comparison only."""
    p_adjusted: float | None
    judged: JudgedDifference | None = None
    """The difference corrected by people, where a judge scored and people labelled answers of both."""

    @property
    def difference(self) -> Estimate:
        """b less a: by people where they labelled enough, else of the scores as they are."""
        return self.comparison.difference if self.judged is None else self.judged.difference

    @property
    def p_b_better(self) -> float:
        """Probability that b's true mean score is the higher one, by the same."""
        return self.comparison.p_b_better if self.judged is None else self.judged.p_b_better


@dataclass(frozen=True, kw_only=True)
class Unpaired:
    """Cases that one candidate ran and another did not."""

    candidate: str
    against: str
    ids: tuple[str, ...]
    reason: str
    """``not run``, or ``not scored``: it was asked, and no answer came."""


@dataclass(frozen=True, kw_only=True)
class Regression:
    """A case on which b scored lower than a."""

    id: str
    a: str
    b: str
    score_a: float
    score_b: float
    input: str | None
    output_a: str | None
    output_b: str | None
    note_b: str | None
    segment: str | None


@dataclass(frozen=True, kw_only=True)
class SelectionEffect:
    """The best of several versions, as it scored and corrected for having been picked."""

    names: tuple[str, ...]
    """The versions, all run on the same cases."""
    best: str
    seen: Estimate
    corrected: Estimate
    optimism: float
    """How much too high the seen score is, a share."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Candidates side by side."""

    level: float
    margin: float
    reference: str
    candidates: tuple[CandidateSummary, ...]
    pairs: tuple[Pair, ...]
    """Every other candidate against the reference first, then all further pairs."""
    unpaired: tuple[Unpaired, ...]
    p_best: Mapping[str, float]
    """Candidate → probability to be truly the best, on the cases that all ran; empty where there are none."""
    segment_field: str | None
    segments: Mapping[str, Segments]
    """Candidate → its differences from the reference by segment; the reference → its own means."""
    regressions: tuple[Regression, ...]
    selection: SelectionEffect | None
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        names = ", ".join(c.name for c in self.candidates if c.name != self.reference)
        return f"<Comparison of {self.reference} with {names or 'nothing else'}: {len(self.pairs)} pairs>"

    def against_reference(self) -> tuple[Pair, ...]:
        """The pairs that the page shows: every other candidate against the reference."""
        return tuple(pair for pair in self.pairs if pair.a == self.reference)
