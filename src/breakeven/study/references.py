"""Candidates that name candidates: every name is known, and no part contains the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from breakeven.errors import nearest
from breakeven.study.candidate_file import HybridFile, WaitFile
from breakeven.study.file import StudyFile
from breakeven.study.problems import Problems
from breakeven.yaml_places import Path

__all__ = ["check_references"]

_PARTS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "hybrid": ("prompt", "tuned", "classifier"),
    "wait": ("prompt", "tuned", "classifier", "hybrid"),
}
"""What kinds a candidate may be made of; so none can contain itself, however far around."""


def check_references(file: StudyFile, problems: Problems, horizon_months: int) -> None:
    """Add a problem for each name that leads nowhere or in a circle."""
    kinds = _kinds(problems)
    _check_name(file.today, ("today",), kinds, problems)
    if kinds.get(file.today) == "wait":
        message = f"{file.today!r} waits; it does not serve yet"
        problems.add(("today",), message, "name the candidate in production now: its `now`")
    for name, candidate in file.candidates.items():
        at: Path = ("candidates", name)
        if isinstance(candidate, HybridFile):
            _check_parts(at, {"small": candidate.small, "large": candidate.large}, kinds, problems)
        elif isinstance(candidate, WaitFile):
            _check_parts(at, {"now": candidate.now, "later": candidate.later}, kinds, problems)
            if candidate.at > horizon_months:
                message = f"month {candidate.at} lies beyond the horizon of {horizon_months} months"
                problems.add((*at, "at"), message, "an earlier month, or a longer `horizon`")


def _kinds(problems: Problems) -> dict[str, str]:
    """The kind of every candidate as written, also of those that could not be read."""
    written = problems.yaml.data.get("candidates")
    if not isinstance(written, dict):
        return {}
    return {name: str(its.get("kind")) if isinstance(its, dict) else "" for name, its in written.items()}


def _check_parts(at: Path, parts: Mapping[str, str], kinds: Mapping[str, str], problems: Problems) -> None:
    whole = str(at[-1])
    first, second = parts
    for part, name in parts.items():
        path = (*at, part)
        if name == whole:
            problems.add(path, f"{whole!r} can not be a part of itself", "name another candidate")
        elif _check_name(name, path, kinds, problems):
            allowed = _PARTS_OF[kinds[whole]] if kinds.get(whole) in _PARTS_OF else ()
            if allowed and kinds[name] in (*_PARTS_OF, "hybrid") and kinds[name] not in allowed:
                message = f"{name!r} is a {kinds[name]}, which can not be part of a {kinds[whole]}"
                problems.add(path, message, f"name a {', '.join(allowed[:-1])} or {allowed[-1]} candidate")
    if parts[first] == parts[second]:
        message = f"`{first}` and `{second}` are the same candidate, {parts[first]!r}"
        problems.add((*at, second), message, "name two different ones")


def _check_name(name: str, path: Path, kinds: Mapping[str, str], problems: Problems) -> bool:
    if name in kinds:
        return True
    near = nearest(name, kinds)
    hint = f"did you mean {near[0]}?" if near else f"candidates: {', '.join(kinds)}"
    problems.add(path, f"there is no candidate {name!r}", hint)
    return False
