"""The same money, computed the straightforward way: whole arrays of draws × months, one cost line after the other.

Written from the formulas of the money model and from nothing else: it shares no code with ``breakeven.economics``.
It is the yardstick for speed, and the check that the fast way is the same way.

In here a column is (n, 1), one value for each draw, and a row (1, months); what they make is (n, months).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from breakeven.beliefs import Belief, Draws, Values
from breakeven.study.model import Candidate, Hosting, PriceSteps, Study, Training

__all__ = ["Reference", "simulate_whole_arrays"]

MTOK: Final = 1e6
HOURS_PER_MONTH: Final = 730.0
CONSEQUENCES: Final = ("errors", "latency_delay")

When = Literal["build", "month's start", "through the month", "model calls", "promised"]
"""When in a month it is paid: model calls flow through it too, and count towards what was promised to the provider."""
Payment = tuple[str, When, Values]
"""The line's key, when it is paid, and dollars in each month, (n, months)."""


@dataclass(kw_only=True)
class Reference:
    """One candidate; money in US dollars."""

    cost_usd: Values
    upfront_usd: Values
    monthly_usd: Values
    consequence_usd: Values
    value_usd: Values
    quality: Values
    break_even_months: Values
    lines_usd: dict[str, float]
    line_months_usd: dict[str, Values]
    cumulative_usd: Values
    """(n, months + 1)"""


class _Sums:
    """A candidate's payments, added up; (n, months), undiscounted."""

    def __init__(self, scene: _Scene) -> None:
        shape = (scene.draws.n, scene.study.horizon_months)
        self.build, self.starts, self.flows = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self.suffered, self.model_bill = np.zeros(shape), np.zeros(shape)
        self.discount = scene.discount
        self.line_usd: dict[str, float] = {}
        self.line_months: dict[str, Values] = {}

    def add(self, key: str, when: When, usd: Values) -> None:
        if key in CONSEQUENCES:
            self.suffered += usd
        elif when == "build":
            self.build += usd
        elif when == "month's start":
            self.starts += usd
        else:
            self.flows += usd
        if when == "model calls":
            self.model_bill += usd
        self.line_usd[key] = self.line_usd.get(key, 0.0) + float((usd * self.discount).sum(axis=1).mean())
        self.line_months[key] = self.line_months.get(key, 0.0) + np.atleast_2d(usd).mean(axis=0)


def simulate_whole_arrays(study: Study, draws: Draws) -> dict[str, Reference]:
    """Every candidate on these draws."""
    workload, t = study.workload, np.arange(1.0, study.horizon_months + 1)[None, :]
    discount = (1 + draws[study.discount][:, None]) ** (-(t - 1) / 12)
    calls = draws[workload.volume][:, None] * (1 + draws[workload.growth][:, None]) ** (t - 1)
    scene = _Scene(study=study, draws=draws, t=t, discount=discount, calls=calls)
    sums = {name: _add_up(scene, name) for name in study.candidates}
    todays = sums[study.today]
    return {name: _result(scene, name, ours, todays) for name, ours in sums.items()}


def _add_up(scene: _Scene, name: str) -> _Sums:
    sums, promised = _Sums(scene), []
    for key, when, usd in _Serving(scene, scene.study.candidates[name]).payments():
        if when == "promised":
            promised.append(usd)
        else:
            sums.add(key, when, usd)
    for usd in promised:
        sums.add("commitment", "through the month", np.maximum(0, usd - sums.model_bill))
    return sums


def _result(scene: _Scene, name: str, ours: _Sums, todays: _Sums) -> Reference:
    n, months = scene.draws.n, scene.study.horizon_months
    starts = (ours.build + ours.starts) * scene.discount
    flows = ours.flows * scene.discount
    cumulative = np.concatenate([starts[:, :1], np.cumsum(starts + flows, axis=1)], axis=1)
    year = min(12, months)
    quality = np.broadcast_to(_mean_quality(scene, scene.study.candidates[name]), (n, 1))
    value = scene.column(scene.study.workload.value) * quality
    return Reference(
        cost_usd=cumulative[:, -1], upfront_usd=ours.build.sum(axis=1),
        monthly_usd=(ours.starts + ours.flows)[:, :year].sum(axis=1) / year,
        consequence_usd=(ours.suffered * scene.discount).sum(axis=1),
        value_usd=(value * scene.calls * scene.discount).sum(axis=1), quality=quality[:, 0],
        break_even_months=np.zeros(n) if name == scene.study.today else _break_even(scene, ours, todays),
        lines_usd=ours.line_usd, line_months_usd=ours.line_months, cumulative_usd=cumulative,
    )  # fmt: skip


