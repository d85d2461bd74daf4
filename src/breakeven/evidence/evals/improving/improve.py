"""The search for a better version of a prompt: three parts of the cases, one budget, one honest figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np

from breakeven.errors import EvidenceError, NotEnoughEvidenceError, Problem
from breakeven.evidence.evals.case import Case, Cases
from breakeven.evidence.evals.holdout import Opened, open_set, split_by_cluster
from breakeven.evidence.evals.identity import cases_sha256
from breakeven.evidence.evals.improving.rewriting import rewrite
from breakeven.evidence.evals.improving.scoring import Bench, Trial
from breakeven.evidence.evals.improving.shots import bake, bakeable, sets_to_try
from breakeven.evidence.evals.journal import Journal
from breakeven.evidence.evals.judging import self_judging
from breakeven.evidence.evals.metering import BudgetReachedError
from breakeven.evidence.evals.prompting import PromptVersion
from breakeven.evidence.evals.suite import Candidate, Suite, question_of
from breakeven.prices import PriceBook
from breakeven.providers import Provider
from breakeven.statistics.estimate import Estimate
from breakeven.statistics.holdout import opening_cost
from breakeven.statistics.intervals import clustered_wilson
from breakeven.statistics.pairing import compare

__all__ = ["Improvement", "Method", "Parts", "Settings", "Tried", "improve", "split_cases"]

Method: TypeAlias = Literal["shots", "rewrite", "both"]
Verdict: TypeAlias = Literal["better", "not shown", "no better"]

_FEWEST: Final = 10
"""Cases that picking and the last figure need each."""
_LONGER: Final = 2.0
"""How much dearer than the parent a rewritten prompt may be at most: what is set aside for scoring it at the end."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the search is done."""

    method: Method = "shots"
    shots: int = 8
    """Most examples in a prompt."""
    tries: int = 9
    """Sets of examples that are tried."""
    reflection: str | None = None
    """The model that rewrites instructions; None: the candidate's own."""
    calls: int = 600
    """Cases that rewriting may have answered."""
    seed: int = 0
    level: float = 0.95


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The three parts. No cluster, and no question, is in two of them."""

    train: tuple[Case, ...]
    """Examples and errors are taken from here."""
    select: tuple[Case, ...]
    """The version is picked on these."""
    unseen: tuple[Case, ...]
    """The picked one and its parent are scored on these, once."""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One version that was scored on the cases for picking."""

    how: str
    trial: Trial
    n_shots: int


@dataclass(frozen=True, kw_only=True)
class Improvement:
    """What the search brought."""

    parent: Candidate
    parts: Parts
    tried: tuple[Tried, ...]
    """The parent first."""
    chosen: Tried | None
    """None: nothing scored higher than the parent when it was picked."""
    prompt: PromptVersion | None
    """The chosen one as a prompt of its own, examples written into it."""
    verdict: Verdict
    parent_score: Estimate | None = None
    """On the unseen cases; so are the next two."""
    score: Estimate | None = None
    difference: Estimate | None = None
    """The chosen one less its parent, paired."""
    opened: Opened | None = None
    """How often the unseen cases had been used by searches, this one included; the intervals pay for it."""
    spent_usd: float
    answered: int
    """Calls answered now; those of earlier runs of the same search are not among them."""
    stopped: bool
    """Whether the budget ended the search."""
    notes: tuple[str, ...] = ()

    @property
    def gain_when_picked(self) -> float:
        """How far the chosen one was ahead where it was picked: too high, since it was picked for that."""
        return 0.0 if self.chosen is None else self.chosen.trial.mean - self.tried[0].trial.mean


def split_cases(
    cases: Sequence[Case], train: Sequence[Case] | None, rng: np.random.Generator
) -> tuple[Parts, tuple[str, ...]]:
    """The three parts, by cluster, and what was left out. Without examples a third of the cases are those.

    Raises NotEnoughEvidenceError where a part is too small.
    """
    notes: tuple[str, ...] = ()
    if train is None:
        cases, train = split_by_cluster(cases, 1 / 3, rng)
    else:
        asked = {question_of(case) for case in cases}
        owners = {case.cluster for case in cases if case.cluster is not None}
        kept = [case for case in train if question_of(case) not in asked and case.cluster not in owners]
        if len(kept) < len(train):
            notes = (f"{len(train) - len(kept):,} of {len(train):,} examples are not used: "
                     "their question or their cluster is among the cases",)  # fmt: skip
        train = kept
    select, unseen = split_by_cluster(cases, 0.5, rng)
    if min(len(select), len(unseen)) < _FEWEST:
        have = f"{len(select)} cases to pick on and {len(unseen)} unseen ones"
        raise NotEnoughEvidenceError(f"{have}; at least {_FEWEST} of each are needed")
    return Parts(train=tuple(train), select=select, unseen=unseen), notes


