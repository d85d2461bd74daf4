"""How long rows are: past what a host takes, cut short, or one passage over and over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from breakeven.evidence.training.check import CheckInput, CheckResult, DataCheck, Flagged
from breakeven.evidence.training.hosts import TrainingHost, find_host, training_hosts
from breakeven.evidence.training.truncation import cut_short, repeats_itself
from breakeven.evidence.training.wording import n_of

__all__ = ["CHECK"]

_THRESHOLD: Final = 0.01
_NAME: Final = "length"


def _find(given: CheckInput) -> CheckResult:
    rows, limit = given.train.rows, _limit(given)
    over, again, cut = _over(given, limit), _again(given), cut_short(given.answers)
    flagged = {**cut, **over, **again}
    suspects = len(flagged.keys() - over.keys() - again.keys())
    most = float(given.settings.get(_NAME, _THRESHOLD))
    fails = bool(over or again) or suspects > most * len(rows)
    summary = given.tokens.summary
    return CheckResult(
        check=_NAME, title=CHECK.title, verdict="fail" if fails else "pass",
        because="; ".join(_said(len(over), len(again), suspects, limit, summary.p95, summary.max)),
        value=len(flagged) / len(rows), n=len(rows), threshold=most, better="below", source=_source(limit, given),
        method=f"tokens of {summary.vocabulary}; endings against those of the other answers",
        flagged=tuple(Flagged(row=i, place=rows[i].place, reason=flagged[i]) for i in sorted(flagged)),
        next_step="shorten or leave out the rows that are listed; ask for the cut answers again" if fails else "",
        details={"over": len(over), "repeating": len(again), "cut_short": suspects,
                 "limit_tokens": None if limit is None else limit[1],
                 "limit_host": None if limit is None else limit[0].name},
    )  # fmt: skip


def _over(given: CheckInput, limit: tuple[TrainingHost, int] | None) -> dict[int, str]:
    """Rows that are longer than the host takes."""
    if limit is None:
        return {}
    host, most = limit
    tokens = given.tokens.rows
    return {
        int(i): f"{int(tokens[i]):,} tokens, {host.title} takes {most:,}: the end would be cut off"
        for i in np.flatnonzero(tokens > most)
    }


def _again(given: CheckInput) -> dict[int, str]:
    """Answers that say one thing over and over."""
    return {
        i: f"{len(answer):,} characters that repeat themselves"
        for i, answer in enumerate(given.answers)
        if repeats_itself(answer)
    }


def _said(
    over: int, again: int, suspects: int, limit: tuple[TrainingHost, int] | None, p95: float, longest: int
) -> Iterator[str]:
    if limit is not None:
        said = f"{n_of(over, 'row')} {'is' if over == 1 else 'are'}" if over else "no row is"
        yield f"{said} longer than the {limit[1]:,} tokens that {limit[0].title} takes"
    if again:
        yield f"{n_of(again, 'answer')} repeating one passage over and over"
    if suspects:
        yield f"{n_of(suspects, 'answer')} that may be cut short"
    yield f"95% of rows have at most {p95:,.0f} tokens, the longest {longest:,}"


def _limit(given: CheckInput) -> tuple[TrainingHost, int] | None:
    """The shortest limit of the hosts that are named, else of those that read the rows as they stand."""
    named = given.settings.get("hosts") or ()
    formats = {row.format for row in given.train.rows[:1]}
    hosts = [find_host(name) for name in named] or [h for h in training_hosts() if formats & set(h.formats)]
    model = given.settings.get("model") or ""
    known = [(host, most) for host in hosts if (most := host.number("tokens_max", model)) is not None]
    return min(known, key=lambda pair: pair[1], default=None)


def _source(limit: tuple[TrainingHost, int] | None, given: CheckInput) -> str:
    guess = "guess: what chance leaves of answers that look cut short"
    if limit is None:
        return guess
    found = limit[0].limit("tokens_max", given.settings.get("model") or "")
    return guess if found is None else f"{guess}; length: {found.source}"


CHECK: Final = DataCheck(name=_NAME, title="Rows fit, answers end", find=_find)
