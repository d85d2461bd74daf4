"""``breakeven eval``: candidates scored on the same cases; a subcommand's module is imported when it is called."""

from __future__ import annotations

from typing import Final

import click

from breakeven.cli.lazy import LazyGroup

__all__ = ["eval"]

_COMMANDS: Final = {
    "import": "Results of promptfoo, Inspect, MLflow, or any table, as result files.",
    "run": "Run candidates on cases: estimated first, resumable, within a budget.",
    "compare": "Which is better, by how much, how surely, and what would settle it.",
    "curve": "What more training examples would bring: a learning curve, with a forecast.",
    "cases": "Cases sampled from logged calls, with a sheet to label them; labels read back.",
    "show": "One result: score, noise, segments, failures, cost, latency.",
    "prompts": "The prompt library: versions, parents, scores; the next version; what changed.",
    "history": "A prompt's versions on the same cases, corrected for picking, and what one more is worth.",
    "seal": "Cases set aside: a sealed hold-out whose every opening is counted.",
    "improve": "A better version of a prompt by search, measured on cases it never saw.",
    "label": "A sheet on which people check a judge's verdicts.",
    "calibrate": "A judge's score, corrected by people's labels.",
    "assert": "For scripts: exit 0 only where no more than a margin worse is shown.",
}
"""Subcommand → what the help says of it. Each is defined in ``cli/eval_NAME.py``."""


@click.group(cls=LazyGroup, modules=_COMMANDS, prefix="eval_")
def eval() -> None:  # noqa: A001  - the command's name
    """Candidates scored on the same cases: import results, run evals, and compare.

    \b
    Start with:
      breakeven eval import results.json -o evals/
      breakeven eval compare evals/*.json
    """
