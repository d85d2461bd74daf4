"""Two pages: the answer in their text, letters and drawings as vectors, and fonts that come with the file."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from breakeven.advice.decide import decide
from breakeven.advice.decision import Decision
from breakeven.errors import MissingExtraError
from breakeven.report import pdf
from breakeven.report.charts import to_charts
from breakeven.report.page import to_page
from breakeven.report.pdf import to_pdf
from breakeven.study import open_study
from tests.report import sample

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def long_winded() -> Decision:
    """Far more of everything than two pages hold."""
    d = sample.rich()
    names = [f"candidate-with-a-name-that-does-not-break-{k}-" + "x" * 60 for k in range(14)]
    first = next(iter(d.candidates.values()))
    more = {name: replace(first, name=name) for name in names}
    answer = replace(
        d.recommendation, headline="A long answer. " * 30, reasons=("A reason that goes on. " * 25,) * 9
    )
    return replace(
        d, study="A study " * 40, candidates={**d.candidates, **more}, recommendation=answer,
        rules=tuple(replace(rule, because="because of this and that, " * 30) for rule in d.rules) * 6,
        assumptions=d.assumptions * 9,
    )  # fmt: skip


SAMPLES: dict[str, Callable[[], Decision]] = {
    "rich": sample.rich,
    "bare": sample.bare,
    "hostile": sample.hostile,
    "long": long_winded,
}


def words(text: str) -> str:
    return re.sub(r"\s|\u200b", "", text)


def read(decision: Decision) -> tuple[PdfReader, str]:
    reader = PdfReader(BytesIO(to_pdf(decision)))
    return reader, "\n".join(page.extract_text() for page in reader.pages)


@pytest.mark.parametrize("name", SAMPLES)
def test_there_are_two_pages_without_a_picture_and_with_their_fonts(name: str) -> None:
    reader, _ = read(SAMPLES[name]())
    assert len(reader.pages) == 2
    for page in reader.pages:
        assert list(page.images) == []
        assert page.mediabox[2:] == pytest.approx([595.28, 841.89], abs=0.1)
        resources: Any = page["/Resources"]
        fonts = [font.get_object() for font in resources["/Font"].values()]
        inner = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for font in fonts]
        assert inner
        assert all("/FontFile3" in font or "/FontFile2" in font for font in inner)
        assert all("Libertinus" in font["/FontName"] or "DejaVu" in font["/FontName"] for font in inner)


@pytest.mark.parametrize("name", ["rich", "bare", "hostile"])
def test_the_answer_and_its_reasons_can_be_read(name: str) -> None:
    decision = SAMPLES[name]()
    page, (reader, text) = to_page(decision), read(decision)
    assert words(page.answer) in words(text)
    assert all(words(reason) in words(text) for reason in page.reasons[:2])
    assert words(page.footer[-1]) in words(text)
    assert reader.metadata is not None
    assert words(str(reader.metadata.title)) == words(page.study)


def test_of_many_candidates_the_answer_todays_and_the_best_are_drawn() -> None:
    decision = long_winded()
    page = to_page(decision)
    drawn = pdf._fewer(to_charts(decision), page)
    assert drawn.difference is not None
    for names in ([s.mark.name for s in drawn.fan.series], [b.mark.name for b in drawn.stacked.bars]):
        assert len(names) == pdf.DRAWN
        assert {page.recommended, page.today} <= set(names)
    assert {r.mark.name for r in drawn.difference.rows} <= {s.mark.name for s in drawn.fan.series}
    assert words("11 more in the full report") in words(read(decision)[1])


def test_a_learning_curve_is_drawn_and_told_on_the_second_page() -> None:
    study = open_study(EXAMPLES / "small-classifier", today=dt.date(2026, 11, 22))
    decision = decide(study, draws=200)
    reader, _ = read(decision)
    assert len(reader.pages) == 2
    second = words(reader.pages[1].extract_text())
    chart = to_charts(decision).curve
    assert chart is not None
    assert words(chart.title) in second
    for size, *_, one_run, interval, basis in chart.table.rows[-4:]:
        assert words(size + one_run + interval + basis) in second
    assert "Learningcurve" not in words(read(sample.rich())[1])


def test_text_from_outside_is_set_as_it_is() -> None:
    markup = '#panic("no") *bold* $x$ \\ `code` <a> @ref [b] #sys.inputs = Heading // comment'
    decision = sample.rich()
    answer = replace(decision.recommendation, headline=markup, reasons=(markup, markup))
    _, text = read(replace(decision, study=markup, recommendation=answer))
    assert words(text).count(words(markup)) == 4


def test_the_same_decision_gives_the_same_file() -> None:
    assert to_pdf(sample.rich()) == to_pdf(sample.rich())


def test_drawings_keep_no_variable_of_the_page() -> None:
    style = pdf._drawing_style()
    assert "var(" not in style
    assert "@media" not in style
    assert "fill:#000" in style  # ink on paper
    assert pdf._colour("paper") == "#fff"


def test_it_comes_with_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtraError, match=r"breakeven\[report\]"):
        to_pdf(sample.bare())
