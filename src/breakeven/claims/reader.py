"""Claims files: YAML read strictly, every problem with its line and column.

A file's text is data. Formulas are arithmetic (see ``formulas``), text with control characters is refused.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from breakeven import yaml_places
from breakeven.claims.figures import Figure, Measure, read_figure, read_measure, read_share
from breakeven.claims.formulas import CONSTANTS, NAME, read_formula
from breakeven.claims.model import Claim, Missing, OtherValues, Working
from breakeven.claims.spans import FUNCTIONS, Span, point
from breakeven.errors import (
    ClaimsError,
    InputError,
    Place,
    Problem,
    QuantityError,
    StudyError,
    UnknownPriceError,
    nearest,
)
from breakeven.quantities import Quantity, Unit, parse_range
from breakeven.yaml_places import PlacedYaml

__all__ = ["read_claims", "read_file"]

MAX_BYTES: Final = 500_000
MAX_CLAIMS: Final = 500
MAX_INPUTS: Final = 40


_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Kinds of characters that steer a terminal, turn letters round, or do not show."""


def _plain(text: str) -> str:
    """Text in which nothing hides; joiners stay, scripts need them."""
    for character in text:
        if unicodedata.category(character) in _HIDDEN and character not in "\n\t\u200c\u200d":
            raise ValueError(f"the character U+{ord(character):04X} can not stand in a claim")
    return text.strip()


def _as_text(value: object) -> object:
    """A bare number of a file as text; anything else as it is."""
    return f"{value}" if isinstance(value, int | float) and not isinstance(value, bool) else value


Text = Annotated[str, Field(min_length=1, max_length=600), AfterValidator(_plain)]
Short = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_plain)]
Written = Annotated[
    str, BeforeValidator(_as_text), Field(min_length=1, max_length=600), AfterValidator(_plain)
]
Values = Annotated[dict[str, Written], Field(max_length=MAX_INPUTS)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SourceEntry(_Strict):
    """Where a claim stands."""

    document: Short
    where: Short = ""


def _as_source(value: object) -> object:
    return {"document": value} if isinstance(value, str) else value


class ClaimEntry(_Strict):
    """One claim as written in a file."""

    id: Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]
    source: Annotated[SourceEntry, BeforeValidator(_as_source)]
    statement: Text
    inputs: Values = Field(default_factory=dict)
    steps: Values = Field(default_factory=dict)
    formula: Written
    printed: Written
    unit: Short | None = None
    also_printed: Annotated[list[Written], Field(max_length=10)] = Field(default_factory=list)
    tolerance: Short | None = None
    other_values: Annotated[dict[str, Values], Field(max_length=10)] = Field(default_factory=dict)
    missing: Annotated[dict[str, Written], Field(max_length=MAX_INPUTS)] = Field(default_factory=dict)
    program: Short | None = None


class ClaimsEntry(_Strict):
    """A whole claims file."""

    title: Text | None = None
    documents: Annotated[dict[str, Short], Field(max_length=100)] = Field(default_factory=dict)
    """Titles of the documents, by the name that claims call them."""
    claims: Annotated[list[ClaimEntry], Field(min_length=1, max_length=MAX_CLAIMS)]


def read_file(path: Path) -> tuple[Claim, ...]:
    """The claims of a file; ClaimsError lists all that is wrong, each with its place."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as exc:
        reason = exc.strerror or type(exc).__name__
        problem = Problem(message=f"can not read the claims file: {reason}", place=Place(file=str(path)))
        raise ClaimsError(problem) from exc
    except ValueError as exc:  # a null byte in the path
        raise ClaimsError(f"{str(path)!r} is not a path") from exc
    return read_claims(text, file=str(path))


def read_claims(text: str | bytes, *, file: str = "claims") -> tuple[Claim, ...]:
    """The claims of a text; ClaimsError lists all that is wrong, each with its place."""
    if len(text) > MAX_BYTES:
        raise ClaimsError(
            Problem(message=f"a claims file has at most {MAX_BYTES:,} bytes", place=Place(file=file))
        )
    try:
        placed = yaml_places.load(text, file)
    except StudyError as exc:
        raise ClaimsError(*(_of_a_claims_file(problem) for problem in exc.problems)) from exc
    try:
        entry = ClaimsEntry.model_validate(placed.data)
    except ValidationError as exc:
        raise ClaimsError(*_schema_problems(exc, placed)) from exc
    return _Reader(placed).claims(entry)


_LAYOUT: Final = "a claims file starts with `claims:` and a list; see docs/how-to/audit-a-claim.md"


def _of_a_claims_file(problem: Problem) -> Problem:
    """A problem that the YAML reader words for study files, for ours."""
    message = re.sub(r"\ba study\b", "a claims file", problem.message)
    hint = problem.hint
    if hint and re.search(r"\bstudy\b", hint):
        hint = _LAYOUT
    return Problem(message=message, place=problem.place, field=problem.field, hint=hint)


def _field(path: yaml_places.Path) -> str:
    """A dotted path in which nothing hides: keys are the file's."""
    dotted = yaml_places.dotted(path)
    return dotted if dotted.isprintable() else ascii(dotted)[1:-1]


