"""The study file as models: every key that ``breakeven.yaml`` may hold, and what stands there.

Unknown keys are refused. Quantities are read with the kind that their field wants, so a wrong unit is found here, with
its place. Nothing is looked up yet: defaults, prices and evidence are joined in ``resolve.py``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from breakeven.quantities import KINDS
from breakeven.sources import Source
from breakeven.study.candidate_file import CandidateFile
from breakeven.study.fields import (
    CandidateName,
    Day,
    DayOrNever,
    Factor,
    FilePath,
    Growth,
    MoneyPerAnswer,
    MoneyPerError,
    MoneyPerMonth,
    MoneyPerSecond,
    MoneyPerToken,
    Months,
    Rate,
    Schema,
    Share,
    Strict,
    Text,
    TokenCount,
    Volume,
    Wage,
    Whole,
    YesNo,
    one_of,
    reads,
    shown,
)
from breakeven.study.given import FORMS, Given, MisreadError, read_given, read_source
from breakeven.study.tasks import TASKS

__all__ = ["ErrorKind", "ErrorsFile", "FactsFile", "PriceFile", "StudyFile", "TokensFile", "WorkloadFile"]


class TokensFile(Strict):
    """Tokens of one call."""

    static: TokenCount | None = None
    """Instructions and examples, the same in every call: the part that a cache can hold. 0 if there are none."""
    input: TokenCount | None = None
    """What changes from call to call."""
    output: TokenCount | None = None
    """What the model writes."""
    reasoning: TokenCount | None = None
    """Thinking that is billed as output and not shown. Left out: 0."""


class ErrorKind(Strict):
    """One way to be wrong."""

    share: Share
    """Share of all wrong answers."""
    cost: MoneyPerError
    """Dollars for each."""


class ErrorsFile(Strict):
    """What a wrong answer costs, and how many are too many."""

    cost: MoneyPerError | None = None
    """Dollars for each wrong answer. Left out: errors are not counted."""
    target: Share | None = None
    """Share of right answers that the feature must reach."""
    kinds: dict[str, ErrorKind] | None = None
    """Ways to be wrong, each with its share of the errors and its cost; instead of `cost`."""


class WorkloadFile(Strict):
    """What the feature does."""

    task: Annotated[str, one_of(*TASKS)]
    """The task; it picks the published quality where nothing is measured."""
    volume: Volume | None = None
    """Calls in month 1."""
    growth: Growth | None = None
    """Change of the volume each month, from month 2."""
    tokens: TokensFile | None = None
    """Tokens of one call of today's prompt."""
    profile: FilePath | None = None
    """A profile of your logs, as `breakeven profile --json` writes it: measured volume and tokens."""
    retries: Share | None = None
    """Extra attempts that are paid in full, as a share of calls."""
    peak_to_mean: Factor | None = None
    """Calls a second in the busy hours over the mean; sizes GPUs of your own."""
    errors: ErrorsFile | None = None
    """What a wrong answer costs."""
    value: MoneyPerAnswer | None = None
    """Dollars that a right answer is worth."""
    latency_cost: MoneyPerSecond | None = None
    """Dollars for each second that a call takes longer than today."""
    delay_benefit: MoneyPerMonth | None = None
    """Dollars that one month earlier in production is worth."""


class PriceFile(Strict):
    """A model's own prices: they take the place of the price book's, or add a model that it lacks."""

    input: MoneyPerToken | None = None
    """Dollars per million input tokens."""
    output: MoneyPerToken | None = None
    """Dollars per million output tokens."""
    cached: MoneyPerToken | None = None
    """… per million input tokens read from the cache."""
    cache_write: MoneyPerToken | None = None
    """… per million input tokens written to the cache."""
    batch_input: MoneyPerToken | None = None
    """… per million input tokens in a batch."""
    batch_output: MoneyPerToken | None = None
    """… per million output tokens in a batch."""
    retires_on: DayOrNever | None = None
    """The day on which the model stops answering."""
    source: Annotated[str, one_of("measured", "quoted", "published", "guess", "stated")] | None = None
    """Where these prices come from."""
    reference: Text | None = None
    """The contract, page or mail that says so."""
    date: Day | None = None
    """Its date."""

    @property
    def origin(self) -> Source | None:
        """The source of all these prices; None where none is named."""
        beside = {
            "source": self.source,
            "reference": self.reference,
            "date": self.date and self.date.isoformat(),
        }
        return read_source({key: value for key, value in beside.items() if value is not None})


