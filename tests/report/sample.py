"""Decisions made by hand, for the reports: one rich, one bare, one hostile.

The figures come from a small simulation of its own, so that means, percentiles, probabilities and fans agree with each
other as they do in a real decision.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np
from scipy import special

from breakeven.advice.decision import (
    Assumption,
    Branch,
    CandidateResult,
    CrossoverMap,
    Decision,
    Fan,
    Flip,
    GateResult,
    LineResult,
    Months,
    Purchase,
    Recommendation,
    RuleVerdict,
    Spread,
)
from breakeven.beliefs import Source, Values
from breakeven.study.model import CandidateKind

HOSTILE = "<script>alert(1)</script>[red]"
MONTHS = 36
N = 4000

PUBLISHED = Source(kind="published", reference="document 003, quality by task type", date=dt.date(2026, 4, 1))
QUOTED = Source(kind="quoted", reference="price book", date=dt.date(2026, 11, 20))
STATED = Source(kind="stated", reference="breakeven.yaml:9")
GUESS = Source(kind="guess", reference="no one has measured this")
MEASURED = Source(kind="measured", reference="evals/v14.json, 412 cases", date=dt.date(2026, 11, 3))

# key, number, title, consequence
LINES: Mapping[str, tuple[int, str, bool]] = {
    "input": (1, "Input tokens", False),
    "cache_reads": (2, "Cache reads", False),
    "output": (4, "Output and reasoning tokens", False),
    "escalation": (7, "Escalation to the large model", False),
    "training": (10, "Training", False),
    "labels": (12, "Labels", False),
    "evaluation": (15, "Evaluation", False),
    "prompt_labour": (16, "Prompt labour", False),
    "ml_labour": (17, "ML operations labour", False),
    "hosting": (18, "Hosting", False),
    "retraining": (22, "Retraining", False),
    "migration": (23, "Forced migration", False),
    "errors": (24, "Errors", True),
}


def spread(draws: Values) -> Spread:
    """Mean and 90% interval of draws."""
    return Spread(
        mean=float(np.mean(draws)), p05=float(np.quantile(draws, 0.05)), p95=float(np.quantile(draws, 0.95))
    )


def months(draws: Values) -> Months:
    """Percentiles of draws in which infinity stands for never."""
    at = {p: float(np.quantile(draws, p, method="inverted_cdf")) for p in (0.05, 0.5, 0.95)}
    p05, p50, p95 = (None if np.isinf(v) else v for v in at.values())
    return Months(p_never=float(np.mean(np.isinf(draws))), p05=p05, p50=p50, p95=p95)


# Square roots of primes: their multiples fill the unit interval evenly and independently of each other.
_STEPS = np.sqrt([2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47])


def _scores(k: int) -> Values:
    """(N,) standard normal scores of input ``k``, the same under every version of NumPy."""
    scores: Values = special.ndtri(((np.arange(N) + 0.5) * _STEPS[k]) % 1.0)
    return scores


class _World:
    """4,000 worlds for five candidates."""

    def __init__(self) -> None:
        self.volume = np.exp(np.log(900e3) + 0.25 * _scores(0))
        self.error_cost = np.exp(np.log(0.08) + 0.45 * _scores(1))
        self.growth = 0.012 + 0.008 * _scores(2)
        self.t = np.arange(1, MONTHS + 1)
        self.discount = 1.1 ** (-(self.t - 1) / 12)
        self.calls = self.volume[:, None] * (1 + self.growth[:, None]) ** (self.t - 1)
        level = _scores(3)
        self.quality = {
            "prompt": 0.897 + 0.012 * level,
            "small": 0.871 + 0.012 * level + 0.006 * _scores(4),
            "tuned": 0.921 + 0.006 * level + 0.021 * _scores(5),
        }
        self.quality["hybrid"] = 0.85 * self.quality["tuned"] + 0.15 * self.quality["prompt"] + 0.011
        self.quality["selfhost"] = self.quality["tuned"] - 0.004
        self.scale = np.exp(0.18 * np.stack([_scores(k) for k in range(6, 14)], axis=1))

    def lines(self, name: str) -> dict[str, Values]:
        """Mean-free (N, months) cost of each line."""
        flat = np.ones((N, MONTHS))
        first = np.zeros((N, MONTHS))
        first[:, 0] = 1.0
        quarter = flat * (self.t % 3 == 0)
        s = self.scale
        token_price = {
            "prompt": 2.6e-3,
            "small": 0.62e-3,
            "tuned": 0.35e-3,
            "hybrid": 0.35e-3,
            "selfhost": 0.0,
        }[name]
        lines = {
            "input": self.calls * token_price * 0.5,
            "cache_reads": self.calls * token_price * (0.3 if name in {"prompt", "small"} else 0.0),
            "output": self.calls * token_price * 0.2,
            "errors": self.calls
            * (1 - np.clip(self.quality[name], 0, 1))[:, None]
            * self.error_cost[:, None],
        }
        if name in {"prompt", "small"}:
            lines["prompt_labour"] = 760 * s[:, :1] * flat + (
                7200 * s[:, 1:2] * first if name == "small" else 0
            )
            return lines
        lines |= {
            "labels": 9800 * s[:, 2:3] * first,
            "training": 1900 * s[:, 3:4] * first,
            "evaluation": 2600 * s[:, 4:5] * first,
            "ml_labour": (5200 * first + (1180 if name != "selfhost" else 2900) * flat) * s[:, 5:6],
            "hosting": (1241.0 if name != "selfhost" else 6270.0) * flat,
            "retraining": 1450 * s[:, 6:7] * quarter,
            "migration": 6400 * s[:, 7:8] * (self.t == 15),
        }
        if name == "hybrid":
            lines["escalation"] = 0.15 * self.calls * 2.6e-3
        return lines


def _summed(lines: Mapping[str, Values], *, consequence: bool) -> Values:
    """(N, months), the bill or the consequences."""
    chosen = [v for key, v in lines.items() if LINES[key][2] == consequence]
    total: Values = np.sum(chosen, axis=0)
    return total


def _break_even(cumulative: Values, today: Values) -> Values:
    """(N,) first month from which the cumulative cost stays below today's; infinity for never."""
    below = cumulative < today
    stays = np.flip(np.logical_and.accumulate(np.flip(below, axis=1), axis=1), axis=1)
    first = np.argmax(stays, axis=1) + 1.0
    return np.where(stays[:, -1], first, np.inf)


