"""``breakeven prices``: look prices up, bring them up to date, see what changed.

Only click is imported here; what a command needs is imported when it runs, so that ``--help`` stays quick.
"""

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

__all__ = ["prices"]

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def prices() -> None:
    """Look prices up, bring them up to date, see what changed.

    Models are named PROVIDER/MODEL, such as openai/gpt-4.1-mini. Prices are US dollars, each with its source and day.

    \b
    Examples:
      breakeven prices search gpt-4.1 mini
      breakeven prices show azure/gpt-4.1-mini
      breakeven prices update
    """


@prices.command(short_help="Everything known about a model or a GPU.")
@click.argument("key", required=False)
@click.option(
    "--refused", is_flag=True, help="List the rows of the price list that were not believed, and why."
)
@_JSON
def show(key: str | None, refused: bool, as_json: bool) -> None:
    """Show everything known about KEY, a model or a GPU: prices, tuning, caching, dates, sources.

    KEY may be a host that sells training by size, or trl for the speeds seen on GPUs of one's own.

    \b
    Examples:
      breakeven prices show azure/gpt-4.1-mini
      breakeven prices show lambda/h100-80gb
      breakeven prices show together
      breakeven prices show openai/gpt-4.1-mini --json
      breakeven prices show --refused
    """
    from breakeven.prices import current_book

    book = current_book()
    if refused:
        _print_refused(book, key, as_json=as_json)
        return
    if key is None:
        raise click.UsageError("Name a model, such as openai/gpt-4.1-mini, or give --refused.")
    gpu = next((offer for offer in book.gpus() if offer.key == key), None)
    if gpu is not None:
        _print_gpu(gpu, as_json=as_json)
        return
    if "/" not in key and _print_host(book, key, as_json=as_json):
        return
    from breakeven.cli.prices_training import rates_of

    offers, rates = book.tunings(key.removesuffix(":tuned")), rates_of(book, key.removesuffix(":tuned"))
    # A model can be tuned at a host that does not sell it untuned: its offers are shown alone.
    price = None if (offers or rates) and key not in book else book.model(key)
    rules = _cache_rules(book, price)
    if as_json:
        _echo_json(
            {"as_of": book.as_of, "price": price, "tuning": offers, "training": rates, "cache_rules": rules}
        )
        return
    console = _console()
    if price is not None:
        _print_model(console, price)
    for offer in offers:
        _print_offer(console, offer)
    if rates:
        from breakeven.cli.prices_training import rates_rows

        _say(console, f"\nTraining at {rates[0].host}")
        _say(console, _facts(rates_rows(rates)))
    if rules is not None:
        _print_rules(console, rules)


