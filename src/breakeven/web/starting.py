"""From nothing to a first study: a template, seven answers, or logs that were measured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from breakeven.errors import InputError, Place, Problem, QuantityError
from breakeven.quantities import show, show_usd
from breakeven.study.editing import Edit, edit_all
from breakeven.study.from_profile import PROFILE, draft, span_in_words
from breakeven.study.opening import parse_study
from breakeven.study.starting import (
    GUESSED_QUALITY,
    QUESTIONS,
    Answers,
    read_answer,
    template_names,
    template_text,
    written_study,
)
from breakeven.study.tasks import OTHER
from breakeven.web.saving import save
from breakeven.web.whatif import Setting
from breakeven.yaml_places import Path as Field

__all__ = [
    "TOKEN_PARTS",
    "Pending",
    "as_profile",
    "ask_for",
    "drafted",
    "filled",
    "from_answers",
    "from_template",
    "looks_like_training",
    "measured_rows",
    "ready",
    "write_study",
    "written_profile",
]


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A study drawn up from logs, before a person has filled in what logs do not tell."""

    profile: Mapping[str, Any]
    name: str
    text: str
    model: str | None
    to_fill_in: tuple[str, ...]
    guessed: tuple[str, ...]

    @property
    def volume_otherwise(self) -> str:
        """What stands where nobody states a volume: what was measured, or a guess from too short a log."""
        measured = self.profile.get("calls_per_month")
        if measured:
            return f"{show(measured['mean'])} calls/month, as measured"
        guessed = next((g for g in self.guessed if g.startswith("workload.volume, from ")), "")
        return f"a wide guess from {guessed.removeprefix('workload.volume, from ')}"


def write_study(file: Path, text: str) -> None:
    """Write a new study. Raises InputError where one is there already: a page never overwrites one unseen."""
    if file.exists():
        hint = "open it at the start page's address without /start, or start `breakeven ui` on another folder"
        raise InputError(Problem(message="a study is here already", place=Place(file=file.name), hint=hint))
    save(file, text)


def from_template(name: str) -> str:
    """A template's text. Raises InputError for an unknown one."""
    names = template_names()
    if name not in names:
        raise InputError(
            Problem(message=f"there is no template {name[:40]!r}", hint=f"one of {', '.join(names)}")
        )
    return template_text(name)


def from_answers(given: Mapping[str, str], setting: Setting) -> str:
    """A study from the seven questions of ``breakeven new``; every answer that can not be read is a problem."""
    answers: dict[str, Any] = {}
    problems = []
    for question in QUESTIONS:
        try:
            text = _given(question.key, given) or (question.default or "")
            answers[question.key] = read_answer(question.key, text, setting.book)
        except QuantityError as exc:
            problems.append(Problem(message=exc.message, field=question.key, hint=exc.hint or question.help))
    if problems:
        raise InputError(*problems)
    return written_study(Answers(**answers), today=setting.today, book=setting.book)


TOKEN_PARTS: Final[Mapping[str, str]] = {
    "static": "Instructions",
    "input": "Input",
    "output": "Output",
}
"""The three fields that the page has for one question."""


def _given(key: str, given: Mapping[str, str]) -> str:
    """What was written; the tokens of a call in one text, as the question takes them. No instructions: none."""
    if key != "tokens" or "tokens" in given:
        return given.get(key, "").strip()
    parts = [given.get(f"tokens_{part}", "").strip() for part in TOKEN_PARTS]
    if not all(parts[1:]):
        raise QuantityError("the tokens of input and output are needed", hint="such as 400 and 60")
    return " / ".join([parts[0] or "0", *parts[1:]])


# ------------------------------------------------------------------------------------------------- from logs


def drafted(profile: Mapping[str, Any], setting: Setting) -> Pending:
    """The study that logs tell of. Its profile is written beside where the study will stand."""
    from breakeven.evidence.profile.writing import as_json

    save(setting.folder / PROFILE, as_json(dict(profile)) + "\n")
    return _pending(profile, setting)


def _pending(profile: Mapping[str, Any], setting: Setting) -> Pending:
    name = setting.folder.name or "My feature"
    made = draft(profile, name=name, folder=setting.folder, today=setting.today, book=setting.book)
    return Pending(
        profile=profile, name=name, text=made.text, model=made.model, to_fill_in=made.to_fill_in,
        guessed=made.guessed,
    )  # fmt: skip


_FILLED: Final[Mapping[str, Field]] = {
    "name": ("name",),
    "task": ("workload", "task"),
    "volume": ("workload", "volume"),
    "input": ("workload", "tokens", "input"),
    "output": ("workload", "tokens", "output"),
    "model": ("candidates", "prompt", "model"),
    "error_cost": ("workload", "errors", "cost"),
    "target": ("workload", "errors", "target"),
    "labelled": ("candidates", "tuned", "labelled"),
}
"""What is asked after logs were measured, and where it is written."""


