"""A command group whose help needs no command's module: each is imported when it is called."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

__all__ = ["LazyGroup"]


class LazyGroup(click.Group):
    """A group of commands, one a module: ``breakeven.cli.`` + ``prefix`` + name, which defines it under its name.

    A name that Python keeps for itself, such as ``import``, is defined with an underscore behind it.
    """

    def __init__(self, *args: Any, modules: Mapping[str, str], prefix: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.modules = modules
        """Command → what its group's help says of it, in the order of the help."""
        self.prefix = prefix

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of the help."""
        return list(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, its module imported."""
        if cmd_name not in self.modules:
            return None
        module = import_module(f"breakeven.cli.{self.prefix}{cmd_name}")
        command: click.Command = getattr(module, f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the words name; for an unknown one, the nearest is suggested."""
        if args and args[0] not in self.modules:
            from breakeven.errors import nearest

            near = nearest(args[0], self.modules, n=1)
            ctx.fail(f"no command {args[0]!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands in the help."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.modules.items()))
