"""The workload of a study: stated, measured by a profile, or assumed."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from breakeven.beliefs import Belief, Source, sample
from breakeven.study.context import Context
from breakeven.study.file import ErrorsFile, TokensFile
from breakeven.study.given import Given, MisreadError
from breakeven.study.model import Tokens, Workload
from breakeven.study.profile import Profile, read_profile
from breakeven.yaml_places import Path, dotted

__all__ = ["resolve_workload"]

_AT: Final[Path] = ("workload",)
_MIXED_DRAWS: Final = 2_000
"""Draws that stand for a sum of several ranges."""


def resolve_workload(ctx: Context) -> tuple[Workload, Tokens]:
    """The workload and the tokens of one of its calls; what is missing is a problem, and 0 until it is stated."""
    file = ctx.file.workload
    profile = _profile(ctx)
    volume = _volume(ctx, profile)
    tokens = _tokens(ctx, profile)
    errors = file.errors or ErrorsFile()
    workload = Workload(
        task=file.task,
        volume=volume,
        growth=ctx.either((*_AT, "growth"), file.growth, "workload.growth"),
        retries=ctx.either((*_AT, "retries"), file.retries, "workload.retries"),
        peak_to_mean=ctx.either(
            (*_AT, "peak_to_mean"), _peak(file.peak_to_mean, profile), "workload.peak_to_mean"
        ),
        error_cost=_error_cost(ctx, errors),
        target=ctx.maybe((*_AT, "errors", "target"), errors.target),
        value=ctx.maybe((*_AT, "value"), file.value),
        latency_cost=ctx.maybe((*_AT, "latency_cost"), file.latency_cost),
        delay_benefit=ctx.maybe((*_AT, "delay_benefit"), file.delay_benefit),
    )
    return workload, tokens


def _peak(stated: Given | None, profile: Profile | None) -> Given | None:
    return stated if stated is not None or profile is None else profile.peak_to_mean


def _profile(ctx: Context) -> Profile | None:
    name = ctx.file.workload.profile
    if name is None:
        return None
    try:
        return read_profile(ctx.folder.read(name), name)
    except MisreadError as exc:
        path = (*_AT, "profile")
        ctx.problems.add(path, exc.message, exc.hint)
        for part in ("volume", "tokens"):  # what the profile would have said is not missing too
            ctx.problems.blind((*_AT, part))
        return None


def _volume(ctx: Context, profile: Profile | None) -> Belief:
    path = (*_AT, "volume")
    given = ctx.file.workload.volume
    if given is None and profile is not None:
        given = profile.volume
        if given is None:
            message = "the profile has no calls_per_month: its logs are too short to tell"
            ctx.problems.add((*_AT, "profile"), message, "state `volume: 480K calls/month` beside it")
            ctx.problems.blind(path)
    if given is None:
        ctx.problems.add(path, "`volume` is missing", "calls in month 1: 480K calls/month", at_key=True)
        return ctx.unknown(path, "volume")
    return ctx.stated(path, given)


def _tokens(ctx: Context, profile: Profile | None) -> Tokens:
    stated = ctx.file.workload.tokens or TokensFile()
    at = (*_AT, "tokens")
    if profile is not None:
        stated = _measured_tokens(ctx, stated, profile)
    parts = {name: getattr(stated, name) for name in ("static", "input", "output")}
    if all(given is None for given in parts.values()):
        hint = "{static: 2600, input: 400, output: 60} for one call, or `profile:` of your logs"
        message = "`tokens` is missing"
        if profile is not None:
            message += ": the logs of the profile do not tell them"
            hint = "state `tokens: {static: 2600, input: 400, output: 60}` for one call beside `profile:`"
        ctx.problems.add(at, message, hint, at_key=True)
        ctx.problems.blind(at)
    found = {name: _token_count(ctx, (*at, name), given) for name, given in parts.items()}
    reasoning = ctx.either((*at, "reasoning"), stated.reasoning, "workload.tokens.reasoning")
    return Tokens(static=found["static"], input=found["input"], output=found["output"], reasoning=reasoning)


def _token_count(ctx: Context, path: Path, given: Given | None) -> Belief:
    if given is not None:
        return ctx.stated(path, given)
    same = path[-1] == "static"
    hint = "tokens that are the same in every call, 0 if there are none" if same else "tokens of one call"
    ctx.problems.add(path, f"`{path[-1]}` is missing", hint, at_key=True)
    return ctx.unknown(path, "tokens")


def _measured_tokens(ctx: Context, stated: TokensFile, profile: Profile) -> TokensFile:
    """What is not stated comes from the profile, whose input counts static tokens, too."""
    if profile.tokens_in is None:
        return stated.model_copy(update={"output": stated.output or profile.tokens_out})
    total = profile.tokens_in.centre
    static = stated.static
    if static is None:
        source = Source(kind="guess", reference="the profile does not tell static tokens apart")
        static = Given(kind=profile.tokens_in.kind, form="value", numbers=(0.0, 0.0), source=source)
        ctx.notes.append("static tokens are not stated: no cached prefix is counted")
    fixed = ctx.stated((*_AT, "tokens", "static"), static).centre
    rest = total - fixed
    if stated.input is None and rest < 0:
        message = f"{fixed:,.0f} static tokens are more than the {total:,.0f} input tokens of the profile"
        ctx.problems.add((*_AT, "tokens", "static"), message)
    measured = Given(
        kind=static.kind, form="value", numbers=(max(rest, 0.0),) * 2, source=profile.tokens_in.source
    )
    return stated.model_copy(
        update={
            "static": static,
            "input": stated.input or measured,
            "output": stated.output or profile.tokens_out,
        }
    )


def _error_cost(ctx: Context, errors: ErrorsFile) -> Belief | None:
    """The cost of one wrong answer; of several kinds, Σ share·cost."""
    at = (*_AT, "errors")
    if errors.kinds is None:
        return ctx.maybe((*at, "cost"), errors.cost)
    if errors.cost is not None:
        ctx.problems.add((*at, "cost"), "both `cost` and `kinds` stand here", "leave one of them out")
    shares = {
        name: ctx.stated((*at, "kinds", name, "share"), kind.share) for name, kind in errors.kinds.items()
    }
    total = sum(share.centre for share in shares.values())
    if not errors.kinds or abs(total - 1) > 0.01:
        hint = "every wrong answer is of one kind: the shares make 100%"
        ctx.problems.add((*at, "kinds"), f"the shares make {total:.3g}, not 1", hint)
        return None
    return _mixed(ctx, errors, (*at, "kinds"))


def _mixed(ctx: Context, errors: ErrorsFile, at: Path) -> Belief:
    parts = {
        name: (ctx.stated((*at, name, "share"), kind.share), ctx.stated((*at, name, "cost"), kind.cost))
        for name, kind in (errors.kinds or {}).items()
    }
    draws = sample([belief for pair in parts.values() for belief in pair], _MIXED_DRAWS, 0)
    cost = sum((draws[share] * draws[each] for share, each in parts.values()), np.zeros(1))
    low, high = float(cost.min()), float(cost.max())
    belief = Belief(
        name=dotted(at), kind="money per error", family="point", parameters=(low,), source=ctx.here(at)
    )
    if low == high:
        return belief
    evidence = tuple(float(value) for value in np.sort(cost))
    return replace(belief, family="draws", parameters=(), evidence=evidence)
