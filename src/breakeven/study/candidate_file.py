"""The candidates of a study file: one model for each kind, so that a key that belongs to another kind can say so."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Discriminator

from breakeven.study.fields import (
    Cadence,
    CandidateName,
    Count,
    Day,
    DayOrNever,
    EventsPerMonth,
    Factor,
    FilePath,
    Gigabytes,
    GpuPrice,
    Hours,
    Level,
    Minutes,
    Money,
    MoneyPerCall,
    MoneyPerExample,
    MoneyPerGigabyte,
    MoneyPerHour,
    MoneyPerMonth,
    MonthNumber,
    Months,
    RunPrice,
    Seconds,
    Share,
    Short,
    Strict,
    Text,
    Throughput,
    TokenCount,
    Upkeep,
    Whole,
    Work,
    YesNo,
)

__all__ = [
    "CANDIDATE_FILES",
    "CandidateFile",
    "ClassifierFile",
    "HostingFile",
    "HybridFile",
    "PromptFile",
    "QualityFile",
    "RetrainFile",
    "Served",
    "Trained",
    "TrainingFile",
    "TunedFile",
    "WaitFile",
]


class TokensChange(Strict):
    """Tokens of one call, where they differ from the workload's."""

    static: TokenCount | None = None
    """Instructions and examples that are the same in every call."""
    input: TokenCount | None = None
    """What changes from call to call."""
    output: TokenCount | None = None
    """What the model writes."""
    reasoning: TokenCount | None = None
    """Thinking that is billed as output and not shown."""


class QualityFile(Short):
    """How often answers are right."""

    short: ClassVar[str] = "level"
    level: Level | None = None
    """A share: `91%`, `88%..93%`."""
    eval: FilePath | None = None
    """A file of scored cases, inside the study's folder: measured."""
    versions: list[FilePath] | None = None
    """Scores of the other versions that this prompt was picked from, on the same cases: it is corrected for that."""
    date: Day | None = None
    """When the cases were scored."""


class RetrievalFile(Strict):
    """Look-ups or tools that each call uses."""

    queries: Factor
    """For each call."""
    cost: MoneyPerCall
    """Dollars for each query."""


class GuardFile(Strict):
    """A guard or judge in the path of a call."""

    share: Share
    """Share of calls that pass it."""
    cost: MoneyPerCall
    """Dollars for each guarded call."""


class StorageFile(Strict):
    """What is kept: documents, indexes, model weights."""

    size: Gigabytes
    """How much."""
    price: MoneyPerGigabyte
    """Dollars per GB and month."""


class ReviewFile(Strict):
    """People who look at answers."""

    share: Share
    """Share of calls that are looked at."""
    time: Minutes
    """For each."""


class IncidentsFile(Strict):
    """Outages and wrong roll-outs."""

    rate: EventsPerMonth
    """How often: `0.5..2/year`."""
    hours: Hours | None = None
    """Work for each."""
    downtime: Hours | None = None
    """Hours down for each."""
    downtime_cost: MoneyPerHour | None = None
    """Dollars for each hour down."""


class ComplianceFile(Strict):
    """Reviews and audits."""

    once: Money | None = None
    """Before the first call."""
    yearly: MoneyPerMonth | None = None
    """Again and again: `$12K/year`."""


class Operated(Strict):
    """What every candidate but `wait` may say."""

    upfront: Money | None = None
    """All that is spent before the first call, as one sum; takes the place of its parts' defaults."""
    running: MoneyPerMonth | None = None
    """Upkeep and hosting as one sum a month; takes the place of their defaults."""
    build: Work | None = None
    """Work to build it, in hours or dollars."""
    upkeep: Upkeep | None = None
    """Work to keep it, in hours or dollars a month."""
    guidelines: Hours | None = None
    """Writing labelling guidelines and tooling."""
    quality: QualityFile | None = None
    """How often answers are right: `91%`, `88%..93%`, `{eval: evidence/scores.csv}`."""
    retrieval: RetrievalFile | None = None
    """Look-ups or tools that each call uses."""
    guard: GuardFile | None = None
    """A guard or judge in the path of a call."""
    storage: StorageFile | None = None
    """What is kept."""
    logging: MoneyPerCall | None = None
    """Dollars for keeping the log of one call."""
    review: ReviewFile | None = None
    """People who look at answers."""
    incidents: IncidentsFile | None = None
    """Outages and wrong roll-outs."""
    compliance: ComplianceFile | None = None
    """Reviews and audits."""
    latency: Seconds | None = None
    """Seconds for one call."""
    build_time: Months | None = None
    """Calendar time until it serves; counted where `delay_benefit` is stated."""


