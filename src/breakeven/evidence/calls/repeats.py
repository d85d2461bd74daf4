"""Calls that stand in several files, as where exports overlap: counted once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import ibis

    from breakeven.evidence.calls.engines.base import CallEngine

__all__ = ["once_each", "without_repeats"]

_KEYS: Final = ("call_hash", "_second", "_model")


def without_repeats(tables: Sequence[ibis.Table], engine: CallEngine) -> tuple[list[ibis.Table], int]:
    """(the tables without the calls that an earlier one holds, how many those were).

    The same call is one of the same id, time and model: ids alone may start anew with each file. Files whose times
    do not overlap are not compared.
    """
    suspects = _overlapping(tables, engine) if len(tables) > 1 else []
    if not suspects:
        return list(tables), 0
    repeated = _repeated([tables[i] for i in suspects], engine)
    if not engine.rows(repeated.limit(1)):
        return list(tables), 0
    found, lost = list(tables), 0
    for place, i in enumerate(suspects[1:], start=1):
        earlier = repeated.filter(repeated["first"] < place).select(*_KEYS)
        marked = _marked(tables[i])
        n = engine.rows(marked.semi_join(earlier, _KEYS).count().as_table())[0][0]
        if n:
            found[i] = engine.keep(marked.anti_join(earlier, _KEYS).drop("_second", "_model"), "once")
            lost += int(n)
    return found, lost


def once_each(table: ibis.Table, engine: CallEngine) -> tuple[ibis.Table, int]:
    """The same for one table of many files, which ``_file`` names; without that column."""
    marked = _marked(table)
    known = marked.filter(marked["call_hash"].notnull())
    seen = known.group_by(*_KEYS).agg(_first=known["_file"].min(), _last=known["_file"].max())
    again = engine.keep(seen.filter(seen["_first"] < seen["_last"]).drop("_last"), "repeated")
    both = marked.inner_join(again, _KEYS)
    n = engine.rows(both.filter(both["_file"] > both["_first"]).count().as_table())[0][0]
    if not n:
        return table.drop("_file"), 0
    joined = marked.left_join(again, _KEYS)
    first = joined.filter(joined["_first"].isnull() | (joined["_file"] == joined["_first"]))
    return engine.keep(first.select(*(name for name in table.columns if name != "_file")), "once"), int(n)


def _overlapping(tables: Sequence[ibis.Table], engine: CallEngine) -> list[int]:
    """The tables with ids whose span of time meets another's."""
    spans: list[tuple[Any, Any, int]] = []
    for i, table in enumerate(tables):
        known = table.filter(table["call_hash"].notnull() & table["time"].notnull())
        first, last = engine.rows(known.agg(first=known["time"].min(), last=known["time"].max()))[0]
        if first is not None:
            spans.append((first, last, i))
    spans.sort()
    found: set[int] = set()
    reach: tuple[Any, int] | None = None
    for first, last, i in spans:
        if reach is not None and first <= reach[0]:
            found |= {i, reach[1]}
        if reach is None or last > reach[0]:
            reach = (last, i)
    return sorted(found)


def _marked(table: ibis.Table) -> ibis.Table:
    """With the columns that calls are compared by; empty values compare as equal."""
    return table.mutate(
        _second=table["time"].epoch_seconds().cast("int64").fill_null(-1), _model=table["model"].fill_null("")
    )


def _repeated(tables: Sequence[ibis.Table], engine: CallEngine) -> ibis.Table:
    """Keys that several tables hold, and the ``first`` that does."""
    import ibis

    marked = [
        one.filter(one["call_hash"].notnull()).select(*_KEYS, _table=ibis.literal(i).cast("int64"))
        for i, one in enumerate(map(_marked, tables))
    ]
    both = ibis.union(*marked, distinct=False)
    seen = both.group_by(*_KEYS).agg(first=both["_table"].min(), last=both["_table"].max())
    return engine.keep(seen.filter(seen["first"] < seen["last"]), "repeated")
