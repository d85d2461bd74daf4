"""A new study from a profile of logs: what was measured stands in it, what was not is a question."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from breakeven.errors import EvidenceError, Problem, StudyError
from breakeven.evidence.profile.costs import Prices
from breakeven.evidence.profile.volume import DAYS_PER_MONTH
from breakeven.prices import ModelPrice, PriceBook
from breakeven.quantities import show
from breakeven.study.opening import parse_study
from breakeven.study.starting import GUESSED_QUALITY, frame
from breakeven.study.tasks import OTHER, TASKS

__all__ = ["PROFILE", "Draft", "draft", "span_in_words"]

PROFILE: Final = "evidence/profile.json"
"""Where the profile lies in the study's folder."""
_FEW_CALLS: Final = 10
"""Fewer calls than these are no ground to guess a volume from."""
_TELLING_GROWTH: Final = 0.03
"""Width of the 90% interval of a month's growth up to which it is taken from the logs: after 36 months it leaves the
calls open by a factor of about three. What is assumed without logs is 0.02 wide."""


_ERRORS: Final = (
    "  # errors: {cost: $0.40, target: 92%}   # what one wrong answer costs you; left out until then\n"
)


_UNCOUNTED: Final = (
    ", but keep texts: `breakeven profile LOGS --prompts -o FILE` counts them, `--from FILE` takes them"
)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A study's text, and what is to be filled in before it opens; nothing: it was opened once."""

    text: str
    model: str | None
    """Today's, by its key in the price book."""
    to_fill_in: tuple[str, ...]
    guessed: tuple[str, ...]
    """What the logs tell too little of, so that a wide guess stands there."""


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
        "BATCHED": _batched(profile, price),
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
    return Draft(text=text, model=model, to_fill_in=tuple(missing), guessed=tuple(_guessed(profile)))


def _guessed(profile: Mapping[str, Any]) -> list[str]:
    if profile.get("calls_per_month") is not None or _guessed_volume(profile) is None:
        return []
    return [f"workload.volume, from {span_in_words(profile['span_days'])} of logs"]


def _most_used(profile: Mapping[str, Any]) -> str | None:
    models = profile.get("models") or {}
    return max(models, key=lambda name: (models[name]["calls"], name)) if models else None


def _missing(profile: Mapping[str, Any], used: str | None, price: ModelPrice | None) -> list[str]:
    found = []
    if profile.get("calls_per_month") is None and _guessed_volume(profile) is None:
        found.append("workload.volume: calls in month 1, such as 480K calls/month; the logs do not tell")
    if price is None:
        why = "the logs name none" if used is None else f"no price is known for {used!r}"
        found.append(f"candidates.prompt.model: today's model, as PROVIDER/MODEL; {why}")
    open_sides = [side for side in ("input", "output") if _mean(profile, side) is None]
    how = _UNCOUNTED if profile.get("texts_uncounted") else ""
    return found + [
        f"workload.tokens.{side}: tokens of one call; the logs do not tell{how}" for side in open_sides
    ]


def _mean(profile: Mapping[str, Any], side: str) -> float | None:
    found = (profile.get("tokens") or {}).get(side)
    return None if not found else float(found["mean"])


def _is_counted(profile: Mapping[str, Any]) -> bool:
    rows = [row for row in (profile.get("tokens") or {}).values() if row]
    return any(row.get("counted") for row in rows)


def _workload(profile: Mapping[str, Any]) -> str:
    volume = profile.get("calls_per_month")
    sides = [f"{mean:,.0f} tokens {word}" for side, word in (("input", "in"), ("output", "out"))
             if (mean := _mean(profile, side)) is not None]  # fmt: skip
    lines = [
        f"task: {OTHER}",
        *_comment(f"what the model does decides which published quality holds: {', '.join(TASKS)}"),
    ]
    if _is_counted(profile):
        sides += ["tokens counted from texts"]
    measured = ", ".join(sides)
    if volume is not None:
        ends = f"[{show(volume['p05'])}, {show(volume['p95'])}]"
        measured = f"{show(volume['mean'])} calls a month {ends}" + (f", {measured}" if measured else "")
    lines += [f"profile: {PROFILE}     # measured: {measured}"]
    if volume is None:
        lines += _rough_volume(profile)
    lines += _growth(profile)
    lines += [
        "retries: 0%                        # the log counts every attempt, so the volume holds the retries"
    ]
    lines += _static(profile)
    return "".join(f"  {line}\n" for line in lines)


def _rough_volume(profile: Mapping[str, Any]) -> list[str]:
    """A guess from logs that are too short to measure a month, as wide as they are short; nothing without times."""
    rough = _guessed_volume(profile)
    if rough is None:
        return ["# volume: 480K calls/month         # FILL IN: the logs are too short to tell"]
    low, high = _rounded(*rough)
    times = f"{_spread(profile['span_days']):.0f} times less to as many times more"
    days = f"{span_in_words(profile['span_days'])} of logs, {times}"
    return [
        f"volume: {{value: {low}..{high} calls/month, source: guess,{_dated(profile)}",
        f"         reference: {json.dumps(days)}}}",
    ]


