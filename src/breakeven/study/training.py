"""How a tuned model or a classifier is made and made again: examples, labels, runs, evaluation, retraining."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from breakeven.beliefs import Belief, Source, point
from breakeven.prices import TrainingRate, TuningOffer
from breakeven.quantities import KINDS
from breakeven.study.candidate_file import (
    ClassifierFile,
    EvaluationFile,
    RetrainFile,
    TrainingFile,
    TunedFile,
)
from breakeven.study.context import Context
from breakeven.study.defaults import default
from breakeven.study.given import Given
from breakeven.study.hosting import gpu_price
from breakeven.study.model import Retraining, Training
from breakeven.study.training_data import rows_of, tokens_of
from breakeven.yaml_places import Path, dotted

__all__ = ["resolve_retraining", "resolve_training"]

_PARTS: Final = (
    "examples", "labelled", "label_cost", "redundancy", "qa", "runs", "training", "synthetic", "evaluation",
    "epochs", "tokens_per_example", "validation",
)  # fmt: skip
_IN_UPFRONT: Final = "inside `upfront`"


@dataclass(frozen=True, kw_only=True)
class _Maker:
    """The training of one candidate, being resolved."""

    ctx: Context
    at: Path
    file: TunedFile | ClassifierFile
    offer: TuningOffer | None

    @property
    def is_classifier(self) -> bool:
        return isinstance(self.file, ClassifierFile)

    @property
    def lump(self) -> bool:
        """Whether all that is spent before the first call is stated as one sum."""
        return self.file.upfront is not None

    def pick(self, name: str, key: str, inside: float = 0.0) -> Belief:
        """What is stated; else nothing where one sum holds it all; else the default."""
        given: Given | None = getattr(self.file, name)
        path = (*self.at, name)
        if given is None and self.lump:
            return self.ctx.fixed(path, key, inside, _IN_UPFRONT)
        return self.ctx.either(path, given, key)

    def pick_rows(self, name: str, key: str) -> Belief:
        """The same for what the audit of the training rows counts."""
        data = self.ctx.data.get(str(self.at[-1]))
        if data is None or self.lump or getattr(self.file, name) is not None:
            return self.pick(name, key)
        return rows_of((*self.at, name), data)

    def tokens_per_example(self) -> Belief | None:
        """What is stated, else what the audit counted; None: as long as a call of the tuned prompt."""
        assert isinstance(self.file, TunedFile)
        path = (*self.at, "tokens_per_example")
        data = self.ctx.data.get(str(self.at[-1]))
        if data is None or self.file.tokens_per_example is not None:
            return self.ctx.maybe(path, self.file.tokens_per_example)
        return tokens_of(path, data)


def resolve_training(
    ctx: Context, at: Path, file: TunedFile | ClassifierFile, offer: TuningOffer | None
) -> Training | None:
    """The training; None where one stated sum holds all of it, or where a problem was added."""
    maker = _Maker(ctx=ctx, at=at, file=file, offer=offer)
    if maker.lump and all(getattr(file, part, None) is None for part in _PARTS):
        return None
    cost = _run_cost(maker)
    if cost is None:
        return None
    label_cost = maker.pick("label_cost", "tuned.label_cost")
    synthetic = file.synthetic
    return Training(
        examples=maker.pick_rows("examples", "tuned.examples"),
        labelled=maker.pick_rows("labelled", "tuned.labelled"),
        label_cost=label_cost,
        redundancy=maker.pick("redundancy", "tuned.redundancy", inside=1.0),
        qa=maker.pick("qa", "tuned.qa"),
        runs=_runs(maker),
        synthetic_examples=ctx.maybe(
            (*at, "synthetic", "examples"), synthetic.examples if synthetic else None
        ),
        synthetic_cost=ctx.maybe((*at, "synthetic", "cost"), synthetic.cost if synthetic else None),
        **_evaluation(maker, label_cost),
        **cost,
    )


def _runs(maker: _Maker) -> Belief:
    """Runs for each model kept; a cost of training stated as one sum is one run unless the study says otherwise."""
    path = (*maker.at, "runs")
    training = maker.file.training
    if maker.file.runs is None and training is not None and _is_sum(training):
        return maker.ctx.fixed(path, "tuned.runs", 1.0, "one run: `training` is stated as a sum")
    return maker.pick("runs", "classifier.runs" if maker.is_classifier else "tuned.runs", inside=1.0)


def _is_sum(training: TrainingFile) -> bool:
    return training.price is not None and training.price.kind.name == "money"


Costs = dict[str, Any]


def _run_cost(maker: _Maker) -> Costs | None:
    """What one run costs, in the fields of ``Training``; None where nothing says."""
    ctx, path = maker.ctx, (*maker.at, "training")
    training = maker.file.training or TrainingFile()
    if training.price is not None:
        if training.gpu is not None or training.hours is not None:
            ctx.problems.add(path, "both `price` and GPU hours stand here", "leave one of them out")
        belief = ctx.stated(path, training.price)
        return {"run_usd": belief} if _is_sum(training) else _by_token(maker, belief)
    if training.gpu is not None or training.hours is not None:
        return _by_hour(maker, training)
    if maker.lump:
        return {}
    if maker.is_classifier:
        return {"run_usd": ctx.default(path, "classifier.training")}
    return _listed(maker)


def _listed(maker: _Maker) -> Costs | None:
    """What the tuning offer charges; on one's own GPUs, hours of the GPU that serves."""
    ctx, path, offer = maker.ctx, (*maker.at, "training"), maker.offer
    if offer is not None and offer.training_usd_per_mtok is not None:
        name = f"prices.{offer.inference.key}.training"
        rate = offer.training_usd_per_mtok
        return _by_token(maker, _listed_rate(name, *(offer.training_range or (rate, rate)), offer.source))
    if offer is not None:
        message = f"{offer.base} is trained by the hour, at ${offer.training_usd_per_hour:,.0f}; the hours are missing"
        ctx.problems.add(path, message, "state `training: {hours: 4..20 hours}` for one run", at_key=True)
        return None
    sold = _sold_by_size(maker)
    if sold is not None:
        return sold
    hosting = maker.file.hosting
    if hosting is not None and hosting.gpu is not None:
        return _by_hour(maker, TrainingFile().model_copy(update={"gpu": hosting.gpu}))
    message = "`training` is missing: what a run costs is not known"
    hint = "`$5/1M tokens`, `$400` a run, or `{gpu: lambda/h100-80gb, hours: 4..20 hours}`"
    ctx.problems.add(path, message, hint, at_key=True)
    return None