def improve(
    suite: Suite, candidate: Candidate, train: Sequence[Case] | None, *, journal: Journal, book: PriceBook,
    today: dt.date, ledger: Path, budget_usd: float | None, settings: Settings, allow_unpriced: bool = False,
    on_trial: Callable[[Tried], None] = lambda tried: None, provider: Provider | None = None,
) -> Improvement:  # fmt: skip
    """Search for a better version of a candidate's prompt, and say what it is worth on cases never seen.

    ledger: counts how often the unseen cases were used. The same search again asks nothing twice. Raises EvidenceError,
    and NotEnoughEvidenceError where the cases or the budget do not suffice.
    """
    _check_scorer(suite, candidate)
    parts, notes = split_cases(suite.cases.cases, train, np.random.default_rng(settings.seed))
    everything = (*parts.train, *parts.select, *parts.unseen)
    held = Cases(path=suite.cases.path, sha256="", cases=_unique(everything))
    reflection = None if settings.method == "shots" else settings.reflection or candidate.model
    with Bench(
        replace(suite, cases=held), candidate, journal=journal, book=book, today=today, budget_usd=budget_usd,
        reflection=reflection, allow_unpriced=allow_unpriced, provider=provider,
    ) as bench:  # fmt: skip
        search = _Search(bench, candidate, parts, settings, on_trial)
        search.go()
        return _measured(search, ledger=ledger, today=today, notes=(*notes, *_judged_by(suite)))


def _check_scorer(suite: Suite, candidate: Candidate) -> None:
    """Raises EvidenceError where a search would go astray: by a judge's own taste, or by what is scored only later."""
    scorer = suite.scorer
    if scorer.judge is not None and scorer.judge_first:
        own = replace(scorer.judge, allow_self_judging=False)
        try:
            self_judging(own, {candidate.name: candidate.model})
        except EvidenceError as exc:
            message = (
                f"{exc.problems[0].message}: a search would follow that taste, whatever the suite allows"
            )
            hint = "take a judge of another family"
            raise EvidenceError(Problem(message=message, field="judge.model", hint=hint)) from exc
    if scorer.similarity_first or candidate.retrieval is not None:
        hint = "put another scorer first, or improve a candidate whose passages come with the cases"
        message = "what needs vectors can not be searched: each version would have to be embedded anew"
        raise EvidenceError(Problem(message=message, field="score", hint=hint))


def _judged_by(suite: Suite) -> tuple[str, ...]:
    """What to mind where a judge scored."""
    judge = suite.scorer.judge
    if judge is None or not suite.scorer.judge_first:
        return ()
    return (
        f"scored by {judge.model}, also on the unseen cases: the search finds what the judge likes; have people label "
        "answers of both versions (eval run, eval label), and compare them before you switch",
    )


def _unique(cases: Sequence[Case]) -> tuple[Case, ...]:
    """Cases under ids of their own: those of the examples' file may be those of the cases as well."""
    return tuple(replace(case, id=f"{k} {case.id}") for k, case in enumerate(cases))


