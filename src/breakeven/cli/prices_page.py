"""What ``breakeven prices`` prints: models, fine-tunes, GPUs, cache rules, what changed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breakeven.cli.common import today

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from breakeven.prices import CacheRules, GpuOffer, ModelPrice, PriceBook, PriceDiff, TuningOffer, Update

__all__ = [
    "cache_rules",
    "echo_json",
    "facts_table",
    "page",
    "print_diff",
    "print_gpu",
    "print_host",
    "print_model",
    "print_offer",
    "print_refused",
    "print_rules",
    "print_update",
    "say",
    "search_table",
]


def page() -> Console:
    """Where the tables go."""
    from rich.console import Console

    # Names of models hold brackets and colons that rich would take for its own marks.
    return Console(markup=False, highlight=False, emoji=False)


def say(console: Console, what: object) -> None:
    """Print without the blanks that rich fills its lines with. A text is not wrapped, so that it can be searched."""
    with console.capture() as capture:
        console.print(what, soft_wrap=isinstance(what, str))
    for line in capture.get().splitlines():
        click.echo(line.rstrip())


def echo_json(value: object) -> None:
    """Print records as JSON."""
    click.echo(json.dumps(_plain(value), indent=2, ensure_ascii=False))


def _plain(value: object) -> Any:
    """Records, dates and paths as what JSON knows."""
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value


def _dollars(value: float | None, missing: str = "–") -> str:
    """A price with as many decimals as it has, at least two: ``0.40``, ``0.025``, ``1,241.00``."""
    if value is None:
        return missing
    text = f"{value:,.6f}".rstrip("0")
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"


def cache_rules(book: PriceBook, price: ModelPrice | None) -> CacheRules | None:
    """The rules of the cache of the model's provider; None where none are known."""
    from breakeven.errors import UnknownPriceError

    if price is None or price.cached_usd_per_mtok is None:
        return None
    try:
        return book.cache_rules(price.key)
    except UnknownPriceError:
        return None


