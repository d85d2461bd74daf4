"""From a table of calls to what they would have cost."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from breakeven.errors import EvidenceError, UnknownPriceError
from breakeven.evidence.calls.read import CallLog
from breakeven.evidence.calls.windows import spread
from breakeven.evidence.profile.costs import Prices
from breakeven.evidence.profile.volume import BUCKET_S, volume
from breakeven.evidence.repricing.notes import assumptions, notes
from breakeven.evidence.repricing.result import Alternative, Baseline, Covered, Difference, Money, Repricing
from breakeven.evidence.repricing.sums import Group, Own, Spec, add_up, own_models, price_name, unpriced
from breakeven.evidence.repricing.tariff import MADE_OF, Tariff
from breakeven.evidence.repricing.terms import SAME, Terms, Wanted
from breakeven.evidence.repricing.tokens import SAME_TOKENS, TokenRatio, ratio_between
from breakeven.prices import ModelPrice, PriceBook
from breakeven.quantities import show_usd

__all__ = ["reprice"]

_HOURS_PER_MONTH = 730.0
_START = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - UTC without a zone, as engines give times
_NO_COST = (
    "no call says what it cost or which model of the price book it used: there is nothing to compare with"
)


@dataclass(frozen=True, kw_only=True)
class _Time:
    """What the calls' times allow."""

    span_days: float | None
    per_month: Mapping[str, float] | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """From sums over the log to an hour of hosting and to a month of calls."""

    time: _Time
    sampling: float
    billed: float
    """Of all calls, those that are billed: failed ones without token counts are not."""

    def month(self, usd: Money, calls: float) -> Money | None:
        """Dollars a month, from dollars over so many calls."""
        volume = self.time.per_month
        if volume is None or calls <= 0:
            return None
        each = usd * (self.billed / calls)
        return Money(
            value=each.value * volume["mean"],
            low=min(each.low * volume["p05"], each.low * volume["p95"]),
            high=max(each.high * volume["p05"], each.high * volume["p95"]),
        )


def reprice(log: CallLog, *, book: PriceBook, wanted: Wanted, terms: Terms | None = None) -> Repricing:
    """The calls of a log in every wanted alternative, call by call.

    Raises UnknownPriceError, which names the nearest, where an alternative's price is not known; EvidenceError where
    no call can be priced.
    """
    terms = Terms() if terms is None else terms
    specs = _specs(wanted, book, terms)
    prices = Prices(book)
    own = {who: _own_tariff(who, prices) for who in own_models(log)}
    total, not_priced = unpriced(log)
    if not own:
        shown = ", ".join(f"{reason}: {n:,.0f}" for reason, n in not_priced.items()) or "no calls"
        raise EvidenceError(f"no call has both token counts, so none can be priced ({shown})")
    groups = add_up(log, specs, own, terms)
    time = _times(log, terms.sampling)
    failed = not_priced.get("failed, without token counts", 0.0)
    scale = _Scale(time=time, sampling=terms.sampling, billed=1 - failed / total)
    baseline = _baseline(groups, scale, book)
    alternatives = tuple(
        _alternative(i, spec, groups=groups, own=own, scale=scale, terms=terms, as_of=book.as_of)
        for i, spec in enumerate(specs)
    )
    rejected: Counter[str] = Counter()
    for file in log.files:
        rejected.update(file.rejected)
    return Repricing(
        calls=total,
        priced_calls=sum(group.calls for group in groups),
        not_priced=not_priced,
        span_days=time.span_days,
        calls_per_month=time.per_month,
        prices_as_of=book.as_of,
        baseline=baseline,
        alternatives=alternatives,
        assumptions=assumptions(groups, specs, terms, open_length=_lengths_open(specs, groups, own)),
        warnings=(*log.warnings, *time.warnings, *_warnings(log, baseline, groups, not_priced)),
        rejected=dict(sorted(rejected.items())),
        files=tuple((file.file, file.format.name) for file in log.files),
    )


# ---------------------------------------------------------------------------------- what is to be priced


