"""What published rules ask about: named figures and facts of one study, each with its unit and where it comes from.

A fact that the study does not state is None, never zero: a rule that needs it says which line of the study would
tell it. To add one, add an entry to ``FACTS``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, TypeAlias

import numpy as np
from scipy import special

from breakeven.beliefs import Belief
from breakeven.economics.lines import COST_LINES
from breakeven.economics.outcome import CandidateOutcome, Outcome
from breakeven.quantities import DAYS_PER_MONTH, MONTHS_PER_YEAR, show, show_usd
from breakeven.study.model import Candidate, CandidateKind, Study

__all__ = ["FACTS", "Fact", "FactType", "Measured", "Value", "measure", "show_fact", "task_type"]

Value: TypeAlias = bool | float | str
"""Yes or no, a number in the unit of its fact, or a word."""
FactType = Literal["yes or no", "number", "word"]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One fact of one study."""

    name: str
    value: Value | None
    """None: the study does not say."""
    unit: str
    key: str
    """What to state in the study for it: ``facts.ml_team``."""
    source: str
    """Where the value comes from; empty where there is none."""

    def __str__(self) -> str:
        return show_fact(self.value, self.unit)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A name that rules may use."""

    name: str
    meaning: str
    unit: str
    """``calls/month``, ``share``, ``points``, ``usd/call``, … for numbers; ``yes or no``; ``word``."""
    key: str
    read: Callable[[_Seen], _Reading]
    words: tuple[str, ...] = ()
    """All words that a word can be; empty where any can."""

    @property
    def type(self) -> FactType:
        """What may be done with it in a rule."""
        if self.unit == "yes or no":
            return "yes or no"
        return "word" if self.unit == "word" else "number"


def measure(study: Study, outcome: Outcome) -> Mapping[str, Measured]:
    """Every fact of ``FACTS`` on this study, by name; figures of the outcome are means over its draws.

    Numbers keep 12 significant digits, so that 0.90 − 0.85 is 5 points and stands on a threshold, not beside it.
    """
    seen = _Seen(study, outcome)
    return {fact.name: _measured(fact, seen) for fact in FACTS.values()}


def show_fact(value: Value | None, unit: str) -> str:
    """A fact for people: ``480K calls/month``, ``93%``, ``$0.0159/call``, ``yes``, ``not stated``."""
    if value is None:
        return "not stated"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if not math.isfinite(value):
        return "never" if unit == "months" else "without bound"
    if unit.startswith("usd"):
        return show_usd(value) + unit.removeprefix("usd")
    if unit in _PERCENT:
        return f"{value * 100:.4g}{_PERCENT[unit]}"
    if unit in _COUNTED:
        return f"{value:,.0f} {unit.removesuffix('s') if value == 1 else unit}"
    return f"{show(value)} {unit}".rstrip()


_PERCENT: Final = {"share": "%", "points": " points"}
_COUNTED: Final = frozenset({"cases", "examples", "iterations"})


def task_type(task: str) -> str | None:
    """The row of document 003's table of task types that a task belongs to, by its name; None where none fits."""
    words = " " + " ".join(re.split(r"[\s_-]+", task.lower()))
    return next((name for name, marks in _TASK_TYPES if any(f" {mark}" in words for mark in marks)), None)


_TASK_TYPES: Final = (  # how a word of the task's name begins; first match
    ("style", ("style", "brand voice", "tone of voice")),
    ("custom-schema extraction", ("custom schema",)),
    ("standard NER", ("ner", "entity", "entities")),
    ("custom-schema extraction", ("extract", "slot filling")),
    ("structured output", ("structured", "json", "schema", "format")),
    ("multi-label classification", ("multi label", "multilabel")),
    ("sentiment classification", ("sentiment", "classif", "intent")),
    ("summarisation", ("summar",)),
    ("code generation", ("code", "sql")),
    ("translation", ("translat",)),
    ("reasoning", ("reason", "math", "analysis")),
)
_FORMAT_TASKS: Final = frozenset({"style", "custom-schema extraction", "structured output"})
_NARROW_TASKS: Final = frozenset(
    {"custom-schema extraction", "multi-label classification", "sentiment classification", "standard NER"}
)

