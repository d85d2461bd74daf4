"""Prompt templates: a text with placeholders, and the messages that it makes of a case. Nothing in it is executed.

A prompt is a file. Lines that say ``system:``, ``user:`` or ``assistant:`` and nothing else open a message; a text
without them is one user message, or, where it holds no placeholder, a system message before the case's ``input``.
``{{name}}`` stands for a variable of the case. YAML between two lines ``---`` at the top may give ``version``,
``parent`` and ``note``. A file that is named by a semantic version, ``prompts/route/1.4.0.md``, is that version of the
prompt that its folder is named after.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from breakeven import yaml_places
from breakeven.errors import EvidenceError, Place, Problem, StudyError, nearest
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.result import PromptReference
from breakeven.evidence.files import read_text
from breakeven.providers import Message
from breakeven.providers.chat import Role

__all__ = [
    "SEMANTIC",
    "PromptSection",
    "PromptVersion",
    "as_text",
    "parse_prompt",
    "read_prompt",
    "render",
    "render_shots",
]

INPUT: Final = "input"
"""The variable that a prompt without placeholders is followed by."""
CONTEXT: Final = "context"
"""The placeholder that retrieved context fills; without it, the context stands before the last user message."""

_PLACEHOLDER: Final = re.compile(r"\{\{[ \t]*([A-Za-z_][\w.-]*)[ \t]*\}\}")
_LOGIC: Final = re.compile(
    r"\{%.*?%\}|\{\{[ \t]*[#/>^!&][^}\n]*\}\}|\{\{[ \t]*[A-Za-z_][\w.-]*[ \t]*[|(\[][^}\n]*\}\}"
)
SEMANTIC: Final = re.compile(r"v?(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})")
"""A semantic version, such as 1.4.0."""
_ROLE: Final = re.compile(r"^(system|user|assistant):[ \t]*$", re.MULTILINE)
_FRONT: Final = re.compile(r"---[ \t]*\n(?P<yaml>.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_FRONT_KEYS: Final = ("name", "version", "parent", "note")


@dataclass(frozen=True, kw_only=True)
class PromptSection:
    """One message of a template."""

    role: Role
    text: str
    line: int
    """Where its text begins in the file, from 1."""


@dataclass(frozen=True, kw_only=True)
class PromptVersion:
    """One version of one prompt."""

    name: str
    version: str
    """As its front matter says, else the first eight characters of its hash."""
    sha256: str
    """Over the sections' roles and texts: notes may change, the prompt does not."""
    sections: tuple[PromptSection, ...]
    parent: str | None = None
    """The version it was made from."""
    note: str | None = None
    path: str = ""

    @property
    def reference(self) -> PromptReference:
        """What a result keeps of it."""
        return PromptReference(name=self.name, version=self.version, sha256=self.sha256)

    @property
    def placeholders(self) -> frozenset[str]:
        """The variables that it wants."""
        return frozenset(name for section in self.sections for name in _PLACEHOLDER.findall(section.text))


def read_prompt(path: Path) -> PromptVersion:
    """The prompt in a file; raises EvidenceError with the line that can not be used."""
    if SEMANTIC.fullmatch(path.stem):
        name, version = path.resolve().parent.name or path.stem, path.stem.removeprefix("v")
        return parse_prompt(read_text(path), file=str(path), name=name, version=version)
    return parse_prompt(read_text(path), file=str(path), name=path.stem)


def parse_prompt(text: str, *, file: str, name: str, version: str | None = None) -> PromptVersion:
    """The prompt in a text. ``file`` stands in messages; name and version count where the front matter gives none."""
    text = text.replace("\r\n", "\n")
    front = _FRONT.match(text)
    told = _front_matter(front["yaml"], file) if front else {}
    start = front.end() if front else 0
    sections = _sections(text, start, file)
    _check_logic(sections, file)
    content = json.dumps([[section.role, section.text] for section in sections])
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    return PromptVersion(
        name=told.get("name", name), version=told.get("version", version or sha256[:8]), sha256=sha256,
        sections=sections, parent=told.get("parent"), note=told.get("note"), path=file,
    )  # fmt: skip


def _front_matter(text: str, file: str) -> dict[str, str]:
    try:
        placed = yaml_places.load("\n" + text, file)  # the line above it is `---`
    except StudyError as exc:
        raise EvidenceError(*exc.problems) from exc
    told = {}
    for key, value in placed.data.items():
        if key not in _FRONT_KEYS:
            near = nearest(key, _FRONT_KEYS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(_FRONT_KEYS)}"
            raise _error(f"the key {key!r} is not known", placed.key_place((key,)), hint)
        if isinstance(value, dict | list) or value is None:
            raise _error(f"{key}: a text is wanted", placed.place((key,)))
        told[key] = str(value)
    return told


