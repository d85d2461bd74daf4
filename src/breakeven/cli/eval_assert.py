"""``breakeven eval assert``: for scripts and continuous integration."""

from __future__ import annotations

import click

from breakeven.cli.eval_results import level_option, margin_option, note_rejected, open_named_results, say

__all__ = ["assert_"]


@click.command("assert")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@margin_option()
@level_option(shows=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the draws.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@click.pass_context
def assert_(
    ctx: click.Context, a: str, b: str, margin: float, level: float, seed: int, as_json: bool
) -> None:
    """Exit with 0 only where B is shown to be no more than a margin worse than A.

    Exit codes: 0 shown; 3 the cases can not tell; 4 shown to be worse than that; 2 bad input. "No significant
    difference" is not enough: too few cases always give that.

    \b
    Examples:
      breakeven eval assert prompt small
      breakeven eval assert evals/prompt.json evals/small.json --margin 2pt && deploy
    """
    from breakeven.evidence.evals.comparing import compare

    opened = open_named_results([a, b])
    found = compare(
        {name: o.result for name, o in opened.items()}, level=level, margin=margin, worst=0, seed=seed
    )
    if as_json:
        from breakeven.cli.common import print_json
        from breakeven.evidence.evals.comparison_json import comparison_as_dict

        print_json(comparison_as_dict(found))
    else:
        from breakeven.report.comparison import answers

        say("".join(f"{line}\n" for line in (*answers(found), *note_rejected(opened), *found.notes)))
    ctx.exit({"shown": 0, "cannot tell": 3, "not shown": 4}[found.pairs[0].inferiority.verdict])
