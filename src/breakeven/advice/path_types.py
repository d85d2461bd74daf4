"""The path: what to do when, which figure decides whether to go on, and what to go back to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from breakeven.advice.decision import Assumption, Spread
from breakeven.economics.options.hybrids import HybridSearch
from breakeven.economics.options.waiting import Waiting

__all__ = ["CadenceRow", "CadenceTable", "PathAdvice", "PathOption", "RetirementRow", "Step", "StepGate"]


@dataclass(frozen=True, kw_only=True)
class StepGate:
    """The figure that decides whether the next step is taken."""

    figure: str
    side: Literal["at least", "at most", "always", "never"]
    threshold: float | None
    """None where no value that may be seen changes the step."""
    unit: str
    """``share``, ``points`` (kept as a share) or ``calls/month``."""
    p_pass: float
    """Among those that get here."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One stage of the path."""

    what: str
    month: int
    date: dt.date
    """First day of that month, or the day itself where it is known."""
    p_reached: float
    effort_hours: Spread | None
    """None where the study states money and no hours."""
    cost_usd: Spread
    """Spent from here to the next gate, undiscounted, besides the running cost of what serves."""
    gate: StepGate | None
    """At the end of the step; None where nothing is left to decide."""
    rollback: str
    """What serves if the gate does not pass."""


@dataclass(frozen=True, kw_only=True)
class PathOption:
    """One way to go, valued with its gates."""

    key: str
    title: str
    source: str
    gain_usd: Spread
    """Net benefit against keeping today's candidate."""
    error_usd: float
    """Monte Carlo's standard error of the mean."""
    p_arrives: float | None
    """Probability that all calls end with the tuned candidate; None where it is not tried."""
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class RetirementRow:
    """A date on which a base model retires, and what to plan for it."""

    candidate: str
    model: str
    month: int
    date: dt.date
    kind: Literal["announced", "expected", "stops"]
    move_usd: Spread | None
    leave_for: str | None
    leave_usd: float
    p_leave: float
    plan: str


@dataclass(frozen=True, kw_only=True)
class CadenceRow:
    """One retraining cadence."""

    every_months: int | None
    """None: never."""
    retraining_usd: Spread
    drift_usd: Spread
    """Answers that staleness makes wrong."""
    total_usd: Spread
    p_best: float


@dataclass(frozen=True, kw_only=True)
class CadenceTable:
    """The cadences of one candidate; discounted over the horizon."""

    candidate: str
    rows: tuple[CadenceRow, ...]
    stated: int | None
    """The study's own cadence in months; None: never."""
    best: int | None
    saving_usd: float
    """Of the best against the study's own."""
    event_usd: Spread
    """One retraining, undiscounted."""
    priced: bool
    """False where errors have no price: then nothing here says how often."""


@dataclass(frozen=True, kw_only=True)
class PathAdvice:
    """Everything that the page of a path shows; holds no file and no screen."""

    study: str
    start: dt.date
    horizon_months: int
    draws: int
    seed: int
    today: str
    leader: str
    """The recommendation of the decision page."""
    base: str
    """The best candidate that needs no training: what the path goes back to."""
    target: str | None
    """The best one that needs training; None where the study has none that may be chosen."""
    headline: str
    shown: str
    """The key of the option whose steps these are."""
    steps: tuple[Step, ...]
    options: tuple[PathOption, ...]
    """Keeping the base, and each calendar; best first."""
    waiting: tuple[Waiting, ...]
    retirements: tuple[RetirementRow, ...]
    cadence: tuple[CadenceTable, ...]
    hybrid: HybridSearch | None
    assumptions: tuple[Assumption, ...]
    """What the path believes and the study does not say."""
    notes: tuple[str, ...]
