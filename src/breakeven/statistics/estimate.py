"""A figure that was estimated, with what it is worth."""

from __future__ import annotations

from dataclasses import dataclass

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.statistics.arrays import check_level

__all__ = ["Estimate"]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One estimated figure: its value, its interval, and how the interval was made.

    ``low`` and ``high`` are None together where the data allow no interval (a single observation, or
    values that do not vary at all). That means *not enough data*; it never means an error of zero.
    """

    value: float
    low: float | None
    """Lower end of the interval, in the unit of ``value``; None: not enough data."""
    high: float | None
    """Upper end of the interval, in the unit of ``value``; None: not enough data."""
    level: float
    """Nominal coverage of the interval: 0.95 for 95%."""
    n: int
    """Cases behind the figure. Repeated runs of one case count once."""
    method: str
    """How the interval was made, as a reader may see it: ``clustered Wilson``."""
    n_clusters: int | None = None
    """Independent groups of cases, where cases were grouped; None: each case stands alone."""

    def __post_init__(self) -> None:
        check_level(self.level)
        if self.n < 1:
            raise NotEnoughEvidenceError(f"an estimate from {self.n} cases; at least one is needed")
        if (self.low is None) != (self.high is None):
            raise InputError(f"interval ({self.low}, {self.high}): give both ends, or neither")
        if self.low is not None and self.high is not None and not self.low <= self.value <= self.high:
            raise InputError(f"interval ({self.low:g}, {self.high:g}) does not hold its value {self.value:g}")

    @property
    def interval(self) -> tuple[float, float]:
        """(low, high); raises NotEnoughEvidenceError where there is none."""
        if self.low is None or self.high is None:
            raise NotEnoughEvidenceError(
                f"not enough data for an interval around {self.value:g} (n={self.n}, {self.method}): "
                "add cases that differ from each other"
            )
        return self.low, self.high

    @property
    def enough(self) -> bool:
        """Whether the data allow an interval."""
        return self.low is not None

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"{self.value:.4g} (n={self.n}: not enough data for an interval)"
        return f"{self.value:.4g} [{self.low:.4g}, {self.high:.4g}] ({self.level:.0%}, n={self.n}, {self.method})"
