"""``breakeven new``: write a study file, from a template, from call logs, or by a few questions."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breakeven.cli.columns import columns_section
from breakeven.cli.common import share_of, today
from breakeven.cli.watching import watch_lines

if TYPE_CHECKING:
    from breakeven.prices import PriceBook
    from breakeven.study.from_profile import Draft

__all__ = ["new"]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--template", metavar="NAME", help="Start from a template: see --list.")
@click.option("--list", "list_them", is_flag=True, help="List the templates.")
@click.option(
    "--from",
    "sources",
    multiple=True,
    metavar="LOGS",
    help="Measure the workload in call logs, or take a profile.json. Repeatable.",
)
@click.option(
    "--sampling",
    metavar="SHARE",
    help="With --from: the share of all calls that the logs hold. Left out: taken as 100%, and said so.",
)
@click.option("--format", "format_name", metavar="NAME", help="With --from: the log format.")
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="With --from: where a field stands; once for each.",
)
@click.option("--force", is_flag=True, help="Overwrite a study that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def new(
    folder: Path, template: str | None, sources: tuple[str, ...], sampling: str | None, format_name: str | None,
    pairs: tuple[str, ...], list_them: bool, force: bool, as_json: bool,
) -> None:  # fmt: skip
    """Write DIR/breakeven.yaml (DIR left out: here), from a template, from logs or, on a terminal, by seven questions.

    \b
    Examples:
      breakeven new loans
      breakeven new tickets --template classification
      breakeven new triage --from logs/
      breakeven new sorting --from calls.csv --map input_tokens=n_in
      breakeven new --list
    """
    from breakeven.study.starting import template_names

    if list_them:
        _list(template_names(), as_json=as_json)
        return
    if sources and template is not None:
        raise click.UsageError("--from and --template both write the study: give one of them.")
    if (pairs or format_name) and not sources:
        raise click.UsageError("--map and --format say how the logs of --from are read: name them.")
    path = _target(folder, force=force)
    if sources:
        reading = Reading(sources=sources, sampling=sampling, format_name=format_name, pairs=pairs)
        _from_logs(path, reading, force=force, as_json=as_json)
        return
    if template is not None:
        text = _template(template)
    elif _on_terminal() and not as_json:
        text = _asked()
    else:
        names = ", ".join(template_names())
        raise click.UsageError(
            f"name a template with --template ({names}) or logs with --from, or run this on a terminal."
        )
    _write(path, text)
    _say_done(path, template, as_json=as_json)


def _list(names: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        from breakeven.cli.common import print_json

        print_json({"templates": names})
        return
    width = max(len(name) for name in names)
    for name, about in names.items():
        click.echo(f"{name:{width}}  {about}")


def _target(folder: Path, *, force: bool) -> Path:
    """Where the study goes; a study that is there is an error, before anything is asked."""
    from breakeven.errors import InputError, Place, Problem
    from breakeven.study.opening import FILE_NAME

    path = folder / FILE_NAME
    if path.is_dir() or (path.exists() and not force):
        hint = "name another folder, or --force to overwrite it"
        raise InputError(Problem(message="a study is here already", place=Place(file=str(path)), hint=hint))
    return path


def _template(name: str) -> str:
    from breakeven.errors import nearest
    from breakeven.study.starting import template_names, template_text

    names = template_names()
    if name not in names:
        near = nearest(name, names, n=1)
        did = f" Did you mean {near[0]}?" if near else ""
        raise click.UsageError(f"there is no template {name!r}.{did} Templates: {', '.join(names)}.")
    return template_text(name)


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _asked() -> str:
    """The text of a study, from answers; each is read at the door and asked again where it can not be."""
    from breakeven.prices import current_book
    from breakeven.study.starting import QUESTIONS, Answers, Question, written_study

    book = current_book()

    def answer(question: Question) -> object:
        click.echo(f"\n{question.ask}  ({question.help})")
        return _ask_until_read(question.key, question.default, book)

    answers = {question.key: answer(question) for question in QUESTIONS}
    return written_study(Answers(**answers), today=today(), book=book)  # type: ignore[arg-type]


def _ask_until_read(key: str, default: str | None, book: PriceBook) -> object:
    from breakeven.errors import QuantityError
    from breakeven.study.starting import read_answer

    while True:
        text = click.prompt(">", default=default, prompt_suffix=" ", type=str)
        try:
            return read_answer(key, text, book)
        except QuantityError as exc:
            click.echo(f"  {exc.message}" + (f"\n  {exc.hint}" if exc.hint else ""), err=True)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The logs to measure, and how they are read."""

    sources: tuple[str, ...]
    sampling: str | None
    format_name: str | None
    pairs: tuple[str, ...]


