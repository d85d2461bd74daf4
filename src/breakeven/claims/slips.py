"""The catalogue of slips: general ways in which a figure goes wrong, each tried on any claim.

A slip never knows what was printed. It changes a value, the formula or the result, and says how; ``finding`` looks
which of them give the printed figure. To add one, write a generator and enter it in ``WORKING_SLIPS`` (it changes
values or the formula) or ``RESULT_SLIPS`` (it changes what comes out).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from breakeven.claims.figures import Measure
from breakeven.claims.formulas import names_in, text_of
from breakeven.claims.model import OtherValues, Working
from breakeven.claims.spans import Span, point
from breakeven.errors import QuantityError
from breakeven.quantities import DAYS_PER_MONTH, ONE

__all__ = ["RESULT_SLIPS", "WORKING_SLIPS", "Case", "Slip", "after", "slips_of"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a slip may look at: the working, other values at hand, and the unit that is printed."""

    working: Working
    other_values: tuple[OtherValues, ...]
    measure: Measure


@dataclass(frozen=True, kw_only=True)
class Slip:
    """A slip and what it gives."""

    kind: str
    """The catalogue entry."""
    says: str
    """What went wrong, for people."""
    cost: float
    """How far-fetched: 1 is what everybody does once."""
    value: Span
    working: Working | None = None
    """The changed working, where it was changed; None where the result was."""


WorkingChange = tuple[str, float, Working]
ResultChange = tuple[str, float, Span]

# ------------------------------------------------------------------------------------------ changed values


def other_values(case: Case) -> Iterator[WorkingChange]:
    """Values of another price tier, table row or passage: all that it names, or one of them."""
    used = case.working.uses()
    for other in case.other_values:
        names = [name for name in other.values if used[name]]
        sets = [names] if len(names) < 2 else [names, *([name] for name in names)]
        for chosen in sets:
            if chosen:
                says = f"{_listed(chosen)} from {other.label}"
                cost = 1.0 if len(chosen) == len(names) else 1.3
                yield says, cost, _with(case.working, {name: other.values[name] for name in chosen})


def one_end(case: Case) -> Iterator[WorkingChange]:
    """A range of which only one end was used."""
    for name, span in _used(case.working).items():
        if not span.is_point:
            for end, word in ((span.low, "low"), (span.high, "high")):
                yield f"only the {word} end of {name} used", 1.1, _with(case.working, {name: point(end)})


def swapped(case: Case) -> Iterator[WorkingChange]:
    """Another value of the same unit taken: the wrong line of a table."""
    values = case.working.values()
    for name, span in _used(case.working).items():
        for other, instead in values.items():
            if other != name and instead.unit == span.unit and instead != span:
                yield f"{other} taken for {name}", 1.5, _with(case.working, {name: instead})


def complement(case: Case) -> Iterator[WorkingChange]:
    """A share read as the rest: 60% idle taken as 60% busy."""
    for name, span in _shares(case.working):
        yield f"{name} read as the rest of 100%", 1.2, _with(case.working, {name: 1 - span})


def input_period(case: Case) -> Iterator[WorkingChange]:
    """One input's month read as a year or a day, or the other way round."""
    for name, span in _used(case.working).items():
        power = span.unit.power("month")
        if abs(power) != 1:
            continue
        for a, b in (
            ("year", "month"),
            ("month", "year"),
            ("month", "day"),
            ("day", "month"),
            ("quarter", "month"),
        ):
            factor = _PERIODS[b] / _PERIODS[a] if power == 1 else _PERIODS[a] / _PERIODS[b]
            says = f"{name}: {a}s read as {b}s" if power == 1 else f"{name}: a {a}'s taken for a {b}'s"
            yield says, 1.6, _with(case.working, {name: span.scaled(factor)})


def input_scale(case: Case) -> Iterator[WorkingChange]:
    """Thousand for million in one input, or a zero."""
    for name, span in _used(case.working).items():
        for factor, says, cost in _SCALES:
            yield f"{name} with {says}", cost + 0.5, _with(case.working, {name: span.scaled(factor)})


