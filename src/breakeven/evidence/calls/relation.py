"""A raw record to a call, as Ibis expressions, with the reason for which a row is refused.

What is absent is unknown and stays empty; what is there and wrong makes the row refused, with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import add, and_, or_
from typing import TYPE_CHECKING, Any, Final, cast

from breakeven.evidence.calls.failures import ending_of, failure_of
from breakeven.evidence.calls.fields import find_value, read_fields
from breakeven.evidence.calls.format import LogFormat

if TYPE_CHECKING:
    import ibis

__all__ = ["CALL_SCHEMA", "PASSED", "complete", "may_hold", "to_calls"]

CALL_SCHEMA: Final[Mapping[str, str]] = {
    "time": "timestamp",
    "latency_s": "float64",
    "ttft_s": "float64",
    "provider": "string",
    "model": "string",
    "feature": "string",
    "input_tokens": "int64",
    "cached_tokens": "int64",
    "cache_write_tokens": "int64",
    "output_tokens": "int64",
    "reasoning_tokens": "int64",
    "cost_usd": "float64",
    "failure": "string",
    "call_id": "string",
    "session": "string",
    "template": "string",
    "messages_hash": "int64",
    "answer_hash": "int64",
    "ending": "string",
    "tier": "string",
    "call_hash": "int64",
    "outcome": "string",
    "outcome_name": "string",
    "prefix_blocks": "array<int64>",
    "calls": "float64",
}
"""One row a call. Times are UTC; ``input_tokens`` is all input, cached or not; ``calls`` is 1, or a window's count."""

PASSED: Final = ("_file", "_span_id", "_trace_id", "_parent_id", "_used")
"""What calls of several files are compared by, and dropped with; see ``spans`` and ``repeats``."""

_MOST_TOKENS: Final = 1e8
_FIRST_YEAR, _LAST_YEAR = "2015-01-01", "2100-01-01"
_UNREADABLE: Final = "not readable"
_OVERDRAWN: Final = "more cached tokens than input tokens"


Named = Callable[["ibis.Table"], "ibis.Table"]
"""Gives a query a name, so that what is built on it refers to its columns instead of repeating their making."""


def to_calls(
    raw: ibis.Table,
    log_format: LogFormat,
    *,
    named: Named,
    only: frozenset[str] | None = None,
    faults: bool = True,
) -> ibis.Table:
    """The calls in raw records: those columns of ``CALL_SCHEMA`` that it has, and ``reason`` (empty: a fine row).

    ``only``: the columns that are needed. ``faults``: whether the reason says which fault a row has, or only that it
    has one, which takes half the time. Columns of ``raw`` named ``_…`` are passed on.
    """
    import ibis

    row = _Row(named(read_fields(_kept(raw, log_format), log_format)), log_format)
    values = row.values()
    columns = {
        name: values[name].cast(kind)
        for name, kind in CALL_SCHEMA.items()
        if name in values and (only is None or name in only)
    }
    passed = {name: row.raw[name] for name in row.raw.columns if name.startswith("_") and name != "_broken"}
    reason = row.reason(faults=faults)
    if log_format.tree:  # spans that used no tokens are there for the tree's sake only
        broken = row.raw["_broken"].notnull() if "_broken" in row.raw.columns else ibis.literal(False)
        reason = ibis.ifelse((row.raw["_used"] == "true") | broken, reason, ibis.null("string"))
    return row.raw.select(**columns, reason=reason, **passed)


def complete(calls: ibis.Table) -> ibis.Table:
    """The same calls with all columns of ``CALL_SCHEMA``: what the log does not have is empty (see ``may_hold``).

    A span's links, and the file where the log has many, are passed on (``PASSED``).
    """
    import ibis

    known = set(calls.columns)
    missing = {name: ibis.null(kind) for name, kind in CALL_SCHEMA.items()} | {"calls": ibis.literal(1.0)}
    return calls.select(
        **{name: calls[name] if name in known else missing[name] for name in CALL_SCHEMA},
        **{name: calls[name] for name in PASSED if name in known},
    )


def may_hold(calls: ibis.Table, name: str) -> bool:
    """False where the column is empty as no log has such a field, which is known without asking the engine."""
    from ibis.expr import operations as ops

    made = calls.op()
    if isinstance(made, ops.Union):
        return may_hold(made.left.to_expr(), name) or may_hold(made.right.to_expr(), name)
    value = made.values.get(name) if isinstance(made, ops.Project) else None
    return not (isinstance(value, ops.Literal) and value.value is None)


