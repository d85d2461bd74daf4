"""The study as the money model sees it: every input a belief, every choice resolved, nothing left to look up.

Frozen and free of files: ``study.open_study`` makes one from a study file, tests make them by hand. A field that is
None is *not counted*: its cost line stays out and the page says so by name. It is never taken as zero silently.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import partial
from typing import Final, Literal

import numpy as np

from breakeven.beliefs import Belief, Draws, Joint, PathDraw, Values, centres, sample
from breakeven.study.curve_evidence import CurveEvidence
from breakeven.study.data_evidence import DataEvidence
from breakeven.study.scored import ScoredGroup

__all__ = [
    "Candidate",
    "CandidateKind",
    "Facts",
    "Gpus",
    "Hosting",
    "Labour",
    "ModelPrices",
    "PriceSteps",
    "Quality",
    "Retraining",
    "Study",
    "Tier",
    "Tokens",
    "Training",
    "Workload",
    "beliefs_in",
]

Z90_UPPER: Final = 1.2815515655446004
"""The standard normal score of 90%."""

CandidateKind = Literal["prompt", "tuned", "hybrid", "classifier", "wait"]


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Tokens of one call."""

    static: Belief
    """Instructions and examples, the same in every call; the cacheable prefix."""
    input: Belief
    """What changes from call to call."""
    output: Belief
    reasoning: Belief
    """Billed as output, not shown."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What the feature does."""

    task: str
    volume: Belief
    """Calls in month 1."""
    growth: Belief
    """A month, from month 2."""
    retries: Belief
    """Extra attempts, paid in full, as a share of calls."""
    peak_to_mean: Belief
    """Calls a second in the busy hours over the mean."""
    error_cost: Belief | None = None
    """Dollars for each wrong answer."""
    target: Belief | None = None
    """Quality that the feature must reach, a share."""
    value: Belief | None = None
    """Dollars that a right answer is worth."""
    latency_cost: Belief | None = None
    """Dollars for each second that a call takes longer than today's."""
    delay_benefit: Belief | None = None
    """Dollars that a month earlier in production is worth."""


@dataclass(frozen=True, kw_only=True)
class Tier:
    """Prices for calls whose input is above a length; None: that price does not change."""

    above_tokens: float
    input: Belief
    output: Belief
    cached: Belief | None = None


@dataclass(frozen=True, kw_only=True)
class ModelPrices:
    """What a model charges, usd per million tokens, each with its source."""

    key: str
    """``openai/gpt-4.1-mini``; ``azure/gpt-4.1-mini:tuned`` for a tuned model."""
    provider: str
    input: Belief
    output: Belief
    cached: Belief | None
    """None: no cached price is sold, so nothing is read from a cache."""
    cache_write: Belief | None
    """None: writing to the cache costs what input costs."""
    batch_input: Belief | None
    batch_output: Belief | None
    tiers: tuple[Tier, ...] = ()
    region_factor: Belief | None = None
    """Multiplies every token price where a region is named."""
    min_prefix_tokens: int = 0
    """The shortest prefix that this provider caches."""
    retires_on: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Quality:
    """How often answers are right: a level, or a gain over another candidate."""

    level: Belief | None = None
    """A share; measured, stated or published."""
    relative_to: str | None = None
    """The candidate whose quality the gain is added to."""
    gain: Belief | None = None
    """Difference in share, for ``relative_to``."""
    extrapolated: bool = False
    """True where nobody measured this candidate: the page says EXTRAPOLATED."""
    n_cases: int | None = None
    """Scored cases, where measured."""
    cap: Belief | None = None
    """The most it can be, draw by draw: the share of its training labels that are right. None: no cap is known."""


