"""A published rule as data: ordered steps over named facts, or a table, each with the sentence that it says.

The first step whose condition holds decides. A rule is checked when it is made; ``advice.rules`` runs it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

from breakeven.advice.conditions import Name, Names, parse
from breakeven.advice.facts import FACTS
from breakeven.errors import InputError, Problem, nearest

__all__ = ["VERDICTS", "Figure", "Row", "Rule", "Step", "Table", "Verdict", "names_of", "placeholders"]

Verdict = Literal["prompt", "tune", "hybrid", "evaluate", "cannot tell"]
VERDICTS: Final[tuple[str, ...]] = get_args(Verdict)
"""All that a rule can say: keep prompting, tune, both, compare the two on your cases, or nothing."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One condition, and what follows where it holds: a verdict, or more steps."""

    when: str = ""
    """An expression over facts; empty: always. The last step of a rule is always taken."""
    verdict: str = ""
    because: str = ""
    """One sentence; ``{calls_per_month}`` is filled in with its unit."""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a table: values under a bound, and what follows there."""

    below: float | None = None
    """The bound belongs to the next row."""
    up_to: float | None = None
    """The bound belongs to this row. Neither: all values that are left."""
    verdict: str = ""
    because: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Table:
    """Verdicts by the size of one fact; rows ascend, the last has no bound."""

    fact: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure that a rule computes: its name can be used in later formulas, conditions and sentences."""

    name: str
    formula: str
    unit: str
    """As facts have them: ``months``, ``usd``, ``calls/year``."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One decision rule and where it is published. Exactly one of ``steps`` and ``table`` is given.

    Raises InputError that lists every slip, with the field it stands in: ``steps[1].when``.
    """

    id: str
    """Short and stable: ``001-volume``."""
    title: str
    """What the rule says, in one line."""
    source: str
    """Document and place."""
    about: str = "own rules"
    """Its subject: rules on one subject can contradict each other."""
    figures: tuple[Figure, ...] = ()
    steps: tuple[Step, ...] = ()
    table: Table | None = None

    def __post_init__(self) -> None:
        problems = tuple(_problems(self))
        if problems:
            raise InputError(*problems)

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """The steps; a table's rows as steps."""
        return (
            self.steps if self.table is None else tuple(_row_step(self.table, row) for row in self.table.rows)
        )

    @property
    def asks(self) -> tuple[str, ...]:
        """The facts that the rule may look at, each once, in order."""
        names = names_of(self)
        texts = [*(f.formula for f in self.figures), *(s.when for s in _walk(self.all_steps) if s.when)]
        used = [name for text in texts for name in parse(text, names).uses]
        return tuple(dict.fromkeys(name for name in used if name in FACTS))


def names_of(rule: Rule) -> Names:
    """What the rule's expressions may name: every fact, and the rule's own figures."""
    return {**_FACT_NAMES, **{figure.name: Name(type="number") for figure in rule.figures}}


def placeholders(text: str) -> list[str]:
    """The names in braces, in order."""
    return [match[1] for match in re.finditer(r"{(\w*)}", text)]


_FACT_NAMES: Final[Names] = {fact.name: Name(type=fact.type, words=fact.words) for fact in FACTS.values()}


def _row_step(table: Table, row: Row) -> Step:
    when = ""
    if row.below is not None:
        when = f"{table.fact} < {row.below!r}"
    elif row.up_to is not None:
        when = f"{table.fact} <= {row.up_to!r}"
    return Step(when=when, verdict=row.verdict, because=row.because, steps=row.steps)


