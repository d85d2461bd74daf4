"""``breakeven eval improve``: a better version of a prompt by search, and what it is worth on cases never seen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breakeven.cli.eval_results import page_width, say
from breakeven.cli.eval_run import _budget

if TYPE_CHECKING:
    from breakeven.evidence.evals.case import Case
    from breakeven.evidence.evals.improving.improve import Improvement, Tried
    from breakeven.evidence.evals.prompting import PromptVersion
    from breakeven.evidence.evals.suite import Candidate, Suite

__all__ = ["improve"]


@click.command()
@click.argument("suite", default=".", type=click.Path(path_type=Path))
@click.option(
    "--candidate", "name", metavar="NAME", help="Which candidate's prompt; needed where there are several."
)
@click.option("--budget", callback=_budget, metavar="USD", help="Never passed, earlier runs included.")
@click.option("--train", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Solved examples [default: the candidate's shots_from, else a third of the cases].")  # fmt: skip
@click.option("--method", type=click.Choice(["shots", "rewrite", "both"]), default="shots", show_default=True,
              help="Search for examples, for instructions, or both.")  # fmt: skip
@click.option(
    "--shots", type=click.IntRange(1, 100), default=8, show_default=True, help="Most examples in a prompt."
)
@click.option(
    "--tries", type=click.IntRange(1, 200), default=9, show_default=True, help="Sets of examples to try."
)
@click.option("--reflection", metavar="MODEL", help="The model that rewrites [default: the candidate's].")
@click.option("--calls", type=click.IntRange(10), default=600, show_default=True,
              help="Cases that rewriting may have answered.")  # fmt: skip
@click.option("--library", type=click.Path(path_type=Path, file_okay=False),
              help="Where the new version goes [default: the folder of the candidate's prompt].")  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the split and the search."
)
@click.option(
    "--prices", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Another price book."
)
@click.option("--allow-outside", is_flag=True, help="Let the suite name files outside its folder.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before spending.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the page.")
def improve(
    suite: Path, name: str | None, budget: str | None, train: Path | None, library: Path | None, prices: Path | None,
    allow_outside: bool, yes: bool, as_json: bool, **search: Any,
) -> None:  # fmt: skip
    """Search for a better version of a prompt, and measure it once on cases that the search never saw.

    The cases are split in parts, whole clusters at a time: versions are picked on one half, and the picked one is
    compared with its parent on the other. A killed search goes on where it ended and pays nothing twice. "No better" is
    an answer, and exits with 0.

    \b
    Examples:
      breakeven eval improve examples/evals-run --candidate small --budget 2 --yes
      breakeven eval improve . --candidate prompt --method both --reflection openai/gpt-4.1 --budget 5
    """
    from breakeven.evidence.evals.improving.improve import Settings
    from breakeven.evidence.evals.suite import open_suite

    opened = open_suite(suite, allow_outside=allow_outside, overrides={"budget": budget} if budget else None)
    candidate = _candidate(opened, name)
    settings = Settings(**search)
    _confirm(opened, candidate, settings, yes=yes)
    try:
        found = _searched(
            opened, candidate, _examples(opened, candidate, train), settings, prices, quiet=as_json
        )
    except KeyboardInterrupt:
        click.echo("Interrupted. The same command goes on, and pays nothing twice.", err=True)
        sys.exit(130)
    saved = _saved(found, library)
    if as_json:
        from breakeven.cli.common import print_json
        from breakeven.report.improvement_text import improvement_as_dict

        print_json(improvement_as_dict(found, saved))
        return
    from breakeven.report.improvement_text import improvement_text

    say(improvement_text(found, saved, width=page_width()))


def _candidate(suite: Suite, name: str | None) -> Candidate:
    """The candidate of this name, or the only one."""
    names = [one.name for one in suite.candidates]
    if name is None and len(names) == 1:
        return suite.candidates[0]
    if name not in names:
        raise click.UsageError(f"name a candidate with --candidate: {', '.join(names)}.")
    return suite.candidates[names.index(name)]


def _examples(suite: Suite, candidate: Candidate, train: Path | None) -> list[Case] | None:
    from breakeven.evidence.evals.suite import read_solved

    stated = candidate.settings.get("shots_from")
    path = train or (suite.root / str(stated) if stated else None)
    return None if path is None else read_solved(path)


def _confirm(suite: Suite, candidate: Candidate, settings: Any, *, yes: bool) -> None:
    """A search has no estimate but its budget: that is what is asked for."""
    if yes:
        return
    models = {candidate.model, settings.reflection or candidate.model}
    if suite.budget_usd is None:
        if all(model.startswith("fake/") for model in models):
            return
        raise click.UsageError("say what the search may cost: --budget 5")
    if not sys.stdin.isatty():
        raise click.UsageError("this costs money, and nobody is there to be asked: add --yes.")
    click.confirm(f"Spend up to ${suite.budget_usd:,.2f}?", abort=True, err=True)


def _searched(
    suite: Suite, candidate: Candidate, train: list[Case] | None, settings: Any, prices: Path | None, *, quiet: bool
) -> Improvement:  # fmt: skip
    from breakeven.cli.common import today
    from breakeven.cli.eval_run import _now
    from breakeven.evidence.evals.identity import cases_sha256
    from breakeven.evidence.evals.improving import improve as search
    from breakeven.evidence.evals.journal import Journal
    from breakeven.prices import current_book, load_book

    folder = suite.root / "evals" / "improve"
    unseen = f"unseen-{cases_sha256(suite.cases.cases)[:8]}-{settings.seed}.ledger.jsonl"

    def show(one: Tried) -> None:
        if not quiet:
            n = len(one.trial.scores)
            click.echo(f"  {100 * one.trial.mean:5.1f}% on {n:,} cases to pick on: {one.how}", err=True)

    with Journal(folder / "journal.jsonl", now=_now) as journal:
        return search(
            suite, candidate, train, journal=journal, book=load_book(prices) if prices else current_book(),
            today=today(), ledger=folder / unseen, budget_usd=suite.budget_usd, settings=settings, on_trial=show,
        )  # fmt: skip


def _saved(found: Improvement, library: Path | None) -> PromptVersion | None:
    """The new version, where it did better on the unseen cases, in the library; once, however often it is asked for."""
    from breakeven.evidence.evals.library import Library, body_of, read_library, save_version
    from breakeven.report.improvement_text import note_of

    if found.prompt is None or found.verdict == "no better":
        return None
    parent = found.parent.prompt
    if library is None:
        beside = Path(parent.path).parent
        library = beside.parent if beside.name == parent.name else beside
    known = read_library(library) if library.is_dir() else Library(folder=library, prompts={})
    for one in known.prompts.get(parent.name, ()):
        if one.sha256 == found.prompt.sha256:
            return one
    return save_version(known, parent, text=body_of(found.prompt), note=note_of(found))
