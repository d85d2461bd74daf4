"""One result for the terminal: its score, where its error comes from, what failed, what it took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from breakeven.errors import NotEnoughEvidenceError
from breakeven.evidence.evals.comparison import CandidateSummary
from breakeven.evidence.evals.result import PromptReference
from breakeven.report.comparison import SEGMENTS_NOTE, segment_rows
from breakeven.report.comparison_text import fitted
from breakeven.report.eval_figures import interval, percent, points, seconds, tokens, usd
from breakeven.report.plain_table import wrapped
from breakeven.report.text import clean, shorten
from breakeven.statistics.f_measure import CorpusF1
from breakeven.statistics.sample_size import repeats_or_cases
from breakeven.statistics.segments import Segments

__all__ = ["result_text"]

_GUTTER = 12
_LABELS = 20
"""Labels that are shown."""


def result_text(s: CandidateSummary, segments: Segments | None, *, width: int = 100) -> str:
    """The page in lines of at most ``width`` characters."""
    lines = wrapped(_headline(s), width)
    for label, text in _entries(s):
        lines += wrapped(text, width, indent=f"{label:<{_GUTTER}}", hanging=" " * _GUTTER)
    if s.corpus is not None and len(s.corpus.labels) > 1:
        lines += ["", *_labels(s.corpus, width)]
    if segments is not None:
        rows = [
            (shorten(r.name, 40), f"{r.n:,}", r.raw, r.shrunk, r.interval, r.kept)
            for r in segment_rows(segments, means=True)
        ]
        head = ("segment", "cases", "raw", "drawn to the whole", f"{segments.centre.level:.0%}", "kept")
        lines += ["", *fitted(head, rows, width, right=(1, 2, 3, 5), drop=(5,))]
        lines += wrapped(SEGMENTS_NOTE, width, indent="  ")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _headline(s: CandidateSummary) -> str:
    name = clean(s.name)
    if s.score is None:
        return f"{name}: nothing was scored"
    cases = f"{s.n_cases:,} cases" if s.n_cases != 1 else "1 case"
    clusters = f" in {s.score.n_clusters:,} clusters" if s.score.n_clusters is not None else ""
    if not s.score.enough:
        return f"{name}: {percent(s.score.value)} ({cases}{clusters}: too few for an interval)"
    said = f"{s.score.level:.0%}, {cases}{clusters}, {s.score.method}"
    return f"{name}: {percent(s.score.value)} {interval(s.score)} ({said})"


def _entries(s: CandidateSummary) -> Iterator[tuple[str, str]]:
    yield from _origin(s)
    yield from _noise(s)
    yield from _corpus(s)
    yield from _calibrated(s)
    if s.n_not_scored:
        why = ", ".join(f"{clean(reason)} {n:,}" for reason, n in s.failures.items())
        lost = f"{s.n_not_scored:,} of {s.n_runs:,} runs gave no answer, and are left out: {why}"
        yield "NOT SCORED", lost + _if_wrong(s)
    if s.format_failures:
        yield (
            "FORMAT",
            f"{s.format_failures:,} answers could not be read as what was asked for; each scores 0",
        )
    yield from _spent(s)
    others = _named_scores(s)
    if others:
        yield (
            "NAMED",
            ", ".join(f"{clean(name)} {value:.3g} (mean of {n:,})" for name, (value, n) in others.items()),
        )
    if not s.result.complete:
        yield "! ", "not a complete run: what is missing is left out, not counted as wrong"


def _origin(s: CandidateSummary) -> Iterator[tuple[str, str]]:
    r = s.result
    told = [r.model, _prompt(r.prompt), r.scorer, None if r.date is None else r.date.isoformat()]
    if known := [clean(text) for text in told if text]:
        yield "MEASURED", ", ".join(known)
    if r.iterations:
        versions = "1 version" if r.iterations == 1 else f"{r.iterations:,} versions"
        yield "TRIED", f"{versions} of the prompt on these cases"
    if r.hold_out_openings is not None:
        yield "SEALED", f"cases opened {r.hold_out_openings:,}×"


def _prompt(prompt: PromptReference | None) -> str | None:
    """``prompt route 1.4.0 (41636b7f)``; one without a version goes by its hash."""
    if prompt is None:
        return None
    digest = prompt.sha256[:8]
    version = "" if prompt.version == digest else f" {prompt.version}"
    return f"prompt {prompt.name}{version} ({digest})"


def _noise(s: CandidateSummary) -> Iterator[tuple[str, str]]:
    """Where the standard error comes from; without repeats, only the cases' part can be seen."""
    v = s.variance
    if v is None:
        return
    if v.error_from_cases == 0 and not v.error_from_runs:
        yield "NOISE", "no score differs from another: how much they may vary can not be seen, and is not 0"
        return
    error = points(v.error_from_cases, signed=False)
    if s.calibration is not None and s.score == s.calibration.corrected:
        return  # it would be the verdicts' noise, not the corrected score's
    if v.error_from_runs is None:
        yield "NOISE", f"standard error {error} points; no case was run twice, so the runs' part is not known"
        return
    whole = points(float(np.hypot(v.error_from_cases, v.error_from_runs)), signed=False)
    yield (
        "NOISE",
        f"standard error {whole} points: {error} from which cases were drawn, "
        f"{points(v.error_from_runs, signed=False)} from how each run fell out "
        f"({v.n_runs / v.n_cases:.3g} runs a case)",
    )
    try:
        buy = repeats_or_cases(v)
    except NotEnoughEvidenceError:
        return
    yield (
        "",
        (
            f"twice the money: {points(buy.error_more_cases, signed=False)} points with new cases, "
            f"{points(buy.error_more_repeats, signed=False)} with more repeats"
        ),
    )


