"""The audit: each claim worked out from its own inputs, compared with what is printed, its likeliest slip found.

Slips are first sought claim by claim. Then claims are seen together: one slip that explains several figures of one
formula is likelier than one for each; a figure may follow from another printed figure that is wrong; and the printed
output of one program may come from another run of it.
"""

from __future__ import annotations

import ast
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from breakeven.claims.figures import Figure
from breakeven.claims.finding import Finding, distinct, find
from breakeven.claims.model import AuditedClaim, Claim, Hit, Missing, Needed, Verdict
from breakeven.claims.reader import read_claims, read_file
from breakeven.claims.spans import Span, point
from breakeven.errors import QuantityError
from breakeven.quantities import DAYS_PER_MONTH, Quantity

__all__ = ["audit", "audit_claims", "published"]


MAX_BESIDE: Final = 12
"""Figures of one passage that another one is compared with."""


def audit(source: Path | str | None = None) -> tuple[AuditedClaim, ...]:
    """Every claim of a file (a Path) or of a text (a str) audited; with nothing given, the published ones.

    Raises ClaimsError with all that is wrong with the file, each problem with its place.
    """
    if source is None:
        return _audit_of_the_published()
    return audit_claims(read_file(source) if isinstance(source, Path) else read_claims(source))


@cache
def _audit_of_the_published() -> tuple[AuditedClaim, ...]:
    return audit_claims(published())


@cache
def published() -> tuple[Claim, ...]:
    """The printed claims of five published documents, as they ship with the package."""
    name = "published.yaml"
    text = resources.files("breakeven.claims").joinpath("data", name).read_bytes()
    return read_claims(text, file=name)


def audit_claims(claims: Sequence[Claim]) -> tuple[AuditedClaim, ...]:
    """Every claim audited, in order."""
    first = [_look_at(claim) for claim in claims]
    support = _support(first)
    ranked = [replace(seen, hits=distinct(_ranked(seen, support))) for seen in first]
    explained = [replace(seen, hits=seen.hits or tuple(_carried(seen, ranked))) for seen in ranked]
    return tuple(_audited(seen, explained) for seen in explained)


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """A claim after the first look."""

    claim: Claim
    verdict: Verdict
    truth: Span | None
    never: bool = False
    finding: Finding = field(default_factory=Finding)
    hits: tuple[Hit, ...] = ()

    @property
    def fails(self) -> bool:
        return self.verdict == "fails"


def _look_at(claim: Claim) -> _Seen:
    if claim.missing:
        return _Seen(claim=claim, verdict="underdetermined", truth=None)
    truth = claim.working.result()
    never = claim.is_payback and _never_pays(claim)
    verdict = _verdict(claim.printed, truth, never=never)
    if verdict != "fails":
        return _Seen(claim=claim, verdict=verdict, truth=truth, never=never)
    finding = find(claim, truth)
    return _Seen(claim=claim, verdict=verdict, truth=truth, never=never, finding=finding, hits=finding.hits)


def _never_pays(claim: Claim) -> bool:
    """Whether something is paid and nothing, or less than nothing, comes back month by month."""
    top = claim.working.formula
    assert isinstance(top, ast.BinOp)
    paid, back = (replace(claim.working, formula=part).result() for part in (top.left, top.right))
    return paid.low.value > 0 and back.high.value < 0


def _verdict(printed: Figure, truth: Span, *, never: bool) -> Verdict:
    if printed.span is None:
        return "holds" if never else "fails"
    if never:
        return "fails"
    if printed.fits(truth) or (truth.is_point and printed.holds_within(truth)):
        return "holds"
    return "underdetermined" if printed.lies_within(truth) else "fails"


# ------------------------------------------------------------------------------------- claims seen together


def _family(claim: Claim) -> tuple[str, str]:
    """Claims of one document with one formula: one author's one method."""
    return claim.document, claim.formula_text


def _support(seen: Iterable[_Seen]) -> Counter[tuple[tuple[str, str], str]]:
    """How many figures of a family each slip explains."""
    counts: Counter[tuple[tuple[str, str], str]] = Counter()
    for one in seen:
        counts.update({(_family(one.claim), hit.key) for hit in one.hits})
    return counts


def _ranked(seen: _Seen, support: Counter[tuple[tuple[str, str], str]]) -> list[Hit]:
    family = _family(seen.claim)
    return sorted(seen.hits, key=lambda hit: (-support[family, hit.key], hit.cost, hit.says))


def _carried(seen: _Seen, others: Sequence[_Seen]) -> Iterator[Hit]:
    """Ways in which a failing figure without a slip of its own follows from wrong figures printed beside it.

    It may restate any of them in another unit; a sum or difference follows only from figures printed before it.
    """
    if not seen.fails or not _is_one_value(seen.claim.printed):
        return
    place = next(i for i, other in enumerate(others) if other.claim is seen.claim)
    beside = [
        (i, other.claim)
        for i, other in enumerate(others)
        if i != place
        and other.fails
        and _is_one_value(other.claim.printed)
        and other.claim.stem == seen.claim.stem
    ][:MAX_BESIDE]
    for _, other in beside:
        if _family(other) == _family(seen.claim):
            yield from _restated(seen.claim, other)
    for a, b in itertools.permutations([other for i, other in beside if i < place], 2):
        yield from _combined(seen.claim, a, b)


def _is_one_value(printed: Figure) -> bool:
    return printed.span is not None and printed.span.is_point


