"""``breakeven explain``: any printed figure unfolded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from breakeven.cli.common import open_named, opening_options, print_json

__all__ = ["explain"]


@click.command()
@click.argument("figure", required=False)
@click.option("--study", "study", type=click.Path(path_type=Path), default=".", show_default=True,
              help="Folder with breakeven.yaml, or a study file.")  # fmt: skip
@click.option("--list", "list_all", is_flag=True, help="List the names of all figures.")
@click.option("--json", "as_json", is_flag=True, help="Print the unfolded figure as JSON.")
@opening_options
def explain(figure: str | None, study: Path, list_all: bool, as_json: bool, **options: Any) -> None:
    """Unfold FIGURE to its formula, the numbers put in, and its inputs with their sources.

    FIGURE is named as in `decide --json`; `candidates.` may be left out. Inputs have names too. Everything is computed
    with each belief at its centre, so that the arithmetic can be followed by hand.

    \b
    Examples:
      breakeven explain tuned.cost_usd --study examples/loan-documents
      breakeven explain tuned.lines.hosting --study my-feature
      breakeven explain workload.volume --study my-feature
      breakeven explain --list --study my-feature
    """
    from breakeven.economics.explain import explain as unfold
    from breakeven.economics.explain import figures

    opened, _ = open_named(study, prices=options["prices"], allow_outside=options["allow_outside"])
    if list_all or figure is None:
        names = figures(opened)
        if as_json:
            print_json(list(names))
        else:
            click.echo("\n".join(names))
        return
    explanation = unfold(opened, figure)
    from breakeven.report.explain import to_dict, to_text

    if as_json:
        print_json(to_dict(explanation))
        return
    from rich.console import Console

    console = Console()
    click.echo(to_text(explanation, width=min(console.width, 120), colour=console.is_terminal), nl=False)
