"""Everything that is wrong with a study file, collected with its place, and said in our words."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from breakeven.errors import BreakevenError, InputError, Place, Problem, StudyError, nearest
from breakeven.study.candidate_file import CANDIDATE_FILES
from breakeven.study.fields import shown
from breakeven.study.file import StudyFile, WorkloadFile
from breakeven.yaml_places import Path, PlacedYaml, dotted

__all__ = ["Problems", "read_file"]


class Problems:
    """What was found wrong, each once."""

    def __init__(self, yaml: PlacedYaml) -> None:
        self.yaml = yaml
        self._found: dict[str, Problem] = {}
        self._blind: list[Path] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def found_under(self, path: Path) -> bool:
        """Whether something at or below a path is wrong."""
        name = dotted(path)
        return any(
            its.field == name or (its.field or "").startswith(f"{name}.") for its in self._found.values()
        )

    def add(self, path: Path, message: str, hint: str | None = None, *, at_key: bool = False) -> None:
        """One problem with the value (or the key) at a path; what follows from an earlier problem is not said."""
        if any(path[: len(blind)] == blind or blind[: len(path)] == path for blind in self._blind):
            return
        place = self.yaml.key_place(path) if at_key else self.yaml.place(path)
        self._keep(Problem(message=message, place=place, field=dotted(path) or None, hint=hint or None))

    def add_error(self, path: Path, error: BreakevenError) -> None:
        """What another part of the program said of the value at a path; its own places are kept."""
        if not isinstance(error, InputError):
            self.add(path, str(error))
            return
        for problem in error.problems:
            if problem.place is None:
                self.add(path, problem.message, problem.hint)
            else:
                self._keep(
                    Problem(
                        message=problem.message, place=problem.place, field=dotted(path), hint=problem.hint
                    )
                )

    def blind(self, path: Path) -> None:
        """Say nothing more of what stands at or around a path: it is known to be wrong."""
        self._blind.append(path)

    def raise_if_any(self) -> None:
        """One StudyError with all problems, in the order of the file."""
        if self._found:
            raise StudyError(*sorted(self._found.values(), key=_in_file))

    def _keep(self, problem: Problem) -> None:
        self._found.setdefault(str(problem), problem)


def _in_file(problem: Problem) -> tuple[str, int, int]:
    place = problem.place or Place(file="")
    return place.file, place.line or 0, place.column or 0


def _empty(key: str) -> tuple[str, str]:
    if key[:1].isdigit():  # {cost: $1,500}
        return (
            f"`{key}` is read as a key: inside {{ }} a comma separates",
            "write $1.5K, or put the value in quotes",
        )
    return "nothing stands here", "write a value, or leave the key out"


_ROUNDS: Final = 20
"""Times that what is wrong is taken out: what goes may leave a mapping that lacks a key, and so on outwards."""


def read_file(problems: Problems) -> StudyFile | None:
    """The file as a model. What is wrong is added and left out, so that the rest can still be looked at.

    None where what is left makes no study.
    """
    data: Any = _without_empty(problems.yaml.data, (), problems)
    for _ in range(_ROUNDS):
        try:
            return StudyFile.model_validate(data)
        except ValidationError as exc:
            left = [_took_out(data, path, problems) for path in _translated(exc, problems)]
            if not all(left):
                break
    return None


def _without_empty(data: Any, path: Path, problems: Problems) -> Any:
    """A copy without keys behind which nothing stands."""
    if isinstance(data, list):
        return [_without_empty(item, (*path, n), problems) for n, item in enumerate(data)]
    if not isinstance(data, dict):
        return data
    for key, value in data.items():
        if value is None:
            problems.add((*path, key), *_empty(key), at_key=True)
    kept = {key: value for key, value in data.items() if value is not None}
    for key in data.keys() - kept.keys():
        problems.blind((*path, key))
    return {key: _without_empty(value, (*path, key), problems) for key, value in kept.items()}


# What a study can not do without, and what stands there instead until it is right: then the rest can be looked at.
_STAND_INS: Final[Mapping[Path, Any]] = {
    ("name",): "unnamed",
    ("today",): "unnamed",
    ("workload",): {},
    ("workload", "task"): "ner",
}


def _took_out(data: Any, path: Path, problems: Problems) -> bool:
    """Take what is wrong out of the data; False where nothing useful would be left."""
    problems.blind(path)
    while path:
        here = data
        for part in path[:-1]:
            if isinstance(here, dict) and part not in here:
                return True  # it went with the mapping around it
            here = here[part]
        if path in _STAND_INS and isinstance(here, dict):
            here[path[-1]] = copy(_STAND_INS[path])
            return True
        if isinstance(here, dict) and path[-1] in here:
            del here[path[-1]]
            return path != ("candidates",)
        path = path[:-1]  # the mapping that lacks a key, or the list that holds a wrong item, goes as a whole
        if path:
            problems.blind(path)
    return False


# ------------------------------------------------------------------------------ pydantic's errors in our words


def _translated(error: ValidationError, problems: Problems) -> list[Path]:
    """Add each problem; return the path of each, as far as the file has it."""
    paths = []
    found_unknown_first = sorted(
        error.errors(include_url=False), key=lambda e: e["type"] != "extra_forbidden"
    )
    for found in found_unknown_first:
        say = _SAYINGS.get(found["type"], _say_other)
        paths.append(say(found, problems))
    return paths


def _in_tree(location: Iterable[int | str], yaml: PlacedYaml) -> Path:
    """A location without the names that pydantic adds: the kind of a candidate, a short form's field."""
    path: Path = ()
    for part in location:
        if (*path, part) in yaml.values:
            path = (*path, part)
    return path