_DAYS_IN_A_MONTH: Final = ((DAYS_PER_MONTH, ""), (30.0, ", 30-day months"))


def _restated(claim: Claim, other: Claim) -> Iterator[Hit]:
    """The other figure in this one's unit, or its bare number with this one's unit."""
    mine, theirs = claim.printed, other.printed
    assert mine.span is not None
    assert theirs.span is not None
    if mine.unit != theirs.unit or mine.measure.factor == theirs.measure.factor:
        return
    number = theirs.measure.number(theirs.span.low.value)
    if mine.measure.number(mine.span.low.value) == number:
        says = f"the {theirs.text} of {other.id} printed as {mine.measure.text}"
        yield Hit(kind="carried", says=says, cost=1.0, gives=mine.span)
    for days, loosely in _DAYS_IN_A_MONTH:
        loose = days / DAYS_PER_MONTH
        value = point(theirs.span.low * (1 / loose if "day" in theirs.measure.text else loose))
        if mine.fits(value):
            says = f"restates the {theirs.text} of {other.id}{loosely}"
            yield Hit(kind="carried", says=says, cost=1.2, gives=value)
            return


def _combined(claim: Claim, a: Claim, b: Claim) -> Iterator[Hit]:
    """A difference or a sum of two printed figures."""
    mine, first, second = claim.printed, a.printed, b.printed
    assert first.span is not None
    assert second.span is not None
    if not mine.unit == first.unit == second.unit:
        return
    for value, word in ((first.span - second.span, "less"), (first.span + second.span, "plus")):
        if mine.fits(value) and (word == "less" or a.id < b.id):
            says = f"{first.text} of {a.id} {word} {second.text} of {b.id}, both wrong"
            yield Hit(kind="carried", says=says, cost=1.1, gives=value)


def _is_stale(seen: _Seen, everything: Sequence[_Seen]) -> bool:
    """Whether the evidence says that a program's printed output is of another run.

    All its outputs fail, there are three or more, and one of them follows from the others as printed.
    """
    if seen.claim.program is None:
        return False
    outputs = [o for o in everything if _program(o.claim) == _program(seen.claim)]
    carried = any(hit.kind == "carried" for o in outputs for hit in o.hits)
    return len(outputs) >= 3 and all(o.fails for o in outputs) and carried


def _stale(claim: Claim) -> Hit:
    assert claim.printed.span is not None
    says = "stale output: no output of this program is what its code gives, yet some follow from each other"
    return Hit(kind="stale", says=says, cost=2.0, gives=claim.printed.span)


def _program(claim: Claim) -> tuple[str, str | None]:
    return claim.document, claim.program


# --------------------------------------------------------------------------------------------- the result


def _audited(seen: _Seen, everything: Sequence[_Seen]) -> AuditedClaim:
    claim = seen.claim
    slips = seen.hits
    if not slips and claim.printed.span is not None and _is_stale(seen, everything):
        slips = (_stale(claim),)
    return AuditedClaim(
        claim=claim,
        verdict=seen.verdict,
        recomputed=None if seen.never else seen.truth,
        never=seen.never,
        slips=slips,
        near_misses=seen.finding.near,
        slips_tried=seen.finding.tried,
        by_chance=seen.finding.by_chance,
        needed=_needed(claim, claim.missing[0]) if len(claim.missing) == 1 else None,
        notes=tuple(_notes(seen)),
    )


def _notes(seen: _Seen) -> Iterator[str]:
    claim = seen.claim
    if seen.verdict == "underdetermined" and not claim.missing and seen.truth is not None:
        yield f"the inputs allow {claim.measure.show_span(seen.truth)}: they do not decide this one value"
    for other in claim.also_printed:
        if not _agree(claim.printed, other):
            yield f"also printed as {other.text}: both can not be right"


def _agree(a: Figure, b: Figure) -> bool:
    if a.span is None or b.span is None:
        return a.span is b.span
    return a.fits(b.span) or b.fits(a.span)


_SMALLEST: Final = 1e-12
_LARGEST: Final = 1e15


def _needed(claim: Claim, missing: Missing) -> Needed | None:
    """The value of the one missing input that would make each printed end right."""
    printed = claim.printed.span
    if printed is None:
        return None
    unit = missing.measure.unit

    def ends(x: float) -> tuple[float, float]:
        inputs = {**claim.working.inputs, missing.name: point(Quantity(x, unit))}
        found = replace(claim.working, inputs=inputs).result()
        return found.low.value, found.high.value

    try:
        low = _solve(lambda x: ends(x)[0], printed.low.value)
        high = _solve(lambda x: ends(x)[1], printed.high.value)
    except QuantityError:
        return None
    return Needed(missing=missing, low=low, high=high)


def _solve(f: Callable[[float], float], wanted: float) -> float | None:
    """Where a function that only rises, or only falls, takes a value; None where it does not on the positive axis."""
    low, high = math.log(_SMALLEST), math.log(_LARGEST)
    at_low, at_high = f(_SMALLEST) - wanted, f(_LARGEST) - wanted
    if at_low * at_high > 0:
        return None
    for _ in range(200):
        middle = (low + high) / 2
        if (f(math.exp(middle)) - wanted) * at_low > 0:
            low = middle
        else:
            high = middle
    found = math.exp((low + high) / 2)
    slack = 1e-6 * max(abs(wanted), 1e-12)
    return found if abs(f(found) - wanted) <= slack else None
