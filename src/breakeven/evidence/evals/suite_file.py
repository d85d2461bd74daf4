"""The suite file as it is written: its fields, and every problem with it in our words and with its place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, ValidationError

from breakeven import yaml_places
from breakeven.errors import BreakevenError, EvidenceError, InputError, Problem, StudyError, nearest
from breakeven.evidence.files import read_text
from breakeven.providers.settings import EndpointSetting
from breakeven.quantities import KINDS, read
from breakeven.yaml_places import PlacedYaml, dotted

__all__ = [
    "CandidateEntry",
    "CasesEntry",
    "ContextEntry",
    "LimitsEntry",
    "LinearEntry",
    "LinearOptions",
    "PriceEntry",
    "SuiteFile",
    "SuiteProblems",
    "read_suite_file",
]

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}$")]
Text = Annotated[str, Field(min_length=1, max_length=1_000)]


def _quantity(kind: str) -> Callable[[object], object]:
    """Reads an amount with its unit to the unit that we keep."""

    def amount(value: object) -> object:
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            return value
        found = read(value, KINDS[kind])
        if found.low != found.high:
            raise ValueError("one amount is wanted, no range")
        return found.low

    def checked(value: object) -> object:
        try:
            return amount(value)
        except InputError as exc:
            problem = exc.problems[0]
            raise ValueError(
                f"{problem.message}; {problem.hint}" if problem.hint else problem.message
            ) from exc

    return checked


UsdPerMtok = Annotated[float, BeforeValidator(_quantity("money per token"))]
Usd = Annotated[float, BeforeValidator(_quantity("money"))]
UsdPerSecond = Annotated[float, BeforeValidator(_quantity("money per second"))]
Seconds = Annotated[float, Field(gt=0, le=3_600), BeforeValidator(_quantity("seconds"))]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class CasesEntry(_Strict):
    """The case file, and which of its columns are what."""

    file: Text
    id: Text | None = None
    input: Text | None = None
    expected: Text | None = None
    cluster: Text | None = None
    segment: Text | None = None
    variables: dict[str, Text] = Field(default_factory=dict)
    """Further variables of the prompt, by the column that holds them."""

    @property
    def columns(self) -> dict[str, str]:
        """Field → column, where stated."""
        fields = self.model_dump(exclude={"file", "variables"}, exclude_none=True)
        return {**self.variables, **fields}


Model = Annotated[str, Field(pattern=r"^[\w.-]+/\S+$", max_length=200)]


class ContextEntry(_Strict):
    """Passages that are retrieved for each case."""

    from_: Annotated[Text, Field(alias="from")]
    """The corpus: one passage a row, with `id` and `text`."""
    top: Annotated[int, Field(ge=1, le=100)] = 4
    """Passages that a prompt gets at most."""
    by: Literal["bm25", "embeddings"] = "bm25"
    model: Model | None = None
    """The embedding model, where vectors rank."""
    query: Text = "input"
    """The variable of a case that is searched with."""


def _context_kind(value: object) -> str:
    return "[variable]" if isinstance(value, str) else "[retrieved]"


class CandidateEntry(_Strict):
    """One way to answer the cases."""

    model: Model
    prompt: Text
    shots: Annotated[int, Field(ge=0, le=200)] = 0
    shots_from: Text | None = None
    shots_seed: Annotated[int, Field(ge=0)] = 0
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_output_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    seed: int | None = None
    stop: Annotated[list[Text], Field(max_length=4)] = Field(default_factory=list)
    structured_output: Text | None = None
    context: (
        Annotated[
            Annotated[Text, Tag("[variable]")] | Annotated[ContextEntry, Tag("[retrieved]")],
            Discriminator(_context_kind),
        ]
        | None
    ) = None
    """The variable that holds what was retrieved, or what is retrieved here."""
    extra: dict[str, Any] = Field(default_factory=dict)
    """Further fields of the provider's own request."""


class FeaturesEntry(_Strict):
    """What a text is turned into."""

    embeddings: Model
    """The embedding model."""


def _as_features(value: object) -> object:
    return None if value == "tfidf" else value


class LinearOptions(_Strict):
    """A linear classifier that is trained here, and what on."""

    classifier: Literal["tfidf"] = "tfidf"
    features: Annotated[FeaturesEntry | None, BeforeValidator(_as_features)] = None
    """`{embeddings: MODEL}`; left out, TF-IDF."""
    train: Text
    """Labelled rows, none of which is a case."""
    input: Text | None = None
    """The column of the texts."""
    label: Text | None = None
    """The column of the classes."""
    seed: Annotated[int, Field(ge=0)] = 0
    machine: UsdPerSecond | None = None
    """What the machine costs that it will run on: `$0.10/hour`."""


