"""A quantity as a study file gives it: a value, a range, a named distribution or draws, perhaps with its source.

Read and checked here, where the field knows which kind is wanted; turned into a belief where its name and place are
known (``Given.belief``)::

    label_cost: $4
    label_cost: $0.50..$4
    label_cost: {value: $0.50..$4, source: measured, reference: last invoice, date: 2026-10-01}
    label_cost: {triangular: [$1, $2, $4]}
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, cast, get_args

import numpy as np

from breakeven.beliefs import Belief, Source, from_range
from breakeven.errors import QuantityError, nearest
from breakeven.quantities import Kind, Range, parse_range, read

__all__ = [
    "FORMS",
    "SOURCES",
    "Given",
    "MisreadError",
    "read_day",
    "read_draws_file",
    "read_given",
    "read_source",
]

Form = Literal["value", "uniform", "normal", "lognormal", "triangular", "beta", "draws"]
FORMS: Final = get_args(Form)
SourceName = Literal["measured", "quoted", "published", "guess", "stated"]
SOURCES: Final = get_args(SourceName)
_BESIDE: Final = ("source", "reference", "date")
MIN_DRAWS: Final = 10
"""Fewer draws are no distribution."""
KEPT_DRAWS: Final = 10_000
"""Longer lists are kept as this many quantiles."""


class MisreadError(QuantityError):
    """A value inside a field could not be read; ``at`` is the way to it from the field."""

    def __init__(self, message: str, *, hint: str | None = None, at: tuple[str | int, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.at = at


@dataclass(frozen=True, kw_only=True)
class Given:
    """A quantity that was read, in the unit of its kind; it has no name yet."""

    kind: Kind
    form: Form
    numbers: tuple[float, ...] = ()
    """value, uniform, normal, lognormal: low and high; triangular: low, mode, high; beta: a, b; draws: sorted."""
    file: str | None = None
    """draws: the file that holds them."""
    source: Source | None = None
    """None: stated by the study."""

    @property
    def centre(self) -> float:
        """The median of what stands in the study itself, not in a file."""
        return self.belief("", Source(kind="stated", reference="")).centre

    def with_draws(self, text: str) -> Given:
        """The same with the draws of its file, whose text is given."""
        return replace(self, numbers=_sorted_draws(read_draws_file(text, self.kind)), file=None)

    def belief(self, name: str, stated: Source, *, cause: str | None = None) -> Belief:
        """The belief, with this name; ``stated`` is its source unless it has one of its own."""
        source = self.source or stated
        if self.form in ("value", "uniform", "normal", "lognormal"):
            low, high = self.numbers
            family = None if self.form == "value" else self.form
            found = Range(low, high, self.kind.unit, self.kind.percent)
            belief = from_range(name, self.kind, found, source, family=family)
        elif self.form == "draws":
            belief = Belief(name=name, kind=self.kind.name, family="draws", parameters=(), source=source,
                            evidence=self.numbers)  # fmt: skip
        else:
            family_name = cast("Literal['triangular', 'beta']", self.form)
            belief = Belief(
                name=name, kind=self.kind.name, family=family_name, parameters=self.numbers, source=source
            )
        return belief if belief.is_point or cause is None else replace(belief, cause=cause)


def read_given(data: object, kinds: Sequence[Kind]) -> Given:
    """Read what stands in a field that takes one of these kinds; raises MisreadError."""
    if isinstance(data, dict):
        return _from_mapping(data, kinds)
    kind, found = _read(data, kinds)
    return Given(kind=kind, form="value", numbers=(found.low, found.high))


def _read(data: object, kinds: Sequence[Kind]) -> tuple[Kind, Range]:
    if isinstance(data, bool) or not isinstance(data, str | int | float):
        raise MisreadError(f"{_shown(data)} is not a quantity", hint=_like(kinds))
    first: QuantityError | None = None
    for kind in _likely(data, kinds):
        try:
            return kind, read(data, kind)
        except QuantityError as exc:
            first = first or exc
    assert first is not None
    hint = first.hint if len(kinds) == 1 else _like(kinds)
    raise MisreadError(first.message, hint=hint) from first


def _likely(data: str | float, kinds: Sequence[Kind]) -> Sequence[Kind]:
    """The kinds in the order that the written unit suggests, so that the error speaks of the likeliest."""
    if len(kinds) == 1 or not isinstance(data, str):
        return kinds
    try:
        unit = parse_range(data).unit
    except QuantityError:
        return kinds
    shared = {
        k.name: len({base for base, _ in unit.powers} & {base for base, _ in k.unit.powers}) for k in kinds
    }
    return sorted(kinds, key=lambda kind: -shared[kind.name])


def _like(kinds: Sequence[Kind]) -> str:
    return "write it like " + " or ".join(dict.fromkeys(kind.example for kind in kinds))


def _shown(data: object) -> str:
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, list):
        return "a list"
    if isinstance(data, dict):
        return "a mapping"
    text = repr(data)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _from_mapping(data: dict[str, object], kinds: Sequence[Kind]) -> Given:
    forms = [key for key in data if key in FORMS]
    for key in data:
        if key not in FORMS and key not in _BESIDE:
            near = nearest(key, (*FORMS, *_BESIDE))
            did = f"did you mean `{near[0]}`? " if near else ""
            raise MisreadError(f"`{key}` has no meaning here",
                          hint=f"{did}a quantity takes value, {', '.join(FORMS[1:])}, source, reference, date",
                          at=(key,))  # fmt: skip
    if len(forms) != 1:
        said = f"both `{forms[0]}` and `{forms[1]}` stand here" if forms else "no value stands here"
        raise MisreadError(said, hint=f"exactly one of {', '.join(FORMS)}")
    source = read_source(data)
    try:
        given = _READERS[forms[0]](data[forms[0]], kinds)
    except MisreadError as exc:
        raise MisreadError(exc.message, hint=exc.hint, at=(forms[0], *exc.at)) from exc
    return replace(given, source=source)


def _value(data: object, kinds: Sequence[Kind]) -> Given:
    kind, found = _read(data, kinds)
    return Given(kind=kind, form="value", numbers=(found.low, found.high))


def _ranged(form: Form) -> Callable[[object, Sequence[Kind]], Given]:
    def reader(data: object, kinds: Sequence[Kind]) -> Given:
        kind, found = _read(data, kinds)
        if found.is_point:
            raise MisreadError(
                f"{_shown(data)} is one value, no range", hint=f"write low..high, such as {kind.example}"
            )
        if form == "lognormal" and found.low <= 0:
            raise MisreadError(
                f"a lognormal can not start at {found.low:g}", hint="a low end above 0, or `normal:`"
            )
        return Given(kind=kind, form=form, numbers=(found.low, found.high))

    return reader


def _single(data: object, kinds: Sequence[Kind], at: int) -> tuple[Kind, float]:
    try:
        kind, found = _read(data, kinds)
    except MisreadError as exc:
        raise MisreadError(exc.message, hint=exc.hint, at=(at,)) from exc
    if not found.is_point:
        raise MisreadError(f"{_shown(data)} is a range; one value is wanted here", at=(at,))
    return kind, found.low


def _triangular(data: object, kinds: Sequence[Kind]) -> Given:
    hint = "three values, low to high: [3 weeks, 4 weeks, 6 weeks]"
    if not isinstance(data, list) or len(data) != 3:
        raise MisreadError(f"{_shown(data)} is not low, likeliest, high", hint=hint)
    read_ones = [_single(item, kinds, at) for at, item in enumerate(data)]
    low, mode, high = (value for _, value in read_ones)
    if len({kind.name for kind, _ in read_ones}) > 1:
        raise MisreadError("the three values have different units", hint=hint)
    if not low <= mode <= high or low == high:
        raise MisreadError("the three values do not rise", hint=hint)
    return Given(kind=read_ones[0][0], form="triangular", numbers=(low, mode, high))


def _beta(data: object, kinds: Sequence[Kind]) -> Given:
    shares = [kind for kind in kinds if kind.percent and kind.low == 0 and kind.high == 1]
    if not shares:
        raise MisreadError("only a share can be a beta", hint=_like(kinds))
    numbers = data if isinstance(data, list) else []
    fine = len(numbers) == 2 and all(
        isinstance(n, int | float) and not isinstance(n, bool) and 0 < n <= 1e9 for n in numbers
    )
    if not fine:
        raise MisreadError("a beta takes two positive numbers", hint="successes and failures: [82, 18]")
    return Given(kind=shares[0], form="beta", numbers=(float(numbers[0]), float(numbers[1])))


def _draws(data: object, kinds: Sequence[Kind]) -> Given:
    if isinstance(data, str):
        if not data.strip():
            raise MisreadError("no file is named", hint="the path of a CSV file inside the study's folder")
        return Given(kind=kinds[0], form="draws", file=data)
    if not isinstance(data, list):
        raise MisreadError(f"{_shown(data)} is neither a list of values nor the path of a CSV file")
    read_ones = [_single(item, kinds, at) for at, item in enumerate(data)]
    if len({kind.name for kind, _ in read_ones}) > 1:
        raise MisreadError("the values have different units")
    numbers = _sorted_draws([value for _, value in read_ones])
    return Given(kind=read_ones[0][0], form="draws", numbers=numbers)


_READERS: Final[dict[str, Callable[[object, Sequence[Kind]], Given]]] = {
    "value": _value,
    "uniform": _ranged("uniform"),
    "normal": _ranged("normal"),
    "lognormal": _ranged("lognormal"),
    "triangular": _triangular,
    "beta": _beta,
    "draws": _draws,
}


def _sorted_draws(values: Sequence[float]) -> tuple[float, ...]:
    if len(values) < MIN_DRAWS:
        raise MisreadError(
            f"{len(values)} draws are no distribution", hint=f"at least {MIN_DRAWS}, or a range low..high"
        )
    kept = np.sort(np.asarray(values, dtype=float))
    if kept.size > KEPT_DRAWS:
        kept = np.quantile(kept, (np.arange(KEPT_DRAWS) + 0.5) / KEPT_DRAWS)
    return tuple(float(value) for value in kept)


def read_draws_file(text: str, kind: Kind) -> list[float]:
    """The values of a CSV file with one column: quantities, or plain numbers under a header that is their unit."""
    rows = [row.strip().strip('"').strip() for row in text.splitlines()]
    numbered = [(number, row) for number, row in enumerate(rows, start=1) if row]
    if not numbered:
        raise MisreadError("the file is empty")
    header = "" if _starts_with_number(numbered[0][1]) else numbered[0][1]
    unit = "" if header.lower() in ("", "value", "values", "draw", "draws") else f" {header}"
    return [_draw(row, unit, kind, number) for number, row in numbered[1 if header else 0 :]]


def _draw(row: str, unit: str, kind: Kind, line: int) -> float:
    try:
        found = read(f"{row}{unit}" if re.fullmatch(r"[-+\d.eE]+", row) else row, kind)
    except QuantityError as exc:
        raise MisreadError(f"line {line} of the file: {exc.message}", hint=exc.hint) from exc
    if not found.is_point:
        raise MisreadError(f"line {line} of the file: {row!r} is a range; one value is wanted on each line")
    return found.low


def _starts_with_number(text: str) -> bool:
    return re.match(r"[-+−]?\s*\$?\s*\.?\d", text) is not None


def read_source(data: dict[str, object]) -> Source | None:
    """The source that stands beside a quantity: ``source``, ``reference``, ``date``; None where none does."""
    if not any(key in data for key in _BESIDE):
        return None
    kind = data.get("source", "stated")
    if kind not in SOURCES:
        near = nearest(str(kind), SOURCES)
        hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(SOURCES)}"
        raise MisreadError(f"{_shown(kind)} is no source", hint=hint, at=("source",))
    reference = data.get("reference", "")
    if not isinstance(reference, str) or len(reference) > 500:
        hint = "text, such as `reference: timesheets`"
        raise MisreadError(f"{_shown(reference)} is not a reference", hint=hint, at=("reference",))
    date = None if "date" not in data else _at(read_day, data["date"], "date")
    return Source(kind=cast("SourceName", kind), reference=reference, date=date)


def _at(reader: Callable[[object], dt.date], data: object, key: str) -> dt.date:
    try:
        return reader(data)
    except MisreadError as exc:
        raise MisreadError(exc.message, hint=exc.hint, at=(key,)) from exc


def read_day(data: object) -> dt.date:
    """A date as ``2026-10-01``, or a month as ``2026-10``: its first day."""
    text = data.strip() if isinstance(data, str) else ""
    match = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", text, re.ASCII)
    if match is not None:
        year, month, day = int(match[1]), int(match[2]), int(match[3] or 1)
        try:
            if 1970 <= year <= 2200:
                return dt.date(year, month, day)
        except ValueError:
            pass
    raise MisreadError(f"{_shown(data)} is not a date", hint="write it like 2026-10-01 or 2026-10")