def facts_table(rows: Iterable[tuple[str, str | None]]) -> Table:
    """Two columns, what and how much; a fact that is not known is left out."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2), pad_edge=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        if value is not None:
            table.add_row(name, value)
    return table


def print_model(console: Console, price: ModelPrice) -> None:
    """What one model costs."""
    limit = f", up to {price.max_input_tokens:,} tokens in" if price.max_input_tokens else ""
    say(console, f"{price.key}  ({price.mode}{limit})")
    say(console, facts_table([("price", "US dollars for a million tokens"), *_price_rows(price)]))
    say(
        console,
        facts_table(
            [("retires", _retirement(price.retires_on)), ("note", price.note), ("source", str(price.source))]
        ),
    )


def _price_rows(price: ModelPrice) -> Iterable[tuple[str, str | None]]:
    def row(name: str, value: float | None, base: float) -> tuple[str, str | None]:
        times = f"  ({value / base:.3g} × {name.split()[-1]})" if value is not None and base else ""
        return f"  {name}", None if value is None else f"{_dollars(value):>10}{times}"

    price_in, price_out = price.input_usd_per_mtok, price.output_usd_per_mtok
    yield "  input", f"{_dollars(price_in):>10}"
    yield "  output", f"{_dollars(price_out):>10}"
    yield row("cached input", price.cached_usd_per_mtok, price_in)
    write = price.cache_write_usd_per_mtok
    yield (
        "  cache write",
        None if write is None else f"{_dollars(write):>10}  ({write / price_in:.3g} × input)",
    )
    write = price.cache_write_1h_usd_per_mtok
    yield (
        "  cache write, 1 h",
        None if write is None else f"{_dollars(write):>10}  ({write / price_in:.3g} × input)",
    )
    yield row("batch input", price.batch_input_usd_per_mtok, price_in)
    yield row("batch output", price.batch_output_usd_per_mtok, price_out)
    if price.reasoning_usd_per_mtok is not None:
        yield "  reasoning", f"{_dollars(price.reasoning_usd_per_mtok):>10}"
    for tier in price.tiers:
        cached = "" if tier.cached_usd_per_mtok is None else f", cached {_dollars(tier.cached_usd_per_mtok)}"
        yield (
            f"  above {tier.above_tokens:,} in",
            f"{_dollars(tier.input_usd_per_mtok):>10} input, {_dollars(tier.output_usd_per_mtok)} output{cached}",
        )
    for region, factor in price.region_uplift.items():
        where = "regional endpoint" if region == "regional" else f"in region {region}"
        yield f"  {where}", f"{factor:>10.2f} × every price"


def _retirement(day: dt.date | None) -> str:
    if day is None:
        return "no date announced"
    left = (day - today()).days
    return f"{day} (in {left:,} days)" if left > 0 else f"{day} (it no longer answers)"


def _told(seen: str) -> str:
    from breakeven.cli.prices_training import SEEN

    return "" if seen == "primary" else f" ({SEEN[seen]})"


def print_offer(console: Console, offer: TuningOffer) -> None:
    """What one fine-tune costs: training, tokens, hosting."""
    per_hour = offer.training_usd_per_hour
    between = offer.training_range
    per_mtok = f"{between[0]:.2f}..{between[1]:.2f}" if between else _dollars(offer.training_usd_per_mtok)
    training = (
        f"{per_mtok} for a million training tokens" if per_hour is None else f"{_dollars(per_hour)} an hour"
    )
    hosting = offer.hosting_usd_per_hour
    tuned = offer.inference
    call = f"input {_dollars(tuned.input_usd_per_mtok)}, output {_dollars(tuned.output_usd_per_mtok)}"
    if tuned.cached_usd_per_mtok is not None:
        call += f", cached {_dollars(tuned.cached_usd_per_mtok)}"
    if tuned.batch_input_usd_per_mtok is not None:
        call += (
            f", batch {_dollars(tuned.batch_input_usd_per_mtok)}/{_dollars(tuned.batch_output_usd_per_mtok)}"
        )
    say(console, f"\nTuning {offer.base}  ({offer.method}, {offer.variant} tariff)")
    rows: list[tuple[str, str | None]] = [
        ("training", training),
        ("tuned model", f"{call} for a million tokens"),
        (
            "hosting",
            f"{_dollars(hosting)} an hour, ${hosting * 730:,.0f} a month" if hosting else "not billed",
        ),
        ("examples", f"at least {offer.min_examples}" if offer.min_examples else None),
        ("train until", str(offer.train_until) if offer.train_until else None),
        ("retires", _retirement(offer.retires_on)),
        ("note", offer.note),
        ("source", f"{offer.source}{_told(offer.seen)}"),
    ]
    if tuned.source != offer.source:
        rows.append(("tuned, source", str(tuned.source)))
    say(console, facts_table(rows))


def print_host(book: PriceBook, host: str, *, as_json: bool) -> bool:
    """What a host charges to train, or how fast GPUs of one's own did; False where nothing is known of it."""
    from breakeven.cli.prices_training import OWN, host_rates, host_table, rates_sources, speeds_table

    known = book.training_speeds() if host == OWN else host_rates(book, host)
    if not known:
        return False
    if as_json:
        echo_json({"as_of": book.as_of, "training": known})
        return True
    console = page()
    if host == OWN:
        speeds = book.training_speeds()
        say(console, "Training tokens a second of one GPU, as others measured them")
        head, rows = speeds_table(speeds)
        sources = [str(source) for source in dict.fromkeys(speed.source for speed in speeds)]
    else:
        rates = host_rates(book, host)
        say(console, f"Training at {rates[0].host}: US dollars for a million tokens × epochs")
        head, rows = host_table(rates)
        sources = rates_sources(rates)
    table = _table(*head)
    for row in rows:
        table.add_row(*row)
    say(console, table)
    say(console, facts_table([("source", source) for source in sources]))
    return True


def print_rules(console: Console, rules: CacheRules) -> None:
    """What a provider's prompt cache takes and saves."""
    say(console, f"\nPrompt cache of {rules.provider}")
    write = rules.write_multiplier
    say(
        console,
        facts_table(
            [
                ("from", f"{rules.min_prefix_tokens:,} tokens of unchanged prefix"),
                (
                    "kept",
                    f"{rules.ttl_minutes:g} minutes unused"
                    if rules.ttl_minutes
                    else "for as long as the host likes",
                ),
                (
                    "write",
                    f"{write:g} × input" if write else "at the input price, unless the model has its own",
                ),
                ("note", rules.note),
                ("source", str(rules.source)),
            ]
        ),
    )


