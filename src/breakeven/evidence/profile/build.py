"""The profile: every figure of ``profile --json``, from a table of calls."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from breakeven.errors import EvidenceError
from breakeven.evidence.calls.read import CallLog
from breakeven.evidence.profile.costs import Prices, Tokens, cost_usd
from breakeven.evidence.profile.histogram import Histogram
from breakeven.evidence.profile.outcomes import summarise_outcomes
from breakeven.evidence.profile.volume import BUCKET_S, Volume, as_time, volume
from breakeven.prices import ModelPrice, PriceBook

__all__ = ["build_profile"]

_RETRY_S: Final = 600


class _Cell(NamedTuple):
    """Calls of one day, model, feature, kind of failure and context band, summed."""

    day: int | None
    provider: str | None
    model: str | None
    feature: str | None
    failure: str | None
    band: int
    calls: float
    no_input: int
    no_output: int
    no_cached: int
    input: float
    output: float
    cached: float
    written: float
    reasoning: float
    longest: float
    logged: int
    logged_usd: float
    rows: int
    no_time: int
    first: float | None
    last: float | None


def build_profile(log: CallLog, *, book: PriceBook, sampling: float = 1.0) -> dict[str, Any]:
    """The profile as ``profile --json`` prints it. ``sampling``: the share of all calls that the log holds."""
    prices = Prices(book)
    cells = _cells(log, prices)
    if not cells:
        counted = Counter[str]()
        for file in log.files:
            counted.update(file.rejected)
        raise EvidenceError(f"no usable call in {len(log.files)} files; refused: {dict(counted) or 'none'}")
    warnings = list(log.warnings)
    money = _money(cells, prices, warnings)
    times = _times(log, cells, sampling)
    outcomes = _outcomes(log, warnings)
    warnings += [*times.pop("warnings"), *_unknowns(log, cells)]
    return {
        "breakeven_profile": 1,
        **times,
        "warnings": warnings,
        "sampling": sampling,
        "tokens": _tokens(log, cells),
        **money,
        "failures": _share_by(cells, lambda cell: cell.failure),
        "retries": _retries(log, cells),
        "caching": _caching(log, cells),
        "latency_s": _seconds(log, "latency_s"),
        "ttft_s": _seconds(log, "ttft_s"),
        "outcomes": outcomes,
        "rejected": _rejected(log),
        "files": [{"file": f.file, "format": f.format.name, "title": f.format.title} for f in log.files],
    }


def _cells(log: CallLog, prices: Prices) -> list[_Cell]:
    """All that sums by day, model, feature and failure: one pass over the calls."""
    import ibis

    calls = log.calls
    thresholds = sorted({tier.above_tokens for price in _tiered(log, prices) for tier in price.tiers})
    band = sum(
        ((calls["input_tokens"] > t).fill_null(False).cast("int64") for t in thresholds), ibis.literal(0)
    )
    seconds = calls["time"].epoch_seconds()
    known = {"day": (seconds.cast("int64") // 86_400), "band": band}
    grouped = calls.group_by(**known, **{k: calls[k] for k in ("provider", "model", "feature", "failure")})
    found = grouped.agg(
        calls=calls["calls"].sum(), no_input=calls["input_tokens"].isnull().sum(),
        no_output=calls["output_tokens"].isnull().sum(), no_cached=calls["cached_tokens"].isnull().sum(),
        input=calls["input_tokens"].sum(), output=calls["output_tokens"].sum(), cached=calls["cached_tokens"].sum(),
        written=calls["cache_write_tokens"].sum(), reasoning=calls["reasoning_tokens"].sum(),
        longest=calls["input_tokens"].max(), logged=calls["cost_usd"].count(), logged_usd=calls["cost_usd"].sum(),
        rows=calls.count(), no_time=calls["time"].isnull().sum(), first=calls["time"].min(), last=calls["time"].max(),
    )  # fmt: skip
    rows = log.engine.rows(found.select(*_Cell._fields))
    return [
        _Cell(*(_filled(name, value) for name, value in zip(_Cell._fields, row, strict=True))) for row in rows
    ]


_MAY_BE_EMPTY: Final = frozenset({"day", "provider", "model", "feature", "failure", "first", "last"})


def _filled(name: str, value: Any) -> Any:
    if name in ("first", "last") and value is not None:
        import datetime as dt

        return (value - dt.datetime(1970, 1, 1)) / dt.timedelta(seconds=1)  # noqa: DTZ001 - UTC without a zone
    if name in _MAY_BE_EMPTY:
        return value
    return float(value or 0)


def _tiered(log: CallLog, prices: Prices) -> list[ModelPrice]:
    models = log.calls.select("provider", "model").distinct()
    found = [prices.of(p, m) for p, m in log.engine.rows(models.limit(1000)) if m is not None]
    return [price for price in found if price is not None and price.tiers]


# --------------------------------------------------------------------------------------------- money


def _money(cells: list[_Cell], prices: Prices, warnings: list[str]) -> dict[str, Any]:
    """Dollars in all and by model, feature and day. One unknown price makes the sum unknown, never smaller."""
    costs = {cell: _cell_usd(cell, prices) for cell in cells}
    unknown = sorted({cell.model or "(no model named)" for cell in cells if costs[cell] is None})
    if unknown:
        shown = ", ".join(unknown[:5]) + (" …" if len(unknown) > 5 else "")
        warnings.append(
            f"no price is known for {shown}: the cost is not stated (an unknown price is not zero)"
        )
    groups: dict[str, Callable[[_Cell], str | None]] = {
        "models": lambda cell: cell.model,
        "features": lambda cell: cell.feature,
        "days": lambda cell: None if cell.day is None else as_time(cell.day * 86_400)[:10],
    }
    found: dict[str, Any] = {
        "cost_usd": _total(costs.values()),
        "cost_source": _cost_source(cells, prices.book),
    }
    for name, key in groups.items():
        found[name] = _grouped(cells, costs, key)
    return found


def _cell_usd(cell: _Cell, prices: Prices) -> float | None:
    """Logged where every call says its cost, else at list price; failed calls without tokens cost nothing known."""
    if cell.logged == cell.rows:
        return cell.logged_usd
    priced = cell.rows - max(cell.no_input, cell.no_output)
    if cell.failure is not None and priced == 0:
        return 0.0
    price = None if cell.model is None else prices.of(cell.provider, cell.model)
    if price is None or (cell.failure is None and priced < cell.rows):
        return None
    tokens = Tokens(
        input=cell.input, cached=cell.cached, written=cell.written, output=cell.output, longest=cell.longest
    )
    return cost_usd(price, tokens)


def _cost_source(cells: list[_Cell], book: PriceBook) -> str:
    logged = [cell.logged == cell.rows for cell in cells]
    if all(logged):
        return "as logged"
    listed = f"list prices of {book.as_of.isoformat()}"
    return f"as logged, else {listed}" if any(logged) else listed


def _total(costs: Iterable[float | None]) -> float | None:
    known = list(costs)
    return None if any(cost is None for cost in known) else sum(cost for cost in known if cost is not None)


def _grouped(
    cells: list[_Cell], costs: Mapping[_Cell, float | None], key: Callable[[_Cell], str | None]
) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[_Cell]] = defaultdict(list)
    for cell in cells:
        if (name := key(cell)) is not None:
            groups[name].append(cell)
    ordered = sorted(groups.items(), key=lambda item: item[0])
    return {
        name: {
            "calls": round(sum(c.calls for c in group)), "cost_usd": _total(costs[c] for c in group),
            "input_tokens": round(sum(c.input for c in group)), "output_tokens": round(sum(c.output for c in group)),
        }
        for name, group in ordered
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------- time


def _times(log: CallLog, cells: list[_Cell], sampling: float) -> dict[str, Any]:
    """Calls, first and last, volume a month, growth and rhythm."""
    firsts = [cell.first for cell in cells if cell.first is not None]
    found: dict[str, Any] = {"calls": round(sum(cell.calls for cell in cells)), "first": None, "last": None}
    if not firsts:
        nothing = "no call carries a time: volume, growth and rhythm can not be known"
        return {**found, "clock": "none", "span_days": None, "calls_per_month": None, "warnings": [nothing]}
    first, last = min(firsts), max(cell.last for cell in cells if cell.last is not None)
    end = last + (log.window_s or 0.0)
    made = _volume(log, first, end, sampling)
    if log.clock == "absolute":
        found |= {"first": as_time(first), "last": as_time(last)}
    return {
        **found,
        "clock": log.clock,
        "span_days": (end - first) / 86_400,
        "calls_per_month": made.per_month,
        "growth_per_month": made.growth_per_month,
        "rhythm": made.rhythm,
        "warnings": _clock_warning(log) + list(made.warnings),
    }


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
    return volume(buckets, first_s=first, last_s=end, clock=log.clock, sampling=sampling)


# ------------------------------------------------------------------------------------- tokens and time


def _tokens(log: CallLog, cells: list[_Cell]) -> dict[str, Any]:
    """Input, output and reasoning tokens of a call; None where no call says."""
    if log.window_s is not None:
        return {side: _window_tokens(cells, side) for side in ("input", "output")}
    found = {side: _counted(log, f"{side}_tokens").summary() for side in ("input", "output", "reasoning")}
    return {side: summary for side, summary in found.items() if summary is not None or side != "reasoning"}


def _window_tokens(cells: list[_Cell], side: str) -> dict[str, float] | None:
    """Windows know sums and means only."""
    missing = sum(cell.no_input if side == "input" else cell.no_output for cell in cells)
    total, calls = sum(getattr(cell, side) for cell in cells), sum(cell.calls for cell in cells)
    return {"sum": total, "mean": total / calls} if missing == 0 and calls > 0 else None


def _counted(log: CallLog, name: str) -> Histogram:
    calls = log.calls.filter(log.calls[name].notnull())
    rows = log.engine.rows(calls.group_by(value=calls[name]).agg(n=calls.count()))
    return Histogram.of([(float(value), int(n)) for value, n in rows])


def _seconds(log: CallLog, name: str) -> dict[str, Any] | None:
    """Percentiles to the millisecond."""
    calls = log.calls.filter(log.calls[name].notnull())
    grouped = calls.group_by(value=(calls[name] * 1000).round().cast("int64")).agg(n=calls.count())
    pairs = [(int(value) / 1000, int(n)) for value, n in log.engine.rows(grouped)]
    summary = Histogram.of(pairs).summary(digits=4)
    return None if summary is None else {key: value for key, value in summary.items() if key != "sum"}


def _unknowns(log: CallLog, cells: list[_Cell]) -> list[str]:
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


# ------------------------------------------------------------------------- failures, retries, caching


def _share_by(cells: list[_Cell], key: Callable[[_Cell], str | None]) -> dict[str, Any]:
    total = sum(cell.calls for cell in cells)
    counts: Counter[str] = Counter()
    for cell in cells:
        if (name := key(cell)) is not None:
            counts[name] += round(cell.calls)
    n = sum(counts.values())
    return {"n": n, "share": n / total if total else 0.0, "kinds": dict(sorted(counts.items()))}


def _retries(log: CallLog, cells: list[_Cell]) -> dict[str, Any] | None:
    """Calls that repeat a failed one: same messages, the call before failed, at most ten minutes earlier.

    None where it can not be known: calls say nothing of failures, or carry no messages or times.
    """
    import ibis

    calls = log.calls.filter(log.calls["messages_hash"].notnull() & log.calls["time"].notnull())
    failed = sum(cell.calls for cell in cells if cell.failure is not None)
    if not log.engine.rows(calls.select("time").limit(1)):
        return None
    if failed == 0:
        return {"n": 0, "share": 0.0}
    lost = calls.filter(calls["failure"].notnull()).select("messages_hash").distinct()
    near = calls.select("messages_hash", "time", "failure").semi_join(lost, "messages_hash")
    window = ibis.window(group_by="messages_hash", order_by="time")
    before = near.mutate(was=near["failure"].lag().over(window), at=near["time"].lag().over(window))
    soon = before["time"].epoch_seconds() - before["at"].epoch_seconds() <= _RETRY_S
    n = log.engine.rows(before.filter(before["was"].notnull() & soon).count().as_table())[0][0]
    return {"n": int(n), "share": int(n) / sum(cell.calls for cell in cells)}


def _caching(log: CallLog, cells: list[_Cell]) -> dict[str, Any]:
    """The share of input read from a cache, and what block hashes say could have been."""
    known = [cell for cell in cells if cell.no_cached < cell.rows]
    tokens = sum(cell.input for cell in cells)
    cached = sum(cell.cached for cell in known)
    share = cached / tokens if known and tokens else None
    return {"cached_tokens": cached if known else None, "share": share, "blocks": _blocks(log)}


def _blocks(log: CallLog) -> dict[str, Any] | None:
    """Of all prompt blocks, those that lead a prompt and were seen in an earlier call: an endless cache's hits."""
    import ibis

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
    calls = log.calls.filter(log.calls["outcome"].notnull())
    own = calls.group_by(name=calls["outcome_name"].fill_null("outcome"), value=calls["outcome"])
    rows += log.engine.rows(own.agg(n=calls.count()))
    if log.outcomes is not None:
        known = log.outcomes.semi_join(log.calls, "call_id")
        rows += log.engine.rows(known.group_by("name", "value").agg(n=known.count()))
        lost = log.engine.rows(log.outcomes.anti_join(log.calls, "call_id").count().as_table())[0][0]
        if lost:
            warnings.append(f"{lost:,} outcomes belong to no call in these files: left out")
    found, unread = summarise_outcomes([(str(name), str(value), int(n)) for name, value, n in rows])
    warnings += unread
    return found


def _rejected(log: CallLog) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for file in log.files:
        counts.update(file.rejected)
    return dict(sorted(counts.items()))
