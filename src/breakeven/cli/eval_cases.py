"""``breakeven eval cases``: cases sampled from logs, and their labels read back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breakeven.cli.common import print_told

if TYPE_CHECKING:
    from breakeven.evidence.evals.labelling import Labelled
    from breakeven.evidence.evals.sampling import Sampled

__all__ = ["cases"]

_SHOWN = 10


@click.command()
@click.option("--from", "logs", multiple=True, metavar="LOGS", help="Logged calls with texts. Repeatable.")
@click.option(
    "-n", "n", type=click.IntRange(2, 100_000), default=300, show_default=True, help="Cases to take."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the sample.")
@click.option("--no-redact", is_flag=True, help="Keep personal data, keys and passwords as they stand.")
@click.option("--show-answers", is_flag=True, help="Show people what production answered, beside the label.")
@click.option(
    "--format", "format_name", metavar="NAME", help="The log format, where its keys do not tell it."
)
@click.option(
    "--map", "pairs", multiple=True, metavar="FIELD=COLUMN", help="Where a field stands. Repeatable."
)
@click.option(
    "--labels", "sheet", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="SHEET",
    help="Read a filled sheet back instead.",
)  # fmt: skip
@click.option(
    "--cases", "cases_file", type=click.Path(path_type=Path, dir_okay=False), default=Path("cases.jsonl"),
    show_default=True, metavar="FILE", help="With --labels: the cases that the sheet was made of.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Where the cases go [default: cases.jsonl; with --labels: cases-labelled.jsonl].",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def cases(
    logs: tuple[str, ...], sheet: Path | None, cases_file: Path, output: Path | None, force: bool, as_json: bool,
    **wanted: Any,
) -> None:  # fmt: skip
    """Take eval cases from logged calls, with a sheet for people to label; then read the sheet back.

    Cases are spread over features, instructions and lengths as the calls are; repeated and nearly repeated texts count
    once; personal data is masked where its form tells it. Without --show-answers the sheet does not say what production
    answered, since people tend to agree with what they are shown.

    \b
    Examples:
      breakeven eval cases --from logs/ -n 300
      breakeven eval cases --from 'logs/2026-03-*.jsonl.gz' -o cases.jsonl --show-answers
      breakeven eval cases --labels cases-labels.csv --cases cases.jsonl
    """
    if bool(logs) == (sheet is not None):
        raise click.UsageError(
            "say either --from LOGS, to take cases, or --labels SHEET, to read labels back."
        )
    if sheet is not None:
        _label(sheet, cases_file, output or cases_file.with_name(f"{cases_file.stem}-labelled.jsonl"),
               force=force, as_json=as_json)  # fmt: skip
    else:
        _take(logs, output or Path("cases.jsonl"), force=force, as_json=as_json, **wanted)


# ------------------------------------------------------------------------------------------------- from logs


def _take(
    logs: tuple[str, ...], output: Path, *, n: int, seed: int, no_redact: bool, show_answers: bool, force: bool,
    format_name: str | None, pairs: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    from breakeven.evidence.evals.labelling import write_cases, write_sheet

    sheet = output.with_name(f"{output.stem}-labels.csv")
    _free([output, sheet], force=force)
    found = _sample(logs, n, seed, format_name, pairs, masking=not no_redact)
    write_cases(output, found.cases)
    write_sheet(sheet, found.cases, found.answers if show_answers else None)
    if as_json:
        from breakeven.cli.common import print_json

        print_json(_taken_as_json(found, output, sheet))
        return
    print_told(_told(found, n, masking=not no_redact, shown=show_answers))
    print_told([("Wrote", f"{output}, and {sheet} for people to fill its column `expected`")])
    _echo(f"Next        breakeven eval cases --labels {sheet} --cases {output}")


def _free(paths: list[Path], *, force: bool) -> None:
    from breakeven.errors import InputError, Place, Problem

    there = [path for path in paths if path.exists()]
    if there and not force:
        raise InputError(
            *(Problem(message="is there already", place=Place(file=str(path))) for path in there),
            Problem(message="nothing was written", hint="--force replaces it; -o FILE writes elsewhere"),
        )


def _sample(
    logs: tuple[str, ...],
    n: int,
    seed: int,
    format_name: str | None,
    pairs: tuple[str, ...],
    *,
    masking: bool,
) -> Sampled:
    import tempfile

    import numpy as np

    from breakeven.evidence.calls.mapping import parse_mapping
    from breakeven.evidence.evals.sampling import sample_cases
    from breakeven.evidence.prompts.reading import find_prompts, read_prompts

    with tempfile.TemporaryDirectory() as folder:
        sources = find_prompts(
            logs, spool=Path(folder), format_name=format_name, mapping=parse_mapping(pairs)
        )
        prompts = read_prompts(sources, answers=True)
        return sample_cases(prompts, n, np.random.default_rng(seed), masking=masking)


def _told(found: Sampled, n: int, *, masking: bool, shown: bool) -> list[tuple[str, str]]:
    from breakeven.evidence.evals.sampling import FEWEST
    from breakeven.report.text import join

    taken = len(found.cases)
    told = [("CASES", f"{taken:,} of {found.n_calls:,} calls, from {found.n_strata:,} kinds of calls")]
    reasons = (
        (found.n_repeated, "repeats an earlier text", "repeat an earlier text"),
        (found.n_near, "is nearly another case", "are nearly another case"),
        (found.n_without_text, "has no text", "have no text"),
    )
    left = [f"{count:,} {one if count == 1 else many}" for count, one, many in reasons if count]
    told.append(("Left out", join(left) or "no call: none repeats another, nor nearly"))
    if masking:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in found.masked.items()) or "nothing was found"
        told.append(("Masked", f"{kinds}. Names and addresses are not masked: these texts are not anonymous"))
    else:
        told.append(("Masked", "nothing, as --no-redact says: personal data stands in these files"))
    clusters = len({case.cluster for case in found.cases if case.cluster})
    if clusters:
        gave = "1 session gave" if clusters == 1 else f"{clusters:,} sessions gave"
        told.append(("Clusters", f"{gave} more than one case; intervals count that"))
    if found.systems > 1:
        told.append(("Note", f"these calls ran under {found.systems:,} different system messages"))
    if taken < min(n, FEWEST):
        told.append(("Note", f"{FEWEST} cases are the least that tells candidates apart; {taken} are here"))
    if shown and not found.answers:
        told.append(("Note", "the log keeps no answers: the column `suggestion` is empty"))
    return told


def _taken_as_json(found: Sampled, output: Path, sheet: Path) -> dict[str, Any]:
    return {
        "cases": len(found.cases), "calls": found.n_calls, "repeated": found.n_repeated, "near": found.n_near,
        "without_text": found.n_without_text, "strata": found.n_strata, "masked": dict(found.masked),
        "answers": len(found.answers), "file": str(output), "sheet": str(sheet),
    }  # fmt: skip


# -------------------------------------------------------------------------------------------------- labels


def _label(sheet: Path, cases_file: Path, output: Path, *, force: bool, as_json: bool) -> None:
    from breakeven.errors import NotEnoughEvidenceError
    from breakeven.evidence.evals.labelling import read_labels, write_cases
    from breakeven.evidence.evals.reading_cases import read_cases

    _free([output], force=force)
    found = read_labels(sheet, read_cases(cases_file).cases)
    if found.cases:
        write_cases(output, found.cases)
    if as_json:
        from breakeven.cli.common import print_json

        print_json({
            "labelled": len(found.cases), "unlabelled": list(found.unlabelled),
            "problems": list(map(str, found.problems)), "file": str(output) if found.cases else None,
        })  # fmt: skip
    else:
        print_told(_read_back(found))
    if not found.cases:
        raise NotEnoughEvidenceError(f"{sheet}: no case is labelled yet: fill the column `expected`")
    if not as_json:
        print_told([("Wrote", f"{output}, the labelled cases")])


def _read_back(found: Labelled) -> list[tuple[str, str]]:
    n = len(found.cases)
    told = [("LABELS", f"{n:,} {'case is' if n == 1 else 'cases are'} labelled")]
    if found.unlabelled:
        first = ", ".join(found.unlabelled[:_SHOWN]) + (", …" if len(found.unlabelled) > _SHOWN else "")
        told.append(("No label", f"{len(found.unlabelled):,}: {first}"))
    if found.problems:
        told.append(
            (
                "Not used",
                "1 row or label" if len(found.problems) == 1 else f"{len(found.problems):,} rows or labels",
            )
        )
        told += [("", str(problem).replace("\n    ", "; ")) for problem in found.problems[:_SHOWN]]
    return told


# --------------------------------------------------------------------------------------------------- lines


def _echo(text: str) -> None:
    from breakeven.cli.eval_results import say

    say(text + "\n")
