"""Results of other tools as results of ours: one file a tool, told by what is in the file.

``promptfoo``  results files
``inspect``    logs, ``.eval`` and ``.json``
``mlflow``     evaluation tables
``table``      any table of scores, by a map of its columns

To add a tool: write an ``Importer`` in a file of its own here, and enter it in ``IMPORTERS`` before ``TABLE``, which
takes any table; or name it as an entry point ``breakeven.eval_formats`` of your own package.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

from breakeven.errors import EvidenceError, InputError, Place, Problem, nearest
from breakeven.evidence.evals.importing.imported import Imported, Importer, Wishes
from breakeven.evidence.evals.importing.inspect import INSPECT
from breakeven.evidence.evals.importing.mlflow import MLFLOW
from breakeven.evidence.evals.importing.promptfoo import PROMPTFOO
from breakeven.evidence.evals.importing.source import Source
from breakeven.evidence.evals.importing.table import TABLE

__all__ = ["ENTRY_POINTS", "IMPORTERS", "Imported", "Importer", "Wishes", "import_results", "importers"]

IMPORTERS: Final[tuple[Importer, ...]] = (PROMPTFOO, INSPECT, MLFLOW, TABLE)
"""Ours, in the order in which they are asked whether a file is theirs."""
ENTRY_POINTS: Final = "breakeven.eval_formats"
"""Under this name other packages bring importers of their own."""


@cache
def importers() -> tuple[Importer, ...]:
    """Every known importer, those of other packages first, so that they can replace one of ours by its name."""
    found: dict[str, Importer] = {}
    for entry in entry_points(group=ENTRY_POINTS):
        loaded = entry.load()
        if not isinstance(loaded, Importer):
            raise EvidenceError(f"the entry point {entry.name!r} of {ENTRY_POINTS} is no Importer")
        found[loaded.name] = loaded
    return (*found.values(), *(importer for importer in IMPORTERS if importer.name not in found))


def import_results(path: Path, *, tool: str | None = None, wishes: Wishes | None = None) -> Imported:
    """The results in a file of another tool; raises EvidenceError where there are none.

    tool: the importer's name; left out, the file's content tells it. wishes: where fields stand, and the scale.
    """
    source, wishes = Source(path), wishes or Wishes()
    if "breakeven_eval" in source.document:
        source.fail(
            "this is a result file of Breakeven already", f"name it as it is: breakeven eval compare {path}"
        )
    importer = _named(tool) if tool is not None else _recognised(source)
    unknown = [name for name in wishes.columns if name not in importer.maps]
    if unknown:
        hint = f"of {importer.title}, these can be: {', '.join(importer.maps)}"
        raise InputError(Problem(message=f"`{unknown[0]}` can not be mapped", hint=hint))
    return importer.reads(source, wishes)


def _named(tool: str) -> Importer:
    by_name = {importer.name: importer for importer in importers()}
    if tool not in by_name:
        near = nearest(tool, by_name)
        hint = f"nearest: {near[0]}" if near else f"there are: {', '.join(by_name)}"
        raise InputError(Problem(message=f"no tool is called {tool!r}", hint=hint))
    return by_name[tool]


def _recognised(source: Source) -> Importer:
    for importer in importers():
        if importer.recognises(source):
            return importer
    if not source.is_zip and not source.document:
        source.records  # noqa: B018  - says what is wrong with the table
    known = ", ".join(importer.title for importer in importers())
    message, hint = "neither a log nor a table that is known", f"known are: {known}"
    raise EvidenceError(Problem(message=message, place=Place(file=source.file), hint=hint))