def _error(message: str, place: Place, hint: str | None = None) -> EvidenceError:
    return EvidenceError(Problem(message=message, place=place, hint=hint))


def _sections(text: str, start: int, file: str) -> tuple[PromptSection, ...]:
    marks = list(_ROLE.finditer(text, start))
    if not marks:
        return _unmarked(text[start:], _first_line(text, start), file)
    before = text[start : marks[0].start()]
    if before.strip():
        line = text.count("\n", 0, start) + 1
        message = f"text before the first `{marks[0][1]}:` belongs to no message"
        raise _error(message, Place(file=file, line=line), "put `system:` on a line of its own above it")
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    found = tuple(
        PromptSection(
            role=cast("Role", mark[1]),
            text=text[mark.end() : end].strip("\n"),
            line=_first_line(text, mark.end()),
        )
        for mark, end in zip(marks, ends, strict=True)
    )
    for section in found:
        if not section.text.strip():
            raise _error(f"nothing stands under `{section.role}:`", Place(file=file, line=section.line))
    if found[-1].role != "user":
        place = Place(file=file, line=found[-1].line)
        raise _error("the last message is not the user's", place, "end with `user:` and `{{input}}`")
    return found


def _first_line(text: str, start: int) -> int:
    """The line of the first text from a position on that is not an empty line."""
    rest = text[start:]
    return text.count("\n", 0, start + len(rest) - len(rest.lstrip("\n"))) + 1


def _unmarked(text: str, line: int, file: str) -> tuple[PromptSection, ...]:
    if not text.strip():
        raise _error("the prompt is empty", Place(file=file, line=line))
    body = text.strip("\n")
    if _PLACEHOLDER.search(body):
        return (PromptSection(role="user", text=body, line=line),)
    return (
        PromptSection(role="system", text=body, line=line),
        PromptSection(role="user", text="{{" + INPUT + "}}", line=line),
    )


def _check_logic(sections: Sequence[PromptSection], file: str) -> None:
    """Refuse what another template language would run: here it would reach the model as it stands."""
    for section in sections:
        found = _LOGIC.search(section.text)
        if found:
            line = section.line + section.text.count("\n", 0, found.start())
            message = f"{found[0][:60]!r} is template logic, which is not run here"
            hint = "only {{name}} is filled in; compute the value in the case file"
            raise _error(message, Place(file=file, line=line), hint)


def as_text(value: Any) -> str:
    """A variable as a prompt shows it: text as it stands, anything else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=False)


def render(
    prompt: PromptVersion, case: Case, *, shots: Sequence[Message] = (), context: str | None = None
) -> tuple[Message, ...]:
    """The messages that ask one case.

    shots: messages of solved examples (``render_shots``), which go before the last user message. context: the
    variable that holds what was retrieved. Raises EvidenceError naming case and variable where one is missing.
    """
    *before, last = prompt.sections
    opening = [Message(role=s.role, content=_filled(prompt, s, case, context)) for s in before]
    return (*opening, *shots, Message(role="user", content=_asked(prompt, last, case, context)))


def render_shots(
    prompt: PromptVersion, shots: Sequence[Case], *, context: str | None = None
) -> tuple[Message, ...]:
    """Solved examples as the chat that led to them: the prompt's last message with their variables, and the answer."""
    messages = []
    for shot in shots:
        asked = _asked(prompt, prompt.sections[-1], shot, context)
        messages.append(Message(role="user", content=asked))
        messages.append(Message(role="assistant", content=as_text(shot.expected)))
    return tuple(messages)


def _asked(prompt: PromptVersion, section: PromptSection, case: Case, context: str | None) -> str:
    """The question, with what was retrieved before it where the prompt has no place of its own for that."""
    text = _filled(prompt, section, case, context)
    if context is None or CONTEXT in prompt.placeholders:
        return text
    return f"Context:\n{_retrieved(prompt, section, case, context)}\n\n{text}"


def _filled(prompt: PromptVersion, section: PromptSection, case: Case, context: str | None) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] == CONTEXT and context is not None:
            return _retrieved(prompt, section, case, context)
        line = section.line + section.text.count("\n", 0, match.start())
        return as_text(_variable(case, match[1], prompt, line))

    return _PLACEHOLDER.sub(value, section.text)


def _retrieved(prompt: PromptVersion, section: PromptSection, case: Case, context: str) -> str:
    found = _variable(case, context, prompt, section.line)
    return "\n\n".join(map(as_text, found)) if isinstance(found, list | tuple) else as_text(found)


def _variable(case: Case, name: str, prompt: PromptVersion, line: int) -> Any:
    if name in case.variables:
        return case.variables[name]
    known: Mapping[str, Any] = case.variables
    near = nearest(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(sorted(known)) or 'no variables'}"
    message = f"case {case.id!r} has no variable {name!r}"
    raise _error(message, Place(file=prompt.path, line=line), hint)
