"""What published rules ask about: named figures and facts of one study, each with its unit and where it comes from.

A fact that the study does not state is None, never zero: a rule that needs it says which line of the study would
tell it. To add one, add an entry to ``FACTS``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from breakeven.advice import readings as read
from breakeven.advice.readings import Reading, Seen, Value
from breakeven.economics.outcome import Outcome
from breakeven.quantities import DAYS_PER_MONTH, show, show_usd
from breakeven.study.model import Study

__all__ = ["FACTS", "Fact", "FactType", "Measured", "Value", "measure", "show_fact"]

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
    read: Callable[[Seen], Reading]
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
    seen = Seen(study, outcome)
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
        number = f"{value * 100:.4g}"
        return f"{number}{_PERCENT[unit].removesuffix('s') if number == '1' else _PERCENT[unit]}"
    if unit == "months" and abs(value) < A_FEW_DAYS:
        return f"{value * DAYS_PER_MONTH:.2g} days"
    number = f"{value:,.0f}" if unit in _COUNTED else show(value)
    return f"{number} {unit.removesuffix('s') if value == 1 else unit}".rstrip()


A_FEW_DAYS: Final = 0.1
"""Months under which a time is shown in days."""
_PERCENT: Final = {"share": "%", "points": " points"}
_COUNTED: Final = frozenset({"cases", "examples", "iterations"})


def _measured(fact: Fact, seen: Seen) -> Measured:
    value, source = fact.read(seen)
    if isinstance(value, float | int) and not isinstance(value, bool):
        value = None if math.isnan(value) else float(f"{value:.12g}")
    return Measured(
        name=fact.name, value=value, unit=fact.unit, key=fact.key, source="" if value is None else source
    )


_CHANGES: Final = ("weekly", "monthly", "quarterly", "yearly", "rarely")
_MOTIVES: Final = ("cost", "quality", "format", "latency")
_DEPLOYMENTS: Final = ("cloud", "edge", "on-premises")
_TUNED: Final = "a candidate of kind: tuned"
_DATA: Final = "candidates.NAME.data"
_BOTH: Final = "a candidate of kind: tuned and one of kind: prompt"

_ALL: Final = (
    # How much there is to do.
    Fact(name="calls_per_month", unit="calls/month", key="workload.volume",
         meaning="calls in month 1", read=read.calls),
    Fact(name="calls_per_month_in_12_months", unit="calls/month", key="workload.growth",
         meaning="calls in month 12", read=read.calls_in_12_months),
    Fact(name="calls_in_first_year", unit="calls/year", key="workload.volume",
         meaning="calls in the first twelve months", read=read.calls_first_year),
    Fact(name="requests_per_day", unit="requests/day", key="workload.volume",
         meaning="calls in month 1 over 365/12 days", read=read.requests_per_day),
    Fact(name="tokens_per_month", unit="tokens/month", key="workload.tokens",
         meaning="input and output tokens in month 1, as today's candidate uses them",
         read=read.tokens_in(DAYS_PER_MONTH)),
    Fact(name="tokens_per_day", unit="tokens/day", key="workload.tokens",
         meaning="input and output tokens of a day, as today's candidate uses them", read=read.tokens_in(1)),
    Fact(name="static_tokens", unit="tokens", key="workload.tokens",
         meaning="instructions and examples in each call of today's candidate", read=read.static_tokens),
    # How good it is.
    Fact(name="quality_today", unit="share", key="candidates.NAME.quality",
         meaning="right answers of today's candidate", read=read.of_outcome(read.todays, "quality")),
    Fact(name="best_prompt_quality", unit="share", key="a candidate of kind: prompt",
         meaning="right answers of the best prompt", read=read.of_outcome(read.best_prompt, "quality")),
    Fact(name="best_tuned_quality", unit="share", key=_TUNED,
         meaning="right answers of the best tuned model or classifier",
         read=read.of_outcome(read.best_tuned, "quality")),
    Fact(name="tuned_quality_measured", unit="yes or no", key="candidates.NAME.quality",
         meaning="whether the best tuned model was scored on cases of this study", read=read.tuned_is_measured),
    Fact(name="quality_gap_tuned_vs_today", unit="points", key=_TUNED,
         meaning="what the best tuned model is above today's candidate", read=read.gap_tuned_today),
    Fact(name="target", unit="share", key="workload.errors.target", meaning="the quality that is needed",
         read=lambda seen: read.of_belief(seen.workload.target)),
    Fact(name="gap_to_target", unit="points", key="workload.errors.target",
         meaning="what the best prompt is below the target", read=read.gap_to_target),
    # What it is.
    Fact(name="task", unit="word", key="workload.task", words=read.KNOWN_TASKS,
         meaning="the kind of task, where something was published of it", read=read.task),
    Fact(name="task_is_format", unit="yes or no", key="workload.task",
         meaning="whether the task is mainly format or style", read=read.task_is_format),
    Fact(name="task_is_narrow", unit="yes or no", key="workload.task",
         meaning="whether the task is classification or extraction", read=read.task_among(read.NARROW_TASKS)),
    Fact(name="accuracy_critical", unit="yes or no", key="facts.accuracy_critical",
         meaning="whether accuracy is critical (legal, medical, financial)", read=read.of_facts("accuracy_critical")),
    Fact(name="domain_changes", unit="word", key="facts.domain_changes", words=_CHANGES,
         meaning="how often the domain or the requirements change", read=read.of_facts("domain_changes")),
    Fact(name="motive", unit="word", key="facts.motive", words=_MOTIVES,
         meaning="why tuning is considered", read=read.of_facts("motive")),
    Fact(name="deployment", unit="word", key="facts.deployment", words=_DEPLOYMENTS,
         meaning="where it has to run", read=read.of_facts("deployment")),
    # What was done, and who and what is there.
    Fact(name="eval_cases", unit="cases", key="facts.eval_cases",
         meaning="cases in the eval set", read=read.eval_cases),
    Fact(name="prompt_iterations", unit="iterations", key="facts.prompt_iterations",
         meaning="prompt versions scored against the eval set", read=read.of_facts("prompt_iterations")),
    Fact(name="retrieval_tried", unit="yes or no", key="facts.retrieval_tried",
         meaning="whether retrieval was tried", read=read.retrieval_tried),
    Fact(name="smaller_model_tried", unit="yes or no", key="facts.smaller_model_tried",
         meaning="whether a smaller model with a good prompt was tried", read=read.smaller_model_tried),
    Fact(name="structured_output_tried", unit="yes or no", key="facts.structured_output_tried",
         meaning="whether structured output was tried", read=read.of_facts("structured_output_tried")),
    Fact(name="months_in_production", unit="months", key="facts.months_in_production",
         meaning="time in production", read=read.of_facts("months_in_production")),
    Fact(name="labelled_examples", unit="examples", key="facts.labelled_examples",
         meaning="examples that have their label", read=read.labelled),
    Fact(name="training_rows", unit="examples", key=_DATA,
         meaning="rows to train on, without repeats and rows that hold eval cases where a check failed on them",
         read=read.training_rows),
    Fact(name="label_accuracy", unit="share", key=_DATA,
         meaning="right labels among the training rows that people judged at random",
         read=read.audited_label_accuracy),
    Fact(name="duplicate_share", unit="share", key=_DATA, meaning="training rows that repeat another one, or nearly",
         read=read.data_found("duplicates")),
    Fact(name="leaked_share", unit="share", key=_DATA, meaning="eval cases that stand in the training rows",
         read=read.data_found("leakage")),
    Fact(name="human_share", unit="share", key=_DATA,
         meaning="training rows that a person wrote or checked, where each row says who did",
         read=read.data_found("origin")),
    Fact(name="held_out_share", unit="share", key=_DATA,
         meaning="eval cases that do not stand in the training rows, of those and the rows",
         read=read.data_found("holdout")),
    Fact(name="matches_production", unit="yes or no", key=_DATA,
         meaning="whether the training rows ask what production asks", read=read.data_passes("production")),
    Fact(name="ml_team", unit="yes or no", key="facts.ml_team",
         meaning="whether there are people who can train a model and keep it", read=read.of_facts("ml_team")),
    Fact(name="frequent_share", unit="share", key="a candidate of kind: hybrid",
         meaning="calls that a hybrid's small model keeps", read=read.frequent_share),
    # What it costs.
    Fact(name="error_cost", unit="usd an error", key="workload.errors.cost", meaning="the cost of a wrong answer",
         read=lambda seen: read.of_belief(seen.workload.error_cost)),
    Fact(name="budget_usd_per_month", unit="usd/month", key="facts.budget_usd_per_month",
         meaning="the budget", read=read.of_facts("budget_usd_per_month")),
    Fact(name="prompt_upfront", unit="usd", key="a candidate of kind: prompt",
         meaning="what building the prompt costs (today's prompt, else the leading one)",
         read=read.of_prompt("upfront_usd")),
    Fact(name="prompt_monthly", unit="usd/month", key="a candidate of kind: prompt",
         meaning="what running that prompt costs, first-year mean", read=read.of_prompt("monthly_usd")),
    Fact(name="tuned_upfront", unit="usd", key=_TUNED,
         meaning="what building the leading tuned model costs", read=read.of_tuned("upfront_usd")),
    Fact(name="tuned_training", unit="usd", key="candidates.NAME.examples",
         meaning="what the training runs of the leading tuned model cost", read=read.tuned_training),
    Fact(name="tuned_monthly", unit="usd/month", key=_TUNED,
         meaning="what running that model costs, first-year mean", read=read.of_tuned("monthly_usd")),
    Fact(name="tuned_upkeep_per_year", unit="usd/year", key=_TUNED,
         meaning="what keeping that model costs in a year, whatever the calls", read=read.tuned_upkeep),
    Fact(name="saving_per_call", unit="usd/call", key=_BOTH,
         meaning="what a call of the tuned model costs less than one of the prompt", read=read.saving_per_call),
    Fact(name="saving_per_month", unit="usd/month", key=_BOTH,
         meaning="what running the tuned model costs less, upkeep and all", read=read.saving_per_month),
)  # fmt: skip

FACTS: Final[Mapping[str, Fact]] = {fact.name: fact for fact in _ALL}
"""Every fact, by name."""
