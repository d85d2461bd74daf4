"""Pictures that a study has no data for: what each would show, and what evidence would show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from breakeven.advice.decision import Decision
from breakeven.report.buying import shown_purchases
from breakeven.report.page_types import AbsentRow
from breakeven.report.waiting import best_wait
from breakeven.report.worth_charts import decisive_purchase

__all__ = ["absent_rows"]


def absent_rows(d: Decision) -> tuple[AbsentRow, ...]:
    """One line for each picture that the page leaves out, in the order of the page."""
    if d.draws == 1:
        one = AbsentRow(title="Chances", says="one world was computed; without `--point` the page shows them")
        return (one,)
    return tuple(AbsentRow(title=title, says=says(d)) for title, there, says in _PICTURES if not there(d))


_VERSIONS: Final = (
    "name the scores of earlier versions of the prompt under `quality: {eval: …, versions: […]}`"
)


def _no_outcome(d: Decision) -> str:
    if not d.buy_next:
        return "nothing can be bought here: it takes two candidates that may be chosen"
    return f"no result of anything that can be bought would move the choice from {d.recommendation.candidate}"


def _no_gain(d: Decision) -> str:
    if not d.error_cost_stated:
        return f"state `workload.errors.cost`, and {_VERSIONS}"
    return _VERSIONS


def _no_pairs(d: Decision) -> str:
    if d.evidence:
        return "score a second candidate on the same cases (`breakeven eval run`) and name its file under `quality`"
    return "score two candidates on the same cases (`breakeven eval run`) and name the files under `quality: {eval: …}`"


_Picture = tuple[str, Callable[[Decision], object], Callable[[Decision], str]]
_PICTURES: Final[tuple[_Picture, ...]] = (
    ("What could change the answer", lambda d: d.flips, lambda _: "no input changes it within its 90% interval"),
    ("Value of information", lambda d: shown_purchases(d) or best_wait(d),
     lambda _: "nothing that can be bought, and no waiting, would move the choice"),
    ("A result and what to do", decisive_purchase, _no_outcome),
    ("Best at each price of an error", lambda d: d.acceptability, lambda _: "it takes two candidates that serve on"),
    ("What knowing one input is worth", lambda d: d.evppi, lambda _: "no single input would move the choice"),
    ("Accuracy on the same cases", lambda d: d.differences, _no_pairs),
    ("Learning curve", lambda d: d.learning_curves,
     lambda _: "name what `breakeven eval curve … --json` prints as `curve: evidence/curve.json` of a tuned candidate "
     "or a classifier"),
    ("Routing", lambda d: d.routing,
     lambda _: "score a candidate that says how sure it is (a classifier does) and another on the same cases"),
    ("Next iteration", lambda d: d.next_gain, _no_gain),
)  # fmt: skip
