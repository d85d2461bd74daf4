"""``breakeven ui``: the decision as a local page."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from breakeven.cli.common import opening_options

if TYPE_CHECKING:
    from breakeven.web.whatif import Setting

__all__ = ["ui"]


@click.command()
@click.argument("study", default=".", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Left out: any that is free.")
@click.option("--host", default="127.0.0.1", show_default=True,
              help="Where to listen; another than this machine's own asks everybody for a token.")  # fmt: skip
@click.option("--token", envvar="BREAKEVEN_TOKEN", show_envvar=True,
              help="The token to ask for. Left out beyond this machine: a new one, printed once.")  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the draws.")
@click.option("--draws", type=click.IntRange(100, 200_000), default=20_000, show_default=True,
              help="How many worlds to sample once inputs rest.")  # fmt: skip
@opening_options
def ui(
    study: Path, port: int, host: str, token: str | None, no_browser: bool, seed: int, draws: int,
    prices: Path | None, allow_outside: bool,
) -> None:  # fmt: skip
    """Open STUDY as a page in the browser: the decision, sliders for what matters, every figure unfolded.

    STUDY is a folder with breakeven.yaml, or a study file; the current folder when left out. Where there is none yet,
    the page leads to a first one: from call logs, a template, or seven questions. Nothing leaves this machine. The
    page changes the study file only when Save is pressed or evidence is sent, and keeps its comments.

    \b
    Examples:
      breakeven ui my-feature
      breakeven ui my-feature --port 8000 --no-browser
      breakeven ui new-feature            # nothing there yet: starts with your logs
    """
    from breakeven.errors import MissingExtraError
    from breakeven.threads import compute_on_one_thread

    compute_on_one_thread()  # before anything loads the linear algebra
    try:
        from breakeven.cli.desk import desk
        from breakeven.web.app import create_app
        from breakeven.web.running import serve
        from breakeven.web.security import is_loopback
    except ImportError as exc:
        raise MissingExtraError("the page's server (fastapi, uvicorn)", "web") from exc

    file = _study_file(study)
    setting = _setting(file, prices=prices, allow_outside=allow_outside, seed=seed, draws=draws)
    opened = _listening(host, port)
    port = opened.getsockname()[1]
    token = token or (None if is_loopback(host) else _new_token())
    app = create_app(file, setting, desk=desk(), token=token, hosts=_names_of(host))
    _say_where(host, port, token, open_it=not no_browser)
    serve(app, opened)


def _study_file(study: Path) -> Path:
    from breakeven.study.opening import FILE_NAME

    return study if study.suffix.lower() in (".yaml", ".yml") or study.is_file() else study / FILE_NAME


def _setting(file: Path, *, prices: Path | None, allow_outside: bool, seed: int, draws: int) -> Setting:
    from breakeven.cli.common import today
    from breakeven.cli.purchases import all_purchases
    from breakeven.cli.rules_file import all_rules
    from breakeven.prices import current_book, load_book
    from breakeven.web.whatif import Setting

    book = load_book(prices) if prices else current_book()
    return Setting(
        folder=file.parent.resolve(), file=file.name, today=today(), book=book, seed=seed, draws=draws,
        prices_as_of=f"{book.as_of.isoformat()}, {book.source.reference}", allow_outside=allow_outside,
        rules=all_rules(), purchases=all_purchases(),
    )  # fmt: skip


def _listening(host: str, port: int) -> socket.socket:
    """The socket, bound before anything is said: the address that is printed is ours."""
    from breakeven.errors import InputError, Problem

    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as exc:
        problem = Problem(
            message=f"can not listen at {host}:{port}: {exc.strerror or exc}",
            hint="leave --port out for a free one",
        )
        raise InputError(problem) from exc


def _new_token() -> str:
    import secrets

    return secrets.token_urlsafe(24)


def _names_of(host: str) -> tuple[str, ...]:
    """Under which names the server answers, besides those of this machine's own."""
    own = ("localhost", "127.0.0.1", "[::1]")
    if host in ("0.0.0.0", "::"):  # noqa: S104 it was asked for, and a token is too
        return (*own, socket.gethostname(), socket.getfqdn())
    return (*own, host if ":" not in host else f"[{host}]")


def _say_where(host: str, port: int, token: str | None, *, open_it: bool) -> None:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/" + (
        f"?token={token}" if token else ""
    )
    click.echo(f"Breakeven is at  {address}")
    click.echo("Stop it with Ctrl+C. Nothing leaves this machine." if not token else "Stop it with Ctrl+C.")
    sys.stdout.flush()
    if open_it:
        import webbrowser

        webbrowser.open(address)
