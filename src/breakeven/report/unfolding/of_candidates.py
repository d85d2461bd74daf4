"""Figures of one candidate: money, quality, break-even, and its chances."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from breakeven.advice.decide import VOLUME_DRAWS
from breakeven.advice.decision import CandidateResult, Months, Spread
from breakeven.advice.reasons import show_months
from breakeven.beliefs import show_value
from breakeven.economics import COST_LINES, CostLine
from breakeven.economics.explanation import Explanation
from breakeven.quantities import show_usd
from breakeven.report.text import clean, share, signed_usd
from breakeven.report.unfolding.parts import FORMULA, Case, InputRow, Made, Unfolded, chance_error, usd_rows

__all__ = ["of_candidate"]

_FORMULAS: Final = {
    "cost_usd": "Cost", "net_benefit_vs_today_usd": "Net benefit", "break_even_months": "Break-even month",
    "break_even_volume": "Break-even volume",
}  # fmt: skip
_SPREADS: Final[Mapping[str, Callable[[CandidateResult], Spread]]] = {
    "cost_usd": lambda c: c.cost,
    "upfront_usd": lambda c: c.upfront,
    "monthly_usd": lambda c: c.monthly,
    "consequence_usd": lambda c: c.consequence,
    "net_benefit_vs_today_usd": lambda c: c.net_benefit_vs_today,
}


def of_candidate(case: Case, rest: str) -> Unfolded:
    """``tuned.cost_usd`` and the like. Raises UnknownFigureError."""
    c, figure = case.split(rest)
    if figure in _CHANCES:
        return _CHANCES[figure](case, c)
    tree = case.explained(c.name, figure)
    named = FORMULA.get(_FORMULAS.get(figure, ""))
    plain = "" if tree.formula else "stated or measured: an input, not computed"
    fewer = VOLUME_DRAWS if figure == "break_even_volume" else None
    return Unfolded(
        figure=f"candidates.{rest}", title=clean(tree.title), shown=_shown(case, c, figure, tree),
        formula=named.formula if named else plain, where=named.where if named else "",
        inputs=_inputs(case, c, figure, tree),
        method=(case.draws(fewer), *_error(case, c, figure)), tree=tree,
    )  # fmt: skip


def _inputs(case: Case, c: CandidateResult, figure: str, tree: Explanation) -> tuple[InputRow, ...]:
    """Those of the tree, and what lies beneath its factors: volume, growth, prices over time."""
    leaves = case.leaves(tree)
    if figure == "quality":
        return leaves
    key = figure.removeprefix("lines.")
    lines = [line for line in COST_LINES if _counts(line, figure, key)]
    names = [c.name, case.decision.today] if figure in _AGAINST_TODAY else [c.name]
    read = [row for name in names for row in case.read_by(name, lines)]
    return tuple(dict.fromkeys((*read, *leaves)))


_AGAINST_TODAY: Final = ("net_benefit_vs_today_usd", "break_even_months", "break_even_volume")


def _counts(line: CostLine, figure: str, key: str) -> bool:
    if figure.startswith("lines."):
        return line.key == key
    if figure == "net_benefit_vs_today_usd":
        return True
    return line.consequence == (figure == "consequence_usd")


def _shown(case: Case, c: CandidateResult, figure: str, tree: Explanation) -> tuple[tuple[str, str], ...]:
    if figure in _SPREADS:
        return usd_rows(_SPREADS[figure](c), case.decision, signed=figure == "net_benefit_vs_today_usd")
    if figure == "quality":
        return _quality(case, c.quality)
    if figure == "break_even_months":
        return _months(case, c.break_even, show_months)
    if figure == "break_even_volume":
        return _months(case, c.break_even_volume, lambda value: show_value(value, "volume"))
    line = next((line for line in c.lines if figure == f"lines.{line.key}"), None)
    return () if line is None else (("Mean over draws", show_usd(line.usd)),)


def _quality(case: Case, s: Spread) -> tuple[tuple[str, str], ...]:
    if not math.isfinite(s.mean):
        return (("On the page", "?"),)
    mean = f"{s.mean:.1%}"
    if case.decision.draws == 1 or s.p05 == s.p95:
        return (("On the page", mean),)
    return (("Mean over draws", mean), ("90% of draws", f"{s.p05:.1%} to {s.p95:.1%}"))


def _months(case: Case, m: Months, show: Callable[[float], str]) -> tuple[tuple[str, str], ...]:
    def shown(value: float | None) -> str:
        return "never" if value is None else show(value)

    rows = (("Median of draws", shown(m.p50)),)
    if case.decision.draws == 1:
        return rows
    interval = () if m.p05 == m.p95 else (("90% of draws", f"{shown(m.p05)} to {shown(m.p95)}"),)
    return (*rows, *interval, ("Never", f"in {share(m.p_never)} of draws"))


def _error(case: Case, c: CandidateResult, figure: str) -> tuple[str, ...]:
    """What the draws' own scatter leaves open in a mean, where the draws are at hand."""
    n = len(c.net_benefit_draws)
    if figure != "net_benefit_vs_today_usd" or n < 2 or case.decision.draws < 2:
        return ()
    error = float(c.net_benefit_draws.std(ddof=1)) / math.sqrt(case.decision.draws)
    return (f"Monte Carlo error of the mean: ±{show_usd(error)} (standard deviation of draws ÷ √draws).",)


