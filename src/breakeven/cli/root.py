"""The ``breakeven`` command group; a command's module is imported when the command is called."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

import breakeven

__all__ = ["root"]

_COMMANDS: Final = {
    "decide": "Fine-tune or prompt? The decision page, and report.html beside the study.",
    "new": "Write a study file, from a template, from logs, or by a few questions.",
    "explain": "Unfold any printed figure to its formula, inputs and sources.",
    "report": "Write the decision as HTML, Markdown or JSON.",
    "profile": "Measure the workload in call logs: volume, tokens, cost, failures, quality.",
    "reprice": "The same logged calls on other models, in batch, from a cache, or tuned.",
    "prices": "Show, search, compare and update the price book.",
    "rules": "What every published decision rule says of a study.",
    "claims": "Recompute printed claims from their own inputs.",
    "schema": "Print the JSON Schema of the study file, for editors.",
}


class _Lazy(click.Group):
    """A group whose help needs no command's module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"breakeven.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS:
            from breakeven.errors import nearest

            near = nearest(args[0], _COMMANDS, n=1)
            ctx.fail(f"no command {args[0]!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(breakeven.__version__, prog_name="breakeven")
def root() -> None:
    """Fine-tune, or keep improving the prompt?

    Answers for one LLM feature, from a study file with your own figures, over 36 months, with error bars.

    \b
    Start with:
      breakeven new my-feature
      breakeven decide my-feature
    """
