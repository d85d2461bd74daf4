"""The profile as a page of text: what was measured, and what the log can not tell."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from breakeven.cli.batchable_page import batchable_lines
from breakeven.cli.watching import watch_lines
from breakeven.evidence.observation import observation
from breakeven.report.text import clean, shorten

__all__ = ["profile_page"]

_ROWS: Final = 8


def profile_page(found: Mapping[str, Any], *, width: int = 100) -> str:
    """The profile in lines of at most ``width`` characters: warnings first, then what decides most."""
    lines = [*_head(found, width)]
    lines += [line for warning in found["warnings"] for line in _wrapped(f"! {warning}", width)]
    lines += ["", *_volume(found, width), "", *_tokens(found, width), *_times(found)]
    lines += [*_money(found, width), *_segments(found, width), *_quality(found), *_failures(found, width)]
    lines += [*batchable_lines(found["batchable"], width), *_refused(found)]
    text = "\n".join(line[:width].rstrip() for line in lines) + "\n"
    return re.sub(r"\n{3,}", "\n\n", text)


def _wrapped(text: str, width: int, indent: int = 2) -> list[str]:
    return textwrap.wrap(clean(text), width, subsequent_indent=" " * indent)


def _fact(word: str, text: str, width: int) -> list[str]:
    """A heading of eleven characters and its text, wrapped under itself; intervals stay whole."""
    lines = textwrap.wrap(text, width, initial_indent=f"{word:<11}", subsequent_indent=" " * 11)
    return [line.replace(_GLUE, " ") for line in lines]


_GLUE: Final = "\N{NO-BREAK SPACE}"


def _head(found: Mapping[str, Any], width: int) -> Iterator[str]:
    files = found["files"]
    titles = clean(", ".join(dict.fromkeys(file["title"] for file in files)))
    of = f"{found['calls']:,} calls from {len(files)} file{'s' if len(files) != 1 else ''}: {titles}"
    yield from _wrapped(of, width)
    days = _complete(found.get("rhythm") or {})
    if found["first"] is not None:
        ends = f"{_short(found['first'])} to {_short(found['last'])} UTC"
        yield from _wrapped(f"{ends}, {_days(found['span_days'])}{days}", width)
    elif found["span_days"] is not None:
        yield f"{_days(found['span_days'])}, dates unknown{days}"
    if found["sampling_stated"]:
        yield f"stated to be {found['sampling']:.3g} of all calls of that time"
    else:
        yield "taken to be all calls of that time (if they are a sample: --sampling 10%)"


def _complete(rhythm: Mapping[str, Any]) -> str:
    if not rhythm:
        return ""
    partial, empty = rhythm["partial_days"], rhythm["empty_days"]
    if not rhythm["complete_days"]:
        return ": no complete day"
    parts = [f"{rhythm['complete_days']} complete"] + [f"{partial} partial"] * bool(partial)
    return f": {', '.join(parts)}" + (f", {empty} of them without a call" if empty else "")


def _short(time: str) -> str:
    return time[:16].replace("T", " ")


def _days(days: float) -> str:
    if days >= 2:
        return f"{days:.1f} days"
    if days >= 1 / 12:
        return f"{days * 24:.1f} hours"
    return f"{days * 1440:.1f} minutes" if days * 1440 >= 1 else f"{days * 86_400:.0f} seconds"


def _volume(found: Mapping[str, Any], width: int) -> Iterator[str]:
    month, growth, rhythm = found["calls_per_month"], found.get("growth_per_month"), found.get("rhythm", {})
    if month is None:
        yield "VOLUME     not stated: see the warnings"
    else:
        ends = f"[{_rough(month['p05'])}, {_rough(month['p95'])}]"
        yield f"VOLUME     {_rough(month['mean'])} calls a month {ends} (90%)"
    if growth is not None:
        yield f"GROWTH     {growth['mean']:+.1%} a month [{growth['p05']:+.1%}, {growth['p95']:+.1%}] (90%)"
    if found["first"] is not None or found["clock"] == "relative":
        yield from _fact("WATCH", " ".join(watch_lines(observation(found))), width)
    seen = sum(rhythm.get("calls_by_day") or [0])
    if seen >= 24 * _TELLING:
        yield from _hours(rhythm.get("hour_of_day"), dated=found["clock"] == "absolute", width=width)
    if seen >= 7 * _TELLING:
        yield from _week(rhythm, width)
    if peaks := rhythm.get("peak_to_mean", {}):
        shown = (
            f"busiest {name.replace('_', ' ')} {_times_mean(value)} × the mean"
            for name, value in peaks.items()
        )
        yield from _fact("PEAKS", ", ".join(shown) + " (counted)", width)
    if gaps := rhythm.get("gaps"):
        longest = max(gap["hours"] for gap in gaps)
        several = f"{len(gaps)}{' or more' * (len(gaps) == 10)} stretches" if len(gaps) > 1 else "one stretch"
        yield from _fact(
            "GAPS", f"{several} of six hours or more without a call, the longest {longest:,.1f} h", width
        )


_TELLING: Final = 10
"""Calls in each hour of the day, or day of the week, from which their shape is worth showing."""


def _hours(hours: Mapping[str, Any] | None, *, dated: bool, width: int) -> Iterator[str]:
    """The shape of a day, and its ends with their intervals."""
    if not hours:
        return
    start = "UTC" if dated else "hours since the log's start"
    ends = (("most", hours["busiest"]), ("least", hours["quietest"]))
    shown = ", ".join(f"{word} at hour {hour}: {_factor(hours['factor'][hour])}" for word, hour in ends)
    yield from _fact("HOURS", f"{_bars(hours['share'])}  {shown} × the mean hour ({start})", width)


def _week(rhythm: Mapping[str, Any], width: int) -> Iterator[str]:
    """The shape of a week, where days of the week are known or seven days repeat."""
    days = rhythm.get("weekday") or {f"day {one['day']}": one for one in rhythm.get("day_of_seven") or []}
    if not days:
        return
    ordered = sorted(days, key=lambda name: days[name]["mean"])
    ends = ", ".join(f"{word} on {name}: {_factor(days[name])}" for word, name in
                     (("most", ordered[-1]), ("least", ordered[0])))  # fmt: skip
    first = "Monday first" if "weekday" in rhythm else "day 1 first"
    text = f"{_bars([one['mean'] for one in days.values()])}  {ends} × the mean day ({first})"
    if weekend := rhythm.get("weekend_to_weekday"):
        text += f"; weekend {_factor(weekend)} of a working day"
    yield from _fact("WEEK", text, width)


def _times_mean(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _factor(one: Mapping[str, Any]) -> str:
    if one["p05"] is None:
        return f"{one['mean']:.2f} (seen once)"
    return f"{one['mean']:.2f} [{one['p05']:.2f}, {one['p95']:.2f}]".replace(" ", _GLUE)


_BLOCKS: Final = "▁▂▃▄▅▆▇█"


def _bars(values: Sequence[float]) -> str:
    """One character a value, from nothing to the largest."""
    most = max(values, default=0.0)
    return "".join(_BLOCKS[round(7 * value / most) if most > 0 else 0] for value in values)


def _rough(value: float) -> str:
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


_COLUMNS: Final = ("mean", "p50", "p90", "p95", "p99", "max")


def _table(title: str, rows: Mapping[str, Mapping[str, Any] | None], digits: int) -> Iterator[str]:
    known = {name: row for name, row in rows.items() if row is not None and "p50" in row and row["max"] > 0}
    if not known:
        return
    yield f"{title:<18}" + "".join(f"{name:>10}" for name in _COLUMNS)
    for name, row in known.items():
        yield f"  {name:<16}" + "".join(f"{row[column]:>10,.{digits}f}" for column in _COLUMNS)


def _counted(tokens: Mapping[str, Mapping[str, Any] | None]) -> str:
    """How the sums came to be: as logged, or counted here because the log states none."""
    vocabularies = next((row["vocabularies"] for row in tokens.values() if row and row.get("counted")), None)
    if vocabularies is None:
        return "counted"
    names = " and ".join(name.removesuffix("_base") for name in vocabularies)
    others = "" if all(vocabularies.values()) else "; a stand-in for models with a vocabulary of their own"
    return f"counted with {names} from texts: the log states none{others}"


def _tokens(found: Mapping[str, Any], width: int) -> Iterator[str]:
    tokens = found["tokens"]
    yield from _table("TOKENS A CALL", tokens, 0)
    sums = [f"{row['sum']:,} {side}" for side, row in tokens.items() if row is not None and row["sum"]]
    if sums:
        yield from textwrap.wrap(
            f"in all: {', '.join(sums)} ({_counted(tokens)})",
            width,
            initial_indent="  ",
            subsequent_indent="    ",
        )
    caching = found["caching"]
    if caching["share"] is not None:
        yield f"  read from a cache: {caching['share']:.1%} of input"
    if caching["blocks"] is not None:
        blocks = caching["blocks"]
        held = f"{blocks['reused']:,} of {blocks['blocks']:,} blocks ({blocks['share']:.1%})"
        yield f"  an endless prefix cache would hold {held}"


def _times(found: Mapping[str, Any]) -> Iterator[str]:
    yield from _table("SECONDS", {"latency": found["latency_s"], "to first token": found["ttft_s"]}, 2)


def _money(found: Mapping[str, Any], width: int) -> Iterator[str]:
    yield ""
    cost = found["cost_usd"]
    yield f"COST       {'not known' if cost is None else _usd(cost)}  ({found['cost_source']})"
    days = [day["cost_usd"] for day in found["days"].values()]
    if cost is not None and len(days) > 1:
        ends = f"{_usd(min(days))} to {_usd(max(days))}, days with calls, oldest first"
        yield from _fact("  by day", f"{_bars(_few(days, width - 52))}  {ends}", width)
    segments = found["segments"]
    by = None if segments is None else segments["by"]
    if by != "model" and len(found["models"]) > (by == "shape"):
        yield from _group("by model", found["models"], found["calls"], width)
    if by is None:
        yield from _group("by feature", found["features"], found["calls"], width)


def _few(values: Sequence[float], most: int) -> list[float]:
    """The values, or the means of neighbours where there are too many for the line."""
    step = -(-len(values) // max(most, 1))
    parts = [values[i : i + step] for i in range(0, len(values), step)]
    return [sum(part) / len(part) for part in parts]


def _group(title: str, groups: Mapping[str, Mapping[str, Any]], calls: int, width: int) -> Iterator[str]:
    ordered = sorted(groups.items(), key=lambda item: (-(item[1]["cost_usd"] or 0), -item[1]["calls"]))
    name_width = max(20, width - (52 if width >= _WIDE else 43))
    if ordered:
        yield f"  {title:<{name_width}}{'calls':>16}{'share':>9}{'cost':>16}"
    for name, group in ordered[:_ROWS]:
        usd = "not known" if group["cost_usd"] is None else _usd(group["cost_usd"])
        share = group["calls"] / max(calls, 1)
        shown = shorten(clean(name), name_width - 3)
        yield f"    {shown:<{name_width - 2}}{group['calls']:>16,}{share:>9.1%}{usd:>16}"
    if len(ordered) > _ROWS:
        yield f"    … and {len(ordered) - _ROWS} more"


def _usd(value: float) -> str:
    return f"${value:,.2f}" if value >= 1 else f"${value:.6f}"


def _segments(found: Mapping[str, Any], width: int) -> Iterator[str]:
    """Who makes calls and costs, and which of them look simple: a hint with its reasons."""
    made = found["segments"]
    if made is None or not made["segments"]:
        return
    rows = made["segments"][:_ROWS]
    left_out = {"cost", "of cost"} if made["by"] == "shape" else {"input"} if width < _WIDE else set()
    columns = [column for column in _CELLS if column[0] not in left_out]
    verdict = "" if made["by"] == "shape" else "  simple"
    name_width = width - sum(size for _, size, _ in columns) - (9 if verdict or width >= _WIDE else 1)
    yield ""
    yield from _fact("SEGMENTS", _BY[made["by"]], width)
    yield " " * name_width + "".join(f"{name:>{size}}" for name, size, _ in columns) + verdict
    for one in rows:
        cells = "".join(f"{show(one):>{size}}" for _, size, show in columns)
        simple = "" if made["by"] == "shape" else f"  {_SIMPLE[one['simple']]}"
        yield f"  {shorten(clean(one['name']), name_width - 3):<{name_width - 2}}{cells}{simple}"
    more = len(made["segments"]) - len(rows) + made["left_out"]
    if more:
        yield f"  … and {more:,} more"
    yield from _reasons(made, rows, width)


_BY: Final = {
    "template": "by feature / prompt template",
    "feature": "by feature",
    "model": "by model: calls name no template or feature",
    "shape": "by tokens of a call: calls name no template, feature or several models",
}
_WIDE: Final = 96
_SIMPLE: Final = {"candidate": "maybe", "no": "no", "cannot_tell": "?"}


def _optional(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


_CELLS: Final[tuple[tuple[str, int, Callable[[Mapping[str, Any]], str]], ...]] = (
    ("calls", 12, lambda one: f"{one['calls']:,}"),
    ("share", 7, lambda one: f"{one['share']:.1%}"),
    ("cost", 12, lambda one: "–" if one["cost_usd"] is None else _usd(one["cost_usd"])),
    ("of cost", 8, lambda one: _optional(one["share_of_cost"], ".1%")),
    ("input", 7, lambda one: _optional(one["input_mean"], ",.0f")),
    ("out p95", 8, lambda one: _optional(one["output_p95"], ",.0f")),
)


def _reasons(made: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], width: int) -> Iterator[str]:
    """Why a segment looks simple, and why the largest others do not."""
    simple = made["simple"]
    if made["by"] == "shape":
        yield from _indented("which calls are one task is not known: log a feature or a prompt's name", width)
        return
    for one in [one for one in rows if one["simple"] == "candidate"]:
        yield from _indented(f"{_called(one)}: maybe: {'; '.join(one['for'])}", width)
    for one in [one for one in rows if one["simple"] != "candidate"][:_OTHERS]:
        yield from _indented(f"{_called(one)}: {_SIMPLE[one['simple']]}: {'; '.join(one['against'])}", width)
    if simple["names"]:
        cost = "" if simple["share_of_cost"] is None else f" and {simple['share_of_cost']:.1%} of the cost"
        text = f"maybe for a small tuned model: {simple['share']:.1%} of calls{cost}; {made['note']}"
    else:
        text = "for a small tuned model, none looks simple enough by its lengths and counts"
    yield from _indented(text, width)


_OTHERS: Final = 3


def _called(one: Mapping[str, Any]) -> str:
    return shorten(clean(one["name"]), 40)


def _indented(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="    ")


def _quality(found: Mapping[str, Any]) -> Iterator[str]:
    for name, one in found["outcomes"].items():
        interval = (
            "" if one["low"] is None else f" [{one['low']:.3f}, {one['high']:.3f}] ({one['level']:.0%})"
        )
        yield f"OUTCOME    {clean(name)}: {one['mean']:.3f}{interval}, n={one['n']:,}, {one['method']}"


def _failures(found: Mapping[str, Any], width: int) -> Iterator[str]:
    failures, endings, retries = found["failures"], found["endings"], found["retries"]
    if failures["n"]:
        kinds = ", ".join(f"{kind} {n:,}" for kind, n in failures["kinds"].items())
        yield from _fact("FAILED", f"{failures['n']:,} ({failures['share']:.2%}): {kinds}", width)
    if endings is not None:
        kinds = ", ".join(f"{kind} {n:,}" for kind, n in endings["kinds"].items())
        yield from _fact("ENDED", f"{endings['n']:,} calls say how: {kinds}", width)
    if retries is None:
        yield from _fact(
            "RETRIES", "not known: calls carry no messages or sessions to compare, or no times", width
        )
    elif not failures["n"]:
        yield "RETRIES    none told: no call in the log failed"
    else:
        told = f"told by the {found['retries_told_by']} within ten minutes of a failure"
        yield from _fact("RETRIES", f"{retries['n']:,} ({retries['share']:.2%}), {told}", width)


def _refused(found: Mapping[str, Any]) -> Iterator[str]:
    rejected = found["rejected"]
    if rejected:
        yield f"REFUSED    {sum(rejected.values()):,} rows"
        yield from (
            f"  {n:>9,}  {clean(reason)}"
            for reason, n in sorted(rejected.items(), key=lambda item: -item[1])[:12]
        )
