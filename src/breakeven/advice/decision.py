"""The decision: what to do, how sure we are, and what every page needs to show it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from breakeven.advice.plot_types import (
    AcceptabilityGrid,
    EvidenceFacts,
    LearningFan,
    MeasuredDifference,
    NextGain,
    OutcomeGrid,
    RoutingFrontier,
)
from breakeven.beliefs import Source, Values
from breakeven.economics.options.waiting import Waiting
from breakeven.statistics.cost_effectiveness import IcerRow
from breakeven.study.model import CandidateKind

__all__ = [
    "Assumption",
    "Branch",
    "CandidateResult",
    "CrossoverMap",
    "Decision",
    "Fan",
    "Flip",
    "GateResult",
    "InputWorth",
    "LineResult",
    "Months",
    "Purchase",
    "Recommendation",
    "RuleVerdict",
    "Spread",
]


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A figure over draws: its mean and its 90% interval."""

    mean: float
    p05: float
    p95: float


@dataclass(frozen=True, kw_only=True)
class Months:
    """A break-even over draws. A percentile that falls among the draws that never break even is None."""

    p_never: float
    p05: float | None
    p50: float | None
    p95: float | None


@dataclass(frozen=True, kw_only=True)
class LineResult:
    """One cost line of one candidate."""

    key: str
    number: int
    title: str
    usd: float
    """Mean, discounted, over the horizon."""
    by_month_usd: Values
    """(horizon,) mean, undiscounted."""
    consequence: bool
    """Whether it is a consequence (errors, latency) and not on the bill."""


@dataclass(frozen=True, kw_only=True)
class Fan:
    """Cumulative discounted cost from the start (month 0) to each month's end, shape (horizon + 1,)."""

    p05: Values
    p50: Values
    p95: Values


@dataclass(frozen=True, kw_only=True)
class CandidateResult:
    """All that the pages say about one candidate."""

    name: str
    kind: CandidateKind
    describe: str
    """One short phrase: ``gpt-4.1, 2600+400 → 60 tokens``."""
    cost: Spread
    upfront: Spread
    monthly: Spread
    consequence: Spread
    net_benefit_vs_today: Spread
    quality: Spread
    quality_source: str
    """``measured, 412 cases …`` or ``published, document 003 …``."""
    extrapolated: bool
    p_best: float
    """Share of draws in which it has the highest net benefit."""
    p_cheaper_than_today: float
    p_better_than_today: float
    """Share of draws in which its net benefit is above today's."""
    p_target: float | None
    """Share of draws in which it meets the target; None where no target is stated."""
    regret_usd: float
    """Expected net benefit lost by choosing it, against knowing every input."""
    break_even: Months
    """Months to break even on cost with today's candidate."""
    break_even_volume: Months
    """Calls a month at which its cost over the horizon equals today's (percentiles in calls/month, not months)."""
    lines: tuple[LineResult, ...]
    fan: Fan
    net_benefit_draws: Values
    """(m,) net benefit against today in up to 4,000 draws, for the chart."""
    cvar_regret_usd: float | None = None
    """Mean regret in the worst twentieth of draws; None in one world, and for those that may not be chosen."""


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """The answer in one place."""

    candidate: str
    """The candidate with the highest expected net benefit among those that may be chosen."""
    action: str
    """``keep``, ``switch`` or ``measure first``."""
    headline: str
    """The answer in one sentence."""
    p_best: float
    expected_regret_usd: float
    reasons: tuple[str, ...]
    enough_evidence: bool
    missing_evidence: tuple[str, ...]
    """What would have to be measured or stated for an answer under ``--strict``."""


@dataclass(frozen=True, kw_only=True)
class Flip:
    """The value of one input at which another candidate takes the lead, all else as believed."""

    input: str
    """The belief's name: ``workload.volume``."""
    kind: str
    """Its kind of quantity, for showing."""
    at: float
    unit: str
    """As shown: ``calls/month``, ``share``, ``usd/1M tokens``."""
    direction: str
    """``below`` or ``above``: the side of ``at`` where the recommendation changes."""
    to: str
    """The candidate that leads there."""
    p: float
    """Probability that the input lies on that side."""
    low: float
    """Expected lead of the recommendation (usd) with the input at its 5th percentile."""
    high: float
    """… and at its 95th percentile."""


@dataclass(frozen=True, kw_only=True)
class RuleVerdict:
    """What a published rule says of this study."""

    rule: str
    title: str
    source: str
    verdict: str
    """``prompt``, ``tune``, ``hybrid``, ``evaluate`` or ``cannot tell``."""
    because: str
    agrees: bool | None
    """Whether it agrees with our recommendation; None where it can not tell."""


@dataclass(frozen=True, kw_only=True)
class GateResult:
    """A condition that should hold before tuning."""

    gate: str
    met: bool | None
    """None where the study does not say."""
    have: str
    need: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """One input as it was used."""

    input: str
    value: str
    """As shown: ``4 .. 10 hours/month``."""
    low: float
    centre: float
    high: float
    unit: str
    source: Source


