"""The page that says how often stated probabilities came true: tables, and a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from bench.record import ROOT, machine, table, write_section
from breakeven.report.canvas import Canvas
from breakeven.report.scales import Linear
from breakeven.report.svg import WIDE
from breakeven.statistics import Estimate
from tools.draw_pictures import framed

if TYPE_CHECKING:
    from bench.calibration import Decile

__all__ = ["PICTURE", "write_page"]

PAGE: Final = ROOT / "docs/calibration.md"
PICTURE: Final = ROOT / "docs/images/calibration.svg"
_TICKS: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def write_page(
    *, n_worlds: int, seed: int, everything: Sequence[Decile], kinds: Mapping[str, Sequence[Decile]],
    intervals: Mapping[str, Estimate], record: bool,
) -> str:  # fmt: skip
    """The page's measured part; written to the page, and drawn, where asked."""
    worst = max(everything, key=lambda d: abs(d.off))
    most = f"stated {worst.stated:.1%}, seen {worst.seen.value:.1%}, {abs(worst.off):.3f} off"
    said = sum(d.seen.n for d in everything)
    text = "\n\n".join([
        f"{n_worlds:,} worlds, {said:,} statements, seed {seed}. {machine()}.",
        f"The tenth that is most off: {most}.",
        table(["Stated, in tenths", "Statements", "Mean stated", "Seen", "95% interval", "Off"], _rows(everything)),
        table(["The same by kind", "Statements", "Most off"], [_kind(name, found) for name, found in kinds.items()]),
        table(["90% intervals of", "Intervals", "Held the truth", "95% interval"], [
            [name, f"{e.n:,}", f"{e.value:.1%}", _interval(e)] for name, e in intervals.items()
        ]),
    ])  # fmt: skip
    if record:
        write_section("bench.calibration", text, page=PAGE)
        title = f"What is stated comes true: no tenth is more than {abs(worst.off):.2f} off"
        under = f"{said:,} statements of {n_worlds:,} simulated worlds; bars are 95% intervals."
        PICTURE.write_text(framed(str(_drawing(everything)), title=title, under=under), "utf-8")
    return text


def _rows(found: Sequence[Decile]) -> list[list[str]]:
    return [
        [f"{int(d.stated * 10) * 10}% to {int(d.stated * 10) * 10 + 10}%", f"{d.seen.n:,}", f"{d.stated:.1%}",
         f"{d.seen.value:.1%}", _interval(d.seen), f"{d.off:+.3f}"]
        for d in found
    ]  # fmt: skip


def _kind(name: str, found: Sequence[Decile]) -> list[str]:
    """A kind's tenths hold fewer statements: the one that is surest to be off, with its interval."""
    worst = max(found, key=lambda d: abs(d.off))
    seen = (
        f"stated {worst.stated:.1%}, seen {worst.seen.value:.1%} ({_interval(worst.seen)}, {worst.seen.n:,})"
    )
    return [name, f"{sum(d.seen.n for d in found):,}", f"{worst.off:+.3f}: {seen}"]


def _interval(estimate: Estimate) -> str:
    return "not enough" if estimate.low is None else f"{estimate.low:.1%} to {estimate.high:.1%}"


def _drawing(found: Sequence[Decile]) -> Canvas:
    """Seen against stated: what is right lies on the diagonal."""
    left, top, side = 220.0, 16.0, 420.0
    description = "; ".join(f"stated {d.stated:.0%}, seen {d.seen.value:.0%}" for d in found)
    c = Canvas(
        WIDE, top + side + 52, ident="calibration", title="Seen against stated", description=description
    )
    x, y = Linear(0, 1, left, left + side), Linear(0, 1, top + side, top)
    for tick in _TICKS:
        c.line(left, y(tick), left + side, y(tick), "grid")
        c.line(x(tick), top, x(tick), top + side, "grid")
        c.text(left - 8, y(tick) + 4, f"{tick:.0%}", "tick", anchor="end")
        c.text(x(tick), top + side + 18, f"{tick:.0%}", "tick", anchor="middle")
    c.line(x(0), y(0), x(1), y(1), "mark")
    c.open("s1")
    for d in found:
        if d.seen.low is not None and d.seen.high is not None:
            c.line(x(d.stated), y(d.seen.low), x(d.stated), y(d.seen.high), "span")
        c.circle(x(d.stated), y(d.seen.value), 5, "dot")
    c.close()
    c.text(left + side / 2, top + side + 42, "stated probability", "tick", anchor="middle")
    c.text(left, top - 4, "how often it was so", "tick")
    return c
