"""The answer's own figures: the headline, why, what is at stake, the terms, and how much was drawn."""

from __future__ import annotations

from breakeven.advice.decision import CandidateResult, Decision
from breakeven.economics.explanation import Explanation
from breakeven.errors import UnknownFigureError
from breakeven.quantities import show_usd
from breakeven.report.buying import shown_purchases
from breakeven.report.text import share, signed_usd
from breakeven.report.unfolding.parts import (
    FORMULA,
    Case,
    InputRow,
    Made,
    Unfolded,
    chance_error,
    signed_interval,
)

__all__ = ["of_cheaper", "of_draws", "of_evpi", "of_reason", "of_recommendation", "of_terms"]


def of_recommendation(case: Case, _: str) -> Unfolded:
    """The headline: who, and by how much."""
    d = case.decision
    r = d.recommendation
    c = d.candidates[r.candidate]
    return Unfolded(
        figure="recommendation", title="The answer",
        shown=(
            ("Highest expected net benefit", r.candidate),
            ("Against today", signed_usd(c.net_benefit_vs_today.mean)),
            *((("90% of draws", signed_interval(c.net_benefit_vs_today)),) if d.draws > 1 else ()),
            *((("Best in", f"{share(r.p_best)} of draws, {chance_error(r.p_best, d.draws)}"),) if d.draws > 1 else ()),
        ),
        formula="the candidate with max E[NB] among those that may be chosen; first a purchase, where one is worth its "
        "price",
        where=FORMULA["Net benefit"].formula, numbers=_ranking(d), made_of=(*_bought(case), *_about(case, c)),
        inputs=case.ranged, points=case.points, method=(case.draws(),),
    )  # fmt: skip


def _ranking(d: Decision) -> str:
    ordered = sorted(d.candidates.values(), key=lambda c: -c.net_benefit_vs_today.mean)
    return ", ".join(f"{c.name} {signed_usd(c.net_benefit_vs_today.mean)}" for c in ordered)


def _bought(case: Case) -> tuple[Made, ...]:
    p = case.decision.purchase
    if p is None:
        return ()
    row = shown_purchases(case.decision).index(p)
    cost = "not known" if p.cost_usd is None else show_usd(p.cost_usd)
    return (
        Made(figure=f"buy.{row}.cost", title=f"cost of {p.what}", shown=cost),
        Made(figure=f"buy.{row}.value", title=f"value of {p.what}", shown=show_usd(p.value_usd)),
    )


def _about(case: Case, c: CandidateResult) -> tuple[Made, ...]:
    """All that sentences say of a candidate against today's."""
    d = case.decision
    today = d.candidates[d.today]
    both = (c,) if c.name == today.name else (c, today)
    rows = {row.name: row for row in case.page.break_even}
    found = [m for m in case.benefits() if m.figure.startswith(f"candidates.{c.name}.")]
    for one in both:
        at, whose = f"candidates.{one.name}", f"of {one.name}"
        found += [
            Made(figure=f"{at}.cost_usd", title=f"cost {whose}", shown=show_usd(one.cost.mean)),
            Made(figure=f"{at}.upfront_usd", title=f"paid up front {whose}", shown=show_usd(one.upfront.mean)),
            Made(figure=f"{at}.monthly_usd", title=f"a month {whose}", shown=show_usd(one.monthly.mean)),
            Made(figure=f"{at}.quality", title=f"quality {whose}", shown=f"{one.quality.mean:.1%}"),
            Made(figure=f"{at}.consequence_usd", title=f"errors and delay {whose}",
                 shown=show_usd(one.consequence.mean)),
        ]  # fmt: skip
    if c.name in rows:
        row, at = rows[c.name], f"candidates.{c.name}"
        found += [
            Made(figure=f"{at}.break_even_months", title="paid back", shown=row.month),
            Made(figure=f"{at}.p_cheaper", title="chance to be cheaper", shown=share(c.p_cheaper_than_today)),
            Made(figure=f"{at}.p_better", title="chance to be better", shown=share(c.p_better_than_today)),
        ]
        if row.volume:
            found.append(Made(figure=f"{at}.break_even_volume", title="by volume", shown=row.volume))
    return tuple(found)