def _break_even(scene: _Scene, ours: _Sums, todays: _Sums) -> Values:
    """Follow the cumulative difference from each month's start, after what is paid there, to its end, and so on."""
    n, months = scene.draws.n, scene.study.horizon_months
    starts = (ours.build + ours.starts - todays.build - todays.starts) * scene.discount
    ends = np.cumsum(starts + (ours.flows - todays.flows) * scene.discount, axis=1)
    points = np.empty((n, 2 * months))
    points[:, 0] = starts[:, 0]
    points[:, 2::2] = ends[:, :-1] + starts[:, 1:]
    points[:, 1::2] = ends
    totals = [((who.build + who.starts + who.flows) * scene.discount).sum(axis=1) for who in (ours, todays)]
    dearer = points > 1e-12 * np.abs(totals).sum(axis=0)[:, None]
    last = 2 * months - 1 - np.argmax(dearer[:, ::-1], axis=1)
    month, each = last // 2, np.arange(n)
    fall = points[each, 2 * month] - points[each, 2 * month + 1]
    inside = month + points[each, 2 * month] / np.where(fall > 0, fall, 1.0)
    found: Values = np.where(last % 2 == 0, inside, month + 1.0)
    found[~dearer.any(axis=1)] = 0.0
    found[dearer[:, -1]] = np.inf
    return found


@dataclass(frozen=True, kw_only=True)
class _Scene:
    """What all candidates share."""

    study: Study
    draws: Draws
    t: Values
    """(1, months) 1, 2, 3 …"""
    discount: Values
    calls: Values
    """(n, months)"""

    def column(self, belief: Belief | None, otherwise: float = 0.0) -> Values:
        return np.array([[otherwise]]) if belief is None else self.draws[belief][:, None]

    def price_index(self, provider: str) -> Values:
        change = self.study.price_change.get(provider) or self.study.price_change.get("*")
        if isinstance(change, PriceSteps):
            path = self.draws.path(f"price_change.{provider}")
            return np.ones_like(self.t) if path is None else path.T
        index: Values = (1 + self.column(change)) ** ((self.t - 1) / 12)
        return index


