"""Runs the examples of a Markdown page, and rewrites the outputs that have changed.

Two kinds of fenced block run, from the top of the page down, in a folder that holds a copy of ``examples/``:

``console``
    Each line that starts with ``$ `` is a command; what stands under it is what it prints, errors included. A
    command that fails says so in its last line: ``[exit 2]``.
``python``
    With ``>>> `` prompts, a session whose outputs are compared; without, a script that must not raise. All
    python blocks of a page share their names.

A line of three dots stands for any number of lines, three dots inside a line for anything on that line. A block
under the comment ``<!-- no-run -->`` is only shown. Blocks in any other language are not looked at.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import re
import shutil
import subprocess
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NO_RUN = "<!-- no-run -->"
WILDCARD = "..."
COMMANDS = {"breakeven", "cat", "cp", "head", "ls"}
TIMEOUT_S = 120

_FENCE = re.compile(r"(?P<indent> *)(?P<ticks>`{3,})(?P<language>\w*)\s*$")
_PROMPTS = {"console": ("$ ", "> "), "python": (">>> ", "... ")}
_EXIT = re.compile(r"\[exit \d+\]$")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command or statement of a page, with the output that the page prints for it."""

    language: str
    source: str
    start: int
    """Index of the page's line on which the source begins, from 0."""
    want: list[str] | None
    """The printed output, without indent; None: a script, whose output is not compared."""
    span: slice
    """The page's lines that the output takes."""
    indent: str


@dataclass(kw_only=True)
class Session:
    """A folder to run in, and the names that python blocks have defined so far."""

    folder: Path
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})

    def run(self, step: Step) -> list[str]:
        """The lines that a step prints."""
        output = self._console(step.source) if step.language == "console" else self._python(step)
        return _tidy(output.splitlines())

    def _console(self, command: str) -> str:
        if command.split()[0] not in COMMANDS:
            return f"not run: pages run {', '.join(sorted(COMMANDS))}; put {NO_RUN} above blocks that are only shown"
        done = subprocess.run(
            command, shell=True, cwd=self.folder, env=_environment(), timeout=TIMEOUT_S, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        )  # fmt: skip
        return done.stdout if done.returncode == 0 else f"{done.stdout.rstrip()}\n[exit {done.returncode}]"

    def _python(self, step: Step) -> str:
        mode = "exec" if step.want is None else "single"
        printed = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(printed):
            try:
                exec(compile(step.source + "\n", f"line {step.start + 1}", mode), self.names)
            except Exception as error:  # noqa: BLE001 whatever a page raises is its output
                lines = traceback.format_exception_only(error)
                return f"{printed.getvalue()}Traceback (most recent call last):\n    ...\n{''.join(lines)}"
        return printed.getvalue() if step.want is not None else ""


def pages(root: Path) -> list[Path]:
    """The pages whose examples run: the README and all under docs/."""
    return [page for page in [root / "README.md", *sorted((root / "docs").rglob("*.md"))] if page.exists()]


def playground(root: Path, folder: Path) -> Session:
    """A session in a folder that holds a copy of the examples, without reports written before."""
    if (root / "examples").exists():
        ignore = shutil.ignore_patterns("report.html", "__pycache__")
        shutil.copytree(root / "examples", folder / "examples", ignore=ignore)
    return Session(folder=folder)


def check(text: str, session: Session) -> list[str]:
    """What is wrong with a page, one text for each step that prints something else than the page says."""
    problems = []
    for step in steps(text):
        got, want = session.run(step), step.want or []
        if not matches(want, got):
            shown = difflib.unified_diff(want, got, "the page", "the run", lineterm="", n=2)
            problems.append("\n".join([f"line {step.start + 1}: {step.source}", *shown]))
    return problems


def refresh(text: str, session: Session) -> str:
    """The page with each output that no longer matches replaced by what the run prints."""
    lines = text.splitlines()
    outputs = [(step, session.run(step)) for step in steps(text)]
    for step, got in reversed(outputs):
        if step.want is not None and not matches(step.want, got):
            lines[step.span] = [(step.indent + line).rstrip() for line in renewed(step.want, got)]
    return "\n".join(lines) + "\n"


