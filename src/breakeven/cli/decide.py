"""``breakeven decide``: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from breakeven.cli.common import decided, print_json, study_options

__all__ = ["decide"]


@click.command()
@click.argument("studies", nargs=-1, metavar="[STUDY]...", type=click.Path(path_type=Path))
@study_options
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON; no page, no report.")
@click.option("--strict", is_flag=True, help="Exit with code 3 where the evidence does not allow an answer.")
@click.option("--no-report", is_flag=True, help="Do not write report.html beside the study.")
@click.option(
    "--budget", "limit", metavar="MONEY", help="With several studies: what their next steps may cost."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With several studies: FILE.html or FILE.json.",
)
def decide(
    studies: tuple[Path, ...], as_json: bool, strict: bool, no_report: bool, limit: str | None, output: Path | None,
    **options: Any,
) -> None:  # fmt: skip
    """Fine-tune, or keep improving the prompt?

    STUDY is a folder with breakeven.yaml, or a study file; the current folder when left out. Several are ranked by what
    their next steps gain for a dollar.

    \b
    Examples:
      breakeven decide examples/loan-documents
      breakeven decide my-feature --json | jq .recommendation
      breakeven decide my-feature --strict && deploy
      breakeven decide my-feature --point        # no uncertainty, to check by hand
      breakeven decide studies/* --budget '$50K' # many studies, one budget
    """
    if len(studies) > 1:
        from breakeven.cli.many_studies import decide_many

        decide_many(studies, as_json=as_json, strict=strict, output=output, limit=limit, **options)
        return
    if limit is not None or output is not None:
        raise click.UsageError(
            "--budget and -o are for several studies; `breakeven report -o` writes one decision."
        )
    study = studies[0] if studies else Path()
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
