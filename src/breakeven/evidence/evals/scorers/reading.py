"""Reading answers: JSON, also where a model put it into a code fence."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from breakeven.errors import EvidenceError, Problem
from breakeven.evidence.evals.case import Case

__all__ = ["f1_of", "lacking", "read_json", "shortened"]

_FENCE: Final = re.compile(r"\s*```\w*\s*\n(?P<body>.*?)\n?\s*```\s*", re.DOTALL)


def read_json(text: str) -> Any:
    """The JSON value of an answer, fenced or not; raises ValueError, also where it is nested too deep."""
    fenced = _FENCE.fullmatch(text)
    try:
        return json.loads(fenced["body"] if fenced else text, parse_constant=_refuse)
    except RecursionError as exc:
        raise ValueError("nested too deep") from exc


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def shortened(text: object, most: int = 80) -> str:
    """A text on one line, cut where it is long."""
    line = " ".join(str(text)[: 4 * most].split())
    return line if len(line) <= most else line[: most - 1] + "…"


def lacking(case: Case, scorer: str, wanted: str) -> EvidenceError:
    """The error of a case whose ``expected`` is not what the scorer compares with."""
    read = "nothing" if case.expected is None else shortened(json.dumps(case.expected, default=str), 60)
    message = f"case {case.id!r}: `{scorer}` compares with `expected`; {read} was read"
    return EvidenceError(Problem(message=message, hint=wanted))


def f1_of(right: float, given: float, wanted: float) -> float:
    """F1 from what is right, what was given and what was wanted; nothing given where nothing is wanted is right."""
    return 2 * right / (given + wanted) if given + wanted else 1.0
