"""``--embed`` of ``breakeven data check``: what vectors cost, a question before money is spent, and the asking."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from breakeven.evidence.training.check import CheckInput
    from breakeven.evidence.training.embedding import Embedded, Need

__all__ = ["vector_settings"]

_JOURNAL: Final = "embeddings.jsonl"


def vector_settings(
    given: CheckInput, model: str, folder: Path, *, yes: bool, budget_usd: float | None
) -> tuple[dict[str, Any], list[str]]:
    """Settings with the vectors of rows and cases, and notes for the page. Vectors are kept in ``folder``."""
    import asyncio

    import numpy as np

    from breakeven.evidence.evals.embedding.vectors import Vectors
    from breakeven.evidence.evals.journal import Journal, read_journal
    from breakeven.evidence.training.embedding import embed, embedding_need, leak_vectors, meanings
    from breakeven.prices import current_book

    path = folder / _JOURNAL
    need = embedding_need(given, model, Vectors(read_journal(path).embedded), current_book())
    _announce(need, path)
    if need.texts:
        _confirm(need, yes=yes, budget_usd=budget_usd)
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng()  # spreads retries in time; no result depends on it
        with Journal(path, now=_now) as journal, _progress(need) as told:
            made = asyncio.run(embed(need, journal, budget_usd=budget_usd, rng=rng, on_call=told))
        vectors, notes = made.vectors, _notes(made, need)
    else:
        vectors, notes = Vectors(read_journal(path).embedded), []
    settings: dict[str, Any] = {}
    if given.cases is not None:
        settings["vectors"] = leak_vectors(given, model, vectors)
    if given.logs is not None:
        settings["meaning"] = meanings(given, model, vectors)
    if not any(settings.values()):
        return {}, [*notes, f"{model} gave too few vectors: nothing is compared by meaning"]
    return {name: found for name, found in settings.items() if found is not None}, notes


def _announce(need: Need, path: Path) -> None:
    from breakeven.quantities import show_usd

    kept = f", {need.known:,} are kept in {path}" if need.known else ""
    if not need.texts:
        click.echo(f"Embedding: nothing is to be asked{kept}", err=True)
        return
    cost = (
        "which nobody bills" if not need.price.input_usd_per_mtok
        else f"about {show_usd(need.usd)}, at most {show_usd(need.most_usd)} ({need.price.source})"
    )  # fmt: skip
    click.echo(
        f"Embedding: {len(need.texts):,} texts by {need.model}, {need.tokens:,} tokens, {cost}{kept}",
        err=True,
    )


def _confirm(need: Need, *, yes: bool, budget_usd: float | None) -> None:
    if yes or not need.price.input_usd_per_mtok:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("this costs money, and nobody is there to be asked: add --yes.")
    stop = "" if budget_usd is None else f" It stops at ${budget_usd:g}."
    click.confirm(f"Embed them?{stop}", abort=True, err=True)


def _notes(made: Embedded, need: Need) -> list[str]:
    notes = []
    if made.stopped:
        notes.append(
            f"not all texts were embedded: {made.stopped}; those left out are compared by words only"
        )
    if made.failed:
        notes.append(f"{need.model} gave no vector of {made.failed:,} texts; they are compared by words only")
    return notes


@contextmanager
def _progress(need: Need) -> Iterator[Callable[[], None]]:
    """A line on standard error that counts calls, where a person looks on."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console

    from breakeven.evidence.evals.embedding.asking import batches

    calls, done = sum(1 for _ in batches(need.model, need.texts)), 0
    with Console(stderr=True, highlight=False, markup=False).status("") as status:

        def told() -> None:
            nonlocal done
            done += 1
            status.update(f"Embedding: {done:,} of {calls:,} calls")

        yield told


def _now() -> str:
    import datetime as dt

    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
