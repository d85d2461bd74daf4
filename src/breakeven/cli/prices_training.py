"""What hosts charge to train, as ``breakeven prices show`` prints it: by model, by size, and how it is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from breakeven.prices import PriceBook, TrainingRate, TrainingSpeed

__all__ = [
    "OWN",
    "SEEN",
    "host_rates",
    "host_table",
    "rates_of",
    "rates_rows",
    "rates_sources",
    "speeds_table",
]

OWN: Final = "trl"
"""GPUs of one's own."""
SEEN: Final = {
    "primary": "the host's own words",
    "copy": "a copy of its page",
    "secondary": "told by others, and widened",
}


def host_rates(book: PriceBook, host: str) -> tuple[TrainingRate, ...]:
    """Every rate of a host, named as in the price book or by its short name; empty where it has none."""
    from breakeven.prices.training import provider_of

    every = (*book.training_rates(), *book.training_rates(objective="dpo"))
    return tuple(rate for rate in every if rate.host == provider_of(host))


def rates_of(book: PriceBook, key: str) -> tuple[TrainingRate, ...]:
    """The rates to train one model, answers and pairs; without those that are an offer of its own."""
    every = (*book.training_rates(key), *book.training_rates(key, objective="dpo"))
    return tuple(rate for rate in every if rate.tuned_price_factor is None)


def rates_rows(rates: Sequence[TrainingRate]) -> list[tuple[str, str | None]]:
    """One model's rates as facts."""
    rows: list[tuple[str, str | None]] = [
        (f"{rate.method}, {_objective(rate)}", f"{_price(rate)} for a million training tokens ({rate.title})")
        for rate in rates
    ]
    first = rates[0]
    if first.minimum_usd:
        sure = "" if first.minimum_is_sure else ", which is not sure"
        rows.append(("a job", f"{first.minimum_usd:g} at least{sure}"))
    rows.append(("tuned model", "served on GPUs by the hour, which are billed apart"))
    return [*rows, *_notes(rates)]


def rates_sources(rates: Iterable[TrainingRate]) -> list[str]:
    """Where rates are from, and how they were seen; each once."""
    return list(dict.fromkeys(f"{rate.source} ({SEEN[rate.seen]})" for rate in rates))


def _notes(rates: Sequence[TrainingRate]) -> list[tuple[str, str | None]]:
    notes: list[tuple[str, str | None]] = [
        ("note", note) for note in dict.fromkeys(rate.note for rate in rates) if note
    ]
    return [*notes, *(("source", source) for source in rates_sources(rates))]


def host_table(rates: Sequence[TrainingRate]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """All rates of a host as a table: head and rows, a method in a column."""
    kinds = list(dict.fromkeys((rate.method, rate.objective) for rate in rates))
    titles = dict.fromkeys(rate.title for rate in rates)
    by_place = {(rate.title, rate.method, rate.objective): rate for rate in rates}
    head = (
        "model",
        *(f"{method}, {'pairs' if objective == 'dpo' else 'answers'}" for method, objective in kinds),
    )
    rows = [
        (title, *(_price(rate) if (rate := by_place.get((title, *kind))) else "–" for kind in kinds))
        for title in titles
    ]
    return head, rows


def speeds_table(speeds: Sequence[TrainingSpeed]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """How fast GPUs were seen to train, as a table."""
    head = ("model", "GPU", "method", "rows", "tokens/s")
    return head, [(s.model, s.gpu, s.method, s.rows, f"{s.tokens_per_s:,.0f}") for s in speeds]


def _objective(rate: TrainingRate) -> str:
    return "pairs (DPO)" if rate.objective == "dpo" else "answers (SFT)"


def _price(rate: TrainingRate) -> str:
    if rate.low_usd_per_mtok == rate.high_usd_per_mtok:
        return f"{rate.usd_per_mtok:.2f}"
    return f"{rate.low_usd_per_mtok:.2f}..{rate.high_usd_per_mtok:.2f}"