def filled(pending: Pending, given: Mapping[str, str], setting: Setting) -> str:
    """The study with what a person added; empty answers leave it as it is. Raises StudyError as ``parse_study``."""
    unknown = [key for key in given if key not in _FILLED]
    if unknown:
        raise InputError(f"nothing is called {unknown[0][:40]!r} here")
    given = {key: value.strip() for key, value in given.items() if value.strip()}
    if "model" in given:
        pending = _with_model(pending, given.pop("model"), setting)
    text = pending.text
    if given.get("task", OTHER) != OTHER:  # what is published about the task goes before a guess
        text = text.replace(GUESSED_QUALITY, "")
    text = edit_all(text, [Edit(_FILLED[key], value) for key, value in given.items()])
    parse_study(text, setting.file, today=setting.today, book=setting.book, folder=setting.folder)
    return text


def _with_model(pending: Pending, model: str, setting: Setting) -> Pending:
    """Drawn up as if the logs had named the model, so that its rivals suit it."""
    try:
        read_answer("model", model, setting.book)
    except QuantityError as exc:
        field = ".".join(map(str, _FILLED["model"]))
        raise InputError(Problem(message=exc.message, field=field, hint=exc.hint)) from exc
    calls = pending.profile.get("calls", 0)
    return _pending({**pending.profile, "models": {model: {"calls": calls}}}, setting)


def ask_for(pending: Pending) -> tuple[str, ...]:
    """The keys of ``filled`` that must be answered before the study opens; a volume of nothing decides nothing."""
    wanted = {
        "workload.volume": "volume", "workload.tokens.input": "input", "workload.tokens.output": "output",
        "candidates.prompt.model": "model",
    }  # fmt: skip
    measured = pending.profile.get("calls_per_month")
    nothing = ("workload.volume:",) if measured and measured["mean"] < 1 else ()
    open_fields = (*pending.to_fill_in, *nothing)
    return tuple(key for field, key in wanted.items() if any(m.startswith(f"{field}:") for m in open_fields))


def measured_rows(profile: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What logs told, in rows for people."""
    rows = [("Calls", f"{profile.get('calls', 0):,}")]
    if profile.get("span_days"):
        rows.append(("Time span", span_in_words(profile["span_days"])))
    volume = profile.get("calls_per_month")
    if volume:
        ends = f"90%: {show(volume['p05'])} to {show(volume['p95'])}"
        rows.append(("Calls a month", f"{show(volume['mean'])} ({ends})"))
    for side in ("input", "output"):
        found = (profile.get("tokens") or {}).get(side)
        if found:
            rows.append(
                (
                    f"{side.capitalize()} tokens a call",
                    f"{found['mean']:,.0f} (90th percentile {found['p90']:,.0f})",
                )
            )
    if profile.get("cost_usd"):
        cost = profile["cost_usd"]
        usd = cost.get("total", cost.get("mean")) if isinstance(cost, Mapping) else cost
        rows += [("Cost of these calls", show_usd(float(usd)))] if isinstance(usd, int | float) else []
    models = profile.get("models") or {}
    if models:
        top = sorted(models.items(), key=lambda item: -item[1]["calls"])[:3]
        rows.append(("Models", ", ".join(f"{name} ({its['calls']:,})" for name, its in top)))
    rejected = profile.get("rejected") or {}
    if rejected:
        rows.append(("Rows not used", ", ".join(f"{n:,} {reason}" for reason, n in rejected.items())))
    return rows


def as_profile(body: bytes) -> dict[str, Any]:
    """A profile that a worker sent."""
    found: dict[str, Any] = json.loads(body)
    return found


_MOST_OF_A_PROFILE: Final = 5_000_000


def written_profile(file: Path) -> dict[str, Any] | None:
    """The profile that ``breakeven profile -o`` wrote; None where the file is something else."""
    if file.stat().st_size > _MOST_OF_A_PROFILE:
        return None
    try:
        found = json.loads(file.read_bytes())
    except ValueError:
        return None
    return found if isinstance(found, dict) and "breakeven_profile" in found else None


def looks_like_training(profile: Mapping[str, Any]) -> bool:
    """Whether these calls have neither time, model nor output: then they are most likely examples to train on."""
    output = (profile.get("tokens") or {}).get("output")
    return not (profile.get("first") or profile.get("span_days") or profile.get("models") or output)


def ready() -> bool:
    """Load what measuring logs takes; a worker does so while a person still chooses files."""
    from contextlib import suppress
    from importlib import import_module

    with suppress(ImportError):  # the job itself will say which extra is missing
        for module in (
            "breakeven.evidence.calls.read",
            "breakeven.evidence.profile.build",
            "ibis.backends.duckdb",
        ):
            import_module(module)
    return True
