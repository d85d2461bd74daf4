"""What serving a model costs besides tokens: a fee, or GPUs that the load decides on."""

from __future__ import annotations

import math
from dataclasses import replace

from breakeven.beliefs import Belief, Source, point
from breakeven.errors import UnknownPriceError
from breakeven.prices import Throughput, TuningOffer
from breakeven.quantities import HOURS_PER_MONTH, KINDS
from breakeven.study.candidate_file import HostingFile
from breakeven.study.context import Context
from breakeven.study.given import Given
from breakeven.study.model import Gpus, Hosting, Tokens
from breakeven.yaml_places import Path, dotted

__all__ = ["SELF", "gpu_price", "resolve_hosting"]

SELF = "self/"
"""What the base of a model on one's own GPUs begins with."""
_ALIKE = 0.2
"""Calls whose lengths differ by less than this (a sum of logarithms) are served alike."""
_SLACK = 2.0
"""A figure for calls of another length may be this many times too high or too low."""


def resolve_hosting(
    ctx: Context, at: Path, file: HostingFile | None, base: str, offer: TuningOffer | None, tokens: Tokens
) -> Hosting | None:
    """The hosting that is stated, or that the tuning offer comes with; None where neither is."""
    path = (*at, "hosting")
    stated = file or HostingFile()
    if stated.fee is not None and stated.gpu is not None:
        ctx.problems.add((*path, "fee"), "both `fee` and `gpu` stand here", "leave one of them out")
    fee: Belief | None = None
    gpus: Gpus | None = None
    if stated.fee is not None:
        fee = ctx.stated(path, stated.fee)
    elif stated.gpu is not None:
        gpus = _gpus(ctx, path, stated, base, tokens)
    elif offer is not None:
        name = f"prices.{offer.inference.key}.hosting"
        fee = ctx.quoted(name, "money per month", offer.hosting_usd_per_hour * HOURS_PER_MONTH, offer.source)
    elif file is None:
        return None
    else:
        ctx.problems.add(
            path, "neither `fee` nor `gpu` stands here", "$2,000/month, or {gpu: lambda/h100-80gb, …}"
        )
    starts = stated.cold_starts
    return Hosting(
        usd_per_month=fee,
        gpus=gpus,
        cold_starts=ctx.maybe((*path, "cold_starts", "rate"), starts.rate if starts else None),
        cold_start_hours=ctx.maybe((*path, "cold_starts", "time"), starts.time if starts else None),
    )


def gpu_price(ctx: Context, path: Path, given: str | Given) -> Belief | None:
    """Dollars for one GPU hour: the price book's for a key, or as stated."""
    if isinstance(given, Given):
        return ctx.stated(path, given)
    try:
        offer = ctx.book.gpu(given)
    except UnknownPriceError as exc:
        near = f"nearest: {', '.join(exc.near)}; " if exc.near else ""
        ctx.problems.add(path, f"no price is known for the GPU {given!r}", f"{near}or write $2..$5/hour")
        return None
    return ctx.quoted(f"prices.{offer.key}", "money per hour", offer.usd_per_hour, offer.source)


def _gpus(ctx: Context, path: Path, file: HostingFile, base: str, tokens: Tokens) -> Gpus | None:
    assert file.gpu is not None
    price = gpu_price(ctx, (*path, "gpu"), file.gpu)
    rps = _rps(ctx, path, file, base, tokens)
    if price is None or rps is None:
        return None
    return Gpus(
        price=price, rps=rps, extra_replicas=ctx.either((*path, "extra"), file.extra, "hosting.extra")
    )


def _rps(ctx: Context, path: Path, file: HostingFile, base: str, tokens: Tokens) -> Belief | None:
    if file.rps is not None:
        return ctx.stated((*path, "rps"), file.rps)
    model = file.model or base.removeprefix(SELF)
    hint = "measure it and write `rps: 23.6/s`, or name a `model` of the throughput table"
    if not isinstance(file.gpu, str):
        ctx.problems.add((*path, "rps"), "`rps` is missing: the GPU is not named", hint, at_key=True)
        return None
    try:
        rows = ctx.book.throughput(model, file.gpu, precision=file.precision)
    except UnknownPriceError as exc:
        known = f"known: {'; '.join(exc.near)}. " if exc.near else ""
        where = (*path, "model") if file.model else (*path, "rps")
        ctx.problems.add(
            where, f"no throughput is known for {exc.key}", f"{known}{hint}", at_key=not file.model
        )
        return None
    stated_in = ctx.maybe((*path, "tokens_in"), file.tokens_in)
    stated_out = ctx.maybe((*path, "tokens_out"), file.tokens_out)
    wanted_in = stated_in.centre if stated_in else tokens.static.centre + tokens.input.centre
    wanted_out = stated_out.centre if stated_out else tokens.output.centre + tokens.reasoning.centre
    return _nearest_rps(ctx, (*path, "rps"), rows, wanted_in, wanted_out)


def _nearest_rps(
    ctx: Context, path: Path, rows: tuple[Throughput, ...], tokens_in: float, tokens_out: float
) -> Belief:
    """The figure for calls of this length; of the nearest length, with a wide range, where none was measured."""

    def distance(row: Throughput) -> float:
        return abs(math.log(max(tokens_in, 1) / row.tokens_in)) + abs(
            math.log(max(tokens_out, 1) / row.tokens_out)
        )

    closest = min(distance(row) for row in rows)
    same = [row for row in rows if distance(row) <= closest + 1e-9]
    low, high = min(row.rps for row in same), max(row.rps for row in same)
    row = same[0]
    shape = f"{row.tokens_in} tokens in, {row.tokens_out} out"
    said = f"{row.model} on {row.gpu}, {'/'.join(sorted({r.precision for r in same}))}, {shape}, {row.slo}"
    if closest < _ALIKE:
        source = replace(row.source, reference=f"{said}; {row.source.reference}")
    else:
        low, high = low / _SLACK, high * _SLACK
        source = Source(kind="guess", reference=f"half to double that of {said}; {row.source.reference}")
        ctx.notes.append(
            f"{path[1]}: no throughput was measured for calls of {tokens_in:,.0f} tokens in, {tokens_out:,.0f} out; "
            f"half to double that of {shape} is taken"
        )
    kind = KINDS["calls per second"]
    if low == high:
        return point(dotted(path), kind.name, low, source)
    return Given(kind=kind, form="value", numbers=(low, high)).belief(dotted(path), source)
