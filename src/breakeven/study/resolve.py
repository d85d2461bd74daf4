"""From the file to the study: defaults filled in, prices looked up, evidence joined, everything left out named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from breakeven.beliefs import Belief
from breakeven.errors import nearest
from breakeven.prices import PriceBook, price_steps
from breakeven.study.candidate_file import PromptFile
from breakeven.study.candidates import resolve_candidates
from breakeven.study.context import Context
from breakeven.study.defaults import default
from breakeven.study.eval_notes import token_notes
from breakeven.study.file import FactsFile, StudyFile
from breakeven.study.folder import Folder
from breakeven.study.given import Given
from breakeven.study.label_noise import cap_qualities
from breakeven.study.learning_curves import read_learning_curves
from breakeven.study.measured import Measured, measured_qualities
from breakeven.study.model import Candidate, Facts, PriceSteps, Study
from breakeven.study.not_counted import not_counted
from breakeven.study.problems import Problems
from breakeven.study.quality import resolve_qualities
from breakeven.study.references import check_references
from breakeven.study.training_data import read_training_data
from breakeven.study.workload import resolve_workload
from breakeven.yaml_places import Path

__all__ = ["resolve"]

_OLD_BOOK_DAYS = 45
"""After this many days the reader is told that prices may have moved."""


def resolve(
    file: StudyFile, problems: Problems, *, today: dt.date, book: PriceBook, folder: Folder
) -> Study | None:
    """The study; None where a problem was added."""
    horizon = file.horizon or round(default("horizon").centre)
    check_references(file, problems, horizon)
    start = _first_of_next_month(today) if file.start is None else file.start.replace(day=1)
    ctx = Context(file=file, problems=problems, book=book, folder=folder, start=start, horizon_months=horizon)
    workload, tokens = resolve_workload(ctx)
    read_training_data(ctx)
    read_learning_curves(ctx)
    measured, joints = measured_qualities(ctx)
    qualities = cap_qualities(ctx, resolve_qualities(ctx, measured))
    candidates, _ = resolve_candidates(ctx, tokens, qualities)
    ctx.notes.extend(
        token_notes(
            {name: its.seen for name, its in measured.items()},
            {name: it.tokens for name, it in candidates.items()},
        )
    )
    study = Study(
        name=file.name,
        horizon_months=horizon,
        start=start,
        discount=ctx.either(("discount",), file.discount, "discount"),
        wage=ctx.either(("wage",), file.wage, "wage"),
        workload=workload,
        today=file.today,
        candidates=candidates,
        price_change=_price_change(ctx, candidates),
        facts=_facts(ctx, measured, candidates),
        joints=joints,
        scored=tuple(ctx.scored),
        not_counted={name: not_counted(workload, candidate) for name, candidate in candidates.items()},
        notes=(*ctx.notes, *_book_notes(book, today)),
    )
    return None if problems else study


def _first_of_next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def _book_notes(book: PriceBook, today: dt.date) -> list[str]:
    age = (today - book.as_of).days
    if age <= _OLD_BOOK_DAYS:
        return []
    return [f"the price book is {age} days old: `breakeven prices update` brings it up to date"]


def _price_change(ctx: Context, candidates: dict[str, Candidate]) -> dict[str, Belief | PriceSteps]:
    stated = ctx.file.price_change
    at: Path = ("price_change",)
    if stated is None:
        return {"*": ctx.default(at, "price_change")}
    written = ctx.problems.yaml.get(at)
    by_provider = isinstance(written, dict) and all(provider in written for provider in stated)
    found = {
        provider: _one_change(ctx, (*at, provider) if by_provider else at, change)
        for provider, change in stated.items()
    }
    providers = {c.prices.provider for c in candidates.values() if c.prices is not None}
    if not ctx.problems.found_under(("candidates",)):
        _check_providers(ctx, found.keys() - {"*"}, providers)
    if providers - found.keys() and "*" not in found:
        found["*"] = ctx.default((*at, "*"), "price_change")
    return found


def _check_providers(ctx: Context, stated: Iterable[str], providers: set[str]) -> None:
    """A provider that nobody pays is a slip of the pen."""
    for provider in stated:
        if provider not in providers:
            near = nearest(provider, providers, n=1)
            did = f"did you mean {near[0]}? " if near else ""
            hint = f"{did}providers here: {', '.join(sorted(providers)) or 'none'}; and * for all others"
            ctx.problems.add(("price_change", provider), f"no candidate pays {provider!r}", hint, at_key=True)


def _one_change(ctx: Context, path: Path, change: Given | str) -> Belief | PriceSteps:
    return ctx.stated(path, change) if isinstance(change, Given) else _published_steps()


def _published_steps() -> PriceSteps:
    """How often and how far list prices step, as published."""
    known = price_steps()
    up, down = known.sizes_up, known.sizes_down
    return PriceSteps(
        changes_per_year=known.up_per_year + known.down_per_year,
        share_up=known.up_per_year / (known.up_per_year + known.down_per_year),
        up=(up.median - 1, up.p90 - 1),
        down=(1 - down.median, 1 - down.p10),  # the tenth deepest cut is the smallest new price
    )


def _facts(ctx: Context, measured: dict[str, Measured], candidates: dict[str, Candidate]) -> Facts:
    """What the study states, and what can be seen from the rest of it."""
    file = ctx.file.facts or FactsFile()
    stated: dict[str, Any] = {f.name: getattr(file, f.name) for f in fields(Facts)}
    for name in ("months_in_production", "budget_usd_per_month"):
        given = stated[name]
        stated[name] = None if given is None else ctx.stated(("facts", name), given).centre
    prompts = [its for its in ctx.file.candidates.values() if isinstance(its, PromptFile)]
    today = candidates.get(ctx.file.today)
    seen: dict[str, Any] = {
        "structured_output_tried": True if any(its.structured_output for its in prompts) else None,
        "retrieval_tried": True if today is not None and today.retrieval_queries is not None else None,
        "labelled_examples": _labelled(candidates),
        "eval_cases": max((found.n_cases for found in measured.values()), default=None),
        "prompt_iterations": measured[ctx.file.today].iterations if ctx.file.today in measured else None,
    }
    return Facts(**{name: seen.get(name) if value is None else value for name, value in stated.items()})


def _labelled(candidates: dict[str, Candidate]) -> int | None:
    """Labelled examples that a candidate says are at hand; a default is no statement."""
    trained = [c.training.labelled for c in candidates.values() if c.training is not None]
    return max((round(its.centre) for its in trained if its.source.kind != "guess"), default=None)