def _schema_problems(exc: ValidationError, placed: PlacedYaml) -> list[Problem]:
    return [_schema_problem(error, placed) for error in exc.errors(include_url=False)][:20]


def _schema_problem(error: Mapping[str, Any], placed: PlacedYaml) -> Problem:
    path = tuple(error["loc"])
    field = _field(path)
    if error["type"] == "extra_forbidden":
        key = str(path[-1])
        known = [*ClaimEntry.model_fields] if "claims" in path else [*ClaimsEntry.model_fields]
        known = [*SourceEntry.model_fields] if "source" in path else known
        near = nearest(key, known)
        hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
        return Problem(
            message=f"the key {key!r} is not known", place=placed.key_place(path), field=field, hint=hint
        )
    if error["type"] == "missing":
        wanted = _HINTS.get(str(path[-1]), _LAYOUT)
        return Problem(message="is missing", place=placed.place(path), field=field, hint=wanted)
    message, advice = _wording(error, str(path[-1]) if path else "")
    place = placed.key_place(path) if error.get("input") is None else placed.place(path)
    return Problem(message=message, place=place, field=field, hint=advice)


_HINTS: Final = {
    "claims": _LAYOUT,
    "document": "source: {document: Vendor's proposal, where: page 2}",
    "formula": "arithmetic over the inputs: formula: upfront / monthly_saving",
    "id": "a short name of letters, digits, dot and dash: id: A.1",
    "inputs": "names with quantities: inputs: {upfront: $35K, saving: $120/month}",
    "printed": "the figure as the document has it: printed: 292 days",
    "source": "source: {document: Vendor's proposal, where: page 2}",
    "statement": "what the document says, in one sentence",
    "tolerance": "a percentage: tolerance: 5%",
    "unit": "the unit of the answer: unit: months",
}


def _wording(error: Mapping[str, Any], key: str) -> tuple[str, str | None]:
    read = "nothing" if error.get("input") is None else repr(error.get("input"))
    read = read if len(read) <= 60 else read[:60] + "…"
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context.get("error", "can not be used")), "remove it"
    if kind == "string_pattern_mismatch":
        return f"{read} can not be a claim's id", _HINTS["id"]
    if kind in {"too_long", "string_too_long"}:
        return f"too long: at most {context.get('max_length')} are read", None
    if kind in {"too_short", "string_too_short"}:
        return "is empty", _HINTS.get(key, _LAYOUT)
    hint = _EMPTY if error.get("input") is None else _HINTS.get(key, _LAYOUT)
    return f"{_WANTED.get(kind, 'text')} is wanted, {read} was read", hint


_EMPTY: Final = "a value is empty; inside { }, one with a comma stands in quotes: {hosting: '$2,000/month'}"
_WANTED: Final = {"list_type": "a list", "dict_type": "names with values", "model_type": "keys with values"}

T = TypeVar("T")


