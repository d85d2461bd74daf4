"""What the commands on results share: finding them by name or file, margins, and what of a file was not used."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from breakeven.cli.common import share_of

if TYPE_CHECKING:
    from breakeven.evidence.evals.files import OpenedResult

__all__ = [
    "level_option",
    "margin_option",
    "note_rejected",
    "open_named_results",
    "page_width",
    "points_of",
    "say",
]

F = TypeVar("F", bound=Callable[..., Any])

_FOLDER: Final = Path("evals")
_SHOWN: Final = 3


def open_named_results(names: Iterable[str]) -> dict[str, OpenedResult]:
    """Candidate → its opened result. A name without a file is that of ``evals/NAME.json``."""
    from breakeven.evidence.evals.files import open_result

    opened: dict[str, OpenedResult] = {}
    for name in names:
        found = open_result(_find(name))
        opened[_free(found.result.candidate, Path(found.path).name.partition(".")[0], opened)] = found
    return opened


def _free(candidate: str, stem: str, taken: Mapping[str, Any]) -> str:
    """A name that none has yet: the candidate's, else its file's, else with a number."""
    if candidate not in taken:
        return candidate
    base = stem if stem != candidate else candidate
    name, k = base, 1
    while name in taken:
        k += 1
        name = f"{base}-{k}"
    return name


def _find(name: str) -> Path:
    """A result's file; raises InputError where neither a file nor a name fits."""
    from breakeven.errors import InputError, Problem, nearest

    path = Path(name)
    if path.exists() or "/" in name:
        return path
    kept = {file.stem: file for file in sorted(_FOLDER.glob("*.json"))} if _FOLDER.is_dir() else {}
    if name in kept:
        return kept[name]
    if path.suffix:
        return path  # opening it says that there is no such file, and what is near
    near = nearest(name, kept)
    there = ", ".join(list(kept)[:8]) if kept else f"no results in {_FOLDER}/"
    hint = f"nearest: {', '.join(near)}" if near else f"a file is needed, or a name of {_FOLDER}/: {there}"
    raise InputError(Problem(message=f"no result is called {name!r}", hint=hint))


def margin_option(default: str = "1pt") -> Callable[[F], F]:
    """``--margin``: how much worse is still good enough."""
    return click.option("--margin", callback=_margin, default=default, show_default=True, metavar="POINTS",
                        help="How much worse is still good enough: 1pt, 0.5pt.")  # fmt: skip


def _margin(ctx: click.Context, option: click.Parameter, value: str) -> float:
    return points_of(value)


def points_of(value: str) -> float:
    """A share from points as ``1pt``, ``0.5 points``; a bare number has two readings."""
    text = value.strip().lower()
    for ending in ("points", "point", "pts", "pt", "pp"):
        if text.endswith(ending):
            text = text.removesuffix(ending).strip()
            break
    else:
        raise click.BadParameter(f"{value!r}: write points, such as 1pt (0.01 of the score) or 0.5pt")
    try:
        points = float(text)
    except ValueError as exc:
        raise click.BadParameter(f"{value!r}: write points, such as 1pt or 0.5pt") from exc
    if not 0 < points < 100:
        raise click.BadParameter(f"{value!r}: a margin lies between 0 and 100 points")
    return points / 100


def level_option(*, shows: bool = False) -> Callable[[F], F]:
    """``--level``: of the intervals; ``shows``: and of what is called shown."""
    told = (
        "Of the intervals, and the probability at which a margin is shown." if shows else "Of the intervals."
    )
    return click.option(
        "--level", callback=_level, default="95%", show_default=True, metavar="SHARE", help=told
    )


def _level(ctx: click.Context, option: click.Parameter, value: str) -> float:
    level = share_of(value, like="95% or 0.95")
    if not 0.5 < level < 1:
        raise click.BadParameter(f"{value!r} is not between 50% and 100%")
    return level


def note_rejected(opened: Mapping[str, OpenedResult]) -> list[str]:
    """For each file with rows that are not used: how many, and the first of them."""
    lines = []
    for name, found in opened.items():
        if found.rejected:
            n = len(found.rejected)
            rows = "1 row is" if n == 1 else f"{n:,} rows are"
            first = "; ".join(
                f"line {p.place.line if p.place else '?'}: {p.message}" for p in found.rejected[:_SHOWN]
            )
            lines.append(f"{name}: {rows} not used: {first}" + ("; …" if n > _SHOWN else ""))
    return lines


def page_width() -> int:
    """As wide as the terminal, within what can be read."""
    return min(max(shutil.get_terminal_size((100, 24)).columns, 60), 120)


def say(text: str) -> None:
    """Print a page, in ASCII where the terminal knows no more."""
    from breakeven.report.text import as_ascii

    encoding = (sys.stdout.encoding or "ascii").lower()
    click.echo(text if encoding.startswith("utf") else "\n".join(map(as_ascii, text.split("\n"))), nl=False)