class FactsFile(Strict):
    """What published rules ask about. Left out: the rule says that it can not tell."""

    ml_team: YesNo | None = None
    """Is there a team that can keep a training pipeline?"""
    accuracy_critical: YesNo | None = None
    """Legal, medical, financial?"""
    domain_changes: Annotated[str, one_of("weekly", "monthly", "quarterly", "yearly", "rarely")] | None = None
    """How often requirements change."""
    labelled_examples: Whole | None = None
    """Labelled examples at hand."""
    eval_cases: Whole | None = None
    """Scored cases at hand."""
    prompt_iterations: Whole | None = None
    """Versions of the prompt that were scored."""
    retrieval_tried: YesNo | None = None
    """Was retrieval tried?"""
    smaller_model_tried: YesNo | None = None
    """Was a smaller model with a good prompt tried?"""
    structured_output_tried: YesNo | None = None
    """Was structured output tried?"""
    motive: Annotated[str, one_of("cost", "quality", "format", "latency")] | None = None
    """What fine-tuning is meant to improve."""
    months_in_production: Months | None = None
    """How long today's candidate has served."""
    budget_usd_per_month: MoneyPerMonth | None = None
    """The budget."""
    deployment: Annotated[str, one_of("cloud", "edge", "on-premises")] | None = None
    """Where the model must run."""


PriceChange = dict[str, "Given | Literal['steps']"]


def _read_price_change(data: object) -> PriceChange:
    """A rate or steps for every provider, or a mapping from provider to either."""
    if isinstance(data, dict) and not any(key in FORMS for key in data):
        if not data:
            raise MisreadError("no provider is named", hint="`openai: -10%..0%/year`, `*: steps`")
        return {provider: _one_change(change, (provider,)) for provider, change in data.items()}
    return {"*": _one_change(data, ())}


def _one_change(data: object, at: tuple[str, ...]) -> Given | Literal["steps"]:
    if data == "steps":
        return "steps"
    try:
        return read_given(data, [KINDS["yearly rate"]])
    except MisreadError as exc:
        hint = "a yearly rate such as -20%..5%/year, or `steps`"
        raise MisreadError(exc.message, hint=hint, at=(*at, *exc.at)) from exc


def _read_horizon(data: object) -> int:
    given = read_given(data, [KINDS["months"]])
    months = given.numbers[0] if given.form == "value" and given.numbers[0] == given.numbers[1] else 0.0
    if not 1 <= months <= 120 or abs(months - round(months)) > 1e-9:
        raise MisreadError(
            f"{shown(data)} is not a horizon", hint="1 to 120 whole months: 36 months, 3 years"
        )
    return round(months)


_CHANGE: Schema = {
    "anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}],
    "examples": ["steps", "-20%..5%/year", {"openai": "steps", "*": "0%/year"}],
}


class StudyFile(Strict):
    """One decision: fine-tune, or keep improving the prompt?"""

    name: Text
    """The feature, as the report's title says it."""
    workload: WorkloadFile
    """What the feature does."""
    today: CandidateName
    """The candidate in production now; all others are compared with it."""
    candidates: dict[CandidateName, CandidateFile] = Field(min_length=1, max_length=40)
    """Each way to serve the feature, by a name of your choice."""
    start: Day | None = None
    """Month 1, such as 2026-12. Left out: next month."""
    horizon: Annotated[int, reads(_read_horizon, {"type": "string", "examples": ["36 months"]})] | None = None
    """How far the comparison looks. Left out: 36 months."""
    discount: Rate | None = None
    """What money a year later is worth less."""
    wage: Wage | None = None
    """Dollars for an hour of an engineer's work, all costs of employing one included."""
    price_change: Annotated[PriceChange, reads(_read_price_change, _CHANGE)] | None = None
    """How list prices change: `-20%..5%/year`, `steps` (as published), or a mapping from provider to either."""
    prices: dict[str, PriceFile] | None = None
    """Prices of your own, by model: they take the place of the price book's."""
    facts: FactsFile | None = None
    """What published rules ask about."""
