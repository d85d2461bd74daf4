"""Whether all rows follow one schema of input and output."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from breakeven.evidence.evals.classifying.leakage import plain_text
from breakeven.evidence.training.check import CheckInput, CheckResult, DataCheck, Flagged
from breakeven.evidence.training.row import TrainingRow

__all__ = ["CHECK"]

_NAME: Final = "schema"
_TITLE: Final = "One input and output schema"
_SOURCE: Final = "document 003, section 4"
_SHOWN: Final = 3
_DEEPEST: Final = 3


def _find(given: CheckInput) -> CheckResult:
    most = float(given.settings.get(_NAME, 0.0))
    rows = given.train.rows
    if not rows:
        return CheckResult(
            check=_NAME, title=_TITLE, verdict="cannot_tell", because="there are no rows", threshold=most
        )
    inputs, outputs = [_input(row) for row in rows], _one_type([_output(row) for row in rows])
    main_in, main_out = (Counter(found).most_common(1)[0][0] for found in (inputs, outputs))
    spelt = _spellings([row.label for row in rows])
    reasons: dict[int, str] = {}
    for k, row in enumerate(rows):
        said = _deviation(inputs[k], main_in, "input") or _deviation(outputs[k], main_out, "answer")
        if not said and row.label is not None and row.label in spelt:
            said = "its label is elsewhere spelt in another way"
        if said:
            reasons[k] = said
    n, share = len(rows), len(reasons) / len(rows)
    because = f"{len(reasons):,} of {n:,} rows deviate from the main schema ({main_in} → {main_out})"
    return CheckResult(
        check=_NAME, title=_TITLE, verdict="pass" if share <= most else "fail", because=because, value=share, n=n,
        method="counted: order of roles, kind of answer, keys and types of JSON answers, spelling of labels",
        threshold=most, better="below", source=_SOURCE,
        flagged=tuple(Flagged(row=k, place=rows[k].place, reason=said) for k, said in reasons.items()),
        next_step="write the deviating rows anew, or teach them as a task of their own" if reasons else "",
        details={"main_input": main_in, "main_answer": main_out, "inputs": len(set(inputs)),
                 "answers": len(set(outputs)), "spellings": len(spelt),
                 "others": dict(Counter(reasons.values()).most_common(_SHOWN))},
    )  # fmt: skip


def _deviation(found: str, main: str, what: str) -> str:
    return "" if found == main else f"{what}: {found}, where most have {main}"


def _input(row: TrainingRow) -> str:
    """Roles in order; turns that repeat are named once: ``system user assistant …``."""
    roles = [role for role, _ in groupby(m.role for m in row.messages)]
    told = [role for k, role in enumerate(roles) if role not in roles[:k]]
    told += ["and tools"] if row.tools else []
    return " ".join(told + (["and a rejected answer"] if row.rejected else []))


def _output(row: TrainingRow) -> Any:
    """The kind of an answer; of a JSON object, its keys and the type of each."""
    calls = bool(row.messages and row.messages[-1].tool_calls)
    if row.tools and (calls or row.answer.strip()[:1] not in ("", "{", "[")):
        return (
            "a call of a tool or text"  # what a model with tools says: which of the two, the question decides
        )
    if calls:
        return "tool calls"
    if row.label is not None:
        return "a label"
    text = row.answer.strip()
    if not text:
        return "nothing"
    if text[0] in "{[":
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return "text"
        return _shape(value)
    return "text"


def _shape(value: Any, depth: int = 0) -> Any:
    if isinstance(value, dict):
        return {
            str(key): _shape(value[key], depth + 1) if depth < _DEEPEST else "…"
            for key in sorted(value, key=str)
        }
    if isinstance(value, list):
        return "array"
    kinds: dict[type, str] = {
        bool: "boolean",
        int: "number",
        float: "number",
        str: "text",
        type(None): "null",
    }
    return kinds[type(value)]


def _one_type(shapes: Sequence[Any]) -> list[str]:
    """Shapes as texts; a null is of the type that the key has elsewhere."""
    types: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for shape in shapes:
        if isinstance(shape, dict):
            for path, kind in _leaves(shape):
                if kind != "null":
                    types[path][kind] += 1
    return [_told(shape, types) if isinstance(shape, dict) else str(shape) for shape in shapes]


def _leaves(shape: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, kind in shape.items():
        path = f"{prefix}.{key}" if prefix else key
        found += (
            _leaves(kind, path)
            if isinstance(kind, dict) and kind
            else [(path, "object" if isinstance(kind, dict) else kind)]
        )
    return found


def _told(shape: dict[str, Any], types: dict[str, Counter[str]]) -> str:
    told = []
    for path, kind in _leaves(shape):
        known = types[path].most_common(1)[0][0] if kind == "null" and types.get(path) else kind
        told.append(f"{path}: {known}")
    return "JSON {" + ", ".join(told) + "}"


def _spellings(labels: Sequence[str | None]) -> set[str]:
    """Labels that another, more common one equals but for case, punctuation and spacing."""
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for label in labels:
        if label is not None:
            groups[plain_text(label.replace("_", " ")) or label][label] += 1
    return {label for counts in groups.values() for label, _ in counts.most_common()[1:]}


CHECK = DataCheck(name=_NAME, title=_TITLE, find=_find)
