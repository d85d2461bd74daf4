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
from breakeven.study.from_profile import PROFILE, draft
from breakeven.study.opening import parse_study
from breakeven.study.starting import (
    QUESTIONS,
    Answers,
    read_answer,
    template_names,
    template_text,
    written_study,
)
from breakeven.web.saving import save
from breakeven.web.whatif import Setting
from breakeven.yaml_places import Path as Field

__all__ = [
    "Pending",
    "ask_for",
    "drafted",
    "filled",
    "from_answers",
    "from_template",
    "measured_rows",
    "write_study",
]


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A study drawn up from logs, before a person has filled in what logs do not tell."""

    text: str
    model: str | None
    to_fill_in: tuple[str, ...]
    guessed: tuple[str, ...]


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
        text = given.get(question.key, "").strip() or (question.default or "")
        try:
            answers[question.key] = read_answer(question.key, text, setting.book)
        except QuantityError as exc:
            problems.append(Problem(message=exc.message, field=question.key, hint=exc.hint or question.help))
    if problems:
        raise InputError(*problems)
    return written_study(Answers(**answers), today=setting.today, book=setting.book)


# ------------------------------------------------------------------------------------------------- from logs


def drafted(profile: Mapping[str, Any], setting: Setting) -> Pending:
    """The study that logs tell of. Its profile is written beside where the study will stand."""
    from breakeven.evidence.profile.writing import as_json

    save(setting.folder / PROFILE, as_json(dict(profile)) + "\n")
    name = setting.folder.name or "My feature"
    made = draft(profile, name=name, folder=setting.folder, today=setting.today, book=setting.book)
    return Pending(text=made.text, model=made.model, to_fill_in=made.to_fill_in, guessed=made.guessed)


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
    edits = [Edit(_FILLED[key], value) for key, value in given.items() if value.strip()]
    text = edit_all(pending.text, edits)
    parse_study(text, setting.file, today=setting.today, book=setting.book, folder=setting.folder)
    return text


def ask_for(pending: Pending) -> tuple[str, ...]:
    """The keys of ``filled`` that must be answered before the study opens."""
    wanted = {
        "workload.volume": "volume", "workload.tokens.input": "input", "workload.tokens.output": "output",
        "candidates.prompt.model": "model",
    }  # fmt: skip
    return tuple(
        key for field, key in wanted.items() if any(m.startswith(f"{field}:") for m in pending.to_fill_in)
    )


def measured_rows(profile: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What logs told, in rows for people."""
    rows = [("Calls", f"{profile.get('calls', 0):,}")]
    if profile.get("span_days"):
        rows.append(("Span", f"{profile['span_days']:.1f} days"))
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