_Reading: TypeAlias = tuple[Value | None, str]
"""A value and where it comes from."""
_NOTHING: Final[_Reading] = (None, "")
_USAGE: Final = frozenset(line.key for line in COST_LINES if line.group == "model calls")
"""Lines that are paid for each call."""
_TRAINING: Final = ("training", "discarded_runs")
_SCORES: Final = special.ndtri((np.arange(4000) + 0.5) / 4000)


def _measured(fact: Fact, seen: _Seen) -> Measured:
    value, source = fact.read(seen)
    if isinstance(value, float | int) and not isinstance(value, bool):
        value = None if math.isnan(value) else float(f"{value:.12g}")
    return Measured(
        name=fact.name, value=value, unit=fact.unit, key=fact.key, source="" if value is None else source
    )


class _Seen:
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
        """Calls in the first ``months`` months, in the mean of all worlds."""
        growth = 1 + self.workload.growth.at(_SCORES)
        grown = np.array([np.mean(growth**t) for t in range(months)])
        return float(np.mean(self.workload.volume.at(_SCORES)) * grown.sum())


# ------------------------------------------------------------------------------------------- readings


def _belief(belief: Belief | None) -> _Reading:
    return _NOTHING if belief is None else (belief.centre, f"{belief.name}: {belief.source}")


def _stated(name: str) -> Callable[[_Seen], _Reading]:
    """A fact that is read from the study's ``facts`` as it stands."""

    def read(seen: _Seen) -> _Reading:
        return getattr(seen.facts, name), f"facts.{name}"

    return read


def _mean(pick: Callable[[_Seen], CandidateOutcome | None], figure: str) -> Callable[[_Seen], _Reading]:
    """The mean of one figure of the outcome, for the candidate that is picked."""

    def read(seen: _Seen) -> _Reading:
        candidate = pick(seen)
        if candidate is None:
            return _NOTHING
        return float(np.mean(getattr(candidate, figure))), _computed(candidate)

    return read


def _computed(*candidates: CandidateOutcome) -> str:
    return f"computed: {' and '.join(candidate.name for candidate in candidates)}"


def _calls(seen: _Seen) -> _Reading:
    return _belief(seen.workload.volume)


def _calls_in_12_months(seen: _Seen) -> _Reading:
    volume, growth = seen.workload.volume, seen.workload.growth
    source = f"{volume.name}: {volume.source}; {growth.name}: {growth.source}"
    return volume.centre * (1 + growth.centre) ** (MONTHS_PER_YEAR - 1), source


def _calls_first_year(seen: _Seen) -> _Reading:
    growth = 1 + seen.workload.growth.centre
    months = np.arange(int(MONTHS_PER_YEAR))
    return float(seen.workload.volume.centre * np.sum(growth**months)), _calls_in_12_months(seen)[1]


def _requests_per_day(seen: _Seen) -> _Reading:
    return seen.workload.volume.centre / DAYS_PER_MONTH, _calls(seen)[1]


def _tokens_per_call(seen: _Seen, candidate: Candidate) -> float | None:
    """Input and output tokens of one call, at their centres; a hybrid's small model, and its large one's share."""
    if candidate.tokens is not None:
        t = candidate.tokens
        return t.static.centre + t.input.centre + t.output.centre + t.reasoning.centre
    if candidate.small is None or candidate.large is None or candidate.escalate is None:
        return None
    small, large = (
        _tokens_per_call(seen, seen.study.candidates[name]) for name in (candidate.small, candidate.large)
    )
    return None if small is None or large is None else small + candidate.escalate.centre * large


def _tokens(per_day: bool) -> Callable[[_Seen], _Reading]:
    def read(seen: _Seen) -> _Reading:
        candidate = seen.serving_today
        tokens = _tokens_per_call(seen, candidate)
        if tokens is None:
            return _NOTHING
        monthly = tokens * seen.workload.volume.centre
        return monthly / DAYS_PER_MONTH if per_day else monthly, f"calls × tokens of {candidate.name}"

    return read


def _static_tokens(seen: _Seen) -> _Reading:
    tokens = seen.serving_today.tokens
    return _NOTHING if tokens is None else _belief(tokens.static)


def _today(seen: _Seen) -> CandidateOutcome:
    return seen.outcome.candidates[seen.study.today]


def _best_prompt(seen: _Seen) -> CandidateOutcome | None:
    return seen.best_quality("prompt")


def _best_tuned(seen: _Seen) -> CandidateOutcome | None:
    return seen.best_quality("tuned", "classifier")


