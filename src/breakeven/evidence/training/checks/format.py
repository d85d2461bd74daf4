"""Whether the hosts would take the files: their keys, roles, order, tools, weights, sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from breakeven.evidence.training.check import CheckInput, CheckResult, DataCheck, Flagged, Verdict
from breakeven.evidence.training.commands import clean_command
from breakeven.evidence.training.hosts import Rule, TrainingHost, find_host, training_hosts
from breakeven.evidence.training.row import TrainingData, TrainingRow
from breakeven.evidence.training.wording import n_of

__all__ = ["CHECK"]

_NAME: Final = "format"
_HABIT: Final = 0.5
"""Share of rows with a system message from which one without stands out."""
_SHOWN: Final = 3


@dataclass(kw_only=True)
class _Seen:
    """What one host would refuse."""

    host: TrainingHost
    file: list[str]
    unreadable: bool
    """Whether lines can not be read at all."""
    rows: dict[int, str] = field(default_factory=dict)
    """Row → its first problem."""
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def reads(self) -> bool:
        return not any(reason.startswith("reads ") for reason in self.reasons)

    @property
    def verdict(self) -> Verdict:
        return "fail" if self.file or self.rows or self.unreadable else "pass"

    def as_dict(self) -> dict[str, Any]:
        return {
            "title": self.host.title, "verdict": self.verdict, "rows_refused": len(self.rows),
            "reasons": dict(self.reasons.most_common()), "file": list(self.file),
            "limits": {
                (f"{one.name} ({one.model})" if one.model else one.name): {
                    "value": " ".join(one.words) or one.number, "source": str(one.source)
                }
                for one in self.host.limits
            },
        }  # fmt: skip


def _find(given: CheckInput) -> CheckResult:
    train = given.train
    named = tuple(given.settings.get("hosts") or ())
    seen = _asked([find_host(name) for name in named] or training_hosts(), train)
    counted = seen if named else [_closest(seen)]
    unread = not named and not counted[0].reads
    without = _without_system(train.rows)
    reasons = {} if unread else _reasons(counted)
    for i, reason in without.items():
        reasons.setdefault(i, []).append(reason)
    spoilt = bool(without or train.rejected)
    n = len(train.rows) + len(train.rejected)
    return CheckResult(
        check=_NAME,
        title=CHECK.title,
        verdict=_verdict(counted, unread=unread, spoilt=spoilt),
        because=_because(train, seen, named, len(without), unread=unread),
        value=None if unread else (len(reasons) + len(train.rejected)) / n,
        n=n,
        method="every row by every rule of the hosts",
        threshold=0.0,
        better="below",
        source="; ".join(_sources(counted)) if named else "what the hosts publish, in `details`",
        flagged=tuple(_flagged(train, reasons)),
        next_step=_next(given, counted, unread=unread, spoilt=spoilt),
        details={"hosts": {one.host.name: one.as_dict() for one in seen},
                 "without_system": len(without), "unreadable": len(train.rejected)},
    )  # fmt: skip


def _reasons(counted: Sequence[_Seen]) -> dict[int, list[str]]:
    """Row → what is wrong with it, and for which of several hosts."""
    found: dict[int, dict[str, list[str]]] = {}
    for one in counted:
        for i, reason in one.rows.items():
            found.setdefault(i, {}).setdefault(reason, []).append(one.host.name)
    several = len(counted) > 1
    return {
        i: [f"{reason} ({', '.join(hosts)})" if several else reason for reason, hosts in said.items()]
        for i, said in found.items()
    }


def _asked(hosts: Iterable[TrainingHost], train: TrainingData) -> list[_Seen]:
    seen = [
        _Seen(host=host, file=list(_of_file(host, train)), unreadable=bool(train.rejected)) for host in hosts
    ]
    for i, row in enumerate(train.rows):
        known: dict[Rule, tuple[str, ...]] = {}
        for one in seen:
            problems = one.host.problems(row, known)
            if problems:
                one.rows[i] = problems[0]
                one.reasons.update(problems)
    return seen


def _of_file(host: TrainingHost, train: TrainingData) -> Iterator[str]:
    """What is wrong with the files as a whole."""
    least, most = host.number("rows_min"), host.number("rows_max")
    n = len(train.rows)
    if least is not None and n < least:
        yield f"{n_of(n, 'row')}, at least {least:,} are needed"
    if most is not None and n > most:
        yield f"{n_of(n, 'row')}, at most {most:,} are taken"
    largest = host.number("file_bytes_max")
    for file in train.files:
        if file.container not in host.containers:
            yield f"{file.name} is {file.container.upper()}: JSON Lines are needed"
        if largest is not None and file.n_bytes > largest:
            yield f"{file.name} has {file.n_bytes / 1e6:,.0f} MB, at most {largest / 1e6:,.0f} are taken"


def _without_system(rows: Iterable[TrainingRow]) -> dict[int, str]:
    """Rows without instructions where most rows have some: what is learned there is asked of nobody."""
    has = [any(message.role in ("system", "developer") for message in row.messages) for row in rows]
    if not has or not _HABIT < sum(has) / len(has) < 1:
        return {}
    reason = f"no system message, as {sum(has):,} of {len(has):,} rows have"
    return {i: reason for i, one in enumerate(has) if not one}


def _closest(seen: Iterable[_Seen]) -> _Seen:
    """The host that refuses least, of those that read such rows at all."""
    return min(seen, key=lambda one: (not one.reads, len(one.rows), len(one.file)))


def _verdict(counted: Iterable[_Seen], *, unread: bool, spoilt: bool) -> Verdict:
    if unread:
        return "cannot_tell"
    return "fail" if spoilt or any(one.verdict == "fail" for one in counted) else "pass"


def _because(
    train: TrainingData, seen: Sequence[_Seen], named: Sequence[str], without: int, *, unread: bool
) -> str:
    if unread:
        return "every row can be read, but no host takes these keys as they stand; they can be written as chat messages"
    taken = [one.host.name for one in seen if one.verdict == "pass"]
    said = [f"taken as it stands by {', '.join(taken)}" if taken else "no host takes it as it stands"]
    said += _grouped([one for one in seen if one.verdict == "fail" and (named or (not taken and one.reads))])
    if without:
        said.append(f"{n_of(without, 'row')} without a system message, which the others have")
    if train.rejected:
        said.append(f"{n_of(len(train.rejected), 'line')} can not be read")
    return "; ".join(said)


def _grouped(refusing: Iterable[_Seen]) -> list[str]:
    """Each problem once, with the hosts that have it."""
    found: dict[str, list[str]] = {}
    for one in refusing:
        parts = [f"{n_of(n, 'row')}: {reason}" for reason, n in one.reasons.most_common(_SHOWN)]
        for part in (*one.file[:_SHOWN], *parts):
            found.setdefault(part, []).append(one.host.name)
    return [f"{part} ({', '.join(hosts)})" for part, hosts in found.items()]


def _flagged(train: TrainingData, reasons: Mapping[int, Sequence[str]]) -> Iterator[Flagged]:
    for bad in train.rejected:
        said = f"{bad.reason}: {bad.detail}" if bad.detail else bad.reason
        yield Flagged(row=-1, place=bad.place, reason=said)
    for i, all_of_it in sorted(reasons.items()):
        yield Flagged(row=i, place=train.rows[i].place, reason="; ".join(all_of_it))


def _sources(counted: Iterable[_Seen]) -> Iterator[str]:
    said = dict.fromkeys(
        str(limit.source) for one in counted for limit in one.host.limits if limit.name == "rows_min"
    )
    yield from said


def _next(given: CheckInput, counted: Sequence[_Seen], *, unread: bool, spoilt: bool) -> str:
    if unread or not any(one.reads for one in counted):
        return clean_command(given)
    if spoilt or any(one.verdict == "fail" for one in counted):
        return "mend or leave out the rows that are listed"
    return ""


CHECK: Final = DataCheck(name=_NAME, title="Hosts take the file", find=_find)
