"""The profile as a page of text: what was measured, and what the log can not tell."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Final

from breakeven.report.text import clean

__all__ = ["profile_page"]

_ROWS: Final = 8


def profile_page(found: Mapping[str, Any], *, width: int = 100) -> str:
    """The profile in lines of at most ``width`` characters."""
    lines = [*_head(found), "", *_volume(found), "", *_tokens(found), *_times(found)]
    lines += [*_money(found, width), *_quality(found), *_failures(found), *_refused(found)]
    lines += [line for warning in found["warnings"] for line in _wrapped(f"! {warning}", width)]
    return "\n".join(line[:width].rstrip() for line in lines) + "\n"


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(clean(text), width, subsequent_indent="  ")


def _head(found: Mapping[str, Any]) -> Iterator[str]:
    files = found["files"]
    titles = clean(", ".join(dict.fromkeys(file["title"] for file in files)))
    yield f"{found['calls']:,} calls from {len(files)} file{'s' if len(files) != 1 else ''}: {titles}"
    if found["first"] is not None:
        yield f"{_short(found['first'])} to {_short(found['last'])} UTC, {_days(found['span_days'])}"
    elif found["span_days"] is not None:
        yield f"{_days(found['span_days'])}, dates unknown"


def _short(time: str) -> str:
    return time[:16].replace("T", " ")


def _days(days: float) -> str:
    if days >= 2:
        return f"{days:.1f} days"
    return f"{days * 24:.1f} hours" if days >= 1 / 12 else f"{days * 1440:.1f} minutes"


def _volume(found: Mapping[str, Any]) -> Iterator[str]:
    month = found["calls_per_month"]
    if month is None:
        yield "VOLUME     not stated: see the warnings"
    else:
        yield f"VOLUME     {_rough(month['mean'])} calls a month [{_rough(month['p05'])}, {_rough(month['p95'])}] (90%)"
    growth = found.get("growth_per_month")
    if growth is not None:
        yield f"GROWTH     {growth['mean']:+.1%} a month [{growth['p05']:+.1%}, {growth['p95']:+.1%}] (90%)"
    peaks = found.get("rhythm", {}).get("peak_to_mean", {})
    if peaks:
        shown = ", ".join(
            f"busiest {name.replace('_', ' ')} {value:.2f} × the mean" for name, value in peaks.items()
        )
        yield f"PEAKS      {shown}"
    hours = found.get("rhythm", {}).get("hour_of_day")
    if hours and hours["ratio"] is not None:
        yield f"RHYTHM     most at hour {hours['busiest']}, least at {hours['quietest']}, ratio {hours['ratio']:.2f}"
    gaps = found.get("rhythm", {}).get("gaps") or []
    if gaps:
        longest = max(gap["hours"] for gap in gaps)
        yield f"GAPS       {len(gaps)} of six hours or more without a call, the longest {longest:.1f} h"


def _rough(value: float) -> str:
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


_COLUMNS: Final = ("mean", "p50", "p90", "p95", "p99", "max")


def _table(title: str, rows: Mapping[str, Mapping[str, Any] | None], digits: int) -> Iterator[str]:
    known = {name: row for name, row in rows.items() if row is not None and "p50" in row}
    if not known:
        return
    yield f"{title:<18}" + "".join(f"{name:>10}" for name in _COLUMNS)
    for name, row in known.items():
        yield f"  {name:<16}" + "".join(f"{row[column]:>10,.{digits}f}" for column in _COLUMNS)


def _tokens(found: Mapping[str, Any]) -> Iterator[str]:
    yield from _table("TOKENS A CALL", found["tokens"], 0)
    sums = [f"{row['sum']:,} {side}" for side, row in found["tokens"].items() if row is not None]
    if sums:
        yield f"  in all: {', '.join(sums)}"
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
    for title, groups in (("by model", found["models"]), ("by feature", found["features"])):
        ordered = sorted(groups.items(), key=lambda item: (-(item[1]["cost_usd"] or 0), -item[1]["calls"]))
        name_width = max(20, width - 52)
        if ordered:
            yield f"  {title:<{name_width}}{'calls':>16}{'share':>9}{'cost':>16}"
        for name, group in ordered[:_ROWS]:
            usd = "not known" if group["cost_usd"] is None else _usd(group["cost_usd"])
            share = group["calls"] / max(found["calls"], 1)
            yield f"    {clean(name)[: name_width - 3]:<{name_width - 2}}{group['calls']:>16,}{share:>9.1%}{usd:>16}"
        if len(ordered) > _ROWS:
            yield f"    … and {len(ordered) - _ROWS} more"


def _usd(value: float) -> str:
    return f"${value:,.2f}" if value >= 1 else f"${value:.6f}"


def _quality(found: Mapping[str, Any]) -> Iterator[str]:
    for name, one in found["outcomes"].items():
        interval = (
            "" if one["low"] is None else f" [{one['low']:.3f}, {one['high']:.3f}] ({one['level']:.0%})"
        )
        yield f"OUTCOME    {clean(name)}: {one['mean']:.3f}{interval}, n={one['n']:,}, {one['method']}"


def _failures(found: Mapping[str, Any]) -> Iterator[str]:
    failures, retries = found["failures"], found["retries"]
    if failures["n"]:
        kinds = ", ".join(f"{kind} {n:,}" for kind, n in failures["kinds"].items())
        yield f"FAILED     {failures['n']:,} ({failures['share']:.2%}): {kinds}"
    yield (
        "RETRIES    not known: calls carry no messages to compare, or no times"
        if retries is None
        else (f"RETRIES    {retries['n']:,} ({retries['share']:.2%})")
    )


def _refused(found: Mapping[str, Any]) -> Iterator[str]:
    rejected = found["rejected"]
    if rejected:
        yield f"REFUSED    {sum(rejected.values()):,} rows"
        yield from (
            f"  {n:>9,}  {clean(reason)}"
            for reason, n in sorted(rejected.items(), key=lambda item: -item[1])[:12]
        )
