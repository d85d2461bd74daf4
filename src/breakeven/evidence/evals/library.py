"""The prompt library: a folder a prompt, a file a version, the semantic version as its name.

::

    prompts/route/1.0.0.md        front matter: parent, note; then the prompt
    prompts/route/1.1.0.md
    prompts/greet.md              a prompt outside the library's folders: one file, no history

Versions are plain files, so that ``git diff`` and an editor are enough. What was measured is kept beside the results,
by the prompt's hash: a file that was edited after it had been measured no longer has its hash, and is reported.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import total_ordering
from pathlib import Path
from typing import Final, Literal, TypeAlias

from breakeven import yaml_places
from breakeven.errors import EvidenceError, InputError, Place, Problem, StudyError, nearest
from breakeven.evidence.evals.prompting import SEMANTIC, PromptVersion, parse_prompt, read_prompt
from breakeven.evidence.evals.result import EvalResult
from breakeven.evidence.files import read_text
from breakeven.evidence.profile.writing import replaced

__all__ = [
    "Changed", "Library", "Step", "Version", "body_of", "changed_since", "diff_versions", "find_library",
    "next_free", "read_library", "save_version",
]  # fmt: skip

Step: TypeAlias = Literal["major", "minor", "patch"]
"""What of a version counts up: the output changes shape, the wording changes, a slip is mended."""

_NAME: Final = re.compile(r"[A-Za-z0-9][\w-]{0,79}")
_SUFFIXES: Final = (".md", ".txt")
_FOLDER: Final = "prompts"
_SUITE: Final = "eval.yaml"


@total_ordering
@dataclass(frozen=True, kw_only=True)
class Version:
    """A semantic version: ``1.4.0``."""

    major: int
    minor: int
    patch: int

    @classmethod
    def of(cls, text: str) -> Version | None:
        """The version in a text; None: it is none."""
        found = SEMANTIC.fullmatch(text)
        return None if found is None else cls(major=int(found[1]), minor=int(found[2]), patch=int(found[3]))

    def next(self, step: Step) -> Version:
        """The next one: ``minor`` of 1.4.2 is 1.5.0."""
        if step == "major":
            return Version(major=self.major + 1, minor=0, patch=0)
        if step == "minor":
            return Version(major=self.major, minor=self.minor + 1, patch=0)
        return Version(major=self.major, minor=self.minor, patch=self.patch + 1)

    def __lt__(self, other: Version) -> bool:
        return (self.major, self.minor, self.patch) < (other.major, other.minor, other.patch)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True, kw_only=True)
class Library:
    """Every prompt of a folder with its versions, oldest first, and the files that could not be used."""

    folder: Path
    prompts: dict[str, tuple[PromptVersion, ...]]
    rejected: tuple[Problem, ...] = ()

    def find(self, name: str, version: str | None = None) -> PromptVersion:
        """A version of a prompt, the latest where none is named; InputError names what is near."""
        if name not in self.prompts:
            raise _unknown(f"{self.folder}: no prompt is called {name!r}", name, self.prompts)
        versions = self.prompts[name]
        if version is None:
            return versions[-1]
        wanted = str(Version.of(version) or version)
        for one in versions:
            if one.version == wanted:
                return one
        raise _unknown(f"{name} has no version {version!r}", wanted, [one.version for one in versions])


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A version whose text is no longer the one that was measured."""

    prompt: PromptVersion
    measured_sha256: str
    save_as: str
    """The next version that is free."""

    def __str__(self) -> str:
        return f"{self.prompt.name} {self.prompt.version} has changed since it was measured: save it as {self.save_as}"


def _unknown(message: str, given: str, known: Iterable[str]) -> InputError:
    names = list(known)
    near = nearest(given, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names[-8:]) or 'none yet'}"
    return InputError(Problem(message=message, hint=hint))


def find_library(given: Path | None = None) -> Path:
    """The folder of prompts that is meant: itself, or that of a suite (its file or its folder), or that of here.

    A suite's is where its candidates' prompts are, else ``prompts`` in its folder. Raises EvidenceError where its
    candidates' prompts are in several folders.
    """
    here = given or Path()
    if given is None and (here / _FOLDER).is_dir():
        return here / _FOLDER
    suite = here / _SUITE if here.is_dir() else here
    if suite.suffix not in (".yaml", ".yml") or not suite.is_file():
        return here / _FOLDER if given is None else here
    found = sorted({_folder_of(suite.parent / prompt) for prompt in _prompts_of(suite)})
    if len(found) > 1:
        there = ", ".join(map(str, found))
        message = "its candidates' prompts are in several folders"
        raise EvidenceError(
            Problem(message=message, place=Place(file=str(suite)), hint=f"name one of them: {there}")
        )
    return found[0] if found else suite.parent / _FOLDER


def _prompts_of(suite: Path) -> list[str]:
    """The prompt files that a suite names. Whatever else is wrong with it, ``eval run`` says."""
    try:
        data = yaml_places.load(read_text(suite), str(suite)).data
    except StudyError as exc:
        raise EvidenceError(*exc.problems) from exc
    candidates = data.get("candidates")
    entries = candidates.values() if isinstance(candidates, dict) else ()
    named = [entry.get("prompt") for entry in entries if isinstance(entry, dict)]
    return [prompt for prompt in named if isinstance(prompt, str)]


