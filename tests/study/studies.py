"""Studies that the tests of this folder open: the smallest, and one that holds every key."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from breakeven.errors import StudyError
from breakeven.prices import ContextTier, ModelPrice, PriceBook, TuningOffer, load_book
from breakeven.sources import Source
from breakeven.study import parse_study
from breakeven.study.model import Study

TODAY = dt.date(2026, 11, 22)
QUOTED = Source(kind="quoted", reference="a test's list", date=dt.date(2026, 11, 1))

# The key stands for a provider's own model; every price is one that no other has.
LARGE = ModelPrice(
    key="openai/test-large", provider="openai", input_usd_per_mtok=2.0, output_usd_per_mtok=8.0,
    cached_usd_per_mtok=0.5, batch_input_usd_per_mtok=1.0, batch_output_usd_per_mtok=4.0,
    region_uplift={"eu": 1.1}, source=QUOTED,
)  # fmt: skip
SMALL = ModelPrice(
    key="openai/test-small", provider="openai", input_usd_per_mtok=0.4, output_usd_per_mtok=1.6,
    tiers=(ContextTier(above_tokens=200_000, input_usd_per_mtok=0.8, output_usd_per_mtok=2.4),),
    retires_on=dt.date(2027, 6, 15), source=QUOTED,
)  # fmt: skip
EMBEDDER = ModelPrice(
    key="openai/test-embedder", provider="openai", mode="embedding", input_usd_per_mtok=0.1,
    output_usd_per_mtok=0.0, source=QUOTED,
)  # fmt: skip
CLAUDE = ModelPrice(
    key="anthropic/test-claude", provider="anthropic", input_usd_per_mtok=3.0, output_usd_per_mtok=15.0,
    cached_usd_per_mtok=0.3, cache_write_usd_per_mtok=3.75, cache_min_tokens=2048, source=QUOTED,
)  # fmt: skip


def _offer(base: str, **more: object) -> TuningOffer:
    inference = ModelPrice(
        key=f"{base}:tuned", provider=base.partition("/")[0], input_usd_per_mtok=0.6, output_usd_per_mtok=2.4,
        cached_usd_per_mtok=0.15, source=QUOTED,
    )  # fmt: skip
    given = {
        "training_usd_per_mtok": 5.0,
        "hosting_usd_per_hour": 1.7,
        "method": "sft",
        "source": QUOTED,
    } | more
    return TuningOffer(base=base, inference=inference, **given)  # type: ignore[arg-type]


OPEN_OFFER = _offer("azure/test-base")
CLOSED_OFFER = _offer("azure/test-closed", train_until=dt.date(2026, 11, 30))
HOURLY_OFFER = _offer("azure/test-hourly", training_usd_per_mtok=None, training_usd_per_hour=100.0)


def book() -> PriceBook:
    """The packaged book, and models whose prices no update can change."""
    made = load_book()
    for price in (LARGE, SMALL, EMBEDDER, CLAUDE):
        made = made.with_model(price)
    for offer in (OPEN_OFFER, CLOSED_OFFER, HOURLY_OFFER):
        made = made.with_tuning(offer)
    return made


BOOK = book()

SMALLEST = """\
name: Smallest
workload:
  task: ner
  volume: 10K/day
  tokens: {static: 2600, input: 400, output: 60}
today: prompt
candidates:
  prompt: {kind: prompt, model: openai/test-large}
"""


def study(text: str, folder: Path | None = None) -> Study:
    """The study in a text."""
    return parse_study(text, today=TODAY, book=BOOK, folder=folder)


def with_lines(text: str, *lines: str) -> str:
    """The text with these lines at its end."""
    return text + "".join(f"{line}\n" for line in lines)


def smallest(candidates: str = "", top: str = "", workload: str = "") -> str:
    """The smallest study with more candidates (each one line), keys at the top, and keys of the workload."""
    text = SMALLEST.replace("workload:\n", f"{top}workload:\n" + (f"  {workload}\n" if workload else ""))
    return with_lines(text, *(f"  {line}" for line in candidates.splitlines()))


def problems(text: str, folder: Path | None = None) -> list[str]:
    """Everything that is wrong with a study, as it is printed; empty where it opens."""
    try:
        study(text, folder)
    except StudyError as exc:
        return [str(problem) for problem in exc.problems]
    return []


EVERYTHING = """\
name: Everything
start: 2027-02
horizon: 3 years
discount: 8%..12%/year
wage: {value: $100..$160/hour, source: measured, reference: payroll, date: 2026-10-01}
price_change: {openai: steps, "*": -10%..0%/year}
today: prompt
workload:
  task: custom-extraction
  profile: evidence/profile.json
  volume: 8M calls/month
  growth: 0%..3%/month
  tokens: {static: 2600, input: {triangular: [300, 400, 700]}, output: 60, reasoning: 0}
  retries: 1%..4%
  peak_to_mean: 2..6
  errors:
    target: 93%
    kinds:
      wrong amount: {share: 20%, cost: $5..$20}
      missing field: {share: 80%, cost: $0.50}
  value: $0.02
  latency_cost: $0.0001..$0.0003/s
  delay_benefit: $2,000/month
