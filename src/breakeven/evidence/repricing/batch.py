"""Which calls go through the batch price: as the log says, as stated, or as open as the log leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from breakeven.evidence.calls.read import CallLog
from breakeven.evidence.profile.cells import BATCH_TIERS, few_names, find_cells
from breakeven.evidence.profile.costs import Prices
from breakeven.evidence.profile.waiting import Stated, waiting_of
from breakeven.prices import PriceBook
from breakeven.sources import Source

if TYPE_CHECKING:
    import ibis

__all__ = ["AS_LOGGED", "Batch", "batch_in", "batch_of"]

Bounds = tuple[float, float]

_LOG: Final = Source(kind="measured", reference="the log")
_BOUNDS: Final = Source(kind="guess", reference="bounds from what the log shows of who waits, not measured")
_STATED: Final = Source(kind="stated", reference="the command line")


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The share of calls in a batch, from low to high. The default: calls stay at the tier that they were made at."""

    rest: Bounds | None = None
    """Of every call whose feature is not named; None: as logged."""
    features: Mapping[str, Bounds] = field(default_factory=dict)
    source: Source = _LOG
    said: str | None = None
    """How it is shown; None: share by share."""

    @property
    def asked(self) -> bool:
        """Whether calls are to be moved into a batch."""
        return any(high > 0 for _, high in self._all())

    @property
    def is_open(self) -> bool:
        """Whether some share is a range."""
        return any(low < high for low, high in self._all())

    def _all(self) -> list[Bounds]:
        return [*self.features.values(), *([] if self.rest is None else [self.rest])]

    def middle(self, calls: ibis.Table) -> Any:
        """The share of each call, as an expression: the middle of its range."""
        import ibis

        logged = ibis.ifelse(calls["tier"].isin(BATCH_TIERS).fill_null(False), 1.0, 0.0)
        return self._each(calls, logged, lambda ends: (ends[0] + ends[1]) / 2)

    def half(self, calls: ibis.Table) -> Any:
        """How far each call's share may lie from its middle."""
        import ibis

        return self._each(calls, ibis.literal(0.0), lambda ends: (ends[1] - ends[0]) / 2)

    def _each(self, calls: ibis.Table, logged: Any, value: Any) -> Any:
        import ibis

        rest = logged if self.rest is None else ibis.literal(float(value(self.rest)))
        if not self.features:
            return rest
        named = ((calls["feature"] == name, float(value(ends))) for name, ends in self.features.items())
        return ibis.cases(*named, else_=rest)

    def __str__(self) -> str:
        if self.said is not None:
            return self.said
        parts = [f"{_shown(ends)} of {name}" for name, ends in self.features.items()]
        if len(parts) > _NAMED:
            parts = [*parts[:_NAMED], f"{len(parts) - _NAMED} more features"]
        if self.rest is not None:
            parts.append(f"{_shown(self.rest)} of {'the other ' if parts else ''}calls")
        elif parts:
            parts.append("others as logged")
        return ", ".join(parts) or "as logged"


_NAMED: Final = 5


def _shown(ends: Bounds) -> str:
    low, high = (f"{100 * end:.3g}%" for end in ends)
    return low if low == high else f"{low}..{high}"


AS_LOGGED: Final = Batch()


def batch_of(share: float | Batch) -> Batch:
    """One share of all calls as a ``Batch``."""
    return share if isinstance(share, Batch) else Batch(rest=(share, share), source=_STATED)


def batch_in(log: CallLog, *, book: PriceBook, stated: Stated | None, bounds: bool) -> Batch:
    """What is stated of all calls or of features.

    bounds: the others are as open as the log leaves them; else as logged.
    Raises EvidenceError where a stated feature is not in the log.
    """
    if stated is not None and stated.whole is not None:
        return Batch(rest=stated.whole, source=_STATED)
    if stated is None and not bounds:
        return AS_LOGGED
    named, _ = few_names(log)
    found = waiting_of(log, find_cells(log, Prices(book), named), named, stated)
    if not bounds:
        return Batch(features={} if stated is None else stated.features, source=_STATED)
    features = {name: ends for name, ends in found.bounds.items() if name is not None}
    rest = found.bounds.get(None)
    if len(features) > _MOST:
        features, rest = {} if stated is None else dict(stated.features), found.whole
    return Batch(features=features, rest=rest, source=_BOUNDS, said=f"{_shown(found.whole)} of calls in all")


_MOST: Final = 200
"""Features past which they are not told apart."""
