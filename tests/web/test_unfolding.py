"""Every figure of the decision page unfolds: found by its look in the rendered text, not by a list of names."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from breakeven.advice.decision import Decision
from breakeven.errors import UnknownFigureError
from breakeven.report.unfolding import unfold
from breakeven.study.model import Study
from breakeven.web.linking import linked
from breakeven.web.shown import full_parts, quick_parts
from breakeven.web.whatif import WhatIf
from tests.web.conftest import ROOT, setting
from tests.web.test_routes import SEEN, ask

EXAMPLES = ("loan-documents", "with-evals", "retiring-base", "small-classifier", "with-training-data")
LOOKS_LIKE_A_FIGURE = re.compile(r"\$\s?\d|\d\s?%|(?<![\w.:$/-])\d+(?:[.,]\d+)*[KMB]?(?![\w:]|-\d|\.\d)")
"""Money, a percentage, or a number that stands alone: looser than the pattern by which figures are made links."""
NO_FIGURE = re.compile(r"90% intervals?|90%:|, 90%$|\b\d{4}-\d\d-\d\d\b|\b0\d\d\b|\d/12\b")
"""What such a number means everywhere: an interval's level, a date, a document's number, a month of the year."""


class Reader(HTMLParser):
    """The texts of a page: (address of the link that they stand in or None, whether it says no figure, text)."""

    LEFT = frozenset({"code", "bdi", "svg", "summary", "script", "style"})
    VOID = frozenset({"br", "img", "input", "hr", "meta", "link"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str | None, bool]] = []
        self.texts: list[tuple[str | None, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.VOID:
            return
        said = dict(attrs)
        _, link, plain = self.open[-1] if self.open else ("", None, False)
        plain = tag in self.LEFT or (said["data-about"] == "" if "data-about" in said else plain)
        self.open.append((tag, said.get("data-figure", link), plain))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        _, link, plain = self.open[-1] if self.open else ("", None, False)
        if not plain or link:
            self.texts.append((link, data.strip()))


def read(html: str) -> list[tuple[str | None, str]]:
    reader = Reader()
    reader.feed(html)
    return reader.texts


def without_an_unfold(html: str) -> list[str]:
    return [
        text
        for link, text in read(html)
        if link is None and LOOKS_LIKE_A_FIGURE.search(NO_FIGURE.sub("", text))
    ]


@cache
def decided(name: str) -> tuple[Decision, Study]:
    folder = ROOT / "examples" / name
    whatif = WhatIf(setting=setting(folder, draws=1200))
    text = (folder / "breakeven.yaml").read_text("utf-8")
    return whatif.full(text), whatif.study(text)


@cache
def shown(name: str) -> str:
    return "".join(full_parts(decided(name)[0], {}).values())


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_figure_that_is_printed_unfolds(name: str) -> None:
    assert without_an_unfold(shown(name)) == []


@pytest.mark.parametrize("name", EXAMPLES[1:4:2])
def test_every_unfold_tells_formula_inputs_and_draws(name: str) -> None:
    decision, study = decided(name)
    addresses = {link for link, _ in read(shown(name)) if link}
    assert len(addresses) > 30
    made_of: set[str] = set()
    for address in addresses:
        found = unfold(decision, study, address)
        assert found.title
        assert found.formula or (found.tree and found.tree.formula), address
        assert found.method or found.inputs, address
        for row in (*found.inputs, *found.points):
            assert row.value
            assert row.kind in ("measured", "quoted", "published", "stated", "guess", "not stated")
        made_of |= {made.figure for made in found.made_of}
        if address.split(".")[0] in ("buy", "flips", "evppi", "recommendation", "evpi"):
            assert found.inputs or found.numbers, address
    for address in made_of - addresses:  # what a figure is made of unfolds in its turn
        assert unfold(decision, study, address).title


def test_every_figure_of_the_page_as_it_is_served_unfolds(address: str) -> None:
    status, html = ask(address)
    assert status == 200
    assert without_an_unfold(html[html.index("<main") : html.index("</main>")]) == []
    assert "data-figure=" in html


def test_every_figure_of_two_scenarios_unfolds_and_what_differs_does(address: str) -> None:
    said = ask(f"{address}/compare", {"seen": SEEN, "changes": [["workload.volume", "4M calls/month"]]})[1]
    assert without_an_unfold(said["html"]) == []
    addresses = {link for link, _ in read(said["html"]) if link}
    assert "difference.candidates.tuned.cost_usd" in addresses
    for figure in sorted(addresses):
        body = {"seen": SEEN, "changes": [["workload.volume", "4M calls/month"]], "figure": figure}
        status, unfolded = ask(f"{address}/unfold", body)
        assert (status, bool(unfolded["html"])) == (200, True), figure


def test_a_new_figure_without_an_unfold_would_be_found() -> None:
    assert without_an_unfold("<p>It costs $3,400 a month.</p>") == ["It costs $3,400 a month."]
    assert without_an_unfold(linked('<p data-about="evpi">It costs $3,400 a month.</p>')) == []
    assert without_an_unfold("<td>−12.5%</td>") != []


def test_names_dates_and_references_are_no_figures() -> None:
    html = (
        '<p data-about="evpi">gpt-4.1 of 2026-12-01, 90% interval, breakeven.yaml:40, document 003, 5th, '
        "and nothing else to be counted here</p>"
    )
    assert linked(html) == html


def test_a_hostile_address_stays_text() -> None:
    made = linked('<p data-about="candidates.&lt;b&gt;&#34;x.cost_usd">$5</p>')
    assert 'data-figure="candidates.&lt;b&gt;&#34;x.cost_usd"' in made
    assert "<b>" not in made
    assert "%3Cb%3E" in made


def test_purchases_unfold_singly() -> None:
    decision, study = decided("retiring-base")
    parts = {
        address for address, _ in read(shown("retiring-base")) if address and address.startswith("buy.0.")
    }
    assert {"buy.0.value", "buy.0.cost", "buy.0.delay", "buy.0.net"} <= parts
    value = unfold(decision, study, "buy.0.value")
    assert dict(value.shown)["Monte Carlo error"].startswith("±$")
    assert "EVSI" in value.formula
    cost = unfold(decision, study, "buy.0.cost")
    assert cost.inputs
    net = unfold(decision, study, "buy.0.net")
    assert [made.figure for made in net.made_of] == ["buy.0.value", "buy.0.cost", "buy.0.delay"]


def test_the_chance_of_a_flip_names_its_input_and_source() -> None:
    decision, study = decided("with-evals")
    flip = next(f for f in decision.flips if f.p > 0)
    chance = unfold(decision, study, f"flips.{flip.input}.{flip.direction}.p")
    assert chance.inputs[0].input == flip.input
    assert dict(chance.shown)["Chance"] in ("<1%", f"{flip.p:.0%}")
    at = unfold(decision, study, f"flips.{flip.input}.{flip.direction}.at")
    assert dict(at.shown)["Then leads"] == flip.to
    assert "draws, seed 0" in " ".join(at.method)


def test_a_chance_says_how_many_draws_it_is_counted_from() -> None:
    decision, study = decided("with-evals")
    name = decision.recommendation.candidate
    found = unfold(decision, study, f"candidates.{name}.p_best")
    p = decision.recommendation.p_best
    assert found.numbers == f"{p * 1200:,.0f} of 1,200 draws"
    # One standard error of a share of n draws: √(p(1−p)/n).
    error = 100 * (p * (1 - p) / 1200) ** 0.5
    assert dict(found.shown)["Monte Carlo error"] == f"±{error:.2g} points"


def test_another_figure_is_refused() -> None:
    decision, study = decided("with-evals")
    for address in (
        "buy.99.value",
        "buy.x",
        "flips.no.such.below.p",
        "candidates.nobody.cost_usd",
        "chart.no",
        "x",
    ):
        with pytest.raises(UnknownFigureError):
            unfold(decision, study, address)


def test_a_quick_look_unfolds_too() -> None:
    folder = ROOT / "examples" / "with-evals"
    whatif = WhatIf(setting=setting(folder))
    quick = whatif.quick((folder / "breakeven.yaml").read_text("utf-8"))
    assert without_an_unfold("".join(quick_parts(quick, {}).values())) == []


def test_templates_hold_no_figure_of_their_own() -> None:
    """``data-about=""`` exempts: only sources, formulas and captions may say so."""
    folder = Path(ROOT / "src" / "breakeven")
    exempt = [
        line.strip()
        for file in sorted(folder.glob("*/templates/**/*.j2"))
        for line in file.read_text("utf-8").splitlines()
        if 'data-about=""' in line and not line.lstrip().startswith("{#")
    ]
    assert len(exempt) <= 10
    for line in exempt:
        assert re.search(
            r"figcaption|f\.formula|describe|Source|id=\"how\"|gate\.gate|class=\"(ends|about)\"", line
        ), line
