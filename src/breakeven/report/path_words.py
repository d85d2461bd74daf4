"""The words and figures of a path, for every format: tables of cells, each a head and rows."""

from __future__ import annotations

from dataclasses import dataclass

from breakeven.advice.decision import Spread
from breakeven.advice.path_types import CadenceTable, PathAdvice, Step, StepGate
from breakeven.economics.options.hybrids import HybridSearch
from breakeven.quantities import show, show_usd
from breakeven.report.text import MINUS, clean, share, signed_usd

__all__ = ["Sheet", "gate_words", "sheets", "steps_words"]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One table of the page, with what it says in a sentence or two under it."""

    title: str
    aside: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    """Columns of figures."""
    says: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StepWords:
    """One step in words."""

    when: str
    what: str
    gate: str
    cost: str
    rollback: str
    p_reached: str


def steps_words(p: PathAdvice) -> tuple[StepWords, ...]:
    """Every step of the path."""
    return tuple(_step(s) for s in p.steps)


def _step(s: Step) -> StepWords:
    hours = "" if s.effort_hours is None else f"{_hours(s.effort_hours)} of work, "
    cost = "nothing besides running cost" if s.cost_usd.mean == 0 else f"{hours}{_usd(s.cost_usd)}"
    return StepWords(
        when=f"month {s.month}, {s.date:%b %Y}", what=clean(s.what), gate="" if s.gate is None else gate_words(s.gate),
        cost=cost, rollback=clean(s.rollback), p_reached="" if s.p_reached > 0.9999 else f"P {share(s.p_reached)}",
    )  # fmt: skip


def gate_words(g: StepGate) -> str:
    """The gate as a sentence: figure, threshold, probability."""
    figure = clean(g.figure)
    if g.threshold is None:
        word = "changes this step" if g.side == "always" else "opens this gate"
        return f"no likely value of “{figure}” {word}; {'go on' if g.side == 'always' else 'stop'}"
    sign = "≥" if g.side == "at least" else "≤"
    return f"{figure} {sign} {_threshold(g.threshold, g.unit)} ({share(g.p_pass)} likely)"


def _threshold(value: float, unit: str) -> str:
    if unit == "points":
        text = f"{abs(value) * 100:.1f} points"
        return f"{MINUS}{text}" if value < 0 else f"+{text}"
    return f"{value:.1%}" if unit == "share" else f"{show(value)} {unit}"


def _hours(s: Spread) -> str:
    return f"{s.mean:,.0f} h" if s.p05 == s.p95 else f"{s.mean:,.0f} h [{s.p05:,.0f}, {s.p95:,.0f}]"


def _usd(s: Spread) -> str:
    return (
        show_usd(s.mean) if s.p05 == s.p95 else f"{show_usd(s.mean)} [{show_usd(s.p05)}, {show_usd(s.p95)}]"
    )


def sheets(p: PathAdvice) -> tuple[Sheet, ...]:
    """All tables that have something to say, in the order of the page."""
    made = [
        _options(p),
        _waiting(p),
        _hybrid(p.hybrid, p.today),
        *(_cadence(c) for c in p.cadence),
        _retirements(p),
    ]
    return tuple(sheet for sheet in made if sheet is not None)


def _options(p: PathAdvice) -> Sheet:
    rows = tuple(
        (
            ("> " if o.chosen else "  ") + clean(o.title),
            signed_usd(o.gain_usd.mean),
            ""
            if o.gain_usd.p05 == o.gain_usd.p95
            else f"[{signed_usd(o.gain_usd.p05)}, {signed_usd(o.gain_usd.p95)}]",
            "" if o.p_arrives is None else share(o.p_arrives),
            "" if o.error_usd == 0 else f"±{show_usd(o.error_usd)}",
        )
        for o in p.options
    )
    tuned = f"P(ends with {clean(p.target)})" if p.target else ""
    return Sheet(
        title="WAYS TO GO", aside=f"net benefit against keeping {clean(p.today)}, gates and build time included",
        head=("", "mean", "90%", tuned, "error"), rows=rows, right=frozenset({1, 3, 4}),
    )  # fmt: skip


def _waiting(p: PathAdvice) -> Sheet | None:
    if not p.waiting:
        return None
    rows = tuple(
        (
            f"{w.months} months" if w.months is not None else "as it turns out",
            signed_usd(w.value_usd), signed_usd(w.information_usd), signed_usd(w.delay_usd),
            "" if w.error_usd == 0 else f"±{show_usd(w.error_usd)}", clean(w.then), share(w.p_changes),
        )
        for w in p.waiting
    )  # fmt: skip
    best = max(p.waiting, key=lambda w: w.value_usd)
    if best.value_usd > 2 * best.error_usd and best.value_usd > 0:
        says = (
            f"Waiting is worth {show_usd(best.value_usd)}: what is learned pays for the delay. "
            "The ways above look before they go, too."
        )
    elif best.value_usd < 0:
        says = f"Do not wait: deciding now for {clean(p.leader)} is better."
    else:
        says = "Waiting neither pays nor costs."
    return Sheet(
        title="WAITING", aside=f"then choosing, against {clean(p.leader)} from month 1",
        head=("wait", "net", "information", "delay", "error", "likeliest then", "changes"), rows=rows,
        right=frozenset({1, 2, 3, 4, 6}), says=(says,),
    )  # fmt: skip


def _hybrid(h: HybridSearch | None, today: str) -> Sheet | None:
    if h is None:
        return None
    head = ("share handed on", *(f"month {m}" for m in h.months))
    rows = tuple(
        (f"{s:.0%}" + (f" ({clean(h.small)} alone)" if s == 0 else ""), *(signed_usd(float(v)) for v in row))
        for s, row in zip(h.shares, h.gain_usd, strict=True)
    )
    what = f"calls that {clean(h.small)} hands on to {clean(h.large)}"
    best = (
        f"Best: {h.best_share:.0%} from month {h.best_month}, {signed_usd(h.best_usd)} on draws that did not choose it "
        f"(best in {share(h.p_best)} of draws)."
    )
    if h.best_share == 0:
        best = f"Best without handing on: {clean(h.small)} alone from month {h.best_month}, {signed_usd(h.best_usd)}."
    if h.best_usd <= 0:
        best = f"No share and month is better than keeping {clean(today)}."
    needs = (
        "no router pays for a tenth of the calls"
        if h.must_catch is None
        else f"a router of a tenth of the calls pays if it catches {share(h.must_catch)} of {clean(h.small)}'s errors"
    )
    by_chance = f"Calls are handed on by chance here, as nobody has stated what a router catches: {needs}."
    chance = (by_chance,) if h.by_chance else ()
    return Sheet(
        title="BEST HYBRID", aside=f"{what}; against {clean(today)}", head=head, rows=rows,
        right=frozenset(range(1, len(head))), says=(best, *chance),
    )  # fmt: skip


def _cadence(c: CadenceTable) -> Sheet:
    rows = tuple(
        (
            ("> " if c.priced and r.every_months == c.best else "  ") + _every(r.every_months),
            show_usd(r.retraining_usd.mean), _usd(r.drift_usd) if c.priced else "", show_usd(r.total_usd.mean),
            share(r.p_best) if c.priced else "",
        )
        for r in c.rows
    )  # fmt: skip
    likely = [_every(r.every_months) for r in c.rows if r.p_best >= 0.05]
    between = (
        f"; over the draws the best lies between {likely[0]} and {likely[-1]}" if len(likely) > 1 else ""
    )
    says = (
        f"{_every(c.best).capitalize()} costs least{between}. The study says {_every(c.stated)}"
        + (f", {show_usd(c.saving_usd)} dearer." if c.saving_usd > 0 else ".")
        if c.priced
        else "Errors have no price here, so nothing says how often to retrain."
    )
    aside = f"{_usd(c.event_usd)} each time; drift is counted in this table alone"
    return Sheet(
        title=f"RETRAINING {clean(c.candidate)}", aside=aside,
        head=("", "retraining", "stale answers", "sum", "P(best)"), rows=rows, right=frozenset({1, 3, 4}), says=(says,),
    )  # fmt: skip


def _every(months: int | None) -> str:
    if months is None:
        return "never"
    return "every month" if months == 1 else f"every {months} months"


def _retirements(p: PathAdvice) -> Sheet | None:
    if not p.retirements:
        return None
    rows = tuple(
        (f"{r.date:%Y-%m-%d}" if r.kind != "expected" else f"about {r.date:%b %Y}", f"month {r.month}",
         clean(r.candidate), clean(r.model), clean(r.plan))
        for r in p.retirements
    )  # fmt: skip
    return Sheet(
        title="RETIREMENTS", aside="what happens on each date", head=("date", "", "candidate", "model", "plan"),
        rows=rows, right=frozenset({1}),
    )  # fmt: skip