def _specs(wanted: Wanted, book: PriceBook, terms: Terms) -> list[Spec]:
    """Every alternative, each with the whole prompt and, where something is cut, with the shorter one."""
    plain: list[Spec] = []
    for key in dict.fromkeys(wanted.models):
        if key == SAME:
            plain.append(Spec(model=SAME, kind="same", tariff=None, cut=None))
        else:
            plain.append(
                Spec(model=key, kind="prompt", tariff=_tariff(_answering(book, key), book), cut=None)
            )
    for base in dict.fromkeys(wanted.tuned):
        offer = book.tuning(base.removesuffix(":tuned"))
        plain.append(
            Spec(
                model=offer.inference.key, kind="tuned", tariff=_tariff(offer.inference, book), cut=None,
                hosting_usd_per_hour=offer.hosting_usd_per_hour,
            )
        )  # fmt: skip
    if not plain:
        raise EvidenceError("nothing to price the calls on: name a model, `same`, or a base to tune")
    return [spec for one in plain for spec in _with_cut(one, terms)]


def _with_cut(spec: Spec, terms: Terms) -> Iterator[Spec]:
    yield spec
    if terms.cut is not None:
        yield Spec(
            model=spec.model, kind=spec.kind, tariff=spec.tariff, cut=terms.cut,
            hosting_usd_per_hour=spec.hosting_usd_per_hour,
        )  # fmt: skip


def _answering(book: PriceBook, key: str) -> ModelPrice:
    price = book.model(key)
    if price.mode == "embedding":
        raise EvidenceError(f"{key} makes embeddings; it can not answer these calls")
    return price


def _tariff(price: ModelPrice, book: PriceBook) -> Tariff:
    try:
        rules = book.cache_rules(price.key if price.key in book else price.provider)
    except UnknownPriceError:
        rules = None
    return Tariff(price=price, rules=rules)


def _own_tariff(who: Own, prices: Prices) -> Tariff | None:
    provider, model = who
    price = None if model is None else prices.of(provider, model)
    return None if price is None or price.mode == "embedding" else _tariff(price, prices.book)


# ------------------------------------------------------------------------------------------------- time