# ------------------------------------------------------------------------------------- changed formula


def left_out(case: Case) -> Iterator[WorkingChange]:
    """A term of a sum or difference left out."""
    for place, tree in _trees(case.working):
        for node in _sums(tree):
            sides = [(node.right, node.left)]
            if isinstance(node.op, ast.Add):
                sides.append((node.left, node.right))
            for term, rest in sides:
                if not _is_sum(term):
                    yield f"{_short(term)} left out", 1.2, _with_tree(case.working, place, node, rest)


def twice(case: Case) -> Iterator[WorkingChange]:
    """A term of a sum or difference counted twice."""
    for place, tree in _trees(case.working):
        for node in _sums(tree):
            for term in (node.left, node.right):
                if names_in(term) and not _is_sum(term):
                    double = ast.BinOp(left=ast.Constant(2.0), op=ast.Mult(), right=term)
                    yield f"{_short(term)} counted twice", 1.3, _with_tree(case.working, place, term, double)


def wrong_way(case: Case) -> Iterator[WorkingChange]:
    """A difference taken the other way round, or added up."""
    for place, tree in _trees(case.working):
        for node in _sums(tree):
            if isinstance(node.op, ast.Sub):
                turned = ast.BinOp(left=node.right, op=ast.Sub(), right=node.left)
                yield (
                    f"{_short(node)} the wrong way round",
                    1.2,
                    _with_tree(case.working, place, node, turned),
                )
                added = ast.BinOp(left=node.left, op=ast.Add(), right=node.right)
                yield f"{_short(node)} added up", 1.4, _with_tree(case.working, place, node, added)


def upside_down(case: Case) -> Iterator[WorkingChange]:
    """A ratio taken upside down."""
    for place, tree in _trees(case.working):
        for node in ast.walk(tree):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                turned = ast.BinOp(left=node.right, op=ast.Div(), right=node.left)
                yield f"{_short(node)} upside down", 1.3, _with_tree(case.working, place, node, turned)


# -------------------------------------------------------------------------------------- changed result

_PERIODS: Final = {
    "day": 1 / DAYS_PER_MONTH,
    "week": 7 / DAYS_PER_MONTH,
    "month": 1.0,
    "quarter": 3.0,
    "year": 12.0,
}
"""Lengths in months."""
_LOOSE: Final[tuple[tuple[str, str, float, str], ...]] = (
    ("day", "month", 1 / 30, "30-day months"),
    ("day", "month", 1 / 28, "months of 4 weeks"),
    ("day", "week", 4 / 30, "30-day months of 4 weeks"),
    ("day", "year", 1 / 360, "30-day months"),
    ("week", "month", 1 / 4, "months of 4 weeks"),
    ("week", "year", 1 / 48, "months of 4 weeks"),
    ("month", "day", 30.0, "30-day months"),
    ("month", "week", 4.0, "months of 4 weeks"),
    ("year", "day", 360.0, "30-day months"),
    ("year", "week", 48.0, "months of 4 weeks"),
)
"""(from, to, how many of `to` in one of `from`, the loose month behind it)."""
_SCALES: Final = (
    (1e-3, "three zeros lost", 1.2),
    (1e3, "three zeros too many", 1.2),
    (0.1, "a zero lost", 1.4),
    (10.0, "a zero too many", 1.4),
    (0.01, "two zeros lost", 1.5),
    (100.0, "two zeros too many", 1.5),
)


def misread_time(case: Case, value: Span) -> Iterator[ResultChange]:
    """Months read as days and the like: the number stays, its unit is another; then maybe converted loosely."""
    printed = _period(case.measure)
    if value.unit.powers != (("month", 1),) or printed is None:
        return
    for a, length in _PERIODS.items():
        if a == "quarter":
            continue
        for b in ("day", "week", "month", "year"):
            misread = f"{a}s read as {b}s" if a != b else ""
            if misread:
                yield misread, 1.0, value.scaled(_PERIODS[b] / length)
            for start, end, count, loosely in _LOOSE:
                if start == b and end == printed:
                    says = f"{misread}, {loosely}" if misread else loosely
                    cost = 1.2 + (0.2 if "of 4 weeks" in loosely else 0.0)
                    yield says, cost, value.scaled(count * _PERIODS[end] / length)


