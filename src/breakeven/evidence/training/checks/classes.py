"""How evenly the rows are spread over the classes, and whether each has enough."""

from __future__ import annotations

import math
from collections import Counter
from typing import Final

from breakeven.evidence.training.check import CheckInput, CheckResult, DataCheck, Flagged
from breakeven.statistics.intervals import wilson

__all__ = ["CHECK"]

_NAME: Final = "classes"
_TITLE: Final = "Balance of the classes"
_MOST: Final = 10.0
_FEWEST: Final = 10
_SOURCE: Final = "document 000: balance classes; the limits are ours, a rule of thumb"


def _find(given: CheckInput) -> CheckResult:
    most, fewest = float(given.settings.get(_NAME, _MOST)), int(given.settings.get("class-rows", _FEWEST))
    labels = [row.label for row in given.train.rows]
    counts = Counter(label for label in labels if label is not None)
    n = counts.total()
    lacking = _lacking(counts, n, len(labels))
    if lacking:
        return CheckResult(
            check=_NAME, title=_TITLE, verdict="cannot_tell", because=lacking, unit="ratio", threshold=most,
            better="below", source=_SOURCE,
        )  # fmt: skip
    (largest, top), (rarest, low) = (
        counts.most_common()[0],
        min(counts.items(), key=lambda one: (one[1], one[0])),
    )
    share = wilson(low, n)
    thin = sorted(label for label, count in counts.items() if count < fewest)
    because = (
        f"{len(counts):,} classes; {largest} has {top:,} rows and {rarest} {low:,} ({share.value:.2%} "
        f"[{share.low:.2%}, {share.high:.2%}] of rows), {len(thin):,} have fewer than {fewest}"
    )
    flagged = [
        Flagged(row=k, place=given.train.rows[k].place, reason=f"its class has {counts[label]} rows only")
        for k, label in enumerate(labels) if label is not None and counts[label] < fewest
    ]  # fmt: skip
    return CheckResult(
        check=_NAME, title=_TITLE, verdict="pass" if top / low <= most and not thin else "fail", because=because,
        value=top / low, n=n, unit="ratio", method="counted: largest class over rarest; Wilson for the share",
        threshold=most, better="below", source=_SOURCE, flagged=tuple(flagged),
        next_step=f"label more of: {', '.join(thin[:3]) or rarest}" if thin or top / low > most else "",
        details={"classes": len(counts), "largest": top, "rarest": low, "rarest_class": rarest,
                 "rarest_share": share.value, "rarest_share_low": share.low, "rarest_share_high": share.high,
                 "evenness": _evenness(counts), "below_minimum": len(thin), "minimum": fewest,
                 "unlabelled": len(labels) - n},
    )  # fmt: skip


def _lacking(counts: Counter[str], n: int, rows: int) -> str:
    if 2 * n < rows or not n:
        return f"{n:,} of {rows:,} rows have a label"
    if len(counts) < 2:
        return f"every row has the label {next(iter(counts))!r}"
    if 2 * len(counts) > n:
        return f"{len(counts):,} different answers on {n:,} rows: these are no classes"
    return ""


def _evenness(counts: Counter[str]) -> float:
    """Entropy over its most: 1 where all classes are equally large."""
    shares = [count / counts.total() for count in counts.values()]
    return -sum(share * math.log(share) for share in shares) / math.log(len(shares))


CHECK = DataCheck(name=_NAME, title=_TITLE, find=_find)