def _times(log: CallLog, sampling: float) -> _Time:
    """The span of the log, and calls a month by the profile's rule."""
    calls = log.calls.filter(log.calls["time"].notnull())
    seconds = calls["time"].epoch_seconds()
    ends = calls.agg(first=calls["time"].min(), last=calls["time"].max()).select("first", "last")
    first, last = (
        None if at is None else (at - _START) / dt.timedelta(seconds=1) for at in log.engine.rows(ends)[0]
    )
    if first is None or last is None:
        return _Time(
            span_days=None, per_month=None, warnings=("no call carries a time: no month can be stated",)
        )
    end = last + (log.window_s or 0.0)
    grouped = calls.group_by(bucket=seconds.cast("int64") // BUCKET_S).agg(n=calls["calls"].sum())
    buckets = [(int(bucket), float(n)) for bucket, n in log.engine.rows(grouped.select("bucket", "n"))]
    buckets = spread(buckets, width_s=log.window_s or 0.0, bucket_s=BUCKET_S)
    found = volume(buckets, first_s=first, last_s=end, clock=log.clock, sampling=sampling)
    # The profile's other warnings are about growth, which nothing is said of here.
    said = () if found.per_month is not None else found.warnings[:1]
    return _Time(span_days=(found.last_s - found.first_s) / 86_400, per_month=found.per_month, warnings=said)


# --------------------------------------------------------------------------------------------- as it was


def _baseline(groups: Sequence[Group], scale: _Scale, book: PriceBook) -> Baseline:
    known = [group for group in groups if group.usd is not None]
    calls = sum(group.calls for group in known)
    usd = sum(group.usd for group in known if group.usd is not None) if known else None
    models: dict[str, list[Group]] = defaultdict(list)
    for group in groups:
        models[_shown(group)].append(group)
    unknown = {name: sum(g.calls for g in ones if g.usd is None) for name, ones in models.items()}
    point = None if usd is None else Money(value=usd, low=usd, high=usd)
    complete = calls == sum(group.calls for group in groups)
    return Baseline(
        source=_source(known, book),
        calls=calls,
        cost_usd=usd,
        per_1000_usd=None if usd is None else 1000 * usd / calls,
        per_month_usd=None if point is None or not complete else scale.month(point, calls),
        models={name: (sum(g.calls for g in ones), _sum(ones)) for name, ones in sorted(models.items())},
        unknown={name: n for name, n in sorted(unknown.items()) if n},
    )


def _sum(groups: Sequence[Group]) -> float | None:
    found = [group.usd for group in groups]
    return None if None in found else sum(usd for usd in found if usd is not None)


def _shown(group: Group) -> str:
    return group.own[1] or "(no model named)"


def _source(known: Sequence[Group], book: PriceBook) -> str:
    logged = {group.logged for group in known}
    listed = f"list prices of {book.as_of.isoformat()}"
    if not logged:
        return "not known"
    return "as logged" if logged == {True} else f"as logged, else {listed}" if True in logged else listed


# ------------------------------------------------------------------------------------------- alternatives


def _alternative(
    i: int,
    spec: Spec,
    *,
    groups: Sequence[Group],
    own: Mapping[Own, Tariff | None],
    scale: _Scale,
    terms: Terms,
    as_of: dt.date,
) -> Alternative:
    covered = [group for group in groups if group.parts[i] is not None]
    calls = sum(group.calls for group in covered)
    tokens = _tokens_usd(i, spec, covered, own, terms)
    hosting = spec.hosting_usd_per_hour
    hours = None if scale.time.span_days is None else 24 * scale.time.span_days * scale.sampling
    hosted = 0.0 if hosting == 0 else None if hours is None else hosting * hours
    cost = None if hosted is None or not covered else tokens + hosted
    month = scale.month(tokens, calls)
    both = [group for group in covered if group.usd is not None]
    apart = _apart(i, spec, both, own, terms)
    difference = None if apart is None or hosted is None else _difference(both, apart + hosted)
    apart_month = None if apart is None else scale.month(apart, sum(group.calls for group in both))
    parts = _parts(i, covered)
    monthly_hosting = hosting * _HOURS_PER_MONTH
    if spec.kind == "tuned" and hosted is not None:
        parts["hosting"] = hosted
    price = None if spec.tariff is None else spec.tariff.price
    return Alternative(
        name=_name(spec),
        model=spec.model,
        kind=spec.kind,
        shorter=None if spec.cut is None else str(spec.cut),
        calls=calls,
        parts_usd=parts,
        hosting_usd_per_month=monthly_hosting if spec.kind == "tuned" else None,
        covered_from=_covered_from(apart, sum(group.calls for group in both), scale, monthly_hosting),
        cost_usd=cost,
        per_1000_usd=None if cost is None else cost * (1000 / calls),
        per_month_usd=None if month is None else month + monthly_hosting,
        difference=difference,
        difference_per_month_usd=None if apart_month is None else apart_month + monthly_hosting,
        notes=notes(i, spec, groups, terms, hosted=hosted, as_of=as_of),
        source="the calls' own models" if price is None else str(price.source),
        retires_on=None if price is None else price.retires_on,
    )


def _name(spec: Spec) -> str:
    name = "same models" if spec.kind == "same" else spec.model
    return name if spec.cut is None else f"{name}, {spec.cut}"


def _parts(i: int, groups: Sequence[Group]) -> dict[str, float]:
    found = [parts for group in groups if (parts := group.parts[i]) is not None]
    return {name: sum(parts[name] for parts in found) for name in MADE_OF}


def _tokens_usd(
    i: int, spec: Spec, groups: Sequence[Group], own: Mapping[Own, Tariff | None], terms: Terms
) -> Money:
    """What the tokens cost over the log: a point for a call's own model, else open in the answers' length."""
    answered = _at_lengths(i, spec, groups, own, terms)
    more = sum(parts["more_writes"] for group in groups if (parts := group.parts[i]) is not None)
    return Money(value=answered.value, low=answered.low, high=answered.high + more)


def _at_lengths(
    i: int, spec: Spec, groups: Sequence[Group], own: Mapping[Own, Tariff | None], terms: Terms
) -> Money:
    """The same without the cache writes that the log does not tell of."""
    value, low, high = 0.0, 0.0, 0.0
    for group in groups:
        parts = group.parts[i]
        assert parts is not None
        given = parts["input"] + parts["cached"] + parts["written"]
        tokens = _tokens_between(spec, group, terms)
        short, long = (1.0, 1.0)
        if not _is_same(spec, own[group.own]):
            short, long = terms.output_length.low, terms.output_length.high
        open_given, open_out = parts["open_given"], parts["open_output"]
        value += given * tokens.value + parts["output"]
        low += (given - open_given) * tokens.low + (parts["output"] - open_out) * short
        high += (given + open_given) * tokens.high + (parts["output"] + open_out) * long
    return Money(value=value, low=low, high=high)


def _tokens_between(spec: Spec, group: Group, terms: Terms) -> TokenRatio:
    """Tokens of the alternative to one logged input token."""
    if spec.tariff is None:
        return SAME_TOKENS
    return ratio_between(group.own[1], spec.tariff.price.key, terms.counted)


def _is_same(spec: Spec, own: Tariff | None) -> bool:
    """Whether the alternative's answers are the logged ones: the same model, whoever hosts it, and not a tuned one."""
    if spec.kind == "tuned" or own is None:
        return spec.kind == "same"
    return spec.tariff is None or price_name(spec.tariff.price) == price_name(own.price)


def _lengths_open(specs: Sequence[Spec], groups: Sequence[Group], own: Mapping[Own, Tariff | None]) -> bool:
    return any(not _is_same(spec, own[group.own]) for spec in specs for group in groups)


def _apart(
    i: int, spec: Spec, both: Sequence[Group], own: Mapping[Own, Tariff | None], terms: Terms
) -> Money | None:
    """The tokens' dollars over the log, less what the same calls cost as they were.

    Whether uncached prompts were written to the cache is not known of either, but it is the same of both.
    """
    if not both:
        return None
    lengths = _at_lengths(i, spec, both, own, terms) + -_was(both)
    pairs = [
        (parts["more_writes"], group.more_usd) for group in both if (parts := group.parts[i]) is not None
    ]
    more = sum(new - old for new, old in pairs)
    ends = (lengths.value, lengths.low + min(more, 0.0), lengths.high + max(more, 0.0))
    least = _ROUNDING * _was(both)
    value, low, high = (0.0 if abs(end) < least else end for end in ends)
    return Money(value=value, low=low, high=high)


_ROUNDING = 1e-12
"""Of the baseline: smaller differences are those of sums added in another order."""


def _was(groups: Sequence[Group]) -> float:
    return sum(group.usd for group in groups if group.usd is not None)


def _difference(both: Sequence[Group], usd: Money) -> Difference:
    was = _was(both)
    share = usd * (1 / was) if was > 0 else None
    return Difference(calls=sum(group.calls for group in both), baseline_usd=was, usd=usd, share=share)


def _covered_from(apart: Money | None, calls: float, scale: _Scale, hosting: float) -> Covered | None:
    """The volume a month at which what tokens save equals the hosting."""
    if apart is None or hosting <= 0 or apart.value >= 0:
        return None
    each = apart * (scale.billed / calls)
    high = hosting / -each.high if each.high < 0 else None
    return Covered(value=hosting / -each.value, low=hosting / -each.low, high=high)


def _warnings(
    log: CallLog, baseline: Baseline, groups: Sequence[Group], not_priced: Mapping[str, float]
) -> Iterator[str]:
    for reason, n in not_priced.items():
        free = (
            "nothing is billed for them" if reason.startswith("failed") else "not priced, not taken as free"
        )
        yield f"{n:,.0f} call{'' if round(n) == 1 else 's'}: {reason}; {free}"
    if baseline.cost_usd is None:
        yield _NO_COST
    elif baseline.unknown:
        shown = ", ".join(
            f"{name} ({n:,.0f} call{'' if round(n) == 1 else 's'})" for name, n in baseline.unknown.items()
        )
        yield f"no price is known for {shown}: differences are over the other calls alone"
    more = sum(group.more_usd for group in groups)
    if more > 0:
        yield f"the log does not tell cache writes: as made, the calls cost up to {show_usd(more)} more than is shown"
    if log.window_s is not None:
        yield "the log holds windows of counts: context tiers and minimum prefixes go by each window's mean"
