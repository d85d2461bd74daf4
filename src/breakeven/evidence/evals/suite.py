"""A suite: which candidates answer which cases, how they are scored, and what that may cost. Everything is read here.

A suite comes from an ``eval.yaml`` or from the command line; either way all files that it names have been read,
checked and put together before anything is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from breakeven.errors import EvidenceError, InputError, Problem, nearest
from breakeven.evidence.evals.case import Case, Cases
from breakeven.evidence.evals.classifying.texts import LinearCandidate, case_text, read_labelled
from breakeven.evidence.evals.judging import Judge, judged_models, make_judge, self_judging
from breakeven.evidence.evals.prompting import CONTEXT, PromptVersion, read_prompt
from breakeven.evidence.evals.retrieving.passages import read_passages
from breakeven.evidence.evals.retrieving.retrieval import Retrieval
from breakeven.evidence.evals.scorers import Scorer, make_scorer
from breakeven.evidence.evals.scorers.json_answer import read_schema
from breakeven.evidence.evals.scorers.similarity import Similarity
from breakeven.evidence.evals.solved import question_of, read_solved
from breakeven.evidence.evals.suite_file import (
    CandidateEntry,
    ContextEntry,
    LimitsEntry,
    LinearEntry,
    LinearOptions,
    PriceEntry,
    SuiteFile,
    SuiteProblems,
    checked,
    read_suite_file,
)
from breakeven.evidence.evals.together import Together
from breakeven.prices import ModelPrice
from breakeven.providers.settings import EndpointSetting
from breakeven.sources import Source
from breakeven.yaml_places import Path as Path_
from breakeven.yaml_places import PlacedYaml, dotted

__all__ = [
    "DEFAULT_FILE",
    "Candidate",
    "Suite",
    "Together",
    "assemble_suite",
    "open_suite",
    "question_of",
    "read_solved",
]

DEFAULT_FILE: Final = "eval.yaml"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One way to answer the cases, with everything it needs at hand."""

    name: str
    model: str
    prompt: PromptVersion
    shots: tuple[Case, ...] = ()
    temperature: float | None = None
    top_p: float | None = None
    max_output_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    json_schema: Mapping[str, Any] | None = None
    context: str | None = None
    """The variable of a case that holds what was retrieved for it."""
    retrieval: Retrieval | None = None
    """How that variable is filled here; None: the cases bring it."""
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """As the suite states them, for the result file."""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """Everything that is to be run."""

    file: str
    """The suite's file, or ``the command line``."""
    root: Path
    """The folder that results go under."""
    cases: Cases
    scorer: Together
    candidates: tuple[Candidate, ...]
    linear: tuple[LinearCandidate, ...] = ()
    """Candidates that are trained here rather than asked."""
    repeats: int = 1
    budget_usd: float | None = None
    concurrency: int = 16
    seed: int = 0
    endpoints: Mapping[str, EndpointSetting] = field(default_factory=lambda: MappingProxyType({}))
    prices: Mapping[str, ModelPrice] = field(default_factory=lambda: MappingProxyType({}))
    """Stated prices, by model."""
    limits: Mapping[str, LimitsEntry] = field(default_factory=lambda: MappingProxyType({}))
    timeout_s: float = 120.0
    attempts: int = 5
    notes: tuple[str, ...] = ()
    """What a reader should know of it: examples left out because they are among the cases."""
    placed: PlacedYaml | None = field(default=None, repr=False)

    def problem(self, path: Path_, message: str, hint: str | None = None) -> Problem:
        """A problem with the value at a path of the suite's file, with its line where there is one."""
        place = None if self.placed is None else self.placed.place(path)
        return Problem(message=message, place=place, field=dotted(path), hint=hint)


def open_suite(
    path: Path, *, allow_outside: bool = False, overrides: Mapping[str, Any] | None = None
) -> Suite:
    """The suite in a file, or in ``eval.yaml`` of a folder; EvidenceError lists all that is wrong.

    overrides: top-level keys that take the place of the file's, such as ``{"budget": "$2"}``.
    """
    file = path / DEFAULT_FILE if path.is_dir() else path
    entry, placed = read_suite_file(file)
    if overrides:
        entry = checked({**placed.data, **overrides}, SuiteProblems(placed))
    return _Assembly(entry, placed, file.parent, str(file), allow_outside=allow_outside).suite()


