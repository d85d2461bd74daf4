"""What became of calls: failures by kind, how answers ended, retries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from breakeven.evidence.calls.read import CallLog
from breakeven.evidence.profile.cells import ENDINGS, Cell

__all__ = ["RETRY_S", "endings", "failures", "retries"]

RETRY_S: Final = 600
"""How long after a failure the same call still counts as its retry."""
_MOST_CUT: Final = 0.5


def failures(cells: Sequence[Cell], warnings: list[str]) -> dict[str, Any]:
    """Calls without a whole answer, by kind. An answer cut at its token limit is one (``truncated``)."""
    total = sum(cell.calls for cell in cells)
    counts: Counter[str] = Counter()
    for cell in cells:
        if cell.failure is not None:
            counts[cell.failure] += round(cell.calls)
    n = sum(counts.values())
    if total and counts["truncated"] > _MOST_CUT * total:
        warnings.append(
            f"{counts['truncated'] / total:.0%} of answers end at their token limit: where that is meant, as with a "
            "label of one token, they are no failures"
        )
    return {"n": n, "share": n / total if total else 0.0, "kinds": dict(sorted(counts.items()))}


def endings(cells: Sequence[Cell]) -> dict[str, Any] | None:
    """Why the model stopped, by kind; None where no call says."""
    n = round(sum(cell.ended for cell in cells))
    if not n:
        return None
    kinds = {name: round(sum(cell.ending(name) for cell in cells)) for name in ENDINGS}
    kinds["other"] = n - sum(kinds.values())
    return {"n": n, "kinds": {name: count for name, count in kinds.items() if count}}


def retries(log: CallLog, cells: Sequence[Cell]) -> tuple[dict[str, Any] | None, str | None]:
    """(calls that repeat a failed one at most ten minutes earlier, how that was told).

    By the same messages; where the log keeps none, by the next call of the same session, model and feature. None
    where it can not be known: calls carry neither, or no times.
    """
    for column, told in (("messages_hash", "same messages"), ("session", "same session, model and feature")):
        if not log.may_hold(column, "time"):
            continue
        calls = log.calls.filter(log.calls[column].notnull() & log.calls["time"].notnull())
        if log.engine.rows(calls.select("time").limit(1)):
            return _repeated(log, calls, column, cells), told
    return None, None


def _repeated(log: CallLog, calls: Any, column: str, cells: Sequence[Cell]) -> dict[str, Any]:
    import ibis

    if not any(cell.failure is not None for cell in cells):
        return {"n": 0, "share": 0.0}
    same = [column] if column == "messages_hash" else [column, "model", "feature"]
    lost = calls.filter(calls["failure"].notnull()).select(column).distinct()
    near = calls.select(*same, "time", "failure").semi_join(lost, column)
    window = ibis.window(group_by=same, order_by="time")
    before = near.mutate(was=near["failure"].lag().over(window), at=near["time"].lag().over(window))
    soon = before["time"].epoch_seconds() - before["at"].epoch_seconds() <= RETRY_S
    n = log.engine.rows(before.filter(before["was"].notnull() & soon).count().as_table())[0][0]
    return {"n": int(n), "share": int(n) / sum(cell.calls for cell in cells)}
