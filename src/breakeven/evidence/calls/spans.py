"""Only the spans that called a model themselves: a span that wraps others repeats their tokens.

A trace may be spread over several files, so the spans of all of them are looked at together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import ibis

    from breakeven.evidence.calls.engines.base import CallEngine

__all__ = ["SPAN_KEYS", "innermost"]

SPAN_KEYS: Final = ("span_id", "trace_id", "parent_id", "used")
_DEEPEST: Final = 64


def innermost(engine: CallEngine, tables: Sequence[ibis.Table]) -> tuple[list[ibis.Table], int]:
    """(of each table, the spans that used tokens and have none under them that did; how many may be counted twice).

    Spans have ``_span_id``, ``_trace_id``, ``_parent_id`` and ``_used`` ("true" where the span used tokens); a table
    without them is left as it is. A span under one that stands in no table may be counted twice where it ran within
    another call of its trace.
    """
    spans = [table for table in tables if "_span_id" in table.columns]
    if not spans:
        return list(tables), 0
    links = _links(engine, spans)
    outer = _wrapping(engine, links)
    called = [_called(engine, table, outer) if "_span_id" in table.columns else table for table in tables]
    doubtful = _doubtful(engine, [table for table in called if "_span_id" in table.columns], links)
    hidden = tuple(f"_{key}" for key in SPAN_KEYS)
    return [table.drop(*hidden) if "_span_id" in table.columns else table for table in called], doubtful


def _called(engine: CallEngine, spans: ibis.Table, outer: ibis.Table) -> ibis.Table:
    called = spans.filter(spans["_used"] == "true")
    same_trace = called["_trace_id"].fill_null("") == outer["_trace"]
    alone = called.anti_join(outer, [same_trace, called["_span_id"] == outer["_span"]])
    return engine.keep(alone, "calls")


def _doubtful(engine: CallEngine, tables: Sequence[ibis.Table], links: ibis.Table) -> int:
    """Calls whose parent is missing, and that began and ended while an earlier call of their trace ran."""
    import ibis

    each = [
        calls.filter(calls["time"].notnull() & calls["_trace_id"].notnull()).select(
            "time", "latency_s", _trace="_trace_id", _parent="_parent_id"
        )
        for calls in tables
    ]
    both = ibis.union(*each, distinct=False) if len(each) > 1 else each[0]
    start = both["time"].delta(ibis.timestamp("1970-01-01"), unit="microsecond") / 1e6
    both = both.mutate(_start=start, _end=start + both["latency_s"].fill_null(0.0))
    earlier = ibis.window(group_by="_trace", order_by=["_start", both["_end"].desc()], preceding=(None, 1))
    both = engine.keep(both.mutate(_reach=both["_end"].max().over(earlier)), "reach")
    within = both.filter(both["_parent"].notnull() & (both["_reach"] >= both["_end"]))
    known = links.select(_trace="trace", _parent="span")
    lost = within.anti_join(known, ["_trace", "_parent"])
    return int(engine.rows(lost.count().as_table())[0][0])


def _links(engine: CallEngine, tables: Sequence[ibis.Table]) -> ibis.Table:
    """``trace``, ``span``, ``parent`` and ``used`` of all spans."""
    import ibis

    each = [
        spans.select(
            trace=spans["_trace_id"].fill_null(""),
            span=spans["_span_id"],
            parent=spans["_parent_id"],
            used=spans["_used"],
        )
        for spans in tables
    ]
    return engine.keep(ibis.union(*each, distinct=False) if len(each) > 1 else each[0], "links")


def _wrapping(engine: CallEngine, links: ibis.Table) -> ibis.Table:
    """``_trace`` and ``_span`` of the spans that have others under them that used tokens."""
    above = links.filter((links["used"] == "true") & links["parent"].notnull())
    above = engine.keep(above.select("trace", span="parent").distinct(), "above")
    wrapping = above
    for _ in range(_DEEPEST):
        up = links.semi_join(above, ["trace", "span"]).filter(lambda t: t["parent"].notnull())
        up = up.select("trace", span="parent").distinct().anti_join(wrapping, ["trace", "span"])
        above = engine.keep(up, "above")
        if not engine.rows(above.limit(1)):
            break
        wrapping = engine.keep(wrapping.union(above), "wrapping")
    return wrapping.select(_trace="trace", _span="span")