def _sold_by_size(maker: _Maker) -> Costs | None:
    """What the host charges to train a model of this name or size, by LoRA where it does that."""
    base = maker.file.base
    rates = maker.ctx.book.training_rates(base) if base and not maker.is_classifier else ()
    if not rates:
        return None
    rate: TrainingRate = min(rates, key=lambda one: (one.method != "lora", one.usd_per_mtok))
    least = f"; that a job costs ${rate.minimum_usd:g} at least is left out" if rate.minimum_usd else ""
    said = f"{rate.host} trains {rate.title}, {rate.method}, at ${rate.usd_per_mtok:g} for a million tokens"
    maker.ctx.notes.append(f"{maker.at[-1]}: {said}{least}")
    name = f"prices.{base}:tuned.training"
    return _by_token(maker, _listed_rate(name, rate.low_usd_per_mtok, rate.high_usd_per_mtok, rate.source))


def _listed_rate(name: str, low: float, high: float, source: Source) -> Belief:
    """Dollars for a million training tokens: a point, or a range where sources differ."""
    kind = KINDS["money per token"]
    if low == high:
        return point(name, kind.name, low, source)
    return Given(kind=kind, form="value", numbers=(low, high)).belief(name, source)


def _by_token(maker: _Maker, price: Belief) -> Costs:
    ctx, at, file = maker.ctx, maker.at, maker.file
    if not isinstance(file, TunedFile):
        ctx.problems.add((*at, "training"), "a classifier is not trained by token", "`$0.10..$2` for one run")
        return {}
    return {
        "price": price,
        "epochs": ctx.either((*at, "epochs"), file.epochs, "tuned.epochs"),
        "tokens_per_example": maker.tokens_per_example(),
        "validation": ctx.maybe((*at, "validation"), file.validation),
    }


