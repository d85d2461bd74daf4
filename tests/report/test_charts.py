"""Charts are data first: what they say, before a line is drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from breakeven.advice.decision import Decision, Spread
from breakeven.report.chart_types import Charts
from breakeven.report.charts import GROUPS, to_charts
from tests.report import sample


@pytest.fixture(scope="module")
def decision() -> Decision:
    return sample.rich()


@pytest.fixture(scope="module")
def charts(decision: Decision) -> Charts:
    return to_charts(decision)


def choosing(decision: Decision, name: str) -> Charts:
    return to_charts(replace(decision, recommendation=replace(decision.recommendation, candidate=name)))


def test_today_is_grey_and_the_answer_has_the_first_colour(charts: Charts) -> None:
    colours = {s.mark.name: s.mark.colour for s in charts.fan.series}
    assert colours == {"prompt": 0, "small": 2, "tuned": 3, "hybrid": 1, "selfhost": 4}
    assert {s.mark.name: s.mark.role for s in charts.fan.series}["hybrid"] == "recommended"


def test_the_fan_compares_the_answer_with_today(charts: Charts, decision: Decision) -> None:
    assert [s.mark.name for s in charts.fan.series if s.banded] == ["prompt", "hybrid"]
    assert charts.fan.break_even is None
    assert (
        charts.fan.title
        == "On its bill alone, hybrid does not pay for itself within 36 months in 84% of draws"
    )
    small = choosing(decision, "small").fan
    assert small.break_even == decision.candidates["small"].break_even
    assert small.title == "On its bill alone, small has paid for itself from month 5 on"


def test_where_today_stays_the_best_of_the_others_is_compared(decision: Decision) -> None:
    fan = choosing(decision, "prompt").fan
    assert [s.mark.name for s in fan.series if s.banded] == ["prompt", "hybrid"]


def test_differences_stand_best_first_and_their_shapes_are_densities(
    charts: Charts, decision: Decision
) -> None:
    assert charts.difference is not None
    assert [row.mark.name for row in charts.difference.rows] == ["hybrid", "tuned", "small", "selfhost"]
    heights = []
    for row in charts.difference.rows:
        assert row.density is not None
        assert np.all(np.diff(row.density.usd) > 0)
        assert row.density.height.min() >= 0
        # Each shape holds nearly the same area: the share of draws, of which 1% lies outside.
        heights.append(float(np.trapezoid(row.density.height, row.density.usd)))
        draws = decision.candidates[row.mark.name].net_benefit_draws
        assert abs(row.density.usd[np.argmax(row.density.height)] - np.median(draws)) < np.std(draws)
    assert max(row.density.height.max() for row in charts.difference.rows if row.density) == 1.0
    assert max(heights) / min(heights) < 1.03


def test_few_draws_have_no_shape() -> None:
    difference = to_charts(sample.bare()).difference
    assert difference is not None
    assert [row.density for row in difference.rows] == [None]


def test_the_tornado_starts_from_the_lead_over_the_next_best(charts: Charts, decision: Decision) -> None:
    tornado = charts.tornado
    assert tornado is not None
    means = {name: c.net_benefit_vs_today.mean for name, c in decision.candidates.items()}
    assert tornado.base_usd == means["hybrid"] - means["tuned"]
    widths = [abs(row.high_usd - row.low_usd) for row in tornado.rows]
    assert widths == sorted(widths, reverse=True)
    top = tornado.rows[0]
    assert (top.label, top.low_text, top.high_text) == (
        "tuned.quality.gain",
        "−1 points",
        "5.8 points",
    )
    assert top.note == "below 1.13 points (P 29%) → prompt"


def test_an_input_without_a_range_has_no_bar_and_two_flips_have_one(decision: Decision) -> None:
    stated = tuple(
        replace(a, low=a.centre, high=a.centre) if a.input == "workload.volume" else a
        for a in decision.assumptions
    )
    twice = (*decision.flips, replace(decision.flips[0], direction="above", at=0.2, p=0.01))
    tornado = to_charts(replace(decision, assumptions=stated, flips=twice)).tornado
    assert tornado is not None
    labels = [row.label for row in tornado.rows]
    assert "workload.volume" not in labels
    assert sorted(labels) == sorted(set(labels))
    assert tornado.title == "tuned.quality.gain is the likeliest input to change the answer (P 29%)"


def test_no_flips_no_tornado(decision: Decision) -> None:
    assert to_charts(replace(decision, flips=())).tornado is None


def test_stacked_bars_add_up_to_the_lines(charts: Charts, decision: Decision) -> None:
    for bar in charts.stacked.bars:
        c = decision.candidates[bar.mark.name]
        assert sum(bar.usd) == pytest.approx(sum(line.usd for line in c.lines))
        assert bar.total_usd == pytest.approx(c.cost.mean + c.consequence.mean)
        assert bar.bill_usd == pytest.approx(c.cost.mean)
    assert [g.key for g in charts.stacked.groups] == [
        "calls",
        "serving",
        "build",
        "people",
        "renewal",
        "errors",
    ]


def test_every_cost_line_has_one_group() -> None:
    numbers = [n for group in GROUPS for n in group.lines]
    assert sorted(numbers) == list(range(1, 33))


def test_a_line_of_an_unknown_number_is_shown_apart(decision: Decision) -> None:
    c = decision.candidates["prompt"]
    odd = replace(c.lines[0], number=99, title="Something new")
    changed = replace(
        decision, candidates={**decision.candidates, "prompt": replace(c, lines=(*c.lines, odd))}
    )
    assert to_charts(changed).stacked.groups[-1].title == "Other lines"


def test_months_add_up_to_the_bill(charts: Charts, decision: Decision) -> None:
    assert charts.monthly is not None
    for panel in charts.monthly.panels:
        lines = [x.by_month_usd for x in decision.candidates[panel.mark.name].lines if not x.consequence]
        assert np.sum(panel.usd, axis=0) == pytest.approx(np.sum(lines, axis=0))
        assert panel.first_usd == pytest.approx(np.sum(lines, axis=0)[0])
    later = [np.sum(panel.usd, axis=0)[1:].max() for panel in charts.monthly.panels]
    assert charts.monthly.top_usd == pytest.approx(max(later))
    assert charts.monthly.title.startswith("After the start, the dearest month is month 15 of selfhost")


def test_the_frontier_is_what_nobody_beats(charts: Charts) -> None:
    assert charts.plane is not None
    assert [p.mark.name for p in charts.plane.points if p.on_frontier] == [
        "prompt",
        "small",
        "tuned",
        "hybrid",
    ]
    assert charts.plane.title == "selfhost is dearer than another and no better"
    assert charts.plane.target == 0.93


TARGETS = [(None, None), ("90% .. 95%", None), ("as good as today", None), ("95%", 0.95)]


@pytest.mark.parametrize(("target", "read"), TARGETS)
def test_only_a_single_percentage_is_a_target(
    decision: Decision, target: str | None, read: float | None
) -> None:
    plane = to_charts(replace(decision, target=target)).plane
    assert plane is not None
    assert plane.target == (None if read is None else pytest.approx(read))


def test_what_has_no_known_quality_is_left_off_the_plane(decision: Decision) -> None:
    nan = float("nan")
    unknown = {
        name: replace(c, quality=Spread(mean=nan, p05=nan, p95=nan))
        for name, c in decision.candidates.items()
    }
    one = {**unknown, "prompt": decision.candidates["prompt"]}
    plane = to_charts(replace(decision, candidates=one)).plane
    assert plane is not None
    assert [p.mark.name for p in plane.points] == ["prompt"]
    assert to_charts(replace(decision, candidates=unknown)).plane is None


def test_the_map_keeps_who_leads_where(charts: Charts, decision: Decision) -> None:
    assert charts.map is not None
    assert decision.crossover is not None
    names = [[charts.map.marks[k].name for k in row] for row in charts.map.winners]
    assert names == [list(row) for row in decision.crossover.winner]
    assert charts.map.title == "hybrid leads where you stand, prompt, small and tuned elsewhere"
    assert charts.map.believed is not None
    assert [a.input for a in charts.map.believed] == ["workload.volume", "workload.errors.cost"]


def test_the_order_is_the_pages(charts: Charts) -> None:
    names = [type(chart).__name__.removesuffix("Chart") for chart in charts.all()]
    assert names == ["Difference", "Bar", "Worth", "Plane", "Fan", "Stacked", "Monthly", "Map"]
    assert len(to_charts(sample.bare()).all()) == 5  # no flips, no map


def test_every_table_is_rectangular(charts: Charts) -> None:
    for chart in charts.all():
        assert chart.table.rows
        assert {len(row) for row in chart.table.rows} == {len(chart.table.head)}
        assert chart.title
        assert chart.text
