"""How often each candidate's answers are right: measured, stated, or published and said to be extrapolated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from breakeven.beliefs import Belief, Source
from breakeven.quantities import KINDS
from breakeven.statistics.prior import GAIN_SD_POINTS, PUBLISHED_BANDS, PublishedBand
from breakeven.study.candidate_file import (
    ClassifierFile,
    HybridFile,
    PromptFile,
    QualityFile,
    TunedFile,
    WaitFile,
)
from breakeven.study.context import Context
from breakeven.study.given import Given
from breakeven.study.measured import Measured
from breakeven.study.model import Quality
from breakeven.study.tasks import PUBLISHED_AS
from breakeven.yaml_places import Path, dotted

__all__ = ["resolve_qualities"]

_WIDENED: Final = 2.0
"""A published band is a guess about *your* task: its half-width is doubled to be a 90% interval."""
_SPREAD: Final = GAIN_SD_POINTS / 100

_STATE_IT: Final = "`quality: {eval: scores.csv}` or `quality: 86%..90%`"

Answering = PromptFile | TunedFile | HybridFile | ClassifierFile


def resolve_qualities(ctx: Context, measured: Mapping[str, Measured]) -> dict[str, Quality]:
    """The quality of every candidate; a ``wait`` has that of its phases, a hybrid that of its parts."""
    found: dict[str, Quality] = {}
    files = {name: file for name, file in ctx.file.candidates.items() if not isinstance(file, WaitFile)}
    for name, file in files.items():
        known = _known(ctx, name, file.quality or QualityFile(), measured.get(name))
        if known is not None:
            found[name] = known
    guesser = _Guesser(ctx, found)
    guessed = {name: guesser.quality(name, file) for name, file in files.items() if name not in found}
    everything = {**found, **guessed}
    return {name: everything.get(name, Quality()) for name in ctx.file.candidates}


def _at(name: str) -> Path:
    return ("candidates", name, "quality")


def _known(ctx: Context, name: str, file: QualityFile, measured: Measured | None) -> Quality | None:
    if file.level is not None and file.eval is not None:
        ctx.problems.add(_at(name), "both a level and `eval` stand here", "leave one of them out")
    if file.level is not None:
        return Quality(level=ctx.stated(_at(name), file.level))
    if file.date is not None and file.eval is None:
        ctx.problems.add((*_at(name), "date"), "`date` is that of `eval`, which is missing", at_key=True)
    return None if measured is None else Quality(level=measured.belief, n_cases=measured.n_cases)


class _Guesser:
    """Qualities that nobody measured, from what was published about the task."""

    def __init__(self, ctx: Context, known: Mapping[str, Quality]) -> None:
        self._ctx = ctx
        self._task = ctx.file.workload.task
        row = PUBLISHED_AS[self._task]
        self._band: PublishedBand | None = None if row is None else PUBLISHED_BANDS[row]
        self._known = known
        prompts = [name for name, file in ctx.file.candidates.items() if isinstance(file, PromptFile)]
        self._first = ctx.file.today if ctx.file.today in prompts else next(iter(prompts), None)
        self._anchor = self._best_known(prompts) or self._first

    def _best_known(self, prompts: list[str]) -> str | None:
        """Today's prompt if its quality is known, else the best prompt of known quality."""
        levels = {name: q.level for name, q in self._known.items() if name in prompts and q.level is not None}
        if self._ctx.file.today in levels:
            return self._ctx.file.today
        return max(levels, key=lambda name: levels[name].centre, default=None)

    def quality(self, name: str, file: Answering) -> Quality:
        """What is published, as a level or as a gain over the prompt that is known best."""
        if isinstance(file, HybridFile):
            return Quality()
        if isinstance(file, ClassifierFile):
            message = "the quality of a classifier is neither stated nor measured, and nothing is published"
            self._ctx.problems.add(
                _at(name), message, "`quality: {eval: scores.csv}` or `quality: 86%..90%`", at_key=True
            )
            return Quality()
        if isinstance(file, TunedFile):
            return self._tuned(name)
        if name == self._first or self._anchor in (None, name):
            return self._first_prompt(name)
        return self._other_prompt(name, file)

    def _say(self, name: str, source: Source, why: str) -> None:
        self._ctx.notes.append(f"{name}: quality is EXTRAPOLATED ({source}); {why}")

    def _first_prompt(self, name: str) -> Quality:
        if self._band is None:
            message = f"the quality of {name!r} is neither stated nor measured, and nothing is published for this task"
            self._ctx.problems.add(_at(name), message, _STATE_IT, at_key=True)
            return Quality()
        low, high = (bound / 100 for bound in self._band.prompt)
        middle, half = (low + high) / 2, _WIDENED * (high - low) / 2
        source = Source(kind="published", reference=f"document 003: {self._task} by prompt, widened")
        given = Given(kind=KINDS["share"], form="value", numbers=(middle - half, min(middle + half, 0.999)))
        self._say(name, source, "nobody scored this prompt on your cases")
        return Quality(level=given.belief(dotted(_at(name)), source), extrapolated=True)

    def _other_prompt(self, name: str, file: PromptFile) -> Quality:
        anchor = self._ctx.file.candidates[str(self._anchor)]
        same = isinstance(anchor, PromptFile) and anchor.model == file.model
        gain = self._ctx.default(
            (*_at(name), "gain"), "quality.same_model" if same else "quality.other_model"
        )
        self._say(name, gain.source, f"its gain over {self._anchor} was not measured")
        return Quality(relative_to=self._anchor, gain=gain, extrapolated=True)

    def _tuned(self, name: str) -> Quality:
        why = "no fine-tune was scored on your cases"
        if self._anchor is None:
            return self._tuned_alone(name, why)
        if self._band is None:
            mean, source = 0.0, Source(kind="guess", reference="nothing is published for this task")
        else:
            mean = self._band.gain_points / 100
            said = f"document 003: {self._task} {self._band.gain_points:+.3g} points; spread over 31 public tasks"
            source = Source(kind="published", reference=said)
        self._say(name, source, why)
        return Quality(relative_to=self._anchor, gain=_normal(_at(name), mean, source), extrapolated=True)

    def _tuned_alone(self, name: str, why: str) -> Quality:
        """A study without any prompt: the published level."""
        if self._band is None:
            return self._first_prompt(name)
        source = Source(kind="published", reference=f"document 003: {self._task}, tuned, widened")
        middle = sum(self._band.tuned) / 200
        gain = _normal(_at(name), middle, source)
        level = replace(gain, name=dotted(_at(name)), kind="share", low_bound=0.0)
        self._say(name, source, why)
        return Quality(level=level, extrapolated=True)


def _normal(at: Path, mean: float, source: Source) -> Belief:
    return Belief(name=dotted((*at, "gain")), kind="points", family="normal", parameters=(mean, _SPREAD),
                  source=source, low_bound=-1.0, high_bound=1.0)  # fmt: skip
