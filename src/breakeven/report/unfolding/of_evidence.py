"""Figures behind the answer: gates, published rules, ratios, evidence, and what each chart is drawn from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from breakeven.advice.decide import INFORMATION_DRAWS, MAP_DRAWS
from breakeven.advice.facts import FACTS, Measured, measure
from breakeven.advice.gates import GATES
from breakeven.economics import simulate
from breakeven.errors import UnknownFigureError
from breakeven.quantities import show_usd
from breakeven.report.buying import shown_purchases
from breakeven.report.evidence_rows import STANDINGS
from breakeven.report.formulas import CHART_FORMULAS
from breakeven.report.text import clean, share, signed_usd
from breakeven.report.unfolding.parts import Case, InputRow, Made, Unfolded
from breakeven.report.waiting import best_wait

__all__ = ["of_chart", "of_evidence", "of_gate", "of_icer", "of_note", "of_rule", "of_rules"]


def _at(name: str, rest: str, length: int) -> int:
    if not rest.isdecimal() or int(rest) >= length:
        raise UnknownFigureError(f"{name}.{rest}")
    return int(rest)


def _facts(case: Case) -> Mapping[str, Measured]:
    """Facts as rules and gates read them: on the decision's own draws."""
    d = case.decision
    draws = case.study.centres() if d.draws == 1 else case.study.sample(d.draws, d.seed)
    return measure(case.study, simulate(case.study, draws))


def _read(facts: Mapping[str, Measured], names: tuple[str, ...]) -> tuple[InputRow, ...]:
    """Facts as rows: what each means, its value, and where it comes from."""
    found = []
    for name in names:
        fact = facts[name]
        kind, reference = (
            ("not stated", f"state {fact.key}") if fact.value is None else _source(clean(fact.source))
        )
        found.append(
            InputRow(
                input=FACTS[name].meaning,
                value="–" if fact.value is None else clean(str(fact)),
                kind=kind,
                reference=reference,
                date="",
            )
        )
    return tuple(found)


_KINDS: Final = re.compile(r"\b(measured|quoted|published|guess|stated)\b,? ?")


def _source(said: str) -> tuple[str, str]:
    """(kind, reference) of ``workload.volume: stated, breakeven.yaml:14``; a fact that is only named was stated."""
    found = _KINDS.search(said)
    return (found[1], _KINDS.sub("", said, count=1).strip(" :,")) if found else ("stated", said)


def of_gate(case: Case, rest: str) -> Unfolded:
    """What a gate wants, what is there, and where that comes from."""
    k = _at("gates", rest, len(case.decision.gates))
    gate, row = case.decision.gates[k], case.page.gates[k]
    fact = next((g.fact for g in GATES if g.gate == gate.gate), None)
    read = () if fact is None else _read(_facts(case), (fact,))
    return Unfolded(
        figure=f"gates.{rest}", title=f"Gate: {gate.gate}",
        shown=(("Standing", row.standing), ("You have", gate.have), ("Needed", gate.need)),
        formula="met where what you have reaches what is needed", where=f"the bound is published: {gate.source}.",
        inputs=read, method=("A gate is looked up or counted; no draws are used.",),
    )  # fmt: skip


def of_rule(case: Case, rest: str) -> Unfolded:
    """A published rule with the facts that it asks for."""
    k = _at("ruling", rest, len(case.page.rules))
    row = case.page.rules[k]
    rule = next(
        (r for r in case.rules if clean(r.title) == row.title and clean(r.source) == row.source), None
    )
    read = () if rule is None else _read(_facts(case), rule.asks)
    figures = "" if rule is None else "; ".join(f"{f.name} = {f.formula} ({f.unit})" for f in rule.figures)
    return Unfolded(
        figure=f"ruling.{rest}", title=row.title,
        shown=(("Says", row.verdict), ("Beside ours", row.standing)), formula=figures or row.title,
        where=f"as printed: {row.source}.", numbers=row.because, inputs=read,
        method=("Inputs at their centre, results as means over the draws. " + case.draws(),),
    )  # fmt: skip


