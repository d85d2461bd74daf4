"""``breakeven eval history``: a prompt's versions on the same cases, and what one more is worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breakeven.cli.eval_results import level_option, page_width, say

if TYPE_CHECKING:
    from breakeven.evidence.evals.history import History, Worth
    from breakeven.evidence.evals.result import EvalResult

__all__ = ["history"]


def _usd(ctx: click.Context, option: click.Parameter, value: str | None) -> float | None:
    """Dollars: ``400``, ``'$400'``."""
    if value is None:
        return None
    text = value.strip().removeprefix("$").replace(",", "")
    scale = {"k": 1e3, "m": 1e6}.get(text[-1:].lower(), 1.0)
    try:
        usd = float(text[:-1] if scale > 1 else text) * scale
    except ValueError as exc:
        hint = "a shell takes $5 for a variable; write 400, 1.2K or '$400'"
        raise click.BadParameter(f"{value!r} is no amount in dollars: {hint}") from exc
    if not 0 <= usd < 1e12:
        raise click.BadParameter(f"{value!r}: an amount from $0 is wanted")
    return usd


@click.command()
@click.argument("folder", default="evals", type=click.Path(path_type=Path))
@click.option("--prompt", "name", metavar="NAME", help="Only this prompt.")
@click.option("--model", metavar="MODEL", help="Only results of this model.")
@click.option("--study", type=click.Path(path_type=Path, exists=True),
              help="A study, which says what a point of quality is worth.")  # fmt: skip
@click.option(
    "--point", "usd_per_point", callback=_usd, metavar="USD", help="What a point of quality is worth."
)
@click.option("--cost", "cost_usd", callback=_usd, metavar="USD", help="What one more iteration costs.")
@level_option()
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the draws.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the page.")
def history(
    folder: Path, name: str | None, model: str | None, level: float, seed: int, as_json: bool,
    **given: Any,
) -> None:  # fmt: skip
    """Tell a prompt's versions on the same cases, corrected for picking, and what one more is worth.

    FOLDER holds results, with the older ones that eval run keeps in its history/. The version that scored highest was
    also lucky; the corrected score says by how much. Nothing here says "plateau": it says what the next one may bring.

    \b
    Examples:
      breakeven eval history
      breakeven eval history evals --prompt route --point 400 --cost 900
      breakeven eval history evals --study . --cost 900 --json
    """
    import numpy as np

    from breakeven.evidence.evals.history import group_results, tell_history

    results, problems = _results(folder)
    groups = [group for group in group_results(results) if _wanted(group[0], name, model)]
    if not groups:
        _nothing(folder, results, name, model)
    worth = _worth(given["study"], given["usd_per_point"], given["cost_usd"])
    long = [group for group in groups if len(group) > 1] or groups[:1]
    told = [tell_history(group, np.random.default_rng(seed), worth=worth, level=level) for group in long]
    if as_json:
        from breakeven.cli.common import print_json

        print_json(
            {"histories": [_as_dict(one, worth) for one in told], "messages": [str(p) for p in problems]}
        )
        return
    from breakeven.report.history_text import history_text
    from breakeven.report.text import clean

    say("\n".join(history_text(one, worth, width=page_width()) for one in told))
    for problem in problems:
        say(f"! {clean(str(problem))}\n")


def _name(result: EvalResult) -> str:
    return result.prompt.name if result.prompt else ""


def _wanted(result: EvalResult, name: str | None, model: str | None) -> bool:
    return name in (None, _name(result)) and model in (None, result.model)


def _results(folder: Path) -> tuple[list[EvalResult], list[Any]]:
    from breakeven.errors import EvidenceError, Place, Problem
    from breakeven.evidence.evals.kept import kept_results

    if not folder.is_dir():
        hint = "breakeven eval run writes one: evals/"
        raise EvidenceError(
            Problem(message="is no folder of results", place=Place(file=str(folder)), hint=hint)
        )
    return kept_results(folder)


def _nothing(folder: Path, results: list[EvalResult], name: str | None, model: str | None) -> None:
    from breakeven.errors import InputError, NotEnoughEvidenceError, Problem

    asked = " ".join(word for word in (name, model) if word)
    there = sorted({f"{_name(result)} ({result.model})" for result in results})
    if asked and there:
        raise InputError(Problem(message=f"no result of {asked}", hint=f"there are: {', '.join(there[:8])}"))
    raise NotEnoughEvidenceError(
        f"{folder}: no result says which prompt it is of; breakeven eval run writes such"
    )


def _worth(study: Path | None, usd_per_point: float | None, cost_usd: float | None) -> Worth | None:
    """What a point is worth: as stated, else by the study's volume and cost of an error."""
    from breakeven.evidence.evals.history import Worth

    if usd_per_point is not None:
        return Worth(usd_per_point=usd_per_point, cost_usd=cost_usd, source="--point")
    if study is None:
        return None
    from breakeven.cli.common import open_named

    opened, _ = open_named(study, prices=None, allow_outside=False)
    usd = [
        belief.centre for belief in (opened.workload.error_cost, opened.workload.value) if belief is not None
    ]
    if not usd:
        raise click.UsageError(
            f"{study} says neither what an error costs nor what a right answer is worth; use --point."
        )
    volume, months = opened.workload.volume.centre, opened.horizon_months
    source = (
        f"{study}: {volume:,.0f} calls a month, {months} months, ${sum(usd):,.2f} an error; growth left out"
    )
    return Worth(usd_per_point=0.01 * sum(usd) * volume * months, cost_usd=cost_usd, source=source)


def _as_dict(told: History, worth: Worth | None) -> dict[str, Any]:
    def estimate(one: Any) -> dict[str, Any]:
        return {"value": one.value, "low": one.low, "high": one.high, "level": one.level, "n": one.n}

    following = told.next
    return {
        "prompt": told.prompt, "model": told.model, "cases": told.n_cases, "left_out": told.dropped,
        "iterations": told.iterations, "sealed": told.sealed,
        "versions": [
            {"version": p.label, "sha256": p.result.prompt.sha256 if p.result.prompt else None,
             "date": p.result.date.isoformat() if p.result.date else None, "scored": estimate(p.raw),
             "corrected": estimate(p.corrected), "p_best": p.p_best}
            for p in told.points
        ],
        "best": told.best.label, "optimism": told.selection.optimism, "gate": told.gate,
        "next": None if following is None else {
            "gain": estimate(following.gain), "gain_if_known": following.gain_if_known, "p_gains": following.p_gains,
            "p_pays": following.p_pays, "value_usd": following.value_usd, "cost_usd": following.cost_usd,
            "pays": following.pays, "prior_share": following.prior_share,
        },
        "worth": None if worth is None else vars(worth),
    }  # fmt: skip
