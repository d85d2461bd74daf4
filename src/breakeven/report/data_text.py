"""The audit of training data for the terminal: what fails first, what to do about it, what it costs to train."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.cells import cell_len

from breakeven.evidence.training.audit import DataAudit
from breakeven.evidence.training.check import CheckResult, Verdict
from breakeven.evidence.training.costs import HostCost
from breakeven.quantities import show_usd
from breakeven.report.plain_table import aligned, wrapped
from breakeven.report.text import clean, shorten

__all__ = ["check_figure", "check_limit", "data_text"]

_HEADS: Final[Mapping[Verdict, str]] = {"fail": "FAILS", "cannot_tell": "CAN NOT TELL", "pass": "PASSES"}
_REASONS: Final = 4
_INDENT: Final = " " * 4
_HANGING: Final = _INDENT + " " * 7
_MARK: Final = 4
"""Characters of ``[10]``."""
_COMMANDS: Final = ("breakeven ", "pip install ")
_LIMIT: Final = {"above": "at least", "below": "at most", "": ""}


def data_text(audit: DataAudit, *, folder: Path | None = None, width: int = 100) -> str:
    """The page in lines of at most ``width`` characters. ``folder``: where the flagged rows were written."""
    lines = [*wrapped(_headline(audit), width), *_facts(audit, width)]
    notes: dict[str, str] = {}
    for verdict in _HEADS:
        checks = [check for check in audit.checks if check.verdict == verdict]
        if checks:
            lines += ["", *_section(verdict, checks, audit, folder, width, notes)]
    limits = [*_limits(audit, notes, width)]
    lines += ["", *limits, *([""] if limits else []), *_hosts(audit, width)]
    if folder is None and any(audit.flagged.values()):
        lines += [
            "",
            *wrapped(
                "-o DIR writes the flagged rows, one file for each check, and data.json for a study.", width
            ),
        ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _headline(audit: DataAudit) -> str:
    counts = {verdict: sum(check.verdict == verdict for check in audit.checks) for verdict in _HEADS}
    open_ones = f", {counts['cannot_tell']} can not tell" if counts["cannot_tell"] else ""
    n, verb = len(audit.checks), "fails" if counts["fail"] == 1 else "fail"
    said = {
        "not ready": f"NOT READY  {counts['fail']} of {n} checks {verb}{open_ones}",
        "cannot tell": f"NOTHING FAILS  {counts['pass']} of {n} checks pass{open_ones}",
        "ready": f"READY  all {n} checks pass",
    }
    return said[audit.readiness]


def _facts(audit: DataAudit, width: int) -> Iterator[str]:
    for note in audit.notes:
        yield from wrapped(clean(note), width, hanging="  ")
    lost = sum(audit.rejected.values())
    said = [f"{audit.rows:,} rows" if audit.rows != 1 else "1 row"]
    if lost:
        why = ", ".join(f"{clean(reason)} {n:,}" for reason, n in list(audit.rejected.items())[:_REASONS])
        more = ", …" if len(audit.rejected) > _REASONS else ""
        said.append(f"{lost:,} {'line' if lost == 1 else 'lines'} not readable ({why}{more})")
    tokens = audit.tokens
    if tokens is not None:
        kind = "" if tokens.own else "; --model counts as a model does" if not audit.model else ", a stand-in"
        said.append(f"{tokens.sum:,} tokens, {tokens.answers:,} of them answers ({tokens.vocabulary}{kind})")
    yield from wrapped("; ".join(said), width, hanging="  ")


# ------------------------------------------------------------------------------------------------ the checks


def _section(
    verdict: Verdict, checks: Sequence[CheckResult], audit: DataAudit, folder: Path | None, width: int,
    notes: dict[str, str],
) -> Iterator[str]:  # fmt: skip
    """A verdict's checks: those that pass a line each, the others with what was found and what to do.

    notes: source → its mark, filled with those that have no room on their line.
    """
    yield _HEADS[verdict]
    rows = [(clean(c.title), check_figure(c), check_limit(c)) for c in checks]
    narrow = _width(rows) + _MARK > width
    if narrow:
        rows = [(clean(c.title), _value_of(c), check_limit(c)) for c in checks]
    sources = _sources(rows, checks, width, notes)
    table = aligned([(*row, source) for row, source in zip(rows, sources, strict=True)], right=(1,))
    for check, line in zip(checks, table, strict=True):
        yield line[:width]
        if verdict != "pass" or audit.flagged.get(check.check, 0) or check.low is not None:
            yield from _told(check, audit, folder, width, interval=narrow)


def _sources(
    rows: Sequence[tuple[str, str, str]], checks: Sequence[CheckResult], width: int, notes: dict[str, str]
) -> list[str]:  # fmt: skip
    """Where each limit comes from, in what is left of its line; for a longer one a mark, ``[1]``, told further down."""
    room = width - _width(rows)
    found = []
    for check in checks:
        source = clean(check.source) if check.threshold is not None else ""
        if cell_len(source) > room:
            source = notes.setdefault(source, f"[{len(notes) + 1}]")
        found.append(source)
    return found


def _width(rows: Sequence[tuple[str, str, str]]) -> int:
    return 2 + sum(max(map(cell_len, column)) + 2 for column in zip(*rows, strict=True))


def _limits(audit: DataAudit, notes: Mapping[str, str], width: int) -> Iterator[str]:
    """The sources that had no room beside their limits, and what a figure without an interval is."""
    if notes:
        yield "LIMITS COME FROM"
        for source, mark in notes.items():
            yield from wrapped(f"{mark} {source}", width, indent="  ", hanging=" " * 6)
    if any(check.value is not None and check.low is None for check in audit.checks):
        yield from wrapped("Figures without an interval are counted over all rows.", width)


def _told(
    check: CheckResult, audit: DataAudit, folder: Path | None, width: int, *, interval: bool
) -> Iterator[str]:  # fmt: skip
    """What was found and what to do. interval: it has no room on the line above."""
    yield from wrapped(_sentence(clean(check.because)), width, indent=_INDENT)
    if interval and (between := _interval(check)):
        yield from wrapped(f"Figure {_value_of(check)}{between}.", width, indent=_INDENT)
    n, file = audit.flagged.get(check.check, 0), audit.rows_files.get(check.check)
    if n and file is not None and folder is not None:
        yield from wrapped(f"Rows:  {folder / file} ({n:,})", width, indent=_INDENT)
    if check.next_step:
        yield from _next(clean(check.next_step), width)


def _next(step: str, width: int) -> Iterator[str]:
    """What to do; a command in lines that can be copied as they stand."""
    if not step.startswith(_COMMANDS):
        yield from wrapped(f"Next:  {step}", width, indent=_INDENT, hanging=_HANGING)
        return
    lines = _shell_lines(step, width - len(_HANGING) - 4)
    for k, line in enumerate(lines):
        more = " \\" if k < len(lines) - 1 else ""
        yield f"{_HANGING if k else _INDENT + 'Next:  '}{'  ' if k else ''}{line}{more}"


def _shell_lines(command: str, width: int) -> list[str]:
    """A command line cut between its words, never within one."""
    try:
        words = [shlex.quote(word) for word in shlex.split(command)]
    except ValueError:  # a quote that is not closed
        return [command]
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def check_figure(check: CheckResult) -> str:
    """What the verdict rests on, with its interval: ``91.2% [88%, 94%] (95%)``."""
    return _value_of(check) + _interval(check)


def _value_of(check: CheckResult) -> str:
    return "–" if check.value is None else _value(float(check.value), check.unit)


def _interval(check: CheckResult) -> str:
    """`` [91.2%, 100%] (95%)``; empty where there is none."""
    if check.value is None or check.low is None or check.high is None:
        return ""
    level = f" ({check.level:.0%})" if check.level is not None else ""
    unit = check.unit if check.unit == "share" else ""
    return f" [{_value(float(check.low), unit)}, {_value(float(check.high), unit)}]{level}"


def check_limit(check: CheckResult) -> str:
    """``at most 1%``; empty where there is no threshold."""
    if check.threshold is None or not check.better:
        return ""
    return f"{_LIMIT[check.better]} {_value(float(check.threshold), check.unit)}"


def _value(value: float, unit: str) -> str:
    if not math.isfinite(value):
        return "–"
    if unit == "share":
        return _percent(100 * value)
    if unit == "ratio":
        return f"{value:,.3g} : 1"
    shown = f"{value:,.0f}" if abs(value) < 1e15 and value.is_integer() else f"{value:.3g}"
    return f"{shown} {clean(unit)}".strip()


def _percent(size: float) -> str:
    """Whole where it is whole; a small share keeps its digits, so that it never looks like none."""
    if abs(size) >= 1e6 or 0 < abs(size) < 1:
        return f"{size:.2g}%"
    return f"{size:.0f}%" if abs(size - round(size)) < 1e-9 else f"{size:.1f}%"


# ------------------------------------------------------------------------------------------------- the hosts


def _hosts(audit: DataAudit, width: int) -> Iterator[str]:
    """Where it can be trained: whether the file is taken, and what training costs."""
    taken = _taken(audit)
    epochs, runs = (_range(pair) for pair in (audit.epochs, audit.runs))
    yield from wrapped(f"HOSTS  training at list prices: {epochs} epochs × {runs} runs", width)
    costs = {cost.host: cost for cost in audit.costs}
    names = list(dict.fromkeys([*taken, *costs]))
    rows = [(name, taken.get(name, ""), *_priced(costs.get(name))) for name in names]
    used = sum(max(map(cell_len, column), default=0) + 2 for column in list(zip(*rows, strict=True))[:3])
    room = width - used - 2
    yield from (
        line[:width]
        for line in aligned(
            [(*row[:3], shorten(row[3], room) if room > 9 else "") for row in rows], right=(2,)
        )
    )
    if audit.model is None and any(cost.costs for cost in audit.costs):
        yield from wrapped(
            "From the cheapest model, fewest epochs and runs, to the dearest; --model narrows it.",
            width,
            indent="  ",
        )
    yield from _price_sources(audit, width)
    yield from _serving(audit, width)


def _serving(audit: DataAudit, width: int) -> Iterator[str]:
    """What serving the tuned model costs at each host, besides its tokens: hosts that do alike together."""
    alike: dict[str, list[str]] = {}
    for cost in audit.costs:
        if cost.costs:
            alike.setdefault(_served(cost), []).append(cost.host)
    if alike:
        told = "; ".join(f"{', '.join(hosts)} {how}" for how, hosts in alike.items())
        yield from wrapped(f"Serving it then: {told}.", width, indent="  ", hanging=" " * 4)


def _served(cost: HostCost) -> str:
    fees = sorted({one.hosting_usd_per_hour for one in cost.costs if one.hosting_usd_per_hour})
    ways = []
    if any(one.hosting_usd_per_hour == 0 for one in cost.costs):
        ways.append("by the token alone")
    if fees:
        ways.append(f"{'..'.join(dict.fromkeys((show_usd(fees[0]), show_usd(fees[-1]))))} an hour")
    if any(one.hosting_usd_per_hour is None for one in cost.costs):
        ways.append("GPUs by the hour")
    return " or ".join(ways)


_SEEN: Final[Mapping[str, str]] = {
    "primary": "", "copy": "a copy of its page", "secondary": "told by others", "measured": "as others measured",
    "extrapolated": "extrapolated",
}  # fmt: skip
_IN_FULL: Final = 3
"""Sources up to which they are printed whole."""


def _price_sources(audit: DataAudit, width: int) -> Iterator[str]:
    """Where prices are from: whole for a few, else the latest day of each host and how the price was seen."""
    hosts = [cost for cost in audit.costs if cost.costs]
    whole = dict.fromkeys(one.source for cost in hosts for one in cost.costs)
    if not hosts:
        return
    if len(whole) <= _IN_FULL:
        for source in whole:
            yield from wrapped(f"Price: {clean(source)}", width, indent="  ", hanging=" " * 9)
        return
    told = "; ".join(f"{cost.host} {_seen(cost)}" for cost in hosts)
    yield from wrapped(f"Prices of {told}; --json has each source.", width, indent="  ", hanging=" " * 4)


def _seen(cost: HostCost) -> str:
    ways = [_SEEN.get(way, way) for way in dict.fromkeys(one.seen for one in cost.costs)]
    said = ", ".join(filter(None, ways))
    return max(one.date for one in cost.costs) + (
        f" ({'partly ' if '' in ways else ''}{said})" if said else ""
    )


def _taken(audit: DataAudit) -> dict[str, str]:
    found = next((check for check in audit.checks if check.check == "format"), None)
    hosts: Mapping[str, Any] = found.details.get("hosts", {}) if found is not None else {}
    return {
        clean(str(name)): "takes the file" if host.get("verdict") == "pass" else _refusal(host)
        for name, host in hosts.items()
    }


def _refusal(host: Mapping[str, Any]) -> str:
    if any(str(reason).startswith("reads ") for reason in host.get("reasons", {})):
        return "other keys"
    refused = host.get("rows_refused", 0)
    rows = f"{refused:,} rows" if refused > 1 else "1 row" if refused else ""
    return f"refuses {' and '.join(filter(None, ('the file' if host.get('file') else '', rows))) or 'it'}"


def _priced(cost: HostCost | None) -> tuple[str, str]:
    if cost is None:
        return "", ""
    if not cost.costs or cost.low_usd is None or cost.high_usd is None:
        return "no price", clean(cost.note)
    low, high = (
        one.base.partition("/")[2] for one in (cost.costs[0], max(cost.costs, key=lambda c: c.high_usd))
    )
    least = max(one.minimum_usd for one in cost.costs)
    said = (low if low == high else f"{low} to {high}") + (f"; ${least:g} a run at least" if least else "")
    return f"{show_usd(cost.low_usd)}..{show_usd(cost.high_usd)}", said


def _range(pair: tuple[int, int]) -> str:
    return f"{pair[0]}" if pair[0] == pair[1] else f"{pair[0]}..{pair[1]}"