def _by_hour(maker: _Maker, training: TrainingFile) -> Costs | None:
    ctx, path, offer = maker.ctx, (*maker.at, "training"), maker.offer
    hours = ctx.either((*path, "hours"), training.hours, "tuned.gpu_hours")
    if training.gpu is not None:
        price = gpu_price(ctx, (*path, "gpu"), training.gpu)
    elif offer is not None and offer.training_usd_per_hour is not None:
        name = f"prices.{offer.inference.key}.training"
        price = ctx.quoted(name, "money per hour", offer.training_usd_per_hour, offer.source)
    else:
        ctx.problems.add(
            (*path, "gpu"), "`gpu` is missing", "a GPU such as lambda/h100-80gb, or $2..$5/hour", at_key=True
        )
        return None
    return None if price is None else {"gpu_hours": hours, "gpu_price": price}


def _evaluation(maker: _Maker, label_cost: Belief) -> Costs:
    """Cases scored before each release; unless stated, none where one sum holds it all."""
    ctx, path = maker.ctx, (*maker.at, "evaluation")
    file = maker.file.evaluation or EvaluationFile()
    if file.cases is None and maker.lump:
        if file.label_cost is not None or file.judge_cost is not None:
            ctx.problems.add((*path, "cases"), "`cases` is missing", "100..300", at_key=True)
        return {}
    each = label_cost
    if file.label_cost is not None:
        each = ctx.stated((*path, "label_cost"), file.label_cost)
    elif maker.lump and maker.file.label_cost is None:
        each = ctx.default((*path, "label_cost"), "tuned.label_cost")
    return {
        "eval_cases": ctx.either((*path, "cases"), file.cases, "evaluation.cases"),
        "eval_label_cost": each,
        "judge_cost": ctx.maybe((*path, "judge_cost"), file.judge_cost),
    }


def resolve_retraining(ctx: Context, at: Path, file: TunedFile | ClassifierFile) -> Retraining:
    """Training again: the cadence that is stated, or the published one."""
    path = (*at, "retrain")
    stated = file.retrain or RetrainFile()
    if stated.every is None:
        usual = default("retrain.every")
        every: int | None = round(usual.centre)
        ctx.notes.append(f"{at[-1]}: retrained every {every} months ({usual.source})")
    else:
        every = None if stated.every == "never" else int(stated.every)
    return Retraining(
        every_months=every,
        label_share=ctx.either((*path, "labels"), stated.labels, "retrain.labels"),
        hours=ctx.either((*path, "hours"), stated.hours, "retrain.hours"),
        event_usd=None if every is None else _event(ctx, path, file, stated),
    )


def _event(ctx: Context, path: Path, file: TunedFile | ClassifierFile, stated: RetrainFile) -> Belief | None:
    """Dollars for one retraining, where they are one sum: stated, or a published share of `upfront`."""
    name = (*path, "cost")
    if stated.cost is not None:
        return ctx.stated(name, stated.cost)
    if file.upfront is None or stated.labels is not None or stated.hours is not None:
        return None
    upfront = ctx.stated((*path[:-1], "upfront"), file.upfront).centre
    share = default("retrain.upfront_share")
    assert share.source is not None
    source = replace(share.source, reference=f"{share.source.reference}, here of `upfront`")
    kind = file.upfront.kind
    if upfront == 0:
        return point(dotted(name), kind.name, 0.0, source)
    low, high = (bound * upfront for bound in share.numbers)
    return Given(kind=kind, form="value", numbers=(low, high)).belief(dotted(name), source)