class Served(Operated):
    """What a candidate may say that answers calls itself."""

    tokens: TokensChange | None = None
    """Tokens of one call, where they differ from the workload's."""
    retries: Share | None = None
    """Extra attempts, where they differ from the workload's."""
    cached: Share | None = None
    """Share of all input tokens read from the cache; `0%` switches caching off."""
    hit_rate: Share | None = None
    """Share of calls that find their static tokens in the cache."""
    batch: Share | None = None
    """Share of calls sent through the batch price."""
    region: Text | None = None
    """A region whose uplift is paid."""
    per_call: MoneyPerCall | None = None
    """Dollars for one call, as one sum; takes the place of token prices."""
    commitment: MoneyPerMonth | None = None
    """Dollars a month promised to the provider."""
    migration: Hours | None = None
    """Work to move to a successor when the model retires."""
    retires_on: DayOrNever | None = None
    """The day on which the model stops answering; takes the place of the price book's."""
    shots: Whole | None = None
    """Examples in the prompt; describes, costs nothing by itself."""
    structured_output: YesNo | None = None
    """Whether answers are held to a schema; describes, costs nothing by itself."""


class SyntheticFile(Strict):
    """Examples that a teacher model writes."""

    examples: Count
    """How many."""
    cost: MoneyPerExample
    """Dollars for each."""


class EvaluationFile(Strict):
    """What is scored before each release."""

    cases: Count | None = None
    """How many."""
    label_cost: MoneyPerExample | None = None
    """Dollars for each labelled case. Left out: as for training examples."""
    judge_cost: MoneyPerExample | None = None
    """Dollars that a judge charges for each scored case."""


class TrainingFile(Short):
    """What a training run costs: by token, as one sum, or by GPU hour."""

    short: ClassVar[str] = "price"
    price: RunPrice | None = None
    """Dollars per million training tokens, or for one run."""
    gpu: GpuPrice | None = None
    """A GPU of the price book, or what one costs an hour."""
    hours: Hours | None = None
    """GPU hours for one run."""


class RetrainFile(Short):
    """Training again on fresh data."""

    short: ClassVar[str] = "every"
    every: Cadence | None = None
    """How often: `every 3 months`, `never`."""
    cost: Money | None = None
    """Dollars for each time, as one sum; takes the place of its parts."""
    labels: Share | None = None
    """Share of the first labels that is bought anew."""
    hours: Hours | None = None
    """Work for each time."""


class ColdStartsFile(Strict):
    """Replicas that start when calls come back."""

    rate: EventsPerMonth
    """How often."""
    time: Minutes
    """For each."""


class HostingFile(Short):
    """What serving costs besides tokens."""

    short: ClassVar[str] = "fee"
    fee: MoneyPerMonth | None = None
    """Dollars a month or hour whatever the traffic."""
    gpu: GpuPrice | None = None
    """A GPU of the price book, or what one costs an hour."""
    rps: Throughput | None = None
    """Calls a second that one GPU serves in time; or name `model` for a published figure."""
    model: Text | None = None
    """A model of the throughput table, such as qwen3-8b."""
    tokens_in: TokenCount | None = None
    """Tokens of a call in the throughput table. Left out: as this candidate's calls."""
    tokens_out: TokenCount | None = None
    """The same for its output."""
    precision: Text | None = None
    """Such as fp8 or bf16."""
    extra: Factor | None = None
    """Replicas kept for staging and failover."""
    cold_starts: ColdStartsFile | None = None
    """Replicas that start when calls come back."""


