"""Decision rules from outside: a user's YAML file, and packages with the entry point ``breakeven.rules``.

A file is a list of entries under ``rules:``, each with the fields of ``advice.rule.Rule``. Every slip is reported with
its line and column, all of them at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from breakeven.advice.published_rules import PUBLISHED_RULES
from breakeven.advice.rule import Figure, Row, Rule, Step, Table
from breakeven.errors import BreakevenError, InputError, Place, Problem, QuantityError, StudyError, nearest
from breakeven.quantities import ONE, parse_quantity
from breakeven.yaml_places import Path as KeyPath
from breakeven.yaml_places import PlacedYaml, load

__all__ = ["ENTRY_POINTS", "all_rules", "installed_rules", "load_rules"]

ENTRY_POINTS: Final = "breakeven.rules"
"""The group in which a package names its rules: an entry is a ``Rule`` or several."""


def all_rules(*files: Path) -> tuple[Rule, ...]:
    """The published rules, then those of installed packages, then those of the files; no two share an id."""
    rules = [*PUBLISHED_RULES, *installed_rules()]
    for file in files:
        rules += load_rules(file, taken=[rule.id for rule in rules])
    return tuple(rules)


def installed_rules() -> tuple[Rule, ...]:
    """The rules of all installed packages that name some, by entry point.

    Raises InputError that names the package where one can not be loaded or gives something else.
    """
    found: dict[str, Rule] = {}
    taken = {rule.id for rule in PUBLISHED_RULES}
    for entry in sorted(
        metadata.entry_points(group=ENTRY_POINTS), key=lambda entry: (entry.name, entry.value)
    ):
        for rule in _from_package(entry):
            if rule.id in taken or rule.id in found:
                raise InputError(Problem(message=f"{_named(entry)}: there is a rule {rule.id!r} already"))
            found[rule.id] = rule
    return tuple(found.values())


def _from_package(entry: metadata.EntryPoint) -> list[Rule]:
    try:
        given = entry.load()
    except BreakevenError as exc:
        raise InputError(Problem(message=f"{_named(entry)}: {exc}")) from exc
    except Exception as exc:  # whatever a package does when it is imported
        raise InputError(Problem(message=f"{_named(entry)} can not be loaded: {exc!r}")) from exc
    rules = [given] if isinstance(given, Rule) else list(given) if isinstance(given, Iterable) else [given]
    if not all(isinstance(rule, Rule) for rule in rules):
        hint = "name a breakeven.advice.rule.Rule, or a tuple of them"
        raise InputError(Problem(message=f"{_named(entry)} gives something that is no rule", hint=hint))
    return rules


def _named(entry: metadata.EntryPoint) -> str:
    package = f" of {entry.dist.name}" if entry.dist is not None else ""
    return f"entry point {entry.name!r}{package} ({entry.value})"


def load_rules(file: Path, *, taken: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The rules of a YAML file; ``taken`` are ids that it must not use.

    Raises InputError with every slip at its line and column.
    """
    yaml = _read(file)
    try:
        entries = _File.model_validate(yaml.data).rules
    except ValidationError as exc:
        raise InputError(*(_placed(yaml, error) for error in exc.errors())) from exc
    problems: list[Problem] = []
    rules: dict[str, Rule] = {}
    known = set(taken)
    for n, entry in enumerate(entries):
        if entry.id in known:
            path: KeyPath = ("rules", n, "id")
            problems.append(
                Problem(
                    message=f"there is a rule {entry.id!r} already",
                    place=yaml.place(path),
                    field=f"rules[{n}].id",
                )
            )
        known.add(entry.id)
        try:
            rules[entry.id] = entry.to_rule()
        except InputError as exc:
            problems += _rule_problems(yaml, n, exc.problems)
    if problems:
        raise InputError(*problems)
    return tuple(rules.values())


def _read(file: Path) -> PlacedYaml:
    try:
        text = file.read_bytes()
    except OSError as exc:
        raise InputError(
            Problem(message=exc.strerror or "can not be read", place=Place(file=str(file)))
        ) from exc
    if not text.strip():
        raise InputError(
            Problem(message="the file is empty", place=Place(file=str(file), line=1), hint=_SHAPE)
        )
    try:
        return load(text, str(file))
    except StudyError as exc:
        raise InputError(*(_of_rules(problem) for problem in exc.problems)) from exc


_SHAPE: Final = "a rules file starts with `rules:`, and under it a list of rules"