def of_reason(case: Case, rest: str) -> Unfolded:
    """A sentence of *why*: the figures of whom it is about."""
    d = case.decision
    if not rest.isdecimal() or int(rest) >= len(d.recommendation.reasons):
        raise UnknownFigureError(f"reasons.{rest}")
    sentence = d.recommendation.reasons[int(rest)]
    others = [c for c in d.candidates.values() if c.name != d.today]
    named = [c for c in others if c.name in sentence]
    about = named or [c for c in others if c.name == d.recommendation.candidate] or others[:1]
    made = tuple(dict.fromkeys(m for c in about for m in _about(case, c)))
    largest = [_largest(c) for c in about if "largest line" in sentence and c.lines]
    return Unfolded(
        figure=f"reasons.{rest}", title="Why", shown=(("It says", sentence),),
        formula="each figure is the mean over draws; a month is the first year's, without what is paid to build; a "
        "difference is taken in each draw",
        made_of=(*largest, *made), inputs=_of_all(case, [m.figure for m in made]), method=(case.draws(),),
    )  # fmt: skip


def _largest(c: CandidateResult) -> Made:
    line = max((line for line in c.lines if not line.consequence), key=lambda line: line.usd)
    return Made(
        figure=f"candidates.{c.name}.lines.{line.key}", title=f"{line.title} of {c.name}", shown=show_usd(line.usd)
    )  # fmt: skip


def _of_all(case: Case, figures: list[str]) -> tuple[InputRow, ...]:
    trees: list[Explanation] = []
    for name in dict.fromkeys(figures):
        c, figure = case.split(name.removeprefix("candidates."))
        if figure in ("cost_usd", "consequence_usd", "quality"):
            trees.append(case.explained(c.name, figure))
    return tuple(dict.fromkeys(row for tree in trees for row in case.leaves(tree)))


def of_cheaper(case: Case, rest: str) -> Unfolded:
    """A sentence on who is cheaper to run, and whether that is worth it."""
    d = case.decision
    if not rest.isdecimal() or int(rest) >= len(case.page.cheaper):
        raise UnknownFigureError(f"cheaper.{rest}")
    made = tuple(
        Made(figure=f"candidates.{c.name}.p_cheaper", title=f"{c.name} is cheaper to run",
             shown=share(c.p_cheaper_than_today))
        for c in d.candidates.values() if c.name != d.today
    )  # fmt: skip
    return Unfolded(
        figure=f"cheaper.{rest}", title="Cheaper to run, and worth it",
        shown=(("It says", case.page.cheaper[int(rest)]),),
        formula=f"share of draws in which cost < cost of {d.today}", where="cost is the bill; net benefit prices the "
        "answers too.", made_of=(*made, *case.costs(), *case.benefits()), inputs=case.ranged, points=case.points,
        method=(case.draws(),),
    )  # fmt: skip


def of_evpi(case: Case, _: str) -> Unfolded:
    """What knowing every input is worth: what the choice forgoes, on average."""
    d = case.decision
    c = d.candidates[d.recommendation.candidate]
    worst = c.cvar_regret_usd
    rest = () if worst is None else (("Mean of the worst twentieth of draws", show_usd(worst)),)
    after = () if d.purchase is None else (("After the purchase", show_usd(d.purchase.regret_after_usd)),)
    f = FORMULA["Expected regret"]
    return Unfolded(
        figure="evpi", title="What knowing every input is worth",
        shown=(("Mean over draws", show_usd(d.evpi_usd)), *rest, *after),
        formula="EVPI = E[max over candidates of NB] − max E[NB]", where=f"the same as {f.formula}: {f.where}",
        made_of=case.benefits(), inputs=case.ranged, points=case.points, method=(case.draws(),),
    )  # fmt: skip


def of_terms(case: Case, _: str) -> Unfolded:
    """Horizon, discount and start."""
    d, f = case.decision, FORMULA["Discounting"]
    return Unfolded(
        figure="terms", title="Horizon and discount",
        shown=(("Horizon", f"{d.horizon_months} months"), ("Discount", d.discount), ("Start", d.start.isoformat())),
        formula=f.formula, where=f.where, inputs=case.rows(["discount"]),
        method=("The horizon and the start are stated in the study file.",),
    )  # fmt: skip


def of_draws(case: Case, _: str) -> Unfolded:
    """How the draws are made, and where the prices come from."""
    d, f = case.decision, FORMULA["Mean and 90% interval"]
    return Unfolded(
        figure="draws", title="Draws and prices",
        shown=(("Draws", f"{d.draws:,}"), ("Seed", f"{d.seed}"), ("Prices as of", d.prices_as_of)),
        formula=f.formula, where=f.where, inputs=case.ranged, points=case.points,
        method=(
            case.draws(),
            "The same seed gives the same draws, and so the same figures. A mean's Monte Carlo error falls with the "
            "square root of the number of draws.",
        ),
    )  # fmt: skip
