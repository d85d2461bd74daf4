"""The prompt library for the terminal: each prompt's versions, with the score where one was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from breakeven.evidence.evals.library import Library
from breakeven.evidence.evals.prompting import PromptVersion
from breakeven.evidence.evals.result import EvalResult
from breakeven.evidence.evals.summarising import summarise_result
from breakeven.report.comparison_text import fitted
from breakeven.report.eval_figures import interval, percent
from breakeven.report.plain_table import wrapped
from breakeven.report.text import clean, shorten

__all__ = ["library_text"]


def library_text(
    library: Library, measured: Sequence[EvalResult], said: Sequence[str], *, width: int = 100
) -> str:
    """The page in lines of at most ``width`` characters. ``said``: what does not fit together."""
    lines: list[str] = []
    for name, versions in library.prompts.items():
        word = "version" if len(versions) == 1 else "versions"
        lines += [*([""] if lines else []), f"{clean(name)}: {len(versions)} {word}"]
        lines += _table(versions, measured, width)
    if not lines:
        lines.append(f"{clean(str(library.folder))}: no prompts. Keep versions as NAME/1.0.0.md")
    if any(result.prompt for result in measured):
        lines += ["", *wrapped("Scores with 95% intervals, each on its own cases. Which is better on the same cases: "
                               "breakeven eval history", width)]  # fmt: skip
    for text in said:
        lines += wrapped(clean(text), width, indent="! ", hanging="  ")
    return "\n".join(lines) + "\n"


def _table(versions: Sequence[PromptVersion], measured: Sequence[EvalResult], width: int) -> list[str]:
    rows = []
    for one in versions:
        found = [r for r in measured if r.prompt is not None and r.prompt.sha256 == one.sha256]
        head = (clean(one.version), clean(one.parent or "–"), one.sha256[:8])
        shown = [_scored(result) for result in found] or [("not measured", "", "")]
        rows += [(*head, *cells) if k == 0 else ("", "", "", *cells) for k, cells in enumerate(shown)]
    table = ("version", "parent", "hash", "score", "cases", "candidate")
    lines = fitted(table, rows, width, right=(4,), drop=(2, 5))
    for version, note in _notes(versions):
        lines += wrapped(clean(f"{version}: {note}"), width, indent="    ", hanging="      ")
    return lines


def _notes(versions: Sequence[PromptVersion]) -> Iterator[tuple[str, str]]:
    """What each version notes, and which one has not been edited yet."""
    texts = {one.version: one.sha256 for one in versions}
    for one in versions:
        if one.note:
            yield one.version, one.note
        if one.parent is not None and texts.get(one.parent) == one.sha256:
            yield one.version, f"not edited yet, the same text as {one.parent}"


def _scored(result: EvalResult) -> tuple[str, str, str]:
    summary = summarise_result(result.candidate, result)
    if summary.score is None:
        return "nothing scored", "", clean(result.candidate)
    score = f"{percent(summary.score.value)} {interval(summary.score)}"
    return score, f"{summary.n_cases:,}", shorten(clean(result.candidate), 24)
