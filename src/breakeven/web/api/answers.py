"""What the API answers about a study: the JSON of ``decide`` and ``explain``, its stable keys typed.

Keys are added over time and never renamed, so these models allow more keys than they name.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Decision", "Explanation", "Health", "Open", "Rules", "StudySchema"]


class Open(BaseModel):
    """Stable keys; others may be added."""

    model_config = ConfigDict(extra="allow")


class Closed(BaseModel):
    """These keys and no others."""

    model_config = ConfigDict(extra="forbid")


class Spread(Open):
    """Mean and 90% interval over the draws."""

    mean: float | None
    p05: float | None
    p95: float | None


class Months(Open):
    """Quantiles among the draws in which it happens, and the probability that it never does."""

    p_never: float | None
    p05: float | None
    p50: float | None
    p95: float | None


class Quality(Spread):
    """Share of right answers."""

    source: str
    extrapolated: bool


class Recommendation(Open):
    """The answer."""

    candidate: str
    action: Literal["keep", "switch", "measure first"]
    headline: str
    p_best: float | None
    expected_regret_usd: float | None
    reasons: list[str]
    enough_evidence: bool
    missing_evidence: list[str]


class Candidate(Open):
    """One way to serve the feature."""

    kind: Literal["prompt", "tuned", "hybrid", "classifier", "wait"]
    describe: str
    cost_usd: Spread
    upfront_usd: Spread
    monthly_usd: Spread
    consequence_usd: Spread
    net_benefit_vs_today_usd: Spread
    quality: Quality
    p_best: float | None
    p_cheaper_than_today: float | None
    p_better_than_today: float | None
    p_target: float | None
    regret_usd: float | None
    break_even_months: Months
    lines: dict[str, float | None] = Field(
        description="Cost line → mean dollars over the horizon, discounted."
    )


class RuleVerdict(Open):
    """What a published rule says."""

    rule: str
    title: str
    source: str
    verdict: str
    because: str
    agrees: bool | None


class Gate(Open):
    """What should hold before tuning."""

    gate: str
    met: bool | None
    have: str
    need: str
    source: str


class Flip(Open):
    """A value at which another candidate takes the lead."""

    input: str
    at: float | None
    unit: str
    direction: str
    to: str
    p: float | None
    lead_at_p05_usd: float | None
    lead_at_p95_usd: float | None


class InputWorth(Open):
    """What knowing one input, or one sort of inputs, would be worth."""

    input: str
    usd: float | None


class ValueOfInformation(Open):
    """What knowing more would be worth."""

    evpi_usd: float | None
    evppi: list[InputWorth]
    groups: list[InputWorth]


class Purchase(Open):
    """Evidence that can be bought."""

    what: str
    kind: str
    worth_it: bool
    because: str
    value_usd: float | None
    cost_usd: float | None
    net_usd: float | None
    days: float | None


class Crossover(Open):
    """Who leads by volume and one other input."""

    input: str
    kind: str
    volumes_per_month: list[float | None]
    values: list[float | None]
    winner: list[list[str]]


class Assumption(Open):
    """One input as it was used."""

    input: str
    value: str
    source: str
    source_kind: str
    source_date: str | None
    p05: float | None
    p50: float | None
    p95: float | None
    unit: str


class Decision(Open):
    """Fine-tune, or keep improving the prompt? The keys of `breakeven decide --json`."""

    study: str
    seed: int
    draws: int
    start: str
    horizon_months: int
    discount: str
    task: str
    today: str
    target: str | None
    error_cost_stated: bool
    prices_as_of: str
    recommendation: Recommendation
    candidates: dict[str, Candidate]
    break_even_volume_per_month: dict[str, Months]
    rules: list[RuleVerdict]
    contradictions: list[str]
    gates: list[Gate]
    flips: list[Flip]
    value_of_information: ValueOfInformation
    buy_next: list[Purchase]
    expected_regret_after_purchase_usd: float | None
    crossover: Crossover | None
    assumptions: list[Assumption]
    not_counted: dict[str, list[str]]
    notes: list[str]


class Explanation(Open):
    """A figure unfolded to its formula, the numbers put in, and its inputs with their sources."""

    figure: str
    title: str
    value: float | None
    unit: str
    shown: str
    formula: str | None
    numbers: str | None
    source: str | None
    note: str | None
    parts: list[Explanation]


class RuleEntry(Open):
    """A rule of the catalogue."""

    rule: str
    title: str
    source: str
    about: str
    asks: list[str]


class Rules(Closed):
    """Every decision rule that is known here."""

    rules: list[RuleEntry]


class StudySchema(Open):
    """The JSON Schema of the study file."""

    title: str
    type: str
    properties: dict[str, Any]


class Health(Closed):
    """Whether the server answers, and how busy it is."""

    status: Literal["ok"]
    version: str
    workers: int
    waiting: int
    prices_as_of: str
