"""``breakeven prices``: look prices up, bring them up to date, see what changed.

Only click is imported here; what a command needs is imported when it runs, so that ``--help`` stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from breakeven.cli.common import today
from breakeven.cli.prices_page import (
    cache_rules,
    echo_json,
    facts_table,
    page,
    print_diff,
    print_gpu,
    print_host,
    print_model,
    print_offer,
    print_refused,
    print_rules,
    print_update,
    say,
    search_table,
)

if TYPE_CHECKING:
    from breakeven.prices import PriceBook

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
        print_refused(book, key, as_json=as_json)
        return
    if key is None:
        raise click.UsageError("Name a model, such as openai/gpt-4.1-mini, or give --refused.")
    gpu = next((offer for offer in book.gpus() if offer.key == key), None)
    if gpu is not None:
        print_gpu(gpu, as_json=as_json)
        return
    if "/" not in key and print_host(book, key, as_json=as_json):
        return
    from breakeven.cli.prices_training import rates_of

    offers, rates = book.tunings(key.removesuffix(":tuned")), rates_of(book, key.removesuffix(":tuned"))
    # A model can be tuned at a host that does not sell it untuned: its offers are shown alone.
    price = None if (offers or rates) and key not in book else book.model(key)
    rules = cache_rules(book, price)
    if as_json:
        echo_json(
            {"as_of": book.as_of, "price": price, "tuning": offers, "training": rates, "cache_rules": rules}
        )
        return
    console = page()
    if price is not None:
        print_model(console, price)
    for offer in offers:
        print_offer(console, offer)
    if rates:
        from breakeven.cli.prices_training import rates_rows

        say(console, f"\nTraining at {rates[0].host}")
        say(console, facts_table(rates_rows(rates)))
    if rules is not None:
        print_rules(console, rules)


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
        echo_json({"as_of": book.as_of, "found": len(found), "models": found[:limit]})
        return
    if not found:
        from breakeven.prices.names import nearest_keys

        near = ", ".join(nearest_keys(words, book.keys()))
        click.echo(f"No model holds {words!r} in its name." + (f" Nearest: {near}." if near else ""))
        return
    console = page()
    say(console, f"US dollars for a million tokens, as of {book.as_of}")
    say(console, search_table(found[:limit], width=console.width))
    if len(found) > limit:
        say(console, f"{limit} of {len(found)} shown; --limit {len(found)} shows all.")


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
        echo_json(done)
        return
    console = page()
    print_update(console, done)
    print_diff(console, done.diff, limit=limit)


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
        echo_json(found)
        return
    print_diff(page(), found, limit=limit)