def period(case: Case, value: Span) -> Iterator[ResultChange]:
    """A month's sum printed as a year's, a quarter's as a month's; with no period printed, twelve times too much."""
    printed = _period(case.measure)
    power = value.unit.power("month")
    if power == -1 and printed is not None:
        for a, length in _PERIODS.items():
            if a != printed:
                yield (
                    f"a {a}'s figure printed as a {printed}'s",
                    1.0,
                    value.scaled(length / _PERIODS[printed]),
                )
        if printed == "month":
            yield "a day's figure printed as a month's, 30-day months", 1.2, value.scaled(1 / 30)
    if power == 0 and value.unit != ONE:
        yield "a year's figure taken for a month's", 1.2, value.scaled(12.0)
        yield "a month's figure taken for a year's", 1.2, value.scaled(1 / 12)


def scale(case: Case, value: Span) -> Iterator[ResultChange]:
    """Thousand for million, or a slipped decimal point."""
    for factor, says, cost in _SCALES:
        yield says, cost, value.scaled(factor)


def share_again(case: Case, value: Span) -> Iterator[ResultChange]:
    """A percentage applied twice, or not at all."""
    for name, span in _shares(case.working):
        yield f"{name} applied twice", 1.0, value * span
        if span.low.value > 0:
            yield f"{name} not applied", 1.2, value / span


def span_again(case: Case, value: Span) -> Iterator[ResultChange]:
    """A stretch of months multiplied or divided by once too often: one side for three years, the other for a month."""
    for name, span in _used(case.working).items():
        if span.unit.powers == (("month", 1),) and span.is_point and span.low.value not in (0.0, 1.0):
            months = span.low.value
            yield f"multiplied by {name} ({months:g} months) once too often", 1.3, value.scaled(months)
            yield f"divided by {name} ({months:g} months) once too often", 1.3, value.scaled(1 / months)


def plain_number(case: Case, value: Span) -> Iterator[ResultChange]:
    """A share printed as the rest, a ratio upside down."""
    if value.unit == ONE:
        yield "the rest of 100% printed", 1.3, 1 - value
        if value.low.value > 0 or value.high.value < 0:
            yield "the ratio upside down", 1.2, 1 / value


WORKING_SLIPS: Final[tuple[Callable[[Case], Iterator[WorkingChange]], ...]] = (
    other_values,
    one_end,
    swapped,
    complement,
    input_period,
    input_scale,
    left_out,
    twice,
    wrong_way,
    upside_down,
)
"""Slips in values and formula."""

RESULT_SLIPS: Final[tuple[Callable[[Case, Span], Iterator[ResultChange]], ...]] = (
    misread_time,
    period,
    scale,
    share_again,
    span_again,
    plain_number,
)
"""Slips in what comes out."""

_PAIRED_FIRST: Final = ("other_values", "one_end", "left_out", "complement")
_PAIRED_THEN: Final = ("other_values", "one_end", "misread_time", "period", "scale", "share_again")
"""Two slips at once are tried only from these: any two out of all would explain every figure."""


def slips_of(case: Case, truth: Span) -> Iterator[Slip]:
    """Every single slip whose result has the right unit."""
    yield from _working_slips(case)
    yield from _result_slips(case, truth)


def after(first: Slip, case: Case) -> Iterator[Slip]:
    """What a second slip makes of the first; empty where the two do not go together."""
    if first.kind not in _PAIRED_FIRST or first.working is None:
        return
    changed = replace(case, working=first.working)
    for second in (
        *_working_slips(changed, _PAIRED_THEN),
        *_result_slips(changed, first.value, _PAIRED_THEN),
    ):
        if second.kind != first.kind:
            says = f"{first.says}; {second.says}"
            yield replace(
                second, says=says, kind=f"{first.kind}+{second.kind}", cost=first.cost + second.cost + 0.5
            )


