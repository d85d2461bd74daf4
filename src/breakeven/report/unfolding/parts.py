"""What every unfolded figure is made of, and the decision that it is taken from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from breakeven.advice.decision import Assumption, CandidateResult, Decision, Spread
from breakeven.advice.purchases import PURCHASES, PurchaseKind
from breakeven.advice.rule import Rule
from breakeven.beliefs import Belief
from breakeven.economics import COST_LINES, CostLine
from breakeven.economics.explain import explain
from breakeven.economics.explanation import Explanation
from breakeven.economics.totals import inputs_of
from breakeven.errors import UnknownFigureError
from breakeven.quantities import show_usd
from breakeven.report.cleaning import cleaned
from breakeven.report.formulas import FORMULAS
from breakeven.report.page import ranked_assumptions, to_page
from breakeven.report.page_types import Page
from breakeven.report.text import clean, share, signed_usd
from breakeven.study.model import Study

__all__ = ["FORMULA", "Case", "InputRow", "Made", "Unfolded", "chance_error", "signed_interval", "usd_rows"]

FORMULA: Final = {f.name: f for f in FORMULAS}
"""The formulas of the page by their names."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A figure that stands in another one's formula, and unfolds in its turn."""

    figure: str
    title: str
    shown: str
    side: str = ""
    """``A`` or ``B`` where it belongs to one of two scenarios."""


@dataclass(frozen=True, kw_only=True)
class InputRow:
    """An input as it was used, and where it comes from."""

    input: str
    value: str
    """With its 90% range, where it has one."""
    kind: str
    """``measured``, ``quoted``, ``published``, ``stated`` or ``guess``."""
    reference: str
    date: str


