"""The profile: every figure of ``profile --json``, from a table of calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from breakeven.errors import EvidenceError, Problem
from breakeven.evidence.calls.read import CallLog
from breakeven.evidence.calls.windows import spread
from breakeven.evidence.profile.attempts import endings, failures, retries
from breakeven.evidence.profile.cells import Cell, few_names, find_cells, is_streamed
from breakeven.evidence.profile.costs import Prices
from breakeven.evidence.profile.histogram import Histogram
from breakeven.evidence.profile.money import cell_costs, money
from breakeven.evidence.profile.outcomes import summarise_outcomes
from breakeven.evidence.profile.segments import Outputs, find_outputs, segments
from breakeven.evidence.profile.volume import BUCKET_S, Volume, as_time, volume
from breakeven.evidence.profile.waiting import Stated, batchable
from breakeven.prices import PriceBook

__all__ = ["build_profile"]


def build_profile(
    log: CallLog, *, book: PriceBook, sampling: float | None = None, waits: Stated | None = None
) -> dict[str, Any]:
    """The profile as ``profile --json`` prints it.

    sampling: the share of all calls that the log holds; None: nobody said, and it is taken to hold all of them.
    waits: what somebody says can wait for a batch.
    """
    prices = Prices(book)
    named, warnings = few_names(log)
    cells = find_cells(log, prices, named)
    if not cells:
        counted = Counter[str]()
        for file in log.files:
            counted.update(file.rejected)
        raise _no_call(log, counted)
    warnings = [*log.warnings, *_repeats(log), *warnings]
    costs = cell_costs(cells, prices)
    spent = money(cells, costs, book, warnings, dated=log.clock == "absolute")
    times = _times(log, cells, 1.0 if sampling is None else sampling)
    outcomes = _outcomes(log, warnings)
    failed = failures(cells, warnings)
    warnings += [*times.pop("warnings"), *_unknowns(log, cells), *_cut_export(log, cells)]
    outputs = find_outputs(log, cells)
    repeated, told_by = retries(log, cells)
    return {
        "breakeven_profile": 1,
        **times,
        "warnings": warnings,
        "sampling": 1.0 if sampling is None else sampling,
        "sampling_stated": sampling is not None,
        "tokens": _tokens(log, cells, outputs),
        **spent,
        "segments": segments(log, cells, costs, outputs),
        "failures": failed,
        "endings": endings(cells),
        "retries": repeated,
        "retries_told_by": told_by,
        "caching": _caching(log, cells),
        "batchable": batchable(log, cells, named, waits),
        "latency_s": _seconds(log, "latency_s"),
        "ttft_s": _seconds(log, "ttft_s") if any(cell.streamed for cell in cells) else None,
        "outcomes": outcomes,
        "repeated_in_files": log.repeats,
        "rejected": _rejected(log),
        "files": [{"file": f.file, "format": f.format.name, "title": f.format.title} for f in log.files],
    }


_HINTS: Final = {
    "time can not be read": "times are read as ISO 8601 (2026-03-02T05:06:07Z) or as a number since 1970",
    "not UTF-8": "save the text as UTF-8",
}


def _no_call(log: CallLog, refused: Counter[str]) -> EvidenceError:
    n = len(log.files)
    where = f"no usable call in {n} file{'' if n == 1 else 's'}"
    if not refused:
        return EvidenceError(Problem(message=where, hint="no row of them is a call of the format"))
    shown = ", ".join(f"{reason}: {count:,}" for reason, count in refused.most_common(5))
    hint = _HINTS.get(refused.most_common(1)[0][0], "--strict names the first refused row's line")
    return EvidenceError(Problem(message=f"{where}; refused rows: {shown}", hint=hint))


def _repeats(log: CallLog) -> list[str]:
    are = "call stands" if log.repeats == 1 else "calls stand"
    again = f"{log.repeats:,} {are} in more than one file (same id, time and model)"
    return [f"{again}: counted once"] if log.repeats else []


_ROUND: Final = 1_000


def _cut_export(log: CallLog, cells: Sequence[Cell]) -> list[str]:
    """A round number of calls is rarely chance: exports stop at their limit."""
    n = round(sum(cell.rows for cell in cells)) + sum(sum(file.rejected.values()) for file in log.files)
    if log.window_s is not None or n < _ROUND or n % _ROUND:
        return []
    return [
        f"the log holds exactly {n:,} calls: a sample, or an export that stopped at its limit? State --sampling"
    ]


# ---------------------------------------------------------------------------------------------- time


def _times(log: CallLog, cells: Sequence[Cell], sampling: float) -> dict[str, Any]:
    """Calls, first and last, volume a month, growth and rhythm."""
    firsts = [cell.first for cell in cells if cell.first is not None]
    found: dict[str, Any] = {"calls": round(sum(cell.calls for cell in cells)), "first": None, "last": None}
    if not firsts:
        nothing = "no call carries a time: volume, growth and rhythm can not be known"
        return {**found, "clock": "none", "span_days": None, "calls_per_month": None, "warnings": [nothing]}
    first, last = min(firsts), max(cell.last for cell in cells if cell.last is not None)
    end = last + (log.window_s or 0.0)
    made = _volume(log, first, end, sampling)
    first, last, end = max(first, made.first_s), min(last, made.last_s), made.last_s
    if log.clock == "absolute":
        found |= {"first": as_time(first), "last": as_time(last)}
    return {
        **found,
        "clock": log.clock,
        "span_days": (end - first) / 86_400,
        "calls_per_month": made.per_month,
        "growth_per_month": made.growth_per_month,
        "rhythm": _told(made.rhythm, log.window_s or 0.0),
        "warnings": _clock_warning(log) + list(made.warnings),
    }


def _told(rhythm: Mapping[str, Any], window_s: float) -> dict[str, Any]:
    """Without what goes on within a window, which counts of whole windows do not tell."""
    peaks = {"ten_minutes": 600.0, "hour": 3_600.0}
    kept = {name: value for name, value in rhythm["peak_to_mean"].items() if window_s <= peaks.get(name, 0)}
    hours = {"hour_of_day"} if window_s > 3_600 else set()
    return {name: value for name, value in rhythm.items() if name not in hours} | {"peak_to_mean": kept}


def _clock_warning(log: CallLog) -> list[str]:
    return (
        ["times count from an unknown start: no dates, no days of the week"]
        if log.clock == "relative"
        else []
    )


def _volume(log: CallLog, first: float, end: float, sampling: float) -> Volume:
    calls = log.calls.filter(log.calls["time"].notnull())
    grouped = calls.group_by(bucket=calls["time"].epoch_seconds().cast("int64") // BUCKET_S)
    rows = log.engine.rows(grouped.agg(n=calls["calls"].sum()).select("bucket", "n"))
    buckets = [(int(bucket), float(n)) for bucket, n in rows]
    buckets = spread(buckets, width_s=log.window_s or 0.0, bucket_s=BUCKET_S)
    return volume(buckets, first_s=first, last_s=end, clock=log.clock, sampling=sampling)


# ------------------------------------------------------------------------------------- tokens and time


def _tokens(log: CallLog, cells: Sequence[Cell], outputs: Outputs) -> dict[str, Any]:
    """Input, output and reasoning tokens of a call; None where no call says."""
    if log.window_s is not None:
        return {side: _window_tokens(cells, side) for side in ("input", "output")}
    found = {side: _counted(log, f"{side}_tokens").summary() for side in ("input", "reasoning")}
    found = {"input": found["input"], "output": outputs.all().summary(), "reasoning": found["reasoning"]}
    return {side: summary for side, summary in found.items() if summary is not None or side != "reasoning"}


def _window_tokens(cells: Sequence[Cell], side: str) -> dict[str, float] | None:
    """Windows know sums and means only."""
    missing = sum(cell.no_input if side == "input" else cell.no_output for cell in cells)
    total, calls = sum(getattr(cell, side) for cell in cells), sum(cell.calls for cell in cells)
    return {"sum": total, "mean": total / calls} if missing == 0 and calls > 0 else None


def _counted(log: CallLog, name: str) -> Histogram:
    if not log.may_hold(name):
        return Histogram.of([])
    calls = log.calls.filter(log.calls[name].notnull())
    rows = log.engine.rows(calls.group_by(value=calls[name]).agg(n=calls.count()))
    return Histogram.of([(float(value), int(n)) for value, n in rows])


def _seconds(log: CallLog, name: str) -> dict[str, Any] | None:
    """Percentiles to the millisecond; a window has a width, no latency."""
    if log.window_s is not None or not log.may_hold(name):
        return None
    known = is_streamed(log.calls) if name == "ttft_s" else log.calls[name].notnull()
    calls = log.calls.filter(known)
    grouped = calls.group_by(value=(calls[name] * 1000).round().cast("int64")).agg(n=calls.count())
    pairs = [(int(value) / 1000, int(n)) for value, n in log.engine.rows(grouped)]
    summary = Histogram.of(pairs).summary(digits=4)
    return None if summary is None else {key: value for key, value in summary.items() if key != "sum"}


def _unknowns(log: CallLog, cells: Sequence[Cell]) -> list[str]:
    """What calls leave open, said with how many of them do."""
    if log.window_s is not None:
        return ["the log holds windows of counts, not calls: tokens of single calls can not be known"]
    answered = [cell for cell in cells if cell.failure is None]
    total = sum(cell.rows for cell in cells)
    open_in, open_out = (
        sum(getattr(cell, f"no_{side}") for cell in answered) for side in ("input", "output")
    )
    open_time = sum(cell.no_time for cell in cells)
    found = []
    for n, what in ((open_in, "no input tokens"), (open_out, "no output tokens")):
        if n:
            found.append(
                f"{n:,.0f} of {total:,.0f} calls say {what}: unknown, not zero; left out of the token figures"
            )
    if 0 < open_time < total:
        found.append(f"{open_time:,.0f} of {total:,.0f} calls carry no time: they are missing in the volume")
    return found


# ------------------------------------------------------------------------------------------- caching


def _caching(log: CallLog, cells: Sequence[Cell]) -> dict[str, Any]:
    """The share of input read from a cache, and what block hashes say could have been."""
    known = [cell for cell in cells if cell.no_cached < cell.rows]
    tokens = sum(cell.input for cell in cells)
    cached = sum(cell.cached for cell in known)
    share = cached / tokens if known and tokens else None
    return {"cached_tokens": cached if known else None, "share": share, "blocks": _blocks(log)}


def _blocks(log: CallLog) -> dict[str, Any] | None:
    """Of all prompt blocks, those that lead a prompt and were seen in an earlier call: an endless cache's hits."""
    import ibis

    if not log.may_hold("prefix_blocks"):
        return None
    calls = log.calls.filter(log.calls["prefix_blocks"].notnull())
    if not log.engine.rows(calls.select("time").limit(1)):
        return None
    numbered = log.engine.keep(
        calls.select(call=ibis.row_number().over(order_by=calls["time"]), block="prefix_blocks")
    )
    single = log.engine.keep(numbered.unnest("block", offset="place"))
    first = single.group_by("block").agg(seen=single["call"].min())
    both = single.join(first, "block")
    fresh = both.filter(both["call"] == both["seen"]).group_by("call").agg(stop=lambda t: t["place"].min())
    leading = single.left_join(fresh, "call")
    hits = leading["stop"].isnull() | (leading["place"] < leading["stop"])
    blocks, reused = log.engine.rows(leading.agg(blocks=leading.count(), reused=hits.sum()))[0]
    return {"blocks": int(blocks), "reused": int(reused or 0), "share": int(reused or 0) / int(blocks)}