def of_rules(case: Case, _: str) -> Unfolded:
    """How many rules agree."""
    return Unfolded(
        figure="rules", title="Published rules beside our answer",
        shown=tuple((row.title, row.standing) for row in case.page.rules),
        formula="a rule agrees where its verdict and our answer both train a model, or both do not",
        where="each rule is run as it was printed, on this study.",
        method=(case.draws(), *case.decision.contradictions),
    )  # fmt: skip


def of_icer(case: Case, rest: str) -> Unfolded:
    """What one more point of quality costs."""
    k = _at("icers", rest, len(case.decision.icers))
    icer = case.decision.icers[k]
    before = next((r for r in reversed(case.decision.icers[:k]) if r.status == "frontier"), None)
    numbers = ""
    if before is not None and icer.icer is not None:
        more = f"({icer.effect:.2f} − {before.effect:.2f}) points"
        numbers = f"({show_usd(icer.cost)} − {show_usd(before.cost)}) ÷ {more}"
    one = "–" if icer.icer is None else f"{show_usd(icer.icer)} a point"
    ours = [m for m in (*case.costs(), *case.qualities()) if m.figure.startswith(f"candidates.{icer.name}.")]
    inputs = case.leaves(case.explained(icer.name, "cost_usd")) + case.leaves(
        case.explained(icer.name, "quality")
    )
    return Unfolded(
        figure=f"icers.{rest}", title=f"What one more point costs: {icer.name}",
        shown=(("One more point", one), ("Cost", show_usd(icer.cost)), ("Quality", f"{icer.effect:.1f}%"),
               ("Standing", STANDINGS[icer.status])),
        formula="ICER = (cost − cost of the one before) ÷ (quality − quality of the one before)",
        where="along the frontier by rising cost, of means over draws; off it, another or a mix of two is cheaper and "
        "as good.",
        numbers=numbers, made_of=tuple(ours), inputs=tuple(dict.fromkeys(inputs)), method=(case.draws(),),
    )  # fmt: skip


def of_evidence(case: Case, rest: str) -> Unfolded:
    """What a candidate's quality stands on."""
    k = _at("evidence", rest, len(case.page.evidence))
    row = case.page.evidence[k]
    c = case.decision.candidates[row.name]
    tree = case.explained(row.name, "quality")
    facts = (("Facts", row.facts),) if row.facts else ()
    return Unfolded(
        figure=f"evidence.{rest}", title=f"Where the quality of {row.name} comes from",
        shown=(("Quality", f"{c.quality.mean:.1%}"), ("Source", row.source), *facts),
        formula=clean(tree.formula) or "an input: it is stated or measured, not computed",
        where="cases, versions and openings are counted in the evidence's own files; optimism is what picking the best "
        "version adds, by resampling its scores.",
        made_of=tuple(m for m in case.qualities() if m.figure == f"candidates.{row.name}.quality"),
        inputs=case.leaves(tree), method=(case.draws(),), tree=tree,
    )  # fmt: skip