class Trained(Strict):
    """What a candidate may say that is trained."""

    data: FilePath | None = None
    """The audit of its training rows, as `breakeven data check -o evidence` writes it: `evidence/data.json`."""
    curve: FilePath | None = None
    """Its learning curve, as `breakeven eval curve … --json` prints it: `evidence/curve.json`. It moves no figure."""
    examples: Count | None = None
    """Training examples. Left out: the usable rows of `data`."""
    labelled: Count | None = None
    """Examples that already have their label. Left out: the usable rows of `data`, else none."""
    label_cost: MoneyPerExample | None = None
    """Dollars for each new label."""
    redundancy: Factor | None = None
    """Labels bought for each example. Left out: 1."""
    qa: Share | None = None
    """Share of label cost spent again on checking. Left out: 0%."""
    runs: Factor | None = None
    """Training runs for each model that is kept."""
    training: TrainingFile | None = None
    """What a run costs: `$25/1M tokens`, `$400` a run, `{gpu: lambda/h100-80gb, hours: 4..20 hours}`."""
    synthetic: SyntheticFile | None = None
    """Examples that a teacher model writes."""
    evaluation: EvaluationFile | None = None
    """What is scored before each release."""
    retrain: RetrainFile | None = None
    """Training again on fresh data: `every 3 months`, `never`."""
    hosting: HostingFile | None = None
    """`$2,000/month`, `$1.70/hour`, `{gpu: lambda/h100-80gb, rps: 23.6/s}`."""


class PromptFile(Served):
    """A prompt on a model by API."""

    kind: Literal["prompt"]
    """What sort of candidate this is."""
    model: Text | None = None
    """The model's key in the price book: `openai/gpt-4.1`."""


class TunedFile(Served, Trained):
    """A fine-tuned model, hosted or on GPUs of your own."""

    kind: Literal["tuned"]
    """What sort of candidate this is."""
    base: Text | None = None
    """The model that is tuned: `azure/gpt-4.1-mini`; `self/…` for one on your own GPUs."""
    epochs: Factor | None = None
    """Passes over the examples in one run."""
    tokens_per_example: TokenCount | None = None
    """Training tokens of one example. Left out: as counted in `data`; else the tuned prompt, input and output."""
    validation: Share | None = None
    """Validation tokens as a share of training tokens."""


class ClassifierFile(Operated, Trained):
    """A small model that only classifies."""

    kind: Literal["classifier"]
    """What sort of candidate this is."""
    base: Text | None = None
    """What it is, for the reader."""
    per_call: MoneyPerCall | None = None
    """Dollars for one call."""
    retries: Share | None = None
    """Extra attempts, where they differ from the workload's."""


class HybridFile(Operated):
    """A small candidate answers; hard calls are handed on to a large one."""

    kind: Literal["hybrid"]
    """What sort of candidate this is."""
    small: CandidateName
    """The candidate that answers first."""
    large: CandidateName
    """The candidate that hard calls are handed on to."""
    escalate: Share
    """Share of calls that are handed on."""
    catches: Share | None = None
    """Share of the small candidate's errors among the calls handed on. Left out: no better than chance."""


class WaitFile(Strict):
    """One candidate now, another from a month on."""

    kind: Literal["wait"]
    """What sort of candidate this is."""
    now: CandidateName
    """The candidate that serves first."""
    later: CandidateName
    """The candidate that takes over."""
    at: MonthNumber
    """The month in which it does: `month 7`."""


CandidateFile = Annotated[
    PromptFile | TunedFile | HybridFile | ClassifierFile | WaitFile, Discriminator("kind")
]
CANDIDATE_FILES: dict[str, type[Strict]] = {
    "prompt": PromptFile,
    "tuned": TunedFile,
    "hybrid": HybridFile,
    "classifier": ClassifierFile,
    "wait": WaitFile,
}
"""The model of each kind of candidate."""
