"""Two scenarios on the same scales."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from breakeven.advice.decide import decide
from breakeven.report.alike import alike
from breakeven.report.chart_types import Charts
from breakeven.report.charts import to_charts
from breakeven.report.drawings.fan import fan_top
from breakeven.report.svg import draw
from breakeven.study import parse_study

STUDY = """\
name: Small
start: 2026-12
workload: {{task: sentiment-classification, volume: {volume}, errors: {{cost: $0.10}},
  tokens: {{static: 400, input: 100, output: 20}}}}
today: prompt
candidates:
  prompt: {{kind: prompt, model: openai/gpt-4.1, quality: 90%..94%}}
  mini: {{kind: prompt, model: openai/gpt-4.1-mini, build: 10..20 hours, quality: 85%..95%}}
  tiny: {{kind: prompt, model: openai/gpt-4.1-mini, build: 10..30 hours, quality: 70%..90%}}
"""


def charts(volume: str) -> Charts:
    study = parse_study(STUDY.format(volume=volume), today=dt.date(2026, 11, 22))
    return to_charts(decide(study, draws=400))


def ticks(drawing: str) -> list[tuple[str, ...]]:
    return re.findall(r'<text x="([\d.-]+)" y="([\d.-]+)" class="tick"[^>]*>([^<]*)<', drawing)


@pytest.mark.parametrize("kind", ["fan", "difference"])
def test_the_axes_are_the_same_and_hold_both(kind: str) -> None:
    small, large = charts("100K calls/month"), charts("1M calls/month")
    apart = [ticks(draw(getattr(one, kind))) for one in (small, large)]
    assert apart[0] != apart[1]
    one, two = alike(small, large)
    together = [ticks(draw(getattr(each, kind))) for each in (one, two)]
    assert together[0] == together[1]
    assert len(together[0]) >= 3


def test_the_scale_is_that_of_the_larger_one() -> None:
    small, large = charts("100K calls/month"), charts("1M calls/month")
    one, two = alike(small, large)
    assert one.fan.top_usd == two.fan.top_usd == fan_top(large.fan.series)
    assert draw(two.fan) == draw(large.fan)
    assert draw(one.fan) != draw(small.fan)


def test_rows_stand_in_the_order_of_the_first() -> None:
    first = charts("100K calls/month")
    assert first.difference is not None
    turned = replace(first, difference=replace(first.difference, rows=first.difference.rows[::-1]))
    one, two = alike(first, turned)
    assert one.difference is not None
    assert two.difference is not None
    names = [row.mark.name for row in one.difference.rows]
    assert [row.mark.name for row in two.difference.rows] == names


def test_one_candidate_alone_has_no_difference_to_draw() -> None:
    first = charts("100K calls/month")
    one, two = alike(replace(first, difference=None), first)
    assert one.difference is None
    assert two.difference == first.difference
