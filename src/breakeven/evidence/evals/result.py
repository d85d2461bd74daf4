"""The result of one candidate on a set of cases: every run of every case, scored or with the reason why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

__all__ = ["FORMAT", "CaseRun", "EvalResult", "PromptReference"]

FORMAT: Final = "format"
"""The failure of a run whose answer came but could not be read as what was asked for; its score is 0."""


@dataclass(frozen=True, kw_only=True)
class CaseRun:
    """One run of one case."""

    id: str
    """The case."""
    repeat: int = 1
    score: float | None
    """Within 0..1. None: no answer came, so there is nothing to score; ``failure`` says why."""
    scores: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """Further named scores, such as one a field."""
    counts: Mapping[str, tuple[float, float, float]] = field(default_factory=lambda: MappingProxyType({}))
    """Label → true positives, false positives, misses: what F1 over the whole set is made of."""
    human: float | None = None
    """What a person says of the answer, within 0..1, where one was asked: it calibrates a judge, and is no score."""
    failure: str | None = None
    """``format``: the answer could not be read (and scores 0). Otherwise why no answer came: ``time-out``, …"""
    cluster: str | None = None
    segment: str | None = None
    input_tokens: int | None = None
    """All input, cached or not; None: not known."""
    cached_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    latency_s: float | None = None
    cost_usd: float | None = None
    """None: not known, which is not 0."""
    judge_cost_usd: float | None = None
    """What scoring this run cost: a judge's answers, the vectors of a similarity. Never part of ``cost_usd``."""
    output: str | None = None
    """The answer as it came, where it is kept."""
    note: str | None = None
    """Why it scored as it did, in a scorer's or judge's words."""
    input: str | None = None
    """The case as text, where an import brought it along: so that a page can show it."""


@dataclass(frozen=True, kw_only=True)
class PromptReference:
    """Which version of which prompt was run."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class EvalResult:
    """One candidate's runs, in the order of the case file, and how they came about."""

    candidate: str
    runs: tuple[CaseRun, ...]
    date: dt.date | None = None
    """When it was measured."""
    model: str | None = None
    """``provider/model``."""
    prompt: PromptReference | None = None
    scorer: str | None = None
    """What the score is, in words: ``exact match, normalised``."""
    iterations: int | None = None
    """Versions of the prompt that were tried on these cases."""
    cases_sha256: str | None = None
    """Which cases: ``Cases.sha256``."""
    complete: bool = True
    """False: the run was cut short (a budget, a cancelled log); what is missing is not counted as wrong."""
    hold_out_openings: int | None = None
    """How often the sealed hold-out had been opened, this time included; None: these cases are not sealed."""
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Everything else that was set: shots, decoding, structured output, the tool that an import comes from."""