KINDS: Mapping[str, CandidateKind] = {
    "prompt": "prompt", "small": "prompt", "tuned": "tuned", "hybrid": "hybrid", "selfhost": "tuned",
}  # fmt: skip
DESCRIBE = {
    "prompt": "openai/gpt-4.1, 2600+400 → 60 tokens",
    "small": "openai/gpt-4.1-mini, 2600+400 → 60 tokens",
    "tuned": "azure/gpt-4.1-mini tuned on 6,000 examples, 400+400 → 60 tokens",
    "hybrid": "tuned, 10%..20% handed to prompt",
    "selfhost": "qwen3-8b LoRA on 2 × H100, 400+400 → 60 tokens",
}
QUALITY = {
    "prompt": "measured, 412 cases (evals/v14.json), corrected for choosing the best of 14 prompts",
    "small": "measured, 412 cases (evals/small-v3.json), paired with prompt",
    "tuned": "published, document 003: multi-label classification, widened",
    "hybrid": "derived from tuned and prompt",
    "selfhost": "published, document 003: multi-label classification, widened",
}


def _candidates(world: _World) -> dict[str, CandidateResult]:
    names = list(KINDS)
    lines = {name: world.lines(name) for name in names}
    bills = {name: _summed(lines[name], consequence=False) for name in names}
    wrong = {name: _summed(lines[name], consequence=True) for name in names}
    cost = {name: bills[name] @ world.discount for name in names}
    consequence = {name: wrong[name] @ world.discount for name in names}
    benefit = {name: -(cost[name] + consequence[name]) for name in names}
    best = np.max(list(benefit.values()), axis=0)
    cumulative = {name: np.cumsum(bills[name] * world.discount, axis=1) for name in names}
    results = {}
    for name in names:
        built = np.clip(bills[name][:, 0] - bills[name][:, 1], 0, None) * (name != "prompt")
        steady = bills[name][:, 1:12].mean(axis=1)
        start = np.concatenate([built[:, None], cumulative[name]], axis=1)
        low, middle, high = np.quantile(start, [0.05, 0.5, 0.95], axis=0)
        difference = benefit[name] - benefit["prompt"]
        # The fixed part of its cost over what each call saves: the volume at which it costs the same.
        fixed = (
            cost[name]
            - world.volume * _variable(lines[name], world)
            - (cost["prompt"] - world.volume * _variable(lines["prompt"], world))
        )
        saved = _variable(lines["prompt"], world) - _variable(lines[name], world)
        with np.errstate(divide="ignore", invalid="ignore"):
            volume = np.where((saved > 0) & (fixed > 0), fixed / saved, np.inf)
        results[name] = CandidateResult(
            name=name, kind=KINDS[name], describe=DESCRIBE[name], cost=spread(cost[name]),
            upfront=spread(built), monthly=spread(steady), consequence=spread(consequence[name]),
            net_benefit_vs_today=spread(difference), quality=spread(np.clip(world.quality[name], 0, 1)),
            quality_source=QUALITY[name], extrapolated=name in {"tuned", "hybrid", "selfhost"},
            p_best=float(np.mean(benefit[name] == best)),
            p_cheaper_than_today=float(np.mean(cost[name] < cost["prompt"])),
            p_better_than_today=float(np.mean(difference > 0)),
            p_target=float(np.mean(world.quality[name] >= 0.93)),
            regret_usd=float(np.mean(best - benefit[name])),
            break_even=months(_break_even(cumulative[name], cumulative["prompt"])),
            break_even_volume=months(volume),
            lines=tuple(
                LineResult(key=key, number=LINES[key][0], title=LINES[key][1],
                           usd=float(np.mean(lines[name][key] @ world.discount)),
                           by_month_usd=lines[name][key].mean(axis=0), consequence=LINES[key][2])
                for key in LINES if key in lines[name]
            ),
            fan=Fan(p05=low, p50=middle, p95=high), net_benefit_draws=difference,
        )  # fmt: skip
    return results


