"""Results that are kept when the next ones replace them: one file for each version, setting and set of cases.

``eval run`` writes ``evals/NAME.json`` anew every time. So that a history can be told, each complete result of a prompt
is kept as well, without its answers, under ``evals/history/PROMPT/``. The files are few and small, and belong into git.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from breakeven.errors import EvidenceError, InputError, Place, Problem
from breakeven.evidence.evals.files import read_result, write_result
from breakeven.evidence.evals.holdout import Opened
from breakeven.evidence.evals.result import EvalResult

__all__ = ["FOLDER", "PLANNED", "iterations_of", "keep_result", "kept_results", "recorded"]

FOLDER: Final = "history"
PLANNED: Final = "hold_out_planned"
"""The setting of a result that says how many openings of its sealed cases were planned."""
_BESIDE: Final = ("order_seed", PLANNED)
"""Settings that change nothing that is measured."""


def keep_result(folder: Path, result: EvalResult) -> Path | None:
    """Keep a complete result of a prompt under a folder of results; None: there is nothing to keep."""
    if result.prompt is None or not result.complete or not any(run.score is not None for run in result.runs):
        return None
    name = re.sub(r"[^\w.-]+", "-", result.prompt.name).lstrip(".")[:80] or "prompt"
    version = re.sub(r"[^\w.-]+", "-", result.prompt.version)[:40]
    path = folder / FOLDER / name / f"{version}-{_identity(result)[:8]}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise EvidenceError(
            Problem(message=f"can not be written: {exc}", place=Place(file=str(path)))
        ) from exc
    write_result(
        path, replace(result, runs=tuple(replace(run, output=None, input=None) for run in result.runs))
    )
    return path


def _identity(result: EvalResult) -> str:
    """The same for two results that measure the same thing."""
    settings = {name: value for name, value in result.settings.items() if name not in _BESIDE}
    prompt = None if result.prompt is None else (result.prompt.name, result.prompt.sha256)
    told = [prompt, result.model, settings, result.cases_sha256, result.scorer]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


def kept_results(folder: Path) -> tuple[list[EvalResult], list[Problem]]:
    """All results of prompts under a folder, kept or current, each once; and the files that could not be read.

    Of two that measure the same thing the later one counts.
    """
    found: dict[str, EvalResult] = {}
    problems: list[Problem] = []
    for path in [*sorted((folder / FOLDER).glob("*/*.json")), *sorted(folder.glob("*.json"))]:
        try:
            result = read_result(path)
        except InputError as exc:
            problems += exc.problems
            continue
        if result.prompt is None:
            continue
        key = _identity(result)
        if key not in found or str(result.date or "") >= str(found[key].date or ""):
            found[key] = result
    return list(found.values()), problems


def iterations_of(result: EvalResult, others: Iterable[EvalResult]) -> int | None:
    """How many versions of its prompt were scored on its cases, this one included; None: it has no prompt."""
    if result.prompt is None:
        return None
    hashes = {
        other.prompt.sha256
        for other in others
        if other.prompt is not None
        and other.prompt.name == result.prompt.name
        and other.cases_sha256 == result.cases_sha256
        and any(run.score is not None for run in other.runs)
    }
    return len(hashes | {result.prompt.sha256})


def recorded(
    folder: Path, results: Sequence[EvalResult], *, opened: Opened | None = None
) -> tuple[EvalResult, ...]:
    """The results with their number of iterations; each that is complete is kept for the history.

    opened: the opening of the sealed set that they were measured on.
    """
    known, _ = kept_results(folder)
    if opened is not None:
        planned = {} if opened.planned is None else {PLANNED: opened.planned}
        results = [
            replace(it, hold_out_openings=opened.number, settings={**it.settings, **planned})
            for it in results
        ]
    filled = tuple(replace(it, iterations=iterations_of(it, [*known, *results])) for it in results)
    for result in filled:
        keep_result(folder, result)
    return filled
