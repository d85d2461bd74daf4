"""Only the spans that called a model themselves: a span that wraps others repeats their tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import ibis

    from breakeven.evidence.calls.engines.base import CallEngine

__all__ = ["SPAN_KEYS", "innermost"]

SPAN_KEYS: Final = ("span_id", "trace_id", "parent_id", "used")
_DEEPEST: Final = 64


def innermost(engine: CallEngine, spans: ibis.Table) -> ibis.Table:
    """The spans that used tokens and have no span under them, at any depth, that used tokens as well.

    ``spans`` has ``_span_id``, ``_trace_id``, ``_parent_id`` and ``_used`` ("true" where the span used tokens).
    """
    links = engine.keep(
        spans.select(
            trace=spans["_trace_id"].fill_null(""),
            span=spans["_span_id"],
            parent=spans["_parent_id"],
            used=spans["_used"],
        ),
        "links",
    )
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
    outer = wrapping.select(_trace="trace", _span="span")
    called = spans.filter(spans["_used"] == "true")
    same_trace = called["_trace_id"].fill_null("") == outer["_trace"]
    return called.anti_join(outer, [same_trace, called["_span_id"] == outer["_span"]])
