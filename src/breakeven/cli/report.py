"""``breakeven report``: the decision as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breakeven.cli.common import STUDY, decided, open_named, study_options

if TYPE_CHECKING:
    from breakeven.study.model import Study

__all__ = ["report"]


@click.command()
@STUDY
@study_options
@click.option("-o", "--output", "output", type=click.Path(path_type=Path), required=True,
              help="FILE.html, FILE.pdf, FILE.xlsx, FILE.md or FILE.json.")  # fmt: skip
def report(study: Path, output: Path, **options: Any) -> None:
    """Write the decision: HTML, two pages of PDF, a workbook with live formulas, Markdown or JSON.

    \b
    Examples:
      breakeven report examples/loan-documents -o decision.html
      breakeven report my-feature -o decision.pdf
      breakeven report my-feature -o decision.xlsx   # change an input: totals and break-even follow
    """
    from breakeven.report.write import WORKBOOK, check_suffix, write

    check_suffix(output)
    decision = decided(study, **options)
    made_from = _opened(study, **options) if output.suffix.lower() == WORKBOOK else None
    write(decision, output, study=made_from)
    click.echo(f"Wrote {output}")


def _opened(path: Path, *, prices: Path | None, allow_outside: bool, **_: Any) -> Study:
    return open_named(path, prices=prices, allow_outside=allow_outside)[0]