class LinearEntry(_Strict):
    """A candidate without a provider."""

    linear: LinearOptions


def _which(value: object) -> str:
    return "[linear]" if isinstance(value, LinearEntry | dict) and "linear" in _names(value) else "[model]"


def _names(value: object) -> Collection[str]:
    return (
        value if isinstance(value, dict) else type(value).model_fields if isinstance(value, BaseModel) else ()
    )


AnyCandidate = Annotated[
    Annotated[CandidateEntry, Tag("[model]")] | Annotated[LinearEntry, Tag("[linear]")], Discriminator(_which)
]


class LimitsEntry(_Strict):
    """What a provider may be asked at most."""

    requests_per_minute: Annotated[float, Field(gt=0)] | None = None
    tokens_per_minute: Annotated[float, Field(gt=0)] | None = None
    """Input and output together."""


class PriceEntry(_Strict):
    """What a model costs, instead of the price book's price."""

    input: UsdPerMtok
    output: UsdPerMtok
    """Of an embedding model: `$0/1M tokens`."""
    cached: UsdPerMtok | None = None


def _as_cases(value: object) -> object:
    return {"file": value} if isinstance(value, str) else value


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _as_scorer(value: object) -> object:
    return {value: {}} if isinstance(value, str) else value


ScoreEntry = Annotated[
    dict[str, dict[str, Any]], Field(min_length=1, max_length=1), BeforeValidator(_as_scorer)
]


class SuiteFile(_Strict):
    """A whole suite."""

    cases: Annotated[CasesEntry, BeforeValidator(_as_cases)]
    score: Annotated[list[ScoreEntry], BeforeValidator(_as_list), Field(min_length=1, max_length=20)]
    candidates: Annotated[dict[Name, AnyCandidate], Field(min_length=1, max_length=100)]
    repeats: Annotated[int, Field(ge=1, le=1_000)] = 1
    budget: Usd | None = None
    concurrency: Annotated[int, Field(ge=1, le=1_000)] = 16
    seed: Annotated[int, Field(ge=0)] = 0
    endpoints: dict[Name, EndpointSetting] = Field(default_factory=dict)
    prices: dict[str, PriceEntry] = Field(default_factory=dict)
    limits: dict[str, LimitsEntry] = Field(default_factory=dict)
    """By `provider` or `provider/model`."""
    timeout: Seconds = 120.0
    attempts: Annotated[int, Field(ge=1, le=20)] = 5
    """The most requests that are sent for one answer."""


class SuiteProblems:
    """What is wrong with a suite, each with its place."""

    def __init__(self, placed: PlacedYaml | None) -> None:
        self.placed = placed
        """None: the suite was put together on the command line, where there are no lines."""
        self._found: list[Problem] = []

    def add(
        self, path: yaml_places.Path, message: str, hint: str | None = None, *, key: bool = False
    ) -> None:
        """One problem with the value (or the key) at a path."""
        place = None
        if self.placed is not None:
            place = self.placed.key_place(path) if key else self.placed.place(path)
        self._found.append(Problem(message=message, place=place, field=dotted(path) or None, hint=hint))

    def add_error(self, path: yaml_places.Path, error: BreakevenError) -> None:
        """What another part of the program said of the value at a path; its own places are kept."""
        if not isinstance(error, InputError):
            self.add(path, str(error))
            return
        for problem in error.problems:
            if problem.place is not None:
                self._found.append(problem)
            else:
                field = f"{problem.field}: " if problem.field else ""
                self.add(path, field + problem.message, problem.hint)

    def raise_if_any(self) -> None:
        """One EvidenceError with all problems."""
        if self._found:
            raise EvidenceError(*self._found[:20])


def read_suite_file(path: Path) -> tuple[SuiteFile, PlacedYaml]:
    """The suite in a YAML file; raises EvidenceError with all that is wrong."""
    try:
        placed = yaml_places.load(read_text(path), str(path))
    except StudyError as exc:
        raise EvidenceError(*map(_of_a_suite, exc.problems)) from exc
    problems = SuiteProblems(placed)
    suite = checked(placed.data, problems)
    return suite, placed


