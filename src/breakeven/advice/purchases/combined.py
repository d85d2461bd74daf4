"""Two offers bought together: what both would show, on one set of cases where both score cases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from breakeven.advice.purchases.offer import CaseSet, Finding, Offer, Scene, scored
from breakeven.beliefs import Values

__all__ = ["combined"]

_COST: Final = re.compile(r",?\s*(for )?\{cost\}( of work)?")
"""Where an offer's ``ask`` speaks of its price."""


def combined(scene: Scene, first: Offer, second: Offer) -> Offer | None:
    """Both as one offer; None where one has no price, or where both inform the same inputs.

    Cost: the sum, less what both would pay for: of two sets of cases only the larger is bought, and everybody answers
    all of it. Days: the longer, since one need not wait for the other.
    """
    if first.cost_usd is None or second.cost_usd is None or set(first.informs) & set(second.informs):
        return None
    cost = first.cost_usd + second.cost_usd
    findings, cases = (*first.findings, *second.findings), first.cases or second.cases
    if first.cases is not None and second.cases is not None:
        cases = _one_set(first.cases, second.cases)
        cost += cases.usd(cases.count) - sum(each.usd(each.count) for each in (first.cases, second.cases))
        findings = tuple(_findings(scene, cases, f"{first.what} + {second.what}"))
    return Offer(
        what=f"{first.what} + {second.what}",
        ask=f"{_COST.sub('', first.ask)} and {_COST.sub('', second.ask)} for {{cost}}",
        informs=(*first.informs, *second.informs),
        findings=findings,
        cost_usd=cost,
        days=max(first.days, second.days),
        cases=cases,
    )


def _one_set(first: CaseSet, second: CaseSet) -> CaseSet:
    """The larger set, answered by all that either would have answer; held against the first's anchor."""
    return CaseSet(
        count=max(first.count, second.count),
        label_usd=max(first.label_usd, second.label_usd),
        truths={**second.truths, **first.truths},
        answer_usd={**second.answer_usd, **first.answer_usd},
        against=first.against or second.against,
    )


def _findings(scene: Scene, cases: CaseSet, key: str) -> Iterator[Finding]:
    """Everybody's gain over the anchor, then the anchor's score: from these all other scores follow."""
    seen = _scores(scene, cases, key)
    same = f"on the same {cases.count} cases"
    others = [name for name in seen if name != cases.against]
    if cases.against:
        for name in others:
            yield Finding(
                words=f"{name} gains", values=seen[name] - seen[cases.against], kind="points",
                on=f"over {cases.against} {same}",
            )  # fmt: skip
    told = [cases.against] if cases.against else others
    for name in told if any(not scene.is_certain(cases.truths[each]) for each in told) else ():
        yield Finding(words=f"{name} scores", values=seen[name], kind="share", on=f"on {cases.count} cases")


def _scores(scene: Scene, cases: CaseSet, key: str) -> Mapping[str, Values]:
    found = scored(cases.truths.values(), cases.count, scene.rng(f"together: {key}"))
    return dict(zip(cases.truths, found, strict=True))
