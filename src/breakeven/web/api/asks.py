"""What may be asked: one model for each request body. Unknown fields are refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from breakeven.web.limits import MOST_DRAWS
from breakeven.web.uploads import UploadError, safe_name

__all__ = ["CheckAsk", "ClaimsAsk", "CompareAsk", "DecideAsk", "ExplainAsk", "ProfileAsk", "RepriceAsk"]

STUDY_EXAMPLE = """\
name: Support tickets
workload:
  task: multi-label-classification
  volume: 480K calls/month
  tokens: {static: 1800, input: 350, output: 40}
  errors: {cost: $0.40, target: 93%}
today: prompt
candidates:
  prompt: {kind: prompt, model: openai/gpt-4.1}
  small: {kind: prompt, model: openai/gpt-4.1-mini, build: 40..80 hours}
"""
_UPLOAD = "pT3cQzq0sZJmX2vYb81kLw9a"


def _no_controls(text: str) -> str:
    if any(ord(char) < 32 for char in text) or not text.isprintable():
        raise ValueError("a control character")
    return text


def _file_name(name: str) -> str:
    try:
        return safe_name(name)
    except UploadError as exc:
        raise ValueError(f"no name for an upload: {exc.problems[0].hint}") from exc


UploadId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$", description="Id of an upload.")]
UploadIds = Annotated[list[UploadId], Field(max_length=50)]
SomeIds = Annotated[list[UploadId], Field(min_length=1, max_length=50)]
FileName = Annotated[
    str, Field(max_length=240, description="Name of an upload of this request."), AfterValidator(_file_name)
]
Word = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_no_controls)]
Words = Annotated[list[Word], Field(max_length=50)]
Seed = Annotated[
    int, Field(ge=0, le=2**63 - 1, description="Seed of the draws: the same seed, the same figures.")
]
Columns = Annotated[
    dict[Word, Word],
    Field(max_length=60, description="Where a field stands, as `--map` has it: field → column."),
]
Format = Annotated[Word | None, Field(description="The files' format, where their keys do not tell it.")]
Study = Annotated[
    str,
    Field(
        min_length=1, max_length=1_000_000,
        description="The study as `breakeven.yaml` holds it. Files that it names are uploads of this request.",
    ),
]  # fmt: skip
Claims = Annotated[str, Field(min_length=1, max_length=500_000)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Passes = Annotated[
    tuple[Annotated[int, Field(ge=1, le=1_000)], Annotated[int, Field(ge=1, le=1_000)]],
    Field(description="The fewest and the most."),
]


def _example(**values: Any) -> dict[str, Any]:
    return {"examples": [values]}


class Ask(BaseModel):
    """A request body."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DecideAsk(Ask):
    """A study to decide."""

    model_config = ConfigDict(json_schema_extra=_example(study=STUDY_EXAMPLE, draws=2_000, seed=0))

    study: Study
    uploads: UploadIds = Field(default=[], description="Evidence that the study names, by upload id.")
    draws: int = Field(default=20_000, ge=2, le=MOST_DRAWS, description="How many worlds to sample.")
    seed: Seed = 0
    point: bool = Field(default=False, description="Put every belief at its centre: no draws, no intervals.")


class ExplainAsk(Ask):
    """A figure of a study to unfold."""

    model_config = ConfigDict(json_schema_extra=_example(study=STUDY_EXAMPLE, figure="prompt.cost_usd"))

    study: Study
    uploads: UploadIds = Field(default=[], description="Evidence that the study names, by upload id.")
    figure: Word = Field(description="Its name in `decide --json`; `candidates.` may be left out.")


class ProfileAsk(Ask):
    """Call logs to measure."""

    model_config = ConfigDict(json_schema_extra=_example(uploads=[_UPLOAD], sampling=1.0))

    uploads: SomeIds = Field(description="The logs, by upload id.")
    format: Format = None
    columns: Columns = {}
    sampling: float | None = Field(
        default=None,
        gt=0,
        le=1,
        allow_inf_nan=False,
        description="The share of all calls that the logs hold.",
    )
    redact: bool = Field(default=False, description="Mask personal data, keys and passwords in names too.")
    prompts: bool | None = Field(
        default=None,
        description="Read the messages, for the removable prompt. Null: all up to 50 MB of logs, else a sample.",
    )


