"""New instructions by reflection on errors, through the ``gepa`` package; every call goes through our own seam.

What gepa proposes is text. It is taken only where it can be read as the same prompt: the placeholders stay what they
are, and nothing in it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any, Final

from breakeven.errors import InputError, MissingExtraError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.improving.scoring import Bench, Trial
from breakeven.evidence.evals.library import body_of
from breakeven.evidence.evals.prompting import PromptVersion, as_text, parse_prompt
from breakeven.evidence.evals.suite import Candidate

__all__ = ["rewrite", "with_instructions"]

_PART: Final = "instructions"
_BATCH: Final = 5
"""Errors that the reflection model is shown at a time."""


def with_instructions(prompt: PromptVersion, text: str) -> PromptVersion | None:
    """The prompt with other instructions; None: they can not stand in its place."""
    sections = (replace(prompt.sections[0], text=text.strip("\n")), *prompt.sections[1:])
    try:
        made = parse_prompt(body_of(replace(prompt, sections=sections)), file=prompt.path, name=prompt.name)
    except InputError:
        return None
    same = [one.role for one in made.sections] == [one.role for one in prompt.sections]
    return made if same and made.placeholders == prompt.placeholders else None


def rewrite(
    bench: Bench, parent: Candidate, *, train: Sequence[Case], select: Sequence[Case], calls: int, seed: int,
    allowed: Callable[[Candidate], bool], on_trial: Callable[[str, Trial], None],
) -> None:  # fmt: skip
    """Search for instructions; each version scored on the whole of ``select`` is handed to ``on_trial``.

    calls: cases that may be answered in the search. allowed: whether a version may be tried at all. Raises
    MissingExtraError without gepa, and BudgetReachedError where the budget ends the search.
    """
    try:
        gepa: Any = import_module("gepa")
    except ImportError as exc:
        raise MissingExtraError("gepa", "improve") from exc
    adapter = _Adapter(bench, parent, allowed)
    try:
        gepa.optimize(
            seed_candidate={_PART: parent.prompt.sections[0].text}, trainset=list(train), valset=list(select),
            adapter=adapter, reflection_lm=adapter.reflect, reflection_minibatch_size=min(_BATCH, len(train)),
            max_metric_calls=calls, seed=seed, logger=_Silent(), display_progress_bar=False, raise_on_exception=True,
            candidate_selection_strategy="pareto", skip_perfect_score=True,
        )  # fmt: skip
    finally:
        for trial in adapter.full(select):
            on_trial("instructions rewritten", trial)


class _Silent:
    """Takes gepa's log and says nothing."""

    def log(self, message: str) -> None:
        """Not shown: it holds texts of cases."""


class _Adapter:
    """Between gepa and the bench. gepa sees cases, texts and scores; it asks nobody itself."""

    propose_new_texts = None

    def __init__(self, bench: Bench, parent: Candidate, allowed: Callable[[Candidate], bool]) -> None:
        self._bench = bench
        self._parent = parent
        self._allowed = allowed
        self._trials: list[Trial] = []
        self._stopped = False

    def full(self, cases: Sequence[Case]) -> list[Trial]:
        """Versions that were scored on all of these cases, but for the parent."""
        wanted = {case.id for case in cases}
        return [
            trial
            for trial in self._trials
            if {run.id for run in trial.result.runs} == wanted and trial.candidate is not self._parent
        ]

    def reflect(self, prompt: str | list[dict[str, Any]]) -> str:
        """What gepa asks of the reflection model."""
        text = (
            prompt if isinstance(prompt, str) else "\n\n".join(str(one.get("content", "")) for one in prompt)
        )
        return self._bench.reflect(text)

    def _candidate(self, text: str) -> Candidate | None:
        if text == self._parent.prompt.sections[0].text:
            return self._parent
        made = with_instructions(self._parent.prompt, text)
        if made is None:
            return None
        candidate = replace(self._parent, prompt=made)
        return candidate if self._allowed(candidate) else None

    def evaluate(self, batch: list[Case], candidate: dict[str, str], capture_traces: bool = False) -> Any:
        """Scores of a text on cases; 0 for a text that can not stand in the prompt's place."""
        from gepa.core.adapter import EvaluationBatch

        made = self._candidate(candidate[_PART])
        trial = None if made is None else self._bench.score(made, batch)
        if trial is not None:
            self._trials.append(trial)
        scores = {} if trial is None else trial.scores
        outputs = {} if trial is None else trial.outputs
        reasons = {} if trial is None else trial.reasons
        traces = [
            (case, outputs.get(case.id), scores.get(case.id, 0.0), reasons.get(case.id), made is None)
            for case in batch
        ]
        return EvaluationBatch(
            outputs=[outputs.get(case.id, "") for case in batch],
            scores=[scores.get(case.id, 0.0) for case in batch],
            trajectories=traces if capture_traces else None,
        )

    def make_reflective_dataset(
        self, candidate: dict[str, str], eval_batch: Any, components_to_update: list[str]
    ) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """What the reflection model is shown: questions, answers, and what would have been right."""
        shown = []
        for case, output, score, reason, refused in eval_batch.trajectories:
            right = "right" if score >= 1 else _wrong(case, score, reason)
            shown.append({
                "Inputs": {name: as_text(value) for name, value in case.variables.items()},
                "Generated Outputs": output or "",
                "Feedback": "these instructions can not be used: keep every {{placeholder}}" if refused else right,
            })  # fmt: skip
        return dict.fromkeys(components_to_update, shown)


def _wrong(case: Case, score: float, reason: str | None) -> str:
    """What an answer that is not right scored, and what is known of why."""
    said = f"scored {score:g}"
    if reason:
        said += f", since: {reason}"
    return said if case.expected is None else f"{said}; right would be: {as_text(case.expected)}"