def _tuned_measured(seen: _Seen) -> _Reading:
    best = _best_tuned(seen)
    if best is None:
        return False, "no candidate is tuned"
    quality = seen.study.candidates[best.name].quality
    return quality.n_cases is not None and not quality.extrapolated, f"candidates.{best.name}.quality"


def _gap_tuned_today(seen: _Seen) -> _Reading:
    best, today = _best_tuned(seen), _today(seen)
    if best is None:
        return _NOTHING
    return float(np.mean(best.quality) - np.mean(today.quality)), _computed(best, today)


def _gap_to_target(seen: _Seen) -> _Reading:
    best, target = _best_prompt(seen), seen.workload.target
    if best is None or target is None:
        return _NOTHING
    return target.centre - float(np.mean(best.quality)), f"{target.name}: {target.source}; {_computed(best)}"


def _task(seen: _Seen) -> _Reading:
    return seen.workload.task, "workload.task"


def _task_type(seen: _Seen) -> _Reading:
    return task_type(seen.workload.task), "workload.task"


def _task_in(types: Iterable[str]) -> Callable[[_Seen], _Reading]:
    def read(seen: _Seen) -> _Reading:
        found = task_type(seen.workload.task)
        return (None if found is None else found in types), "workload.task"

    return read


def _task_is_format(seen: _Seen) -> _Reading:
    return (True, "facts.motive") if seen.facts.motive == "format" else _task_in(_FORMAT_TASKS)(seen)


def _labelled(seen: _Seen) -> _Reading:
    if seen.facts.labelled_examples is not None:
        return float(seen.facts.labelled_examples), "facts.labelled_examples"
    trained = [c.training.labelled for c in seen.study.candidates.values() if c.training is not None]
    return _belief(max(trained, key=lambda belief: belief.centre, default=None))


def _eval_cases(seen: _Seen) -> _Reading:
    if seen.facts.eval_cases is not None:
        return float(seen.facts.eval_cases), "facts.eval_cases"
    scored = {name: c.quality.n_cases for name, c in seen.study.candidates.items() if c.quality.n_cases}
    name = (
        seen.study.today
        if seen.study.today in scored
        else max(scored, key=lambda n: scored[n] or 0, default="")
    )
    return (float(scored[name] or 0), f"candidates.{name}.quality") if name else _NOTHING


def _retrieval_tried(seen: _Seen) -> _Reading:
    if seen.facts.retrieval_tried is not None:
        return seen.facts.retrieval_tried, "facts.retrieval_tried"
    queries = seen.serving_today.retrieval_queries
    in_use = queries is not None and queries.centre > 0
    return (True, f"candidates.{seen.serving_today.name} retrieves") if in_use else _NOTHING


def _smaller_tried(seen: _Seen) -> _Reading:
    """Stated, or seen: another prompt on a cheaper model has scored cases."""
    if seen.facts.smaller_model_tried is not None:
        return seen.facts.smaller_model_tried, "facts.smaller_model_tried"
    now = seen.serving_today.prices
    for name, c in seen.study.candidates.items():
        scored = c.kind == "prompt" and c.quality.n_cases
        if scored and now and c.prices and c.prices.output.centre < now.output.centre:
            return True, f"candidates.{name}.quality: {c.quality.n_cases:,} cases"
    return _NOTHING


def _usage_usd(seen: _Seen, candidate: CandidateOutcome, months: int) -> float:
    """What model calls cost in the first ``months`` months."""
    return sum(
        float(np.sum(by_month[:months]))
        for key, by_month in candidate.line_months_usd.items()
        if key in _USAGE
    )


def _saving_per_call(seen: _Seen) -> _Reading:
    if seen.tuned is None or seen.prompt is None:
        return _NOTHING
    months = min(int(MONTHS_PER_YEAR), seen.study.horizon_months)
    calls = seen.expected_calls(months)
    if calls <= 0:
        return _NOTHING
    saved = _usage_usd(seen, seen.prompt, months) - _usage_usd(seen, seen.tuned, months)
    return saved / calls, _computed(seen.prompt, seen.tuned)


def _saving_per_month(seen: _Seen) -> _Reading:
    if seen.tuned is None or seen.prompt is None:
        return _NOTHING
    saved = float(np.mean(seen.prompt.monthly_usd) - np.mean(seen.tuned.monthly_usd))
    return saved, _computed(seen.prompt, seen.tuned)


