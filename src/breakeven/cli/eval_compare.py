"""``breakeven eval compare``: candidates on the same cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breakeven.cli.eval_results import (
    level_option,
    margin_option,
    note_rejected,
    open_named_results,
    page_width,
    say,
)

if TYPE_CHECKING:
    from breakeven.evidence.evals.case import Cases
    from breakeven.evidence.evals.comparison import Comparison

__all__ = ["compare"]


@click.command()
@click.argument("results", nargs=-1, required=True, metavar="A B...")
@click.option("--reference", metavar="NAME", help="What the others are compared with [default: the first].")
@margin_option()
@level_option(shows=True)
@click.option(
    "--cases",
    "cases_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="The case file: for the texts of cases, and the fields that --segment names.",
)
@click.option(
    "--segment",
    "segment_field",
    metavar="FIELD",
    help="Break down by a field of the cases; left out: by the segments in the results.",
)
@click.option(
    "--versions",
    is_flag=True,
    help="The results are versions of one prompt, tried on these cases: correct the best for being picked.",
)
@click.option(
    "--worst",
    type=click.IntRange(0, 100),
    default=3,
    show_default=True,
    metavar="N",
    help="How many cases to show where a candidate fell furthest behind.",
)
@click.option(
    "--html",
    "html_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the page with its charts here.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the draws.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the page.")
def compare(
    results: tuple[str, ...], cases_file: Path | None, segment_field: str | None, html_file: Path | None,
    as_json: bool, **wanted: Any,
) -> None:  # fmt: skip
    """Say which candidate is better, by how much, how surely, and what would settle it.

    A, B, … are result files, names of results in evals/, or plain files: a CSV with `id` and `score` is enough. Only
    cases that both ran are compared; the others are listed.

    \b
    Examples:
      breakeven eval compare evals/prompt.json evals/small.json
      breakeven eval compare prompt small tuned --reference prompt --margin 0.5pt
      breakeven eval compare prompt.csv tuned.csv --json
      breakeven eval compare prompt small --segment subject --cases cases.jsonl --html compare.html
    """  # fmt: skip
    from dataclasses import replace

    opened = open_named_results(results)
    cases = None if cases_file is None else _read_cases(cases_file)
    found = _compared({name: o.result for name, o in opened.items()}, cases, segment_field, **wanted)
    found = replace(found, notes=(*note_rejected(opened), *found.notes))
    if html_file is not None:
        from breakeven.report.comparison_html import comparison_html
        from breakeven.report.write import write_text

        write_text(html_file, comparison_html(found))
    if as_json:
        from breakeven.cli.common import print_json
        from breakeven.evidence.evals.comparison_json import comparison_as_dict

        print_json(comparison_as_dict(found))
        return
    from breakeven.report.comparison_text import comparison_text

    say(comparison_text(found, width=page_width()))
    if html_file is not None:
        click.echo(f"Wrote {html_file}")


def _read_cases(path: Path) -> Cases:
    from breakeven.evidence.evals.reading_cases import read_cases

    return read_cases(path)


def _compared(
    results: dict[str, Any], cases: Cases | None, segment_field: str | None, *, versions: bool, **wanted: Any
) -> Comparison:
    from dataclasses import replace

    from breakeven.evidence.evals.comparing import compare as compared
    from breakeven.evidence.evals.segmenting import case_texts, segments_by

    field = segment_field or "segment"
    segments = None if segment_field is None else segments_by(field, results, cases)
    found = compared(
        results, segments=segments, segment_field=segment_field, versions_of_one=versions, **wanted
    )
    if cases is None:
        return found
    texts = case_texts(cases)
    shown = tuple(replace(r, input=r.input or texts.get(r.id)) for r in found.regressions)
    return replace(found, regressions=shown)
