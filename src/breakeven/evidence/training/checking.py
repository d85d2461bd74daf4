"""All checks on training data in one pass."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from breakeven.errors import EvidenceError, MissingExtraError, NotEnoughEvidenceError
from breakeven.evidence.training.audit import DataAudit
from breakeven.evidence.training.check import Check, CheckInput, CheckResult, Text
from breakeven.evidence.training.checks import data_checks
from breakeven.evidence.training.costs import HostCost, training_costs
from breakeven.evidence.training.hosts import find_host, training_hosts
from breakeven.evidence.training.row import TrainingData
from breakeven.evidence.training.tokens import TokenSummary
from breakeven.prices import PriceBook

__all__ = ["check_data"]


def check_data(
    train: TrainingData,
    *,
    book: PriceBook,
    cases: Sequence[Text] | None = None,
    logs: Sequence[Text] | None = None,
    hosts: Sequence[str] = (),
    model: str | None = None,
    epochs: tuple[int, int] = (2, 4),
    runs: tuple[int, int] = (3, 10),
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    checks: Sequence[Check] | None = None,
    on: dt.date | None = None,
    starts: Callable[[Check], None] | None = None,
) -> DataAudit:
    """What every check finds, how long the rows are, and what training on them costs.

    cases, logs: the eval's questions and production's, where there are any. hosts: where it will be trained; left out,
    all are priced, and the format is held against each. epochs, runs: from, to. settings: thresholds by the names of
    checks. checks: left out, all known ones. on: the day, for offers that end. starts: told before each check.

    A check that lacks an optional package, or enough rows, can not tell; it never stops the others.
    """
    for host in hosts:
        find_host(host)
    stated = {**(settings or {}), "hosts": tuple(hosts), "model": model}
    given = CheckInput(train=train, cases=cases, logs=logs, seed=seed, settings=MappingProxyType(stated))
    found = []
    for check in data_checks() if checks is None else checks:
        if starts is not None:
            starts(check)
        found.append(_found(check, given))
    tokens, more = _counted(given)
    return DataAudit(
        paths=train.paths, sha256=train.sha256, rows=len(train.rows),
        rejected=dict(Counter(bad.reason for bad in train.rejected).most_common()),
        files=train.files, mapping=dict(train.mapping), notes=(*train.notes, *more), tokens=tokens,
        costs=_costs(tokens, book, hosts, epochs, runs, model, on, pairs=_pairs(train)),
        epochs=epochs, runs=runs, hosts=tuple(hosts),
        model=model, cases=None if cases is None else len(cases), logs=None if logs is None else len(logs), seed=seed,
        checks=tuple(found), flagged={result.check: len(result.flagged) for result in found},
    )  # fmt: skip


def _found(check: Check, given: CheckInput) -> CheckResult:
    try:
        return check(given)
    except MissingExtraError as exc:
        what, _, install = str(exc).partition(": ")
        return _silent(check, what, install)
    except (NotEnoughEvidenceError, EvidenceError) as exc:
        return _silent(check, str(exc), "")


def _silent(check: Check, because: str, next_step: str) -> CheckResult:
    return CheckResult(
        check=check.name, title=check.title, verdict="cannot_tell", because=because, next_step=next_step
    )


def _counted(given: CheckInput) -> tuple[TokenSummary | None, tuple[str, ...]]:
    try:
        return given.tokens.summary, ()
    except MissingExtraError as exc:
        return None, (f"tokens are not counted, and training is not priced: {exc}",)


def _costs(
    tokens: TokenSummary | None, book: PriceBook, hosts: Sequence[str], epochs: tuple[int, int],
    runs: tuple[int, int], model: str | None, on: dt.date | None, *, pairs: bool,
) -> tuple[HostCost, ...]:  # fmt: skip
    if tokens is None:
        return ()
    asked = tuple(hosts) or tuple(host.name for host in training_hosts())
    return training_costs(tokens.sum, book, asked, epochs=epochs, runs=runs, model=model, on=on, pairs=pairs)


def _pairs(train: TrainingData) -> bool:
    """Whether every row holds a worse answer too: such rows are sold at the price of preference tuning."""
    return bool(train.rows) and all(row.rejected is not None for row in train.rows)