def _tuned_upkeep(seen: _Seen) -> _Reading:
    """A year of what keeping the tuned model costs whatever the calls: its running cost without its model calls."""
    if seen.tuned is None:
        return _NOTHING
    months = min(int(MONTHS_PER_YEAR), seen.study.horizon_months)
    calls = _usage_usd(seen, seen.tuned, months) * MONTHS_PER_YEAR / months
    return float(np.mean(seen.tuned.monthly_usd)) * MONTHS_PER_YEAR - calls, _computed(seen.tuned)


def _tuned_training(seen: _Seen) -> _Reading:
    if seen.tuned is None:
        return _NOTHING
    return sum(float(seen.tuned.lines_usd.get(key, 0.0)) for key in _TRAINING), _computed(seen.tuned)


def _frequent_share(seen: _Seen) -> _Reading:
    hybrids = [c for c in seen.study.candidates.values() if c.kind == "hybrid" and c.escalate is not None]
    if not hybrids:
        return _NOTHING
    kept = min(hybrids, key=lambda c: c.escalate.centre if c.escalate else 1.0)
    assert kept.escalate is not None
    return 1 - kept.escalate.centre, f"{kept.escalate.name}: {kept.escalate.source}"


_CHANGES: Final = ("weekly", "monthly", "quarterly", "yearly", "rarely")
_MOTIVES: Final = ("cost", "quality", "format", "latency")
_DEPLOYMENTS: Final = ("cloud", "edge", "on-premises")
_TUNED: Final = "a candidate of kind: tuned"
_BOTH: Final = "a candidate of kind: tuned and one of kind: prompt"