def _variable(lines: Mapping[str, Values], world: _World) -> Values:
    """(N,) discounted cost over the horizon for each call a month in month 1."""
    by_call = [v for key, v in lines.items() if key in {"input", "cache_reads", "output", "escalation"}]
    total: Values = np.sum(by_call, axis=0) @ world.discount / world.volume
    return total


FLIPS = (
    Flip(input="candidates.tuned.quality.gain", kind="points", at=0.0113, unit="share", direction="below", to="prompt",
         p=0.29, low=-31_400, high=12_000),
    Flip(input="workload.errors.cost", kind="money per error", at=0.044, unit="usd", direction="below", to="prompt",
         p=0.10, low=-4_800, high=11_900),
    Flip(input="candidates.prompt.quality", kind="share", at=0.911, unit="share", direction="above", to="prompt",
         p=0.13, low=10_400, high=-9_200),
    Flip(input="workload.volume", kind="volume", at=618_000, unit="calls/month", direction="below", to="prompt",
         p=0.06, low=-2_100, high=13_700),
    Flip(input="candidates.hybrid.escalate", kind="share", at=0.193, unit="share", direction="above", to="tuned",
         p=0.07, low=13_800, high=-1_200),
)  # fmt: skip

RULES = (
    RuleVerdict(rule="000-gate", title="Earn the right to fine-tune", source="document 000", verdict="prompt",
                because="900K calls/month is below 1M; the smaller model has been tried", agrees=False),
    RuleVerdict(rule="001-questions", title="Five questions", source="document 001", verdict="prompt",
                because="no labelled data yet: 6,000 examples would have to be labelled", agrees=False),
    RuleVerdict(rule="001-volume", title="Volume rule", source="document 001", verdict="tune",
                because="900K calls/month is at least 100K", agrees=True),
    RuleVerdict(rule="002-conditions", title="Four conditions", source="document 002", verdict="cannot tell",
                because="the study does not say whether a team can keep the pipeline (facts.ml_team)", agrees=None),
    RuleVerdict(rule="003-volume", title="Volume table", source="document 003", verdict="tune",
                because="29.6K requests/day lies in 10K to 100K", agrees=True),
    RuleVerdict(rule="003-tree", title="Decision tree", source="document 003", verdict="prompt",
                because="the gap to the target is 3.3 points, not more than 5", agrees=False),
    RuleVerdict(rule="004-tree", title="Decision tree", source="document 004", verdict="tune",
                because="2.75B tokens/month is more than 10M", agrees=True),
)  # fmt: skip