def _working_slips(case: Case, kinds: tuple[str, ...] | None = None) -> Iterator[Slip]:
    for entry in WORKING_SLIPS:
        if kinds is not None and entry.__name__ not in kinds:
            continue
        for says, cost, working in entry(case):
            try:
                value = working.result()
            except QuantityError:  # this slip makes no sense of units, or divides by zero
                continue
            if value.unit == case.measure.unit:
                yield Slip(kind=entry.__name__, says=says, cost=cost, value=value, working=working)


def _result_slips(case: Case, value: Span, kinds: tuple[str, ...] | None = None) -> Iterator[Slip]:
    for entry in RESULT_SLIPS:
        if kinds is not None and entry.__name__ not in kinds:
            continue
        for says, cost, changed in entry(case, value):
            if changed.unit == case.measure.unit and changed.is_finite:
                yield Slip(kind=entry.__name__, says=says, cost=cost, value=changed)


# ------------------------------------------------------------------------------------------------ tools


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _used(working: Working) -> dict[str, Span]:
    """Inputs that go into the result, and steps."""
    uses = working.uses()
    return {name: span for name, span in working.values().items() if uses[name]}


def _shares(working: Working) -> Iterator[tuple[str, Span]]:
    for name, span in _used(working).items():
        if span.unit == ONE and span.low.value > 0 and span.high.value < 1:
            yield name, span


def _with(working: Working, values: dict[str, Span]) -> Working:
    """The working with other values for inputs or steps."""
    steps = {name for name, _ in working.steps}
    inputs = {**working.inputs, **{name: span for name, span in values.items() if name not in steps}}
    instead = {**working.instead, **{name: span for name, span in values.items() if name in steps}}
    return replace(working, inputs=inputs, instead=instead)


def _trees(working: Working) -> Iterator[tuple[str | None, ast.expr]]:
    """The formula under None, and each step that is worked out."""
    uses = working.uses()
    yield None, working.formula
    for name, tree in working.steps:
        if uses[name] and name not in working.instead:
            yield name, tree


def _with_tree(working: Working, place: str | None, old: ast.expr, new: ast.expr) -> Working:
    """The working with one part of one formula replaced."""
    if place is None:
        return replace(working, formula=_replaced(working.formula, old, new))
    steps = tuple(
        (name, _replaced(tree, old, new) if name == place else tree) for name, tree in working.steps
    )
    return replace(working, steps=steps)


def _replaced(tree: ast.expr, old: ast.expr, new: ast.expr) -> ast.expr:
    if tree is old:
        return new
    if isinstance(tree, ast.BinOp):
        return ast.BinOp(
            left=_replaced(tree.left, old, new), op=tree.op, right=_replaced(tree.right, old, new)
        )
    if isinstance(tree, ast.UnaryOp):
        return ast.UnaryOp(op=tree.op, operand=_replaced(tree.operand, old, new))
    if isinstance(tree, ast.Call):
        return ast.Call(func=tree.func, args=[_replaced(arg, old, new) for arg in tree.args], keywords=[])
    return tree


def _is_sum(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)


def _sums(tree: ast.expr) -> Iterator[ast.BinOp]:
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub) and names_in(node):
            yield node


def _short(tree: ast.expr) -> str:
    text = text_of(tree)
    return text if len(text) <= 48 else text[:45] + "…"


def _period(measure: Measure) -> str | None:
    """The stretch of time that a unit is written in: ``days`` → day, ``$/year`` → year."""
    words = {word.removesuffix("s") for word in re.findall(r"[a-z]+", measure.text.lower())}
    words = {_ABBREVIATED.get(word, word) for word in words}
    found = [name for name in _PERIODS if name in words]
    return found[0] if len(found) == 1 else None


_ABBREVIATED: Final = {"mo": "month", "wk": "week", "yr": "year"}
