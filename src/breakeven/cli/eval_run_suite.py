"""The suite of ``breakeven eval run``: a file, or put together from the words of the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from breakeven import yaml_places
from breakeven.evidence.evals.suite import Suite, assemble_suite, open_suite

__all__ = ["suite_of"]

_ONE_OFF: Final = ("cases", "prompts", "models", "score", "max_output_tokens", "temperature")
_OVER: Final = ("budget", "repeats", "concurrency", "seed")


def suite_of(path: Path | None, given: Mapping[str, Any]) -> Suite:
    """The suite at a path, with what the command line changes; or one of the command line's words alone."""
    over = {name: given[name] for name in _OVER if given[name] is not None}
    stated = [name for name in _ONE_OFF if given[name] not in (None, ())]
    if not stated:
        return open_suite(path or Path(), allow_outside=given["allow_outside"], overrides=over)
    if path is not None:
        option = "--" + stated[0].rstrip("s" if stated[0] in ("prompts", "models") else "").replace("_", "-")
        raise click.UsageError(f"{option} is for runs without a suite; change it in {path}.")
    missing = [name for name, key in (("--cases", "cases"), ("--prompt", "prompts"), ("--model", "models"))
               if not given[key]]  # fmt: skip
    if missing:
        raise click.UsageError(f"without a suite, {', '.join(missing)} is needed as well.")
    data = {
        "cases": str(given["cases"]), "score": _score(given["score"] or "exact"), **over,
        "candidates": _candidates(given),
    }  # fmt: skip
    return assemble_suite(data, root=Path())


def _score(text: str) -> Any:
    """``exact``, or YAML as a suite has it."""
    return yaml_places.load(f"score: {text}", "--score").data["score"]


def _candidates(given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Each model with each prompt."""
    found: dict[str, dict[str, Any]] = {}
    settings = {name: given[name] for name in ("max_output_tokens", "temperature") if given[name] is not None}
    for model in given["models"]:
        short = re.sub(r"[^\w.-]+", "-", model.rpartition("/")[2].partition("?")[0])[:40] or "model"
        for prompt in given["prompts"]:
            stem = re.sub(r"[^\w.-]+", "-", prompt.stem)[:15]
            name = f"{short}-{stem}" if len(given["prompts"]) > 1 else short
            while name in found:
                name += "-2"
            found[name] = {"model": model, "prompt": str(prompt), **settings}
    return found
