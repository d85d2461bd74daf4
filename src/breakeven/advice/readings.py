"""How each named fact is read from a study and its outcome; ``facts.py`` names them.

Inputs are taken at their centre, figures of the outcome as means over its draws. A reading is a value and where it
comes from; the value is None where the study does not say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
from scipy import special

from breakeven.beliefs import Belief
from breakeven.economics.lines import COST_LINES
from breakeven.economics.outcome import CandidateOutcome, Outcome
from breakeven.quantities import DAYS_PER_MONTH, MONTHS_PER_YEAR
from breakeven.study.data_evidence import DataEvidence
from breakeven.study.model import Candidate, CandidateKind, Study
from breakeven.study.tasks import OTHER, TASKS

__all__ = [
    "FORMAT_TASKS",
    "KNOWN_TASKS",
    "NARROW_TASKS",
    "Reading",
    "Seen",
    "Value",
    "audited_label_accuracy",
    "best_prompt",
    "best_tuned",
    "calls",
    "calls_first_year",
    "calls_in_12_months",
    "data_found",
    "data_passes",
    "eval_cases",
    "frequent_share",
    "gap_to_target",
    "gap_tuned_today",
    "labelled",
    "of_belief",
    "of_facts",
    "of_outcome",
    "of_prompt",
    "of_tuned",
    "requests_per_day",
    "retrieval_tried",
    "saving_per_call",
    "saving_per_month",
    "smaller_model_tried",
    "static_tokens",
    "task",
    "task_among",
    "task_is_format",
    "todays",
    "tokens_in",
    "training_rows",
    "tuned_is_measured",
    "tuned_training",
    "tuned_upkeep",
]

Value: TypeAlias = bool | float | str
"""Yes or no, a number in the unit of its fact, or a word."""
Reading: TypeAlias = tuple[Value | None, str]
"""A value and where it comes from."""

NOTHING: Final[Reading] = (None, "")
YEAR: Final = int(MONTHS_PER_YEAR)

KNOWN_TASKS: Final = tuple(name for name in TASKS if name != OTHER)
FORMAT_TASKS: Final = frozenset({"style", "custom-extraction", "structured-output"})
NARROW_TASKS: Final = frozenset(
    {"sentiment-classification", "multi-label-classification", "ner", "custom-extraction"}
)
PER_CALL: Final = frozenset(line.key for line in COST_LINES if line.group == "model calls")
TRAINING: Final = ("training", "discarded_runs")
SCORES: Final = special.ndtri((np.arange(4000) + 0.5) / 4000)


class Seen:
    """A study with its outcome, and the candidates that rules compare."""

    def __init__(self, study: Study, outcome: Outcome) -> None:
        self.study = study
        self.facts = study.facts
        self.workload = study.workload
        self.outcome = outcome

    @cached_property
    def tuned(self) -> CandidateOutcome | None:
        """The trained candidate with the highest net benefit: where rules speak of *the* tuned model's cost."""
        return self.leading("tuned", "classifier")

    @cached_property
    def prompt(self) -> CandidateOutcome | None:
        """What tuning is compared with: today's candidate where it is a prompt, else the best prompt."""
        today = self.outcome.candidates[self.study.today]
        return today if today.kind == "prompt" else self.leading("prompt")

    @cached_property
    def data(self) -> DataEvidence | None:
        """The audit of the leading trained candidate's rows; else the first that the study names."""
        leading = None if self.tuned is None else self.study.candidates[self.tuned.name].data
        return leading or next((c.data for c in self.study.candidates.values() if c.data is not None), None)

    @cached_property
    def serving_today(self) -> Candidate:
        """Today's candidate, with a ``wait`` followed to what serves now."""
        today = self.study.candidates[self.study.today]
        return self.study.candidates[today.first] if today.kind == "wait" and today.first else today

    def of_kind(self, *kinds: CandidateKind) -> list[CandidateOutcome]:
        """All candidates of these kinds."""
        return [c for c in self.outcome.candidates.values() if c.kind in kinds]

    def leading(self, *kinds: CandidateKind) -> CandidateOutcome | None:
        """The one with the highest mean net benefit; None where there is none."""
        return max(self.of_kind(*kinds), key=lambda c: float(np.mean(c.net_benefit_usd)), default=None)

    def best_quality(self, *kinds: CandidateKind) -> CandidateOutcome | None:
        """The one whose answers are right most often; None where there is none."""
        return max(self.of_kind(*kinds), key=lambda c: float(np.mean(c.quality)), default=None)

    def expected_calls(self, months: int) -> float:
        """Calls in the first ``months`` months, in the mean of the outcome's worlds."""
        volume, growth = self.workload.volume, self.workload.growth
        if self.outcome.n == 1:  # the deterministic world
            return volume.centre * sum((1 + growth.centre) ** t for t in range(months))
        factors = 1 + growth.at(SCORES)
        grown = sum(float(np.mean(factors**t)) for t in range(months))
        return float(np.mean(volume.at(SCORES))) * grown