def _of_rules(problem: Problem) -> Problem:
    """A reader's problem, in the words of this kind of file."""
    hint = _SHAPE if problem.hint and "study" in problem.hint else problem.hint
    return Problem(
        message=problem.message.replace("a study", "a rules file"),
        place=problem.place,
        field=problem.field,
        hint=hint,
    )


# ------------------------------------------------------------------------------------ what may stand there


def _bound(given: object) -> float:
    """A bound of a table: a number, also as 100K or 1M."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise ValueError("is not a number")
    if not isinstance(given, str):
        return float(given)
    try:
        found = parse_quantity(given)
    except QuantityError as exc:
        raise ValueError(exc.message) from exc
    if found.unit != ONE:
        raise ValueError(f"{given!r} has a unit; the fact's name says it")
    return found.value


_Bound = Annotated[float, BeforeValidator(_bound), Field(allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _StepEntry(_Strict):
    when: str = ""
    verdict: str = ""
    because: str = ""
    steps: list[_StepEntry] = []

    def to_step(self) -> Step:
        steps = tuple(step.to_step() for step in self.steps)
        return Step(when=self.when, verdict=self.verdict, because=self.because, steps=steps)


class _RowEntry(_Strict):
    below: _Bound | None = None
    up_to: _Bound | None = None
    verdict: str = ""
    because: str = ""
    steps: list[_StepEntry] = []

    def to_row(self) -> Row:
        steps = tuple(step.to_step() for step in self.steps)
        return Row(
            below=self.below, up_to=self.up_to, verdict=self.verdict, because=self.because, steps=steps
        )


class _TableEntry(_Strict):
    fact: str
    rows: list[_RowEntry]


class _FigureEntry(_Strict):
    name: str
    formula: str
    unit: str


class _RuleEntry(_Strict):
    id: str
    title: str
    source: str
    about: str = "own rules"
    figures: list[_FigureEntry] = []
    steps: list[_StepEntry] = []
    table: _TableEntry | None = None

    def to_rule(self) -> Rule:
        rows = tuple(row.to_row() for row in self.table.rows) if self.table else ()
        return Rule(
            id=self.id, title=self.title, source=self.source, about=self.about,
            figures=tuple(Figure(name=f.name, formula=f.formula, unit=f.unit) for f in self.figures),
            steps=tuple(step.to_step() for step in self.steps),
            table=Table(fact=self.table.fact, rows=rows) if self.table else None,
        )  # fmt: skip


class _File(_Strict):
    rules: list[_RuleEntry] = Field(min_length=1)


_ENTRIES: Final[dict[str, type[_Strict]]] = {
    "": _File, "rules": _RuleEntry, "figures": _FigureEntry, "steps": _StepEntry, "table": _TableEntry,
    "rows": _RowEntry,
}  # fmt: skip
"""What stands under a key, to name the nearest right one."""

_TYPES: Final = {
    "string_type": "is not text: put it in quotes",
    "list_type": "is not a list: start each entry with -",
}


def _placed(yaml: PlacedYaml, error: Any) -> Problem:
    """A problem of pydantic's, at its place and in our words."""
    path: KeyPath = tuple(error["loc"])
    kind, field = error["type"], _dotted(path)
    if kind == "extra_forbidden":
        parents = [part for part in path[:-1] if isinstance(part, str)]
        known = list(_ENTRIES[parents[-1] if parents else ""].model_fields)
        near = nearest(str(path[-1]), known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
        return Problem(message="is no key of a rule", place=yaml.key_place(path), field=field, hint=hint)
    if kind == "missing":
        return Problem(message="is missing", place=yaml.key_place(path[:-1]), field=field)
    message = _TYPES.get(kind, error["msg"].removeprefix("Value error, "))
    if kind in {"model_type", "model_attributes_type"}:
        message = "is not a mapping: write `key: value`"
    return Problem(message=message, place=yaml.place(path), field=field)


def _rule_problems(yaml: PlacedYaml, n: int, problems: Sequence[Problem]) -> Iterator[Problem]:
    for problem in problems:
        path: KeyPath = ("rules", n, *_path(problem.field or ""))
        yield Problem(message=problem.message, place=yaml.place(path), field=_dotted(path), hint=problem.hint)


def _path(field: str) -> KeyPath:
    """``steps[1].when`` → ("steps", 1, "when")."""
    return tuple(int(part[1:]) if part[0] == "[" else part for part in re.findall(r"\w+|\[\d+", field))


def _dotted(path: KeyPath) -> str:
    from breakeven.yaml_places import dotted

    return dotted(path)
