"""The pictures of what knowing more is worth and of what was measured: their data, then their drawings."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from breakeven.report.as_json import to_dict, to_json
from breakeven.report.charts import to_charts
from breakeven.report.curve_chart import expected_words
from breakeven.report.drawings.axes import series_class
from breakeven.report.html import to_html
from breakeven.report.page import to_page
from breakeven.report.svg import NARROW, WIDE, draw
from breakeven.report.terminal import to_text
from breakeven.report.worth_chart_types import AcceptabilityChart, OutcomeChart
from tests.report import sample
from tests.report.plots_sample import with_plots
from tests.report.test_style import CSS

WIDTHS = [NARROW, WIDE]
RICH = with_plots(sample.rich())
CHARTS = to_charts(RICH)


def test_there_are_twelve_in_the_order_of_the_page() -> None:
    names = [type(chart).__name__.removesuffix("Chart") for chart in CHARTS.all()]
    assert names == [
        "Difference", "Bar", "Worth", "Outcome", "Acceptability", "Input", "Paired", "Plane", "Fan", "Curve", "Routing",
        "Gain", "Stacked", "Monthly", "Map",
    ]  # fmt: skip
    found = re.findall(r'<section id="([\w-]+)"', to_html(RICH))
    plots = [
        "difference",
        "flips",
        "buy",
        "outcome",
        "acceptability",
        "inputs",
        "paired",
        "plane",
        "fan",
        "curve",
        "routing",
        "gain",
    ]
    assert [name for name in found if name in plots] == plots


def test_worth_stands_beside_what_it_costs() -> None:
    chart = CHARTS.worth
    assert chart is not None
    assert chart.title == "Pilot fine-tune of tuned on 500 labels: worth $3,600, costs $1,880 with the delay"
    assert [row.label for row in chart.rows][-1] == "wait 6 months"
    wait = chart.rows[-1]
    assert (wait.value_usd, wait.delay_usd, wait.net_usd, wait.worth_it) == (
        9_100.0,
        17_800.0,
        -8_700.0,
        False,
    )
    assert [row.net_usd for row in chart.rows if row.cost_usd is None] == [None]


def test_the_outcome_switches_where_its_line_crosses_zero() -> None:
    chart = CHARTS.outcome
    assert chart is not None
    assert [mark.name for mark in chart.marks] == ["small", "hybrid"]
    small, hybrid = chart.lines
    assert not small.any()
    switch = chart.actions[1].low
    assert switch == 0.008
    assert np.interp(switch, chart.values, hybrid) == pytest.approx(0.0, abs=1e-6)
    assert (
        chart.title == "Pilot fine-tune of tuned on 500 labels would change the choice in 64% of its results"
    )
    # Half of the results lie under the middle of a symmetric histogram: +0.8 points.
    assert [row[1] for row in chart.table.rows if row[0] == "50%"] == ["+0.8 points"]


def test_the_lead_changes_hands_where_the_means_cross() -> None:
    chart = CHARTS.acceptability
    assert chart is not None
    assert chart.title == "hybrid takes the lead from prompt where a wrong answer costs about $0.21"
    assert {chart.marks[k].name for k in chart.frontier[:21]} == {"prompt"}
    assert chart.table.head == ("An error costs", "A point is worth", "prompt", "hybrid", "Highest mean")
    assert chart.table.rows[4] == ("$0.20", "$20K", "50%", "50%", "prompt")


def test_inputs_stand_by_what_they_are_worth() -> None:
    chart = CHARTS.inputs
    assert chart is not None
    assert [(r.label, r.raw_usd, r.fair_usd) for r in chart.rows] == [
        ("tuned.quality.gain", 3_900.0, 3_600.0), ("workload.errors.cost", 2_150.0, 2_000.0),
    ]  # fmt: skip


def test_the_forest_holds_both_figures_and_says_why_they_differ() -> None:
    chart = CHARTS.paired
    assert chart is not None
    [row] = chart.rows
    assert (row.raw, row.corrected) == (0.03, 0.01)
    assert (
        chart.title == "On the same 412 cases small is 1.0 points better than prompt; the interval holds zero"
    )
    assert chart.table.rows[0][-1] == "prompt is the best of 14 versions"


def test_the_plane_knows_extended_dominance() -> None:
    # small costs more than prompt and is worse. tuned: 1 point for 20, then hybrid 2 for 10: a mix of prompt and hybrid
    # is better than tuned, so 3 points for 30; selfhost 1 for 10, the same ratio, so hybrid lies on the line.
    status = {row.name: row.status for row in RICH.icers}
    assert status == {"prompt": "frontier", "small": "dominated", "tuned": "extended dominance",
                      "hybrid": "extended dominance", "selfhost": "frontier"}  # fmt: skip
    chart = CHARTS.plane
    assert chart is not None
    assert {p.mark.name for p in chart.points if p.on_frontier} == {"prompt", "selfhost"}
    assert [row.icer for row in to_page(RICH).icers] == ["–", "$10.00", "–", "–", "–"]


def test_routing_and_the_next_version_say_what_they_bring() -> None:
    assert CHARTS.routing is not None
    assert CHARTS.gain is not None
    assert (
        CHARTS.routing.title
        == "Handing 50% of calls from small to prompt brings +$12.00 ± $2.00 per 1,000 calls"
    )
    assert CHARTS.gain.title == "One more version of prompt is worth $750 on average, at most"
    assert CHARTS.gain.table.rows[1] == ("2", "90.0%", "88.0%", "[85.0, 91.0]")


def test_the_learning_curve_says_what_is_planned_and_what_is_extrapolated() -> None:
    # 80% at 50, two points more with each doubling: 86% at 400, 90% at 1,600, and 80 + 2 log2(20) = 88.6% at 1,000.
    chart = CHARTS.curve
    assert chart is not None
    assert chart.title == "small: 86.0% at 400 examples; EXTRAPOLATED to 1,600: 90.0% [89.0, 91.0]"
    assert chart.mark is not None
    assert (chart.mark.name, chart.planned, chart.target) == ("small", 1000, None)
    assert chart.table.rows[3] == ("400", "2", "86.0%", "86.0%", "[85.0, 87.0]", "within the runs")
    assert chart.table.rows[5][3:] == ("88.6%", "[87.6, 89.6]", "EXTRAPOLATED 2.5×, planned")
    [fan] = RICH.learning_curves
    said = "curve: 88.6% [87.6, 89.6] expected at 1,000 examples (EXTRAPOLATED)"
    assert expected_words(fan) == said
    assert said in " ".join(to_text(RICH, width=120).split())
    assert said in to_html(RICH)
    far = replace(fan, planned=9000.0, expected=None)
    assert expected_words(far) == "curve: nothing is told of 9,000 examples by runs of 50 to 400"
    assert expected_words(replace(fan, planned=None, expected=None)) == ""
    assert " (EXTRAPOLATED)" not in expected_words(replace(fan, planned=400.0, expected=fan.marked[3]))


@pytest.mark.parametrize("width", WIDTHS)
def test_the_plan_is_marked_and_what_is_extrapolated_is_dashed(width: int) -> None:
    assert CHARTS.curve is not None
    svg = ElementTree.fromstring(draw(CHARTS.curve, width=width, ident="x"))
    words = [text.text or "" for text in svg.iter("text")]
    assert "planned 1,000" in words
    assert any(word.startswith("EXTRAPOLATED") for word in words)
    assert "88.6%" in words  # the plan's figure stays where others give way
    [dashed] = [g for g in svg.iter("g") if g.get("stroke-dasharray")]
    assert CHARTS.curve.mark is not None
    assert dashed.get("class") == series_class(CHARTS.curve.mark)
    lines = [e for e in svg if e.get("class") == "mark"]
    [runs_end, planned] = [float(e.get("x1", "nan")) for e in lines]
    [hollow] = [float(e.get("cx", "")) for e in svg.iter("circle") if e.get("cx") == lines[1].get("x1")]
    assert hollow == planned > runs_end


def test_the_curve_of_the_answer_goes_before_others() -> None:
    answer = RICH.recommendation.candidate
    both = (*RICH.learning_curves, replace(RICH.learning_curves[0], candidate=answer))
    chart = to_charts(replace(RICH, learning_curves=both)).curve
    assert chart is not None
    assert chart.title.startswith(f"{answer}: ")
    assert [fan["candidate"] for fan in to_dict(replace(RICH, learning_curves=both))["learning_curves"]] == [
        "small",
        answer,
    ]


def test_what_is_not_there_is_a_line_and_no_frame() -> None:
    absent = {row.title: row.says for row in to_page(sample.rich()).absent}
    assert list(absent) == [
        "A result and what to do", "Best at each price of an error", "What knowing one input is worth",
        "Accuracy on the same cases", "Learning curve", "Routing", "Next iteration",
    ]  # fmt: skip
    assert "versions" in absent["Next iteration"]
    assert "`curve: evidence/curve.json`" in absent["Learning curve"]
    assert to_page(RICH).absent == ()
    html = to_html(sample.rich())
    assert "paired-figure" not in html
    assert "Accuracy on the same cases" in html


def test_one_world_has_no_chances() -> None:
    bare = to_page(sample.bare())
    assert [row.title for row in bare.absent] == ["Chances"]
    assert not bare.buy


# Drawings.


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("make", [sample.rich, sample.hostile])
def test_every_picture_is_well_formed_and_inside_its_frame(make, width: int) -> None:
    for chart in to_charts(with_plots(make())).all():
        drawing = draw(chart, width=width, ident="x")
        svg = ElementTree.fromstring(drawing)
        height = float(svg.get("height", ""))
        assert not re.search(r'="-?(nan|inf)"|[ML ](nan|inf)', drawing)
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
def test_names_are_text_and_never_markup(width: int) -> None:
    evil = '</svg><img src=x onerror=alert(2)>"\x1b[31m\u202e'
    renamed = {evil if n == "small" else n: replace(c, name=evil) if n == "small" else c
               for n, c in RICH.candidates.items()}  # fmt: skip
    assert RICH.routing is not None
    decision = replace(
        RICH, candidates=renamed, routing=replace(RICH.routing, small=evil),
        learning_curves=tuple(replace(fan, candidate=evil, file=evil) for fan in RICH.learning_curves),
        differences=tuple(replace(x, candidate=evil) for x in RICH.differences),
        buy_next=tuple(
            replace(p, what=evil, rule=tuple(replace(b, candidate=evil) for b in p.rule),
                    outcome=p.outcome and replace(p.outcome, words=evil, names=("hybrid", evil), leader="hybrid"))
            for p in RICH.buy_next
        ),
        evppi=tuple(replace(w, input=evil) for w in RICH.evppi),
    )  # fmt: skip
    charts = to_charts(replace(decision, crossover=None))
    assert None not in (charts.routing, charts.outcome, charts.paired, charts.inputs, charts.curve)
    for chart in charts.all():
        drawing = draw(chart, width=width)
        ElementTree.fromstring(drawing)
        assert "<img" not in drawing
        assert "\x1b" not in drawing


def test_every_class_is_styled() -> None:
    drawn = "".join(draw(chart, width=width) for chart in CHARTS.all() for width in WIDTHS)
    used = {word for classes in re.findall(r'class="([^"]*)"', drawn) for word in classes.split()}
    assert {css for css in used if f".{css}" not in CSS} == set()


def test_the_switch_is_drawn_where_the_lines_meet() -> None:
    assert isinstance(CHARTS.outcome, OutcomeChart)
    svg = ElementTree.fromstring(draw(CHARTS.outcome, width=WIDE, ident="x"))
    [mark] = [e for e in svg if e.get("class") == "mark"]
    lines = [e for g in svg.findall("g") for e in g if e.get("class") == "line"]
    flat, rising = (
        np.array([[float(v) for v in p.split()] for p in e.get("d", "")[1:].split("L")]) for e in lines
    )
    assert np.ptp(flat[:, 1]) == 0
    crossing = np.interp(-flat[0, 1], -rising[:, 1], rising[:, 0])  # up is less
    assert float(mark.get("x1", "")) == pytest.approx(crossing, abs=0.3)


def test_the_broad_line_follows_the_leader() -> None:
    assert isinstance(CHARTS.acceptability, AcceptabilityChart)
    svg = ElementTree.fromstring(draw(CHARTS.acceptability, width=WIDE, ident="x"))
    runs = [e.get("d", "").count("L") + 1 for e in svg if e.get("class") == "leads"]
    assert runs == [21, 20]  # prompt up to $0.20, hybrid from $0.21


# Other formats.


def test_the_terminal_tells_of_waiting_and_of_the_evidence() -> None:
    text = to_text(RICH, width=120)
    assert "(info +$9,100, delay −$17.8K)" in text
    said = " ".join(text.split())
    assert "14 iterations, optimism-corrected by 1.2 points; sealed cases opened 2 times" in said
    assert all(len(line) <= 80 for line in to_text(RICH, width=80).splitlines())


def test_json_holds_the_figures_behind_the_pictures() -> None:
    found = to_dict(RICH)
    assert [a["over"] for a in found["acceptability"]] == ["error cost", "value per point"]
    assert found["acceptability"][0]["p_best"]["hybrid"][-1] == 1.0
    assert found["waiting"][1] == {
        "months": 6, "net_usd": -8_700.0, "information_usd": 9_100.0, "delay_usd": -17_800.0,
        "standard_error_usd": 400.0, "p_changes": 0.2, "then": "hybrid",
    }  # fmt: skip
    assert found["icers"][1]["usd_per_point"] == 10.0
    assert found["measured_differences"][0]["raw"] == {"difference": 0.03, "p05": -0.01, "p95": 0.07}
    assert found["evidence"][0]["sealed_openings"] == 2
    assert found["routing"]["value_usd_per_1000_calls"] == 12.0
    assert found["next_iteration"]["value_usd"] == 750.0
    assert found["buy_next"][0]["outcome"]["leader"] == "small"
    [curve] = found["learning_curves"]
    assert (curve["candidate"], curve["file"], curve["level"]) == ("small", "evidence/curve.json", 0.9)
    assert (curve["planned_examples"], curve["largest"], curve["farthest"]) == (1000, 400, 1600)
    assert curve["expected"]["extrapolated"] is True
    assert curve["runs"][0] == {"size": 50, "score": pytest.approx(0.80)}
    to_json(RICH)
