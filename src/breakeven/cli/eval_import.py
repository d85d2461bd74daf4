"""``breakeven eval import``: other tools' results as result files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from breakeven.errors import Problem
    from breakeven.evidence.evals.importing import Imported
    from breakeven.evidence.evals.result import EvalResult

__all__ = ["import_"]

_SHOWN: Final = 8


def _columns(
    ctx: click.Context, option: click.Parameter, pairs: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """``score=gpt-4o,claude`` as field → columns; said again, a field gets more columns."""
    found: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        name, sign, columns = pair.partition("=")
        listed = tuple(column.strip() for column in columns.split(",") if column.strip())
        if not sign or not name.strip() or not listed:
            raise click.BadParameter(f"{pair!r}: write FIELD=COLUMN, such as id=question_id")
        found[name.strip()] = found.get(name.strip(), ()) + listed
    return found


def _scale(ctx: click.Context, option: click.Parameter, value: str | None) -> tuple[float, float] | None:
    if value is None:
        return None
    worst, dots, best = value.partition("..")
    try:
        ends = (float(worst), float(best))
    except ValueError as exc:
        raise click.BadParameter(f"{value!r}: write the worst and the best score, as 1..5") from exc
    if not dots or ends[0] == ends[1]:
        raise click.BadParameter(f"{value!r}: write the worst and the best score, as 1..5")
    return ends


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILES...")
@click.option(
    "--tool", metavar="NAME", help="promptfoo, inspect, mlflow or table, where the content does not tell."
)
@click.option(
    "--map",
    "columns",
    multiple=True,
    callback=_columns,
    metavar="FIELD=COLUMN",
    help="Where a field stands; several columns, or *, are several candidates. Repeatable.",
)
@click.option(
    "--scale", callback=_scale, metavar="WORST..BEST", help="The scores' scale, where it is not 0..1."
)
@click.option("--name", help="What the candidate is called, where the files hold one.")
@click.option("--no-texts", is_flag=True, help="Keep no inputs, outputs or explanations.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("evals"),
    show_default=True,
    metavar="DIR",
    help="Where the result files go, one a candidate.",
)
@click.option("--force", is_flag=True, help="Replace result files that are there.")
@click.option("--json", "as_json", is_flag=True, help="Print what was imported as JSON.")
def import_(
    files: tuple[Path, ...], tool: str | None, columns: dict[str, tuple[str, ...]],
    scale: tuple[float, float] | None, name: str | None, no_texts: bool, output: Path, force: bool, as_json: bool,
) -> None:  # fmt: skip
    """Read results of promptfoo, Inspect, MLflow, or any table, and write one result file for each candidate.

    The tool is told by the file's content. Duplicates, gaps and unreadable rows are listed, never dropped in
    silence. Fields that a table can be mapped by: id, candidate, score, repeats, repeat, cluster, segment, failure,
    input_tokens, cached_tokens, output_tokens, reasoning_tokens, latency_s, latency_ms, cost_usd, judge_cost_usd,
    input, output, note.

    \b
    Examples:
      breakeven eval import promptfoo-results.json
      breakeven eval import logs/2026-03-01_triage.eval --name small
      breakeven eval import scores.csv --map id=question_id --map score=correct
      breakeven eval import wide.csv.gz --map score=gpt-4o,claude -o evals/
      breakeven eval import mlflow.parquet --map score=correctness --scale 1..5
    """  # fmt: skip
    from breakeven.evidence.evals.importing import Wishes, import_results

    wishes = Wishes(columns=columns, scale=scale, texts=not no_texts)
    imports = {str(file): import_results(file, tool=tool, wishes=wishes) for file in files}
    named = _named(imports, name)
    paths = {candidate: output / f"{_slug(candidate)}.json" for candidate in named}
    _write(named, paths, force=force)
    if as_json:
        from breakeven.cli.common import print_json

        print_json(_as_json(imports, named, paths))
    else:
        _show(imports, named, paths)


def _named(imports: Mapping[str, Imported], name: str | None) -> dict[str, tuple[str, EvalResult]]:
    """Candidate → (file, result); a name that comes again gets a number."""
    from dataclasses import replace

    from breakeven.errors import InputError, Problem

    everything = [(file, result) for file, imported in imports.items() for result in imported.results]
    if name is not None and len(everything) > 1:
        shown = ", ".join(result.candidate for _, result in everything[:_SHOWN])
        raise InputError(
            Problem(message=f"--name {name!r}, but there are {len(everything)} candidates: {shown}",
                    hint="import them apart, or keep their names")
        )  # fmt: skip
    named: dict[str, tuple[str, EvalResult]] = {}
    taken: set[str] = set()
    for file, result in everything:
        base = name or result.candidate
        candidate, k = base, 1
        while _slug(candidate) in taken:
            k += 1
            candidate = f"{base}-{k}"
        taken.add(_slug(candidate))
        named[candidate] = (file, replace(result, candidate=candidate))
    return named


def _slug(name: str) -> str:
    """A candidate's name as the name of a file that every system takes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:100] or "candidate"


