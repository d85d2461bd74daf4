"""``breakeven eval run``: candidates on cases; estimated first, resumable, within a budget."""

from __future__ import annotations

import math
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from breakeven.evidence.evals.comparison import CandidateSummary
    from breakeven.evidence.evals.estimating import RunEstimate
    from breakeven.evidence.evals.holdout import Opened
    from breakeven.evidence.evals.journal import Journal
    from breakeven.evidence.evals.planning import Plan
    from breakeven.evidence.evals.running import Run
    from breakeven.evidence.evals.stopping import Settled

__all__ = ["run"]

_INTERRUPTED: Final = 130
_INCOMPLETE: Final = 3


def _budget(ctx: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Dollars: ``5``, ``'$5'``."""
    if value is None:
        return None
    text = value.strip()
    if not text or text.startswith("."):  # what a shell makes of $5, $0.50
        raise click.BadParameter("nothing was read: a shell takes $5 for a variable; write 5 or '$5'")
    try:
        return f"${float(text.removeprefix('$'))}"
    except ValueError:
        return text  # a quantity, read with its unit like the suite's own


@click.command()
@click.argument("suite", required=False, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Print the estimate and ask nobody.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before spending.")
@click.option(
    "--budget", callback=_budget, metavar="USD", help="Stop before this is passed, earlier runs included."
)
@click.option("--cases", type=click.Path(path_type=Path), help="Without a suite: the case file.")
@click.option(
    "--prompt",
    "prompts",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Without a suite: a prompt file. Repeatable.",
)
@click.option(
    "--model", "models", multiple=True, metavar="MODEL", help="Without a suite: PROVIDER/MODEL. Repeatable."
)
@click.option(
    "--score", metavar="SCORER", help="Without a suite: exact, normalised, json, '{regex: {pattern: …}}'."
)
@click.option("--max-output-tokens", type=click.IntRange(1), help="Without a suite: the longest answer.")
@click.option("--temperature", type=click.FloatRange(0, 2), help="Without a suite: of the sampling.")
@click.option("--repeats", type=click.IntRange(1, 1000), help="Runs of each case.")
@click.option("--concurrency", type=click.IntRange(1, 1000), help="Calls at once.")
@click.option("--seed", type=click.IntRange(0), help="Seed of the order of cases.")
@click.option(
    "--prices",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A price book to use instead of the one at hand.",
)
@click.option(
    "--allow-unpriced", is_flag=True, help="Run models without a known price; no budget holds for them."
)
@click.option("--allow-outside", is_flag=True, help="Let the suite name files outside its folder.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of results and journal [default: evals beside the suite].",
)
@click.option("--stop-early", is_flag=True, help="Of two candidates: stop when one is shown to be better.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def run(
    suite: Path | None, dry_run: bool, yes: bool, output: Path | None, as_json: bool, allow_unpriced: bool,
    stop_early: bool, prices: Path | None, **given: Any,
) -> None:  # fmt: skip
    """Run candidates on cases: estimated first, resumable, within a budget.

    SUITE is an eval.yaml, or a folder that holds one; the current folder when left out. Every answer is kept in a
    journal as it comes: the same command goes on where the last run ended, and repeats no call that was answered.

    Exit codes: 0 all scored, 3 some cases have no score (a budget, failures), 130 interrupted; 2 bad input.

    \b
    Examples:
      breakeven eval run examples/evals-run --dry-run
      breakeven eval run examples/evals-run --yes --budget 2
      breakeven eval run --cases examples/evals-run/cases.jsonl --model fake/one \\
          --prompt examples/evals-run/prompts/route.md --score exact
    """
    from breakeven.cli.eval_run_suite import suite_of
    from breakeven.evidence.evals.embedding.vectors import EMBEDDINGS, Vectors
    from breakeven.evidence.evals.journal import read_journal
    from breakeven.evidence.evals.planning import make_plan
    from breakeven.prices import current_book, load_book

    opened = suite_of(suite, given)
    folder = output or opened.root / "evals"
    book = load_book(prices) if prices else current_book()
    vectors = Vectors(read_journal(folder / EMBEDDINGS).embedded)
    plan = make_plan(opened, book=book, allow_unpriced=allow_unpriced, vectors=vectors)
    job = _Job(plan=plan, folder=folder, as_json=as_json, stop_early=stop_early)
    found = job.estimate()
    if dry_run:
        job.print_estimate(found)
        return
    if not as_json:
        job.print_estimate(found)
    _confirm(found, yes=yes)
    sys.exit(job.run())


def _confirm(found: RunEstimate, *, yes: bool) -> None:
    """Ask before money is spent; without somebody to ask, --yes has to say so."""
    free = found.usd is not None and found.usd.high == 0 and not found.unpriced
    if yes or free or not found.calls:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("this costs money, and nobody is there to be asked: add --yes.")
    click.confirm("Run it?", abort=True, err=True)


# --------------------------------------------------------------------------------------- the job


class _Job:
    """One run with what it prints and writes."""

    def __init__(self, *, plan: Plan, folder: Path, as_json: bool, stop_early: bool) -> None:
        from breakeven.evidence.evals.embedding.vectors import EMBEDDINGS

        self.plan = plan
        self.folder = folder
        self.journal_path = folder / "journal.jsonl"
        self.embeddings_path = folder / EMBEDDINGS
        self.as_json = as_json
        self.stop_early = stop_early
        self._estimated: dict[str, Any] = {}
        self._opened: Opened | None = None

    def estimate(self) -> RunEstimate:
        """What is to be asked, before anything is."""
        from breakeven.cli.eval_run_page import estimate_as_json

        found = self._left()
        self._estimated = estimate_as_json(self.plan, found)
        return found

    def _left(self) -> RunEstimate:
        """What is not answered yet."""
        from breakeven.evidence.evals.embedding.vectors import Vectors
        from breakeven.evidence.evals.estimating import estimate_run
        from breakeven.evidence.evals.journal import read_journal

        vectors = Vectors(read_journal(self.embeddings_path).embedded)
        return estimate_run(self.plan, read_journal(self.journal_path).answers, vectors)

    def print_estimate(self, found: RunEstimate) -> None:
        """The estimate, as a page or as JSON."""
        from breakeven.cli.common import print_json
        from breakeven.cli.eval_run_page import estimate_page

        if self.as_json:
            print_json({"estimate": self._estimated})
        else:
            _echo(estimate_page(self.plan, found, width=_width()))

    def run(self) -> int:
        """Ask, write and print; the exit code."""
        import asyncio
        from contextlib import ExitStack

        from breakeven.evidence.evals.embedding.needs import embedding_models
        from breakeven.evidence.evals.journal import Journal

        with ExitStack() as stack:
            journal = stack.enter_context(Journal(self.journal_path, now=_now))
            embeddings = None
            if embedding_models(self.plan.suite):
                embeddings = stack.enter_context(Journal(self.embeddings_path, now=_now))
            under_way = sum(journal.journalled.under_way[asked.key] for asked in self.plan.calls)
            if under_way:
                _say(f"{under_way:,} calls were under way when the last run was killed. They may have been paid for, "
                     "count against the budget at the most they can have cost, and are asked again.")  # fmt: skip
            for kept in (journal, embeddings) if embeddings else (journal,):
                for problem in kept.journalled.problems[:3]:
                    _say(str(problem))
            self._opened = self._opening()
            made = asyncio.run(self._asked(journal, embeddings))
        self.plan = made.plan
        return self._finish(made)

    def _opening(self) -> Opened | None:
        """Sealed cases are opened by what is asked of them: counted before the first answer."""
        from breakeven.cli.common import today
        from breakeven.evidence.evals.holdout import open_sealed

        suite = self.plan.suite
        names = [it.name for it in suite.candidates] + [it.name for it in suite.linear]
        keys = [*(asked.key for asked in self.plan.calls), *names, suite.scorer.title]
        return open_sealed(suite.cases, keys=keys, candidates=names, on=today().isoformat())

    async def _asked(self, journal: Journal, embeddings: Journal | None) -> Run:
        import numpy as np

        from breakeven.cli.eval_run_progress import interruptible, shown
        from breakeven.evidence.evals.executing import execute, opened

        rng = np.random.default_rng()  # spreads retries in time; no result depends on it
        provider = opened(self.plan, rng=rng)
        with shown(self.plan.most_calls, quiet=self.as_json) as show:
            return await execute(
                self.plan,
                journal,
                provider=provider,
                rng=rng,
                on_progress=show,
                on_start=interruptible,
                stop_early=self.stop_early,
                embeddings=embeddings,
            )

    def _finish(self, made: Run) -> int:
        from breakeven.cli.common import today
        from breakeven.cli.eval_run_linear import trained
        from breakeven.evidence.evals.calibrating import labelled_as_before
        from breakeven.evidence.evals.files import write_result
        from breakeven.evidence.evals.kept import recorded
        from breakeven.evidence.evals.running import results
        from breakeven.evidence.evals.summarising import summarise_result

        linear, unmade = trained(self.plan, made, say=(lambda text: None) if self.as_json else _say)
        found = recorded(self.folder, (*results(self.plan, made, date=today()), *linear), opened=self._opened)
        files = [self.folder / f"{result.candidate}.json" for result in found]
        found = tuple(labelled_as_before(path, result) for result, path in zip(found, files, strict=True))
        for result, path in zip(found, files, strict=True):
            write_result(path, result)
        summaries = [summarise_result(result.candidate, result) for result in found]
        left = sum(self._wanted - one.n_runs + one.n_not_scored for one in summaries)
        code = (
            _INTERRUPTED
            if made.stopped == "interrupted"
            else _INCOMPLETE
            if (left or unmade) and made.settled is None
            else 0
        )
        from breakeven.evidence.evals.classifying.running import said_of
        from breakeven.evidence.evals.embedding.comparing import said_of_similarity
        from breakeven.evidence.evals.retrieving.reporting import said_of as said_of_retrieval

        told = said_of_similarity(self.plan, made.compared, made.embedding.vectors)
        told += [text for one in found for text in said_of_retrieval(one)]
        told += [*unmade, *(text for one in linear for text in said_of(one))]
        self._print(made, summaries, files, self._said(made, left=left) + told)
        return code

    @property
    def _wanted(self) -> int:
        """Runs that each candidate is to make."""
        return len(self.plan.suite.cases.cases) * self.plan.suite.repeats

    def _print(
        self, made: Run, summaries: list[CandidateSummary], files: list[Path], said: list[str]
    ) -> None:
        from breakeven.cli.common import print_json
        from breakeven.cli.eval_run_page import result_page
        from breakeven.evidence.evals.comparison_json import candidate_as_dict

        title = self.plan.suite.scorer.title
        if self.as_json:
            print_json({
                "estimate": self._estimated, "scorer": title, "wanted_runs": self._wanted,
                "complete": all(one.result.complete for one in summaries), "stopped": made.stopped,
                "settled": None if made.settled is None else vars(made.settled),
                "spent_usd": made.progress.spent_usd, "calls": made.progress.calls,
                "journalled": made.progress.journalled, "answered": made.progress.answered,
                "journal": str(self.journal_path), "files": list(map(str, files)), "messages": said,
                "candidates": {one.name: candidate_as_dict(one) for one in summaries},
            })  # fmt: skip
            return
        _echo(
            result_page(summaries, wanted=self._wanted, title=title, files=files, said=said, width=_width())
        )
        # On one line each, however long: they are there to be copied.
        if made.settled is None and not all(
            one.result.complete and not one.n_not_scored for one in summaries
        ):
            _echo(f"Continue    {self._command(made)}")
        if len(files) > 1:
            _echo(f"Next        breakeven eval compare {shlex.join(map(str, files))}")

    def _said(self, made: Run, *, left: int) -> list[str]:
        """What happened beside the scores, and what to do now."""
        from breakeven.quantities import show_usd

        progress = made.progress
        asked = f"{progress.answered:,} calls answered now, {progress.journalled:,} before"
        said = [f"Spent: {show_usd(progress.spent_usd)} in all; {asked}"]
        said += [] if self._opened is None else [str(self._opened)]
        said += [f"Gave up: {name}: {error}" for name, error in made.given_up.items()]
        if made.stopped == "budget":
            said.append(f"Stopped: the next call could pass the budget; {self._remaining()}")
        elif made.settled is not None:
            said.append(f"Settled: {_settled(made.settled)}; {self._remaining()}")
        elif made.stopped == "interrupted":
            said.append(f"Stopped: interrupted; {self._remaining()}")
        if left and made.stopped is None:
            runs = "1 run has" if left == 1 else f"{left:,} runs have"
            said.append(f"Not scored: {runs} no score; the same command asks these again, and no other")
        return said

    def _remaining(self) -> str:
        found = self._left()
        calls = "1 call remains" if found.calls == 1 else f"{found.calls:,} calls remain"
        if found.usd is None:
            return calls
        from breakeven.quantities import show_usd

        return f"{calls}, about {show_usd(found.usd.value)} [{show_usd(found.usd.low)}, {show_usd(found.usd.high)}]"

    def _command(self, made: Run) -> str:
        """This command again; with a budget that lasts, where that was what stopped it."""
        words = ["breakeven", *sys.argv[1:]]
        if made.stopped == "budget":
            words = _without(words, "--budget")
            words += ["--budget", self._enough(made)]
        return shlex.join(words)

    def _enough(self, made: Run) -> str:
        found = self._left()
        needed = made.progress.spent_usd + max(found.usd.high if found.usd else 0.0, found.most_usd or 0.0)
        digits = 1 - math.floor(math.log10(needed)) if needed > 0 else 2
        return f"{math.ceil(needed * 10**digits) / 10**digits:.10g}"


def _settled(found: Settled) -> str:
    return (
        f"{found.better} is better than {found.worse}: of the first {found.cases:,} cases "
        f"it alone was right on {found.wins:,}, "
        f"the other on {found.losses:,} (e-value {found.e_value:,.0f}; 20 settles it at 5%). A run that stops when one "
        "leads overstates by how much; without --stop-early it goes on"
    )


def _without(words: list[str], option: str) -> list[str]:
    """The words without an option and its value."""
    kept: list[str] = []
    skip = False
    for word in words:
        if not skip and word != option and not word.startswith(f"{option}="):
            kept.append(word)
        skip = word == option
    return kept


def _now() -> str:
    import datetime as dt

    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


def _say(text: str) -> None:
    from breakeven.report.text import clean

    click.echo(clean(text), err=True)


def _echo(text: str) -> None:
    from breakeven.report.text import as_ascii

    encoding = (sys.stdout.encoding or "ascii").lower()
    click.echo(text if encoding.startswith("utf") else "\n".join(map(as_ascii, text.split("\n"))))


def _width() -> int:
    import shutil

    return min(max(shutil.get_terminal_size((100, 24)).columns, 60), 120)
