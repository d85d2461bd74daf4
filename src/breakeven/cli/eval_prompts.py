"""``breakeven eval prompts``: the versions of each prompt, a next one, and what changed between two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from breakeven.cli.eval_results import page_width, say

if TYPE_CHECKING:
    from breakeven.evidence.evals.library import Library, Step
    from breakeven.evidence.evals.result import EvalResult

__all__ = ["prompts"]

F = TypeVar("F", bound=Callable[..., Any])


class _Listing(click.Group):
    """A group whose ``list`` is meant where no other command is named: ``prompts``, ``prompts DIR``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The words, with ``list`` before them where it was left out."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def _library_option() -> Callable[[F], F]:
    return click.option(
        "--library",
        "folder",
        type=click.Path(path_type=Path),
        help="The folder of prompts (NAME/1.0.0.md), or a suite [default: prompts, or that of eval.yaml here].",
    )


def _results_option() -> Callable[[F], F]:
    return click.option(
        "--results",
        type=click.Path(path_type=Path, file_okay=False),
        help="The folder of results [default: evals beside the library].",
    )


@click.group(cls=_Listing)
def prompts() -> None:
    """The versions of each prompt: list them, copy one to the next, see what changed.

    A version is a file, prompts/route/1.4.0.md, to be edited by hand and kept in git. Without a command: list. Name the
    folder of prompts, or a suite; where neither is named, it is `prompts`, or what `eval.yaml` here uses.

    \b
    Examples:
      breakeven eval prompts
      breakeven eval prompts examples/evals-run/eval.yaml
      breakeven eval prompts new route --note 'names the five queues'
      breakeven eval prompts diff route@1.0.0 route@1.1.0
    """


@prompts.command("list")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@_results_option()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def list_(folder: Path | None, results: Path | None, as_json: bool) -> None:
    """Every version: parent, hash, note, and its score where it was measured.

    A file that was edited after it had been measured is reported: what was measured is no longer what it says.

    \b
    Examples:
      breakeven eval prompts list
      breakeven eval prompts list examples/evals-run/prompts --json
    """
    from breakeven.evidence.evals.library import changed_since, find_library, read_library

    folder = find_library(folder)
    library = read_library(folder)
    measured, problems = _measured(folder, results)
    changed = changed_since(library, measured)
    said = [str(one) for one in changed] + [str(problem) for problem in (*library.rejected, *problems)]
    if as_json:
        from breakeven.cli.common import print_json

        print_json({"library": str(folder), "prompts": _as_dicts(library, measured), "messages": said})
        return
    from breakeven.report.library_text import library_text

    say(library_text(library, measured, said, width=page_width()))


@prompts.command()
@click.argument("prompt", metavar="NAME[@VERSION]")
@click.option("--note", default="", help="What the new version is to change.")
@click.option("--major", "step", flag_value="major", help="Its output changes shape: 1.4.2 → 2.0.0.")
@click.option("--minor", "step", flag_value="minor", default="minor", help="1.4.2 → 1.5.0; the default.")
@click.option("--patch", "step", flag_value="patch", help="A slip is mended: 1.4.2 → 1.4.3.")
@click.option("--from", "source", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Take the text of this file instead of the parent's.")  # fmt: skip
@_library_option()
def new(prompt: str, note: str, step: Step, source: Path | None, folder: Path | None) -> None:
    """Copy a version, the latest unless named, to the next one, with its parent set; then edit the file.

    \b
    Examples:
      breakeven eval prompts new route --note 'asks for one word'
      breakeven eval prompts new route@1.4.0 --patch
    """
    from breakeven.evidence.evals.library import body_of, find_library, read_library, save_version
    from breakeven.evidence.evals.prompting import read_prompt
    from breakeven.report.text import clean

    library = read_library(find_library(folder))
    name, _, version = prompt.partition("@")
    parent = library.find(name, version or None)
    text = None if source is None else body_of(read_prompt(source))
    made = save_version(library, parent, text=text, note=clean(note), step=step)
    say(f"{made.path}: {made.name} {made.version}, a copy of {parent.version}. Edit it, and run it.\n")


@prompts.command()
@click.argument("a", metavar="A")
@click.argument("b", metavar="B", required=False)
@_library_option()
def diff(a: str, b: str | None, folder: Path | None) -> None:
    """What changed between two versions: NAME@VERSION, or a file. With A alone: from its parent.

    \b
    Examples:
      breakeven eval prompts diff route@1.1.0
      breakeven eval prompts diff route@1.0.0 route@1.1.0
    """
    from breakeven.evidence.evals.library import diff_versions
    from breakeven.report.text import clean

    new_one = _version(b or a, folder)
    old = _version(a, folder) if b else _parent(new_one, folder)
    lines = diff_versions(old, new_one)
    if not lines:
        say(f"{clean(old.name)} {clean(old.version)} and {clean(new_one.version)} say the same.\n")
    for line in lines:
        say(" ".join(clean(part) for part in line.split(" ")).rstrip() + "\n")


def _version(text: str, folder: Path | None) -> Any:
    from breakeven.evidence.evals.library import find_library, read_library
    from breakeven.evidence.evals.prompting import read_prompt

    if Path(text).is_file():
        return read_prompt(Path(text))
    name, _, version = text.partition("@")
    return read_library(find_library(folder)).find(name, version or None)


def _parent(prompt: Any, folder: Path | None) -> Any:
    if prompt.parent is None:
        raise click.UsageError(f"{prompt.name} {prompt.version} has no parent; name two versions.")
    return _version(f"{prompt.name}@{prompt.parent}", folder)


def _measured(folder: Path, results: Path | None) -> tuple[list[EvalResult], list[Any]]:
    from breakeven.evidence.evals.kept import kept_results

    return kept_results(results or folder.resolve().parent / "evals")


def _as_dicts(library: Library, measured: list[EvalResult]) -> dict[str, Any]:
    from breakeven.evidence.evals.summarising import summarise_result

    def scores(sha256: str) -> list[dict[str, Any]]:
        found = []
        for result in measured:
            if result.prompt is not None and result.prompt.sha256 == sha256:
                score = summarise_result(result.candidate, result).score
                estimate = None if score is None else {
                    "value": score.value, "low": score.low, "high": score.high, "level": score.level, "n": score.n
                }  # fmt: skip
                found.append({"candidate": result.candidate, "model": result.model, "score": estimate,
                              "date": None if result.date is None else result.date.isoformat(),
                              "cases_sha256": result.cases_sha256})  # fmt: skip
        return found

    return {
        name: [
            {"version": one.version, "parent": one.parent, "note": one.note, "sha256": one.sha256, "file": one.path,
             "measured": scores(one.sha256)}
            for one in versions
        ]
        for name, versions in library.prompts.items()
    }  # fmt: skip
