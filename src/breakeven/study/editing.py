"""One value of a study's text changed, and not a letter around it: comments, order, quotes and indents stay.

Only the text is changed; whether it still is a study, ``parse_study`` says::

    edit(text, ("workload", "volume"), "2M calls/month")

A value that is there is replaced where it stands. One that is missing is added at the end of its mapping, and so are
the mappings around it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeAlias

from breakeven.errors import Place, Problem, StudyError
from breakeven.quantities import KINDS
from breakeven.yaml_places import Path, dotted, load

__all__ = ["Edit", "Value", "edit", "edit_all", "written"]

Value: TypeAlias = "str | Mapping[str, Value]"
"""What is to stand there: a text as one would write it, or a mapping of such."""


@dataclass(frozen=True)
class Edit:
    """A place in the study and what is to stand there."""

    path: Path
    value: Value


def edit(text: str, path: Path, value: Value) -> str:
    """The text with one value changed or added. Raises StudyError as ``edit_all`` does."""
    return edit_all(text, (Edit(path, value),))


def edit_all(text: str, edits: Sequence[Edit]) -> str:
    """The text with all these values changed or added; of two for one place, the later holds.

    Raises StudyError where the text is no YAML, or where a value stands in the place of a mapping that is needed.
    """
    bare = text.removeprefix("\ufeff")
    changed = _changed(bare, _latest(edits))
    return text[: len(text) - len(bare)] + changed


def _changed(text: str, edits: Mapping[Path, Value]) -> str:
    nodes = _nodes(text)
    spans: list[tuple[int, int, str]] = []
    missing: dict[Path, dict[str, Value]] = {}
    for path, value in edits.items():
        node = nodes.get(path)
        if node is None:
            _add_missing(missing, path, value, nodes)
        else:
            spans.append((node.start, node.end, _replacement(node, value)))
    by_place: dict[int, list[str]] = {}
    for parent, added in sorted(missing.items(), key=lambda item: -len(item[0])):  # inner mappings end first
        at, said = _insertion(text, nodes[parent], added)
        by_place.setdefault(at, []).append(said)
    spans += [(at, at, "".join(said)) for at, said in by_place.items()]
    for start, end, said in sorted(spans, reverse=True):
        text = text[:start] + said + text[end:]
    return text


def _latest(edits: Sequence[Edit]) -> dict[Path, Value]:
    """The last value for each place; one around or inside an earlier one takes its place."""
    kept: dict[Path, Value] = {}
    for its in edits:
        if not its.path:
            raise StudyError(Problem(message="an edit names no field"))
        for path in list(kept):
            n = min(len(path), len(its.path))
            if path[:n] == its.path[:n]:
                del kept[path]
        kept[its.path] = its.value
    return kept


# ------------------------------------------------------------------------------------- where everything stands


@dataclass(frozen=True, kw_only=True)
class _Node:
    """A value and the characters that it takes."""

    start: int
    end: int
    """Behind its last character; comments and blank lines after it are not its own."""
    kind: str
    """``scalar``, ``map`` or ``list``."""
    in_flow: bool
    """Whether it stands inside braces or brackets of its own or around it."""
    style: str | None
    """The quote of a scalar; None for a plain one."""
    column: int
    """Of its first key, for a mapping in lines."""
    empty: bool


@lru_cache(maxsize=16)
def _nodes(text: str) -> dict[Path, _Node]:
    """Every value of a text by its path."""
    from ruamel.yaml import YAML

    load(text, "breakeven.yaml")  # what is refused there has no places
    found: dict[Path, _Node] = {}
    events = iter(YAML(typ="safe", pure=True).parse(text))
    for event in events:
        if type(event).__name__ in ("ScalarEvent", "MappingStartEvent", "SequenceStartEvent"):
            _walk(event, events, (), found, in_flow=False)
            break
    return found


def _walk(event: Any, events: Iterator[Any], path: Path, found: dict[Path, _Node], *, in_flow: bool) -> int:
    """Note one value and all inside it; returns its end."""
    name = type(event).__name__
    start, end = event.start_mark.index, event.end_mark.index
    if name == "ScalarEvent":
        style = event.style
        found[path] = _Node(start=start, end=end, kind="scalar", in_flow=in_flow, style=style,
                            column=event.start_mark.column, empty=start == end)  # fmt: skip
        return int(end)
    flow = in_flow or bool(event.flow_style)
    is_map = name == "MappingStartEvent"
    count, last = 0, start + 1
    for inner in events:
        if type(inner).__name__ in ("MappingEndEvent", "SequenceEndEvent"):
            last = inner.end_mark.index if flow else last
            break
        if is_map:
            key, inner = str(inner.value), next(events)
            last = _walk(inner, events, (*path, key), found, in_flow=flow)
        else:
            last = _walk(inner, events, (*path, count), found, in_flow=flow)
        count += 1
    found[path] = _Node(start=start, end=last, kind="map" if is_map else "list", in_flow=flow, style=None,
                        column=event.start_mark.column, empty=count == 0)  # fmt: skip
    return int(last)


# --------------------------------------------------------------------------------------------- what is written


def _add_missing(
    missing: dict[Path, dict[str, Value]], path: Path, value: Value, nodes: Mapping[Path, _Node]
) -> None:
    """Note what is to be added, under the nearest mapping that is there."""
    known = next(n for n in range(len(path) - 1, -1, -1) if path[:n] in nodes)
    parent = path[:known]
    if nodes[parent].kind != "map" or not all(isinstance(part, str) for part in path[known:]):
        message = f"`{dotted(parent)}` holds one value, so nothing can stand under it"
        raise StudyError(Problem(message=message, place=Place(file="breakeven.yaml"), field=dotted(path)))
    here = missing.setdefault(parent, {})
    *around, key = (str(part) for part in path[known:])
    for part in around:
        deeper = here.setdefault(part, {})
        assert isinstance(deeper, dict)
        here = deeper
    here[key] = value


def _replacement(node: _Node, value: Value) -> str:
    return _value(value, in_flow=node.in_flow, style=node.style if node.kind == "scalar" else None)


def _insertion(text: str, parent: _Node, added: Mapping[str, Value]) -> tuple[int, str]:
    """Where keys are added to a mapping, and what is written there."""
    if parent.in_flow:
        said = ", ".join(
            f"{_plain(key, in_flow=True)}: {_value(v, in_flow=True)}" for key, v in added.items()
        )
        at = parent.end - 1
        while text[at - 1] in " \t\r\n":
            at -= 1
        comma = "" if parent.empty else " " if text[at - 1] == "," else ", "
        return at, comma + said
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = " " * parent.column
    lines = [f"{indent}{_plain(key, in_flow=False)}: {_value(v, in_flow=False)}" for key, v in added.items()]
    if text[parent.end - 1 : parent.end] == "\n":  # a text in several lines ends with its last line
        return parent.end, "".join(line + newline for line in lines)
    end = re.compile(r"[^\r\n]*").match(text, parent.end)
    assert end is not None
    return end.end(), "".join(newline + line for line in lines)


def _value(value: Value, *, in_flow: bool, style: str | None = None) -> str:
    if isinstance(value, str):
        return _scalar(value, in_flow=in_flow, style=style)
    inside = ", ".join(f"{_plain(key, in_flow=True)}: {_value(v, in_flow=True)}" for key, v in value.items())
    return f"{{{inside}}}"


def _scalar(value: str, *, in_flow: bool, style: str | None) -> str:
    """A text as it would be read again; the quotes that were there stay."""
    line = " ".join(value.split())
    if style == "'":
        return "'" + line.replace("'", "''") + "'"
    if style == '"':
        return json.dumps(line, ensure_ascii=False)
    return _plain(line, in_flow=in_flow)


_PLAIN: Final = re.compile(r"[A-Za-z0-9_$+./−~\-][^\x00-\x1f]*")
_IN_FLOW: Final = re.compile(r"[,\[\]{}]")
_TAKEN: Final = re.compile(r": |:$| #|^-( |$)|^---|^\.\.\.|\s$")


def _plain(text: str, *, in_flow: bool) -> str:
    """The text without quotes where it needs none."""
    is_plain = _PLAIN.fullmatch(text) and not _TAKEN.search(text)
    if is_plain and not (
        in_flow and (_IN_FLOW.search(text) or (":" in text and not re.search(r":\S", text)))
    ):
        return text
    return json.dumps(text, ensure_ascii=False)


# ----------------------------------------------------------------------------------------- quantities as written

_SUFFIX: Final[Mapping[str, str]] = {
    "volume": " calls/month", "tokens": " tokens", "count": "", "share": "%", "points": "%",
    "monthly rate": "%/month", "yearly rate": "%/year", "money": "", "money per call": "/call", "money per error": "",
    "money per answer": "", "money per example": "", "money per token": "/1M tokens", "money per hour": "/hour",
    "money per second": "/s", "money per month": "/month", "money per GB and month": "/GB/month", "hours": " hours",
    "hours per month": " hours/month", "events per month": "/month", "months": " months", "seconds": " s",
    "calls per second": "/s", "gigabytes": " GB", "factor": "",
}  # fmt: skip
_SCALES: Final = ((1e9, "B"), (1e6, "M"), (1e3, "K"))
_NOTHING: Final = 1e-12
"""The end of 0%..3%, once through its distribution, is −5e-18."""
_SCALED: Final = frozenset({"volume", "money", "money per month"})


def written(low: float, high: float, kind: str) -> str:
    """A value (``low == high``) or a range in the unit that we keep, as it is written in a study file.

    Four significant digits; ``quantities.read`` reads it again.
    """
    percent = 100.0 if KINDS[kind].percent else 1.0
    dollar = "$" if kind.startswith("money") else ""
    step, letter = _scale(low, high) if kind in _SCALED else (1.0, "")
    ends = [
        f"{dollar}{_digits(end * percent / step, cents=bool(dollar))}{letter}{'%' if percent > 1 else ''}"
        for end in ((low,) if low == high else (low, high))
    ]
    return "..".join(ends) + _SUFFIX[kind].removeprefix("%")


def _scale(low: float, high: float) -> tuple[float, str]:
    """One scale for both ends, or the letter could be taken to belong to one of them."""
    smallest = min(abs(end) for end in (low, high) if end) if low or high else 0.0
    return next(((step, letter) for step, letter in _SCALES if smallest >= step), (1.0, ""))


def _digits(value: float, *, cents: bool = False) -> str:
    """Four significant digits without an exponent; ``cents``: $0.40, not $0.4."""
    if abs(value) < _NOTHING or not math.isfinite(value):
        return "0"
    places = max(3 - math.floor(math.log10(abs(value))), 0)
    text = f"{round(value, places):.{places}f}" if places else f"{float(f'{value:.4g}'):.0f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text}0" if cents and re.fullmatch(r"\d*\.\d", text) else text
