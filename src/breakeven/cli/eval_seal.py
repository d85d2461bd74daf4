"""``breakeven eval seal``: cases set aside, with a ledger of their openings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from breakeven.cli.common import share_of
from breakeven.cli.eval_results import page_width, say

if TYPE_CHECKING:
    from breakeven.evidence.evals.holdout import Ledger

__all__ = ["seal"]


def _share(ctx: click.Context, option: click.Parameter, value: str) -> float:
    share = share_of(value, like="30% or 0.3")
    if not 0 < share < 1:
        raise click.BadParameter(f"{value!r}: a share between 0% and 100% is wanted")
    return share


@click.command()
@click.argument("cases", type=click.Path(path_type=Path))
@click.option("--share", callback=_share, default="30%", show_default=True, metavar="SHARE",
              help="How much to set aside; whole clusters, so about that.")  # fmt: skip
@click.option("--planned", type=click.IntRange(1, 1000), metavar="N",
              help="Openings that are planned. Fewer planned, narrower intervals.")  # fmt: skip
@click.option("--name", metavar="NAME", help="Names of the files written [default: as CASES].")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the split.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the page.")
def seal(
    cases: Path, share: float, planned: int | None, name: str | None, seed: int, as_json: bool
) -> None:  # fmt: skip
    """Set cases aside: a sealed hold-out, split by cluster, whose every opening is counted.

    Work with NAME.open.jsonl. Point a suite at NAME.sealed.jsonl when the candidate is finished: the run is an opening,
    its number stands in the results, and intervals widen with each. Also shows how often a sealed file was opened.

    \b
    Examples:
      breakeven eval seal cases.jsonl --share 30% --planned 2
      breakeven eval seal cases.sealed.jsonl
    """
    from breakeven.evidence.evals.holdout import ledger_of, read_ledger

    if ledger_of(cases).is_file():
        ledger, said = read_ledger(ledger_of(cases)), list[str]()
    else:
        ledger, said = _seal(cases, share=share, planned=planned, name=name, seed=seed)
    if as_json:
        from breakeven.cli.common import print_json

        openings = [dict(one) for one in ledger.openings]
        print_json({"ledger": str(ledger.path), "sealed": dict(ledger.sealed), "openings": openings,
                    "planned": ledger.planned, "messages": said})  # fmt: skip
        return
    from breakeven.report.seal_text import seal_text

    say(seal_text(ledger, said, width=page_width()))


def _seal(
    cases: Path, *, share: float, planned: int | None, name: str | None, seed: int
) -> tuple[Ledger, list[str]]:
    from breakeven.cli.common import today
    from breakeven.evidence.evals.holdout import seal_cases
    from breakeven.evidence.evals.reading_cases import read_cases

    found = read_cases(cases, columns={})
    stem = name or cases.name.partition(".")[0]
    made = seal_cases(
        found, folder=cases.parent, stem=stem, share=share, seed=seed, planned=planned, on=today().isoformat()
    )
    said = [f"Open: {made.open_file}, {made.n_open:,} cases to work with",
            f"Sealed: {made.sealed_file}",
            f"Now: move {cases} away; it still holds the sealed cases"]  # fmt: skip
    if found.rejected:
        said.append(f"Not used: {len(found.rejected):,} rows of {cases}: {found.rejected[0]}")
    return made.ledger, said