class _Reader:
    """From entries to claims; problems are gathered, not raised one by one."""

    def __init__(self, placed: PlacedYaml) -> None:
        self.placed = placed
        self.problems: list[Problem] = []

    def claims(self, entry: ClaimsEntry) -> tuple[Claim, ...]:
        """Every claim. ClaimsError with all problems where there is one."""
        self._check_ids([claim.id for claim in entry.claims])
        for name in set(entry.documents) - {claim.source.document for claim in entry.claims}:
            self._problem(
                ("documents", name), f"no claim is of {name!r}", "remove it or name it in a source", key=True
            )
        titles = entry.documents
        found = [self._claim(claim, ("claims", i), titles) for i, claim in enumerate(entry.claims)]
        if self.problems:
            raise ClaimsError(*self.problems[:20])
        return tuple(claim for claim in found if claim is not None)

    def _check_ids(self, ids: list[str]) -> None:
        first: dict[str, int] = {}
        for i, name in enumerate(ids):
            if name in first:
                line = self.placed.place(("claims", first[name], "id")).line
                self._problem(("claims", i, "id"), f"the id {name!r} stands here again; first at line {line}")
            first.setdefault(name, i)

    def _problem(
        self, path: yaml_places.Path, message: str, hint: str | None = None, *, key: bool = False
    ) -> None:
        place = self.placed.key_place(path) if key else self.placed.place(path)
        self.problems.append(Problem(message=message, place=place, field=_field(path), hint=hint))

    def _try(self, path: yaml_places.Path, read: Callable[[], T]) -> T | None:
        """What ``read`` gives; None, and a placed problem, where it refuses."""
        try:
            return read()
        except InputError as exc:
            problem = exc.problems[0]
            self._problem(path, problem.message, problem.hint)
            return None

    def _claim(self, entry: ClaimEntry, at: yaml_places.Path, titles: Mapping[str, str]) -> Claim | None:
        before = len(self.problems)
        inputs = self._spans(entry.inputs, (*at, "inputs"))
        missing = self._missing(entry.missing, (*at, "missing"))
        self._check_names(entry, at)
        steps = self._steps(entry, at)
        names = [*entry.inputs, *entry.missing, *entry.steps]
        formula = self._try((*at, "formula"), lambda: read_formula(entry.formula, names))
        printed, measure = self._printed(entry, at)
        if len(self.problems) > before or formula is None or printed is None or measure is None:
            return None
        working = Working(inputs={**inputs, **_ones(missing)}, steps=tuple(steps.items()), formula=formula)
        self._check_units(working, printed, measure, entry, at)
        claim = Claim(
            id=entry.id,
            document=entry.source.document,
            title=titles.get(entry.source.document, ""),
            where=entry.source.where,
            statement=" ".join(entry.statement.split()),
            working=working,
            formula_text=" ".join(entry.formula.split()),
            step_texts={name: " ".join(text.split()) for name, text in entry.steps.items()},
            texts=dict(entry.inputs),
            printed=printed,
            measure=measure,
            also_printed=self._also_printed(entry, measure, at),
            other_values=self._other_values(entry, working, at),
            missing=missing,
            program=entry.program,
            place=self.placed.place(at),
        )
        return claim if len(self.problems) == before else None

    def _spans(self, texts: Mapping[str, str], at: yaml_places.Path) -> dict[str, Span]:
        found = {name: self._try((*at, name), lambda text=text: _span(text)) for name, text in texts.items()}  # type: ignore[misc]
        return {name: span for name, span in found.items() if span is not None}

    def _missing(self, units: Mapping[str, str], at: yaml_places.Path) -> tuple[Missing, ...]:
        found = []
        for name, unit in units.items():
            measure = self._try((*at, name), lambda unit=unit: read_measure(unit))  # type: ignore[misc]
            if measure is not None:
                found.append(Missing(name=name, measure=measure))
        return tuple(found)

    def _check_names(self, entry: ClaimEntry, at: yaml_places.Path) -> None:
        seen: set[str] = set()
        for part, names in (("inputs", entry.inputs), ("missing", entry.missing), ("steps", entry.steps)):
            for name in names:
                path = (*at, part, name)
                if not NAME.fullmatch(name):
                    self._problem(
                        path, f"{name[:40]!r} can not be a name", "small letters, digits and _", key=True
                    )
                elif name in CONSTANTS or name in FUNCTIONS:
                    self._problem(
                        path, f"the name {name!r} has a meaning in formulas", "call it otherwise", key=True
                    )
                elif name in seen:
                    self._problem(path, f"the name {name!r} is used twice", "call one otherwise", key=True)
                seen.add(name)

    def _steps(self, entry: ClaimEntry, at: yaml_places.Path) -> dict[str, ast.expr]:
        known = [*entry.inputs, *entry.missing]
        steps: dict[str, ast.expr] = {}
        for name, text in entry.steps.items():
            names = tuple(known)
            tree = self._try((*at, "steps", name), lambda text=text, names=names: read_formula(text, names))  # type: ignore[misc]
            if tree is not None:
                steps[name] = tree
            known.append(name)
        return steps

    def _printed(self, entry: ClaimEntry, at: yaml_places.Path) -> tuple[Figure | None, Measure | None]:
        tolerance = None
        if entry.tolerance is not None:
            tolerance = self._try((*at, "tolerance"), lambda: read_share(str(entry.tolerance)))
        printed = self._try(
            (*at, "printed"), lambda: read_figure(entry.printed, unit=entry.unit, tolerance=tolerance)
        )
        if printed is None or entry.unit is None:
            return printed, printed.measure if printed else None
        measure = self._try((*at, "unit"), lambda: read_measure(str(entry.unit)))
        if measure is not None and measure.unit != printed.unit:
            message = f"{entry.unit!r} is in {measure.unit}, what is printed is in {printed.unit}"
            self._problem((*at, "unit"), message, "leave `unit:` out, or state one of the same kind")
        return printed, measure

    def _check_units(
        self, working: Working, printed: Figure, measure: Measure, entry: ClaimEntry, at: yaml_places.Path
    ) -> None:
        result = self._try((*at, "formula"), working.result)
        if result is not None and result.unit != printed.unit:
            message = f"the formula gives {result.unit}; {entry.printed!r} is in {printed.unit}"
            hint = f"a figure in {measure.text or 'plain numbers'} needs a formula with the same unit"
            self._problem((*at, "formula"), message, hint)

    def _also_printed(self, entry: ClaimEntry, measure: Measure, at: yaml_places.Path) -> tuple[Figure, ...]:
        found: list[Figure] = []
        for i, text in enumerate(entry.also_printed):
            path = (*at, "also_printed", i)
            figure = self._try(path, lambda text=text: read_figure(text, unit=measure.text))  # type: ignore[misc]
            if figure is None:
                continue
            if figure.unit != measure.unit:
                self._problem(path, f"{text!r} is in {figure.unit}; the claim's figure is in {measure.unit}")
            found.append(figure)
        return tuple(found)

    def _other_values(
        self, entry: ClaimEntry, working: Working, at: yaml_places.Path
    ) -> tuple[OtherValues, ...]:
        found = []
        values = self._try((*at, "formula"), working.values) or {}
        for label, texts in entry.other_values.items():
            path = (*at, "other_values", label)
            self._try_label(path, label)
            spans = self._spans(texts, path)
            for name, span in spans.items():
                self._check_other(name, span, values, (*path, name))
            found.append(OtherValues(label=label.strip(), values=spans, texts=dict(texts)))
        return tuple(found)

    def _try_label(self, path: yaml_places.Path, label: str) -> None:
        try:
            _plain(label)
        except ValueError as exc:
            self._problem(path, str(exc), "remove it", key=True)

    def _check_other(self, name: str, span: Span, values: Mapping[str, Span], path: yaml_places.Path) -> None:
        if name not in values:
            near = nearest(name, values)
            hint = (
                f"did you mean {near[0]!r}?"
                if near
                else "other values are for inputs and steps of this claim"
            )
            self._problem(path, f"no input is called {name!r}", hint, key=True)
        elif values[name].unit != span.unit:
            self._problem(path, f"{span} is in {span.unit}; {name} is in {values[name].unit}")