@dataclass(frozen=True, kw_only=True)
class Labour:
    """Work to build and to keep: hours at the study's wage, or money."""

    build_hours: Belief | None = None
    build_usd: Belief | None = None
    upkeep_hours: Belief | None = None
    """Hours a month."""
    upkeep_usd: Belief | None = None
    """Dollars a month."""
    guideline_hours: Belief | None = None
    """Writing labelling guidelines and tooling, once."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """How a tuned model or a classifier is made."""

    examples: Belief
    labelled: Belief
    """Examples that already have their label."""
    label_cost: Belief
    """Dollars for each new label."""
    redundancy: Belief
    """Labels bought for each example."""
    qa: Belief
    """Share of label cost spent again on checking."""
    runs: Belief
    """Training runs for each model that is kept."""
    epochs: Belief | None = None
    tokens_per_example: Belief | None = None
    """None: static + input + output of the tuned prompt."""
    price: Belief | None = None
    """Dollars per million training tokens."""
    gpu_hours: Belief | None = None
    """For one run."""
    gpu_price: Belief | None = None
    """Dollars per GPU hour."""
    run_usd: Belief | None = None
    """Dollars for one run, where stated as a total."""
    validation: Belief | None = None
    """Validation tokens as a share of training tokens."""
    synthetic_examples: Belief | None = None
    synthetic_cost: Belief | None = None
    """Dollars that the teacher charges for each synthetic example."""
    eval_cases: Belief | None = None
    """Cases scored before each release."""
    eval_label_cost: Belief | None = None
    """Dollars for each labelled case."""
    judge_cost: Belief | None = None
    """Dollars that a judge charges for each scored case."""


@dataclass(frozen=True, kw_only=True)
class Retraining:
    """Training again on fresh data."""

    every_months: int | None
    """Months k, 2k, 3k …; None: never."""
    label_share: Belief
    """Share of the first labels that is bought anew."""
    hours: Belief
    """Work for each event."""
    event_usd: Belief | None = None
    """Dollars for each event, where stated as a total; it takes the place of the parts."""


@dataclass(frozen=True, kw_only=True)
class Gpus:
    """Serving on rented GPUs: replicas follow from peak load."""

    price: Belief
    """Dollars for each replica and hour."""
    rps: Belief
    """Calls a second that one replica serves within the latency objective."""
    extra_replicas: Belief
    """Kept for staging and failover."""


@dataclass(frozen=True, kw_only=True)
class Hosting:
    """What serving costs besides tokens."""

    usd_per_month: Belief | None = None
    """Dollars a month whatever the traffic: a stated sum, or a host's hourly fee × 730."""
    gpus: Gpus | None = None
    cold_starts: Belief | None = None
    """A month."""
    cold_start_hours: Belief | None = None
    """For each start."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One way to serve the feature."""

    name: str
    kind: CandidateKind
    labour: Labour
    quality: Quality
    prices: ModelPrices | None = None
    """None where calls are not paid by token (``per_call`` or GPUs of our own)."""
    tokens: Tokens | None = None
    retries: Belief | None = None
    """None: the workload's."""
    cached: Belief | None = None
    """Share of all input tokens read from the cache; None: ``hit_rate`` × the static share."""
    hit_rate: Belief | None = None
    """Share of calls that find their prefix in the cache."""
    batch: Belief | None = None
    """Share of calls sent through the batch price."""
    per_call: Belief | None = None
    """Dollars for one call, where stated as a total; takes the place of lines 1–6."""
    upfront: Belief | None = None
    """Dollars before the first call, stated as a total."""
    running: Belief | None = None
    """Dollars a month, stated as a total."""
    retrieval_queries: Belief | None = None
    retrieval_cost: Belief | None = None
    """Dollars for each query."""
    guard_share: Belief | None = None
    guard_cost: Belief | None = None
    """Dollars for each guarded call."""
    training: Training | None = None
    data: DataEvidence | None = None
    """What was found of the rows that it is trained on."""
    curve: CurveEvidence | None = None
    """Training runs at several sizes, for pages that show what more examples would bring."""
    retraining: Retraining | None = None
    hosting: Hosting | None = None
    storage_gb: Belief | None = None
    storage_cost: Belief | None = None
    """Dollars per GB and month."""
    log_cost: Belief | None = None
    """Dollars for each call."""
    review_share: Belief | None = None
    review_hours: Belief | None = None
    """For each reviewed call."""
    incidents: Belief | None = None
    """A month."""
    incident_hours: Belief | None = None
    downtime_hours: Belief | None = None
    downtime_cost: Belief | None = None
    """Dollars for each hour down."""
    compliance_once: Belief | None = None
    compliance_monthly: Belief | None = None
    latency: Belief | None = None
    """Seconds for one call."""
    build_months: Belief | None = None
    """Months until it serves; only line 28 uses it."""
    commitment: Belief | None = None
    """Dollars a month promised to the provider."""
    trained_already: bool = False
    """It serves today: training, labels and evaluation (lines 10–12, 14, 15) were paid before month 1, so they are
    paid again only by retraining and migration."""
    migration_hours: Belief | None = None
    """Work for one forced migration."""
    migration_months: tuple[int, ...] = ()
    """Months in which the base retires, inside the horizon."""
    ends_because: str = ""
    """Why it can not serve to the horizon: its model stops answering and its host trains no successor; else empty."""
    ends_month: int | None = None
    """The month in which it stops."""
    small: str | None = None
    large: str | None = None
    escalate: Belief | None = None
    """hybrid: share of calls handed to the large candidate after the small one answered."""
    catches: Belief | None = None
    """hybrid: share of the small candidate's errors among the calls handed on; None: no better than chance."""
    first: str | None = None
    then: str | None = None
    switch_month: int | None = None
    """wait: the month in which ``then`` takes over."""