def _write(named: Mapping[str, tuple[str, EvalResult]], paths: Mapping[str, Path], *, force: bool) -> None:
    from breakeven.errors import InputError, Place, Problem
    from breakeven.evidence.evals.files import write_result

    there = [path for path in paths.values() if path.exists()]
    if there and not force:
        raise InputError(
            *(Problem(message="is there already", place=Place(file=str(path))) for path in there[:_SHOWN]),
            *([Problem(message=f"and {len(there) - _SHOWN:,} files more")] if len(there) > _SHOWN else []),
            Problem(message="nothing was written", hint="--force replaces them; -o DIR writes elsewhere"),
        )
    for folder in {path.parent for path in paths.values()}:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise InputError(
                Problem(message=f"can not be made: {exc}", place=Place(file=str(folder)))
            ) from exc
    for candidate, (_, result) in named.items():
        write_result(paths[candidate], result)


# --------------------------------------------------------------------------------------------------- the page


def _show(
    imports: Mapping[str, Imported], named: Mapping[str, tuple[str, EvalResult]], paths: Mapping[str, Path]
) -> None:
    from rich.cells import cell_len

    from breakeven.cli.eval_results import page_width
    from breakeven.report.plain_table import aligned
    from breakeven.report.text import clean

    for file, imported in imports.items():
        click.echo(f"{clean(file)}: {clean(imported.tool)}")
        mine = [(name, result) for name, (where, result) in named.items() if where == file]
        rows: list[tuple[str, ...]] = [
            ("candidate", "cases", "runs", "not scored", "score", "95%", "", "file")
        ]
        rows += [(*_row(name, result), clean(str(paths[name]))) for name, result in mine]
        if all(not row[3] for row in rows[1:]):
            rows = [(*row[:3], "", *row[4:]) for row in rows]
        table = aligned(rows, right=(1, 2, 3, 4))
        if (
            max(map(cell_len, table)) > page_width()
        ):  # the names of files are the candidates', which the table has
            table = aligned([row[:-1] for row in rows], right=(1, 2, 3, 4))
            folder = next(iter(paths.values())).parent
            table.append(f"  {len(mine):,} files in {clean(str(folder))}/")
        for line in table:
            click.echo(line)
        for note in imported.notes:
            click.echo(f"  note: {clean(note)}")
        for line in _listed(imported.problems, file):
            click.echo(line)


def _row(name: str, result: EvalResult) -> tuple[str, ...]:
    from breakeven.report.eval_figures import interval, percent
    from breakeven.report.text import clean
    from breakeven.statistics.intervals import clustered_wilson

    scored = [run for run in result.runs if run.score is not None]
    score, ends = "not scored", ""
    if scored:
        found = clustered_wilson([run.score or 0.0 for run in scored], cases=[run.id for run in scored],
                                 clusters=[run.cluster for run in scored])  # fmt: skip
        score, ends = percent(found.value), interval(found)
    cases = len({run.id for run in result.runs})
    state = "" if result.complete else "not complete"
    lost = len(result.runs) - len(scored)
    return clean(name), f"{cases:,}", f"{len(result.runs):,}", f"{lost:,}" if lost else "", score, ends, state


def _listed(problems: Iterable[Problem], file: str) -> list[str]:
    """The first of what could not be used, with its line, and how many more."""
    from breakeven.report.text import clean

    found = list(problems)
    lines = [f"  ! {clean(_where(problem, file) + problem.message)}" for problem in found[:_SHOWN]]
    hints = list(dict.fromkeys(problem.hint for problem in found[:_SHOWN] if problem.hint))
    if len(found) > _SHOWN:
        lines.append(f"  ! and {len(found) - _SHOWN:,} more (all with --json)")
    return lines + [f"    {clean(hint)}" for hint in hints]


def _where(problem: Problem, file: str) -> str:
    place = problem.place
    if place is None or (place.file == file and place.line is None):
        return ""
    within = place.file.removeprefix(file).removeprefix("!")
    return f"{within}: " if within else f"line {place.line}: "


def _as_json(
    imports: Mapping[str, Imported], named: Mapping[str, tuple[str, EvalResult]], paths: Mapping[str, Path]
) -> dict[str, Any]:
    return {
        "files": [
            {
                "file": file,
                "tool": imported.tool,
                "candidates": {
                    name: {
                        "path": str(paths[name]),
                        "cases": len({run.id for run in result.runs}),
                        "runs": len(result.runs),
                        "not_scored": sum(run.score is None for run in result.runs),
                        "complete": result.complete,
                    }
                    for name, (where, result) in named.items()
                    if where == file
                },
                "notes": list(imported.notes),
                "problems": [
                    {"place": None if p.place is None else str(p.place), "message": p.message, "hint": p.hint}
                    for p in imported.problems
                ],
            }
            for file, imported in imports.items()
        ]
    }