def steps(text: str) -> Iterator[Step]:
    """The steps of a page that run, in order."""
    lines = text.splitlines()
    for language, indent, start, end in _blocks(lines):
        body = [line.removeprefix(indent) for line in lines[start:end]]
        prompt, more = _PROMPTS[language]
        if language == "python" and not any(line.startswith(prompt) for line in body):
            source, nothing = "\n".join(body), slice(end, end)
            yield Step(language=language, source=source, start=start, want=None, span=nothing, indent=indent)
            continue
        begins = [n for n, line in enumerate(body) if line.startswith(prompt)]
        if not begins:
            raise ValueError(
                f"line {start}: a {language} block without `{prompt}`; one only shown is marked `sh`"
            )
        for first, after in zip(begins, [*begins[1:], len(body)], strict=True):
            output = first + 1
            while output < after and (body[output] + " ").startswith(more):
                output += 1
            source = "\n".join(line[len(prompt) :] for line in body[first:output])
            want = _tidy(body[output:after])
            span = slice(start + output, start + output + len(want))
            yield Step(
                language=language, source=source, start=start + first, want=want, span=span, indent=indent
            )


def _blocks(lines: list[str]) -> Iterator[tuple[str, str, int, int]]:
    """Language, indent, first line and end of each block that runs."""
    n = 0
    while n < len(lines):
        fence = _FENCE.match(lines[n])
        n += 1
        if fence is None:
            continue
        start = n
        while n < len(lines) and lines[n].strip() != fence["ticks"]:
            n += 1
        above = next((line.strip() for line in reversed(lines[: start - 1]) if line.strip()), "")
        if fence["language"] in _PROMPTS and above != NO_RUN:
            yield fence["language"], fence["indent"], start, n
        n += 1


def matches(want: list[str], got: list[str]) -> bool:
    """Whether a run printed what the page says; a failure is never hidden by a wildcard."""
    return _exit(want) == _exit(got) and _pattern(want).fullmatch(_joined(got)) is not None


def renewed(want: list[str], got: list[str]) -> list[str]:
    """The new output, with the wildcards of the old one kept where only numbers and spacing have changed."""
    text = _joined(got)
    found = _pattern(want, loose=True).fullmatch(text)
    if found is None or _exit(want) != _exit(got):
        return got
    for group in range(found.re.groups, 0, -1):
        start, end = found.span(group)
        dots = WILDCARD + "\n" if start == 0 or text[start - 1] == "\n" else WILDCARD
        text = text[:start] + dots + text[end:]
    return text.splitlines()


def _pattern(want: list[str], *, loose: bool = False) -> re.Pattern[str]:
    quote = _loosely if loose else re.escape
    parts = []
    for line in want:
        if line.strip() == WILDCARD:
            parts.append(r"((?:.*\n)*?)")
        else:
            parts.append("(.*?)".join(quote(piece) for piece in line.split(WILDCARD)) + r"\n")
    return re.compile("".join(parts))


def _loosely(text: str) -> str:
    def quote(piece: str) -> str:
        if piece.isspace():
            return r"\s+"
        return r"[\d.,]+" if piece[0].isdigit() else re.escape(piece)

    return "".join(quote(piece) for piece in re.split(r"(\d[\d.,]*|\s+)", text) if piece)


def _tidy(lines: list[str]) -> list[str]:
    """Lines without spaces at their ends and without blank lines at the end."""
    return "\n".join(line.rstrip() for line in lines).rstrip("\n").splitlines()


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _exit(lines: list[str]) -> str | None:
    return lines[-1] if lines and _EXIT.match(lines[-1]) else None


def _environment() -> dict[str, str]:
    """A terminal 100 columns wide, without colours, in which this environment's commands come first."""
    inherited = {
        name: value for name, value in os.environ.items() if name not in {"FORCE_COLOR", "CLICOLOR_FORCE"}
    }
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**inherited, "PATH": path, "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "PYTHONUTF8": "1"}
