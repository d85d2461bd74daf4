"""A figure unfolded: its formula in words, the same with numbers put in, and the figures it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from breakeven.sources import Source

__all__ = ["Explanation"]


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One printed figure with the arithmetic behind it, down to inputs and their sources.

    A leaf has no parts: it is an input, and says where it comes from in ``source``.
    """

    figure: str
    """Its name, as ``breakeven explain`` takes it: ``candidates.tuned.cost``."""
    title: str
    """What it is, in words: ``cost of tuned over 36 months, discounted``."""
    value: float
    unit: str
    """As shown: ``usd``, ``usd/month``, ``calls/month``, ``tokens``, ``share``, ``months``; empty: a plain number."""
    kind: str = ""
    """Its kind of quantity (a key of ``quantities.KINDS``) where it is an input; empty for computed figures."""
    formula: str = ""
    """In symbols or names: ``N(1+r)·T_out·p_out``; empty for an input."""
    numbers: str = ""
    """The formula with numbers put in: ``480,000 × 1.02 × 60 × $8/1M``."""
    parts: tuple[Explanation, ...] = ()
    """The figures that stand in the formula, in its order."""
    source: Source | None = None
    """Where an input comes from; None for computed figures."""
    note: str = ""
    """What the reader must know: ``mean over 100,000 draws``, ``EXTRAPOLATED``."""

    def __repr__(self) -> str:
        formula = f" = {self.formula}" if self.formula else ""
        return (
            f"<Explanation {self.figure}: {self.value:,.6g} {self.unit}{formula}, of {len(self.parts)} parts>"
        )

    def walk(self) -> Iterator[Explanation]:
        """This figure and every one beneath it, each before its parts."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def find(self, figure: str) -> Explanation | None:
        """The first figure of this name here or beneath; None where there is none."""
        return next((e for e in self.walk() if e.figure == figure), None)