def of_belief(belief: Belief | None) -> Reading:
    """An input at its centre."""
    return NOTHING if belief is None else (belief.centre, f"{belief.name}: {belief.source}")


def of_facts(name: str) -> Callable[[Seen], Reading]:
    """A fact that is read from the study's ``facts`` as it stands."""

    def read(seen: Seen) -> Reading:
        return getattr(seen.facts, name), f"facts.{name}"

    return read


def of_outcome(pick: Callable[[Seen], CandidateOutcome | None], figure: str) -> Callable[[Seen], Reading]:
    """The mean of one figure of the outcome, for the candidate that is picked."""

    def read(seen: Seen) -> Reading:
        candidate = pick(seen)
        if candidate is None:
            return NOTHING
        return float(np.mean(getattr(candidate, figure))), _computed(candidate)

    return read


def of_prompt(figure: str) -> Callable[[Seen], Reading]:
    """The mean of one figure of the prompt that tuning is compared with."""
    return of_outcome(lambda seen: seen.prompt, figure)


def of_tuned(figure: str) -> Callable[[Seen], Reading]:
    """The mean of one figure of the leading tuned model."""
    return of_outcome(lambda seen: seen.tuned, figure)


def _computed(*candidates: CandidateOutcome) -> str:
    return f"computed: {' and '.join(candidate.name for candidate in candidates)}"


def calls(seen: Seen) -> Reading:
    """Calls in month 1."""
    return of_belief(seen.workload.volume)


def calls_in_12_months(seen: Seen) -> Reading:
    """Calls in month 12: V(1+g)^11."""
    volume, growth = seen.workload.volume, seen.workload.growth
    source = f"{volume.name}: {volume.source}; {growth.name}: {growth.source}"
    return volume.centre * (1 + growth.centre) ** (YEAR - 1), source


def calls_first_year(seen: Seen) -> Reading:
    """Calls in months 1 to 12."""
    growth = 1 + seen.workload.growth.centre
    months = np.arange(YEAR)
    return float(seen.workload.volume.centre * np.sum(growth**months)), calls_in_12_months(seen)[1]


def requests_per_day(seen: Seen) -> Reading:
    """Calls in month 1 over 365/12 days."""
    return seen.workload.volume.centre / DAYS_PER_MONTH, calls(seen)[1]


def _tokens_per_call(seen: Seen, candidate: Candidate) -> float | None:
    """Input and output tokens of one call, at their centres: a hybrid's are its small model's and those handed on.

    None, or 0 where calls are priced as stated and nothing is said of their tokens.
    """
    if candidate.tokens is not None:
        t = candidate.tokens
        return t.static.centre + t.input.centre + t.output.centre + t.reasoning.centre
    if candidate.small is None or candidate.large is None or candidate.escalate is None:
        return None
    small, large = (
        _tokens_per_call(seen, seen.study.candidates[name]) for name in (candidate.small, candidate.large)
    )
    return None if small is None or large is None else small + candidate.escalate.centre * large


def tokens_in(days: float) -> Callable[[Seen], Reading]:
    """Tokens of today's candidate in so many days of month 1."""

    def read(seen: Seen) -> Reading:
        candidate = seen.serving_today
        tokens = _tokens_per_call(seen, candidate)
        if not tokens:
            return NOTHING
        return (
            tokens * seen.workload.volume.centre * days / DAYS_PER_MONTH,
            f"calls × tokens of {candidate.name}",
        )

    return read


