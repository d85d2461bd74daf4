"""``breakeven new``: write a study file, from a template or by a few questions."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from breakeven.prices import PriceBook

__all__ = ["new"]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--template", metavar="NAME", help="Start from a template: see --list.")
@click.option("--list", "list_them", is_flag=True, help="List the templates.")
@click.option("--force", is_flag=True, help="Overwrite a study that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def new(folder: Path, template: str | None, list_them: bool, force: bool, as_json: bool) -> None:
    """Write DIR/breakeven.yaml (DIR left out: here), from a template or, on a terminal, by seven questions.

    \b
    Examples:
      breakeven new loans
      breakeven new tickets --template classification
      breakeven new --list
    """
    from breakeven.study.starting import template_names

    if list_them:
        _list(template_names(), as_json=as_json)
        return
    path = _target(folder, force=force)
    if template is not None:
        text = _template(template)
    elif _on_terminal() and not as_json:
        text = _asked()
    else:
        names = ", ".join(template_names())
        raise click.UsageError(f"name a template with --template ({names}), or run this on a terminal.")
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
    from breakeven.prices import load_book
    from breakeven.study.starting import QUESTIONS, Answers, Question, written_study

    book = load_book()

    def answer(question: Question) -> object:
        click.echo(f"\n{question.ask}  ({question.help})")
        return _ask_until_read(question.key, question.default, book)

    answers = {question.key: answer(question) for question in QUESTIONS}
    today = dt.date.today()  # noqa: DTZ011  the user's own day
    return written_study(Answers(**answers), today=today, book=book)  # type: ignore[arg-type]


def _ask_until_read(key: str, default: str | None, book: PriceBook) -> object:
    from breakeven.errors import QuantityError
    from breakeven.study.starting import read_answer

    while True:
        text = click.prompt(">", default=default, prompt_suffix=" ", type=str)
        try:
            return read_answer(key, text, book)
        except QuantityError as exc:
            click.echo(f"  {exc.message}" + (f"\n  {exc.hint}" if exc.hint else ""), err=True)


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