def assemble_suite(data: Mapping[str, Any], *, root: Path) -> Suite:
    """A suite put together on the command line, whose files may lie anywhere; raises EvidenceError."""
    entry = checked(data, SuiteProblems(None))
    return _Assembly(entry, None, root, "the command line", allow_outside=True).suite()


class _Assembly:
    """Reads what a suite names; problems are gathered, so that one run shows them all."""

    def __init__(
        self, entry: SuiteFile, placed: PlacedYaml | None, root: Path, file: str, *, allow_outside: bool
    ) -> None:
        self.entry = entry
        self.root = root
        self.file = file
        self.allow_outside = allow_outside
        self.problems = SuiteProblems(placed)
        self.notes: list[str] = []

    def suite(self) -> Suite:
        """The suite; raises EvidenceError with all that is wrong."""
        cases = self._cases()
        scorers, similarities = self._scorers()
        entries = self.entry.candidates.items()
        candidates = [
            self._candidate(name, it, cases) for name, it in entries if not isinstance(it, LinearEntry)
        ]
        linear = [self._linear(name, it, cases) for name, it in entries if isinstance(it, LinearEntry)]
        judge, first = self._judge([it for it in candidates if it is not None])
        self.problems.raise_if_any()
        assert cases is not None  # else there was a problem
        return Suite(
            file=self.file, root=self.root, cases=cases,
            scorer=Together(
                scorers=scorers, judge=judge, judge_first=first, similarities=similarities,
                similarity_first="similarity" in self.entry.score[0],
            ),
            candidates=tuple(it for it in candidates if it is not None),
            linear=tuple(it for it in linear if it is not None), repeats=self.entry.repeats,
            budget_usd=self.entry.budget, concurrency=self.entry.concurrency, seed=self.entry.seed,
            endpoints=self.entry.endpoints, notes=tuple(self.notes),
            placed=self.problems.placed,
            limits=self.entry.limits, timeout_s=self.entry.timeout, attempts=self.entry.attempts,
            prices={model: _price(model, price, self.file) for model, price in self.entry.prices.items()},
        )  # fmt: skip

    def find(self, name: str) -> Path:
        """The file that the suite names; raises EvidenceError where it leads outside or to nothing."""
        path = self.root / name
        try:
            outside = not path.resolve().is_relative_to(self.root.resolve())
            if outside and not self.allow_outside:
                hint = "move the file inside, or run with --allow-outside"
                raise EvidenceError(Problem(message=f"{name!r} leads out of the suite's folder", hint=hint))
            if not path.is_file():
                raise EvidenceError(Problem(message=f"{name!r} is not a file", hint=_near(path)))
        except (OSError, ValueError, RuntimeError) as exc:  # a name too long, a NUL in it, a loop of links
            raise EvidenceError(Problem(message=f"{name!r} can not be opened")) from exc
        return path

    def _cases(self) -> Cases | None:
        from breakeven.evidence.evals.reading_cases import read_cases

        at = ("cases", "file") if self._is_mapping("cases") else ("cases",)
        try:
            return read_cases(self.find(self.entry.cases.file), columns=self.entry.cases.columns)
        except InputError as exc:
            self.problems.add_error(at, exc)
            return None

    def _is_mapping(self, key: str) -> bool:
        return self.problems.placed is not None and isinstance(self.problems.placed.data.get(key), dict)

    def _scorers(self) -> tuple[dict[str, Scorer], dict[str, Similarity]]:
        """Those that score at once, and those that need vectors."""
        found: dict[str, Scorer] = {}
        later: dict[str, Similarity] = {}
        for number, entry in enumerate(self.entry.score):
            [(name, options)] = entry.items()
            if name == "judge":  # asked later, by `_judge`
                continue
            key = name if name not in {**found, **later} else f"{name}_{number + 1}"
            try:
                made = make_scorer(name, options, self.find)
                if isinstance(made, Similarity):
                    later[key] = replace(made, model=self._embedding_model(made.model))
                else:
                    found[key] = made
            except InputError as exc:
                self.problems.add_error(("score",), exc)
        return found, later

    def _embedding_model(self, model: str) -> str:
        """The model; one of this machine that is named by a folder of the suite with its whole path."""
        provider, _, name = model.partition("/")
        if provider != "sentence-transformers" or provider in self.entry.endpoints:
            return model
        folder = self.root / name
        if not folder.is_dir():
            return model
        if not self.allow_outside and not folder.resolve().is_relative_to(self.root.resolve()):
            hint = "move the folder inside, or run with --allow-outside"
            raise EvidenceError(Problem(message=f"{name!r} leads out of the suite's folder", hint=hint))
        return f"{provider}/{folder.resolve()}"

    def _judge(self, candidates: Sequence[Candidate]) -> tuple[Judge | None, bool]:
        """The judge among the scorers, and whether its verdict is the score."""
        places = [number for number, entry in enumerate(self.entry.score) if "judge" in entry]
        if not places:
            return None, False
        first = places[0] == 0
        if len(places) > 1:
            self.problems.add(("score",), "two judges: a suite has one; run another suite for the other")
        if first and len(candidates) < len(self.entry.candidates):
            self.problems.add(
                ("score",), "a judge grades answers of models: score `linear` candidates in another way"
            )
        try:
            judge = make_judge(self.entry.score[places[0]]["judge"], self.find)
            note = self_judging(judge, judged_models(candidates))
        except InputError as exc:
            self.problems.add_error(("score",), exc)
            return None, False
        self.notes += [note] if note else []
        return judge, first

    def _linear(self, name: str, entry: LinearEntry, cases: Cases | None) -> LinearCandidate | None:
        options = entry.linear
        at = ("candidates", name, "linear")
        if options.features is not None and "classifier" in options.model_fields_set:
            message = (
                f"`classifier: {options.classifier}` and `features: embeddings` are two kinds of features"
            )
            self.problems.add((*at, "classifier"), message, "state one of them", key=True)
        if "similarity" in self.entry.score[0]:
            message = "similarity scores answers of models: score `linear` candidates in another way"
            self.problems.add(("score",), message)
        try:
            embeddings = (
                None if options.features is None else self._embedding_model(options.features.embeddings)
            )
            train = read_labelled(self.find(options.train), input=options.input, label=options.label)
            for case in cases.cases if cases else ():
                case_text(case, train.input)
        except InputError as exc:
            self.problems.add_error((*at, "train"), exc)
            return None
        unused = f"; {len(train.rejected):,} rows are not used" if train.rejected else ""
        how = "without a call" if embeddings is None else f"on embeddings by {embeddings}"
        self.notes.append(
            f"{name} is trained here on {len(train.texts):,} rows of {options.train}, {how}{unused}"
        )
        return LinearCandidate(
            name=name, train=train, seed=options.seed, usd_per_second=options.machine, embeddings=embeddings,
            settings={"linear": _linear_settings(options)},
        )  # fmt: skip

    def _candidate(self, name: str, entry: CandidateEntry, cases: Cases | None) -> Candidate | None:
        at = ("candidates", name)
        try:
            prompt = read_prompt(self.find(entry.prompt))
        except InputError as exc:
            self.problems.add_error((*at, "prompt"), exc)
            return None
        return Candidate(
            name=name, model=entry.model, prompt=prompt, shots=self._shots(entry, at, cases),
            temperature=entry.temperature, top_p=entry.top_p, max_output_tokens=entry.max_output_tokens,
            seed=entry.seed, stop=tuple(entry.stop), json_schema=self._schema(entry, at),
            context=CONTEXT if isinstance(entry.context, ContextEntry) else entry.context,
            retrieval=self._retrieval(entry.context, at, cases), extra=entry.extra,
            settings=entry.model_dump(exclude_defaults=True, exclude={"model", "prompt"}, by_alias=True),
        )  # fmt: skip

    def _retrieval(
        self, entry: ContextEntry | str | None, at: tuple[str, ...], cases: Cases | None
    ) -> Retrieval | None:
        if not isinstance(entry, ContextEntry):
            return None
        at = (*at, "context")
        if (entry.by == "embeddings") != (entry.model is not None):
            hint = "context: {from: passages.jsonl, by: embeddings, model: openai/text-embedding-3-small}"
            self.problems.add(at, "`by: embeddings` and `model` go together", hint)
            return None
        try:
            model = None if entry.model is None else self._embedding_model(entry.model)
            found = Retrieval(
                passages=read_passages(self.find(entry.from_)), top=entry.top, by=entry.by, model=model,
                query=entry.query,
            )  # fmt: skip
            self._check_retrieval(found, cases.cases if cases else ())
        except InputError as exc:
            self.problems.add_error((*at, "from"), exc)
            return None
        return found

    def _check_retrieval(self, retrieval: Retrieval, cases: Sequence[Case]) -> None:
        retrieval.check(cases)
        kept = 0
        for case in cases:
            if retrieval.wants(case):
                retrieval.query_of(case)
            else:
                kept += 1
        rejected = len(retrieval.passages.rejected)
        notes = [f"{kept:,} cases bring a `context` of their own, which stays"] if kept else []
        notes += [f"{rejected:,} rows of {retrieval.passages.path} are not used"] if rejected else []
        self.notes += [note for note in notes if note not in self.notes]

    def _schema(self, entry: CandidateEntry, at: tuple[str, ...]) -> Mapping[str, Any] | None:
        if entry.structured_output is None:
            return None
        try:
            return read_schema(self.find(entry.structured_output))
        except InputError as exc:
            self.problems.add_error((*at, "structured_output"), exc)
            return None

    def _shots(self, entry: CandidateEntry, at: tuple[str, ...], cases: Cases | None) -> tuple[Case, ...]:
        if not entry.shots:
            return ()
        if entry.shots_from is None:
            hint = "shots_from: train.jsonl; never the cases themselves"
            self.problems.add((*at, "shots"), "a file to take the examples from is missing", hint, key=True)
            return ()
        try:
            solved = read_solved(self.find(entry.shots_from))
        except InputError as exc:
            self.problems.add_error((*at, "shots_from"), exc)
            return ()
        taken = {question_of(case) for case in cases.cases} if cases else set()
        usable = [case for case in solved if question_of(case) not in taken]
        self._note_left_out(len(solved) - len(usable), entry.shots_from)
        if len(usable) < entry.shots:
            message = f"{entry.shots} are wanted; {len(usable)} of {len(solved)} rows have an answer and are no case"
            self.problems.add((*at, "shots"), message)
            return ()
        rng = np.random.default_rng(entry.shots_seed)
        chosen = rng.choice(len(usable), size=entry.shots, replace=False)
        return tuple(usable[int(k)] for k in chosen)

    def _note_left_out(self, n: int, file: str) -> None:
        note = f"{n} {'row' if n == 1 else 'rows'} of {file} left out as shots: they are among the cases"
        if n and note not in self.notes:
            self.notes.append(note)


def _linear_settings(options: LinearOptions) -> dict[str, Any]:
    """As the suite states them; what features come from is said once."""
    hidden = set() if options.features is None else {"classifier"}
    return options.model_dump(exclude_none=True, exclude=hidden)


def _price(model: str, entry: PriceEntry, file: str) -> ModelPrice:
    return ModelPrice(
        key=model, provider=model.partition("/")[0], input_usd_per_mtok=entry.input,
        output_usd_per_mtok=entry.output, cached_usd_per_mtok=entry.cached,
        source=Source(kind="stated", reference=file),
    )  # fmt: skip


def _near(path: Path) -> str | None:
    try:
        names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    except OSError:
        return None
    near = nearest(path.name, names)
    return f"near it: {', '.join(near)}" if near else None
