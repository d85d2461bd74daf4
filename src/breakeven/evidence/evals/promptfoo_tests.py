"""The tests of a promptfoo configuration, and what makes a promptfoo test the case that it is.

A test has no id of its own: its place in the list moves when another is added. So the id is that of its ``metadata`` or
``vars`` where they name one, and a hash of its content otherwise; a results file gives the same test the same id.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from breakeven import yaml_places
from breakeven.errors import EvidenceError, Place, Problem, StudyError
from breakeven.evidence.files import read_bytes

__all__ = ["PromptfooTest", "expected_of", "id_of", "read_promptfoo_tests"]

_EXPECTING: Final = (
    "equals",
    "contains",
    "icontains",
    "contains-all",
    "contains-any",
    "contains-json",
    "starts-with",
)
"""Assertions whose value is what would be right."""
_MOST_COMBINATIONS: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class PromptfooTest:
    """One test, its lists of variables spelt out into one test each."""

    id: str | None
    variables: Mapping[str, Any]
    expected: Any
    description: str | None
    metadata: Mapping[str, Any]
    place: Place


def id_of(variables: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | None:
    """The id that a test names itself: ``metadata.id``, else ``vars.id``."""
    for holder in (metadata, variables):
        if isinstance(found := holder.get("id"), str | int) and not isinstance(found, bool):
            return str(found).strip() or None
    return None


def expected_of(asserts: Any, variables: Mapping[str, Any]) -> Any:
    """What would be right: the value of the first assertion that names it; None where none does."""
    for entry in asserts if isinstance(asserts, Sequence) and not isinstance(asserts, str) else ():
        if isinstance(entry, Mapping) and entry.get("type") in _EXPECTING and entry.get("value") is not None:
            return _filled(entry["value"], variables)
    return None


def _filled(value: Any, variables: Mapping[str, Any]) -> Any:
    """The variable that a value of ``{{name}}`` stands for."""
    if isinstance(value, str) and value.strip().startswith("{{") and value.strip().endswith("}}"):
        return variables.get(value.strip()[2:-2].strip(), value)
    return value


def read_promptfoo_tests(path: Path) -> tuple[list[PromptfooTest], list[Problem]]:
    """All inline tests of a configuration, and those that can not be used; raises EvidenceError."""
    try:
        placed = yaml_places.load(read_bytes(path, most=yaml_places.MAX_BYTES), str(path))
    except StudyError as exc:
        raise EvidenceError(*exc.problems) from exc
    tests = placed.data.get("tests")
    if not isinstance(tests, list):
        hint = "inline `tests:` are read; a file of tests is read when it is named itself"
        raise EvidenceError(Problem(message="no list of `tests`", place=placed.place(("tests",)), hint=hint))
    default = placed.data.get("defaultTest")
    common = default if isinstance(default, dict) else {}
    found: list[PromptfooTest] = []
    problems: list[Problem] = []
    for number, test in enumerate(tests):
        place = placed.place(("tests", number))
        if isinstance(test, dict) and isinstance(test.get("vars"), dict):
            found += _spelt_out(test, common, place, problems)
        else:
            hint = "a test with `vars` is needed; files of tests are read when named themselves"
            problems.append(Problem(message="not an inline test", place=place, hint=hint))
    return found, problems


def _spelt_out(
    test: Mapping[str, Any], common: Mapping[str, Any], place: Place, problems: list[Problem]
) -> Iterator[PromptfooTest]:
    """One test for each combination of its lists of variables, as promptfoo runs them."""
    variables = {**_object(common, "vars"), **_object(test, "vars")}
    metadata = {**_object(common, "metadata"), **_object(test, "metadata")}
    asserts = [*_list(common, "assert"), *_list(test, "assert")]
    whole = _object(test, "options").get("disableVarExpansion") is True
    lists = {} if whole else {name: v for name, v in variables.items() if isinstance(v, list)}
    combinations = itertools.product(*lists.values())
    for n, values in enumerate(combinations):
        if n >= _MOST_COMBINATIONS:
            problems.append(Problem(message=f"more than {_MOST_COMBINATIONS:,} combinations", place=place))
            return
        filled = {**variables, **dict(zip(lists, values, strict=True))}
        description = test.get("description")
        yield PromptfooTest(
            id=id_of(filled, metadata) if not lists else None,
            variables=filled,
            expected=expected_of(asserts, filled),
            description=description if isinstance(description, str) else None,
            metadata=metadata,
            place=place,
        )


def _object(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return found if isinstance(found := holder.get(name), Mapping) else {}


def _list(holder: Mapping[str, Any], name: str) -> list[Any]:
    return found if isinstance(found := holder.get(name), list) else []