def _calibrated(s: CandidateSummary) -> Iterator[tuple[str, str]]:
    """What people say of the judge, or that nobody was asked."""
    c = s.calibration
    if c is not None:
        alone = "" if c.raw is None else f"; the judge alone says {percent(c.raw.value)}"
        yield (
            "CALIBRATED",
            f"by {c.n_labels:,} human labels{alone}; they agree on "
            f"{percent(c.agreement.value)} {interval(c.agreement)}",
        )
    elif isinstance(s.result.settings.get("judge"), Mapping):
        n = sum(run.human is not None for run in s.result.runs)
        asked = f"only {n:,} human labels" if n else "no human labels"
        yield "JUDGED", f"{asked}: the interval leaves out that the judge errs; see breakeven eval label"


def _corpus(s: CandidateSummary) -> Iterator[tuple[str, str]]:
    """F1 over the whole set, which is no mean of scores."""
    found = s.corpus
    if found is None:
        return
    pooled = [
        f"{name} {percent(value)}"
        for name, value in (("precision", found.precision), ("recall", found.recall))
        if value is not None
    ]
    said = f"micro-F1 {percent(found.micro.value)} {interval(found.micro)}"
    if found.macro is not None:
        said += (
            f", macro-F1 {percent(found.macro.value)} {interval(found.macro)} over {len(found.labels)} labels"
        )
    yield "ALL CASES", f"{said}; {', '.join(pooled)} ({found.micro.level:.0%}, {found.micro.method})"
    yield (
        "",
        "these pool the labels of all cases; what is compared and joined to money is the mean over cases above",
    )


def _labels(found: CorpusF1, width: int) -> list[str]:
    """A row a label that occurs, the most frequent first."""
    shown = sorted(found.labels, key=lambda one: -one.support)[:_LABELS]
    rows = [
        (
            shorten(clean(str(one.label)), 40), f"{one.support:,.0f}",
            "–" if one.precision is None else percent(one.precision),
            "–" if one.recall is None else percent(one.recall),
            "" if one.recalled is None else interval(one.recalled),
            percent(one.f1.value), interval(one.f1),
        )
        for one in shown
    ]  # fmt: skip
    level = f"{found.micro.level:.0%}"
    head = ("label", "occurs", "precision", "recall", level, "F1", level)
    lines: list[str] = fitted(head, rows, width, right=(1, 2, 3, 5), drop=(2, 6))
    more = len(found.labels) - len(shown)
    return [*lines, f"  and {more:,} labels more: --json has them all"] if more else lines


def _if_wrong(s: CandidateSummary) -> str:
    """The score if every case that nothing came from were wrong."""
    asked = len({run.id for run in s.result.runs})
    if s.score is None or asked == s.n_cases:
        return ""
    return f" (were all of them wrong: {percent(s.score.value * s.n_cases / asked)})"


def _spent(s: CandidateSummary) -> Iterator[tuple[str, str]]:
    if s.cost_usd is not None:
        part = "" if s.n_costed == s.n_runs else f", not known of {s.n_runs - s.n_costed:,}"
        yield "COST", f"{usd(s.cost_usd)} for {s.n_costed:,} runs, {usd(s.cost_usd / s.n_costed)} a run{part}"
    else:
        yield "COST", "not known"
    if s.judge_cost_usd is not None:
        yield "SCORING", f"{usd(s.judge_cost_usd)}, apart from that"
    if s.tokens:
        yield "TOKENS", ", ".join(f"{kind} {tokens(n)}" for kind, n in s.tokens.items()) + " a run"
    if s.latency_s:
        yield "LATENCY", ", ".join(f"{name} {seconds(value)}" for name, value in s.latency_s.items())


def _named_scores(s: CandidateSummary) -> Mapping[str, tuple[float, int]]:
    values: dict[str, list[float]] = {}
    for run in s.result.runs:
        for name, value in run.scores.items():
            values.setdefault(name, []).append(value)
    return {name: (float(np.mean(found)), len(found)) for name, found in values.items()}