@dataclass(frozen=True)
class _Serving:
    """A candidate that serves from month ``first`` to ``last`` and receives a share of the calls (GPUs count it)."""

    scene: _Scene
    c: Candidate
    first: int = 1
    last: int = 10**6
    load: Belief | None = None
    built: frozenset[str] = frozenset()
    """Candidates that an earlier phase has built."""

    def col(self, belief: Belief | None, otherwise: float = 0.0) -> Values:
        return self.scene.column(belief, otherwise)

    def payments(self) -> Iterator[Payment]:
        """Every line of the bill, and its consequences."""
        if self.c.kind == "hybrid":
            yield from self._hybrid()
        elif self.c.kind == "wait":
            yield from self._wait()
        else:
            yield from self.own()

    def own(self) -> Iterator[Payment]:
        yield from self.per_call()
        yield from self.standing()
        yield from self.builds()
        yield from self.events()
        yield from self.consequences()

    def _hybrid(self) -> Iterator[Payment]:
        """The small one whole, the large one's standing costs and a share of its calls, and work of its own."""
        small = replace(self, c=self._candidate(self.c.small))
        large = replace(self, c=self._candidate(self.c.large), load=self.c.escalate)
        yield from (payment for payment in small.payments() if payment[0] not in CONSEQUENCES)
        yield from large.standing()
        yield from large.builds()
        yield from large.events()
        for _, when, usd in large.per_call():
            yield "escalation", when, self.col(self.c.escalate) * usd
        yield from self.own()

    def _wait(self) -> Iterator[Payment]:
        """One candidate until the switch, the other from then on, and work of its own."""
        switch = self.c.switch_month or 1
        yield from replace(self, c=self._candidate(self.c.first), last=switch - 1).payments()
        built = self.built | self._parts(self.c.first)
        yield from replace(self, c=self._candidate(self.c.then), first=switch, built=built).payments()
        for part in (self.per_call, self.standing, self.builds, self.events):
            yield from part()

    def _parts(self, name: str | None) -> frozenset[str]:
        c = self._candidate(name)
        inner = [self._parts(part) for part in (c.small, c.large, c.first, c.then) if part is not None]
        return frozenset({c.name}).union(*inner)

    def _candidate(self, name: str | None) -> Candidate:
        assert name is not None
        return self.scene.study.candidates[name]

    @property
    def serving(self) -> NDArray[np.bool_]:
        return (self.scene.t >= self.first) & (self.scene.t <= self.last)

    # ------------------------------------------------------------------------------------ calls: lines 1–9, 21, 25

    def per_call(self) -> Iterator[Payment]:
        """Lines that follow the number of calls."""
        c, calls = self.c, self.scene.calls * self.serving
        index = self.scene.price_index(c.prices.provider if c.prices else "")
        if c.per_call is not None:
            yield "stated_calls", "model calls", calls * self.col(c.per_call) * index
        elif c.prices is not None and c.tokens is not None:
            retries = self.col(self.scene.study.workload.retries if c.retries is None else c.retries)
            attempts = calls * (1 + retries)
            for key, usd in self.token_parts():
                yield key, "model calls", attempts * usd * index
        if c.retrieval_queries is not None and c.retrieval_cost is not None:
            each = self.col(c.retrieval_queries) * self.col(c.retrieval_cost)
            yield "retrieval", "through the month", calls * each
        if c.guard_share is not None and c.guard_cost is not None:
            yield "guard", "through the month", calls * self.col(c.guard_share) * self.col(c.guard_cost)
        if c.log_cost is not None:
            yield "storage_logs", "through the month", calls * self.col(c.log_cost)
        if c.review_share is not None and c.review_hours is not None:
            hours = self.col(c.review_share) * self.col(c.review_hours)
            yield "review", "through the month", calls * hours * self.wage

    def token_parts(self) -> Iterator[tuple[str, Values]]:
        """Dollars for one attempt in month 1, lines 1–6, each (n, 1)."""
        c, p, k = self.c, self.c.prices, self.c.tokens
        assert p is not None
        assert k is not None
        static, tokens_in = self.col(k.static), self.col(k.static) + self.col(k.input)
        tokens_out, hit = self.col(k.output) + self.col(k.reasoning), self.hits(tokens_in)
        written = np.zeros_like(hit)
        if p.cache_write is not None:
            miss = np.where(hit > 0, 1 - np.minimum(1, hit * tokens_in / static), 0.0)
            written = miss * static * (self.col(p.cache_write) - self.col(p.input)) / MTOK
        fresh = tokens_in * (1 - hit) * self.col(p.input) / MTOK
        cached = tokens_in * hit * self.col(p.cached) / MTOK
        out = tokens_out * self.col(p.output) / MTOK
        tier_in, tier_cached, tier_out = self.tier_prices(tokens_in)
        region = self.col(p.region_factor, 1.0)
        read = tokens_in * ((1 - hit) * tier_in + hit * tier_cached) / MTOK
        full_in = region * (read + written)
        full_out = region * tokens_out * tier_out / MTOK
        batch = np.zeros((1, 1))
        if c.batch is not None and p.batch_input is not None and p.batch_output is not None:
            off_in = 1 - self.col(p.batch_input) / self.col(p.input)
            off_out = 1 - self.col(p.batch_output) / self.col(p.output)
            batch = -self.col(c.batch) * (off_in * full_in + off_out * full_out)
        yield "input", fresh
        yield "cache_reads", cached
        yield "cache_writes", written
        yield "output", out
        yield "tier_region", full_in + full_out - (fresh + cached + written + out)
        yield "batch", batch

    def hits(self, tokens_in: Values) -> Values:
        """The share of input tokens read from the cache."""
        c, p, k = self.c, self.c.prices, self.c.tokens
        if p is None or k is None or p.cached is None or (c.cached is None and c.hit_rate is None):
            return np.zeros((1, 1))
        static = self.col(k.static)
        share = self.col(c.cached) if c.cached is not None else self.col(c.hit_rate) * static / tokens_in
        return np.where(static < p.min_prefix_tokens, 0.0, share)

    def tier_prices(self, tokens_in: Values) -> tuple[Values, Values, Values]:
        """Input, cached and output price of a call this long."""
        p = self.c.prices
        assert p is not None
        found = self.col(p.input), self.col(p.cached), self.col(p.output)
        for tier in p.tiers:
            cached = self.col(tier.cached if tier.cached is not None and p.cached is not None else p.cached)
            prices = self.col(tier.input), cached, self.col(tier.output)
            over = tokens_in > tier.above_tokens
            found = (
                np.where(over, prices[0], found[0]),
                np.where(over, prices[1], found[1]),
                np.where(over, prices[2], found[2]),
            )
        return found

    # ------------------------------------------------------------------- by the month: lines 16–21, 26, 27, 32

    @property
    def wage(self) -> Values:
        return self.col(self.scene.study.wage)

    def standing(self) -> Iterator[Payment]:
        """Lines that come each month, whatever the number of calls; replicas follow it in steps."""
        for key, usd in self._standing():
            yield key, "through the month", usd * self.serving
        if self.c.commitment is not None:
            yield "commitment", "promised", self.col(self.c.commitment) * self.serving

    def _standing(self) -> Iterator[tuple[str, Values]]:
        c = self.c
        if c.labour.upkeep_hours is not None or c.labour.upkeep_usd is not None:
            key = "prompt_labour" if c.kind == "prompt" else "ml_labour"
            yield key, self.col(c.labour.upkeep_hours) * self.wage + self.col(c.labour.upkeep_usd)
        if c.hosting is not None:
            yield from self.hosting(c.hosting)
        if c.storage_gb is not None and c.storage_cost is not None:
            yield "storage_logs", self.col(c.storage_gb) * self.col(c.storage_cost)
        if c.incidents is not None:
            down = self.col(c.downtime_hours) * self.col(c.downtime_cost)
            yield "incidents", self.col(c.incidents) * (self.col(c.incident_hours) * self.wage + down)
        if c.compliance_monthly is not None:
            yield "compliance", self.col(c.compliance_monthly)
        if c.running is not None:
            yield "stated_running", self.col(c.running)

    def hosting(self, hosting: Hosting) -> Iterator[tuple[str, Values]]:
        gpus = hosting.gpus
        if hosting.usd_per_month is not None:
            yield "hosting", self.col(hosting.usd_per_month)
        if gpus is None:
            return
        mean_rps = self.scene.calls / (HOURS_PER_MONTH * 3600)
        peak_rps = mean_rps * self.col(self.scene.study.workload.peak_to_mean)
        if self.load is not None:
            peak_rps = peak_rps * self.col(self.load)
        replicas = np.maximum(1, np.ceil(peak_rps / self.col(gpus.rps) * (1 - 1e-12)))
        yield "hosting", replicas * HOURS_PER_MONTH * self.col(gpus.price)
        yield "spare_replicas", self.col(gpus.extra_replicas) * HOURS_PER_MONTH * self.col(gpus.price)
        if hosting.cold_starts is not None:
            hours = self.col(hosting.cold_starts) * self.col(hosting.cold_start_hours)
            yield "cold_starts", hours * self.col(gpus.price)

    # --------------------------------------------------------------- to make it: lines 10–17, 22, 23, 27, 31

    def builds(self) -> Iterator[Payment]:
        """Lines paid once."""
        for key, usd in self._builds():
            if self.c.name not in self.built:
                yield key, "build", usd * (self.scene.t == self.first)

    def _builds(self) -> Iterator[tuple[str, Values]]:
        c = self.c
        if c.training is not None and not c.trained_already:
            yield from self.training(c.training)
        if c.labour.guideline_hours is not None:
            yield "guidelines", self.col(c.labour.guideline_hours) * self.wage
        if c.labour.build_hours is not None or c.labour.build_usd is not None:
            key = "prompt_labour" if c.kind == "prompt" else "ml_labour"
            yield key, self.col(c.labour.build_hours) * self.wage + self.col(c.labour.build_usd)
        if c.compliance_once is not None:
            yield "compliance", self.col(c.compliance_once)
        if c.upfront is not None:
            yield "stated_upfront", self.col(c.upfront)

    def training(self, training: Training) -> Iterator[tuple[str, Values]]:
        run = self.run(training)
        yield "training", run
        yield "discarded_runs", np.maximum(0, self.col(training.runs) - 1) * run
        missing = np.maximum(0, self.col(training.examples) - self.col(training.labelled))
        yield "labels", missing * self.label(training)
        if training.synthetic_examples is not None:
            yield "synthetic", self.col(training.synthetic_examples) * self.col(training.synthetic_cost)
        if training.eval_cases is not None:
            yield "evaluation", self.evaluation(training)

    def run(self, training: Training) -> Values:
        if training.run_usd is not None:
            return self.col(training.run_usd)
        if training.gpu_hours is not None and training.gpu_price is not None:
            return self.col(training.gpu_hours) * self.col(training.gpu_price)
        if training.epochs is None or training.price is None:
            return np.zeros((1, 1))
        per_example = self.col(training.tokens_per_example)
        k = self.c.tokens
        if training.tokens_per_example is None and k is not None:
            per_example = self.col(k.static) + self.col(k.input) + self.col(k.output)
        mtok = self.col(training.epochs) * self.col(training.examples) * per_example / MTOK
        return mtok * (1 + self.col(training.validation)) * self.col(training.price)

    def label(self, training: Training) -> Values:
        return self.col(training.redundancy) * self.col(training.label_cost) * (1 + self.col(training.qa))

    def evaluation(self, training: Training) -> Values:
        if training.eval_cases is None:
            return np.zeros((1, 1))
        call = self.col(training.judge_cost)
        if self.c.per_call is not None:
            call = call + self.col(self.c.per_call)
        elif self.c.prices is not None and self.c.tokens is not None:
            for _, usd in self.token_parts():
                call = call + usd
        each = self.col(training.eval_label_cost) + self.col(training.runs) * call
        return self.col(training.eval_cases) * each

    def events(self) -> Iterator[Payment]:
        """Lines paid in the months of retraining and of forced migration."""
        c, t, training, retraining = self.c, self.scene.t, self.c.training, self.c.retraining
        if retraining is not None and retraining.every_months is not None:
            event = self.col(retraining.hours) * self.wage
            if training is not None:
                renewed = self.col(retraining.label_share) * self.col(training.examples)
                event = (
                    event + self.run(training) + renewed * self.label(training) + self.evaluation(training)
                )
            if retraining.event_usd is not None:
                event = self.col(retraining.event_usd)
            due = (t - self.first + 1) % retraining.every_months == 0
            yield "retraining", "month's start", event * (due & self.serving)
        if c.migration_months:
            move = self.col(c.migration_hours) * self.wage
            if training is not None:
                move = move + self.run(training) + self.evaluation(training)
            yield "migration", "month's start", move * (np.isin(t, c.migration_months) & self.serving)

    # ----------------------------------------------------------------------------------- lines 24 and 28

    def consequences(self) -> Iterator[Payment]:
        study, calls, c = self.scene.study, self.scene.calls * self.serving, self.c
        workload, todays = study.workload, study.candidates[study.today].latency
        if workload.error_cost is not None:
            wrong = calls * (1 - _quality(self.scene, c))
            yield "errors", "through the month", wrong * self.col(workload.error_cost)
        if workload.latency_cost is not None and c.latency is not None and todays is not None:
            slower = self.col(c.latency) - self.col(todays)
            yield "latency_delay", "through the month", calls * slower * self.col(workload.latency_cost)
        if workload.delay_benefit is not None and c.build_months is not None:
            late = np.maximum(0, self.col(c.build_months)) * self.col(workload.delay_benefit)
            if c.name not in self.built:
                yield "latency_delay", "build", late * (self.scene.t == self.first)


