"""Two pages: the answer in their text, letters and drawings as vectors, and fonts that come with the file."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from breakeven.advice.decision import Decision
from breakeven.errors import MissingExtraError
from breakeven.report.page import to_page
from breakeven.report.pdf import to_pdf
from tests.report import sample


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


def test_text_from_outside_is_set_as_it_is() -> None:
    markup = '#panic("no") *bold* $x$ \\ `code` <a> @ref [b] #sys.inputs = Heading // comment'
    decision = sample.rich()
    answer = replace(decision.recommendation, headline=markup, reasons=(markup, markup))
    _, text = read(replace(decision, study=markup, recommendation=answer))
    assert words(text).count(words(markup)) == 4


def test_the_same_decision_gives_the_same_file() -> None:
    assert to_pdf(sample.rich()) == to_pdf(sample.rich())


def test_drawings_keep_no_variable_of_the_page() -> None:
    from breakeven.report import pdf

    style = pdf._drawing_style()
    assert "var(" not in style
    assert "@media" not in style
    assert "fill:#000" in style  # ink on paper
    assert pdf._colour("paper") == "#fff"


def test_it_comes_with_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtraError, match=r"breakeven\[report\]"):
        to_pdf(sample.bare())