candidates:
  prompt:
    kind: prompt
    model: openai/test-large
    tokens: {output: 80}
    retries: 2%
    hit_rate: 60%..90%
    batch: 0%..20%
    region: eu
    build: 40..80 hours
    upkeep: 4..10 hours/month
    quality: {eval: evidence/large.csv, date: 2026-10-12}
    retrieval: {queries: 1..2, cost: $0.0004/call}
    guard: {share: 100%, cost: $0.0001/call}
    storage: {size: 40 GB, price: $0.02/GB/month}
    logging: $0.00001/call
    review: {share: 1%..2%, time: 3 minutes}
    incidents: {rate: 1..4/year, hours: 4..10 hours, downtime: 1..3 hours, downtime_cost: $500/hour}
    compliance: {once: $5K, yearly: $12K/year}
    latency: 800..1500 ms
    build_time: 3..5 weeks
    commitment: $1,000/month
    migration: 20..60 hours
    retires_on: 2028-03-01
    shots: 5
    structured_output: true
  small:
    kind: prompt
    model: acme/mini
    cached: 0%
    quality: {eval: evidence/small.csv}
    upkeep: $500/month
  summed:
    kind: prompt
    per_call: $0.0021/call
    upfront: $20K..$60K
    running: $24,000/year
    quality: {normal: 80%..90%, source: guess, reference: a hunch}
  tuned:
    kind: tuned
    base: azure/test-base
    examples: 6000
    labelled: 1000
    label_cost: {triangular: [$0.50, $1, $4]}
    redundancy: 1..3
    qa: 10%
    guidelines: 10..40 hours
    runs: 3..10
    epochs: 2..4
    tokens_per_example: 900
    training: $5/1M tokens
    validation: 10%
    synthetic: {examples: 2000, cost: $0.01..$0.03}
    evaluation: {cases: 300, label_cost: $2..$6, judge_cost: $0.01}
    retrain: {every: 6 months, labels: 30%..50%, hours: {draws: evidence/hours.csv}}
    hosting: $1.70/hour
    tokens: {static: 100..400}
    build: $5K
    quality: {beta: [93, 7]}
    latency: 400..700 ms
  own:
    kind: tuned
    base: self/qwen3-8b
    training: {gpu: $2..$5/hour, hours: 4..20 hours}
    hosting:
      gpu: lambda/h100-80gb
      model: qwen3-8b
      tokens_in: 1024
      tokens_out: 128
      precision: bf16
      extra: 0..1
      cold_starts: {rate: 30/month, time: 3 minutes}
    retrain: never
    incidents: {rate: {uniform: 1..4/year}}
  classifier:
    kind: classifier
    base: setfit
    per_call: {lognormal: $0.000001..$0.00002/call}
    examples: 2000
    training: $0.50
    quality: 84%..90%
  hybrid: {kind: hybrid, small: tuned, large: prompt, escalate: 10%..20%, catches: 40%..70%, upkeep: 1..3 hours/month}
  later: {kind: wait, now: prompt, later: tuned, at: month 7}
prices:
  acme/mini:
    {input: $0.10..$0.20/1M tokens, output: $0.60/1M tokens, source: quoted, reference: offer 17, date: 2026-11-03}
  openai/test-large: {cached: $0.40/1M tokens, retires_on: never}
facts:
  ml_team: yes
  accuracy_critical: false
  domain_changes: quarterly
  prompt_iterations: 14
  smaller_model_tried: true
  motive: cost
  months_in_production: 8 months
  budget_usd_per_month: $5K/month
  deployment: cloud
"""


def write_evidence(folder: Path) -> Path:
    """The files that EVERYTHING names."""
    evidence = folder / "evidence"
    evidence.mkdir(parents=True, exist_ok=True)
    profile = {
        "calls": 1000, "first": "2026-09-01", "last": "2026-10-31",
        "calls_per_month": {"mean": 5e6, "p05": 4.5e6, "p95": 5.5e6},
        "tokens": {"input": {"mean": 3000.0}, "output": {"mean": 61.5}},
    }  # fmt: skip
    (evidence / "profile.json").write_text(json.dumps(profile))
    (evidence / "large.csv").write_text(scores(80, wrong=8))
    (evidence / "small.csv").write_text(scores(80, wrong=12))
    (evidence / "hours.csv").write_text("hours\n" + "\n".join(str(4 + n % 7) for n in range(30)))
    return folder


def scores(n: int, *, wrong: int, first: int = 0) -> str:
    """A CSV of ``n`` scored cases, the first ``wrong`` of them 0."""
    rows = [f"case-{first + i},{0 if i < wrong else 1}" for i in range(n)]
    return "\n".join(["id,score", *rows]) + "\n"
