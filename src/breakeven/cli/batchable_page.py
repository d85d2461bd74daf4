"""What could wait for a batch, in the profile's page: bounds and what they rest on, or what was stated."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Final

from breakeven.report.text import clean

__all__ = ["batchable_lines"]

_ROWS: Final = 8


def _heading(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent="BATCHABLE  ", subsequent_indent=" " * 11)


def batchable_lines(own: Mapping[str, Any], width: int) -> Iterator[str]:
    """What could wait a day: bounds with what they rest on, or what was stated."""
    low, high = own["low"], own["high"]
    span = f"{low:.1%} to {high:.1%} of calls" if low < high else f"{low:.1%} of calls"
    if own["source"] == "stated":
        yield from _heading(f"{span}, as stated", width)
        return
    if own["share"] is not None:
        yield from _heading(f"{span}: {_stated(own['stated'])}; bounds for the others", width)
    elif low == 0 and high == 1:
        yield from _heading("not known, 0% to 100%: nothing in the log shows who waits", width)
    else:
        yield from _heading(f"{span}: bounds from what the log shows, not measured", width)
    for text in (*_waiting(own), *_maybe(own), *_how(own)):
        yield from textwrap.wrap(text, width, initial_indent=" " * 11, subsequent_indent=" " * 13)


def _how(own: Mapping[str, Any]) -> Iterator[str]:
    if own["share"] is None:
        feature = " or --batchable FEATURE" if own["features"] else ""
        yield f"who waits is not logged: state it with --batchable 40%{feature}"


def _stated(features: Mapping[str, Mapping[str, float]]) -> str:
    shown = (f"{clean(name)} {_ends(ends['low'], ends['high'])}" for name, ends in features.items())
    return ", ".join(shown) + " as stated"


def _ends(low: float, high: float) -> str:
    return f"{low:.0%}" if low == high else f"{low:.0%} to {high:.0%}"


def _waiting(own: Mapping[str, Any]) -> Iterator[str]:
    """What the ends of the bounds rest on."""
    runs = [one for one in own["likely"] if one["counts"] and one["feature"] not in own["stated"]]
    least = [f"{own['already']:.1%} are at the batch tier"] if own["already"] else []
    least += [f"{clean(one['feature'])} ({one['share']:.1%}), as {one['why']}" for one in runs[:_ROWS]]
    if least:
        yield f"at least: {'; '.join(least)}"
    most = [f"{own['streamed']:.1%} are streamed, so somebody reads along"] if own["streamed"] else []
    most += (
        [f"{own['followed']:.1%} are followed by another call of their session"] if own["followed"] else []
    )
    if most:
        yield f"at most: {'; '.join(most)}"


def _maybe(own: Mapping[str, Any]) -> Iterator[str]:
    """Features whose name alone says that nobody waits."""
    names = [one for one in own["likely"] if not one["counts"] and one["feature"] not in own["stated"]]
    for one in names[:_ROWS]:
        yield f"maybe {clean(one['feature'])} ({one['share']:.1%} of calls): {one['why']}; not counted"
