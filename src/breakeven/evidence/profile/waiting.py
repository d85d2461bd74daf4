"""What could wait for a batch: bounds from what a log shows of who waits, and what somebody stated."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from breakeven.errors import EvidenceError, Problem, nearest
from breakeven.evidence.calls.read import CallLog
from breakeven.evidence.profile.cells import Cell, is_streamed

__all__ = ["Stated", "Waiting", "batchable", "narrowed", "waiting_of"]

_NAMED: Final = re.compile(
    r"batch|nightly|backfill|offline|cron\b|\betl\b|bulk|(?:^|[^a-z])(?:re)?index(?:ing|er)?(?:[^a-z]|$)|enrich|migrat|digest"
)
_RUN_S: Final = 3 * 3_600
"""Longest a day's run may take, and its starts may lie apart."""
_RUNS: Final = 5
_DAY: Final = 86_400
_UNKNOWN: Final = "a log does not say who waits for an answer: state the share that may take a day"

Bounds = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What somebody says can take a day: of all calls, or of features. Each is a share, from low to high."""

    whole: Bounds | None = None
    features: Mapping[str, Bounds] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Feature:
    """One feature's calls and what they show; None: calls that name no feature."""

    name: str | None
    calls: float
    streamed: float
    batched: float
    followed: float
    """Neither streamed nor at the batch tier, and another call of the session came after the answer."""
    hours: str | None
    """How it is told that they come as a daily run."""
    named: bool

    def bounds(self) -> Bounds:
        """The share of its calls that can wait: from what shows that nobody waits, to what shows that somebody does."""
        if not self.calls:
            return 0.0, 1.0
        if self.hours is not None and not self.streamed:
            return 1.0, 1.0
        high = 1 - (self.streamed + self.followed) / self.calls
        return min(self.batched / self.calls, high), high


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What a log shows of who waits, by feature."""

    features: tuple[_Feature, ...]
    bounds: Mapping[str | None, Bounds]
    """Feature → the share of its calls that can wait, as stated or as far as the log tells; None: no feature named."""
    whole: Bounds
    """Of all calls."""
    told: bool
    """Whether calls name their session."""


def waiting_of(
    log: CallLog, cells: Sequence[Cell], named: frozenset[str], stated: Stated | None = None
) -> Waiting:
    """The bounds of each feature and of all calls. ``named``: see ``few_names``.

    From: calls at the batch tier, and features whose calls come as a daily run. To: all but those that are streamed
    and those that a call of the same session follows. These are hints, no measurement: no log says who waits.
    Raises EvidenceError where a stated feature is not in the log.
    """
    followed = _followed(log, named)
    features = tuple(_features(cells, followed or {}))
    bounds = {one.name: one.bounds() for one in features}
    stated = Stated() if stated is None else stated
    _check(stated, bounds)
    bounds.update(stated.features)
    total = sum(one.calls for one in features) or 1.0
    whole = stated.whole or _weighed(features, bounds, total)
    return Waiting(features=features, bounds=bounds, whole=whole, told=followed is not None)


def batchable(
    log: CallLog, cells: Sequence[Cell], named: frozenset[str], stated: Stated | None = None
) -> dict[str, Any]:
    """The share of calls that could take a day: ``low`` to ``high`` (see ``waiting_of``), and what these rest on.

    ``share`` is what was stated, else None: a log does not say who waits.
    """
    found = waiting_of(log, cells, named, stated)
    stated = Stated() if stated is None else stated
    total = sum(one.calls for one in found.features) or 1.0
    low, high = found.whole
    said = stated.whole is not None or bool(stated.features)
    sums = {
        name: sum(getattr(one, name) for one in found.features) / total
        for name in ("streamed", "batched", "followed")
    }
    return {
        "share": (low + high) / 2 if said else None,
        "low": low,
        "high": high,
        "source": "stated" if stated.whole else "bounds, and stated for features" if said else "bounds",
        "at_most": 1.0 - sums["streamed"] if sums["streamed"] else None,
        "already": sums["batched"] if sum(cell.tiered for cell in cells) else None,
        "streamed": sums["streamed"] or None,
        "followed": sums["followed"] if found.told else None,
        "likely": sorted(_likely(found.features, total), key=lambda one: (-one["share"], one["feature"])),
        "stated": {name: {"low": ends[0], "high": ends[1]} for name, ends in stated.features.items()},
        "features": _by_feature(found.features, found.bounds, total),
        "reason": _UNKNOWN,
    }


_SHOWN: Final = 50


def _by_feature(
    features: Sequence[_Feature], bounds: Mapping[str | None, Bounds], total: float
) -> dict[str, dict[str, float]]:
    """The bounds of the largest features."""
    most = sorted(
        (one for one in features if one.name is not None), key=lambda one: (-one.calls, str(one.name))
    )
    return {
        str(one.name): {"share": one.calls / total, "low": bounds[one.name][0], "high": bounds[one.name][1]}
        for one in most[:_SHOWN]
    }


def _weighed(features: Sequence[_Feature], bounds: Mapping[str | None, Bounds], total: float) -> Bounds:
    low, high = (sum(one.calls * bounds[one.name][end] for one in features) / total for end in (0, 1))
    return min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0)


def _check(stated: Stated, known: Mapping[str | None, Any]) -> None:
    names = [name for name in known if name is not None]
    for feature in stated.features:
        if feature not in known:
            near = nearest(feature, names) or sorted(names)[:10]
            hint = f"features of the log: {', '.join(near)}" if names else "its calls name no feature"
            raise EvidenceError(
                Problem(message=f"no call of the log is of the feature {feature!r}", hint=hint)
            )


def narrowed(found: Mapping[str, Any], prompt: Mapping[str, Any] | None) -> dict[str, Any]:
    """The bounds, with what reading the messages told of sessions and of batches; stated ones stay."""
    made = dict(found)
    if prompt is None or found["source"] != "bounds":
        return made
    if prompt["already"]:
        made["low"] = max(found["low"], min(prompt["already"], found["high"]))
    if prompt["at_most"] is not None and found["followed"] is None:
        made["high"] = max(made["low"], min(found["high"], prompt["at_most"]))
        made["followed"] = 1.0 - prompt["at_most"]
    return made


# --------------------------------------------------------------------------------------------- evidence


def _features(cells: Sequence[Cell], followed: Mapping[str | None, float]) -> Iterator[_Feature]:
    groups: dict[str | None, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[cell.feature].append(cell)
    for name, group in groups.items():
        yield _Feature(
            name=name,
            calls=sum(cell.calls for cell in group),
            streamed=sum(cell.streamed for cell in group),
            batched=sum(cell.batched for cell in group),
            followed=followed.get(name, 0.0),
            hours=None if name is None else _runs(group),
            named=name is not None and _NAMED.search(name.lower()) is not None,
        )


def _likely(features: Sequence[_Feature], total: float) -> Iterator[dict[str, Any]]:
    """Features that look like runs. The hours of their calls count for ``low``; a name alone is no evidence."""
    for one in features:
        why = "its name says so" if one.named else one.hours
        if why is not None and not one.streamed:
            counts = one.hours is not None
            yield {"feature": one.name, "share": one.calls / total, "why": one.hours or why, "counts": counts}


def _runs(group: Sequence[Cell]) -> str | None:
    """Whether a feature's calls come once a day at the same hours: every day within three of them."""
    days: Mapping[int, list[tuple[float, float]]] = defaultdict(list)
    for cell in group:
        if cell.day is not None and cell.first is not None and cell.last is not None:
            days[cell.day].append((cell.first, cell.last))
    if len(days) < _RUNS or sum(cell.rows for cell in group) < 10 * len(days):
        return None
    spans = [
        (min(a for a, _ in ends) - day * _DAY, max(b for _, b in ends) - day * _DAY)
        for day, ends in days.items()
    ]
    first, last = min(a for a, _ in spans), max(b for _, b in spans)
    if last - first > _RUN_S:
        return None
    return f"its calls come between {_clock(first)} and {_clock(last)} only, on {len(days)} days"


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3_600):02d}:{int(seconds % 3_600 // 60):02d}"


def _followed(log: CallLog, named: frozenset[str]) -> dict[str | None, float] | None:
    """Feature → calls after whose answer another call of the same session came, within a day; None: not known.

    Who asks on within a session has waited for the answer. Calls that run side by side do not wait for each other;
    streamed ones and those at the batch tier are told already.
    """
    import ibis

    if log.window_s is not None or not log.may_hold("session", "time"):
        return None
    calls = log.calls.filter(log.calls["session"].notnull() & log.calls["time"].notnull())
    if not log.engine.rows(calls.select("time").limit(1)):
        return None
    feature = calls["feature"] if "feature" in named else ibis.null("string")
    near = calls.select("session", "time", "latency_s", "ttft_s", "tier", feature=feature)
    window = ibis.window(group_by="session", order_by="time")
    after = near.mutate(later=near["time"].lead().over(window))
    gap = (after["later"].epoch_seconds() - after["time"].epoch_seconds()).cast("float64")
    # Times are whole seconds here, so an answer may have come up to a second before it seems to.
    waited = (gap >= ibis.greatest(after["latency_s"].fill_null(1.0) - 1.0, 1.0)) & (gap < float(_DAY))
    told = is_streamed(after) | (after["tier"] == "batch").fill_null(False)
    found = after.filter(waited & ~told).group_by("feature").agg(n=lambda t: t.count())
    return {name: float(n) for name, n in log.engine.rows(found.select("feature", "n"))}
