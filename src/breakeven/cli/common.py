"""What several commands share: opening a study, and its options."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from breakeven.advice.decision import Decision
    from breakeven.study.model import Study

__all__ = [
    "STUDY",
    "decided",
    "open_named",
    "opening_options",
    "print_json",
    "print_told",
    "share_of",
    "study_options",
    "today",
]

F = TypeVar("F", bound=Callable[..., Any])

STUDY = click.argument("study", default=".", type=click.Path(path_type=Path))


def today() -> dt.date:
    """The day here, as a calendar on the wall has it; nothing but the command line asks the clock."""
    return dt.datetime.now().astimezone().date()


def share_of(value: str, *, like: str, option: str | None = None) -> float:
    """A share written as a percentage or a fraction, its range not checked. ``like``: one that would be right.

    ``option`` names the option where it is not read by its own callback.
    """
    text = value.strip()
    try:
        return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError as exc:
        raise click.BadParameter(f"{value!r} is no share; write {like}", param_hint=option) from exc


def opening_options(command: F) -> F:
    """``--prices`` and ``--allow-outside``: how a study is opened."""
    for option in (
        click.option("--allow-outside", is_flag=True, help="Let the study name files outside its folder."),
        click.option("--prices", type=click.Path(path_type=Path, exists=True, dir_okay=False),
                     help="A price book to use instead of the one at hand."),
    ):  # fmt: skip
        command = option(command)
    return command


def study_options(command: F) -> F:
    """How a study is opened, and ``--seed``, ``--draws`` and ``--point``: how it is computed."""
    command = opening_options(command)
    for option in (
        click.option("--point", is_flag=True, help="Put every belief at its centre: no draws, no intervals."),
        click.option("--draws", type=click.IntRange(2, 2_000_000), default=20_000, show_default=True,
                     help="How many worlds to sample."),
        click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the draws."),
    ):  # fmt: skip
        command = option(command)
    return command


def open_named(path: Path, *, prices: Path | None, allow_outside: bool) -> tuple[Study, str]:
    """The study, and which prices it was opened with."""
    from breakeven.prices import current_book, load_book
    from breakeven.study import open_study

    book = load_book(prices) if prices else current_book()
    study = open_study(path, today=today(), book=book, allow_outside=allow_outside)
    return study, f"{book.as_of.isoformat()}, {book.source.reference}"


def decided(
    path: Path, *, seed: int, draws: int, point: bool, prices: Path | None, allow_outside: bool
) -> Decision:
    """The decision on the study at this path."""
    from breakeven.threads import compute_on_one_thread

    compute_on_one_thread()  # before anything loads the linear algebra
    from breakeven.advice.decide import decide
    from breakeven.cli.purchases import all_purchases
    from breakeven.cli.rules_file import all_rules

    study, as_of = open_named(path, prices=prices, allow_outside=allow_outside)
    return decide(
        study, draws=1 if point else draws, seed=seed, prices_as_of=as_of, rules=all_rules(), purchases=all_purchases()
    )  # fmt: skip


def print_json(data: object) -> None:
    """Strict JSON: infinities and NaN are never written, and no character that a terminal acts on."""
    import json

    from breakeven.report.text import harmless_json

    click.echo(harmless_json(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)))


def print_told(told: Iterable[tuple[str, str]]) -> None:
    """Labels and what there is to say of each, wrapped to the terminal beside them."""
    import textwrap

    from breakeven.cli.eval_results import page_width, say
    from breakeven.report.text import clean

    for label, text in told:
        lines = textwrap.wrap(
            clean(text), page_width(), initial_indent=label.ljust(12), subsequent_indent=" " * 12,
            break_on_hyphens=False,
        )  # fmt: skip
        say("\n".join(lines) + "\n")