_ALL: Final = (
    # How much there is to do.
    Fact(name="calls_per_month", unit="calls/month", key="workload.volume", meaning="calls in month 1", read=_calls),
    Fact(name="calls_per_month_in_12_months", unit="calls/month", key="workload.growth",
         meaning="calls in month 12", read=_calls_in_12_months),
    Fact(name="calls_in_first_year", unit="calls/year", key="workload.volume",
         meaning="calls in the first twelve months", read=_calls_first_year),
    Fact(name="requests_per_day", unit="requests/day", key="workload.volume",
         meaning="calls in month 1 over 365/12 days", read=_requests_per_day),
    Fact(name="tokens_per_month", unit="tokens/month", key="workload.tokens",
         meaning="input and output tokens in month 1, as today's candidate uses them", read=_tokens(per_day=False)),
    Fact(name="tokens_per_day", unit="tokens/day", key="workload.tokens",
         meaning="the same over 365/12 days", read=_tokens(per_day=True)),
    Fact(name="static_tokens", unit="tokens", key="workload.tokens",
         meaning="instructions and examples in each call of today's candidate", read=_static_tokens),
    # How good it is.
    Fact(name="quality_today", unit="share", key="candidates.….quality",
         meaning="right answers of today's candidate", read=_mean(_today, "quality")),
    Fact(name="best_prompt_quality", unit="share", key="a candidate of kind: prompt",
         meaning="right answers of the best prompt", read=_mean(_best_prompt, "quality")),
    Fact(name="best_tuned_quality", unit="share", key=_TUNED,
         meaning="right answers of the best tuned model or classifier", read=_mean(_best_tuned, "quality")),
    Fact(name="tuned_quality_measured", unit="yes or no", key="candidates.….quality",
         meaning="whether that model was scored on cases of this study", read=_tuned_measured),
    Fact(name="quality_gap_tuned_vs_today", unit="points", key=_TUNED,
         meaning="what the best tuned model is above today's candidate", read=_gap_tuned_today),
    Fact(name="target", unit="share", key="workload.errors.target", meaning="the quality that is needed",
         read=lambda seen: _belief(seen.workload.target)),
    Fact(name="gap_to_target", unit="points", key="workload.errors.target",
         meaning="what the best prompt is below the target", read=_gap_to_target),
    # What it is.
    Fact(name="task", unit="word", key="workload.task", meaning="the task as the study names it", read=_task),
    Fact(name="task_type", unit="word", key="workload.task", words=tuple(dict.fromkeys(name for name, _ in _TASK_TYPES)),
         meaning="the kind of task, as document 003's table has them", read=_task_type),
    Fact(name="task_is_format", unit="yes or no", key="workload.task",
         meaning="whether the task is mainly format or style", read=_task_is_format),
    Fact(name="task_is_narrow", unit="yes or no", key="workload.task",
         meaning="whether the task is classification or extraction", read=_task_in(_NARROW_TASKS)),
    Fact(name="accuracy_critical", unit="yes or no", key="facts.accuracy_critical",
         meaning="whether accuracy is critical (legal, medical, financial)", read=_stated("accuracy_critical")),
    Fact(name="domain_changes", unit="word", key="facts.domain_changes", words=_CHANGES,
         meaning="how often the domain or the requirements change", read=_stated("domain_changes")),
    Fact(name="motive", unit="word", key="facts.motive", words=_MOTIVES,
         meaning="why tuning is considered", read=_stated("motive")),
    Fact(name="deployment", unit="word", key="facts.deployment", words=_DEPLOYMENTS,
         meaning="where it has to run", read=_stated("deployment")),
    # What was done, and who and what is there.
    Fact(name="eval_cases", unit="cases", key="facts.eval_cases", meaning="cases in the eval set", read=_eval_cases),
    Fact(name="prompt_iterations", unit="iterations", key="facts.prompt_iterations",
         meaning="prompt versions scored against the eval set", read=_stated("prompt_iterations")),
    Fact(name="retrieval_tried", unit="yes or no", key="facts.retrieval_tried",
         meaning="whether retrieval was tried", read=_retrieval_tried),
    Fact(name="smaller_model_tried", unit="yes or no", key="facts.smaller_model_tried",
         meaning="whether a smaller model with a good prompt was tried", read=_smaller_tried),
    Fact(name="structured_output_tried", unit="yes or no", key="facts.structured_output_tried",
         meaning="whether structured output was tried", read=_stated("structured_output_tried")),
    Fact(name="months_in_production", unit="months", key="facts.months_in_production",
         meaning="time in production", read=_stated("months_in_production")),
    Fact(name="labelled_examples", unit="examples", key="facts.labelled_examples",
         meaning="examples that have their label", read=_labelled),
    Fact(name="ml_team", unit="yes or no", key="facts.ml_team",
         meaning="whether there are people who can train a model and keep it", read=_stated("ml_team")),
    Fact(name="frequent_share", unit="share", key="a candidate of kind: hybrid",
         meaning="calls that a hybrid's small model keeps", read=_frequent_share),
    # What it costs.
    Fact(name="error_cost", unit="usd an error", key="workload.errors.cost", meaning="the cost of a wrong answer",
         read=lambda seen: _belief(seen.workload.error_cost)),
    Fact(name="budget_usd_per_month", unit="usd/month", key="facts.budget_usd_per_month",
         meaning="the budget", read=_stated("budget_usd_per_month")),
    Fact(name="prompt_upfront", unit="usd", key="a candidate of kind: prompt",
         meaning="what building the prompt costs (today's, else the best one)",
         read=_mean(lambda seen: seen.prompt, "upfront_usd")),
    Fact(name="prompt_monthly", unit="usd/month", key="a candidate of kind: prompt",
         meaning="what running it costs, first-year mean", read=_mean(lambda seen: seen.prompt, "monthly_usd")),
    Fact(name="tuned_upfront", unit="usd", key=_TUNED,
         meaning="what building the leading tuned model costs", read=_mean(lambda seen: seen.tuned, "upfront_usd")),
    Fact(name="tuned_training", unit="usd", key=_TUNED,
         meaning="the training runs in it", read=_tuned_training),
    Fact(name="tuned_monthly", unit="usd/month", key=_TUNED,
         meaning="what running it costs, first-year mean", read=_mean(lambda seen: seen.tuned, "monthly_usd")),
    Fact(name="tuned_upkeep_per_year", unit="usd/year", key=_TUNED,
         meaning="the part of that which is not paid by call, for a year", read=_tuned_upkeep),
    Fact(name="saving_per_call", unit="usd/call", key=_BOTH,
         meaning="what a call of the tuned model costs less than one of the prompt", read=_saving_per_call),
    Fact(name="saving_per_month", unit="usd/month", key=_BOTH,
         meaning="what running the tuned model costs less, upkeep and all", read=_saving_per_month),
)  # fmt: skip

FACTS: Final[Mapping[str, Fact]] = {fact.name: fact for fact in _ALL}
"""Every fact, by name."""
