"""What the commands lend to the API: their own ``--json``, as functions that another process can call.

Each puts the words together that a person would type and runs the command, so the API can answer nothing else.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from breakeven.web.api.desk import Desk

__all__ = ["check", "compare", "desk", "profile", "reprice"]


def desk() -> Desk:
    """The desk for ``breakeven.web.api.router``."""
    from breakeven.cli.common import today
    from breakeven.cli.purchases import all_purchases
    from breakeven.cli.rules_file import all_rules
    from breakeven.web.api.desk import Desk

    return Desk(
        today=today,
        rules=all_rules,
        purchases=all_purchases,
        profile=profile,
        reprice=reprice,
        compare=compare,
        check=check,
    )


def profile(
    logs: Sequence[str], *, format_name: str | None, columns: Mapping[str, str], sampling: float | None,
    redact: bool, prompts: bool | None,
) -> dict[str, Any]:  # fmt: skip
    """What ``breakeven profile LOGS --json`` prints."""
    words = [*_one("format", format_name), *_pairs("map", columns), *_one("sampling", sampling)]
    words += ["--redact"] if redact else []
    words += [] if prompts is None else ["--prompts" if prompts else "--no-prompts"]
    return _printed("profile", *logs, *words)


def reprice(
    logs: Sequence[str], *, models: Sequence[str], tuned: Sequence[str], batch: float,
    cached: float | Literal["logged", "replay"], cut_tokens: int | None, cut_share: float | None,
    region: str | None, output_length: Sequence[float] | None, sampling: float, format_name: str | None,
    columns: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    """What ``breakeven reprice LOGS --json`` prints."""
    cut = cut_tokens if cut_share is None else f"{100 * cut_share:.12g}%"
    length = None if output_length is None else "..".join(map(str, output_length))
    return _printed(
        "reprice", *logs, *_each("on", models), *_each("tuned", tuned), *_one("batch", batch), *_one("cached", cached),
        *_one("shorter-prompt", cut), *_one("region", region), *_one("output-length", length),
        *_one("sampling", sampling), *_one("format", format_name), *_pairs("map", columns),
    )  # fmt: skip


def compare(
    results: Sequence[str], *, reference: str | None, margin: float, level: float, cases: str | None,
    segment: str | None, versions: bool, worst: int, seed: int,
) -> dict[str, Any]:  # fmt: skip
    """What ``breakeven eval compare A B --json`` prints."""
    return _printed(
        "eval", "compare", *results, *_one("reference", reference), f"--margin={100 * margin:.12g}pt",
        *_one("level", level), *_one("cases", cases), *_one("segment", segment), *(["--versions"] if versions else []),
        *_one("worst", worst), *_one("seed", seed),
    )  # fmt: skip


def check(
    train: Sequence[str], *, cases: str | None, result: str | None, logs: Sequence[str], hosts: Sequence[str],
    model: str | None, epochs: Sequence[int], runs: Sequence[int], columns: Mapping[str, str],
    format_name: str | None, only: Sequence[str], settings: Mapping[str, str], seed: int,
) -> dict[str, Any]:  # fmt: skip
    """What ``breakeven data check TRAIN --json`` prints."""
    return _printed(
        "data", "check", *train, *_one("eval", cases), *_one("result", result), *_each("logs", logs),
        *_each("host", hosts), *_one("model", model), *_one("epochs", "..".join(map(str, epochs))),
        *_one("runs", "..".join(map(str, runs))), *_pairs("map", columns), *_one("format", format_name),
        *_each("only", only), *_pairs("set", settings), *_one("seed", seed),
    )  # fmt: skip


def _one(option: str, value: object) -> list[str]:
    """One word, so that a value is never taken for an option."""
    return [] if value is None else [f"--{option}={value}"]


def _each(option: str, values: Iterable[object]) -> list[str]:
    return [word for value in values for word in _one(option, value)]


def _pairs(option: str, named: Mapping[str, str]) -> list[str]:
    return _each(option, (f"{name}={value}" for name, value in named.items()))


def _printed(*words: str) -> dict[str, Any]:
    """The JSON that the command prints. Raises what the command raises; InputError for words that it can not use."""
    import click

    from breakeven.cli.root import root
    from breakeven.errors import InputError, Problem

    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            root.main([*words, "--json"], prog_name="breakeven", standalone_mode=False)
    except click.ClickException as exc:
        raise InputError(Problem(message=exc.format_message())) from exc
    found: dict[str, Any] = json.loads(out.getvalue())
    return found
