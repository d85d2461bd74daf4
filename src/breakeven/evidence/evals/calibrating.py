"""What a judge's verdicts are worth, by people: a sheet out, the labels back, and the corrected figure.

Labels are kept in the result file, with the run that they are of, so that whoever reads it later computes the corrected
figure and its wider interval anew, at any level. Under the labels that a method needs nothing is stated.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from breakeven.errors import EvidenceError, NotEnoughEvidenceError, Place, Problem
from breakeven.evidence.evals.files import read_result
from breakeven.evidence.evals.labelling import as_meant, harmless
from breakeven.evidence.evals.records import read_records
from breakeven.evidence.evals.result import CaseRun, EvalResult
from breakeven.evidence.profile.writing import replaced
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.intervals import wilson
from breakeven.statistics.judges import (
    LEAST_FOR_PPI,
    LEAST_LABELS,
    JudgedAccuracy,
    judged_accuracy,
    judged_mean,
    labels_for_half_width,
)
from breakeven.statistics.sample_size import Needed

__all__ = [
    "JUDGED",
    "Calibration",
    "HumanLabels",
    "calibration_of",
    "highest_mark",
    "labelled_as_before",
    "labels_needed",
    "read_sheet",
    "sample_runs",
    "with_labels",
    "write_sheet",
]

JUDGED: Final = "judged by "
"""How the scorer of a result is called where a judge's verdict is the score."""
COLUMNS: Final = ("case", "repeat", "fingerprint", "input", "answer", "verdict", "remark")
_WORDS: Final[Mapping[str, float]] = {
    "pass": 1, "fail": 0, "right": 1, "wrong": 0, "yes": 1, "no": 0, "true": 1, "false": 0, "1": 1, "0": 0
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class HumanLabels:
    """What came back of a sheet."""

    labels: Mapping[tuple[str, int], float]
    """(case, repeat) → what a person says, within 0..1."""
    blank: int
    problems: tuple[Problem, ...]
    """Rows that are not used."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """A judged result, corrected by people."""

    corrected: Estimate
    raw: Estimate | None
    """The judge alone, to be shown beside."""
    agreement: Estimate
    """How often person and judge say the same, to half a mark."""
    n_labels: int
    too_kind: int
    """Labelled answers that the judge rated higher than the person."""
    too_strict: int
    judged: JudgedAccuracy | None
    """None: marks, no pass or fail."""


# ------------------------------------------------------------------------------------------------ the sheet


def sample_runs(result: EvalResult, n: int, rng: np.random.Generator) -> tuple[CaseRun, ...]:
    """Judged answers in random order, so that also the first few rows of the sheet are a random sample.

    The order rests on a case's name alone, so that two candidates' sheets of one seed hold the same cases: labels of
    both answers to a case tell more of the difference.
    """
    key, _ = _judge(result)
    able = [run for run in result.runs if run.output is not None and _verdict(run, key) is not None]
    if not able:
        raise EvidenceError("there is no judged answer in the result: nothing can be labelled")
    salt = int(rng.integers(2**63))
    return tuple(sorted(able, key=lambda run: _rank(salt, run))[:n])


def _rank(salt: int, run: CaseRun) -> bytes:
    return hashlib.sha256(f"{salt} {run.repeat} {run.id}".encode("utf-8", "surrogatepass")).digest()


def write_sheet(path: Path, runs: Sequence[CaseRun]) -> None:
    """A CSV for people: what was asked, the answer, and an empty verdict. What the judge said is not in it."""
    with replaced(path) as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for run in runs:
            texts = map(
                harmless, (run.id, str(run.repeat), _fingerprint(run), run.input or "", run.output or "")
            )
            writer.writerow([*texts, "", ""])


def _fingerprint(run: CaseRun) -> str:
    """Eight letters that tell whether a sheet is about this very answer."""
    digest = hashlib.sha256((run.output or "").encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return "".join(chr(ord("a") + int(char, 16)) for char in digest)


def read_sheet(path: Path, result: EvalResult) -> HumanLabels:
    """The verdicts of a filled sheet; EvidenceError where it is none, rows that do not fit are listed."""
    _, marks = _judge(result)
    known = {(run.id, run.repeat): run for run in result.runs}
    found: dict[tuple[str, int], float] = {}
    problems: list[Problem] = []
    blank = 0
    for row in read_records(path).rows:
        told = {name: as_meant(str(row.values.get(name) or "")).strip() for name in COLUMNS}
        if not told["verdict"]:
            blank += 1
            continue
        try:
            key = _place(told, known)
            label = _label(told["verdict"], marks)
            if found.get(key, label) != label:
                raise ValueError(f"case {key[0]!r} has two different verdicts")
            found[key] = label
        except ValueError as exc:
            problems.append(Problem(message=str(exc), place=row.place))
    if not found and not blank and not problems:
        message = "no row of a label sheet"
        raise EvidenceError(
            Problem(message=message, place=Place(file=str(path)), hint="make one: breakeven eval label")
        )
    return HumanLabels(labels=found, blank=blank, problems=tuple(problems))


def _place(told: Mapping[str, str], known: Mapping[tuple[str, int], CaseRun]) -> tuple[str, int]:
    repeat = told["repeat"] or "1"
    key = (told["case"], int(repeat) if repeat.isdecimal() else 0)
    if key not in known:
        raise ValueError(f"case {told['case'][:60]!r}, repeat {repeat[:9]!r}, is not in the result")
    if told["fingerprint"] and told["fingerprint"] != _fingerprint(known[key]):
        raise ValueError(f"case {key[0]!r} has another answer in the result than the one that was labelled")
    return key


def _label(text: str, marks: int | None) -> float:
    if marks is None:
        word = text.casefold().removesuffix(".0")
        if word not in _WORDS:
            raise ValueError(f"{text[:40]!r} was read; write pass or fail")
        return _WORDS[word]
    try:
        mark = float(text)
    except ValueError:
        mark = 0.0
    if not 1 <= mark <= marks:
        raise ValueError(f"{text[:40]!r} was read; write a mark from 1 to {marks}")
    return (mark - 1) / (marks - 1)


def with_labels(result: EvalResult, found: HumanLabels) -> EvalResult:
    """The result with what people say beside the runs; labels of earlier sheets stay."""
    runs = tuple(
        run if (label := found.labels.get((run.id, run.repeat))) is None else replace(run, human=label)
        for run in result.runs
    )
    return replace(result, runs=runs)


def labelled_as_before(path: Path, result: EvalResult) -> EvalResult:
    """A result that is about to replace the one in a file, with the labels of the answers that are still the same."""
    if "judge" not in result.settings or not path.is_file():
        return result
    try:
        before = {(run.id, run.repeat): run for run in read_result(path).runs if run.human is not None}
    except EvidenceError:
        return result
    labels = {
        key: old.human
        for run in result.runs
        if (old := before.get(key := (run.id, run.repeat))) is not None
        if old.human is not None and old.output == run.output
    }
    return with_labels(result, HumanLabels(labels=labels, blank=0, problems=()))


# ------------------------------------------------------------------------------------------------ the figure


def calibration_of(result: EvalResult, *, level: float, seed: int = 0) -> Calibration | None:
    """The corrected figure; None where no person was asked.

    Raises NotEnoughEvidenceError under 50 labels for pass or fail, 100 for marks, or where one verdict has none.
    """
    if not any(run.human is not None for run in result.runs):
        return None
    key, marks = _judge(result)
    runs = [run for run in result.runs if _verdict(run, key) is not None]
    judge = np.array([_verdict(run, key) for run in runs], dtype=np.float64)
    human = np.array([np.nan if run.human is None else run.human for run in runs])
    clusters = _clusters(runs)
    seen = ~np.isnan(human)
    if marks is None:
        judged = judged_accuracy(judge, human, np.random.default_rng(seed), clusters=clusters, level=level)
        _check(int(seen.sum()), LEAST_LABELS, judged)
        corrected, raw = judged.corrected, judged.raw
    else:
        _check(int(seen.sum()), LEAST_FOR_PPI, None)
        graded = judged_mean(judge, human, clusters=clusters, level=level)
        judged, corrected, raw = None, _within(graded.corrected), graded.raw
    off = judge[seen] - human[seen]
    half_mark = 0.5 if marks is None else 0.5 / (marks - 1)
    agreed = int((np.abs(off) < half_mark).sum())
    return Calibration(
        corrected=corrected, raw=raw, agreement=wilson(agreed, int(seen.sum()), level=level),
        n_labels=int(seen.sum()), too_kind=int((off >= half_mark).sum()), too_strict=int((off <= -half_mark).sum()),
        judged=judged,
    )  # fmt: skip


def _clusters(runs: Sequence[CaseRun]) -> list[str | None] | None:
    """What stands or falls together: a case's cluster, else the case where it was run several times."""
    repeated = len({run.id for run in runs}) < len(runs)
    found = [
        f"cluster {run.cluster}" if run.cluster is not None else f"case {run.id}" if repeated else None
        for run in runs
    ]
    return found if any(label is not None for label in found) else None


def _within(estimate: Estimate) -> Estimate:
    """No mean of marks lies outside 0..1."""
    if estimate.low is None or estimate.high is None:
        return estimate
    value, low, high = np.clip([estimate.value, estimate.low, estimate.high], 0, 1).tolist()
    return replace(estimate, value=value, low=low, high=high)


def _check(n: int, least: int, judged: JudgedAccuracy | None) -> None:
    if n < least:
        raise NotEnoughEvidenceError(
            f"{n} human labels: at least {least} are needed before a corrected figure is stated; label {least - n} more"
        )
    for stratum in judged.strata if judged else ():
        if not stratum.n_labels:
            word = "passed" if stratum.verdict == 1 else "failed"
            raise NotEnoughEvidenceError(
                f"none of the {stratum.n_cases} answers that the judge {word} has a label: label more of the sheet"
            )


def labels_needed(found: Calibration, half_width: float, *, level: float) -> Needed | None:
    """Labels in all for ± ``half_width``; None for marks, where it is not computed."""
    return None if found.judged is None else labels_for_half_width(found.judged, half_width, level=level)


def _judge(result: EvalResult) -> tuple[str | None, int | None]:
    """The name of the judge's score (None: it is *the* score), and the highest mark (None: pass or fail)."""
    judge: Any = result.settings.get("judge")
    if not isinstance(judge, Mapping):
        hint = "a result of `breakeven eval run` with `score: {judge: …}`"
        raise EvidenceError(Problem(message=f"{result.candidate} was not scored by a judge", hint=hint))
    key = None if str(result.scorer or "").startswith(JUDGED) else str(judge.get("score", "judge"))
    return key, highest_mark(result)


def highest_mark(result: EvalResult) -> int | None:
    """The highest mark of the judge's scale; None: pass or fail."""
    judge: Any = result.settings.get("judge")
    _, _, highest = str(judge.get("scale", "pass")).partition("-")
    return int(highest) if highest.isdecimal() and int(highest) > 1 else None


def _verdict(run: CaseRun, key: str | None) -> float | None:
    return run.score if key is None else run.scores.get(key)
