"""``breakeven decide``: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from breakeven.cli.common import STUDY, decided, print_json, study_options

__all__ = ["decide"]


@click.command()
@STUDY
@study_options
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON; no page, no report.")
@click.option("--strict", is_flag=True, help="Exit with code 3 where the evidence does not allow an answer.")
@click.option("--no-report", is_flag=True, help="Do not write report.html beside the study.")
def decide(study: Path, as_json: bool, strict: bool, no_report: bool, **options: Any) -> None:
    """Fine-tune, or keep improving the prompt?

    STUDY is a folder with breakeven.yaml, or a study file; the current folder when left out.

    \b
    Examples:
      breakeven decide examples/loan-documents
      breakeven decide my-feature --json | jq .recommendation
      breakeven decide my-feature --strict && deploy
      breakeven decide my-feature --point        # no uncertainty, to check by hand
    """
    decision = decided(study, **options)
    if as_json:
        from breakeven.report.as_json import to_dict

        print_json(to_dict(decision))
    else:
        from breakeven.report.terminal import show
        from breakeven.report.write import write

        show(decision)
        if not no_report:
            target = (study if study.is_dir() else study.parent) / "report.html"
            write(decision, target)
            click.echo(f"With charts: {target}")
    if strict and not decision.recommendation.enough_evidence:
        from breakeven.errors import NotEnoughEvidenceError

        raise NotEnoughEvidenceError("; ".join(decision.recommendation.missing_evidence))