# -------------------------------------------------------------------------------- outcomes, refused rows


def _outcomes(log: CallLog, warnings: list[str]) -> dict[str, Any]:
    rows = []
    if log.may_hold("outcome"):
        calls = log.calls.filter(log.calls["outcome"].notnull())
        own = calls.group_by(name=calls["outcome_name"].fill_null("outcome"), value=calls["outcome"])
        rows += log.engine.rows(own.agg(n=calls.count()))
    if log.outcomes is not None:
        ids = _ids(log)
        known = log.outcomes.semi_join(ids, "call_id")
        rows += log.engine.rows(known.group_by("name", "value").agg(n=known.count()))
        lost = log.engine.rows(log.outcomes.anti_join(ids, "call_id").count().as_table())[0][0]
        if lost:
            warnings.append(f"{lost:,} outcomes belong to no call in these files: left out")
    found, unread = summarise_outcomes([(str(name), str(value), int(n)) for name, value, n in rows])
    warnings += unread
    return found


def _ids(log: CallLog) -> Any:
    """What an outcome can belong to: a call, or a session of calls."""
    import ibis

    calls, sessions = log.calls.select("call_id"), log.calls.select(call_id="session")
    both = ibis.union(calls, sessions, distinct=True)
    return both.filter(both["call_id"].notnull())


def _rejected(log: CallLog) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for file in log.files:
        counts.update(file.rejected)
    return dict(sorted(counts.items()))