def _quality(scene: _Scene, c: Candidate) -> Values:
    """Share of right answers, (n, 1) or (1, 1)."""
    others, known = scene.study.candidates, c.quality
    if known.level is not None:
        return scene.column(known.level)
    if known.relative_to is not None:
        return _gained(_quality(scene, others[known.relative_to]), scene.column(known.gain))
    assert c.small is not None
    assert c.large is not None
    small, large = _quality(scene, others[c.small]), _quality(scene, others[c.large])
    handed = scene.column(c.escalate)
    catches = handed if c.catches is None else scene.column(c.catches)
    wrong_and_handed = np.minimum(catches * (1 - small), handed)
    right_and_handed = handed - wrong_and_handed
    mixed: Values = np.clip(small - right_and_handed + handed * large, 0, 1)
    return mixed


def _gained(base: Values, gain: Values) -> Values:
    """A gain is taken from the errors that are left, a loss from the right answers, each by an exponential."""
    up = 1 - (1 - base) * np.exp(-gain / (1 - base))
    down = base * np.exp(gain / base)
    found: Values = np.where(gain < 0, down, up)
    return found


def _mean_quality(scene: _Scene, c: Candidate) -> Values:
    """Over the horizon, weighted by calls."""
    if c.kind != "wait":
        return _quality(scene, c)
    assert c.first is not None
    assert c.then is not None
    before = scene.calls * (scene.t < (c.switch_month or 1))
    share = before.sum(axis=1, keepdims=True) / scene.calls.sum(axis=1, keepdims=True)
    first, then = (_mean_quality(scene, scene.study.candidates[name]) for name in (c.first, c.then))
    mixed: Values = share * first + (1 - share) * then
    return mixed
