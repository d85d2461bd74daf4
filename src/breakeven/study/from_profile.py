"""A new study from a profile of logs: what was measured stands in it, what was not is a question."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from breakeven.errors import EvidenceError, Problem, StudyError
from breakeven.evidence.profile.costs import Prices
from breakeven.prices import ModelPrice, PriceBook
from breakeven.quantities import show
from breakeven.study.opening import parse_study
from breakeven.study.starting import GUESSED_QUALITY, frame
from breakeven.study.tasks import OTHER, TASKS

__all__ = ["PROFILE", "Draft", "draft"]

PROFILE: Final = "evidence/profile.json"
"""Where the profile lies in the study's folder."""


_ERRORS: Final = (
    "  # errors: {cost: $0.40, target: 92%}   # what one wrong answer costs you; left out until then\n"
)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A study's text, and what is to be filled in before it opens; nothing: it was opened once."""

    text: str
    model: str | None
    """Today's, by its key in the price book."""
    to_fill_in: tuple[str, ...]


def draft(profile: Mapping[str, Any], *, name: str, folder: Path, today: dt.date, book: PriceBook) -> Draft:
    """The study that names the profile; ``folder`` already holds it, at ``PROFILE``.

    Raises EvidenceError where it is no whole profile.
    """
    try:
        return _draft(profile, name=name, folder=folder, today=today, book=book)
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        hint = "write it with `breakeven profile LOGS -o profile.json`"
        raise EvidenceError(Problem(message=f"this is no whole profile: {exc!r}", hint=hint)) from exc


def _draft(profile: Mapping[str, Any], *, name: str, folder: Path, today: dt.date, book: PriceBook) -> Draft:
    used = _most_used(profile)
    price = None if used is None else Prices(book).of(None, used)
    parts = {
        "NAME": json.dumps(name, ensure_ascii=False),
        "WORKLOAD": _workload(profile),
        "ERRORS": _ERRORS,
        "MODEL": _model(used, price, profile),
        "QUALITY": GUESSED_QUALITY,
        "EXAMPLES": "",
        "LABELLED": "    # labelled: 1200               # labelled examples that you have\n",
    }
    model = None if price is None else price.key
    text = frame(parts, model=model, today=today, book=book)
    missing = _missing(profile, used, price)
    if not missing:
        try:
            parse_study(text, today=today, book=book, folder=folder)
        except StudyError as exc:
            missing = [" ".join(str(problem).split()) for problem in exc.problems]
    return Draft(text=text, model=model, to_fill_in=tuple(missing))


def _most_used(profile: Mapping[str, Any]) -> str | None:
    models = profile.get("models") or {}
    return max(models, key=lambda name: (models[name]["calls"], name)) if models else None


def _missing(profile: Mapping[str, Any], used: str | None, price: ModelPrice | None) -> list[str]:
    found = []
    if profile.get("calls_per_month") is None:
        found.append("workload.volume: calls in month 1, such as 480K calls/month; the logs do not tell")
    if price is None:
        why = "the logs name none" if used is None else f"no price is known for {used!r}"
        found.append(f"candidates.prompt.model: today's model, as PROVIDER/MODEL; {why}")
    open_sides = [side for side in ("input", "output") if _mean(profile, side) is None]
    return found + [
        f"workload.tokens.{side}: tokens of one call; the logs do not tell" for side in open_sides
    ]


def _mean(profile: Mapping[str, Any], side: str) -> float | None:
    found = (profile.get("tokens") or {}).get(side)
    return None if not found else float(found["mean"])


def _workload(profile: Mapping[str, Any]) -> str:
    volume = profile.get("calls_per_month")
    sides = [f"{mean:,.0f} tokens {word}" for side, word in (("input", "in"), ("output", "out"))
             if (mean := _mean(profile, side)) is not None]  # fmt: skip
    lines = [
        f"task: {OTHER}",
        *_comment(f"what the model does decides which published quality holds: {', '.join(TASKS)}"),
    ]
    measured = ", ".join(sides)
    if volume is not None:
        ends = f"[{show(volume['p05'])}, {show(volume['p95'])}]"
        measured = f"{show(volume['mean'])} calls a month {ends}" + (f", {measured}" if measured else "")
    lines += [f"profile: {PROFILE}     # measured: {measured}"]
    if volume is None:
        lines += ["# volume: 480K calls/month         # FILL IN: the logs are too short to tell"]
    lines += _growth(profile)
    lines += [
        "retries: 0%                        # the log counts every attempt, so the volume holds the retries"
    ]
    lines += [
        "# tokens: {static: 1900}           # FILL IN if you can: instructions and examples, the same in each call,"
    ]
    lines += [
        "#                                  # taken out of the measured input; without it no cached prefix counts"
    ]
    return "".join(f"  {line}\n" for line in lines)


def _comment(text: str) -> list[str]:
    import textwrap

    return [f"# {line}" for line in textwrap.wrap(text, 112)]


def _growth(profile: Mapping[str, Any]) -> list[str]:
    growth = profile.get("growth_per_month")
    if growth is None:
        return ["# growth: 0%..3%/month             # not measured: the logs are too short"]
    ends = f"{growth['p05']:+.1%}..{growth['p95']:+.1%} a month"
    return [f"# growth: 0%..3%/month             # measured over {_days(profile)} days: {ends}"]


def _days(profile: Mapping[str, Any]) -> str:
    return f"{(profile.get('rhythm') or {}).get('complete_days', 0):.0f}"


def _model(used: str | None, price: ModelPrice | None, profile: Mapping[str, Any]) -> str:
    if price is None:
        why = "the logs name no model" if used is None else f"no price is known for {json.dumps(used)}"
        return f"    # model: openai/gpt-6.1-terra    # FILL IN: {why}\n"
    total = sum(group["calls"] for group in profile["models"].values())
    share = profile["models"][used]["calls"] / total if total else 1.0
    stated = f"    model: {price.key}"
    lines = [f"{stated:<36} # {share:.0%} of the logged calls" if share < 1 else stated]
    cached = (profile.get("caching") or {}).get("share")
    if cached and price.cached_usd_per_mtok is not None:
        stated = f"    cached: {100 * cached:.3g}%"
        lines.append(f"{stated:<36} # measured; counts once `tokens: {{static: …}}` is stated")
    return "".join(f"{line}\n" for line in lines)