def static_tokens(seen: Seen) -> Reading:
    """Instructions and examples of today's candidate."""
    tokens = seen.serving_today.tokens
    known = _tokens_per_call(seen, seen.serving_today)
    return of_belief(tokens.static) if tokens is not None and known else NOTHING


def todays(seen: Seen) -> CandidateOutcome:
    """Today's candidate."""
    return seen.outcome.candidates[seen.study.today]


def best_prompt(seen: Seen) -> CandidateOutcome | None:
    """The prompt that is right most often."""
    return seen.best_quality("prompt")


def best_tuned(seen: Seen) -> CandidateOutcome | None:
    """The tuned model or classifier that is right most often."""
    return seen.best_quality("tuned", "classifier")


def tuned_is_measured(seen: Seen) -> Reading:
    """Whether the best tuned model was scored on cases; no where there is none."""
    best = best_tuned(seen)
    if best is None:
        return False, "no candidate is tuned"
    quality = seen.study.candidates[best.name].quality
    return quality.n_cases is not None and not quality.extrapolated, f"candidates.{best.name}.quality"


def gap_tuned_today(seen: Seen) -> Reading:
    """The best tuned model's quality − today's."""
    best, today = best_tuned(seen), todays(seen)
    if best is None:
        return NOTHING
    return float(np.mean(best.quality) - np.mean(today.quality)), _computed(best, today)


def gap_to_target(seen: Seen) -> Reading:
    """The target − the best prompt's quality."""
    best, target = best_prompt(seen), seen.workload.target
    if best is None or target is None:
        return NOTHING
    return target.centre - float(np.mean(best.quality)), f"{target.name}: {target.source}; {_computed(best)}"


def task(seen: Seen) -> Reading:
    """The task, where something was published of it."""
    return (seen.workload.task, "workload.task") if seen.workload.task in KNOWN_TASKS else NOTHING


def task_among(tasks: Iterable[str]) -> Callable[[Seen], Reading]:
    """Whether the task is one of these; unknown for a task of which nothing was published."""

    def read(seen: Seen) -> Reading:
        known = seen.workload.task in KNOWN_TASKS
        return (seen.workload.task in tasks if known else None), "workload.task"

    return read


def task_is_format(seen: Seen) -> Reading:
    """Whether the task, or the motive for tuning, is format or style."""
    return (True, "facts.motive") if seen.facts.motive == "format" else task_among(FORMAT_TASKS)(seen)


def labelled(seen: Seen) -> Reading:
    """Stated, or the labels that a trained candidate starts from; a default of none is not a statement."""
    if seen.facts.labelled_examples is not None:
        return float(seen.facts.labelled_examples), "facts.labelled_examples"
    trained = [c.training.labelled for c in seen.study.candidates.values() if c.training is not None]
    stated = [belief for belief in trained if belief.centre > 0 or belief.source.kind != "guess"]
    return of_belief(max(stated, key=lambda belief: belief.centre, default=None))


def eval_cases(seen: Seen) -> Reading:
    """Stated, or the scored cases of today's candidate, or else of the one with most."""
    if seen.facts.eval_cases is not None:
        return float(seen.facts.eval_cases), "facts.eval_cases"
    scored = {name: c.quality.n_cases for name, c in seen.study.candidates.items() if c.quality.n_cases}
    if not scored:
        return NOTHING
    most = max(scored, key=lambda name: scored[name] or 0)
    name = seen.study.today if seen.study.today in scored else most
    return float(scored[name] or 0), f"candidates.{name}.quality"


def retrieval_tried(seen: Seen) -> Reading:
    """Stated, or seen: today's candidate retrieves."""
    if seen.facts.retrieval_tried is not None:
        return seen.facts.retrieval_tried, "facts.retrieval_tried"
    queries = seen.serving_today.retrieval_queries
    in_use = queries is not None and queries.centre > 0
    return (True, f"candidates.{seen.serving_today.name} retrieves") if in_use else NOTHING


