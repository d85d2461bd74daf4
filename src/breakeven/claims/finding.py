"""Which slips give what is printed: every slip of the catalogue tried, those that land ranked, likeliest first.

Single slips first; pairs only where none lands. So many slips are tried that a coarsely printed figure will be hit by
one of them by chance, so the number of chance hits to expect is estimated from how densely the tried values lie
around the printed one. A pair counts only where that number is small; else the answer is honestly *none found*.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from breakeven.claims.figures import Figure
from breakeven.claims.model import Claim, Hit
from breakeven.claims.slips import Case, Slip, after, slips_of
from breakeven.claims.spans import Span

__all__ = ["Finding", "distinct", "find"]

CHANCE_LIMIT: Final = 0.15
"""Pairs are believed only where fewer chance hits than this are to be expected."""
MAX_TRIED: Final = 3000
"""Slips tried on one claim, and pairs; the largest published claim needs 900."""
NEAR: Final = 0.25
"""How far off, as a share, a slip may be to be shown as a near miss."""
SIMPLE: Final = 1.3
"""The most that a near miss may cost."""
_DIGITS: Final = 9
"""Slips with the same result, to this many digits, count as one."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What the search found for one claim."""

    hits: tuple[Hit, ...] = ()
    """Likeliest first."""
    tried: int = 0
    by_chance: float = 0.0
    """Chance hits to expect among those tried."""
    near: tuple[Hit, ...] = ()
    """Simple slips that come near without giving what is printed."""


def find(claim: Claim, truth: Span) -> Finding:
    """The slips that give the printed figure, likeliest first; no hit where none does."""
    if claim.printed.span is None:
        return Finding()
    case = Case(working=claim.working, other_values=claim.other_values, measure=claim.printed.measure)
    singles = _changing(slips_of(case, truth), truth)
    hits = _hits(claim.printed, truth, singles)
    near = _near(claim.printed, singles)
    if hits:
        return replace(_finding(hits, claim.printed, truth, singles), near=near)
    pairs = _changing((pair for first in singles for pair in after(first, case)), truth)
    finding = _finding((), claim.printed, truth, [*singles, *pairs])
    finding = replace(finding, near=near)
    if finding.by_chance >= CHANCE_LIMIT:
        return finding
    return replace(finding, hits=_hits(claim.printed, truth, pairs))


def distinct(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """The first of all hits with the same result."""
    seen: dict[tuple[str, str], Hit] = {}
    for hit in hits:
        seen.setdefault(_rounded(hit.gives), hit)
    return tuple(seen.values())


def _changing(slips: Iterable[Slip], truth: Span) -> list[Slip]:
    """The slips that change the result, MAX_TRIED at most."""
    unchanged = _rounded(truth)
    return [slip for slip in itertools.islice(slips, MAX_TRIED) if _rounded(slip.value) != unchanged]


def _finding(hits: tuple[Hit, ...], printed: Figure, truth: Span, slips: Iterable[Slip]) -> Finding:
    """The hits, how many different results were tried, and how many of them would hit by chance."""
    values = list({_rounded(slip.value): slip.value for slip in slips}.values())
    return Finding(hits=hits, tried=len(values), by_chance=_by_chance(printed, truth, values))


def _rounded(span: Span) -> tuple[str, str]:
    return f"{span.low.value:.{_DIGITS}g}", f"{span.high.value:.{_DIGITS}g}"


def _hits(printed: Figure, truth: Span, slips: Iterable[Slip]) -> tuple[Hit, ...]:
    found = [hit for slip in slips if (hit := _hit(printed, truth, slip)) is not None]
    return tuple(sorted(found, key=lambda hit: (hit.cost, hit.says)))


def _hit(printed: Figure, truth: Span, slip: Slip) -> Hit | None:
    """The slip, where it lands on what is printed: with both ends, or with the one end that is wrong."""
    hit = Hit(kind=slip.kind, says=slip.says, cost=slip.cost, gives=slip.value)
    if printed.fits(slip.value):
        return replace(hit, cost=slip.cost + 0.2 * printed.misfit(slip.value))
    low_right, high_right = printed.ends_fit(truth)
    if not low_right and not high_right:
        return None
    mixed = Span(truth.low, slip.value.high) if low_right else Span(slip.value.low, truth.high)
    if not printed.fits(mixed):
        return None
    return replace(
        hit,
        cost=slip.cost + 0.3 + 0.2 * printed.misfit(mixed),
        gives=mixed,
        end="high" if low_right else "low",
    )


def _near(printed: Figure, slips: Iterable[Slip]) -> tuple[Hit, ...]:
    """Simple slips within NEAR of one printed value, simplest first."""
    assert printed.span is not None
    wanted = printed.span.low.value
    if not printed.span.is_point or wanted == 0:
        return ()
    close = [
        Hit(kind=slip.kind, says=slip.says, cost=slip.cost, gives=slip.value)
        for slip in slips
        if slip.cost <= SIMPLE
        and slip.value.is_point
        and abs(slip.value.low.value / wanted - 1) <= NEAR
        and not printed.fits(slip.value)
    ]
    return distinct(sorted(close, key=lambda hit: (hit.cost, hit.says)))[:3]


def _by_chance(printed: Figure, truth: Span, values: list[Span]) -> float:
    """Chance hits to expect: the density of tried values around each printed end, times the width of its digits."""
    assert printed.span is not None
    low_right, high_right = printed.ends_fit(truth)
    ends = [
        (printed.span.low.value, printed.slack[0], [value.low.value for value in values]),
        (printed.span.high.value, printed.slack[1], [value.high.value for value in values]),
    ]
    wrong = [end for end, right in zip(ends, (low_right, high_right), strict=True) if not right]
    if printed.span.is_point:
        wrong = ends[:1]
    expected = [_expected(*end) for end in wrong]
    return math.prod(expected) / max(len(values), 1) ** (len(expected) - 1) if expected else 0.0


def _expected(value: float, slack: float, tried: list[float]) -> float:
    """Tried values within a factor e of ``value``, times the share of that stretch that counts as a hit."""
    if value == 0 or slack == 0:
        return 0.0
    near = sum(1 for v in tried if 1 / math.e <= v / value <= math.e)
    return near / 2 * (2 * slack / abs(value))
