"""The ``breakeven`` command group; a command's module is imported when the command is called."""

from __future__ import annotations

from typing import Final

import click

import breakeven
from breakeven.cli.lazy import LazyGroup

__all__ = ["root"]

_COMMANDS: Final = {
    "decide": "Fine-tune or prompt? The decision page, and report.html beside the study.",
    "new": "Write a study file, from a template, from logs, or by a few questions.",
    "path": "From today to the answer: steps with gates, dates, cost, and what to go back to.",
    "ui": "The same as a local page: sliders, scenarios, uploads, every figure unfolded.",
    "explain": "Unfold any printed figure to its formula, inputs and sources.",
    "report": "Write the decision: HTML, PDF, a live workbook, Markdown or JSON.",
    "profile": "Measure the workload in call logs: volume, tokens, cost, failures, quality.",
    "reprice": "The same logged calls on other models, in batch, from a cache, or tuned.",
    "eval": "Import, run, show and compare evals: candidates scored on the same cases.",
    "data": "Check training data before money is spent on it: duplicates, leakage, labels, format, cost.",
    "prices": "Show, search, compare and update the price book.",
    "rules": "What every published decision rule says of a study.",
    "claims": "Recompute printed claims from their own inputs.",
    "schema": "Print the JSON Schema of the study file, for editors.",
}


@click.group(
    cls=LazyGroup,
    modules=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(breakeven.__version__, prog_name="breakeven")
def root() -> None:
    """Fine-tune, or keep improving the prompt?

    Answers for one LLM feature, from a study file with your own figures, over 36 months, with error bars.

    \b
    Start with:
      breakeven new my-feature
      breakeven decide my-feature
    """
