"""The decision page as data: the rows and sentences that every format shows."""

from __future__ import annotations

from dataclasses import dataclass

from breakeven.advice.decision import Assumption

__all__ = [
    "AbsentRow",
    "BreakEvenRow",
    "BuyRow",
    "CandidateRow",
    "Cell",
    "EvidenceRow",
    "FlipRow",
    "GateRow",
    "IcerLine",
    "Money",
    "NotCountedRow",
    "Page",
    "RuleLine",
    "RuleRow",
    "WorthRow",
]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A figure as shown: its mean, and its 90% interval (empty where one world was computed)."""

    value: str
    interval: str = ""

    def __str__(self) -> str:
        return f"{self.value} {self.interval}".strip()


@dataclass(frozen=True, kw_only=True)
class Money:
    """The unit of a table's money columns."""

    symbol: str
    """``$``, ``$k`` or ``$M``."""
    divisor: float


@dataclass(frozen=True, kw_only=True)
class CandidateRow:
    """One candidate; probabilities are empty where one world was computed."""

    name: str
    kind: str
    describe: str
    is_today: bool
    is_recommended: bool
    extrapolated: bool
    quality: Cell
    p_target: str
    """Empty where no target is stated."""
    cost: Cell
    upfront: Cell
    monthly: Cell
    benefit: Cell
    p_best: str
    p_cheaper: str
    p_better: str
    regret: str


@dataclass(frozen=True, kw_only=True)
class BreakEvenRow:
    """When, and at what volume, a candidate has cost no more than today's."""

    name: str
    month: str
    """``month 7``, ``never within 36 months``, ``from the start``."""
    chance: str
    """``90%: 4 to 18``; empty where one world was computed, or all draws agree."""
    volume: str
    """Empty where no volume is known."""

    @property
    def when(self) -> str:
        """The month with its interval."""
        return f"{self.month} ({self.chance})" if self.chance else self.month

    def __str__(self) -> str:
        return f"{self.when}; {self.volume}" if self.volume else self.when


@dataclass(frozen=True, kw_only=True)
class FlipRow:
    """One condition under which another candidate leads."""

    input: str
    condition: str
    """``below 618K calls/month``."""
    p: str
    """Its chance; a dash where the input is stated as a point."""
    to: str


@dataclass(frozen=True, kw_only=True)
class RuleRow:
    """A published rule beside our answer."""

    title: str
    source: str
    verdict: str
    because: str
    standing: str
    """``agrees``, ``contradicts`` or ``cannot tell``."""


@dataclass(frozen=True, kw_only=True)
class GateRow:
    """A condition that should hold before tuning."""

    gate: str
    standing: str
    """``met``, ``not met``, ``not stated``, or ``cannot tell`` of what was looked at."""
    have: str
    need: str
    source: str


@dataclass(frozen=True, kw_only=True)
class EvidenceRow:
    """Where a candidate's quality comes from."""

    name: str
    source: str
    extrapolated: bool
    facts: str = ""
    """Iterations, optimism, openings of sealed cases."""


@dataclass(frozen=True, kw_only=True)
class NotCountedRow:
    """Cost lines left out, and of which candidates."""

    who: str
    lines: str


@dataclass(frozen=True, kw_only=True)
class WorthRow:
    """What knowing one input alone is worth: an upper limit for the price of measuring it."""

    input: str
    usd: str


@dataclass(frozen=True, kw_only=True)
class BuyRow:
    """Something that can be bought to know more."""

    what: str
    value: str
    """With its Monte Carlo error: ``$14.6K ± $400``."""
    cost: str
    delay: str
    """What waiting for its result forgoes."""
    net: str
    says: str
    """``buy first``, ``worth it alone``, or why not."""
    worth_it: bool


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """What to do at some results of a purchase."""

    condition: str
    candidate: str
    p: str


@dataclass(frozen=True, kw_only=True)
class IcerLine:
    """What one more point of quality costs, from the candidate before it on the frontier."""

    name: str
    cost: str
    quality: str
    icer: str
    """A dash for the first, and off the frontier."""
    standing: str


@dataclass(frozen=True, kw_only=True)
class AbsentRow:
    """A picture that the study has no data for."""

    title: str
    says: str
    """What evidence would show it."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """The decision page, in the order in which it is read."""

    study: str
    terms: str
    """``36 months, 10%/year discount``."""
    answer: str
    action: str
    rule: tuple[RuleLine, ...]
    """What to do at each result of the purchase that the answer asks for; empty where it asks for none."""
    recommended: str
    today: str
    one_world: bool
    """Whether every input stood at its centre: then there are no intervals and no probabilities."""
    confidence: str
    """How often the answer is best, and what is next."""
    stake: str
    """What choosing it forgoes; empty where one world was computed."""
    level: str
    """``High``, ``Moderate``, ``Low`` or ``Unknown``."""
    money: Money
    target: str
    """Heading of the target column; empty where no target is stated."""
    candidates: tuple[CandidateRow, ...]
    benefit_usd: Cell
    """The answer's net benefit against today, in dollars with their own unit."""
    cost_usd: Cell
    cheaper: tuple[str, ...]
    break_even: tuple[BreakEvenRow, ...]
    reasons: tuple[str, ...]
    flips: tuple[FlipRow, ...]
    rules: tuple[RuleRow, ...]
    """Those that contradict first, then those that agree, then those that cannot tell."""
    rules_summary: str
    contradictions: tuple[str, ...]
    """Where the rules contradict each other, one sentence each."""
    gates: tuple[GateRow, ...]
    evpi: str
    """What knowing every input is worth, in dollars; empty where one world was computed."""
    worth: tuple[WorthRow, ...]
    """What knowing one input is worth, most first."""
    buy: tuple[BuyRow, ...]
    """What can be bought to know more, by net value."""
    buy_says: str
    """Said where nothing is worth its price."""
    evidence: tuple[EvidenceRow, ...]
    missing: tuple[str, ...]
    """What ``--strict`` asks for; empty where the evidence is enough."""
    notes: tuple[str, ...]
    not_counted: tuple[NotCountedRow, ...]
    assumptions: tuple[Assumption, ...]
    """Most influential first."""
    footer: tuple[str, ...]
    icers: tuple[IcerLine, ...] = ()
    """Along the frontier of cost and quality, then those off it."""
    absent: tuple[AbsentRow, ...] = ()
    """Pictures left out for want of data."""
