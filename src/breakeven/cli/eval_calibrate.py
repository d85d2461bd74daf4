"""``breakeven eval calibrate``: what a judge's score is worth, by people's labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breakeven.cli.eval_results import level_option, open_named_results, page_width, say

if TYPE_CHECKING:
    from breakeven.evidence.evals.calibrating import Calibration, HumanLabels
    from breakeven.statistics.sample_size import Needed

__all__ = ["calibrate"]


@click.command()
@click.argument("result", metavar="FILE")
@click.argument("sheet", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--within", default="3pt", show_default=True, metavar="POINTS",
              help="Say how many labels an interval of ± this needs.")  # fmt: skip
@level_option()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def calibrate(result: str, sheet: Path, within: str, level: float, as_json: bool) -> None:
    """Correct a judge's score by people's labels, and keep the labels in the result.

    FILE is the result, SHEET the filled sheet of `breakeven eval label`. `show` and `compare` state the corrected score
    from then on. Under 50 labels (100 where the judge gives marks) nothing is stated: exit code 3.

    \b
    Examples:
      breakeven eval calibrate evals/large.json labels.csv
      breakeven eval calibrate large labels.csv --within 5pt --json
    """
    from breakeven.errors import NotEnoughEvidenceError
    from breakeven.evidence.evals.calibrating import calibration_of, labels_needed, read_sheet, with_labels
    from breakeven.evidence.evals.files import write_result

    half = _points(within)
    [(name, opened)] = open_named_results([result]).items()
    found = read_sheet(sheet, opened.result)
    labelled = with_labels(opened.result, found)
    if (calibration := calibration_of(labelled, level=level)) is None:
        raise NotEnoughEvidenceError(f"{sheet}: no verdict is filled in, {found.blank} rows are blank")
    needed = labels_needed(calibration, half, level=level)
    write_result(Path(opened.path), labelled)
    if as_json:
        from breakeven.cli.common import print_json

        print_json(_as_dict(name, calibration, found, needed))
        return
    say(_page(name, calibration, found, needed, half))
    say(f"Wrote       {opened.path}: the labels are in it\n")


def _points(text: str) -> float:
    from breakeven.cli.eval_results import points_of

    return points_of(text)


def _page(name: str, c: Calibration, found: HumanLabels, needed: Needed | None, half: float) -> str:
    from breakeven.report.eval_figures import interval, percent
    from breakeven.report.plain_table import wrapped
    from breakeven.report.text import clean

    level = f"{c.corrected.level:.0%}"
    entries = [("CALIBRATED", f"{clean(name)}: {percent(c.corrected.value)} {interval(c.corrected)} ({level}, "
                f"{c.corrected.n:,} judged answers, {c.n_labels:,} of them labelled by people)")]  # fmt: skip
    if c.raw is not None:
        entries.append(("Judge alone", f"{percent(c.raw.value)}; its own interval leaves out that it errs"))
    entries.append(("Agreement", f"{percent(c.agreement.value)} {interval(c.agreement)}: of {c.n_labels:,} answers the "
                    f"judge was too kind to {c.too_kind:,} and too strict to {c.too_strict:,}"))  # fmt: skip
    entries += [("By verdict", _strata(c))] if c.judged else []
    entries += [("Labels", _needed(needed, half, level))] if needed else []
    if found.blank:
        entries.append(("Blank", f"{found.blank:,} rows have no verdict yet"))
    entries += [("Not used", clean(str(problem))) for problem in found.problems[:3]]
    if len(found.problems) > 3:
        entries.append(("", f"and {len(found.problems) - 3:,} rows more"))
    lines = [
        line
        for label, text in entries
        for line in wrapped(text, page_width(), indent=f"{label:<12}", hanging=" " * 12)
    ]
    return "\n".join(lines) + "\n"


def _strata(c: Calibration) -> str:
    assert c.judged is not None
    return "; ".join(
        f"of {s.n_cases:,} that it {'passed' if s.verdict == 1 else 'failed'}, {s.n_right:,} of {s.n_labels:,} "
        "labelled ones are right"
        for s in sorted(c.judged.strata, key=lambda one: -float(one.verdict))  # type: ignore[arg-type]
    )


def _needed(needed: Needed, half: float, level: str) -> str:
    wanted = f"±{100 * half:g} points at {level}"
    if needed.n is None:
        return f"no number of labels on these answers gives {wanted}: more cases do"
    if needed.n <= needed.have:
        return f"{needed.have:,} are enough for {wanted}"
    return f"{needed.n:,} in all give {wanted}, {needed.n - needed.have:,} more than now"


def _as_dict(name: str, c: Calibration, found: HumanLabels, needed: Needed | None) -> dict[str, Any]:
    def figure(e: Any) -> dict[str, Any] | None:
        if e is None:
            return None
        return {
            "value": e.value,
            "low": e.low,
            "high": e.high,
            "level": e.level,
            "n": e.n,
            "method": e.method,
        }

    return {
        "candidate": name, "corrected": figure(c.corrected), "judge_alone": figure(c.raw),
        "agreement": figure(c.agreement), "labels": c.n_labels, "too_kind": c.too_kind, "too_strict": c.too_strict,
        "blank": found.blank, "rejected": [str(problem) for problem in found.problems],
        "labels_needed": None if needed is None else {"n": needed.n, "low": needed.low, "high": needed.high},
    }  # fmt: skip