_PRICE: Final = re.compile(r"(?P<model>[\w.-]+/[\w./:-]+)\s+(?P<which>input|output|cached)(?:\s+price)?")


def _span(text: str) -> Span:
    """A quantity, a range, or a price of the price book: ``openai/gpt-4o-mini input``."""
    match = _PRICE.fullmatch(text)
    if match:
        return point(_listed_price(match["model"], match["which"]))
    found = parse_range(text)
    return Span(Quantity(found.low, found.unit), Quantity(found.high, found.unit))


def _listed_price(key: str, which: str) -> Quantity:
    from breakeven.prices import load_book

    book = load_book()
    base, tuned, rest = key.partition(":tuned")
    try:
        price = book.tuning(base).inference if tuned and not rest else book.model(key)
    except UnknownPriceError as exc:
        hint = f"nearest: {', '.join(exc.near)}" if exc.near else "`breakeven prices search` finds models"
        raise QuantityError(f"no price for {key!r} in the price book", hint=hint) from exc
    found = {
        "input": price.input_usd_per_mtok,
        "output": price.output_usd_per_mtok,
        "cached": price.cached_usd_per_mtok,
    }[which]
    if found is None:
        raise QuantityError(f"{key} has no {which} price in the price book")
    return Quantity(found / 1e6, Unit.of(usd=1, token=-1))


def _ones(missing: Iterable[Missing]) -> dict[str, Span]:
    """One of each missing input, so that the formula's units can be checked."""
    return {m.name: point(Quantity(m.measure.factor, m.measure.unit)) for m in missing}
