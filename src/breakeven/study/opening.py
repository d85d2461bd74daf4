"""Opening a study: a folder with ``breakeven.yaml``, that file itself, or its text."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

from breakeven.errors import Place, Problem, StudyError
from breakeven.prices import PriceBook, load_book
from breakeven.study.folder import Folder
from breakeven.study.model import Study
from breakeven.study.problems import Problems, read_file
from breakeven.study.resolve import resolve
from breakeven.yaml_places import MAX_BYTES, load

__all__ = ["FILE_NAME", "open_study", "parse_study"]

FILE_NAME: Final = "breakeven.yaml"
_START: Final = "write `start: 2026-12`, or call open_study(…, today=datetime.date.today())"


def open_study(
    path: Path | str,
    *,
    today: dt.date | None = None,
    book: PriceBook | None = None,
    allow_outside: bool = False,
) -> Study:
    """The study in a folder or file.

    today: month 1 is the one after it where the study states no ``start``; None is right for a study that does. book:
    prices; None takes the packaged ones. allow_outside: lets the study name files outside its folder. Raises StudyError
    with every problem and its place.
    """
    file, data = _read(Path(path))
    folder = Folder(root=file.parent, allow_outside=allow_outside)
    return _parsed(data, str(file), today=today, book=book, folder=folder)


def parse_study(
    text: str | bytes,
    name: str = FILE_NAME,
    *,
    today: dt.date | None = None,
    book: PriceBook | None = None,
    folder: Path | None = None,
    allow_outside: bool = False,
) -> Study:
    """The study in a text; ``name`` stands in its problems. Without a folder it can name no file."""
    where = Folder(root=folder, allow_outside=allow_outside)
    return _parsed(text, name, today=today, book=book, folder=where)


def _parsed(
    data: str | bytes, name: str, *, today: dt.date | None, book: PriceBook | None, folder: Folder
) -> Study:
    problems = Problems(load(data, name))
    file = read_file(problems)
    study = None
    if file is not None:
        prices = load_book() if book is None else book
        day = today or file.start
        if day is None:
            problems.add(
                ("start",), "`start` is missing, and no date of today was given", _START, at_key=True
            )
            day = prices.as_of
        study = resolve(file, problems, today=day, book=prices, folder=folder)
    problems.raise_if_any()
    assert study is not None, "a study that could not be made has a problem"
    return study


def _read(path: Path) -> tuple[Path, bytes]:
    try:
        file = path / FILE_NAME if path.is_dir() else path
        if not file.is_file():
            raise StudyError(_missing(path, file))
        with file.open("rb") as opened:
            return file, opened.read(MAX_BYTES + 1)
    except (OSError, ValueError) as exc:
        problem = Problem(message=f"the study can not be read: {exc}", place=Place(file=str(path)))
        raise StudyError(problem) from exc


def _missing(path: Path, file: Path) -> Problem:
    if file.exists():
        return Problem(message="this is not a regular file", place=Place(file=str(file)))
    where = path.parent if path.suffix.lower() in {".yaml", ".yml"} else path
    return Problem(
        message="there is no study here", place=Place(file=str(file)),
        hint=f"`breakeven new {where}` writes one to start from",
    )  # fmt: skip