@dataclass(frozen=True, kw_only=True)
class CrossoverMap:
    """Who wins where: the candidate with the highest expected net benefit over volume × one other input."""

    input: str
    """Name of the other input."""
    kind: str
    volumes: Values
    """(v,) calls a month."""
    values: Values
    """(w,) values of the other input."""
    winner: tuple[tuple[str, ...], ...]
    """[w][v] name of the leading candidate."""


@dataclass(frozen=True, kw_only=True)
class InputWorth:
    """What knowing one input, or a group of them, would be worth (EVPPI)."""

    input: str
    usd: float
    """By a fit to all draws: errs upwards."""
    cross_fitted_usd: float
    """Chosen by a fit that has not seen the draw: errs downwards."""
    standard_error_usd: float
    """Monte Carlo error of ``usd``."""


@dataclass(frozen=True, kw_only=True)
class Branch:
    """What to do at some results of a purchase."""

    condition: str
    """``pilot gains ≥ +0.8 points over prompt on the same 200 cases``."""
    low: float | None
    """The result from which it holds; None: from the lowest."""
    high: float | None
    candidate: str
    """Who leads there."""
    p: float
    """How likely such a result is."""


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """Evidence that can be bought: what it is worth before it is there, and what its result would have one do."""

    kind: str
    """Its entry in the catalogue: ``pilot``, ``eval-cases``."""
    what: str
    ask: str
    """How the answer asks for it, with ``{cost}`` in it."""
    informs: tuple[str, ...]
    """The inputs that it narrows."""
    value_usd: float
    """Expected value of the sample information (EVSI), cross-fitted: it errs downwards."""
    value_raw_usd: float
    """… by a fit to all draws, which errs upwards."""
    standard_error_usd: float
    """Monte Carlo error of ``value_usd``."""
    cost_usd: float | None
    """None: not known, see ``state``."""
    delay_usd: float
    """What waiting for the result forgoes."""
    net_usd: float | None
    """Value less cost and delay; None where the cost is not known."""
    days: float
    worth_it: bool
    because: str
    """Why it is not worth buying; empty where it is."""
    state: tuple[str, ...]
    """Fields of the study file that would price it."""
    rule: tuple[Branch, ...]
    """From the lowest results to the highest; empty where no result would change the choice."""
    regret_after_usd: float
    """Expected regret that is left once its result is known."""
    outcome: OutcomeGrid | None = field(default=None, compare=False)
    """What each result would have one do; None where no result would change the choice."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Everything the reports show; holds no file and no screen."""

    study: str
    seed: int
    draws: int
    """1 where every belief stood at its centre."""
    start: dt.date
    horizon_months: int
    discount: str
    task: str
    today: str
    recommendation: Recommendation
    candidates: Mapping[str, CandidateResult]
    rules: tuple[RuleVerdict, ...]
    contradictions: tuple[str, ...] = ()
    """Sentences that say which published rules contradict each other on this study."""
    gates: tuple[GateResult, ...]
    flips: tuple[Flip, ...]
    evpi_usd: float
    """Expected value of perfect information: what knowing every input would be worth."""
    evppi_usd: Mapping[str, float]
    """… and knowing one input, for those that matter, largest first."""
    evppi: tuple[InputWorth, ...] = ()
    """The same, cross-fitted beside, with Monte Carlo errors."""
    evppi_groups: tuple[InputWorth, ...] = ()
    """… and knowing all inputs of one sort."""
    buy_next: tuple[Purchase, ...] = ()
    """Everything that can be bought, by net value; those whose cost is not known last."""
    waiting: tuple[Waiting, ...] = ()
    """Keeping today's candidate for some months and choosing then, against the answer taken now."""
    acceptability: tuple[AcceptabilityGrid, ...] = ()
    """Who is best over the price of an error, and over the worth of a point of quality."""
    icers: tuple[IcerRow, ...] = ()
    """What one more point of quality costs, from one candidate to the next; with dominance."""
    differences: tuple[MeasuredDifference, ...] = ()
    """Scores on the same cases, as the files say and as they count."""
    evidence: tuple[EvidenceFacts, ...] = ()
    """Cases, iterations, optimism and openings behind every measured quality."""
    routing: RoutingFrontier | None = None
    next_gain: NextGain | None = None
    learning_curves: tuple[LearningFan, ...] = ()
    """What more training examples would bring, for candidates that name a curve."""
    crossover: CrossoverMap | None
    assumptions: tuple[Assumption, ...]
    not_counted: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...]
    error_cost_stated: bool
    target: str | None
    """The target as shown."""
    prices_as_of: str
    """Date and source of the price book."""

    @property
    def purchase(self) -> Purchase | None:
        """What to buy before committing; None where nothing is worth it."""
        return next((p for p in self.buy_next if p.worth_it), None)
