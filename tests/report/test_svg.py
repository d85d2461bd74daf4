"""Drawings are true to their data, stay inside their frame, and can be read without eyes."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breakeven.advice.decision import CandidateResult, Decision, Fan, Spread
from breakeven.report.chart_types import Chart, Charts, FanChart
from breakeven.report.charts import to_charts
from breakeven.report.scales import Linear, log_ticks, money_labels, round_ticks, spread_apart, text_width
from breakeven.report.svg import NARROW, WIDE, draw
from tests.report import sample

WIDTHS = [NARROW, WIDE]


def tree(chart: Chart, width: int = WIDE) -> ElementTree.Element:
    return ElementTree.fromstring(draw(chart, width=width, ident="x"))


def groups(svg: ElementTree.Element, css: str, child: str) -> list[ElementTree.Element]:
    """The elements of class ``child`` inside groups of class ``css``."""
    return [e for g in svg.findall("g") if g.get("class") == css for e in g if e.get("class") == child]


def points(element: ElementTree.Element) -> list[tuple[float, float]]:
    numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", element.get("d", ""))]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


@pytest.fixture(scope="module")
def charts() -> Charts:
    return to_charts(sample.rich())


@pytest.mark.parametrize("width", WIDTHS)
def test_a_cost_that_only_grows_is_drawn_as_a_line_that_only_rises(charts: Charts, width: int) -> None:
    svg = tree(charts.fan, width)
    for css in ("s0", "s1"):
        [line] = groups(svg, css, "line")
        xs, ys = np.array(points(line)).T
        assert len(xs) == 37
        assert np.all(np.diff(xs) > 0)
        assert np.all(np.diff(ys) <= 0)  # up is less


def test_the_line_that_leaves_the_scale_ends_at_its_top(charts: Charts) -> None:
    [line] = groups(tree(charts.fan), "s4", "line thin")
    top = min(y for _, y in points(line))
    assert points(line)[-1][1] == top == 14
    assert len(points(line)) < 37
    assert "$329K ↑" in draw(charts.fan)


def test_break_even_is_marked_at_its_month() -> None:
    decision = sample.rich()
    small = to_charts(
        replace(decision, recommendation=replace(decision.recommendation, candidate="small"))
    ).fan
    svg = tree(small)
    [line] = groups(svg, "s1", "line")
    [mark] = [e for e in svg if e.get("class") == "mark"]
    assert float(mark.get("x1", "")) == points(line)[5][0]  # month 5: the sixth point, after month 0
    assert "break-even: month 5" in draw(small)
    [interval] = [e for e in svg if e.get("class") == "range"]
    assert [float(interval.get(x, "")) for x in ("x1", "x2")] == [points(line)[3][0], points(line)[7][0]]


def test_bars_are_as_long_as_their_dollars(charts: Charts) -> None:
    svg = tree(charts.stacked)
    drawn = [e for g in svg.findall("g") for e in g.findall("rect") if e.get("class") == "seg" and len(e)]
    dollars = [usd for bar in charts.stacked.bars for usd in bar.usd if usd > 2_000]
    widths = [float(e.get("width", "")) + 1 for e in drawn]  # one unit is left between neighbours
    per_unit = [usd / width for usd, width in zip(dollars, widths, strict=True)]
    assert max(per_unit) / min(per_unit) < 1.03


def test_the_tornado_turns_colour_at_zero(charts: Charts) -> None:
    svg = tree(charts.tornado)  # type: ignore[arg-type]
    [zero] = [e for e in svg if e.get("class") == "zero"]
    x0 = float(zero.get("x1", ""))
    against = [e for e in svg if e.get("class") == "against"]
    infavour = [e for e in svg if e.get("class") == "infavour"]
    assert len(against) == len(infavour) == 5
    for e in against:
        assert float(e.get("x", "")) + float(e.get("width", "")) == pytest.approx(x0, abs=0.11)
    assert {float(e.get("x", "")) for e in infavour} == {x0}


def test_the_map_is_filled_once(charts: Charts) -> None:
    svg = tree(charts.map)  # type: ignore[arg-type]
    area = 0.0
    for cell in [e for g in svg.findall("g") for e in g if e.get("class") == "cell"]:
        for x1, _y1, x2, y2, y1 in re.findall(r"M([\d.]+) ([\d.]+)H([\d.]+)V([\d.]+)()", cell.get("d", "")):
            assert y1 == ""
            area += (float(x2) - float(x1)) * abs(float(y2) - float(_y1))
    assert area == pytest.approx((WIDE - 20 - 92) * (400 - 24), rel=0.01)


def test_a_belief_without_width_is_drawn_as_a_line() -> None:
    decision = sample.rich()
    stated = tuple(
        replace(a, low=a.centre, high=a.centre) if a.input == "workload.volume" else a
        for a in decision.assumptions
    )
    svg = tree(to_charts(replace(decision, assumptions=stated)).map)  # type: ignore[arg-type]
    [belief] = [e for e in svg if e.get("class") == "belief"]
    assert belief.tag == "line"
    assert belief.get("x1") == belief.get("x2")
    assert abs(float(belief.get("y1", "")) - float(belief.get("y2", ""))) > 20


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("make", [sample.rich, sample.bare, sample.hostile])
def test_drawings_can_be_read_without_eyes(make, width: int) -> None:
    for chart in to_charts(make()).all():
        svg = tree(chart, width)
        assert svg.get("role") == "img"
        assert svg.get("aria-labelledby") == "x-t x-d"
        assert [e.get("id") for e in svg[:2]] == ["x-t", "x-d"]
        assert (svg[0].text, svg[1].text) == (chart.title, chart.text)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("make", [sample.rich, sample.bare, sample.hostile])
def test_shapes_stay_inside_the_frame(make, width: int) -> None:
    for chart in to_charts(make()).all():
        svg = tree(chart, width)
        height = float(svg.get("height", ""))
        for e in svg.iter():
            for key, most in (
                ("x", width),
                ("x1", width),
                ("x2", width),
                ("cx", width),
                ("y", height),
                ("y1", height),
            ):
                if e.get(key) is not None:
                    assert -1 <= float(e.get(key, "")) <= most + 1, (
                        type(chart).__name__,
                        ElementTree.tostring(e),
                    )


@pytest.mark.parametrize("width", WIDTHS)
def test_labels_at_the_end_of_lines_do_not_touch(charts: Charts, width: int) -> None:
    svg = tree(charts.fan, width)
    names = [e for e in svg.findall("text") if e.get("class") in {None, "strong"}]
    ys = sorted(float(e.get("y", "")) for e in names)
    assert len(ys) == 5
    assert min(np.diff(ys)) >= 30


def scaled(c: CandidateResult, factor: float) -> CandidateResult:
    def spread(s: Spread) -> Spread:
        return Spread(mean=s.mean * factor, p05=s.p05 * factor, p95=s.p95 * factor)

    return replace(
        c, cost=spread(c.cost), consequence=spread(c.consequence), net_benefit_vs_today=spread(c.net_benefit_vs_today),
        net_benefit_draws=c.net_benefit_draws * factor,
        fan=Fan(p05=c.fan.p05 * factor, p50=c.fan.p50 * factor, p95=c.fan.p95 * factor),
        lines=tuple(replace(x, usd=x.usd * factor, by_month_usd=x.by_month_usd * factor) for x in c.lines),
    )  # fmt: skip


@settings(max_examples=25)
@given(
    factor=st.one_of(st.just(0.0), st.floats(1e-9, 1e9)),
    name=st.text(st.characters(), min_size=1, max_size=80),
    few=st.integers(1, 4),
)
def test_any_amount_and_any_name_can_be_drawn(factor: float, name: str, few: int) -> None:
    decision = sample.rich()
    kept = dict(list(decision.candidates.items())[:few])
    kept["hybrid"] = replace(decision.candidates["hybrid"], name="hybrid")
    kept[f"{name}~"] = replace(decision.candidates["small"], name=f"{name}~")
    found: Decision = replace(
        decision, candidates={key: scaled(c, factor) for key, c in kept.items()}, crossover=None
    )
    for chart in to_charts(found).all():
        for width in WIDTHS:
            drawing = draw(chart, width=width)
            ElementTree.fromstring(drawing)
            assert not re.search(r'="-?(nan|inf)"|[ML ](nan|inf)', drawing)


def test_a_candidate_alone_is_drawn() -> None:
    decision = sample.rich()
    alone = replace(
        decision, candidates={"prompt": decision.candidates["prompt"]}, flips=(), crossover=None,
        recommendation=replace(decision.recommendation, candidate="prompt"),
    )  # fmt: skip
    charts = to_charts(alone)
    assert charts.difference is None
    assert charts.fan.title == "prompt costs $119K over 36 months"
    assert any(isinstance(chart, FanChart) for chart in charts.all())
    for chart in charts.all():
        draw(chart)


# Scales.


@given(low=st.floats(-1e9, 1e9), size=st.floats(1e-3, 1e9), count=st.integers(2, 9))
def test_ticks_are_few_and_inside(low: float, size: float, count: int) -> None:
    ticks = round_ticks(low, low + size, count)
    assert 1 <= len(ticks) <= 2 * count + 2
    assert all(low - size * 1e-6 - 1e-3 <= t <= low + size * (1 + 1e-6) + 1e-3 for t in ticks)


def test_ticks_are_round() -> None:
    assert round_ticks(0, 47_000) == [0, 10_000, 20_000, 30_000, 40_000]
    assert round_ticks(5, 5) == [5]
    assert round_ticks(math.nan, 5) == []
    assert log_ticks(60e3, 4e6, 8) == [100e3, 200e3, 500e3, 1e6, 2e6]
    assert money_labels([0, 500, 1000, 1500]) == ["$0", "$500", "$1,000", "$1,500"]
    assert money_labels([0, 2.5e6, 5e6]) == ["$0", "$2.5M", "$5M"]


@given(st.lists(st.floats(0, 300), min_size=1, max_size=8))
def test_labels_are_pushed_apart_in_their_order(wanted: list[float]) -> None:
    places = spread_apart(wanted, 30, 0, 300)
    ordered = [places[k] for k in sorted(range(len(wanted)), key=lambda k: wanted[k])]
    assert all(b - a >= 30 - 1e-9 for a, b in pairwise(ordered))
    assert max(places) <= 300 + 1e-9


def test_a_scale_maps_its_ends() -> None:
    scale = Linear(0, 10, 100, 200)
    assert [scale(v) for v in (0, 5, 10, 11)] == [100, 150, 200, 210]
    assert Linear(3, 3, 0, 10)(3) == 5


def test_text_takes_room() -> None:
    assert text_width("mmm", 10) > text_width("iii", 10)
    assert text_width("数数", 10) == pytest.approx(21)
