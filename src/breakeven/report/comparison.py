"""A comparison in words and rows, made once for the terminal and for HTML: the answer comes first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from breakeven.evidence.evals.comparison import CandidateSummary, Comparison, Pair, SelectionEffect, Unpaired
from breakeven.report.eval_figures import (
    interval,
    p_value,
    percent,
    points,
    points_interval,
    points_words,
    probability,
    seconds,
    usd,
)
from breakeven.report.text import clean, join, share
from breakeven.statistics.segments import Segments

__all__ = [
    "CANDIDATE_HEAD",
    "PAIR_HEAD",
    "SEGMENTS_NOTE",
    "SegmentRow",
    "answers",
    "candidate_rows",
    "method_notes",
    "pair_rows",
    "picked",
    "segment_rows",
    "title",
    "unpaired_lines",
]

CANDIDATE_HEAD: Final = (
    "",
    "cases",
    "score",
    "interval",
    "cost",
    "p50",
    "p95",
    "format",
    "not scored",
    "best",
)
PAIR_HEAD: Final = (
    "",
    "cases",
    "difference",
    "interval",
    "judge alone",
    "together",
    "better",
    "it alone",
    "ref. alone",
    "p",
)
SEGMENTS_NOTE: Final = (
    "Segments are drawn towards the whole as far as their few cases demand (partial pooling), with the interval of the "
    "drawn figure; the raw one stands beside, and the best and worst raw ones were lucky or unlucky in part."
)
_SHOWN_IDS: Final = 5
_MOST_ANSWERS: Final = 5
"""Candidates beyond which the table alone tells of each."""
_SORTED_ABOVE: Final = 4
"""Candidates beyond which they stand best first, rather than as they were named."""


@dataclass(frozen=True, kw_only=True)
class SegmentRow:
    """One segment of one candidate."""

    name: str
    n: int
    raw: str
    shrunk: str
    interval: str
    kept: str


def title(c: Comparison) -> str:
    """The finding in one sentence, of the first pair or of all."""
    pairs = c.against_reference()
    if len(pairs) == 1:
        return _finding(pairs[0])
    better = [clean(p.b) for p in pairs if _side(p) > 0]
    worse = [clean(p.b) for p in pairs if _side(p) < 0]
    reference = clean(c.reference)
    said = []
    if better:
        said.append(f"{_several(better)} better than {reference}")
    if worse:
        said.append(f"{_several(worse)} worse")
    if not said:
        return f"None of {len(pairs)} is told apart from {reference}"
    open_ones = len(pairs) - len(better) - len(worse)
    rest = f"; {open_ones} can not be told apart from it" if open_ones else ""
    return "; ".join(said) + ("" if better else f" than {reference}") + rest


def _several(names: Sequence[str]) -> str:
    verb = "is" if len(names) == 1 else "are"
    return f"{join(names)} {verb}" if len(names) <= 3 else f"{len(names)} {verb}"


def _side(p: Pair) -> int:
    """1: b is better, −1: worse, 0: not told apart; with several candidates, all comparisons allowed for."""
    ends = p.adjusted or p.difference
    if ends.low is None or ends.high is None:
        return 0
    return 1 if ends.low > 0 else -1 if ends.high < 0 else 0


def _finding(p: Pair) -> str:
    # With several candidates, the interval that holds together with the others decides, and is the one printed.
    found = p.adjusted or p.difference
    a, b = clean(p.a), clean(p.b)
    if found.low is None:
        return f"Too few cases to compare {b} with {a}: {p.n:,}"
    side = _side(p)
    if side:
        word = "better" if side > 0 else "worse"
        return f"{b} is {points_words(found.value)} {word} than {a} {points_interval(found)}"
    if round(1000 * found.value) == 0:
        return f"No difference between {b} and {a} is seen {points_interval(found)}"
    word = "better" if found.value > 0 else "worse"
    seen = f"{b} scored {points_words(found.value)} {word} {points_interval(found)}"
    return f"Whether {b} or {a} is better can not be told: {seen}"


def answers(c: Comparison) -> Iterator[str]:
    """A sentence for each candidate against the reference: the finding, the margin, what would settle it."""
    pairs = c.against_reference()
    if len(pairs) > 1:
        yield f"{title(c)}."
    for pair in pairs if len(pairs) <= _MOST_ANSWERS else ():
        if pair.difference.enough:
            yield f"{_finding(pair)} {_level(pair, c)}. {_margin(pair)}{_settling(pair)}"
        else:
            yield f"{_finding(pair)}."


def _level(p: Pair, c: Comparison) -> str:
    return f"({c.level:.0%}, {p.n:,} cases{', all comparisons together' if p.adjusted else ''})"


def _margin(p: Pair) -> str:
    most = points_words(p.inferiority.margin)
    p_within = probability(p.inferiority.p_within)
    if p.inferiority.verdict == "shown":
        return f"At most {most} worse: shown, with probability {p_within}"
    if p.inferiority.verdict == "not shown":
        return f"It is more than {most} worse, with probability {probability(1 - p.inferiority.p_within)}"
    return f"At most {most} worse: not shown, its probability is {p_within}"


def _settling(p: Pair) -> str:
    """How many more cases, or human labels, would show the margin or settle the difference, where something is open."""
    if p.judged is not None:
        return _labelling(p)
    if p.inferiority.verdict != "cannot tell" or p.to_show is None:
        return "."
    if p.to_show.more:
        return f"; about {p.to_show.more:,} more cases would show it, if the difference is as it looks."
    if _side(p) == 0 and p.to_settle is not None and p.to_settle.more:
        return f"; about {p.to_settle.more:,} more cases would settle which is better, if it is as it looks."
    return "; as it looks now, more cases would not show it."


def _labelling(p: Pair) -> str:
    """How many more human labels would decide the margin, where that is open and known."""
    if p.inferiority.verdict != "cannot tell" or p.to_show is None:
        return "."
    if p.to_show.n is None:
        return "; no number of human labels on these cases would decide it, as it looks now: more cases may."
    if not p.to_show.more:
        return "; it is at the edge of what these labels can tell."
    way = "show it" if p.difference.value > -p.inferiority.margin else "show that it is worse than that"
    range_ = (
        "" if p.to_show.high is None else f" ({_beyond(p.to_show.low, p)} to {_beyond(p.to_show.high, p)})"
    )
    return f"; about {p.to_show.more:,} more human labels of each candidate{range_} would {way}, if it is as it looks."


def _beyond(n: int | None, p: Pair) -> str:
    return f"{max(0, (n or 0) - (p.to_show.have if p.to_show else 0)):,}"


def candidate_rows(c: Comparison) -> list[tuple[str, ...]]:
    """A row for each candidate, in the order of ``CANDIDATE_HEAD``; what nobody knows is left empty."""
    several = len(c.candidates) > 2
    shown = list(c.candidates)
    if len(shown) > _SORTED_ABOVE:
        shown.sort(key=lambda s: -s.score.value if s.score is not None else 1.0)
    return [_candidate(s, c.p_best.get(s.name) if several else None) for s in shown]


def _candidate(s: CandidateSummary, p_best: float | None) -> tuple[str, ...]:
    return (
        clean(s.name),
        f"{s.n_cases:,}",
        "–" if s.score is None else percent(s.score.value),
        "" if s.score is None else interval(s.score),
        "" if s.cost_usd is None else usd(s.cost_usd) + ("" if s.n_costed == s.n_runs else "+"),
        seconds(s.latency_s["p50"]) if s.latency_s else "",
        seconds(s.latency_s["p95"]) if s.latency_s else "",
        f"{s.format_failures:,}" if s.format_failures else "",
        f"{s.n_not_scored:,}" if s.n_not_scored else "",
        "" if p_best is None else probability(p_best),
    )


def pair_rows(c: Comparison) -> list[tuple[str, ...]]:
    """A row for each candidate against the reference, in the order of ``PAIR_HEAD``."""
    pairs = list(c.against_reference())
    if len(c.candidates) > _SORTED_ABOVE:
        pairs.sort(key=lambda p: -p.difference.value)
    return [_pair(pair) for pair in pairs]


def _pair(p: Pair) -> tuple[str, ...]:
    found, alone = p.comparison, p.comparison.difference
    return (
        clean(p.b),
        f"{p.n:,}",
        points(p.difference.value),
        points_interval(p.difference),
        "" if p.judged is None else f"{points(alone.value)} {points_interval(alone)}",
        "" if p.adjusted is None else points_interval(p.adjusted),
        probability(p.p_b_better),
        f"{found.only_b:,}",
        f"{found.only_a:,}",
        p_value(found.p_value) if p.judged is None else "",
    )


def picked(s: SelectionEffect) -> str:
    """What the best of versions scored, as seen and corrected for having been picked."""
    return (
        f"{clean(s.best)} scored best of {len(s.names)} versions: {percent(s.seen.value)} {interval(s.seen)} as seen, "
        f"{percent(s.corrected.value)} {interval(s.corrected)} corrected for having been picked "
        f"({points_words(s.optimism)} of it was luck)"
    )


def unpaired_lines(unpaired: Sequence[Unpaired]) -> Iterator[str]:
    """Cases without a partner: how many, of whom, and the first ids."""
    for u in unpaired:
        first = ", ".join(clean(case) for case in u.ids[:_SHOWN_IDS]) + (
            ", …" if len(u.ids) > _SHOWN_IDS else ""
        )
        what = "did not run" if u.reason == "not run" else "gave no answer to"
        cases = "case" if len(u.ids) == 1 else "cases"
        yield f"{clean(u.against)} {what} {len(u.ids):,} {cases} of {clean(u.candidate)}: {first}"


def segment_rows(found: Segments, *, means: bool) -> list[SegmentRow]:
    """Segments, the worst first; ``means``: scores in per cent, else differences in points."""
    ordered = sorted(found.segments, key=lambda s: s.shrunk.value)
    return [
        SegmentRow(
            name=clean(str(s.name)),
            n=s.raw.n,
            raw=percent(s.raw.value) if means else points(s.raw.value),
            shrunk=percent(s.shrunk.value) if means else points(s.shrunk.value),
            interval=interval(s.shrunk) if means else points_interval(s.shrunk),
            kept=share(s.kept),
        )
        for s in ordered
    ]


def method_notes(c: Comparison) -> list[str]:
    """How the figures were made, as a reader may check them."""
    pairs = c.against_reference()
    scores = sorted({s.score.method for s in c.candidates if s.score is not None})
    differences = sorted({p.difference.method for p in pairs})
    notes = [
        f"Scores: {join(scores)}; repeats of a case are averaged first.",
        f"Differences: {join(differences)}, on the cases that both ran.",
        "better: the probability that the candidate's true score is above the reference's. p: exact McNemar (sign) "
        "test of no difference, one bet a cluster, to be read once.",
        "it alone, ref. alone: cases on which only the candidate, or only the reference, scored higher.",
        f"At most {points_words(c.margin)} worse is called shown at a probability of {c.level:.0%}.",
        "More cases: for a power of 80%, if the difference and the disagreement stay as they were seen.",
    ]
    if any(s.cost_usd is not None or s.latency_s for s in c.candidates):
        notes.append(
            "cost: of all its runs here, scoring apart; +: not known of some. p50, p95: times of a call."
        )
    if len(pairs) > 1:
        notes.append(
            f"All stand against {clean(c.reference)}: the first that was named, unless --reference says another."
        )
    if any(p.judged is not None for p in pairs):
        notes.append(
            "judge alone: the difference between the judge's verdicts, which leaves out that it errs; it alone and "
            "ref. alone are by its verdicts too. Human labels: of the same cases, for a power of 80%, from how often "
            "the judge was right in each verdict and how far people's labels of the two candidates go together."
        )
    if any(p.adjusted is not None for p in pairs):
        how = (
            "Bonferroni where people corrected a judge, else max-T"
            if any(p.judged for p in pairs)
            else "max-T"
        )
        notes.append(
            f"together: intervals that all hold at once ({how}); read these where you look for the best or the worst "
            "of many. best: the probability to be truly the best, on the cases that every candidate ran."
        )
    if c.segments:
        notes.append(SEGMENTS_NOTE)
    return notes
