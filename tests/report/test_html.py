"""The HTML report: one file that asks for nothing, runs nothing, and shows names as names."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breakeven.report.html import to_html
from breakeven.report.text import clean
from tests.report import sample

VOID = {"meta", "link", "br", "hr", "img", "input"}
MAKES = [sample.rich, sample.bare, sample.hostile]


class Reader(HTMLParser):
    """Collects elements, attributes and text; notes tags that do not pair."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.unpaired: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.unpaired.append(tag)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.open[-1] if self.open else "", data.strip()))

    def of(self, tag: str) -> list[str]:
        return [text for where, text in self.texts if where == tag]


@pytest.mark.parametrize("make", MAKES)
def test_tags_pair_and_ids_are_unique(make) -> None:
    page = Reader(to_html(make()))
    assert page.unpaired == []
    assert page.open == []
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("make", MAKES)
def test_nothing_is_fetched_and_nothing_runs(make) -> None:
    html = to_html(make())
    page = Reader(html)
    assert set(page.tags) & {"script", "link", "img", "iframe", "object", "embed", "form", "base"} == set()
    assert "<script" not in html
    for _tag, name, value in page.attributes:
        assert not name.startswith("on")
        assert "://" not in value
        if name in {"href", "src", "xlink:href"}:
            assert value.startswith("#")
        assert "url(" not in value or value.startswith("url(#")
    style = re.findall(r"<style>(.*?)</style>", html, flags=re.S)
    assert len(style) == 1
    assert "@import" not in style[0]
    assert "url(" not in style[0]


def test_the_browser_is_told_to_fetch_nothing() -> None:
    page = Reader(to_html(sample.rich()))
    policy = next(value for _, name, value in page.attributes if name == "content" and "default-src" in value)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_hostile_names_are_shown_as_they_are() -> None:
    html = to_html(sample.hostile())
    page = Reader(html)
    assert page.of("bdi")[0] == "<script>alert(1)</script>[red]"
    assert any("</svg><img src=x onerror=alert(2)>" in text for _, text in page.texts)
    assert any(text == "</details><style>*{display:none}</style> next line" for text in page.of("li"))
    assert "\x1b" not in html
    assert "\u202e" not in html


@settings(max_examples=20)
@given(st.text(st.characters(), min_size=1, max_size=60))
def test_any_name_can_be_a_study(name: str) -> None:
    html = to_html(replace(sample.bare(), study=name))
    page = Reader(html)
    assert page.unpaired == []
    assert "script" not in page.tags
    assert " ".join(page.of("bdi")[:1]) == clean(name)
    html.encode("utf-8")


@pytest.mark.parametrize("make", MAKES)
def test_links_lead_to_sections_that_are_there(make) -> None:
    page = Reader(to_html(make()))
    ids = {value for _, name, value in page.attributes if name == "id"}
    links = [value for _, name, value in page.attributes if name == "href"]
    assert links
    assert {link.removeprefix("#") for link in links} <= ids
    labels = [
        word for _, name, value in page.attributes if name == "aria-labelledby" for word in value.split()
    ]
    assert set(labels) <= ids


def test_the_order_is_answer_first_and_arithmetic_last() -> None:
    html = to_html(sample.rich())
    order = [
        "answer", "confidence", "difference", "candidates", "flips", "buy", "plane", "fan", "absent", "lines", "map",
        "rules", "gates", "evidence", "assumptions", "not-counted", "how",
    ]  # fmt: skip
    assert re.findall(r'<section id="([\w-]+)"', html) == order


def test_every_figure_unfolds_to_its_formula_and_its_numbers() -> None:
    html = to_html(sample.rich())
    figures = re.findall(r"<figure.*?</figure>", html, flags=re.S)
    assert len(figures) == 8
    for figure in figures:
        assert figure.count("<svg") == 2
        assert "<details>" in figure
        assert "<table" in figure


def test_what_stands_between_backticks_is_code_and_nothing_else_is() -> None:
    rich = sample.rich()
    rule = replace(rich.rules[0], because="state `facts.ml_team`, not `<b>` or </div>")
    html = to_html(replace(rich, rules=(rule,)))
    assert "state <code>facts.ml_team</code>, not <code>&lt;b&gt;</code> or &lt;/div&gt;" in html


def test_rules_that_cannot_tell_and_inputs_without_a_range_are_folded() -> None:
    rich = sample.rich()
    stated = tuple(
        replace(a, low=a.centre, high=a.centre) if a.input == "workload.volume" else a
        for a in rich.assumptions
    )
    html = to_html(replace(rich, assumptions=stated))
    summaries = re.findall(r"<summary>(.*?)</summary>", html)
    assert "1 cannot tell, for want of facts" in summaries
    assert "1 about inputs that the study states without a range" in summaries


def test_the_cost_lines_of_the_study_show_their_formulas() -> None:
    html = to_html(sample.rich())
    assert "<dt>18 Hosting</dt>" in html
    assert "<dt>29 " not in html


def test_the_page_is_small() -> None:
    assert len(to_html(sample.rich()).encode()) < 300_000


def test_one_world_shows_no_probability() -> None:
    html = to_html(sample.bare())
    assert "P(best)</th>" not in html
    assert "of draws" not in re.sub(r'<section id="how".*', "", html, flags=re.S).replace(
        "share of draws", ""
    )
    assert "EXTRAPOLATED" in html


def test_extrapolation_is_in_capitals() -> None:
    html = to_html(sample.rich())
    assert (
        "<strong>EXTRAPOLATED</strong> Nobody has measured the quality of tuned, hybrid and selfhost" in html
    )