GATES = (
    GateResult(gate="Evaluation cases", met=True, have="412", need="at least 100", source="document 000"),
    GateResult(gate="Prompt iterations", met=True, have="14", need="at least 10", source="document 000"),
    GateResult(gate="Retrieval tried", met=None, have="not stated", need="tried", source="document 000"),
    GateResult(
        gate="Smaller model tried", met=True, have="tried: small", need="tried", source="document 000"
    ),
    GateResult(gate="Labelled examples", met=False, have="180", need="at least 500", source="document 002"),
)

ASSUMPTIONS = (
    Assumption(input="workload.volume", value="596K calls/month .. 1.36M calls/month", low=596e3, centre=900e3,
               high=1.36e6, unit="calls/month", source=STATED),
    Assumption(input="workload.growth", value="−0.1%/month .. 2.5%/month", low=-0.001, centre=0.012, high=0.025,
               unit="share a month", source=STATED),
    Assumption(input="workload.errors.cost", value="$0.04 an error .. $0.17 an error", low=0.038, centre=0.08,
               high=0.168, unit="usd", source=GUESS),
    Assumption(input="workload.errors.target", value="93%", low=0.93, centre=0.93, high=0.93, unit="share",
               source=STATED),
    Assumption(input="candidates.prompt.quality", value="87.7% .. 91.7%", low=0.877, centre=0.897, high=0.917,
               unit="share", source=MEASURED),
    Assumption(input="candidates.tuned.quality.gain", value="−1 points .. 5.8 points", low=-0.010, centre=0.024,
               high=0.058, unit="share", source=PUBLISHED),
    Assumption(input="candidates.tuned.label_cost", value="$0.50/example .. $4.00/example", low=0.5, centre=1.41,
               high=4.0, unit="usd", source=STATED),
    Assumption(input="candidates.tuned.runs", value="3 .. 10", low=3, centre=5.5, high=10, unit="",
               source=Source(kind="published", reference="document 000")),
    Assumption(input="candidates.hybrid.escalate", value="10% .. 20%", low=0.10, centre=0.142, high=0.20, unit="share",
               source=STATED),
    Assumption(input="prices.openai.gpt-4.1.input", value="$2.00/1M tokens", low=2.0, centre=2.0, high=2.0,
               unit="usd/1M tokens", source=QUOTED),
    Assumption(input="prices.azure.gpt-4.1-mini.hosting", value="$1.70/hour", low=1.7, centre=1.7, high=1.7,
               unit="usd/hour", source=QUOTED),
    Assumption(input="prices.openai.change", value="−40%/year .. 8%/year", low=-0.40, centre=-0.18, high=0.08,
               unit="share a year", source=PUBLISHED),
    Assumption(input="wage", value="$80.00/hour .. $140/hour", low=80, centre=106, high=140, unit="usd/hour",
               source=STATED),
    Assumption(input="discount", value="10%/year", low=0.10, centre=0.10, high=0.10, unit="share a year",
               source=STATED),
)  # fmt: skip


