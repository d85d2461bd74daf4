"""``breakeven data check``: is training data worth training on."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from breakeven.cli.common import today

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from breakeven.evidence.training.audit import DataAudit
    from breakeven.evidence.training.check import Check, Text
    from breakeven.evidence.training.row import TrainingData

__all__ = ["check"]

_SETTINGS: Final = ("label-accuracy", "class-rows", "similarity", "edge-column", "audit", "vectors-cosine")
"""What can be set besides the threshold of each check."""


def _range(ctx: click.Context, option: click.Parameter, value: str) -> tuple[int, int]:
    """``3`` or ``2..4``, from 1."""
    low, dots, high = value.partition("..")
    try:
        ends = (int(low), int(high) if dots else int(low))
    except ValueError as exc:
        raise click.BadParameter(f"{value!r}: write a whole number or a range, 3 or 2..4") from exc
    if not 1 <= ends[0] <= ends[1]:
        raise click.BadParameter(f"{value!r}: from 1, the smaller first")
    return ends


@click.command()
@click.argument("train", nargs=-1, required=True, metavar="TRAIN...")
@click.option("--eval", "cases", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="CASES",
              help="The eval's cases: none of them may stand in the training data.")  # fmt: skip
@click.option("--eval-map", "case_columns", multiple=True, metavar="FIELD=COLUMN",
              help="Where a case's question or label stands. Repeatable.")  # fmt: skip
@click.option("--result", metavar="RESULT",
              help="An eval's result on these cases: what the score is without leaked ones.")  # fmt: skip
@click.option("--embed", metavar="MODEL",
              help="Compare cases and logs with rows by meaning too, with this embedding model; needs -o.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Pay for --embed without being asked.")
@click.option("--budget", "budget_usd", type=click.FloatRange(0, min_open=True), metavar="USD",
              help="The most that --embed may spend.")  # fmt: skip
@click.option("--ner", metavar="MODEL_OR_FOLDER",
              help="A spaCy model of this machine: look for names, places and addresses too.")  # fmt: skip
@click.option("--logs", multiple=True, metavar="LOGS", help="Logs of production, with texts. Repeatable.")
@click.option("--host", "hosts", multiple=True, metavar="HOST",
              help="Where to train: openai, azure, vertex, together, fireworks, trl. Repeatable.")  # fmt: skip
@click.option("--model", metavar="MODEL", help="The base: its vocabulary, limits and price.")
@click.option("--epochs", callback=_range, default="2..4", show_default=True, metavar="N..M",
              help="Passes over the data in a run.")  # fmt: skip
@click.option("--runs", callback=_range, default="3..10", show_default=True, metavar="N..M",
              help="Runs until one is good enough.")  # fmt: skip
@click.option("--map", "columns", multiple=True, metavar="FIELD=COLUMN",
              help="Where a field of the rows stands. Repeatable.")  # fmt: skip
@click.option(
    "--format", "format_name", metavar="NAME", help="The rows' format, where their keys do not tell it."
)
@click.option("--only", multiple=True, metavar="CHECK", help="Run only this check. Repeatable.")
@click.option("--set", "pairs", multiple=True, metavar="CHECK=VALUE",
              help="Another threshold: duplicates=2%, label-accuracy=98%. Repeatable.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Write data.json and the flagged rows here.")  # fmt: skip
@click.option("--strict", is_flag=True,
              help="Stop at the first row that can not be read; exit with 3 unless every check passes.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of what is drawn.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the page.")
def check(
    train: tuple[str, ...], columns: tuple[str, ...], format_name: str | None, strict: bool,
    output: Path | None, as_json: bool, **wanted: Any,
) -> None:  # fmt: skip
    """Say whether training data is ready: what fails, what nobody can tell yet, and what training would cost.

    TRAIN is files, folders, globs, or - for standard input: chat messages, preference pairs, prompt and completion,
    ShareGPT, Alpaca, questions and answers, or any table by its columns; JSON Lines, JSON, CSV or Parquet, plain or
    gzip. Rows that can not be read are listed with their lines, and the others are used.

    \b
    Examples:
      breakeven data check train.jsonl --eval cases.jsonl
      breakeven data check train.jsonl --eval cases.jsonl --logs logs/ --host openai -o evidence/data
      breakeven data check train.csv --map question=ticket --map label=queue --json
      breakeven data check train.jsonl --only format --only length --host azure --model gpt-4.1-mini
    """
    from breakeven.evidence.training.reading import parse_columns, read_training

    data = read_training(train, mapping=parse_columns(columns), format=format_name, strict=strict)
    audit = _audited(data, columns, quiet=as_json, output=output, **wanted)
    if as_json:
        from breakeven.cli.common import print_json
        from breakeven.evidence.training.audit_file import audit_as_dict

        print_json(audit_as_dict(audit, folder=output))
    else:
        _show(audit, output)
    if strict and audit.readiness != "ready":
        click.echo(f"{audit.readiness}: --strict asks that every check passes", err=True)
        click.get_current_context().exit(3)


def _audited(
    data: TrainingData, columns: tuple[str, ...], *, cases: Path | None, case_columns: tuple[str, ...],
    result: str | None, logs: tuple[str, ...], only: tuple[str, ...], pairs: tuple[str, ...], output: Path | None,
    quiet: bool, seed: int, embed: str | None, yes: bool, budget_usd: float | None, ner: str | None, **wanted: Any,
) -> DataAudit:  # fmt: skip
    from dataclasses import replace

    from breakeven.evidence.training.checking import check_data
    from breakeven.evidence.training.checks import data_checks, named_checks
    from breakeven.prices import current_book

    checks = named_checks(only) if only else data_checks()
    named = {"eval": None if cases is None else str(cases), "ner": ner, "map": columns}
    settings = _settings(pairs) | _scores(result) | {name: value for name, value in named.items() if value}
    asked, notes = _texts(data, cases, case_columns, logs, seed)
    if embed is not None:
        more, said = _vectors(data, asked, embed, output, seed=seed, yes=yes, budget_usd=budget_usd)
        settings |= more
        notes += said
    with _progress(len(checks), quiet=quiet) as starts:
        audit = check_data(
            data, book=current_book(), cases=asked["cases"], logs=asked["logs"], settings=settings, seed=seed,
            checks=checks, on=today(), starts=starts, **wanted,
        )  # fmt: skip
        audit = replace(audit, notes=(*audit.notes, *notes))
    return audit if output is None else _write(audit, output)


def _vectors(
    data: TrainingData, asked: dict[str, Sequence[Text] | None], model: str, output: Path | None, *, seed: int,
    **paying: Any,
) -> tuple[dict[str, Any], list[str]]:  # fmt: skip
    """Vectors of rows and cases for the check of leakage, of rows and logs for the match with production."""
    from breakeven.cli.data_embed import vector_settings
    from breakeven.evidence.training.check import CheckInput

    if asked["cases"] is None and asked["logs"] is None:
        raise click.UsageError(
            "--embed compares cases or logs with rows: name the cases with --eval, or --logs."
        )
    if output is None:
        raise click.UsageError(
            "--embed keeps its vectors, so that none is paid for twice: say where with -o."
        )
    return vector_settings(
        CheckInput(train=data, cases=asked["cases"], logs=asked["logs"], seed=seed), model, output, **paying
    )


def _settings(pairs: tuple[str, ...]) -> dict[str, Any]:
    """``duplicates=2%`` as name → value; a name that nothing has is an error."""
    from breakeven.errors import nearest
    from breakeven.evidence.training.checks import data_checks

    known = [*(one.name for one in data_checks()), *_SETTINGS]
    found: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = (part.strip() for part in pair.partition("="))
        if not sign or not value:
            raise click.BadParameter(
                f"{pair!r}: write CHECK=VALUE, such as duplicates=2%", param_hint="--set"
            )
        if name not in known:
            near = nearest(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
            raise click.BadParameter(f"nothing is called {name!r}; {hint}", param_hint="--set")
        found[name] = value if name in ("edge-column", "audit") else _number(value, pair)
    return found


def _number(value: str, pair: str) -> float:
    try:
        return float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
    except ValueError as exc:
        raise click.BadParameter(
            f"{pair!r}: a share such as 2% or a number is needed", param_hint="--set"
        ) from exc


def _scores(result: str | None) -> dict[str, Any]:
    """The mean score of each case, by its id."""
    if result is None:
        return {}
    from breakeven.cli.eval_results import open_named_results

    [opened] = open_named_results([result]).values()
    runs: dict[str, list[float]] = {}
    for run in opened.result.runs:
        if run.score is not None:
            runs.setdefault(run.id, []).append(run.score)
    return {"scores": {case: sum(scores) / len(scores) for case, scores in runs.items()}}


def _texts(
    data: TrainingData, cases: Path | None, case_columns: tuple[str, ...], logs: tuple[str, ...], seed: int
) -> tuple[dict[str, Sequence[Text] | None], list[str]]:
    """What the eval asks and what production was asked, and what a reader should know of it."""
    from breakeven.evidence.training.outside import case_texts
    from breakeven.evidence.training.reading import parse_columns

    asked: Sequence[Text] | None = None
    notes: list[str] = []
    if cases is not None:
        found = case_texts(cases, columns=parse_columns(case_columns), like=data.mapping)
        asked = found.texts
        notes += found.notes
    elif case_columns:
        raise click.UsageError("--eval-map says where things stand in the cases: name them with --eval.")
    said, more = _production(data, logs, seed)
    return {"cases": asked, "logs": said}, [*notes, *more]


def _production(
    data: TrainingData, logs: tuple[str, ...], seed: int
) -> tuple[Sequence[Text] | None, tuple[str, ...]]:  # fmt: skip
    """The texts of logs of calls, or of plain tables of texts."""
    from breakeven.evidence.training.outside import log_texts, table_texts

    if not logs:
        return None, ()
    asked, calls = log_texts(logs, seed=seed)
    if asked is not None:
        return asked, ()
    table = table_texts(logs, like=data.mapping)
    if table is not None:
        return table.texts, table.notes
    return None, (f"the logs hold {calls:,} calls, but no texts: the match with production can not be told",)


@contextmanager
def _progress(n: int, *, quiet: bool) -> Iterator[Callable[[Check], None] | None]:
    """The name of each check on standard error while it runs, where a person looks on."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True, highlight=False, markup=False).status("") as status:
        done = 0

        def starts(check: Check) -> None:
            nonlocal done
            done += 1
            status.update(f"{done} of {n}: {check.title}")

        yield starts


def _write(audit: DataAudit, output: Path) -> DataAudit:
    from dataclasses import replace

    from breakeven.errors import EvidenceError, Place, Problem
    from breakeven.evidence.training.audit_file import write_audit
    from breakeven.evidence.training.sidecar import write_flagged

    try:
        output.mkdir(parents=True, exist_ok=True)
        audit = replace(audit, rows_files=write_flagged(output, audit.checks))
    except OSError as exc:
        place = Place(file=str(output))
        raise EvidenceError(Problem(message=f"can not be written: {exc.strerror}", place=place)) from exc
    write_audit(output, audit)
    return audit


def _show(audit: DataAudit, output: Path | None) -> None:
    from breakeven.cli.eval_results import page_width, say
    from breakeven.report.data_text import data_text

    say(data_text(audit, folder=output, width=page_width()))
    if output is not None:
        from breakeven.evidence.training.audit_file import NAME

        files = len(audit.rows_files)
        rows = f", and {files} {'file' if files == 1 else 'files'} of flagged rows beside it" if files else ""
        say(f"\nWrote {output / NAME}{rows}\n")
