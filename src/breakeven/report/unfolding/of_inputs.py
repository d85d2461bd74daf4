"""Figures about one input: where it flips the answer, with what chance, and what knowing it is worth."""

from __future__ import annotations

from breakeven.advice.decide import INFORMATION_DRAWS, SENSITIVITY_DRAWS
from breakeven.advice.decision import Flip
from breakeven.errors import UnknownFigureError
from breakeven.quantities import show_usd
from breakeven.report.text import clean, quantity, share, signed_usd
from breakeven.report.unfolding.parts import FORMULA, Case, InputRow, Made, Unfolded

__all__ = ["of_flip", "of_input", "of_input_worth"]


def of_flip(case: Case, rest: str) -> Unfolded:
    """``workload.volume.below.p``: the input, the side, and ``at`` or ``p``."""
    name, _, what = rest.rpartition(".")
    flip = next((f for f in case.decision.flips if name == f"{f.input}.{f.direction}"), None)
    if flip is None or what not in ("at", "p"):
        raise UnknownFigureError(f"flips.{rest}")
    return _at(case, flip) if what == "at" else _chance(case, flip)


def _is_point(case: Case, f: Flip) -> bool:
    return any(a.input == f.input and a.low == a.high for a in case.decision.assumptions)


def _at(case: Case, f: Flip) -> Unfolded:
    leader = case.decision.recommendation.candidate
    known = next((a for a in case.decision.assumptions if a.input == f.input), None)
    rows = [("Flips at", quantity(f.at, f.kind, f.unit)), ("Then leads", f.to)]
    ends = ""
    if known is not None and known.low != known.high:
        low, high = (quantity(v, f.kind, f.unit) for v in (known.low, known.high))
        ends = f"lead of {leader}: {signed_usd(f.low)} at {low}, {signed_usd(f.high)} at {high}"
    return Unfolded(
        figure=f"flips.{f.input}.{f.direction}.at", title=f"{f.input}: where the answer changes", shown=tuple(rows),
        formula=f"E[NB of {leader}] = E[NB of {f.to}], solved for {f.input}",
        where="with that input set to one value after the other and all other inputs as believed; between two values "
        "on a straight line.",
        numbers=ends, made_of=(*_leads(case, f), *case.benefits()), inputs=_inputs(case, f), points=case.points,
        method=(case.draws(SENSITIVITY_DRAWS),),
    )  # fmt: skip


def _chance(case: Case, f: Flip) -> Unfolded:
    at = quantity(f.at, f.kind, f.unit)
    point = _is_point(case, f)
    believed = "as the study believes it" if not point else "which the study states without a range"
    return Unfolded(
        figure=f"flips.{f.input}.{f.direction}.p", title=f"The chance that {f.input} lies {f.direction} {at}",
        shown=(("Chance", "none: a stated point has no chance" if point else share(f.p)),),
        formula=f"P({f.input} {'<' if f.direction == 'below' else '>'} {at})",
        where=f"read off the distribution of the input, {believed}; it is not counted from draws, so it has no Monte "
        "Carlo error of its own.",
        made_of=(_made_at(f, at),), inputs=case.rows([f.input]),
        method=(f"The place of the flip has: {case.draws(SENSITIVITY_DRAWS)}",),
    )  # fmt: skip


def _made_at(f: Flip, at: str) -> Made:
    return Made(
        figure=f"flips.{f.input}.{f.direction}.at", title=f"{f.input}: where the answer changes", shown=at
    )


def _leads(case: Case, f: Flip) -> tuple[Made, ...]:
    name = f"flips.{f.input}.{f.direction}.p"
    if _is_point(case, f):
        return ()
    return (Made(figure=name, title=f"chance that {f.input} lies {f.direction} it", shown=share(f.p)),)


def _inputs(case: Case, f: Flip) -> tuple[InputRow, ...]:
    """The input itself, then whatever else moves net benefit."""
    own = case.rows([f.input])
    return (*own, *(row for row in case.ranged if row.input != f.input))


def of_input_worth(case: Case, rest: str) -> Unfolded:
    """What knowing one input alone is worth."""
    d = case.decision
    row = next((w for w in d.evppi if w.input == rest), None)
    if row is None:
        raise UnknownFigureError(f"evppi.{rest}")
    f = FORMULA["Value of knowing one input"]
    own = case.rows([rest, rest.removesuffix(".gain")])
    return Unfolded(
        figure=f"evppi.{rest}", title=f"What knowing {rest} exactly is worth",
        shown=(
            ("Fitted to all draws, errs upwards", show_usd(row.usd)),
            ("Cross-fitted, errs downwards", show_usd(row.cross_fitted_usd)),
            ("Monte Carlo error", f"±{show_usd(row.standard_error_usd)}"),
        ),
        formula=f.formula, where=f"{f.where} E[NB | input] is a spline through the draws.",
        made_of=(Made(figure="evpi", title="knowing every input: no more can be gained", shown=show_usd(d.evpi_usd)),
                 *case.benefits()),
        inputs=(*own, *(r for r in case.ranged if r not in own)), points=case.points,
        method=(case.draws(INFORMATION_DRAWS),),
    )  # fmt: skip


def of_input(case: Case, name: str) -> Unfolded | None:
    """An input of the study: its value, its range and its source; None where none has this name."""
    rows = case.rows([name])
    if not rows:
        return None
    [row] = rows
    belief = case.beliefs.get(name)
    shown = [("Value, 90%", row.value)]
    if belief is not None and not belief.is_point:
        shown.append(("Drawn from", f"{clean(belief.family)} distribution"))
    return Unfolded(
        figure=name, title=name, shown=tuple(shown), inputs=rows,
        method=() if belief is None or belief.is_point else (case.draws(),),
        formula="an input: it is stated, not computed",
    )  # fmt: skip