def _folder_of(prompt: Path) -> Path:
    """The library of a prompt's file: a file that is named by its version stands in a folder of its prompt."""
    return prompt.parent.parent if Version.of(prompt.stem) is not None else prompt.parent


def read_library(folder: Path) -> Library:
    """All prompts of a folder; a file that can not be used is listed, and the others are read."""
    if not folder.is_dir():
        hint = f"keep versions as {folder}/NAME/1.0.0.md"
        raise EvidenceError(
            Problem(message="is no folder of prompts", place=Place(file=str(folder)), hint=hint)
        )
    found: dict[str, list[PromptVersion]] = {}
    rejected: list[Problem] = []
    for file in _files(folder):
        try:
            prompt = read_prompt(file)
            _check_name(prompt, file)
        except InputError as exc:
            rejected += exc.problems
            continue
        found.setdefault(prompt.name, []).append(prompt)
    ordered = {name: tuple(sorted(found[name], key=_order)) for name in sorted(found)}
    return Library(folder=folder, prompts=ordered, rejected=tuple(rejected))


def _files(folder: Path) -> list[Path]:
    """Prompt files of the folder and of the folders in it, but no hidden ones."""
    found = [*folder.glob("*"), *folder.glob("*/*")]
    return sorted(
        file
        for file in found
        if file.suffix in _SUFFIXES and file.is_file() and not any(p.startswith(".") for p in file.parts[-2:])
    )


def _check_name(prompt: PromptVersion, file: Path) -> None:
    named = Version.of(file.stem)
    if named is not None and prompt.version != str(named):
        message = f"its front matter says version {prompt.version!r}, its name says {file.stem}"
        hint = "delete the line `version:`, or name the file after it"
        raise EvidenceError(Problem(message=message, place=Place(file=str(file)), hint=hint))


def _order(prompt: PromptVersion) -> tuple[bool, Version, str]:
    version = Version.of(prompt.version)
    return version is not None, version or Version(major=0, minor=0, patch=0), prompt.version


def next_free(versions: Sequence[PromptVersion], parent: PromptVersion, step: Step = "minor") -> str:
    """The next version after a parent that no file has; a parent without a semantic version begins at 1.0.0."""
    taken = {one.version for one in versions}
    version = Version.of(parent.version)
    wanted = Version(major=1, minor=0, patch=0) if version is None else version.next(step)
    while str(wanted) in taken:
        wanted = wanted.next(step)
    return str(wanted)


def save_version(
    library: Library, parent: PromptVersion, *, text: str | None = None, note: str = "", step: Step = "minor"
) -> PromptVersion:
    """Write the next version of a prompt, and give it back. An existing file is never overwritten.

    text: the prompt without front matter; None: the parent's, to be edited. Raises EvidenceError.
    """
    if not _NAME.fullmatch(parent.name):
        hint = "letters, digits, dash and _"
        raise EvidenceError(Problem(message=f"{parent.name!r} can not be the name of a folder", hint=hint))
    version = next_free(library.prompts.get(parent.name, ()), parent, step)
    path = library.folder / parent.name / f"{version}.md"
    body = body_of(parent) if text is None else text.strip("\n")
    front = [
        f"parent: {parent.version}" if Version.of(parent.version) else f"parent: {_quoted(parent.version)}"
    ]
    front += [f"note: {_quoted(' '.join(note.split()))}"] if note else []
    content = "\n".join(["---", *front, "---", body, ""])
    parse_prompt(content, file=str(path), name=parent.name)  # nothing is written that could not be read again
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise EvidenceError(
            Problem(message=f"can not be written: {exc}", place=Place(file=str(path)))
        ) from exc
    if path.exists():
        raise EvidenceError(Problem(message="is there already", place=Place(file=str(path))))
    with replaced(path) as file:
        file.write(content)
    return read_prompt(path)


def _quoted(text: str) -> str:
    """A text as YAML."""
    return json.dumps(text, ensure_ascii=False)


def body_of(prompt: PromptVersion) -> str:
    """A prompt's text as its file has it, without front matter."""
    return "\n\n".join(f"{section.role}:\n{section.text}" for section in prompt.sections)


def diff_versions(a: PromptVersion, b: PromptVersion) -> list[str]:
    """What changed from one version to another, as lines of a unified diff; empty: nothing."""
    lines = difflib.unified_diff(
        body_of(a).split("\n"), body_of(b).split("\n"),
        f"{a.name} {a.version}", f"{b.name} {b.version}", lineterm="", n=2,
    )  # fmt: skip
    return list(lines)


def changed_since(library: Library, results: Iterable[EvalResult]) -> list[Changed]:
    """Versions that were measured with another text than their file holds now, and never with this one."""
    measured: dict[tuple[str, str], list[str]] = {}
    for result in results:
        if result.prompt is not None:
            measured.setdefault((result.prompt.name, result.prompt.version), []).append(result.prompt.sha256)
    found = []
    for name, versions in library.prompts.items():
        for one in versions:
            hashes = measured.get((name, one.version), [])
            if hashes and one.sha256 not in hashes:
                save_as = next_free(versions, one, "patch")
                found.append(Changed(prompt=one, measured_sha256=hashes[-1], save_as=save_as))
    return found