# ------------------------------------------------------------------------------------------------ shares of draws


def _share(
    case: Case, c: CandidateResult, figure: str, title: str, p: float, formula: str, where: str, made: tuple[Made, ...]
) -> Unfolded:  # fmt: skip
    n = case.decision.draws
    return Unfolded(
        figure=f"candidates.{c.name}.{figure}", title=title,
        shown=(("Share of draws", share(p)), ("Monte Carlo error", chance_error(p, n))),
        formula=formula, where=where, numbers=f"{p * n:,.0f} of {n:,} draws", made_of=made,
        inputs=case.ranged, points=case.points, method=(case.draws(),),
    )  # fmt: skip


def _p_best(case: Case, c: CandidateResult) -> Unfolded:
    f = FORMULA["P(best)"]
    return _share(case, c, "p_best", f"{c.name} is best", c.p_best, f.formula, f.where, case.benefits())


def _p_target(case: Case, c: CandidateResult) -> Unfolded:
    formula = f"share of draws in which the quality of {c.name} is at least {case.decision.target}"
    made = tuple(m for m in case.qualities() if m.figure == f"candidates.{c.name}.quality")
    where = "the target is what the study states under workload.errors.target."
    return _share(case, c, "p_target", f"{c.name} meets the target", c.p_target or 0.0, formula, where, made)


def _p_cheaper(case: Case, c: CandidateResult) -> Unfolded:
    formula = f"share of draws in which cost of {c.name} < cost of {case.decision.today}"
    where = "cost over the horizon, discounted; in each draw both pay the same prices for the same calls."
    p = c.p_cheaper_than_today
    return _share(case, c, "p_cheaper", f"{c.name} is cheaper to run", p, formula, where, case.costs())


def _p_better(case: Case, c: CandidateResult) -> Unfolded:
    today = case.decision.today
    formula = f"share of draws in which NB of {c.name} > NB of {today}"
    where = FORMULA["Net benefit"].formula
    p = c.p_better_than_today
    return _share(case, c, "p_better", f"{c.name} is better than {today}", p, formula, where, case.benefits())


def _regret(case: Case, c: CandidateResult) -> Unfolded:
    f = FORMULA["Expected regret"]
    shown = [("Mean over draws", show_usd(c.regret_usd))]
    if c.cvar_regret_usd is not None:
        shown.append(("Mean of the worst twentieth of draws", show_usd(c.cvar_regret_usd)))
    best = case.decision.recommendation.candidate
    lead = case.decision.candidates[best].net_benefit_vs_today.mean - c.net_benefit_vs_today.mean
    evpi = show_usd(case.decision.evpi_usd)
    numbers = f"{signed_usd(lead)} (mean lead of {best} over it) + {evpi} (what knowing every input is worth)"
    return Unfolded(
        figure=f"candidates.{c.name}.regret_usd", title=f"What choosing {c.name} forgoes", shown=tuple(shown),
        formula=f.formula, where=f.where, numbers="" if c.name == best else numbers, made_of=case.benefits(),
        inputs=case.ranged, points=case.points, method=(case.draws(),),
    )  # fmt: skip


_CHANCES: Final[Mapping[str, Callable[[Case, CandidateResult], Unfolded]]] = {
    "p_best": _p_best, "p_target": _p_target, "p_cheaper": _p_cheaper, "p_better": _p_better, "regret_usd": _regret,
}  # fmt: skip
