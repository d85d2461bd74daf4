"""Units: products of base units, and the words that people write for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

__all__ = [
    "CALL",
    "DAYS_PER_MONTH",
    "EXAMPLE",
    "GB",
    "HOUR",
    "HOURS_PER_MONTH",
    "MONTH",
    "MONTHS_PER_YEAR",
    "ONE",
    "SCALES",
    "TOKEN",
    "USD",
    "WORDS",
    "Unit",
]

HOURS_PER_MONTH: Final = 730.0
DAYS_PER_MONTH: Final = 365 / 12
MONTHS_PER_YEAR: Final = 12.0


@dataclass(frozen=True)
class Unit:
    """A product of base units, as sorted (base, power) pairs: usd·token⁻¹ is ``(("token", -1), ("usd", 1))``."""

    powers: tuple[tuple[str, int], ...] = ()

    @staticmethod
    def of(**powers: int) -> Unit:
        """The unit with these powers; zero powers vanish."""
        return Unit(tuple(sorted((base, power) for base, power in powers.items() if power)))

    def power(self, base: str) -> int:
        """The power of one base unit, 0 where it is absent."""
        return dict(self.powers).get(base, 0)

    def __mul__(self, other: Unit) -> Unit:
        powers = dict(self.powers)
        for base, power in other.powers:
            powers[base] = powers.get(base, 0) + power
        return Unit.of(**powers)

    def __pow__(self, n: int) -> Unit:
        return Unit.of(**{base: power * n for base, power in self.powers})

    def __truediv__(self, other: Unit) -> Unit:
        return self * other**-1

    def __str__(self) -> str:
        top = [_plural(b, p) for b, p in self.powers if p > 0]
        bottom = [_singular(b, -p) for b, p in self.powers if p < 0]
        return ("·".join(top) + ("/" + "/".join(bottom) if bottom else "")) or "(a plain number)"


def _singular(base: str, power: int) -> str:
    return base if power == 1 else f"{base}^{power}"


def _plural(base: str, power: int) -> str:
    plural = base if base in {"usd", "GB"} else f"{base}s"
    return plural if power == 1 else f"{plural}^{power}"


ONE: Final = Unit()
USD, CALL, TOKEN, EXAMPLE = Unit.of(usd=1), Unit.of(call=1), Unit.of(token=1), Unit.of(example=1)
HOUR, MONTH, GB = Unit.of(hour=1), Unit.of(month=1), Unit.of(GB=1)


def _words() -> dict[str, tuple[float, Unit]]:
    """Each word that may stand in a unit → its size in base units."""
    sizes: list[tuple[str, float, Unit]] = [
        ("usd dollar dollars", 1, USD),
        ("call calls request requests req reqs query queries", 1, CALL),
        ("token tokens tok toks", 1, TOKEN),
        ("mtok mtoks", 1e6, TOKEN),
        ("ktok ktoks", 1e3, TOKEN),
        ("example examples label labels row rows case cases sample samples", 1, EXAMPLE),
        ("millisecond milliseconds ms", 1 / 3_600_000, HOUR),
        ("second seconds sec secs s", 1 / 3600, HOUR),
        ("minute minutes min mins", 1 / 60, HOUR),
        ("hour hours h hr hrs", 1, HOUR),
        ("day days", 1 / DAYS_PER_MONTH, MONTH),
        ("week weeks wk", 7 / DAYS_PER_MONTH, MONTH),
        ("month months mo", 1, MONTH),
        ("quarter quarters", 3, MONTH),
        ("year years yr yrs", MONTHS_PER_YEAR, MONTH),
        ("gb", 1, GB),
        ("tb", 1000, GB),
    ]
    return {word: (size, unit) for words, size, unit in sizes for word in words.split()}


WORDS: Final = _words()
SCALES: Final = {
    "K": 1e3, "k": 1e3, "thousand": 1e3,
    "M": 1e6, "million": 1e6, "mn": 1e6,
    "B": 1e9, "bn": 1e9, "billion": 1e9,
}  # fmt: skip


def _check_words(words: Iterable[str]) -> None:
    """Every unit word is lower case, so that look-up by lower case finds it."""
    assert all(word == word.lower() for word in words)


_check_words(WORDS)