class _Search:
    """Versions scored on the cases for picking, with enough set aside for the last figure."""

    def __init__(
        self, bench: Bench, parent: Candidate, parts: Parts, settings: Settings, on_trial: Callable[[Tried], None]
    ) -> None:  # fmt: skip
        self.bench = bench
        self.parent = parent
        self.parts = parts
        self.settings = settings
        self.tried: list[Tried] = []
        self.stopped = False
        self._on_trial = on_trial
        self._versions = self._shot_versions() if settings.method != "rewrite" else []
        self._set_aside()

    def _shot_versions(self) -> list[tuple[str, Candidate]]:
        bare, context = replace(self.parent, shots=()), self.parent.context
        pool = bakeable(bare.prompt, self.parts.train, context=context)
        if not pool:
            raise EvidenceError(
                Problem(message="no example to try: none has an answer and can stand in a prompt's file")
            )
        rng = np.random.default_rng((self.settings.seed, 1))
        sets = sets_to_try(pool, most=self.settings.shots, tries=self.settings.tries, rng=rng)
        return [(how, replace(bare, shots=chosen)) for how, chosen in sets]

    def _set_aside(self) -> None:
        """Keep back what scoring parent and child on the unseen cases can cost; the search has the rest."""
        bench, unseen = self.bench, self.parts.unseen
        parent = bench.most_usd(self.parent, unseen)
        child = max((bench.most_usd(one, unseen) for _, one in self._versions), default=0.0)
        if self.settings.method != "shots":
            child = max(child, _LONGER * parent)
        self._most_child = child
        self.total_usd = bench.budget.limit_usd
        bench.budget.limit_usd = self.total_usd - parent - child
        if bench.budget.limit_usd <= 0 and parent + child > 0:
            raise NotEnoughEvidenceError(
                f"a budget of ${self.total_usd:.2f} is too small: the last figure alone, on {len(unseen)} unseen "
                f"cases, may cost ${parent + child:.2f}"
            )

    def go(self) -> None:
        """Score the parent, then what there is to try, until the budget ends it."""
        try:
            self._add("the parent", self.bench.score(self.parent, self.parts.select))
            for how, version in self._versions:
                self._add(how, self.bench.score(version, self.parts.select))
            if self.settings.method != "shots":
                rewrite(
                    self.bench, self.parent, train=self.parts.train, select=self.parts.select,
                    calls=self.settings.calls, seed=self.settings.seed, allowed=self._affordable, on_trial=self._add,
                )  # fmt: skip
        except BudgetReachedError:
            self.stopped = True
        self.bench.budget.limit_usd = self.total_usd
        if not self.tried:
            raise NotEnoughEvidenceError(
                "the budget does not suffice to score the parent; raise it with --budget"
            )

    def _affordable(self, version: Candidate) -> bool:
        return self.bench.most_usd(version, self.parts.unseen) <= self._most_child

    def _add(self, how: str, trial: Trial) -> None:
        one = Tried(how=how, trial=trial, n_shots=len(trial.candidate.shots))
        self.tried.append(one)
        self._on_trial(one)

    @property
    def chosen(self) -> Tried | None:
        """The version that scored highest, if that was higher than the parent; of equals the shorter one."""
        parent, *others = self.tried
        best = max(others, key=lambda one: (one.trial.mean, -one.n_shots), default=parent)
        return best if best.trial.mean > parent.trial.mean else None


def _measured(search: _Search, *, ledger: Path, today: dt.date, notes: tuple[str, ...]) -> Improvement:
    """The chosen version against its parent on the unseen cases."""
    chosen, bench, parts, settings = search.chosen, search.bench, search.parts, search.settings
    done = Improvement(
        parent=search.parent, parts=parts, tried=tuple(search.tried), chosen=chosen, prompt=None,
        verdict="no better", spent_usd=bench.budget.spent_usd, answered=bench.answered, stopped=search.stopped,
        notes=notes,
    )  # fmt: skip
    if chosen is None:
        return done
    version = chosen.trial.candidate
    prompt = bake(version.prompt, version.shots, context=version.context)
    final = replace(version, prompt=prompt, shots=())
    keys = [asked.key for one in (search.parent, final) for asked in bench.plan(one, parts.unseen).calls]
    opened = open_set(
        ledger, n=len(parts.unseen), cases_sha256=cases_sha256(parts.unseen), keys=keys,
        candidates=[search.parent.name], on=today.isoformat(),
    )  # fmt: skip
    try:
        before, after = bench.score(search.parent, parts.unseen), bench.score(final, parts.unseen)
    except BudgetReachedError as exc:
        raise NotEnoughEvidenceError(
            "calls that brought no answer have used up what was set aside for the last figure; raise --budget"
        ) from exc
    level = opening_cost(opened.number, level=settings.level).level
    a, b, difference = _paired(before, after, parts.unseen, level, settings.seed)
    verdict: Verdict = "not shown" if difference.value > 0 else "no better"
    if difference.low is not None and difference.low > 0:
        verdict = "better"
    return replace(
        done, prompt=prompt, verdict=verdict, parent_score=a, score=b, difference=difference, opened=opened,
        spent_usd=bench.budget.spent_usd, answered=bench.answered,
    )  # fmt: skip


def _paired(
    before: Trial, after: Trial, cases: Sequence[Case], level: float, seed: int
) -> tuple[Estimate, Estimate, Estimate]:
    """Both scores and their difference, on the cases that both have a score of."""
    both = [case for case in cases if case.id in before.scores and case.id in after.scores]
    if len(both) < 2:
        raise NotEnoughEvidenceError(f"{len(both)} unseen cases were scored for both; at least 2 are needed")
    clusters = [case.cluster for case in both] if any(case.cluster is not None for case in both) else None
    a, b = ([trial.scores[case.id] for case in both] for trial in (before, after))
    found = compare(a, b, rng=np.random.default_rng(seed), clusters=clusters, level=level)
    return clustered_wilson(a, clusters=clusters, level=level), clustered_wilson(b, clusters=clusters, level=level), \
        found.difference  # fmt: skip
