"""``breakeven path``: what to do when, through which gates, and what to go back to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breakeven.cli.common import STUDY, study_options

if TYPE_CHECKING:
    from breakeven.advice.path_types import PathAdvice
    from breakeven.beliefs import Belief
    from breakeven.study.model import Study

__all__ = ["path"]


@click.command()
@STUDY
@study_options
@click.option(
    "--calendar",
    type=click.Choice(["at-once", "fast", "document-001", "document-004"]),
    help="Whose steps to show. Left out: the best way's.",
)
@click.option(
    "--drift",
    metavar="RATE",
    help="Quality that a tuned model loses without retraining, such as 0.1%..1%/month.",
)
@click.option(
    "--cases-per-month",
    type=click.FloatRange(0),
    default=50,
    show_default=True,
    help="Scored cases that arrive while one waits.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="FILE.html or FILE.json."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the page.")
def path(
    study: Path, output: Path | None, as_json: bool, calendar: str | None, drift: str | None, cases_per_month: float,
    **options: Any,
) -> None:  # fmt: skip
    """From today to the answer: steps with gates, dates, effort, cost, and what to go back to.

    Also what waiting 3, 6 or 12 months is worth, the best share and month for a hybrid, how often to retrain, and what
    happens on each date on which a model retires.

    \b
    Examples:
      breakeven path examples/loan-documents
      breakeven path my-feature --calendar document-001
      breakeven path my-feature --drift 0.2%..1%/month -o path.html
      breakeven path my-feature --json | jq .path.steps
    """
    render = None if output is None else _format(output)
    found = _found(study, calendar=calendar, drift=drift, cases_per_month=cases_per_month, **options)
    if output is not None and render is not None:
        from breakeven.report.write import write_text

        write_text(output, render(found))
    if as_json:
        from breakeven.cli.common import print_json
        from breakeven.report.path_json import to_dict

        print_json(to_dict(found))
        return
    _show(found)
    if output is not None:
        click.echo(f"Wrote {output}")


def _found(
    folder: Path, *, seed: int, draws: int, point: bool, prices: Path | None, allow_outside: bool, calendar: str | None,
    drift: str | None, cases_per_month: float,
) -> PathAdvice:  # fmt: skip
    from breakeven.advice.path import find_path
    from breakeven.advice.ranking import rank
    from breakeven.cli.common import open_named
    from breakeven.economics import simulate

    believed = None if drift is None else _drift(drift)
    study, _ = open_named(folder, prices=prices, allow_outside=allow_outside)
    _fits(study, calendar)
    worlds = study.centres() if point else study.sample(draws, seed)
    ranking = rank(study, simulate(study, worlds))
    return find_path(
        study, worlds, ranking, seed=seed, drift=believed, cases_per_month=cases_per_month, calendar=calendar
    )


def _fits(study: Study, calendar: str | None) -> None:
    """Refuse a calendar that ends past the horizon."""
    from breakeven.economics.options.staging import CALENDARS

    asked = next((c for c in CALENDARS if c.key == calendar), None)
    if asked is not None and asked.full_month >= study.horizon_months:
        raise click.BadParameter(
            f"{calendar} needs {asked.full_month + 1} months; the horizon is {study.horizon_months}",
            param_hint="'--calendar'",
        )


def _drift(text: str) -> Belief:
    from breakeven.beliefs import Source, from_text
    from breakeven.errors import QuantityError

    try:
        return from_text("drift", "monthly rate", text, Source(kind="stated", reference="--drift"))
    except QuantityError as exc:
        raise click.BadParameter(
            f"{text!r} is no rate; write 0.1%..1%/month", param_hint="'--drift'"
        ) from exc


def _format(output: Path) -> Any:
    suffix = output.suffix.lower()
    if suffix == ".html":
        from breakeven.report.path_html import to_html

        return to_html
    if suffix == ".json":
        import json

        from breakeven.report.path_json import to_dict
        from breakeven.report.text import harmless_json

        return lambda p: (
            harmless_json(json.dumps(to_dict(p), indent=2, ensure_ascii=False, allow_nan=False)) + "\n"
        )
    raise click.BadParameter(f"{output.name}: a path is written as .html or .json", param_hint="'-o'")


def _show(found: PathAdvice) -> None:
    import shutil
    import sys

    from breakeven.report.path_text import path_text
    from breakeven.report.text import as_ascii

    text = path_text(found, width=min(max(shutil.get_terminal_size((100, 24)).columns, 60), 120))
    encoding = (sys.stdout.encoding or "ascii").lower()
    click.echo(text if encoding.startswith("utf") else "\n".join(map(as_ascii, text.split("\n"))), nl=False)
