"""Whether the training data asks what production asks."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from breakeven.evidence.training.auditing.predicting import row_labels
from breakeven.evidence.training.check import CheckInput, CheckResult, DataCheck, Verdict
from breakeven.evidence.training.matching import FEWEST, Match, compare_with_production
from breakeven.evidence.training.neighbours.rows import compared_text

__all__ = ["CHECK"]

_NAME: Final = "production"
_TITLE: Final = "Match with production"
_SOURCE: Final = "document 003, section 4, asks for a match; the limits are ours"
_FAR: Final = 0.60
_MISSING: Final = 0.05
_SURE: Final = 0.05
_SHOWN: Final = 3
_NUMBERS: Final = {3: "three", 4: "four"}


def _find(given: CheckInput) -> CheckResult:
    far = float(given.settings.get(_NAME, _FAR))
    if not given.logs:
        said = "no logs with texts were named"
        return _unknown(said, far, "name logs with texts: --logs logs/")
    texts = [compared_text(row) for row in given.train.rows]
    rng = np.random.default_rng(given.seed)
    found = compare_with_production(
        texts,
        [log.text for log in given.logs],
        rng,
        labels=(_own_labels(given), [log.label for log in given.logs]),
        meaning=given.settings.get("meaning"),
    )
    if found is None:
        said = (
            f"{len(texts):,} rows against {len(given.logs):,} calls; {FEWEST} different texts a side are needed "
            "to tell a match from too few"
        )
        return _unknown(said, far, "name logs of a longer time, or add rows")
    low, high = found.separation.interval
    lost = found.lost
    return CheckResult(
        check=_NAME, title=_TITLE, verdict=_verdict(found, far), because=_because(found), value=found.separation.value,
        low=low, high=high, level=found.separation.level, n=2 * found.n, unit="AUC",
        method=_method(given, found),
        threshold=far, better="below", source=_SOURCE, details=_details(found),
        next_step=f"add rows about: {'; '.join(topic.words for topic in lost[:_SHOWN])}" if lost else "",
    )  # fmt: skip


def _method(given: CheckInput, found: Match) -> str:
    by_meaning = " by meaning" if given.settings.get("meaning") else ""
    labels = ", χ² on labels" if found.labels else ""
    return (
        f"classifier judged on texts it has not seen; χ² on topics{by_meaning}, permutation MMD{by_meaning}{labels}, "
        "Holm's correction"
    )


def _own_labels(given: CheckInput) -> list[str | None]:
    labels = row_labels(given.train.rows)
    return [labels.get(k) for k in range(len(given.train.rows))]


def _unknown(said: str, far: float, step: str) -> CheckResult:
    return CheckResult(
        check=_NAME, title=_TITLE, verdict="cannot_tell", because=said, unit="AUC", threshold=far, better="below",
        source=_SOURCE, next_step=step,
    )  # fmt: skip


def _verdict(found: Match, far: float) -> Verdict:
    """A difference must be shown and large to fail, and shown to be small to pass."""
    low, high = found.separation.interval
    if found.p <= _SURE and (low > far or found.missing >= _MISSING):
        return "fail"
    return "pass" if high <= far and found.missing < _MISSING else "cannot_tell"


def _because(found: Match) -> str:
    low, high = found.separation.interval
    shown = (
        f"told apart by a classifier in {found.separation.value:.0%} [{low:.0%}, {high:.0%}] of pairs "
        "(50%: not at all)"
    )
    differ = "differ" if found.p <= _SURE else "are not shown to differ"
    what = "labels" if found.labels else "topics"
    said = (
        f"; {found.missing:.1%} of production is about {len(found.lost)} "
        f"{what[:-1] if len(found.lost) == 1 else what} that training hardly has"
        if found.lost
        else ""
    )
    return (
        f"training and production {differ} (p = {found.p:.2g}, of {_NUMBERS[len(found.p_values)]} tests): "
        f"{shown}{said}. {_power(found, what[:-1])}"
    )


def _power(found: Match, what: str) -> str:
    """What this many texts would have shown: without it, a difference that is not seen says nothing."""
    return (
        f"{found.n:,} different texts a side show a separation of {found.detectable_auc:.0%} in four of five cases, "
        f"and a {what} that training lacks from {found.detectable_share:.1%} of production on"
    )


def _details(found: Match) -> dict[str, Any]:
    topics, labels = ([
        {"words": topic.words, "training": topic.training, "production": topic.production.value,
         "production_low": topic.production.low, "production_high": topic.production.high, "missing": topic.missing}
        for topic in listed
    ] for listed in (found.topics, found.labels))  # fmt: skip
    return {
        "texts_a_side": found.n, "p": found.p,
        **{f"p_{name}": p for name, p in found.p_values.items()},
        **{f"p_{name}_adjusted": p for name, p in found.adjusted.items()},
        "missing_share": found.missing, "detectable_auc": found.detectable_auc,
        "detectable_share": found.detectable_share, "topics": topics, **({"labels": labels} if labels else {}),
    }  # fmt: skip


CHECK = DataCheck(name=_NAME, title=_TITLE, find=_find)
