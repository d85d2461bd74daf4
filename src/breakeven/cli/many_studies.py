"""``breakeven decide`` with several studies: their next steps under one budget."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from breakeven.cli.common import decided, print_json

__all__ = ["budget", "decide_many"]


def budget(text: str | None) -> float | None:
    """Dollars as written: ``$50K``."""
    from breakeven.errors import QuantityError
    from breakeven.quantities import KINDS, read

    if text is None:
        return None
    try:
        found = read(text, KINDS["money"])
    except QuantityError as exc:
        raise click.BadParameter(f"{text!r} is no sum of money; write $50K", param_hint="'--budget'") from exc
    if not found.is_point:
        raise click.BadParameter(
            f"{text!r} is a range; a budget is one sum, such as $50K", param_hint="'--budget'"
        )
    return found.low


def decide_many(
    studies: Sequence[Path],
    *,
    as_json: bool,
    strict: bool,
    output: Path | None,
    limit: str | None,
    **options: Any,
) -> None:
    """Decide each, rank their next steps, print. A study that can not be read is named, and the exit code is 2."""
    from breakeven.advice.portfolio import portfolio
    from breakeven.errors import BreakevenError, InputError, NotEnoughEvidenceError

    usd = budget(limit)
    if output is not None and output.suffix.lower() not in {".html", ".json"}:
        raise click.BadParameter(
            f"{output.name}: a portfolio is written as .html or .json", param_hint="'-o'"
        )
    decisions, unread = {}, {}
    studies = _only_studies(studies)
    for k, study in enumerate(studies, start=1):
        _progress(f"{k}/{len(studies)} {study}")
        try:
            decisions[str(study)] = decided(study, **options)
        except BreakevenError as error:
            unread[str(study)] = str(error).splitlines()[0]
    _progress("")
    found = portfolio(decisions, budget_usd=usd, unread=unread)
    _show(found, as_json=as_json, output=output)
    if unread:
        raise InputError(f"{len(unread)} of {len(studies)} studies could not be read")
    weak = [step.study for step in found.steps if not step.enough_evidence]
    if strict and weak:
        raise NotEnoughEvidenceError("; ".join(weak))


def _only_studies(paths: Sequence[Path]) -> list[Path]:
    """What ``studies/*`` names besides studies (notes, logs) is said and passed over."""
    other = [p for p in paths if p.exists() and not _is_study(p)]
    if other:
        click.echo(f"Passed over, no study there: {', '.join(map(str, other))}", err=True)
    return [p for p in paths if p not in other]


def _is_study(path: Path) -> bool:
    return (path / "breakeven.yaml").exists() if path.is_dir() else path.suffix.lower() in {".yaml", ".yml"}


def _progress(text: str) -> None:
    """One line on a screen's standard error; nothing in a pipe."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text}", err=True, nl=False)


def _show(found: Any, *, as_json: bool, output: Path | None) -> None:
    import shutil

    from breakeven.report.portfolio_text import portfolio_html, portfolio_text, to_dict
    from breakeven.report.text import as_ascii

    if output is not None:
        import json

        from breakeven.report.text import harmless_json
        from breakeven.report.write import write_text

        data = json.dumps(to_dict(found), indent=2, ensure_ascii=False, allow_nan=False)
        write_text(
            output, portfolio_html(found) if output.suffix.lower() == ".html" else harmless_json(data) + "\n"
        )
    if as_json:
        print_json(to_dict(found))
        return
    text = portfolio_text(found, width=min(max(shutil.get_terminal_size((100, 24)).columns, 60), 120))
    encoding = (sys.stdout.encoding or "ascii").lower()
    click.echo(text if encoding.startswith("utf") else "\n".join(map(as_ascii, text.split("\n"))), nl=False)
    if output is not None:
        click.echo(f"Wrote {output}")