class RepriceAsk(Ask):
    """Call logs to price on other models."""

    model_config = ConfigDict(
        json_schema_extra=_example(uploads=[_UPLOAD], models=["openai/gpt-4.1-mini"], batch=0.4)
    )

    uploads: SomeIds = Field(description="The logs, by upload id.")
    models: Words = Field(
        default=[], description="`PROVIDER/MODEL`, or `same`: the models that the calls used."
    )
    tuned: Words = Field(default=[], description="Bases of fine-tunes, with their hosting.")
    batch: Share = Field(default=0.0, description="The share of calls that can wait for a batch.")
    cached: Share | Literal["logged", "replay"] = Field(
        default="logged", description="Input from a cache: a share, `replay` or `logged`."
    )
    cut_tokens: int | None = Field(default=None, ge=1, le=10**9, description="Cut this from each prompt.")
    cut_share: float | None = Field(
        default=None, gt=0, lt=1, allow_inf_nan=False, description="Or cut this share; give one of the two."
    )
    region: Word | None = Field(default=None, description="Data residency: eu, us, …")
    output_length: tuple[
        Annotated[float, Field(gt=0, le=1)], Annotated[float, Field(ge=1, lt=100)]
    ] | None = Field(default=None, description="Answers as a multiple of the logged ones.")  # fmt: skip
    sampling: float = Field(
        default=1.0, gt=0, le=1, allow_inf_nan=False, description="The share of all calls in the logs."
    )
    format: Format = None
    columns: Columns = {}


class CompareAsk(Ask):
    """Results of candidates on the same cases."""

    model_config = ConfigDict(
        json_schema_extra=_example(uploads=[_UPLOAD, _UPLOAD[::-1]], margin=0.01, level=0.95)
    )

    uploads: SomeIds = Field(description="Result files, in order; and the case file where one is named.")
    reference: Word | None = Field(
        default=None, description="What the others are compared with. Null: the first."
    )
    margin: float = Field(
        default=0.01, gt=0, lt=1, description="How much worse is still good enough, as a share."
    )
    level: float = Field(default=0.95, gt=0.5, lt=1, description="Of the intervals.")
    cases: FileName | None = Field(default=None, description="The upload that is the case file.")
    segment: Word | None = Field(default=None, description="Break down by this field.")
    versions: bool = Field(
        default=False, description="They are versions of one prompt: correct the best for being picked."
    )
    worst: int = Field(
        default=3, ge=0, le=100, description="Cases to show where a candidate fell furthest behind."
    )
    seed: Seed = 0


class CheckAsk(Ask):
    """Training data to check."""

    model_config = ConfigDict(json_schema_extra=_example(uploads=[_UPLOAD], hosts=["openai"], epochs=[2, 4]))

    uploads: SomeIds = Field(description="The training files; and those that are named below.")
    cases: FileName | None = Field(default=None, description="The upload that holds the eval's cases.")
    result: FileName | None = Field(
        default=None, description="The upload that is an eval's result on these cases."
    )
    logs: list[FileName] = Field(
        default=[], max_length=50, description="The uploads that are logs of production."
    )
    hosts: Words = Field(
        default=[], description="Where to train: openai, azure, vertex, together, fireworks, trl."
    )
    model: Word | None = Field(default=None, description="The base: its vocabulary, limits and price.")
    epochs: Passes = (2, 4)
    runs: Passes = (3, 10)
    format: Format = None
    columns: Columns = {}
    only: Words = Field(default=[], description="Run only these checks.")
    settings: dict[Word, Word] = Field(
        default={}, max_length=40, description='Other thresholds: `{"duplicates": "2%"}`.'
    )
    seed: Seed = 0


class ClaimsAsk(Ask):
    """Printed claims to work out again."""

    model_config = ConfigDict(json_schema_extra=_example(claims=None))

    claims: Claims | None = Field(
        default=None,
        description="A claims file as text (YAML). Null: the figures of five published documents.",
    )