@prices.command(short_help="Find models by parts of their name.")
@click.argument("text", nargs=-1, required=True)
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(1), help="Show at most this many models."
)
@_JSON
def search(text: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find the models whose name holds every word of TEXT, whatever the punctuation.

    \b
    Examples:
      breakeven prices search gpt4.1 mini
      breakeven prices search azure gpt-4.1
      breakeven prices search claude sonnet --limit 50
      breakeven prices search haiku --json
    """
    from breakeven.prices import current_book

    book, words = current_book(), " ".join(text)
    found = book.search(words)
    if as_json:
        _echo_json({"as_of": book.as_of, "found": len(found), "models": found[:limit]})
        return
    if not found:
        from breakeven.prices.names import nearest_keys

        near = ", ".join(nearest_keys(words, book.keys()))
        click.echo(f"No model holds {words!r} in its name." + (f" Nearest: {near}." if near else ""))
        return
    console = _console()
    _say(console, f"US dollars for a million tokens, as of {book.as_of}")
    _say(console, _search_table(found[:limit], width=console.width))
    if len(found) > limit:
        _say(console, f"{limit} of {len(found)} shown; --limit {len(found)} shows all.")


@prices.command(short_help="Read a newer price list into your own book.")
@click.option(
    "--from",
    "source",
    metavar="PATH|URL",
    help="LiteLLM's price file or wheel [default: its public address].",
)
@click.option(
    "--force", is_flag=True, help="Accept a list with less than half of the models of the one in use."
)
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(0), help="Show at most this many changes."
)
@_JSON
def update(source: str | None, force: bool, limit: int, as_json: bool) -> None:
    """Read a newer price list into your own price book and show what changed.

    The list is read whole and checked row by row; only then is your book replaced, all at once. It lies in the XDG
    data folder, and is used from then on as long as it is newer than the one in the package.

    \b
    Examples:
      breakeven prices update
      breakeven prices update --from model_prices_and_context_window.json
      breakeven prices update --from https://example.org/prices.json --json
    """
    from rich.console import Console

    from breakeven import prices as room
    from breakeven.prices.updating import DEFAULT_URL

    where = source or DEFAULT_URL
    with Console(stderr=True).status(f"Reading {where}"):
        done = room.update(where, as_of=today(), force=force)
    if as_json:
        _echo_json(done)
        return
    console = _console()
    _print_update(console, done)
    _print_diff(console, done.diff, limit=limit)


@prices.command(short_help="What changed between two price lists.")
@click.argument("old")
@click.argument("new", required=False)
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(0), help="Show at most this many changes."
)
@_JSON
def diff(old: str, new: str | None, limit: int, as_json: bool) -> None:
    """Show what changed from the price list OLD to NEW (left out: the book in use).

    Each is a price book, LiteLLM's price file or its wheel, as a path or an http(s) address; the word `packaged`
    stands for the book that ships with Breakeven.

    \b
    Examples:
      breakeven prices diff packaged
      breakeven prices diff last-year.json.gz --json
      breakeven prices diff october.json november.json
    """
    from breakeven import prices as room

    now = today()

    def opened(name: str) -> PriceBook:
        return room.load_book() if name == "packaged" else room.open_prices(name, as_of=now)

    found = room.diff(opened(old), opened(new) if new else room.current_book())
    if as_json:
        _echo_json(found)
        return
    _print_diff(_console(), found, limit=limit)


# ------------------------------------------------------------------------------------------------ rendering


def _console() -> Console:
    from rich.console import Console

    # Names of models hold brackets and colons that rich would take for its own marks.
    return Console(markup=False, highlight=False, emoji=False)


def _say(console: Console, what: object) -> None:
    """Print without the blanks that rich fills its lines with. A text is not wrapped, so that it can be searched."""
    with console.capture() as capture:
        console.print(what, soft_wrap=isinstance(what, str))
    for line in capture.get().splitlines():
        click.echo(line.rstrip())


def _echo_json(value: object) -> None:
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


def _cache_rules(book: PriceBook, price: ModelPrice | None) -> CacheRules | None:
    from breakeven.errors import UnknownPriceError

    if price is None or price.cached_usd_per_mtok is None:
        return None
    try:
        return book.cache_rules(price.key)
    except UnknownPriceError:
        return None


def _facts(rows: Iterable[tuple[str, str | None]]) -> Table:
    """Two columns, what and how much; a fact that is not known is left out."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2), pad_edge=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        if value is not None:
            table.add_row(name, value)
    return table


def _print_model(console: Console, price: ModelPrice) -> None:
    limit = f", up to {price.max_input_tokens:,} tokens in" if price.max_input_tokens else ""
    _say(console, f"{price.key}  ({price.mode}{limit})")
    _say(console, _facts([("price", "US dollars for a million tokens"), *_price_rows(price)]))
    _say(
        console,
        _facts(
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


def _print_offer(console: Console, offer: TuningOffer) -> None:
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
    _say(console, f"\nTuning {offer.base}  ({offer.method}, {offer.variant} tariff)")
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
    _say(console, _facts(rows))


def _print_host(book: PriceBook, host: str, *, as_json: bool) -> bool:
    """What a host charges to train, or how fast GPUs of one's own did; False where nothing is known of it."""
    from breakeven.cli.prices_training import OWN, host_rates, host_table, rates_sources, speeds_table

    known = book.training_speeds() if host == OWN else host_rates(book, host)
    if not known:
        return False
    if as_json:
        _echo_json({"as_of": book.as_of, "training": known})
        return True
    console = _console()
    if host == OWN:
        speeds = book.training_speeds()
        _say(console, "Training tokens a second of one GPU, as others measured them")
        head, rows = speeds_table(speeds)
        sources = [str(source) for source in dict.fromkeys(speed.source for speed in speeds)]
    else:
        rates = host_rates(book, host)
        _say(console, f"Training at {rates[0].host}: US dollars for a million tokens × epochs")
        head, rows = host_table(rates)
        sources = rates_sources(rates)
    table = _table(*head)
    for row in rows:
        table.add_row(*row)
    _say(console, table)
    _say(console, _facts([("source", source) for source in sources]))
    return True


def _print_rules(console: Console, rules: CacheRules) -> None:
    _say(console, f"\nPrompt cache of {rules.provider}")
    write = rules.write_multiplier
    _say(
        console,
        _facts(
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


def _print_gpu(offer: GpuOffer, *, as_json: bool) -> None:
    if as_json:
        _echo_json({"gpu": offer})
        return
    hourly = offer.usd_per_hour
    console = _console()
    _say(console, offer.key)
    _say(
        console,
        _facts(
            [
                ("price", f"{_dollars(hourly)} an hour, ${hourly * 730:,.0f} a month"),
                ("note", offer.note),
                ("source", str(offer.source)),
            ]
        ),
    )


def _search_table(found: Sequence[ModelPrice], *, width: int) -> Table:
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


def _print_refused(book: PriceBook, key: str | None, *, as_json: bool) -> None:
    rows = [row for row in book.refused if key is None or key in row.key]
    if as_json:
        _echo_json({"as_of": book.as_of, "refused": rows})
        return
    from rich import box
    from rich.table import Table

    console = _console()
    _say(console, f"{len(rows)} rows of {book.source} were not believed")
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="")
    table.add_column("row", overflow="fold")
    table.add_column("why", overflow="fold")
    for row in rows:
        table.add_row(row.key, row.reason)
    _say(console, table)


def _print_update(console: Console, done: Update) -> None:
    _say(console, f"{done.models:,} models in {done.path}")
    if refused := len(done.refused):
        rows = "1 row was" if refused == 1 else f"{refused:,} rows were"
        _say(console, f"{rows} not believed: `breakeven prices show --refused` says why.")


def _print_diff(console: Console, found: PriceDiff, *, limit: int) -> None:
    _say(
        console,
        f"From {found.old_as_of} to {found.new_as_of}\n"
        f"added {len(found.added):,}, removed {len(found.removed):,}, prices changed {len(found.changed):,}, "
        f"retirement dates changed {len(found.retirements):,}",
    )
    for title, keys in (("Added", found.added), ("Removed", found.removed)):
        if keys and limit:
            _say(console, f"\n{title}")
            for key in keys[:limit]:
                _say(console, f"  {key}")
            _print_rest(console, len(keys), limit)
    if found.changed and limit:
        table = _table("price, $ per million tokens", "old", "new", "change")
        for change in found.changed[:limit]:
            percent = "–" if change.percent is None else f"{change.percent:+,.0f}%"
            name = f"{change.key}  {change.field.replace('_usd_per_mtok', '').replace('_', ' ')}"
            table.add_row(name, _dollars(change.old), _dollars(change.new), percent)
        _say(console, table)
        _print_rest(console, len(found.changed), limit)
    if found.retirements and limit:
        table = _table("retirement", "old", "new")
        for retirement in found.retirements[:limit]:
            table.add_row(retirement.key, str(retirement.old or "–"), str(retirement.new or "–"))
        _say(console, table)
        _print_rest(console, len(found.retirements), limit)


def _print_rest(console: Console, total: int, limit: int) -> None:
    if total > limit:
        _say(console, f"  … {total - limit:,} more; --limit {total} shows all")
