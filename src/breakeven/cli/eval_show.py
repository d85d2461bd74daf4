"""``breakeven eval show``: one result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from breakeven.cli.eval_results import level_option, note_rejected, open_named_results, page_width, say

if TYPE_CHECKING:
    from breakeven.evidence.evals.result import EvalResult
    from breakeven.statistics.segments import Segments

__all__ = ["show"]


@click.command()
@click.argument("result", metavar="FILE")
@level_option()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(result: str, level: float, as_json: bool) -> None:
    """Show one result: its score and interval, where its error comes from, what failed, what it took.

    FILE is a result file, the name of a result in evals/, or a plain file of scores. Answers that could not be read
    count as wrong; calls that gave no answer are left out. A judge's cost stands apart.

    \b
    Examples:
      breakeven eval show evals/prompt.json
      breakeven eval show small --json
    """
    from breakeven.evidence.evals.summarising import summarise_result

    [(name, opened)] = open_named_results([result]).items()
    summary = summarise_result(name, opened.result, level=level)
    segments = _segments(opened.result, level)
    if as_json:
        from breakeven.cli.common import print_json
        from breakeven.evidence.evals.comparison_json import candidate_as_dict, segments_as_dict

        found = candidate_as_dict(summary) | {
            "candidate": name,
            "rejected": [str(p) for p in opened.rejected],
        }
        print_json(found | {"segments": None if segments is None else segments_as_dict(segments)})
        return
    from breakeven.report.result_text import result_text

    text = result_text(summary, segments, width=page_width())
    say(text + "".join(f"! {line}\n" for line in note_rejected({name: opened})))


def _segments(result: EvalResult, level: float) -> Segments | None:
    """Scores by segment, where at least three are known."""
    from breakeven.errors import NotEnoughEvidenceError
    from breakeven.evidence.evals.summarising import segment_scores

    try:
        return segment_scores(result, level=level)
    except NotEnoughEvidenceError:
        return None
