"""What a reader of a repricing must know: of each alternative, and of all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from breakeven.evidence.repricing.batch import batch_of
from breakeven.evidence.repricing.result import Assumed
from breakeven.evidence.repricing.sums import Group, Spec
from breakeven.evidence.repricing.tariff import Tariff
from breakeven.evidence.repricing.terms import Terms
from breakeven.evidence.repricing.tokens import SAME_TOKENS, ratio_between, tokenizer_of
from breakeven.sources import Source

__all__ = ["assumptions", "notes"]


def notes(
    i: int, spec: Spec, groups: Sequence[Group], terms: Terms, *, hosted: float | None, as_of: dt.date
) -> tuple[str, ...]:
    """What does not fit, what is not sold, and what is left out of one alternative."""
    found = [*_misfits(i, spec, groups)]
    if spec.tariff is not None:
        found += _not_sold(spec.tariff, terms, caching=_caches(groups, terms))
        retires = spec.tariff.price.retires_on
        if retires is not None:
            gone = retires <= as_of
            found.append(f"stopped answering on {retires}" if gone else f"retires on {retires}")
    if spec.kind == "tuned":
        found.append("training is not included: it is paid once")
        if hosted is None:
            found.append("the log has no times, so hosting over it can not be counted")
    if any((group.parts[i] or {}).get("more_writes", 0) > 0 for group in groups):
        found.append(
            "the upper end has every uncached prompt written to the cache: the log does not say which were"
        )
    return tuple(found)


def _calls(n: float) -> str:
    return f"{n:,.0f} call{'' if round(n) == 1 else 's'}"


def _misfits(i: int, spec: Spec, groups: Sequence[Group]) -> Iterator[str]:
    long, short = (
        sum((group.parts[i] or {}).get(name, 0.0) for group in groups) for name in ("too_long", "too_short")
    )
    left = sum(group.calls for group in groups if group.parts[i] is None)
    if long:
        limit = (
            "its context"
            if spec.tariff is None
            else f"its context of {spec.tariff.price.max_input_tokens:,} tokens"
        )
        yield f"{_calls(long)} longer than {limit}: priced, but it could not answer"
    if short:
        yield f"{_calls(short)} shorter than what is to be cut: kept whole"
    if left:
        yield f"{_calls(left)} left out: no price is known for the model"


def _caches(groups: Sequence[Group], terms: Terms) -> bool:
    """Whether anything is to be read from a cache."""
    if terms.cached == "logged":
        return any(group.cached > 0 for group in groups)
    return terms.cached != 0.0


def _not_sold(tariff: Tariff, terms: Terms, *, caching: bool) -> Iterator[str]:
    price = tariff.price
    if batch_of(terms.batch).asked and (
        price.batch_input_usd_per_mtok is None or price.batch_output_usd_per_mtok is None
    ):
        yield "no batch price is listed: all calls at the standard price"
    if terms.region is not None and terms.region not in price.region_uplift:
        yield f"no uplift is listed for region {terms.region}: the base price is taken"
    if not tariff.caches and caching:
        sells = (
            "no price for cached input is listed"
            if tariff.rules is not None
            else "the host publishes no cache rules"
        )
        yield f"{sells}: nothing is taken as cached"


def assumptions(
    groups: Sequence[Group], specs: Sequence[Spec], terms: Terms, *, open_length: bool
) -> tuple[Assumed, ...]:
    """What was taken as given for all of them, with its source."""
    return tuple(_assumed(groups, specs, terms, open_length=open_length))


def _assumed(
    groups: Sequence[Group], specs: Sequence[Spec], terms: Terms, *, open_length: bool
) -> Iterator[Assumed]:
    length = terms.output_length
    if open_length:
        yield Assumed(
            input="output length",
            value=f"{length.low:g}..{length.high:g} × the logged one, 90%",
            source=length.source,
        )
        yield from _tokens(groups, specs, terms)
    if sum(group.reasoning for group in groups) > 0 and open_length:
        yield Assumed(
            input="reasoning tokens", value="as logged, × output length",
            source=Source(kind="guess", reference="another model may reason more, less or not at all"),
        )  # fmt: skip
    yield from _caching(groups, terms)
    batch = batch_of(terms.batch)
    if batch.asked:
        middle = "; figures stand at the middle" if batch.is_open else ""
        yield Assumed(input="batch", value=f"{batch}{middle}", source=batch.source)
    if terms.cut is not None:
        yield Assumed(input="shorter prompt", value=str(terms.cut), source=_STATED)
    if any(spec.hosting_usd_per_hour > 0 for spec in specs):
        value = "by the hour for the span of the log, 730 hours a month; one deployment"
        yield Assumed(
            input="hosting",
            value=value,
            source=Source(kind="quoted", reference="tuning offers of the price book"),
        )


def _tokens(groups: Sequence[Group], specs: Sequence[Spec], terms: Terms) -> Iterator[Assumed]:
    """How the logged input tokens become another model's, once for each way of knowing."""
    said: dict[tuple[str, str], Assumed] = {}
    for spec in specs:
        for group in groups if spec.tariff is not None else ():
            ratio = ratio_between(group.own[1], spec.model, terms.counted)
            value = "as logged"
            if tokenizer_of(spec.model) is not None and tokenizer_of(group.own[1]) == tokenizer_of(
                spec.model
            ):
                continue
            reference = "the models' names do not tell whether they count a text in the same tokens"
            source = Source(kind="guess", reference=reference)
            if ratio is not SAME_TOKENS:
                value, source = f"{ratio.low:.3g}..{ratio.high:.3g} × the logged ones, 90%", ratio.source
            said.setdefault((value, str(source)), Assumed(input="input tokens", value=value, source=source))
    yield from said.values()


_STATED = Source(kind="stated", reference="the command line")


def _caching(groups: Sequence[Group], terms: Terms) -> Iterator[Assumed]:
    if isinstance(terms.cached, float):
        value = f"{100 * terms.cached:.3g}% of each call's input, from the host's minimum prefix on"
        yield Assumed(input="cached input", value=value, source=_STATED)
    elif terms.cached == "replay":
        value = "leading blocks that an earlier call left in the cache, for as long as the host promises to keep them"
        yield Assumed(
            input="cached input",
            value=value,
            source=Source(kind="measured", reference="block hashes and times"),
        )
    else:
        silent = sum(group.silent for group in groups)
        value = "as logged, from the host's minimum prefix on"
        yield Assumed(input="cached input", value=value, source=Source(kind="measured", reference="the log"))
        if silent:
            reference = "the most that their input can cost; --cached states a share"
            yield Assumed(
                input=f"cached input of {_calls(silent)} silent about it", value="none",
                source=Source(kind="guess", reference=reference),
            )  # fmt: skip
