"""What to buy, unfolded singly: value, its error, cost, delay, net, and what each result would have one do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from breakeven.advice.buying import BUYING_DRAWS
from breakeven.advice.decision import Purchase
from breakeven.advice.purchases import Offer, PurchaseKind, Scene
from breakeven.economics import simulate
from breakeven.economics.options.waiting import Waiting
from breakeven.errors import UnknownFigureError
from breakeven.quantities import DAYS_PER_MONTH, show_usd
from breakeven.report.buying import rule_lines, shown_purchases
from breakeven.report.text import clean, share, signed_usd
from breakeven.report.unfolding.parts import FORMULA, Case, InputRow, Made, Unfolded, chance_error
from breakeven.report.waiting import best_wait
from breakeven.study.model import beliefs_in

__all__ = ["of_offer", "of_result"]

_PARTS: Final = ("value", "cost", "delay", "net")

_COSTS: Final[Mapping[str, tuple[str, str]]] = {
    "pilot": (
        "labels not at hand · price of a label + one training run + cases · (label + answers + judging) + hours · wage "
        "+ host while it is scored",
        "lines 10, 12 and 13 of the study at the pilot's size; both candidates answer each case; hours are those of "
        "one retraining, or 8; the host stands for 2 days.",
    ),
    "eval-cases": (
        "cases · (label + Σ over candidates of one answer and its judging)",
        "every candidate that can answer today answers every case; a hybrid calls both of its parts.",
    ),
    "judge-sample": ("answers · candidates · label", "the answers are there: nothing is called or judged anew."),
    "logs": ("hours · wage", "an hour to read them; the calls are made and logged anyway."),
    "error-cost": ("hours · wage", "half a day to find the errors, and a quarter of an hour for each."),
    "quote": ("hours · wage", "three hours to say what is wanted, to ask and to read the answer."),
}  # fmt: skip
_WORK: Final = ("logs", "error-cost", "quote")
"""Kinds that cost work alone."""
_OTHER: Final = ("as its entry in the catalogue prices it", "from the inputs below.")


def of_offer(case: Case, rest: str) -> Unfolded:
    """``2.value``: the row of the table, counted from 0, and what of it."""
    row, _, part = rest.partition(".")
    offers: list[Purchase | Waiting] = [*shown_purchases(case.decision)]
    wait = best_wait(case.decision)
    offers += [] if wait is None else [wait]
    if not row.isdecimal() or int(row) >= len(offers) or part not in _PARTS:
        raise UnknownFigureError(f"buy.{rest}")
    offer = offers[int(row)]
    if isinstance(offer, Waiting):
        return _of_wait(case, offer, f"buy.{row}", part)
    made = {"value": _value, "cost": _cost, "delay": _delay, "net": _net}[part]
    return made(case, offer, f"buy.{row}")


def of_result(case: Case, rest: str) -> Unfolded:
    """One line of what to do at each result of the purchase to make first: ``0`` is the highest result."""
    p = case.decision.purchase
    lines = rule_lines(case.decision)
    if p is None or not rest.isdecimal() or int(rest) >= len(lines):
        raise UnknownFigureError(f"rule.{rest}")
    branch = list(reversed(p.rule))[int(rest)]
    row = shown_purchases(case.decision).index(p)
    return Unfolded(
        figure=f"rule.{rest}", title=f"{branch.condition} → {branch.candidate}",
        shown=(("Chance of such a result", share(branch.p)),
               ("Monte Carlo error", chance_error(branch.p, min(BUYING_DRAWS, case.decision.draws)))),
        formula="the candidate with the highest E[NB | result]; chance: share of draws with such a result",
        where=f"in each draw the result of {p.what} is simulated, and NB is fitted on it by a spline. A range of "
        "results rarer than 3% is counted with its neighbour.",
        made_of=(Made(figure=f"buy.{row}.value", title=f"value of {p.what}", shown=show_usd(p.value_usd)),
                 *case.benefits()),
        inputs=_informed(case, p), points=case.points, method=_method(case, p),
    )  # fmt: skip


def _branches(case: Case, p: Purchase) -> Iterator[tuple[str, str]]:
    """Each result and what follows, where it stands nowhere else on the page."""
    if not p.rule:
        yield "At every result", f"{case.decision.recommendation.candidate}: none would change the choice"
    elif p is not case.decision.purchase:
        for branch in reversed(p.rule):
            yield branch.condition, f"→ {branch.candidate}, {share(branch.p)} likely"


def _value(case: Case, p: Purchase, at: str) -> Unfolded:
    return Unfolded(
        figure=f"{at}.value", title=f"What {p.what} is worth, before it is bought",
        shown=(
            ("Cross-fitted, errs downwards", show_usd(p.value_usd)),
            ("Monte Carlo error", f"±{show_usd(p.standard_error_usd)}"),
            ("Fitted to all draws, errs upwards", show_usd(p.value_raw_usd)),
            *_branches(case, p),
        ),
        formula="EVSI = E[max over candidates of E[NB | result]] − max E[NB]",
        where="its result is simulated in each draw, and NB regressed on it; the choice in a draw is made by a fit "
        "that has not seen it. It counts only what would change the choice.",
        made_of=(*_bound(case), *_results(case, p), *case.benefits()), inputs=_informed(case, p),
        points=case.points, method=_method(case, p),
    )  # fmt: skip


def _bound(case: Case) -> Iterator[Made]:
    evpi = show_usd(case.decision.evpi_usd)
    yield Made(figure="evpi", title="knowing every input: no purchase is worth more", shown=evpi)


def _results(case: Case, p: Purchase) -> Iterator[Made]:
    """Each outcome and the action that follows, where the page prints them."""
    if p is case.decision.purchase:
        for k, line in enumerate(rule_lines(case.decision)):
            yield Made(figure=f"rule.{k}", title=f"{line.condition} → {line.candidate}", shown=line.p)


def _cost(case: Case, p: Purchase, at: str) -> Unfolded:
    formulas = [_COSTS.get(kind, _OTHER) for kind in p.kind.split("+")]
    alone = _alone(case, p)
    shared = (
        f" − {show_usd(sum(usd for _, usd in alone) - (p.cost_usd or 0.0))} (what both share)"
        if alone
        else ""
    )
    offer, inputs = _made_again(case, p)
    numbers = " + ".join(f"{show_usd(usd)} ({what})" for what, usd in alone) + shared
    state = f"not known: state {', '.join(p.state)}"
    return Unfolded(
        figure=f"{at}.cost", title=f"What {p.what} costs",
        shown=(("Expected cost", state if p.cost_usd is None else show_usd(p.cost_usd)),),
        formula="; ".join(formula for formula, _ in formulas), where=" ".join(where for _, where in formulas),
        numbers=numbers or _priced(case, p, offer), inputs=inputs,
        method=("The mean over draws of the study's own prices. It is paid once, and not discounted.",),
    )  # fmt: skip


def _alone(case: Case, p: Purchase) -> list[tuple[str, float]]:
    """What each part of two bought together costs alone."""
    if "+" not in p.kind:
        return []
    parts = [q for q in case.decision.buy_next if "+" not in q.kind and q.what in p.what.split(" + ")]
    return [(q.what, q.cost_usd) for q in parts if q.cost_usd is not None]


def _priced(case: Case, p: Purchase, offer: Offer | None) -> str:
    """The formula with its numbers, as far as the offer holds them."""
    if offer is None or p.cost_usd is None:
        return ""
    if p.kind in _WORK:
        draws = case.study.sample(case.decision.draws, case.decision.seed).first(BUYING_DRAWS)
        wage = float(draws[case.study.wage].mean())
        return f"{p.cost_usd / wage:.1f} hours · {show_usd(wage)}/hour" if wage else ""
    if offer.cases is None:
        return ""
    held = offer.cases
    answers = " + ".join(
        f"{show_usd(usd)} (answer of {clean(name)})" for name, usd in held.answer_usd.items()
    )
    cases = f"{held.count:,} cases · ({show_usd(held.label_usd)} (label) + {answers})"
    rest = p.cost_usd - held.usd(held.count)
    return cases if rest < 0.005 else f"{cases} + {show_usd(rest)} (labels, run, work, host)"


def _delay(case: Case, p: Purchase, at: str) -> Unfolded:
    d = case.decision
    a_day = p.delay_usd / p.days if p.days else 0.0
    lead = a_day * d.horizon_months * DAYS_PER_MONTH
    return Unfolded(
        figure=f"{at}.delay", title=f"What waiting for {p.what} forgoes",
        shown=(("Expected", show_usd(p.delay_usd)),),
        formula=f"days · (max E[NB] − E[NB of {d.today}]) ÷ days of the horizon",
        where="until the result is there, today's candidate goes on; its days are those of the catalogue's entry.",
        numbers=f"{p.days:,.0f} days · {show_usd(lead)} ÷ {d.horizon_months * DAYS_PER_MONTH:,.0f} days",
        made_of=case.benefits(), inputs=case.ranged, points=case.points, method=(case.draws(BUYING_DRAWS),),
    )  # fmt: skip


def _net(case: Case, p: Purchase, at: str) -> Unfolded:
    cost = "not known" if p.cost_usd is None else show_usd(p.cost_usd)
    net = "–" if p.net_usd is None else signed_usd(p.net_usd)
    because = (("Why not", p.because),) if p.because else ()
    return Unfolded(
        figure=f"{at}.net", title=f"What {p.what} gains, all told", shown=(("Net value", net), *because),
        formula="value − cost − delay",
        where="worth buying where it exceeds two Monte Carlo errors and a day of work.",
        numbers=f"{show_usd(p.value_usd)} − {cost} − {show_usd(p.delay_usd)}",
        made_of=(
            Made(figure=f"{at}.value", title="value",
                 shown=f"{show_usd(p.value_usd)} ± {show_usd(p.standard_error_usd)}"),
            Made(figure=f"{at}.cost", title="cost", shown=cost),
            Made(figure=f"{at}.delay", title="delay", shown=show_usd(p.delay_usd)),
        ),
        inputs=_informed(case, p), points=case.points, method=_method(case, p),
    )  # fmt: skip


def _split(w: Waiting) -> str:
    return f"{show_usd(w.information_usd)} − {show_usd(-w.delay_usd if w.delay_usd else 0.0)}"


def _of_wait(case: Case, w: Waiting, at: str, part: str) -> Unfolded:
    d = case.decision
    formula, value = {
        "value": ("information: E[NB of the choice made after looking] − E[NB of the best made without]",
                  show_usd(w.information_usd)),
        "cost": ("nothing is bought", show_usd(0.0)),
        "delay": (f"E[NB of the best choice now] − E[NB of {d.today} for {w.months} months and the best choice then]",
                  show_usd(-w.delay_usd) if w.delay_usd else show_usd(0.0)),
        "net": ("information − delay", signed_usd(w.value_usd)),
    }[part]  # fmt: skip
    return Unfolded(
        figure=f"{at}.{part}", title=f"Keeping {d.today} for {w.months} months, and choosing then: {part}",
        shown=(("Expected", value), ("Monte Carlo error of the net value", f"±{show_usd(w.error_usd)}"),
               ("Another choice then", f"in {share(w.p_changes)} of draws")),
        formula=formula, where="what months of use would show is simulated in each draw; the choice then is a "
        "regression on it, cross-fitted. Information is never below zero, since it can be ignored.",
        numbers=_split(w) if part == "net" else "",
        made_of=() if part == "net" else (Made(figure=f"{at}.net", title="net value", shown=signed_usd(w.value_usd)),),
        inputs=case.ranged, points=case.points, method=(case.draws(BUYING_DRAWS),),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------- inputs and method


def _informed(case: Case, p: Purchase) -> tuple[InputRow, ...]:
    """The inputs that it narrows, then all others with a range."""
    names = [name for told in p.informs for name in (told, f"{told}.gain")]
    own = case.rows(names)
    return (*own, *(row for row in case.ranged if row not in own))


def _kinds(case: Case, p: Purchase) -> list[PurchaseKind]:
    return [kind for kind in case.purchases if kind.key in p.kind.split("+")]


def _method(case: Case, p: Purchase) -> tuple[str, ...]:
    precise = tuple(f"{kind.title}, as it is simulated: {clean(kind.source)}." for kind in _kinds(case, p))
    return (case.draws(BUYING_DRAWS), *precise, FORMULA["Value of knowing one input"].where.capitalize())


def _made_again(case: Case, p: Purchase) -> tuple[Offer | None, tuple[InputRow, ...]]:
    """The offer on the same draws, and the inputs that are read in making it, with those of a training it tries out."""
    d = case.decision
    draws = case.study.sample(d.draws, d.seed).first(BUYING_DRAWS)
    watched, seen = draws.touched()
    outcome = simulate(case.study, draws)
    qualities = {name: np.broadcast_to(c.quality, (outcome.n,)) for name, c in outcome.candidates.items()}
    scene = Scene(study=case.study, draws=watched, qualities=qualities, seed=d.seed)
    found = None
    for kind in _kinds(case, p):
        for offer in kind.offers(scene):
            if clean(offer.what) == p.what:
                found = offer
                break
    if "pilot" in p.kind:
        tried = (
            c for name, c in case.study.candidates.items() if f"candidates.{clean(name)}.quality" in p.informs
        )
        seen |= {belief.name for c in tried for belief in beliefs_in(c.training)}
    read = {clean(name) for name in seen}
    return found, tuple(row for row in (*case.ranged, *case.points) if row.input in read)
