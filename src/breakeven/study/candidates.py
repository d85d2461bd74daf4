"""The candidates of a study, each with everything it needs, its defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from breakeven.beliefs import Belief
from breakeven.prices import TuningOffer
from breakeven.study.candidate_file import (
    ClassifierFile,
    HybridFile,
    PromptFile,
    Served,
    TokensChange,
    TunedFile,
    WaitFile,
)  # fmt: skip
from breakeven.study.context import Context
from breakeven.study.defaults import default
from breakeven.study.given import Given
from breakeven.study.hosting import SELF, resolve_hosting
from breakeven.study.model import Candidate, Hosting, Labour, ModelPrices, Quality, Tokens
from breakeven.study.model_prices import Priced, PriceDesk
from breakeven.study.operations import operated
from breakeven.study.retirement import forced_moves
from breakeven.study.training import resolve_retraining, resolve_training
from breakeven.yaml_places import Path, dotted

__all__ = ["resolve_candidates"]


def resolve_candidates(
    ctx: Context, tokens: Tokens, qualities: Mapping[str, Quality]
) -> tuple[dict[str, Candidate], PriceDesk]:
    """Every candidate of the file, and the desk that knows which prices they use."""
    desk = PriceDesk(ctx)
    makers = _Makers(ctx, desk, tokens)
    found = {
        name: replace(
            makers.candidate(name),
            quality=qualities[name],
            data=ctx.data.get(name),
            curve=ctx.curves.get(name),
        )
        for name in ctx.file.candidates
    }
    if not ctx.problems.found_under(("candidates",)):
        desk.check_all_used()
    return found, desk


class _Makers:
    """One method for each kind of candidate."""

    def __init__(self, ctx: Context, desk: PriceDesk, tokens: Tokens) -> None:
        self._ctx = ctx
        self._desk = desk
        self._tokens = tokens

    def candidate(self, name: str) -> Candidate:
        """One candidate, its quality still empty."""
        file = self._ctx.file.candidates[name]
        at: Path = ("candidates", name)
        match file:
            case PromptFile():
                return self._prompt(at, file)
            case TunedFile():
                return self._tuned(at, file)
            case ClassifierFile():
                return self._classifier(at, file)
            case HybridFile():
                return self._hybrid(at, file)
            case WaitFile():
                return Candidate(name=name, kind="wait", labour=Labour(), quality=Quality(),
                                 first=file.now, then=file.later, switch_month=file.at)  # fmt: skip

    def _prompt(self, at: Path, file: PromptFile) -> Candidate:
        priced = None
        if file.model is not None and (file.per_call is None or self._desk.has(file.model)):
            priced = self._desk.model(file.model, (*at, "model"))
        elif file.model is None and file.per_call is None:
            hint = "a model of the price book, such as openai/gpt-4.1; or state `per_call`"
            self._ctx.problems.add((*at, "model"), "`model` is missing", hint, at_key=True)
        made = operated(self._ctx, at, "prompt", file)
        return self._served(
            made, at, file, priced, _changed(self._ctx, at, file.tokens, self._tokens), "model"
        )

    def _tuned(self, at: Path, file: TunedFile) -> Candidate:
        ctx = self._ctx
        tokens = _changed(ctx, at, file.tokens, _tuned_tokens(ctx, at, file, self._tokens))
        priced, offer = self._tuned_prices(at, file)
        self._check_trainable(at, file, offer)
        made = replace(
            operated(ctx, at, "tuned", file),
            training=resolve_training(ctx, at, file, offer),
            retraining=resolve_retraining(ctx, at, file),
            hosting=self._hosting(at, file, offer, tokens),
            trained_already=at[-1] in ctx.built,
        )
        served = self._served(made, at, file, priced, tokens, "base")
        return served if offer is None else self._ended(served, at, file, offer)

    def _ended(self, made: Candidate, at: Path, file: TunedFile, offer: TuningOffer) -> Candidate:
        """Where the model retires inside the horizon and its host will have closed by then: it can not go on."""
        closes = offer.host_closes
        if (
            closes is None
            or not made.migration_months
            or file.training is not None
            or file.retires_on is not None
        ):
            return made
        gone, host = made.migration_months[0], offer.base.split("/")[0]
        if self._ctx.month_of(closes) > gone:
            return made
        because = f"it stops answering in month {gone}, and {host} trains no model after {closes}"
        self._ctx.notes.append(f"{at[-1]}: {because}; costs after that are as if it could be moved")
        return replace(made, ends_month=gone, ends_because=because)

    def _hosting(
        self, at: Path, file: TunedFile, offer: TuningOffer | None, tokens: Tokens
    ) -> Hosting | None:
        """What is stated; else the offer's, unless a stated sum holds it."""
        ctx = self._ctx
        summed = file.running is not None or file.per_call is not None
        if file.hosting is None and summed:
            return None
        hosting = resolve_hosting(ctx, at, file.hosting, file.base or "", None if summed else offer, tokens)
        if hosting is None:
            message = "`hosting` is missing: what serving costs is not known"
            hint = "`$2,000/month`, `$1.70/hour`, or {gpu: lambda/h100-80gb, rps: 23.6/s}"
            ctx.problems.add((*at, "hosting"), message, hint, at_key=True)
        return hosting

    def _tuned_prices(self, at: Path, file: TunedFile) -> tuple[Priced | None, TuningOffer | None]:
        """The prices of calls and the offer; neither for a model on one's own GPUs."""
        path = (*at, "base")
        if file.base is None:
            if file.per_call is None:
                hint = "a base of the price book such as azure/gpt-4.1-mini, or self/… on GPUs of your own"
                self._ctx.problems.add(path, "`base` is missing", hint, at_key=True)
                self._ask_no_more(at)
            return None, None
        if file.base.startswith(SELF) or (file.per_call is not None and not self._desk.can_tune(file.base)):
            return None, None
        if self._desk.only_trains(file.base):  # its host serves it on GPUs by the hour: `hosting` says which
            return None, None
        priced, offer = self._desk.tuned(file.base, path)
        if priced is None:
            self._ask_no_more(at)
        return priced, offer

    def _ask_no_more(self, at: Path) -> None:
        """A base that is wrong would have said what training and hosting cost."""
        for part in ("training", "hosting"):
            self._ctx.problems.blind((*at, part))

    def _check_trainable(self, at: Path, file: TunedFile, offer: TuningOffer | None) -> None:
        stated = file.training is not None or file.upfront is not None or at[-1] in self._ctx.built
        if offer is None or offer.train_until is None or stated:
            return
        if offer.train_until >= self._ctx.start:
            if self._ctx.month_of(offer.train_until) <= self._ctx.horizon_months:
                until = f"{offer.base} can be tuned until {offer.train_until}"
                self._ctx.notes.append(f"{at[-1]}: {until}; later retraining is priced as if on a successor")
            return
        self._ctx.problems.add(
            (*at, "base"),
            f"{offer.base} can not be tuned after {offer.train_until}, and month 1 is {self._ctx.start:%Y-%m}",
            "name another base, or state `training` if you still can",
        )
        self._ctx.problems.blind((*at, "base"))

    def _classifier(self, at: Path, file: ClassifierFile) -> Candidate:
        ctx = self._ctx
        made = operated(ctx, at, "classifier", file)
        own_serving = file.running is not None or file.hosting is not None
        per_call: Belief | None = ctx.maybe((*at, "per_call"), file.per_call)
        if per_call is None and not own_serving:
            per_call = ctx.default((*at, "per_call"), "classifier.per_call")
        hosting = None
        if file.hosting is not None:
            hosting = resolve_hosting(ctx, at, file.hosting, file.base or "", None, self._tokens)
        return replace(
            made,
            per_call=per_call,
            retries=ctx.maybe((*at, "retries"), file.retries),
            training=resolve_training(ctx, at, file, None),
            retraining=resolve_retraining(ctx, at, file),
            hosting=hosting,
            trained_already=at[-1] in ctx.built,
        )

    def _hybrid(self, at: Path, file: HybridFile) -> Candidate:
        ctx = self._ctx
        return replace(
            operated(ctx, at, "hybrid", file),
            small=file.small,
            large=file.large,
            escalate=ctx.stated((*at, "escalate"), file.escalate),
            catches=ctx.maybe((*at, "catches"), file.catches),
        )

    def _served(
        self, made: Candidate, at: Path, file: Served, priced: Priced | None, tokens: Tokens, model_field: str
    ) -> Candidate:
        """What candidates that answer calls themselves share."""
        ctx = self._ctx
        prices = None if priced is None else self._in_region(at, file, priced)
        key = priced.prices.key if priced else str(getattr(file, model_field) or at[-1])
        listed = priced.prices.retires_on if priced else None
        months, work = forced_moves(ctx, at, file, key, listed, (*at, model_field))
        if prices is not None and file.per_call is None:
            self._check_discounts(at, file, prices)
        return replace(
            made,
            prices=prices,
            tokens=tokens,
            retries=ctx.maybe((*at, "retries"), file.retries),
            cached=ctx.maybe((*at, "cached"), file.cached),
            hit_rate=self._hit_rate(at, file, priced, tokens),
            batch=None if prices is None else ctx.either((*at, "batch"), file.batch, "batch"),
            per_call=ctx.maybe((*at, "per_call"), file.per_call),
            commitment=ctx.maybe((*at, "commitment"), file.commitment),
            migration_months=months,
            migration_hours=work,
        )

    def _in_region(self, at: Path, file: Served, priced: Priced) -> ModelPrices:
        if file.region is None:
            return priced.prices
        factor = priced.regions.get(file.region)
        if factor is None:
            known = (
                f"known: {', '.join(priced.regions)}" if priced.regions else "none is known for this model"
            )
            hint = f"{known}; or state the region's prices under `prices:`"
            self._ctx.problems.add(
                (*at, "region"), f"no uplift is known for the region {file.region!r}", hint
            )
            return priced.prices
        name = f"prices.{priced.prices.key}.region.{file.region}"
        return replace(priced.prices, region_factor=self._ctx.quoted(name, "factor", factor, priced.source))

    def _check_discounts(self, at: Path, file: Served, prices: ModelPrices) -> None:
        """A discount whose price nobody knows would be guessed: it is refused."""
        key = prices.key
        if _is_used(file.batch) and (prices.batch_input is None or prices.batch_output is None):
            hint = f"`batch: 0%`, or state batch_input and batch_output under `prices: {{{key}: …}}`"
            self._ctx.problems.add((*at, "batch"), f"no batch price is known for {key}", hint)
        for name in ("cached", "hit_rate"):
            if _is_used(getattr(file, name)) and prices.cached is None:
                hint = f"`cached: 0%`, or state `cached` under `prices: {{{key}: …}}`"
                self._ctx.problems.add((*at, name), f"no price for cached input is known for {key}", hint)

    def _hit_rate(self, at: Path, file: Served, priced: Priced | None, tokens: Tokens) -> Belief | None:
        """What is stated; else the default where the static tokens are long enough for the host to cache them."""
        path = (*at, "hit_rate")
        if file.hit_rate is not None:
            if file.cached is not None:
                self._ctx.problems.add(
                    path, "both `cached` and `hit_rate` stand here", "leave one of them out"
                )
            return self._ctx.stated(path, file.hit_rate)
        if priced is None or file.cached is not None or priced.prices.cached is None or not priced.caches:
            return None
        if tokens.static.high < max(priced.prices.min_prefix_tokens, 1):
            return None
        return self._ctx.default(path, "hit_rate")


def _is_used(given: Given | None) -> bool:
    return given is not None and given.numbers != (0.0, 0.0)


def _changed(ctx: Context, at: Path, change: TokensChange | None, whole: Tokens) -> Tokens:
    """The workload's tokens, with what the candidate states in their place."""
    if change is None:
        return whole
    stated = {name: getattr(change, name) for name in ("static", "input", "output", "reasoning")}
    beliefs = {
        name: ctx.stated((*at, "tokens", name), given) for name, given in stated.items() if given is not None
    }
    return replace(whole, **beliefs)


def _tuned_tokens(ctx: Context, at: Path, file: TunedFile, whole: Tokens) -> Tokens:
    """A tuned model needs a small part of the instructions: the published share of the workload's."""
    if file.tokens is not None and file.tokens.static is not None:
        return whole
    name, share = dotted((*at, "tokens", "static")), default("tuned.static_share")
    assert share.source is not None
    centre = whole.static.centre
    kind = default("workload.tokens.reasoning").kind
    numbers = (share.numbers[0] * centre, share.numbers[-1] * centre)
    given = Given(kind=kind, form="value", numbers=numbers)
    return replace(whole, static=given.belief(name, share.source))