def of_note(case: Case, rest: str) -> Unfolded:
    """A note of the study or a sentence on evidence: all inputs with their sources."""
    d, page = case.decision, case.page
    notes = (
        *page.notes,
        *page.missing,
        *page.contradictions,
        page.buy_says,
        *(row.says for row in page.absent),
    )
    k = _at("notes", rest, len(notes))
    return Unfolded(
        figure=f"notes.{rest}", title="A note on the evidence", shown=(("It says", notes[k]),),
        formula="read off the study's evidence and inputs, or off the figures that it names",
        where="P(best) is a share of draws; cases are counted in the evidence's own files.",
        made_of=(
            Made(figure=f"candidates.{d.recommendation.candidate}.p_best",
                 title=f"{d.recommendation.candidate} is best", shown=share(d.recommendation.p_best)),
            *case.qualities(),
        ),
        inputs=case.ranged, points=case.points, method=(case.draws(),),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------- charts


def _offers(case: Case) -> tuple[Made, ...]:
    found = [
        Made(figure=f"buy.{k}.{part}", title=f"{part} of {p.what}", shown=shown)
        for k, p in enumerate(shown_purchases(case.decision))
        for part, shown in (
            ("value", show_usd(p.value_usd)),
            ("net", "–" if p.net_usd is None else signed_usd(p.net_usd)),
        )
    ]  # fmt: skip
    wait, k = best_wait(case.decision), len(shown_purchases(case.decision))
    if wait is not None:
        net = signed_usd(wait.value_usd)
        found.append(Made(figure=f"buy.{k}.net", title=f"net of waiting {wait.months} months", shown=net))
    return tuple(found)


def _lines(case: Case) -> tuple[Made, ...]:
    return tuple(
        Made(figure=f"candidates.{c.name}.lines.{line.key}", title=f"{line.title} of {c.name}",
             shown=show_usd(line.usd))
        for c in case.decision.candidates.values()
        for line in c.lines
        if line.usd
    )  # fmt: skip


def _flips(case: Case) -> tuple[Made, ...]:
    rows = case.page.flips
    known = {(f.input, f.direction): f for f in case.decision.flips}
    return tuple(
        Made(figure=f"flips.{i}.{direction}.at", title=f"{i}: where the answer changes",
             shown=next(r.condition for r in rows if r.input == i and r.condition.startswith(direction)))
        for (i, direction) in known
    )  # fmt: skip


def _worths(case: Case) -> tuple[Made, ...]:
    return tuple(
        Made(figure=f"evppi.{w.input}", title=f"knowing {w.input}", shown=show_usd(w.usd))
        for w in case.decision.evppi
    )


_MADE: Final[Mapping[str, Callable[[Case], tuple[Made, ...]]]] = {
    "fan": lambda case: case.costs(), "difference": lambda case: case.benefits(), "tornado": _flips,
    "stacked": _lines, "monthly": _lines, "plane": lambda case: (*case.costs(), *case.qualities()),
    "worth": _offers, "outcome": lambda case: (*_offers(case), *case.benefits()), "inputs": _worths,
    "acceptability": lambda case: case.benefits(), "map": lambda case: case.benefits(),
    "paired": lambda case: case.qualities(), "curve": lambda case: case.qualities(),
    "routing": lambda case: case.qualities(), "gain": lambda case: case.qualities(),
}  # fmt: skip
_FEWER: Final = {
    "map": MAP_DRAWS, "worth": INFORMATION_DRAWS, "outcome": INFORMATION_DRAWS, "inputs": INFORMATION_DRAWS,
    "acceptability": INFORMATION_DRAWS,
}  # fmt: skip
_FROM_FILES: Final = ("paired", "curve", "routing", "gain")


def of_chart(case: Case, rest: str) -> Unfolded:
    """What the figures of a chart are computed from."""
    if rest not in CHART_FORMULAS:
        raise UnknownFigureError(f"chart.{rest}")
    from breakeven.report.charts import to_charts

    chart = getattr(to_charts(case.decision), rest)
    if chart is None:
        raise UnknownFigureError(f"chart.{rest}")
    sources: tuple[str, ...] = ()
    if rest in _FROM_FILES:
        sources = tuple(f"{c.name}: {c.quality_source}" for c in case.decision.candidates.values())
    return Unfolded(
        figure=f"chart.{rest}", title=chart.title, shown=(), formula=CHART_FORMULAS[rest], where=chart.text,
        made_of=_MADE[rest](case), inputs=case.ranged, points=case.points,
        method=(case.draws(_FEWER.get(rest)), *sources),
    )  # fmt: skip
