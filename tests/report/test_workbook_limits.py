"""What Excel refuses or repairs when it opens a workbook: none of it is in ours, whatever the study holds.

The limits are those of Excel 2007 and later, as its maker states them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import openpyxl
import pytest

from breakeven.advice.decide import decide
from breakeven.report.workbook import to_workbook
from breakeven.report.workbook.sheets import figure_format, kind_format
from tests.report import test_workbook as plain
from tests.report.test_workbook_recalculated import ALL, opened

STUDIES = (ALL, "with-evals", "hostile", "enormous")
FUNCTION = re.compile(r"([A-Z][A-Z0-9.]*)\(")
CELL = re.compile(r"(?i)([a-z]{1,3}\d{1,7}|r\d*(c\d*)?|c\d*|true|false)")


@pytest.fixture(scope="module", params=STUDIES)
def data(request: pytest.FixtureRequest) -> bytes:
    if request.param == "hostile":
        study = plain.hostile()
    elif request.param == "enormous":
        study = replace(opened("support-chatbot"), name="An enormous name 𝔘𝔫𝔦 " * 4000)
    else:
        study = opened(request.param)
    return to_workbook(study, decide(study, draws=1))


def parts(data: bytes, folder: str) -> Iterator[ElementTree.Element]:
    with ZipFile(BytesIO(data)) as files:
        for name in files.namelist():
            if name.startswith(folder) and name.endswith(".xml"):
                yield ElementTree.fromstring(files.read(name))


def formulas(data: bytes) -> list[str]:
    book = openpyxl.load_workbook(BytesIO(data))
    found = [c.value for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    assert all(isinstance(formula, str) for formula in found)  # an array formula would be an object
    return found


def bare(formula: str) -> str:
    """The formula without what stands between quotes."""
    return re.sub(r"'(?:[^']|'')*'|\"[^\"]*\"", "", formula)


def depth(formula: str) -> tuple[int, int]:
    """How deep functions stand in each other, and the most arguments that one has."""
    open_, deepest, most = list[tuple[bool, int]](), 0, 0
    for found in re.finditer(r"[A-Z][A-Z0-9.]*\(|[(),]", bare(formula)):
        text = found[0]
        if text == ")":
            most = max(most, open_.pop()[1])
        elif text == ",":
            open_[-1] = (open_[-1][0], open_[-1][1] + 1)
        else:
            open_.append((len(text) > 1, 1))
        deepest = max(deepest, sum(is_function for is_function, _ in open_))
    assert not open_
    return deepest, most


def test_every_formula_is_one_that_excel_takes(data: bytes) -> None:
    found = formulas(data)
    assert len(found) > 300
    for formula in found:
        assert len(formula) <= 8192
        assert all(len(text) <= 257 for text in re.findall(r'"[^"]*"', formula))
        assert "@" not in bare(formula)
        assert "{" not in formula
        assert "#REF" not in formula
        assert "_xl" not in formula
        levels, arguments = depth(formula)
        assert levels <= 64
        assert arguments <= 255
    assert {name for formula in found for name in FUNCTION.findall(bare(formula))} <= plain.FUNCTIONS


def test_every_number_in_a_formula_is_one_that_excel_reads(data: bytes) -> None:
    """Fifteen digits, with a point, of a size that a cell can have."""
    numbers = [
        float(text)
        for formula in set(formulas(data))
        for text in re.findall(r"(?<![A-Za-z0-9_.$])\d+(?:\.\d+)?(?:E[-+]?\d+)?", bare(formula))
    ]
    assert all(number == 0 or 2.3e-308 < number < 9.99e307 for number in numbers)


def test_names_are_ones_that_excel_takes(data: bytes) -> None:
    book = openpyxl.load_workbook(BytesIO(data))
    names = [name for name in book.defined_names if not name.startswith("_xlnm")]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]{0,254}", name) for name in names)
    assert not [name for name in names if CELL.fullmatch(name)]
    for sheet in book.sheetnames:
        assert 0 < len(sheet.encode("utf-16-le")) // 2 <= 31
        assert not re.search(r"[\[\]:*?/\\]", sheet)
        assert sheet.strip("'") == sheet
        assert sheet.casefold() != "history"


def test_texts_and_shapes_stay_within_excels_limits(data: bytes) -> None:
    for shared in parts(data, "xl/sharedStrings"):
        texts = ["".join(item.itertext()) for item in shared]
        assert max(len(text.encode("utf-16-le")) // 2 for text in texts) <= 32_767
    for sheet in parts(data, "xl/worksheets/"):
        heights = [float(row.get("ht", 0)) for row in sheet.findall(".//{*}row")]
        assert heights
        assert max(heights) <= 409.5
        assert all(float(column.get("width", 0)) <= 255 for column in sheet.findall(".//{*}col"))
        for rule in sheet.findall(".//{*}dataValidation"):
            assert len(rule.get("errorTitle", "")) <= 32
            assert len(rule.get("error", "")) <= 255
    properties = next(parts(data, "docProps/core"))
    assert all(len(thing.text or "") <= 255 for thing in properties)


def test_number_formats_are_ones_that_excel_takes(data: bytes) -> None:
    styles = next(parts(data, "xl/styles"))
    codes = [found.get("formatCode", "") for found in styles.findall(".//{*}numFmt")]
    assert codes
    assert len(codes) <= 200
    for code in codes:
        assert len(code) <= 255
        assert code.count(";") <= 3
        outside = re.sub(r'"[^"]*"', "", code)
        assert not re.search(r"E[+-]", outside)  # nobody reads exponents
        assert re.fullmatch(r"[$#,0.;%ymd -]+|General", outside), code


@pytest.mark.parametrize("value", [2e-8, 5e-9, 1e-6, 0.00012, 0.4, 0.0, 3.0, 12.5, 1e7, 1.25e-27])
def test_a_small_figure_shows_its_digits_and_no_exponent(value: float) -> None:
    for code in (kind_format("money per call", value), figure_format(value)):
        assert "E" not in code.replace("General", "")
        decimals = len(code.split(";")[0].partition(".")[2])
        assert float(f"{value:.{decimals}f}") == pytest.approx(value, rel=0.005)


def test_a_day_stands_as_a_day(data: bytes) -> None:
    book: Any = openpyxl.load_workbook(BytesIO(data), data_only=True)
    days = [row[8].value for row in book["Inputs"].iter_rows(min_row=6) if row[8].value is not None]
    assert all(isinstance(day, dt.datetime) for day in days)
