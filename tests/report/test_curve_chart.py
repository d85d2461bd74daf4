"""The learning curve's chart: what was run is drawn as run, and what was not is dashed and says so."""

from __future__ import annotations

import math
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner

from breakeven.cli.eval_curve import curve
from breakeven.report.curve_chart import CurveChart, to_curve_chart
from breakeven.report.curve_html import curve_html, curve_svg
from breakeven.report.drawings.curve import draw_curve
from breakeven.report.svg import NARROW, WIDE
from breakeven.statistics.learning_curve import fit_learning_curve

RUNS = [(float(n), 0.95 - 4 / n**0.5 + 0.01 * k) for n in (100, 200, 400, 800) for k in (0, 1)]


@pytest.fixture(scope="module")
def chart() -> CurveChart:
    fitted = fit_learning_curve(*zip(*RUNS, strict=True))
    rng = np.random.default_rng(0)
    forecasts = {size: fitted.at(size, rng) for size in (800, 1600, 3200)}
    return to_curve_chart(RUNS, fitted, forecasts, fitted.reach(0.86, rng), rng, level=0.9)


def test_the_chart_is_data_first(chart: CurveChart) -> None:
    assert [p.size for p in chart.marked] == [100, 200, 400, 800, 1600, 3200]
    assert [p.extrapolated for p in chart.marked] == [False] * 4 + [True] * 2
    assert chart.band[-1].size == pytest.approx(3200)
    assert all(p.low <= p.value <= p.high for p in (*chart.band, *chart.marked))
    assert chart.largest in {p.size for p in chart.band}
    assert "EXTRAPOLATED to 3,200" in chart.title
    assert [row[-1] for row in chart.table.rows][-2:] == ["EXTRAPOLATED 2×", "EXTRAPOLATED 4×"]
    assert chart.table.rows[0][1:3] == ("2", "55.5%")
    assert chart.text.count("EXTRAPOLATED") == 2


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_beyond_the_runs_it_is_dashed_named_and_inside_its_frame(chart: CurveChart, width: int) -> None:
    svg = ElementTree.fromstring(str(draw_curve(chart, width, "x")))
    [dashed] = [g for g in svg.iter("g") if g.get("stroke-dasharray")]
    [solid] = [
        e for g in svg.findall("g") if not g.get("stroke-dasharray") for e in g if e.get("class") == "line"
    ]

    def ends(element: ElementTree.Element) -> tuple[float, float]:
        xs = [float(n) for n in re.findall(r"[ML](-?[\d.]+) ", element.get("d", ""))]
        return min(xs), max(xs)

    middle = next(e for e in dashed if e.get("class") == "line")
    assert ends(solid)[1] == pytest.approx(ends(middle)[0])
    # On a scale in which each doubling is as wide: 800 to 3,200 is two of five doublings.
    assert (ends(middle)[1] - ends(middle)[0]) / (ends(middle)[1] - ends(solid)[0]) == pytest.approx(
        2 / 5, abs=0.01
    )
    assert any("EXTRAPOLATED" in (text.text or "") for text in svg.iter("text"))
    assert len([e for e in svg.iter("circle") if e.get("class") == "dot"]) == len(RUNS)
    assert len([e for e in svg.iter("circle") if e.get("class") == "dot hollow"]) == 2
    for circle in svg.iter("circle"):
        assert 0 <= float(circle.get("cx", "nan")) <= width
    assert all(math.isfinite(float(e.get("y1", "0"))) for e in svg.iter("line"))


def test_the_file_stands_alone_and_the_page_escapes(chart: CurveChart) -> None:
    alone = curve_svg(chart)
    root = ElementTree.fromstring(alone)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "--paper" in alone
    assert ".hollow" in alone
    assert "<script" not in alone
    page = curve_html(chart, source="<b>runs</b>", limits=["<i>"])
    assert "&lt;b&gt;runs" in page
    assert "<i>" not in page


@pytest.mark.parametrize("suffix", ["svg", "html"])
def test_the_command_writes_it(tmp_path: Path, suffix: str) -> None:
    table = tmp_path / "runs.csv"
    table.write_text("\n".join(["size,score", *(f"{n},{s}" for n, s in RUNS)]) + "\n")
    words = ["--table", str(table), "-o", str(tmp_path / f"curve.{suffix}"), "--target", "86%"]
    ran = CliRunner().invoke(curve, words, catch_exceptions=False)
    assert f"Wrote {tmp_path}/curve.{suffix}" in ran.output
    assert "EXTRAPOLATED" in (tmp_path / f"curve.{suffix}").read_text("utf-8")
    refused = CliRunner().invoke(curve, [*words[:3], str(tmp_path / "curve.png")])
    assert refused.exit_code == 2
    assert "ends in .svg or .html" in refused.output
