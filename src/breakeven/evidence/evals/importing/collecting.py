"""Runs collected row by row into results: scores read and scaled, duplicates and gaps listed."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from breakeven.errors import EvidenceError, Place, Problem, QuantityError
from breakeven.evidence.evals.importing.imported import Imported, Wishes
from breakeven.evidence.evals.result import CaseRun, EvalResult
from breakeven.evidence.scores import read_label, read_score

__all__ = ["About", "Collector", "as_text", "count", "number", "shown_ids"]

_SHOWN: Final = 8
_LONGEST_NOTE: Final = 4_000
_VERDICTS: Final = {"yes": 1.0, "no": 0.0, "correct": 1.0, "incorrect": 0.0}


@dataclass(frozen=True, kw_only=True)
class About:
    """What is known of a candidate besides its runs."""

    model: str | None = None
    scorer: str | None = None
    date: dt.date | None = None
    complete: bool = True
    settings: Mapping[str, Any] | None = None


def number(value: Any) -> float | None:
    """A finite number at least 0; None for anything else."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None


def count(value: Any) -> int | None:
    """A whole number at least 0; None for anything else."""
    found = number(value)
    return int(found) if found is not None and found.is_integer() else None


def as_text(value: Any) -> str | None:
    """A value as text, structured ones as JSON; None where there is none."""
    if value is None or isinstance(value, str):
        return value
    import json

    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return None


def shown_ids(ids: list[str]) -> str:
    """The first of many ids."""
    return ", ".join(ids[:_SHOWN]) + (", …" if len(ids) > _SHOWN else "")


class Collector:
    """The runs of one file, by candidate, in order of appearance."""

    def __init__(self, file: str, wishes: Wishes, *, number_repeats: bool) -> None:
        """``number_repeats``: whether a case that comes again without a repeat is a further run of it."""
        self.file = file
        self._wishes = wishes
        self._number_repeats = number_repeats
        self._runs: dict[str, list[CaseRun]] = {}
        self._seen: dict[tuple[str, str, int], Place] = {}
        self._counted: Counter[tuple[str, str]] = Counter()
        self._outside: list[tuple[Place, float]] = []
        self.problems: list[Problem] = []
        self.notes: list[str] = []

    def reject(self, message: str, place: Place, hint: str | None = None) -> None:
        """Note what can not be used."""
        self.problems.append(Problem(message=message, place=place, hint=hint))

    def add(
        self, candidate: str, place: Place, *, case: Any, score: Any, repeat: Any = None, **known: Any
    ) -> None:
        """One run. ``score`` as it was read; None with a ``failure`` where no answer came."""
        try:
            case = read_label(case, "id")
            run = CaseRun(
                id=case, repeat=self._repeat(candidate, case, repeat), score=self._score(score, case, place)
            )
            run = replace(run, **self._fields(known))
            self._check(run, candidate, place)
        except QuantityError as exc:
            self.reject(exc.message, place, exc.hint)
            return
        self._runs.setdefault(candidate, []).append(run)

    def _fields(self, known: Mapping[str, Any]) -> dict[str, Any]:
        dropped = () if self._wishes.texts else ("input", "output", "note")
        found = {name: value for name, value in known.items() if value is not None and name not in dropped}
        for name in ("cluster", "segment"):
            if name in found:
                found[name] = read_label(found[name], name)
        if "note" in found:
            found["note"] = found["note"][:_LONGEST_NOTE]
        return found

    def _repeat(self, candidate: str, case: str, repeat: Any) -> int:
        if repeat is None:
            self._counted[candidate, case] += 1
            return self._counted[candidate, case] if self._number_repeats else 1
        found = count(repeat)
        if not found:
            raise QuantityError(f"case {case!r}: repeat {repeat!r} is not a number from 1", hint="1, 2, 3, …")
        return found

    def _score(self, value: Any, case: str, place: Place) -> float | None:
        if value is None:
            return None
        word = value.strip().lower() if isinstance(value, str) else None
        score = _VERDICTS[word] if word in _VERDICTS else read_score(value, case)
        if self._wishes.scale is not None:
            worst, best = self._wishes.scale
            score = (score - worst) / (best - worst)
        if not 0 <= score <= 1:
            self._outside.append((place, score))
            return 0.0
        return score

    def _check(self, run: CaseRun, candidate: str, place: Place) -> None:
        if run.score is None and run.failure is None:
            hint = "a case that was not run has no row; one that failed has score 0, or a `failure`"
            raise QuantityError(f"case {run.id!r}: no score", hint=hint)
        key = (candidate, run.id, run.repeat)
        if key in self._seen:
            hint = (
                "name the column that tells runs apart (--map repeat=COLUMN), or give cases ids of their own"
            )
            raise QuantityError(
                f"case {run.id!r} of {candidate} stands at {self._seen[key]} already", hint=hint
            )
        self._seen[key] = place

    def done(self, tool: str, about: Mapping[str, About] | None = None) -> Imported:
        """The results; raises EvidenceError where there is none, or where scores lie outside 0..1."""
        if self._outside:
            raise self._wrong_scale()
        if not self._runs:
            head = Problem(message="no usable score", place=Place(file=self.file))
            raise EvidenceError(head, *self.problems[:_SHOWN])
        everything = dict.fromkeys(run.id for runs in self._runs.values() for run in runs)
        results = tuple(
            self._result(name, runs, (about or {}).get(name, About()), everything)
            for name, runs in self._runs.items()
        )
        return Imported(tool=tool, results=results, problems=tuple(self.problems), notes=tuple(self.notes))

    def _result(
        self, name: str, runs: list[CaseRun], about: About, everything: Mapping[str, None]
    ) -> EvalResult:
        mine = {run.id for run in runs}
        missing = [case for case in everything if case not in mine]
        if missing:
            message = (
                f"{name}: {len(missing):,} of {len(everything):,} cases were not run: {shown_ids(missing)}"
            )
            self.reject(
                message, Place(file=self.file), "others in this file ran them; they are left out, not wrong"
            )
        return EvalResult(
            candidate=name,
            runs=tuple(runs),
            model=about.model,
            scorer=about.scorer,
            date=about.date,
            complete=about.complete and not missing,
            settings=about.settings or {},
        )

    def _wrong_scale(self) -> EvidenceError:
        place, score = max(self._outside, key=lambda found: abs(found[1]))
        message = f"score {score:g} is outside 0..1 (one of {len(self._outside):,} such scores)"
        hint = "say which scores are worst and best: --scale 1..5"
        return EvidenceError(Problem(message=message, place=place, field="score", hint=hint))