def print_gpu(offer: GpuOffer, *, as_json: bool) -> None:
    """What an hour of a GPU costs."""
    if as_json:
        echo_json({"gpu": offer})
        return
    hourly = offer.usd_per_hour
    console = page()
    say(console, offer.key)
    say(
        console,
        facts_table(
            [
                ("price", f"{_dollars(hourly)} an hour, ${hourly * 730:,.0f} a month"),
                ("note", offer.note),
                ("source", str(offer.source)),
            ]
        ),
    )


def search_table(found: Sequence[ModelPrice], *, width: int) -> Table:
    """Prices in columns; a narrow screen goes without the batch prices."""
    batch = ("batch in", "batch out") if width >= 110 else ()
    table = _table("model", "input", "cached", "output", *batch, "retires")
    for price in found:
        batches = (price.batch_input_usd_per_mtok, price.batch_output_usd_per_mtok) if batch else ()
        figures = (price.input_usd_per_mtok, price.cached_usd_per_mtok, price.output_usd_per_mtok, *batches)
        table.add_row(price.key, *map(_dollars, figures), str(price.retires_on or "–"))
    return table


def _table(first: str, *others: str) -> Table:
    """A plain table whose first column gives way on a narrow screen; the rest are figures."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="")
    table.add_column(first, overflow="fold", ratio=None)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def print_refused(book: PriceBook, key: str | None, *, as_json: bool) -> None:
    """The rows of the price list that the book refused, with their reasons."""
    rows = [row for row in book.refused if key is None or key in row.key]
    if as_json:
        echo_json({"as_of": book.as_of, "refused": rows})
        return
    from rich import box
    from rich.table import Table

    console = page()
    say(console, f"{len(rows)} rows of {book.source} were not believed")
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="")
    table.add_column("row", overflow="fold")
    table.add_column("why", overflow="fold")
    for row in rows:
        table.add_row(row.key, row.reason)
    say(console, table)


def print_update(console: Console, done: Update) -> None:
    """What an update brought."""
    say(console, f"{done.models:,} models in {done.path}")
    if refused := len(done.refused):
        rows = "1 row was" if refused == 1 else f"{refused:,} rows were"
        say(console, f"{rows} not believed: `breakeven prices show --refused` says why.")


def print_diff(console: Console, found: PriceDiff, *, limit: int) -> None:
    """What changed between two lists, ``limit`` rows of each kind."""
    say(
        console,
        f"From {found.old_as_of} to {found.new_as_of}\n"
        f"added {len(found.added):,}, removed {len(found.removed):,}, prices changed {len(found.changed):,}, "
        f"retirement dates changed {len(found.retirements):,}",
    )
    for title, keys in (("Added", found.added), ("Removed", found.removed)):
        if keys and limit:
            say(console, f"\n{title}")
            for key in keys[:limit]:
                say(console, f"  {key}")
            _print_rest(console, len(keys), limit)
    if found.changed and limit:
        table = _table("price, $ per million tokens", "old", "new", "change")
        for change in found.changed[:limit]:
            percent = "–" if change.percent is None else f"{change.percent:+,.0f}%"
            name = f"{change.key}  {change.field.replace('_usd_per_mtok', '').replace('_', ' ')}"
            table.add_row(name, _dollars(change.old), _dollars(change.new), percent)
        say(console, table)
        _print_rest(console, len(found.changed), limit)
    if found.retirements and limit:
        table = _table("retirement", "old", "new")
        for retirement in found.retirements[:limit]:
            table.add_row(retirement.key, str(retirement.old or "–"), str(retirement.new or "–"))
        say(console, table)
        _print_rest(console, len(found.retirements), limit)


def _print_rest(console: Console, total: int, limit: int) -> None:
    if total > limit:
        say(console, f"  … {total - limit:,} more; --limit {total} shows all")