def _walk(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _walk(step.steps)


# --------------------------------------------------------------------------------------------- checks


def _problems(rule: Rule) -> Iterator[Problem]:
    for name in ("id", "title", "source", "about"):
        if not str(getattr(rule, name)).strip():
            yield Problem(
                field=name, message="is empty", hint="every rule says what it is and where it is from"
            )
    if not re.fullmatch(r"[\w.-]+", rule.id):
        yield Problem(field="id", message=f"{rule.id!r} is not an id", hint="letters, digits, - and . only")
    yield from _figure_problems(rule)
    names = names_of(rule)
    if rule.table is not None and not rule.steps:
        yield from _table_problems(rule.table, names)
    elif rule.table is None and rule.steps:
        yield from _step_problems(rule.steps, "steps", names)
    else:
        yield Problem(field="steps", message="a rule has either steps or a table", hint="give one of the two")


def _figure_problems(rule: Rule) -> Iterator[Problem]:
    known: dict[str, Name] = dict(_FACT_NAMES)
    for n, figure in enumerate(rule.figures):
        if not figure.name.isidentifier() or figure.name in known:
            yield Problem(
                field=f"figures[{n}].name", message=f"{figure.name!r} can not be the name of a figure",
                hint="a new name in letters, digits and _",
            )  # fmt: skip
        yield from _expression_problems(figure.formula, f"figures[{n}].formula", known, "number")
        known[figure.name] = Name(type="number")


def _table_problems(table: Table, names: Names) -> Iterator[Problem]:
    if names.get(table.fact, Name(type="word")).type != "number":
        near = ", ".join(
            nearest(table.fact, [name for name, known in names.items() if known.type == "number"])
        )
        yield Problem(
            field="table.fact", message=f"{table.fact!r} is no number that is known",
            hint=f"nearest: {near}" if near else "`breakeven rules --facts` lists all",
        )  # fmt: skip
        return
    yield from _bound_problems(table.rows)
    steps = [_row_step(table, row) for row in table.rows]
    yield from _step_problems(steps, "table.rows", names)


def _bound_problems(rows: tuple[Row, ...]) -> Iterator[Problem]:
    last: tuple[float, bool] | None = None
    for n, row in enumerate(rows):
        if row.below is not None and row.up_to is not None:
            yield Problem(field=f"table.rows[{n}]", message="has two bounds", hint="give `below` or `up_to`")
        bound = row.below if row.below is not None else row.up_to
        if bound is None:
            continue
        here = (float(bound), row.up_to is not None)
        if last is not None and not here > last:
            field = f"table.rows[{n}].{'below' if row.below is not None else 'up_to'}"
            yield Problem(
                field=field, message=f"{bound:g} is not above {last[0]:g}", hint="let the rows ascend"
            )
        last = here


def _step_problems(steps: Iterable[Step], field: str, names: Names) -> Iterator[Problem]:
    """What is wrong with a list of steps that must decide in the end."""
    steps = tuple(steps)
    last = len(steps) - 1
    for n, step in enumerate(steps):
        here = f"{field}[{n}]"
        if bool(step.when) is (n == last):
            yield _end_problem(here, n == last)
        if step.when:
            yield from _expression_problems(step.when, f"{here}.when", names, "yes or no")
        yield from _outcome_problems(step, here, names)


def _end_problem(here: str, is_last: bool) -> Problem:
    if is_last:
        return Problem(
            field=here, message="the last step has a condition: where it fails, the rule says nothing",
            hint="end with a step (or row) that always decides",
        )  # fmt: skip
    return Problem(
        field=here, message="always decides: what stands after it is never reached", hint="add `when`"
    )


def _outcome_problems(step: Step, here: str, names: Names) -> Iterator[Problem]:
    if step.steps:
        if step.verdict or step.because:
            yield Problem(field=here, message="has both a verdict and steps", hint="give one of the two")
        yield from _step_problems(step.steps, f"{here}.steps", names)
        return
    if step.verdict not in VERDICTS:
        yield Problem(
            field=f"{here}.verdict",
            message=f"{step.verdict!r} is no verdict",
            hint=f"one of: {', '.join(VERDICTS)}",
        )
    yield from _sentence_problems(step.because, f"{here}.because", names)


def _sentence_problems(text: str, field: str, names: Names) -> Iterator[Problem]:
    if not text.strip():
        yield Problem(field=field, message="is empty", hint="say why, in one sentence")
    for name in placeholders(text):
        if name not in names:
            near = nearest(name, names)
            hint = f"did you mean {{{near[0]}}}?" if near else "`breakeven rules --facts` lists all"
            yield Problem(field=field, message=f"no fact is called {name!r}", hint=hint)
    if re.search(r"[{}]", re.sub(r"{\w*}", "", text)):
        yield Problem(field=field, message="has a brace that names no fact", hint="write {calls_per_month}")


def _expression_problems(text: str, field: str, names: Names, wanted: str) -> Iterator[Problem]:
    try:
        found = parse(text, names)
    except InputError as exc:
        yield from (Problem(field=field, message=p.message, hint=p.hint) for p in exc.problems)
        return
    if found.type != wanted:
        yield Problem(
            field=field, message=f"{text!r} gives {found.type}, where {wanted} is wanted",
            hint="compare it with something" if wanted == "yes or no" else "give a number",
        )  # fmt: skip