def smaller_model_tried(seen: Seen) -> Reading:
    """Stated, or seen: another prompt on a cheaper model has scored cases."""
    if seen.facts.smaller_model_tried is not None:
        return seen.facts.smaller_model_tried, "facts.smaller_model_tried"
    now = seen.serving_today.prices
    for name, c in seen.study.candidates.items():
        scored = c.kind == "prompt" and c.quality.n_cases
        if scored and now and c.prices and c.prices.output.centre < now.output.centre:
            return True, f"candidates.{name}.quality: {c.quality.n_cases:,} cases"
    return NOTHING


def _usage_usd(seen: Seen, candidate: CandidateOutcome, months: int) -> float:
    """What model calls cost in the first ``months`` months."""
    return sum(
        float(np.sum(by_month[:months]))
        for key, by_month in candidate.line_months_usd.items()
        if key in PER_CALL
    )


def saving_per_call(seen: Seen) -> Reading:
    """Model calls of the prompt − those of the tuned model, over the first year's calls."""
    if seen.tuned is None or seen.prompt is None:
        return NOTHING
    months = min(YEAR, seen.study.horizon_months)
    calls = seen.expected_calls(months)
    if calls <= 0:
        return NOTHING
    saved = _usage_usd(seen, seen.prompt, months) - _usage_usd(seen, seen.tuned, months)
    return saved / calls, _computed(seen.prompt, seen.tuned)


def saving_per_month(seen: Seen) -> Reading:
    """The same for all that running costs, upkeep and retraining included."""
    if seen.tuned is None or seen.prompt is None:
        return NOTHING
    saved = float(np.mean(seen.prompt.monthly_usd) - np.mean(seen.tuned.monthly_usd))
    return saved, _computed(seen.prompt, seen.tuned)


def tuned_upkeep(seen: Seen) -> Reading:
    """A year of what keeping the tuned model costs whatever the calls: its running cost without its model calls."""
    if seen.tuned is None:
        return NOTHING
    months = min(YEAR, seen.study.horizon_months)
    calls = _usage_usd(seen, seen.tuned, months) * YEAR / months
    return float(np.mean(seen.tuned.monthly_usd)) * YEAR - calls, _computed(seen.tuned)


def tuned_training(seen: Seen) -> Reading:
    """Training runs of the first model, discarded ones included."""
    if seen.tuned is None or "training" not in seen.tuned.lines_usd:
        return NOTHING  # a total stated for all of building says nothing of training
    return sum(float(seen.tuned.lines_usd.get(key, 0.0)) for key in TRAINING), _computed(seen.tuned)


def frequent_share(seen: Seen) -> Reading:
    """The largest share of calls that a hybrid keeps on its small model."""
    hybrids = [c for c in seen.study.candidates.values() if c.kind == "hybrid" and c.escalate is not None]
    if not hybrids:
        return NOTHING
    kept = min(hybrids, key=lambda c: c.escalate.centre if c.escalate else 1.0)
    assert kept.escalate is not None
    return 1 - kept.escalate.centre, f"{kept.escalate.name}: {kept.escalate.source}"


def training_rows(seen: Seen) -> Reading:
    """Rows to train on that an audit found usable."""
    data = seen.data
    return NOTHING if data is None else (float(data.usable), f"measured, {data.file}")


def audited_label_accuracy(seen: Seen) -> Reading:
    """Right labels among those that people judged at random."""
    data = seen.data
    if data is None or not data.audited:
        return NOTHING
    return 1 - data.wrong / data.audited, f"measured, {data.file}: {data.audited:,} rows audited at random"


def data_found(check: str) -> Callable[[Seen], Reading]:
    """The figure of a data check."""

    def read(seen: Seen) -> Reading:
        found = None if seen.data is None else seen.data.finding(check)
        if seen.data is None or found is None or found.value is None:
            return NOTHING
        return found.value, f"measured, {seen.data.file}"

    return read


def data_passes(check: str) -> Callable[[Seen], Reading]:
    """Whether a data check passes; unknown where it can not tell."""

    def read(seen: Seen) -> Reading:
        found = None if seen.data is None else seen.data.finding(check)
        if seen.data is None or found is None or found.verdict == "cannot_tell":
            return NOTHING
        return found.verdict == "pass", f"measured, {seen.data.file}"

    return read