@dataclass(frozen=True, kw_only=True)
class PriceSteps:
    """Prices that jump: how often a list price changes, and by how much."""

    changes_per_year: float
    share_up: float
    up: tuple[float, float]
    """Median and 90th percentile of a rise, as a fraction."""
    down: tuple[float, float]
    """Median and 90th percentile of a fall, as a fraction."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What published rules ask about and no belief holds; None where the study does not say."""

    ml_team: bool | None = None
    accuracy_critical: bool | None = None
    domain_changes: Literal["weekly", "monthly", "quarterly", "yearly", "rarely"] | None = None
    labelled_examples: int | None = None
    eval_cases: int | None = None
    prompt_iterations: int | None = None
    retrieval_tried: bool | None = None
    smaller_model_tried: bool | None = None
    structured_output_tried: bool | None = None
    motive: Literal["cost", "quality", "format", "latency"] | None = None
    months_in_production: float | None = None
    budget_usd_per_month: float | None = None
    deployment: Literal["cloud", "edge", "on-premises"] | None = None


@dataclass(frozen=True, kw_only=True)
class Study:
    """One decision, ready to be computed."""

    name: str
    horizon_months: int
    start: dt.date
    """First day of month 1."""
    discount: Belief
    """A year."""
    wage: Belief
    """Dollars an hour."""
    workload: Workload
    today: str
    candidates: Mapping[str, Candidate]
    price_change: Mapping[str, Belief | PriceSteps]
    """By provider (``*`` for all others): a yearly rate, or steps."""
    facts: Facts = field(default_factory=Facts)
    joints: tuple[Joint, ...] = ()
    """Qualities that are drawn together, from paired evidence."""
    scored: tuple[ScoredGroup, ...] = field(default=(), compare=False)
    """… and that evidence itself, for pages that show it."""
    not_counted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Cost lines left out because nothing was stated, by candidate."""
    notes: tuple[str, ...] = ()
    """What the reader must know: EXTRAPOLATED inputs, prices past their date, unpaired cases."""

    def __repr__(self) -> str:
        others = ", ".join(name for name in self.candidates if name != self.today)
        return f"<Study {self.name!r}: {self.today} today, or {others or 'nothing else'}; {self.horizon_months} months>"

    @property
    def beliefs(self) -> tuple[Belief, ...]:
        """Every input once, in the order of the file."""
        found: dict[str, Belief] = {}
        for part in (
            self.workload,
            self.discount,
            self.wage,
            *self.candidates.values(),
            *self.price_change.values(),
        ):
            for belief in beliefs_in(part):
                found.setdefault(belief.name, belief)
        return tuple(found.values())

    def sample(self, n: int, seed: int) -> Draws:
        """``n`` worlds; measured qualities are drawn together."""
        return sample(self.beliefs, n, seed, self.joints, self._price_paths())

    def _price_paths(self) -> dict[str, PathDraw]:
        """Price indices that jump, for each provider in use."""
        providers = dict.fromkeys(c.prices.provider for c in self.candidates.values() if c.prices is not None)
        steps = {p: self.price_change.get(p) or self.price_change.get("*") for p in providers}
        return {
            f"price_change.{provider}": partial(step_path, change, self.horizon_months)
            for provider, change in steps.items()
            if isinstance(change, PriceSteps)
        }

    def centres(self) -> Draws:
        """The deterministic world."""
        return centres(self.beliefs)


def step_path(steps: PriceSteps, months: int, rng: np.random.Generator, n: int) -> Values:
    """Price index by month and draw, shape (months, n): 1 in month 1, then a change now and then.

    Each month a price changes with probability rate/12; the size of a step is lognormal around its published median.
    Month by month, and sizes only where a price changes: a step is rare.
    """
    changes = np.stack([rng.random(n) < steps.changes_per_year / 12 for _ in range(months)])
    rises = np.stack([rng.random(n) < steps.share_up for _ in range(months)])
    changes[0] = False
    index = np.zeros((months, n))
    for month in range(months):
        spread, moved = rng.standard_normal(n), np.flatnonzero(changes[month])
        up = rises[month, moved]
        median = np.where(up, steps.up[0], steps.down[0])
        top = np.where(up, steps.up[1], steps.down[1])
        size = median * np.exp(spread[moved] * np.log(top / median) / Z90_UPPER)
        index[month] = index[month - 1] if month else 0.0
        index[month, moved] += np.where(up, np.log1p(size), np.log1p(-np.minimum(size, 0.95)))
    return np.exp(index, out=index)


def beliefs_in(part: object) -> Iterator[Belief]:
    """Every belief inside a dataclass or tuple of them, in order."""
    if isinstance(part, Belief):
        yield part
    elif is_dataclass(part):
        for f in fields(part):
            yield from beliefs_in(getattr(part, f.name))
    elif isinstance(part, tuple):
        for item in part:
            yield from beliefs_in(item)
