"""What the API answers about evidence: logs, evals, training data, claims, prices and uploads."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from breakeven.web.api.answers import Closed, Open

__all__ = [
    "AuditedClaim",
    "Comparison",
    "DataAudit",
    "Held",
    "PricesFound",
    "Profile",
    "Repricing",
    "UploadOut",
]


class Band(Open):
    """An estimate with its 90% interval."""

    mean: float | None
    p05: float | None
    p95: float | None


class UseOf(Open):
    """Calls and dollars of one model, feature or day."""

    calls: int
    cost_usd: float | None


class Profile(Open):
    """A workload measured in logs. The keys of `breakeven profile --json`."""

    breakeven_profile: int
    calls: int
    first: str | None
    last: str | None
    span_days: float | None
    calls_per_month: Band | None
    warnings: list[str]
    sampling: float
    tokens: dict[str, Any] | None
    cost_usd: float | None
    cost_source: str | None
    models: dict[str, UseOf]
    outcomes: dict[str, dict[str, Any]]
    rejected: dict[str, int]
    files: list[dict[str, Any]]


class Money(Open):
    """Dollars, or a share, with the 90% interval that the assumptions leave open."""

    value: float
    low: float
    high: float


class Baseline(Open):
    """What the calls cost as they were made."""

    source: str
    calls: int
    cost_usd: float | None
    per_1000_calls_usd: float | None
    per_month_usd: Money | None
    models: dict[str, UseOf]
    unknown: dict[str, int]


class Alternative(Open):
    """The same calls on another model, or made another way."""

    name: str
    model: str
    kind: Literal["same", "prompt", "tuned"]
    calls: int
    cost_usd: Money | None
    per_1000_calls_usd: Money | None
    per_month_usd: Money | None
    parts_usd: dict[str, float]
    notes: list[str]
    price_source: str


class Repricing(Open):
    """The logged calls, priced again. The keys of `breakeven reprice --json`."""

    breakeven_reprice: int
    calls: int
    priced_calls: int
    not_priced: dict[str, int]
    prices_as_of: str
    baseline: Baseline
    alternatives: list[Alternative]
    assumptions: list[dict[str, str]]
    warnings: list[str]
    rejected: dict[str, int]


class Scored(Open):
    """One candidate's score, with its interval."""

    n: int
    n_clusters: int
    mean: float | None
    low: float | None
    high: float | None
    level: float | None
    method: str | None
    format_failures: int | None
    cost_usd: float | None


class Pair(Open):
    """Two candidates on the cases that both ran."""

    a: str
    b: str
    n: int
    difference: float | None
    low: float | None
    high: float | None
    level: float
    method: str
    p_b_better: float | None
    only_a: int | None
    only_b: int | None


class Comparison(Open):
    """Candidates on the same cases. The keys of `breakeven eval compare --json`."""

    level: float
    margin: float
    reference: str
    candidates: dict[str, Scored]
    pairs: list[Pair]
    unpaired: list[dict[str, Any]]
    notes: list[str]


class CheckVerdict(Open):
    """What one check says of the data."""

    check: str
    title: str
    verdict: Literal["pass", "fail", "cannot_tell"]
    because: str
    value: float | None
    low: float | None
    high: float | None
    threshold: float | None
    source: str
    rows_file: str | None


class DataAudit(Open):
    """Whether training data is ready. The keys of `breakeven data check --json`."""

    breakeven_data: int
    readiness: str
    rows: int
    rejected: dict[str, int]
    tokens: int | None
    checks: list[CheckVerdict]
    costs: list[dict[str, Any]]
    notes: list[str]


class AuditedClaim(Open):
    """A printed claim worked out again. The keys of `breakeven claims --json`."""

    id: str
    source: str
    statement: str
    printed: float | list[float] | None
    printed_text: str
    recomputed: float | list[float] | None
    unit: str
    verdict: Literal["holds", "fails", "underdetermined"]
    slip: str | None


class PriceSource(Open):
    """Where a price comes from, and its day."""

    kind: str
    reference: str
    date: str | None


class Price(Open):
    """What one host charges for one model, in dollars for a million tokens."""

    key: str
    provider: str
    mode: str
    input_usd_per_mtok: float
    output_usd_per_mtok: float
    cached_usd_per_mtok: float | None
    batch_input_usd_per_mtok: float | None
    batch_output_usd_per_mtok: float | None
    retires_on: str | None
    source: PriceSource


class PricesFound(Closed):
    """Models by parts of their name. The keys of `breakeven prices search --json`."""

    as_of: str
    found: int
    models: list[Price]


class UploadOut(Closed):
    """One upload, whole or on its way."""

    id: str
    name: str
    state: Literal["receiving", "ready"]
    received_bytes: int
    expected_bytes: int | None = Field(description="Null: the sender did not say.")
    sha256: str | None = Field(description="Null until it is whole.")


class Held(Closed):
    """What is kept of everybody, and how much may be."""

    uploads: int
    bytes: int
    most_uploads: int
    most_bytes: int
    most_bytes_of_one: int
