"""Purchases that narrow a stated range: more days of logs, a study of what errors cost, a price quote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from breakeven.advice.purchases.offer import Finding, Offer, PurchaseKind, Scene
from breakeven.beliefs import Belief, Values
from breakeven.study.model import Candidate, beliefs_in

__all__ = ["ERROR_COST_STUDY", "LOGS", "QUOTE"]

LOG_DAYS: Final = 14
VOLUME_SD: Final = float(np.hypot(0.35 / np.sqrt(LOG_DAYS), 0.05))
"""On the logarithm: a day's calls vary by about a third, and a month differs from the next by a twentieth."""
TOKENS_SD: Final = 0.03
SHARE_SD: Final = 0.1
"""On the logit, of shares of calls."""
LOG_HOURS: Final = 1.0
"""Logs are kept anyway; somebody reads them once."""
TIMED_ERRORS: Final = 30
TIME_SD: Final = 0.6
"""Of the logarithm of the time that one error takes; the mean of 30 is known to a ninth."""
TIMING_HOURS: Final = 4.0 + TIMED_ERRORS * 0.25
"""Half a day to find them and to write down what each led to; a quarter of an hour for each. A guess."""
QUOTE_SD: Final = 0.02
QUOTE_HOURS: Final = 3.0
"""To say what is wanted, to ask and to read the answer. A guess."""
WEEK: Final = 7.0


@dataclass(frozen=True, kw_only=True)
class _Sight:
    """An input, and how sharply it would be seen."""

    belief: Belief
    sd: float


def _is_open(scene: Scene, belief: Belief | None) -> bool:
    """Whether there is something to narrow: a range, that nobody has measured."""
    return belief is not None and belief.source.kind != "measured" and bool(np.ptp(scene.values(belief)) > 0)


def _seen(scene: Scene, sight: _Sight, rng: np.random.Generator) -> Values:
    """The input as it would be seen: an error on the logit for shares, else on the logarithm."""
    truth = scene.values(sight.belief)
    error = sight.sd * rng.standard_normal(truth.size)
    if sight.belief.kind == "share":
        seen: Values = special.expit(special.logit(np.clip(truth, 1e-9, 1 - 1e-9)) + error)
        return seen
    return truth * np.exp(error)


def _narrowing(
    scene: Scene, sights: Sequence[_Sight], *, key: str, what: str, ask: str, hours: float, days: float
) -> Iterator[Offer]:
    if not sights:
        return
    rng = scene.rng(key)
    yield Offer(
        what=what,
        ask=ask,
        informs=tuple(sight.belief.name for sight in sights),
        findings=tuple(
            Finding(words=f"{s.belief.name} comes out", values=_seen(scene, s, rng), kind=s.belief.kind)
            for s in sights
        ),
        cost_usd=scene.work_usd(hours),
        days=days,
    )


def _logs(scene: Scene) -> Iterator[Offer]:
    """Volume, tokens and shares of calls of what serves today.

    Cost: an hour at the study's wage, since the calls are made and logged anyway. What it really costs is the delay:
    14 days in which today's candidate goes on.
    """
    load, today = scene.study.workload, scene.study.candidates[scene.study.today]
    inputs = [load.volume, load.retries, today.hit_rate, today.cached]
    inputs += [] if today.tokens is None else list(beliefs_in(today.tokens))
    sights = [_Sight(belief=b, sd=_log_sd(b)) for b in inputs if b is not None and _is_open(scene, b)]
    yield from _narrowing(
        scene, sights, key="logs", what=f"{LOG_DAYS} more days of logs",
        ask=f"{LOG_DAYS} more days of logs for {{cost}}", hours=LOG_HOURS, days=float(LOG_DAYS),
    )  # fmt: skip


def _log_sd(belief: Belief) -> float:
    return {"volume": VOLUME_SD, "share": SHARE_SD}.get(belief.kind, TOKENS_SD)


def _error_cost(scene: Scene) -> Iterator[Offer]:
    """What an error costs and what a right answer is worth.

    Cost: hours at the study's wage, to find 30 errors and to time each; nobody is called and nothing is labelled.
    """
    load = scene.study.workload
    sd = float(TIME_SD / np.sqrt(TIMED_ERRORS))
    sights = [
        _Sight(belief=b, sd=sd) for b in (load.error_cost, load.value) if b is not None and _is_open(scene, b)
    ]
    yield from _narrowing(
        scene, sights, key="error-cost", what=f"time study of {TIMED_ERRORS} errors",
        ask=f"the {{cost}} time study of {TIMED_ERRORS} errors", hours=TIMING_HOURS, days=WEEK,
    )  # fmt: skip


def _quotes(scene: Scene) -> Iterator[Offer]:
    """One for each candidate: whatever is charged for it, by model hosts, GPU hosts and labellers.

    Cost: hours at the study's wage; a quote itself is free.
    """
    for name, c in scene.study.candidates.items():
        if c.ends_because:  # nobody sells it any more
            continue
        sights = [_Sight(belief=b, sd=QUOTE_SD) for b in _charged(c) if _is_open(scene, b)]
        yield from _narrowing(
            scene, sights, key=f"quote: {name}", what=f"price quote for {name}",
            ask=f"a price quote for {name}, {{cost}} of work", hours=QUOTE_HOURS, days=WEEK,
        )  # fmt: skip


def _charged(c: Candidate) -> list[Belief]:
    """What somebody else charges; one's own work is not quoted."""
    own = {belief.name for belief in beliefs_in(c.labour)}
    found = {b.name: b for b in beliefs_in(c) if b.kind.startswith("money") and b.name not in own}
    return list(found.values())


LOGS = PurchaseKind(
    key="logs", title="More days of logs", source="a day's calls vary by a third, a month's by a twentieth: a guess",
    offers=_logs,
)  # fmt: skip
ERROR_COST_STUDY = PurchaseKind(
    key="error-cost", title="Time study of errors", source="times of single errors vary by a factor of 1.8: a guess",
    offers=_error_cost,
)  # fmt: skip
QUOTE = PurchaseKind(
    key="quote", title="Price quote", source="a quote binds to 2%: a guess", offers=_quotes,
)  # fmt: skip