def _say_ours(found: Any, problems: Problems) -> Path:
    context = found["ctx"]
    location = found["loc"]
    is_key = bool(location) and location[-1] == "[key]"
    path = _in_tree([*location[: -1 if is_key else None], *context["at"]], problems.yaml)
    problems.add(path, context["message"], context["hint"], at_key=is_key)
    return path


def _say_missing(found: Any, problems: Problems) -> Path:
    from breakeven.study.schema import field_help

    *around, name = found["loc"]
    parent = _in_tree(around, problems.yaml)
    model = _model_at(around)
    hint = field_help(model, str(name)) if model is not None else None
    path = (*parent, name)
    problems.add(path, f"`{name}` is missing", hint, at_key=True)
    return path


def _say_extra(found: Any, problems: Problems) -> Path:
    *around, name = found["loc"]
    path = (*_in_tree(around, problems.yaml), name)
    model = _model_at(around)
    message, hint = _unknown_key(str(name), model)
    problems.add(path, message, hint, at_key=True)
    for meant in nearest(str(name), model.model_fields if model else (), n=1):
        problems.blind((*path[:-1], meant))  # a key that is misspelt is not missing, too
    return path


def _unknown_key(key: str, model: type[BaseModel] | None) -> tuple[str, str]:
    known = list(model.model_fields) if model is not None else []
    near = nearest(key, known, n=1)
    other = [kind for kind, its in CANDIDATE_FILES.items() if key in its.model_fields]
    own = next((kind for kind, its in CANDIDATE_FILES.items() if its is model), None)
    if own and other:
        hint = f"did you mean `{near[0]}`?" if near else "remove it, or change the kind"
        for name in {"model", "base"} & set(known):
            hint = f"`{name}` names the model here" if key in ("model", "base") else hint
        return f"`{key}` belongs to a {' or '.join(other)} candidate; this one is a {own}", hint
    if model is StudyFile and key in WorkloadFile.model_fields:
        return f"`{key}` does not stand at the top", "it stands under `workload:`"
    if key in StudyFile.model_fields and model is not StudyFile:
        return f"`{key}` does not stand here", "it stands at the top of the file, not indented"
    return f"unknown key `{key}`", f"did you mean `{near[0]}`?" if near else f"known here: {_listed(known)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _say_no_mapping(found: Any, problems: Problems) -> Path:
    path = _in_tree(found["loc"], problems.yaml)
    model = _model_at(found["loc"])
    hint = f"keys: {_listed(model.model_fields)}" if model is not None else "write `key: value`"
    problems.add(path, f"{shown(found['input'])} is not a mapping", hint)
    return path


def _say_no_kind(found: Any, problems: Problems) -> Path:
    path = _in_tree(found["loc"], problems.yaml)
    kinds = _listed(CANDIDATE_FILES)
    read = found["input"].get("kind") if isinstance(found["input"], dict) else None
    if read is None:
        problems.add((*path, "kind"), "`kind` is missing", f"one of {kinds}", at_key=True)
        return (*path, "kind")
    near = nearest(str(read), CANDIDATE_FILES, n=1)
    did = f"did you mean {near[0]}? " if near else ""
    problems.add((*path, "kind"), f"{shown(read)} is no kind of candidate", f"{did}one of {kinds}")
    problems.blind(path)
    return path


def _say_size(found: Any, problems: Problems) -> Path:
    path = _in_tree(found["loc"], problems.yaml)
    few = found["type"] == "too_short"
    problems.add(path, "no candidate stands here" if few else "more than 40 candidates",
                 "`prompt: {kind: prompt, model: openai/gpt-4.1}`" if few else "split the study")  # fmt: skip
    return path


def _say_other(found: Any, problems: Problems) -> Path:
    path = _in_tree(found["loc"], problems.yaml)
    problems.add(path, f"{shown(found.get('input'))} can not be used: {found['msg']}")
    return path


_SAYINGS: Final = {
    "breakeven": _say_ours,
    "missing": _say_missing,
    "extra_forbidden": _say_extra,
    "model_type": _say_no_mapping,
    "model_attributes_type": _say_no_mapping,
    "dict_type": _say_no_mapping,
    "union_tag_not_found": _say_no_kind,
    "union_tag_invalid": _say_no_kind,
    "too_short": _say_size,
    "too_long": _say_size,
}


def _model_at(location: Iterable[int | str]) -> type[BaseModel] | None:
    """The model that describes the mapping at a pydantic location."""
    here: Any = StudyFile
    for part in location:
        here = _step(_bare(here), part)
    here = _bare(here)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _step(here: Any, part: int | str) -> Any:
    if isinstance(here, type) and issubclass(here, BaseModel):
        field = here.model_fields.get(str(part))
        return None if field is None else field.annotation
    if get_origin(here) is dict:
        return get_args(here)[1]
    if get_origin(here) in (Union, types.UnionType):  # the candidates, told apart by their kind
        return CANDIDATE_FILES.get(str(part))
    return None


def _bare(annotation: Any) -> Any:
    """An annotation without ``Annotated`` and ``| None``."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    parts = [part for part in get_args(annotation) if part is not type(None)]
    if get_origin(annotation) in (Union, types.UnionType) and len(parts) == 1:
        return _bare(parts[0])
    return annotation