def checked(data: Mapping[str, Any], problems: SuiteProblems) -> SuiteFile:
    """The data as a suite; raises EvidenceError with all that is wrong."""
    try:
        return SuiteFile.model_validate(data)
    except ValidationError as exc:
        for error in exc.errors(include_url=False):
            _add(error, problems)
        problems.raise_if_any()
        raise  # not reached: a ValidationError holds one error at least


def _of_a_suite(problem: Problem) -> Problem:
    """A problem that the YAML reader words for study files, for ours."""
    message = problem.message.replace("a study", "a suite")
    hint = None if problem.hint and "study" in problem.hint else problem.hint
    return Problem(message=message, place=problem.place, field=problem.field, hint=hint)


_MODELS: Final[Mapping[str, type[BaseModel]]] = {
    "cases": CasesEntry, "candidates": CandidateEntry, "endpoints": EndpointSetting, "limits": LimitsEntry,
    "prices": PriceEntry,
}  # fmt: skip

_HINTS: Final = {
    "cases": "the file of cases: cases: cases.jsonl",
    "score": "a scorer by name: score: exact",
    "candidates": "candidates: {prompt: {model: openai/gpt-4.1, prompt: prompts/route.md}}",
    "model": "provider/model, as in `breakeven prices search`: model: openai/gpt-4.1-mini",
    "from": "the corpus to search: context: {from: passages.jsonl}",
    "embeddings": "an embedding model: features: {embeddings: openai/text-embedding-3-small}",
    "prompt": "a file with the prompt: prompt: prompts/route.md",
    "timeout": "a time with its unit: timeout: 60 s",
    "budget": "an amount with its unit: budget: $5",
    "url": "url: http://127.0.0.1:8000/v1",
    "key_env": "the name of an environment variable, never the key: key_env: LOCAL_KEY",
    "stop": "a list of texts: stop: ['\\n\\n']",
    "input": "$ for a million tokens: input: $0.15/1M tokens",
    "output": "$ for a million tokens: output: $0.60/1M tokens",
}
_WANTED: Final = {
    "list_type": "a list", "dict_type": "names with values", "model_type": "keys with values",
    "int_type": "a whole number", "float_type": "a number", "bool_type": "true or false",
}  # fmt: skip


_NO_KEYS: Final = ("[key]", "[model]", "[linear]", "[variable]", "[retrieved]")
"""What pydantic puts into a place that is no key of the file."""


def _path(error: Mapping[str, Any]) -> yaml_places.Path:
    return tuple(part for part in error["loc"] if part not in _NO_KEYS)


def _add(error: Mapping[str, Any], problems: SuiteProblems) -> None:
    path = _path(error)
    if error["type"] == "extra_forbidden":
        _add_unknown(path, problems)
        return
    hint = _HINTS.get(str(path[-1])) if path else None
    if error["type"] == "missing":
        problems.add(path, "is missing", hint)
        return
    problems.add(path, _wording(error, path), hint, key="[key]" in error["loc"] or error.get("input") is None)


def _add_unknown(path: yaml_places.Path, problems: SuiteProblems) -> None:
    key = str(path[-1])
    model = _MODELS.get(str(path[0]), SuiteFile) if len(path) > 1 else SuiteFile
    if model is CandidateEntry and "linear" in path:
        model = FeaturesEntry if "features" in path else LinearOptions
    elif model is CandidateEntry and "context" in path[:-1]:
        model = ContextEntry
    known = [field.alias or name for name, field in model.model_fields.items()]
    near = nearest(key, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
    problems.add(path, f"the key {key!r} is not known", hint, key=True)


def _wording(error: Mapping[str, Any], path: yaml_places.Path) -> str:
    given = error.get("input")
    shown = "nothing" if given is None else repr(given)
    shown = shown if len(shown) <= 60 else shown[:60] + "…"
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context.get("error", "can not be used"))
    if kind == "string_pattern_mismatch" and "[key]" in error["loc"]:
        return f"{shown} can not be a name: letters, digits, dot, dash and _"
    bounds = {"greater_than_equal": "at least", "less_than_equal": "at most", "greater_than": "more than"}
    if kind in bounds:
        limit = next(context[key] for key in ("ge", "le", "gt") if key in context)
        return f"{bounds[kind]} {limit} is wanted, {shown} was read"
    if kind in {"too_short", "string_too_short"}:
        return "is empty"
    if kind in {"too_long", "string_too_long"}:
        return f"too long: at most {context.get('max_length')}"
    if kind == "string_pattern_mismatch":
        return f"{shown} was read"
    return f"{_WANTED.get(kind, 'a text')} is wanted, {shown} was read"