@dataclass(frozen=True, kw_only=True)
class Unfolded:
    """One printed figure: what it is, by what formula, from which inputs and draws."""

    figure: str
    title: str
    shown: tuple[tuple[str, str], ...]
    """(what it is, the figure as printed): the mean, its interval, a Monte Carlo error."""
    formula: str = ""
    where: str = ""
    """What stands in the formula, in words."""
    numbers: str = ""
    """The formula with numbers put in."""
    made_of: tuple[Made, ...] = ()
    inputs: tuple[InputRow, ...] = ()
    """Those that the figure depends on, the most influential first."""
    points: tuple[InputRow, ...] = ()
    """Inputs without a range, where the figure depends on all inputs."""
    method: tuple[str, ...] = ()
    """Draws, seed, and how it is estimated."""
    tree: Explanation | None = None
    """The same arithmetic with every input at its centre, where it can be followed by hand."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A decision, its study, and the catalogues that it was made with."""

    decision: Decision
    """Its texts are clean."""
    study: Study
    rules: Sequence[Rule]
    purchases: Sequence[PurchaseKind] = PURCHASES
    _raw: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls, decision: Decision, study: Study, rules: Sequence[Rule], purchases: Sequence[PurchaseKind]
    ) -> Case:
        """The case of a decision on a study."""
        raw = {clean(name): name for name in study.candidates}
        return cls(decision=cleaned(decision), study=study, rules=rules, purchases=purchases, _raw=raw)

    @cached_property
    def page(self) -> Page:
        """The decision in words, as it is printed."""
        return to_page(self.decision)

    @cached_property
    def beliefs(self) -> Mapping[str, Belief]:
        """Every input of the study by its name."""
        return {clean(belief.name): belief for belief in self.study.beliefs}

    def split(self, rest: str) -> tuple[CandidateResult, str]:
        """(candidate, what of it) of ``tuned.cost_usd``; a name may hold dots. Raises UnknownFigureError."""
        names = [name for name in self.decision.candidates if rest.startswith(f"{name}.")]
        if not names:
            raise UnknownFigureError(f"candidates.{rest}", [])
        name = max(names, key=len)
        return self.decision.candidates[name], rest.removeprefix(f"{name}.")

    def explained(self, candidate: str, figure: str) -> Explanation:
        """A figure of a candidate at the centre of every input."""
        return explain(self.study, f"candidates.{self._raw.get(candidate, candidate)}.{figure}")

    # ------------------------------------------------------------------------------------------------- inputs

    def rows(self, names: Iterable[str]) -> tuple[InputRow, ...]:
        """These inputs, each once; names that are no input are left out."""
        known = {a.input: a for a in self.decision.assumptions}
        found = []
        for name in dict.fromkeys(names):
            if name in known:
                found.append(_of_assumption(known[name]))
            elif name in self.beliefs:
                found.append(_of_belief(self.beliefs[name]))
        return tuple(found)

    def leaves(self, tree: Explanation) -> tuple[InputRow, ...]:
        """The inputs at the ends of a tree: those with a range first."""
        rows = self.rows(clean(e.figure) for e in tree.walk() if e.source is not None)
        points = {a.input for a in self.decision.assumptions if a.low == a.high}
        return tuple(sorted(rows, key=lambda row: row.input in points))

    def read_by(self, candidate: str, lines: Sequence[CostLine] = COST_LINES) -> tuple[InputRow, ...]:
        """Every input that these cost lines of a candidate read, volume and prices over time too."""
        study = self.study
        names = inputs_of(study, study.centres(), self._raw.get(candidate, candidate), lines)
        read = {clean(name) for name in names}
        return tuple(row for row in (*self.ranged, *self.points) if row.input in read)

    @cached_property
    def ranged(self) -> tuple[InputRow, ...]:
        """All inputs with a range, the most influential first: whatever counts draws depends on all of them."""
        return tuple(_of_assumption(a) for a in ranked_assumptions(self.decision) if a.low != a.high)

    @cached_property
    def points(self) -> tuple[InputRow, ...]:
        """All inputs that the study states without a range."""
        return tuple(_of_assumption(a) for a in ranked_assumptions(self.decision) if a.low == a.high)

    # ------------------------------------------------------------------------------------------------- method

    def draws(self, at_most: int | None = None) -> str:
        """How many worlds were drawn, and from which seed."""
        d = self.decision
        if d.draws == 1:
            return "One world was computed: every input at its centre, so there is no interval and no chance."
        n = d.draws if at_most is None else min(at_most, d.draws)
        of = "" if n == d.draws else f"The first {n:,} of "
        draw = "A draw gives every uncertain input one value, for all candidates."
        return f"{of}{d.draws:,} draws, seed {d.seed}. {draw}"

    # -------------------------------------------------------------------------------------------- made of others

    def costs(self) -> tuple[Made, ...]:
        """Everybody's cost."""
        return tuple(
            Made(
                figure=f"candidates.{c.name}.cost_usd", title=f"cost of {c.name}", shown=show_usd(c.cost.mean)
            )
            for c in self.decision.candidates.values()
        )

    def benefits(self) -> tuple[Made, ...]:
        """Everybody's net benefit, from which whatever ranks candidates is made."""
        today = self.decision.today
        return tuple(
            Made(
                figure=f"candidates.{c.name}.net_benefit_vs_today_usd",
                title=f"net benefit of {c.name} against {today}",
                shown=signed_usd(c.net_benefit_vs_today.mean),
            )
            for c in self.decision.candidates.values()
            if c.name != today
        )

    def qualities(self) -> tuple[Made, ...]:
        """Everybody's quality."""
        return tuple(
            Made(
                figure=f"candidates.{c.name}.quality",
                title=f"quality of {c.name}",
                shown=share(c.quality.mean),
            )
            for c in self.decision.candidates.values()
            if math.isfinite(c.quality.mean)
        )


def _of_assumption(a: Assumption) -> InputRow:
    date = a.source.date.isoformat() if a.source.date else ""
    return InputRow(input=a.input, value=a.value, kind=a.source.kind, reference=a.source.reference, date=date)


def _of_belief(b: Belief) -> InputRow:
    date = b.source.date.isoformat() if b.source.date else ""
    return InputRow(
        input=clean(b.name), value=str(b), kind=b.source.kind, reference=clean(b.source.reference), date=date
    )


def usd_rows(s: Spread, d: Decision, *, signed: bool = False) -> tuple[tuple[str, str], ...]:
    """The mean and the interval of a sum in dollars."""
    shown = signed_usd if signed else show_usd
    if d.draws == 1 or s.p05 == s.p95:
        return (("On the page", shown(s.mean)),)
    return (("Mean over draws", shown(s.mean)), ("90% of draws", signed_interval(s, signed=signed)))


def signed_interval(s: Spread, *, signed: bool = True) -> str:
    """``−$516K to +$12.2M``."""
    shown = signed_usd if signed else show_usd
    return f"{shown(s.p05)} to {shown(s.p95)}"


def chance_error(p: float, n: int) -> str:
    """The Monte Carlo error of a share of draws, one standard error: ``±0.3 points``."""
    points = 100 * math.sqrt(max(p * (1 - p), 0.0) / n)
    return f"±{points:.2g} points" if points else "none: all draws agree"