def _crossover() -> CrossoverMap:
    volumes = np.geomspace(60e3, 4e6, 25)
    costs = np.geomspace(0.01, 0.6, 17)
    rows = []
    for cost in costs:
        gains = {
            "prompt": np.zeros(volumes.size),
            "small": volumes * 36 * (1.98e-3 - 0.026 * cost) - 7200,
            "hybrid": volumes * 36 * (1.86e-3 + 0.031 * cost) - 118_000,
            "tuned": volumes * 36 * (2.25e-3 + 0.024 * cost) - 116_000,
        }
        table = np.array(list(gains.values()))
        rows.append(tuple(list(gains)[k] for k in np.argmax(table, axis=0)))
    return CrossoverMap(
        input="workload.errors.cost",
        kind="money per error",
        volumes=volumes,
        values=costs,
        winner=tuple(rows),
    )


@cache
def rich(name: str = "Loan documents") -> Decision:
    """Five candidates, three of them extrapolated, one that never breaks even."""
    candidates = _candidates(_World())
    chosen = candidates["hybrid"]
    return Decision(
        study=name, seed=0, draws=100_000, start=dt.date(2026, 12, 1), horizon_months=MONTHS, discount="10%/year",
        task="multi-label-classification", today="prompt",
        recommendation=Recommendation(
            candidate="hybrid", action="measure first",
            headline="Do not commit yet. Buy the $1,500 pilot fine-tune of tuned.",
            p_best=chosen.p_best, expected_regret_usd=chosen.regret_usd,
            reasons=(
                "hybrid makes 3.1 points fewer errors than prompt; at $0.08 each that is worth $76K over 36 months",
                "its bill is larger than today's in most draws: hosting and upkeep outweigh the cheaper tokens",
                "the quality of a fine-tune is a published figure, not yours: 29% of draws put it below what is needed",
            ),
            enough_evidence=False,
            missing_evidence=("an evaluation of one tuned model on the same 412 cases",
                              "an error cost that is measured or stated"),
        ),
        candidates=candidates, rules=RULES, gates=GATES, flips=FLIPS, evpi_usd=chosen.regret_usd,
        evppi_usd={"candidates.tuned.quality.gain": 3_900.0, "workload.errors.cost": 2_150.0,
                   "candidates.prompt.quality": 310.0, "workload.volume": 220.0},
        buy_next=_purchases(), crossover=_crossover(), assumptions=ASSUMPTIONS,
        not_counted={
            "prompt": ("retrieval and tools", "inline guard", "incidents"),
            "small": ("retrieval and tools", "inline guard", "incidents"),
            "tuned": ("retrieval and tools", "inline guard", "incidents", "compliance"),
            "hybrid": ("retrieval and tools", "inline guard", "incidents", "compliance"),
            "selfhost": ("retrieval and tools", "inline guard", "incidents", "compliance", "cold starts"),
        },
        notes=(
            "tuned: quality is EXTRAPOLATED from a published table; no fine-tune has been run on your cases",
            "azure/gpt-4.1-mini retires on 2028-02-14: a forced migration is counted in month 15",
            "the price book is 11 days old",
        ),
        error_cost_stated=True, target="93%", prices_as_of="2026-11-20, LiteLLM 1.92.3 and Azure retail prices",
    )  # fmt: skip