def _from_logs(path: Path, reading: Reading, *, force: bool, as_json: bool) -> None:
    """The study and, beside it, the profile that it names."""
    from breakeven.evidence.observation import observation
    from breakeven.evidence.profile.writing import as_json as profile_text
    from breakeven.prices import current_book
    from breakeven.study.from_profile import PROFILE, draft

    book = current_book()
    _keep_profile(path.parent / PROFILE, reading.sources, force=force)
    profile = _read_profile(reading.sources) or _measured(reading, book)
    _write(path.parent / PROFILE, profile_text(profile) + "\n")
    name = path.parent.resolve().name or "My feature"
    made = draft(profile, name=name, folder=path.parent, today=today(), book=book)
    _write(path, made.text)
    watched = observation(profile)
    if as_json:
        from breakeven.cli.common import print_json

        print_json(
            {"study": str(path), "template": None, "profile": str(path.parent / PROFILE), "model": made.model,
             "to_fill_in": list(made.to_fill_in), "guessed": list(made.guessed), "observation": watched}
        )  # fmt: skip
        return
    _say_measured(path, made, watched)
    columns = columns_section(profile.get("files") or [])
    if columns:
        click.echo(columns)


def _keep_profile(target: Path, sources: tuple[str, ...], *, force: bool) -> None:
    """A profile that is there is an error, unless it is the one that is given."""
    from breakeven.errors import InputError, Place, Problem

    if target.exists() and not force and [Path(source).resolve() for source in sources] != [target.resolve()]:
        hint = f"take it with --from {target}, or --force to overwrite it"
        raise InputError(
            Problem(message="a profile is here already", place=Place(file=str(target)), hint=hint)
        )


def _read_profile(sources: tuple[str, ...]) -> dict[str, Any] | None:
    """The profile, where the only source is one."""
    import json

    path = Path(sources[0])
    if len(sources) > 1 or not path.is_file():
        return None
    with path.open("rb") as file:
        if b'"breakeven_profile"' not in file.read(200):
            return None
    from breakeven.errors import EvidenceError, Place, Problem

    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as exc:
        raise EvidenceError(
            Problem(message="this profile is not whole", place=Place(file=str(path)))
        ) from exc
    return found if isinstance(found, dict) else None


def _measured(reading: Reading, book: PriceBook) -> dict[str, Any]:
    from breakeven.cli.measuring import measured

    share = _sampled(reading.sampling)
    made = measured(
        reading.sources, book=book, format_name=reading.format_name, pairs=reading.pairs, sampling=share
    )
    return made.found


def _sampled(text: str | None) -> float | None:
    if text is None:
        return None
    share = share_of(text, like="10% or 0.1", option="--sampling")
    if not 0 < share <= 1:
        raise click.BadParameter(f"{text!r} is not above 0% and up to 100%", param_hint="--sampling")
    return share


def _say_measured(path: Path, made: Draft, watched: dict[str, Any]) -> None:
    from breakeven.report.text import clean

    click.echo(f"Wrote {path} and, measured, {path.parent / 'evidence' / 'profile.json'}.")
    for line in watch_lines(watched):
        click.echo(line)
    if made.to_fill_in:
        click.echo("Fill in, before it opens:")
        for missing in made.to_fill_in:
            click.echo(f"  {clean(missing)}")
    for guessed in made.guessed:
        click.echo(f"Guessed, and wide; put your own in:  {clean(guessed)}")
    command = "breakeven decide" if path.parent == Path() else f"breakeven decide {path.parent}"
    click.echo(f"Next: read it, put your own figures in, then:  {command}")


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    import os
    import tempfile

    from breakeven.errors import InputError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            Path(name).chmod(0o666 & ~_umask())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as exc:
        raise InputError(f"{path} can not be written: {exc.strerror or exc}") from exc


def _umask() -> int:
    import os

    mask = os.umask(0)
    os.umask(mask)
    return mask


def _say_done(path: Path, template: str | None, *, as_json: bool) -> None:
    if as_json:
        from breakeven.cli.common import print_json

        print_json({"study": str(path), "template": template})
        return
    study = path.parent
    command = "breakeven decide" if study == Path() else f"breakeven decide {study}"
    click.echo(f"Wrote {path}.\nNext: read it, put your own figures in, then:  {command}")
