"""``breakeven report``: the decision as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from breakeven.cli.common import STUDY, decided, study_options

__all__ = ["report"]


@click.command()
@STUDY
@study_options
@click.option("-o", "--output", "output", type=click.Path(path_type=Path), required=True,
              help="FILE.html, FILE.md or FILE.json.")  # fmt: skip
def report(study: Path, output: Path, **options: Any) -> None:
    """Write the decision as HTML, Markdown or JSON.

    \b
    Examples:
      breakeven report examples/loan-documents -o decision.html
      breakeven report my-feature -o decision.md
    """
    from breakeven.report.write import write

    write(decided(study, **options), output)
    click.echo(f"Wrote {output}")