def _kept(raw: ibis.Table, log_format: LogFormat) -> ibis.Table:
    """Without the records that the format passes over."""
    for path, wanted in log_format.keep.items():
        found = find_value(raw, path)
        if found is not None:
            text = found.cast("string")
            raw = raw.filter(text.isnull() | text.isin(wanted))
    return raw


class _Row:
    """The values of one record, and what is wrong with them, as expressions."""

    def __init__(self, raw: ibis.Table, log_format: LogFormat) -> None:
        self.raw = raw
        self.format = log_format
        self._wrong: list[tuple[Any, str]] = []
        self._fine: list[Any] = []

    def values(self) -> dict[str, Any]:
        """Every canonical column that the format has."""
        found: dict[str, Any] = {"calls": self._calls()}
        for name in (
            "provider",
            "model",
            "feature",
            "call_id",
            "session",
            "template",
            "outcome",
            "outcome_name",
        ):
            found[name] = self._field(name)
        found["messages_hash"], found["answer_hash"] = self._field("messages"), self._field("answer")
        found["ending"], found["tier"] = ending_of(self._field("finish_reason")), _lower(self._field("tier"))
        found["call_hash"] = None if found["call_id"] is None else found["call_id"].hash()
        found["prefix_blocks"] = self._field("prefix_blocks")
        found["failure"] = failure_of(
            found["ending"], self._field("status"), self._field("error"), spans=self.format.tree
        )
        found["time"] = self._time("time", dated=self.format.clock == "absolute")
        found |= self._tokens(found)
        found |= self._durations(found["time"])
        found["cost_usd"] = self._number("cost_usd")
        return {name: value for name, value in found.items() if value is not None}

    def reason(self, *, faults: bool) -> Any:
        """The first thing that is wrong with the row; empty where nothing is."""
        import ibis

        first: list[tuple[Any, Any]] = []
        if "_broken" in self.raw.columns:
            first.append((self.raw["_broken"].notnull(), self.raw["_broken"]))
            self._fine.append(self.raw["_broken"].isnull())
        needs = self.format.needs or tuple(self.format.fields)
        has = [self.raw[f"has_{name}"] for name in needs if f"has_{name}" in self.raw.columns]
        if has or self.format.needs:
            held = reduce(or_, has, ibis.literal(False))
            first.append((~held, f"not a record of {self.format.title}"))
            self._fine.append(held)
        branches = first + [(wrong.fill_null(False), why) for wrong, why in self._wrong]
        nothing = ibis.null("string")
        if not branches:
            return nothing
        fault = ibis.cases(*branches, else_=_UNREADABLE) if faults else ibis.literal(_UNREADABLE)
        # as a number: a branch on a long AND is taken condition by condition, which is slower than all of them at once
        return ibis.ifelse(reduce(and_, self._fine).cast("int8") == 1, nothing, fault)

    def _refuse(self, wrong: Any, why: str) -> None:
        """Refuse rows of which ``wrong`` holds."""
        self._wrong.append((wrong, why))
        self._fine.append(~wrong.fill_null(False))

    def _field(self, name: str) -> Any:
        """The field as read; None where the format does not have it."""
        return self.raw[name] if name in self.raw.columns else None

    def _number(self, name: str, *, most: float = 1e15, whole: bool = False) -> Any:
        """A number that is not negative; anything else that stands there refuses the row."""
        number = self._field(name)
        if number is None:
            return None
        if self.format.kind == "windows":
            most = 1e15
        fine = number.between(0, int(most))
        if not number.type().is_integer():
            bad = number.isnan() | number.isinf()
            self._wrong.append(((self._has(name) & number.isnull()) | bad, f"{name} is not a number"))
        self._wrong += [(number < 0, f"{name} is negative"), (number > most, f"{name} is over {most:,.0f}")]
        if whole and not number.type().is_integer():
            whole_part = number.try_cast("int64")
            self._wrong.append((number != whole_part, f"{name} is not a whole number"))
            fine &= number == whole_part
        self._fine.append(self._or_empty(name, fine))
        return number

    def _has(self, name: str) -> Any:
        """Whether something stands there, readable or not."""
        has = f"has_{name}"
        return self.raw[has] if has in self.raw.columns else self.raw[name].notnull()

    def _or_empty(self, name: str, fine: Any) -> Any:
        """``fine`` where it can be told; a value is missing where nothing stands there, or nothing that can be read.

        No branch: engines compare whole columns faster than they tell rows apart.
        """
        has = f"has_{name}"
        return fine.fill_null(~self.raw[has] if has in self.raw.columns else True)

    def _count(self, name: str) -> Any:
        return self._number(name, most=_MOST_TOKENS, whole=True)

    def _tokens(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """Tokens; whatever a provider counts apart from its input is added to it."""
        import ibis

        given, out, reasoning = (
            self._count(n) for n in ("input_tokens", "output_tokens", "reasoning_tokens")
        )
        inside, apart = self._count("cached_tokens"), self._count("cached_apart_tokens")
        written, written_apart = self._count("cache_write_tokens"), self._count("cache_write_apart_tokens")
        cached, writes = _sum(inside, apart), _sum(written, written_apart)
        total = given
        if given is not None:
            total = _plus(given, apart, written_apart)
            besides = self._counted_apart(found, given, _sum(cached, writes))
            if besides is not None:
                total = ibis.ifelse(besides, _plus(given, cached, writes), total)
            if cached is not None or writes is not None:
                self._refuse(_known_sum(inside, apart, written, written_apart) > total, _OVERDRAWN)
        return {
            "input_tokens": _whole(total), "output_tokens": _whole(out), "reasoning_tokens": _whole(reasoning),
            "cached_tokens": _whole(cached), "cache_write_tokens": _whole(writes),
        }  # fmt: skip

    def _counted_apart(self, found: Mapping[str, Any], given: Any, cached: Any) -> Any:
        """Whether this row's provider counts cached tokens apart from its input, where the format leaves it open."""
        if cached is None:
            return None
        if self.format.tree:  # by convention inside; more of them than input can only have been counted apart
            return (cached > given).fill_null(False)
        names = [found[n].lower() for n in ("provider", "model") if found.get(n) is not None]
        starts = [name.startswith(p) for name in names for p in self.format.apart_providers]
        return reduce(or_, starts).fill_null(False) if starts else None

    def _durations(self, start: Any) -> dict[str, Any]:
        """Seconds to the end and to the first token, given as such or as times."""
        import ibis

        durations = {}
        for name, ends in (("latency_s", "end_time"), ("ttft_s", "first_token_time")):
            stated, end = self._number(name), self._time(ends)
            between = None if end is None or start is None else end.delta(start, unit="microsecond") / 1e6
            if between is not None:
                self._refuse(between < 0, f"{ends} is before time")
            known = [value for value in (stated, between) if value is not None]
            durations[name] = ibis.coalesce(*known) if known else None
        return durations

    def _time(self, name: str, *, dated: bool = False) -> Any:
        """A time; ``dated``: one that lies in years of which there can be calls."""
        time = self._field(name)
        if time is None:
            return None
        unread = self._has(name) & time.isnull()
        self._wrong.append((unread, f"{name} can not be read"))
        fine = ~unread
        if dated:
            first, last = _stamp(_FIRST_YEAR), _stamp(_LAST_YEAR)
            self._wrong.append(((time < first) | (time > last), "time is outside 2015..2100"))
            fine = self._or_empty(name, time.between(first, last))
        self._fine.append(fine)
        return time

    def _calls(self) -> Any:
        """Calls of a window; None where every row is one call."""
        if self.format.kind != "windows":
            return None
        seconds = 1.0 if self.format.per_window else self.format.window_s
        return self._number("rate_per_s") * seconds


def _lower(value: Any) -> Any:
    return None if value is None else value.lower()


def _stamp(day: str) -> Any:
    import ibis

    return ibis.timestamp(day)


def _sum(*parts: Any) -> Any:
    """The sum of what is known; None where no part exists, empty where none of them is known."""
    known = [part for part in parts if part is not None]
    if len(known) < 2:
        return known[0] if known else None
    import ibis

    unknown = reduce(and_, (part.isnull() for part in known))
    return ibis.ifelse(unknown, ibis.null("float64"), reduce(add, (part.fill_null(0.0) for part in known)))


def _plus(first: Any, *others: Any) -> Any:
    return reduce(add, (other.fill_null(0.0) for other in others if other is not None), first)


def _known_sum(*parts: Any) -> Any:
    """The sum, where what is not known counts as nothing; of a single part, itself."""
    known = [part for part in parts if part is not None]
    return known[0] if len(known) == 1 else reduce(add, (part.fill_null(0.0) for part in known))


def _whole(value: Any) -> Any:
    if value is None or value.type().is_integer():
        return value
    return cast("Any", value).try_cast("int64")