def _rounded(low: float, high: float) -> tuple[str, str]:
    """Two digits each, without commas, which YAML would take for the next key; both ends with a letter, or none."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if low >= size:
            return f"{_two_digits(low / size)}{letter}", f"{_two_digits(high / size)}{letter}"
    return _two_digits(low), _two_digits(high)


def _two_digits(value: float) -> str:
    rounded = float(f"{value:.2g}")
    return f"{rounded:.0f}" if rounded >= 10 else f"{rounded:g}"


def _guessed_volume(profile: Mapping[str, Any]) -> tuple[float, float] | None:
    days, calls = profile.get("span_days"), profile.get("calls")
    if not days or not calls or calls < _FEW_CALLS:
        return None
    month = calls / days * DAYS_PER_MONTH / float(profile.get("sampling") or 1)
    return month / _spread(days), month * _spread(days)


def _spread(days: float) -> float:
    """How far off the volume may be, each way: less than a day says nothing of nights, less than a week of weekends."""
    return 3.0 if days >= 1 else 10.0


def span_in_words(days: float) -> str:
    """A span of time in its nearest unit: ``58 minutes``, ``3.5 hours``, ``200.6 days``."""
    if days >= 1:
        return f"{days:.1f} days"
    if days * 24 >= 1:
        return f"{days * 24:.1f} hours"
    return f"{days * 1440:.0f} minutes" if days * 1440 >= 1.5 else f"{days * 86_400:.0f} seconds"


def _dated(profile: Mapping[str, Any]) -> str:
    last = str(profile.get("last") or "")[:10]
    return f" date: {last}," if last else ""


def _static(profile: Mapping[str, Any]) -> list[str]:
    """The tokens that prompts share, as mined from their texts; a line to fill in where the logs keep none."""
    removable = (profile.get("prompt") or {}).get("removable")
    total = _mean(profile, "input")
    tokens = 0.0 if removable is None else min(float(removable["tokens_per_call"]), total or math.inf)
    if removable is None or round(tokens) < 1:
        return [
            "# tokens: {static: 1900}           # FILL IN if you can: instructions and examples, alike in each call,",
            "#                                  # taken out of the measured input; without it no cached prefix counts",
        ]  # fmt: skip
    return [
        f"tokens:                            # {tokens:,.0f} tokens that prompts share, part of the measured input",
        f"  static: {{value: {tokens:.0f}, source: measured,{_dated(profile)}",
        f"           reference: {json.dumps(_mined(profile))}}}",
    ]  # fmt: skip


def _is_mined(profile: Mapping[str, Any]) -> bool:
    return not _static(profile)[0].startswith("#")


def _mined(profile: Mapping[str, Any]) -> str:
    prompt = profile["prompt"]
    removable = prompt["removable"]
    kinds = {name: tokens for name, tokens in removable["kinds"].items() if tokens > 0}
    whole = sum(kinds.values())
    parts = [f"{tokens / whole:.0%} {name.replace('_', ' ')}" for name, tokens in kinds.items()]
    parts += [f"{removable['static_prefix'] / whole:.0%} at the beginning"]
    return f"{PROFILE}, shared by {prompt['with_texts']:,} prompts: {', '.join(parts)}; counted offline"


def _comment(text: str) -> list[str]:
    import textwrap

    return [f"# {line}" for line in textwrap.wrap(text, 112)]


def _growth(profile: Mapping[str, Any]) -> list[str]:
    """What was measured, where it says more than what is assumed anyway; else the line to fill in."""
    growth = profile.get("growth_per_month")
    if growth is None:
        return ["# growth: 0%..3%/month             # not measured: the logs are too short"]
    over = f"measured over {_days(profile)} days"
    low, high = growth["p05"], growth["p95"]
    if high - low > _TELLING_GROWTH:
        return [
            f"# growth: 0%..3%/month             # {over}: {low:+.1%}..{high:+.1%} a month, too wide to go by"
        ]
    return [f"growth: {low:.1%}..{high:.1%}/month     # {over}; that it goes on so is EXTRAPOLATED"]


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
        later = "" if _is_mined(profile) else "; counts once `tokens: {static: …}` is stated"
        lines.append(f"{stated:<36} # measured{later}")
    already = (profile.get("batchable") or {}).get("already")
    if already and price.batch_input_usd_per_mtok is not None:
        stated = f"    batch: {100 * already:.3g}%"
        lines.append(f"{stated:<36} # measured: calls at the batch tier")
    return "".join(f"{line}\n" for line in lines)


def _batched(profile: Mapping[str, Any], price: ModelPrice | None) -> str:
    """Today's model with what can wait in a batch, where the log bounds it or somebody stated it; else nothing."""
    found = profile.get("batchable") or {}
    ends = found.get("low"), found.get("high")
    if price is None or price.batch_input_usd_per_mtok is None or None in ends:
        return ""
    low, high = (100 * float(end or 0) for end in ends)
    if high <= 0 or (low, high) == (0, 100):
        return ""
    value = f"{low:.3g}%" if low == high else f"{low:.3g}%..{high:.3g}%"
    whose = f"{PROFILE}, {_WHOSE[found.get('share') is not None]}"
    return (
        "  batched:                           # today's model; what can wait a day takes the batch price\n"
        f"    kind: prompt\n    model: {price.key}\n"
        f"    batch: {{value: {value}, source: guess,{_dated(profile)}\n"
        f"            reference: {json.dumps(whose)}}}\n"
        "    build: 8..40 hours               # a guess: the queue, and what is done with late answers\n\n"
    )


_WHOSE: Final = {
    False: "bounds of what can wait: from streams, sessions and hours, nobody stated it",
    True: "what can wait, as it was stated",
}