def _purchases() -> tuple[Purchase, ...]:
    """One that is worth it, one that tells nothing, and one whose cost is not known."""
    same = "over prompt on the same 400 cases"
    pilot = Purchase(
        kind="pilot", what="pilot fine-tune of tuned on 500 labels", ask="the {cost} pilot fine-tune of tuned",
        informs=("candidates.tuned.quality",), value_usd=3_600.0, value_raw_usd=3_700.0, standard_error_usd=120.0,
        cost_usd=1_500.0, delay_usd=380.0, net_usd=1_720.0, days=11.0, worth_it=True, because="", state=(),
        rule=(
            Branch(condition=f"pilot gains < +0.8 points {same}", low=None, high=0.008, candidate="small", p=0.36),
            Branch(condition=f"pilot gains ≥ +0.8 points {same}", low=0.008, high=None, candidate="hybrid", p=0.64),
        ),
        regret_after_usd=4_890.0,
    )  # fmt: skip
    cases = replace(
        pilot, kind="eval-cases", what="200 more eval cases", informs=("candidates.prompt.quality",), value_usd=0.0,
        value_raw_usd=0.0, standard_error_usd=0.0, cost_usd=2_000.0, net_usd=-2_190.0, delay_usd=190.0, worth_it=False,
        because="eval error is shared and cancels: tuned is believed relative to what is scored", rule=(),
    )  # fmt: skip
    trial = replace(
        cases, kind="pilot", what="trial of small", informs=("candidates.small.quality",), value_usd=2_300.0,
        standard_error_usd=150.0, cost_usd=None, net_usd=None, state=("candidates.small.label_cost",),
        because="cost unknown: state candidates.small.label_cost",
    )  # fmt: skip
    return (pilot, cases, trial)


@cache
def hostile() -> Decision:
    """The rich decision with names and texts that try to break out of the page."""
    decision = rich(HOSTILE)
    evil = '</svg><img src=x onerror=alert(2)>"|`[bold]\x1b[31m\u202e'
    renamed = {evil if n == "selfhost" else n: replace(c, name=evil) if n == "selfhost" else c
               for n, c in decision.candidates.items()}  # fmt: skip
    r = decision.recommendation
    return replace(
        decision,
        candidates=renamed,
        buy_next=tuple(replace(p, what=p.what + evil, because=p.because and evil) for p in decision.buy_next),
        notes=(
            *decision.notes,
            "see https://example.org/<b>x</b> \x07 [link=https://evil.example]here[/link]",
        ),
        recommendation=replace(
            r, reasons=(*r.reasons, "</details><style>*{display:none}</style>\nnext line")
        ),
    )


@cache
def bare() -> Decision:
    """The least there can be: two candidates, one world, nothing stated that can be left out; today stays."""
    decision = rich("Ticket triage")
    point = {name: _at_one(decision.candidates[name]) for name in ("prompt", "tuned")}
    return replace(
        decision,
        draws=1,
        candidates=point,
        recommendation=Recommendation(
            candidate="prompt", action="keep", headline="Keep prompt: nothing else pays within 36 months.", p_best=1.0,
            expected_regret_usd=0.0, reasons=("tuned costs $46.2K more over 36 months",), enough_evidence=False,
            missing_evidence=("a cost of an error",),
        ),
        rules=(), gates=(), flips=(), evpi_usd=0.0, evppi_usd={}, buy_next=(), crossover=None,
        assumptions=ASSUMPTIONS[:2], not_counted={}, notes=(), error_cost_stated=False, target=None,
    )  # fmt: skip


def _at_one(c: CandidateResult) -> CandidateResult:
    def flat(s: Spread) -> Spread:
        return Spread(mean=s.mean, p05=s.mean, p95=s.mean)

    never = Months(p_never=1.0, p05=None, p50=None, p95=None)
    today = c.name == "prompt"
    return replace(
        c, cost=flat(c.cost), upfront=flat(c.upfront), monthly=flat(c.monthly),
        consequence=Spread(mean=0, p05=0, p95=0),
        net_benefit_vs_today=Spread(mean=0, p05=0, p95=0) if today else Spread(mean=-46_200, p05=-46_200, p95=-46_200),
        quality=flat(c.quality), p_best=float(today), p_cheaper_than_today=0.0, p_better_than_today=0.0, p_target=None,
        regret_usd=0.0 if today else 46_200.0, break_even=never, break_even_volume=never,
        fan=Fan(p05=c.fan.p50, p50=c.fan.p50, p95=c.fan.p50), net_benefit_draws=np.array([0.0 if today else -46_200.0]),
        lines=tuple(line for line in c.lines if not line.consequence),
    )  # fmt: skip
