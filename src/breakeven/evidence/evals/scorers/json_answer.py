"""JSON answers: is it JSON, does it keep to its schema, and are its fields right."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NoReturn

from breakeven.errors import EvidenceError, MissingExtraError, Place, Problem
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.scorers.options import Options, bad_option
from breakeven.evidence.evals.scorers.reading import f1_of
from breakeven.evidence.evals.scorers.scorer import FindFile, Scored
from breakeven.evidence.files import read_text

__all__ = ["JsonAnswer", "json_answer", "read_schema"]

_FENCE: Final = re.compile(r"\s*```(?:json)?\s*\n(?P<body>.*?)\n?\s*```\s*", re.DOTALL | re.IGNORECASE)
_TITLES: Final = {
    "valid": "valid JSON", "exact": "JSON, all fields right", "share": "JSON, share of fields right",
    "f1": "JSON, F1 over fields",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class JsonAnswer:
    """Scores an answer that has to be JSON. One that is not, or breaks its schema, is a format failure."""

    fields: str
    """``valid``: being valid is all; ``exact``, ``share``, ``f1``: how its fields compare with the expected ones."""
    validator: Any = None
    """A validator of the schema; None: any JSON will do."""
    fences: bool = False
    """Whether JSON inside a Markdown code fence is taken."""

    @property
    def title(self) -> str:
        """What the score is."""
        return _TITLES[self.fields] + (" by its schema" if self.validator and self.fields == "valid" else "")

    def score(self, case: Case, output: str) -> Scored:
        """Within 0..1, with one named score for each top-level field where fields are compared."""
        wanted = None if self.fields == "valid" else _expected(case)
        try:
            answer = self._parsed(output)
        except (ValueError, RecursionError) as exc:
            return Scored(score=0.0, format_failure=True, note=f"not JSON: {_short(exc)}")
        broken = self._broken(answer)
        if broken is not None:
            return Scored(score=0.0, format_failure=True, note=broken)
        if wanted is None:
            return Scored(score=1.0)
        try:
            score, parts = _compared(answer, wanted, self.fields), _by_field(answer, wanted)
        except RecursionError:
            return Scored(score=0.0, format_failure=True, note="nested too deep to be compared")
        counts = {"fields": _leaf_counts(answer, wanted)} if self.fields == "f1" else {}
        return Scored(score=score, scores=parts, counts=counts)

    def _parsed(self, output: str) -> Any:
        fenced = _FENCE.fullmatch(output)
        if fenced and not self.fences:
            raise ValueError("it stands in a code fence (`fences: true` takes those)")
        return json.loads(fenced["body"] if fenced else output, parse_constant=_refuse)

    def _broken(self, answer: Any) -> str | None:
        """The first thing in which the answer breaks the schema; None: it keeps to it."""
        if self.validator is None:
            return None
        try:
            error = next(self.validator.iter_errors(answer), None)
        except RecursionError:
            return "nested too deep to be checked"
        return None if error is None else f"{error.json_path}: {_short(error.message)}"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _short(text: object) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= 120 else line[:119] + "…"


def _expected(case: Case) -> Any:
    """The expected value; a text is read as JSON."""
    wanted = case.expected
    try:
        wanted = json.loads(wanted) if isinstance(wanted, str) else wanted
    except ValueError as exc:
        raise _no_expected(case, "a text that is not JSON") from exc
    if wanted is None:
        raise _no_expected(case, "nothing")
    return wanted


def _no_expected(case: Case, read: str) -> EvidenceError:
    message = f"case {case.id!r}: `json` compares fields with `expected`; {read} was read"
    return EvidenceError(
        Problem(message=message, hint="an object, or `fields: valid` to check validity alone")
    )


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value with its path; items of a list have no order among them."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}")
    elif isinstance(value, list) and value:
        for item in value:
            yield from _leaves(item, f"{path}[]")
    else:
        yield path, _canonical(value)


def _canonical(value: Any) -> str:
    """One text a value: 1 and 1.0 are one number, True is none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


def _same(a: Any, b: Any) -> bool:
    return _unordered(a) == _unordered(b)


def _unordered(value: Any) -> str:
    """One text for values that are the same but for the order of keys and of a list's items."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_unordered(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(sorted(map(_unordered, value))) + "]"
    return _canonical(value)


def _by_field(answer: Any, wanted: Any) -> dict[str, float]:
    if not isinstance(wanted, dict):
        return {}
    given = answer if isinstance(answer, dict) else {}
    return {str(key): float(key in given and _same(given[key], value)) for key, value in wanted.items()}


def _compared(answer: Any, wanted: Any, fields: str) -> float:
    if fields == "exact":
        return float(_same(answer, wanted))
    if fields == "share" and isinstance(wanted, dict) and wanted:
        found = _by_field(answer, wanted)
        return sum(found.values()) / len(found)
    both, extra, missed = _leaf_counts(answer, wanted)
    return f1_of(both, both + extra, both + missed)


def _leaf_counts(answer: Any, wanted: Any) -> tuple[float, float, float]:
    """Values that are right, that are too many, and that are missing; each with its path, lists without order."""
    given, right = Counter(_leaves(answer)), Counter(_leaves(wanted))
    return float((given & right).total()), float((given - right).total()), float((right - given).total())


def json_answer(options: Mapping[str, Any], find: FindFile) -> JsonAnswer:
    """``json``: ``schema`` names a JSON Schema file; ``fields`` says how the fields count."""
    read = Options("json", options, ("schema", "fields", "fences"))
    schema = read.text("schema")
    return JsonAnswer(
        fields=read.choice("fields", tuple(_TITLES), default="valid"),
        validator=None if schema is None else _validator(read_schema(find(schema)), schema),
        fences=read.flag("fences", default=False),
    )


def read_schema(path: Path) -> dict[str, Any]:
    """The JSON Schema in a file; raises EvidenceError."""
    text = read_text(path)
    try:
        schema = json.loads(text)
    except json.JSONDecodeError as exc:
        place = Place(file=str(path), line=exc.lineno, column=exc.colno)
        raise EvidenceError(Problem(message=f"not JSON: {exc.msg}", place=place)) from exc
    if not isinstance(schema, dict):
        raise EvidenceError(
            Problem(message="a JSON Schema is an object", place=Place(file=str(path), line=1))
        )
    return schema


def _validator(schema: Mapping[str, Any], name: str) -> Any:
    try:
        jsonschema: Any = import_module("jsonschema")
        registry: Any = import_module("referencing").Registry()
    except ImportError as exc:
        raise MissingExtraError("jsonschema", "eval") from exc
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as exc:
        raise bad_option("json.schema", f"{name}: no JSON Schema: {_short(exc.message)}") from exc
    return kind(schema, registry=registry)  # an empty one: what a schema refers to elsewhere is never fetched
