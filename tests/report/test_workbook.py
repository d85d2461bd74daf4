"""The workbook as a file: values in every cell, no text that computes, only functions that every program has."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.advice.decide import decide
from breakeven.economics import COST_LINES, CostLine, simulate
from breakeven.economics.world import Terms, World
from breakeven.errors import InputError, MissingExtraError
from breakeven.report.workbook import to_workbook
from breakeven.report.workbook.formulas import Cell, Places, column_letters
from breakeven.report.workbook.names import formula_names, sheet_names
from breakeven.report.workbook.nodes import Tape, UntraceableError
from breakeven.report.workbook.traced import Traced, traced
from breakeven.report.workbook.tracing import trace
from breakeven.report.write import write
from breakeven.study import Study, open_study, parse_study

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(path.parent.name for path in ROOT.glob("examples/*/breakeven.yaml"))
TODAY = dt.date(2026, 11, 22)
TEXT = """
name: '=HYPERLINK("http://127.0.0.1","click")'
start: 2026-12
workload:
  task: sentiment-classification
  volume: 100K calls/month
  tokens: {static: 2600, input: 400, output: 60}
  errors: {cost: $0.40}
today: a
candidates:
  a: {kind: prompt, model: openai/gpt-4.1, quality: 90%}
  b: {kind: prompt, model: openai/gpt-4.1-mini, quality: 88%}
  c: {kind: tuned, base: azure/gpt-4.1-mini, examples: 1000, label_cost: $1, commitment: $900/month}
  d: {kind: hybrid, small: b, large: a, escalate: 10%}
  e: {kind: wait, now: a, later: c, at: 7}
"""
HOSTILE = {
    "a": "=1+1",
    "b": "@SUM(A1)[x]:*?/\\",
    "c": "+cmd|' /C calc'!A0",
    "d": "Inputs",
    "e": "-2+3 \u202e" + "long " * 20,
}
FUNCTIONS = {
    "SUM",
    "SUMPRODUCT",
    "IF",
    "AND",
    "OR",
    "MAX",
    "MIN",
    "INT",
    "ABS",
    "MOD",
    "LN",
    "EXP",
    "INDEX",
    "MATCH",
}


def example(name: str) -> Study:
    return open_study(ROOT / "examples" / name, today=TODAY)


def hostile() -> Study:
    """A study whose names are formulas. A study file refuses them; a study made by a program may have them."""
    study = parse_study(TEXT, today=TODAY)

    def named(name: str | None) -> str | None:
        return None if name is None else HOSTILE[name]

    candidates = {
        HOSTILE[name]: replace(
            c, name=HOSTILE[name], small=named(c.small), large=named(c.large), first=named(c.first),
            then=named(c.then), quality=replace(c.quality, relative_to=named(c.quality.relative_to)),
        )
        for name, c in study.candidates.items()
    }  # fmt: skip
    lacking = {HOSTILE[name]: lines for name, lines in study.not_counted.items()}
    return replace(study, today=HOSTILE["a"], candidates=candidates, not_counted=lacking)


def book(data: bytes, *, values: bool = False) -> Any:
    return openpyxl.load_workbook(BytesIO(data), data_only=values)


def cells(workbook: Any) -> Iterator[Any]:
    return (cell for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.value is not None)


@pytest.fixture(scope="module")
def written() -> bytes:
    study = hostile()
    return to_workbook(study, decide(study, draws=50))


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_traced_is_what_the_engine_computes(name: str) -> None:
    study = example(name)
    found, outcome = trace(study), simulate(study, study.centres())
    for candidate, theirs in outcome.candidates.items():
        ours = found.candidates[candidate]
        lines: dict[str, float] = {}
        for row in ours.rows:
            lines[row.line.key] = lines.get(row.line.key, 0.0) + row.rate.value * row.discounted.value
        assert lines == pytest.approx(dict(theirs.lines_usd), rel=1e-12)
        assert not any(row.static for row in ours.rows)
        assert ours.quality.value == pytest.approx(theirs.quality[0], rel=1e-12)
        assert ours.worth.value == pytest.approx(theirs.value_usd[0], rel=1e-12)


def test_every_formula_carries_its_value(written: bytes) -> None:
    formulas = [(c.parent.title, c.coordinate) for c in cells(book(written)) if c.data_type == "f"]
    values = book(written, values=True)
    missing = [(s, at) for s, at in formulas if values[s][at].value is None]
    assert len(formulas) > 1000
    assert missing == []


def test_a_text_never_becomes_a_formula(written: bytes) -> None:
    study = hostile()
    found = book(written)
    typed = {"=", "+", "-", "@"}
    touchy = [
        c for c in cells(found) if isinstance(c.value, str) and c.data_type != "f" and c.value[0] in typed
    ]
    assert {c.value for c in touchy} >= {study.name, "=1+1", "@SUM(A1)[x]:*?/\\", "+cmd|' /C calc'!A0"}
    assert all(c.data_type == "s" and c.quotePrefix for c in touchy)
    formulas = [c.value for c in cells(found) if c.data_type == "f"]
    assert not any("HYPERLINK" in f or "cmd" in f.replace(found.sheetnames[7], "") for f in formulas)
    assert "\\u202e" in "".join(str(c.value) for c in cells(found))


def test_formulas_use_what_every_program_has_and_fit_its_limits(written: bytes) -> None:
    formulas = [c.value for c in cells(book(written)) if c.data_type == "f"]
    used = {name for f in formulas for name in re.findall(r"([A-Z][A-Z0-9.]*)\(", re.sub(r"'[^']*'", "", f))}
    assert used <= FUNCTIONS
    assert max(map(len, formulas)) <= 8192
    names = ZipFile(BytesIO(written)).namelist()
    assert not [n for n in names if "vba" in n.lower() or "external" in n.lower() or n.endswith(".bin")]


def test_sheets_have_names_that_programs_take(written: bytes) -> None:
    names = book(written).sheetnames
    assert names[:5] == ["Decision", "Inputs", "Totals", "Break-even", "Sensitivity"]
    assert all(len(name) <= 31 and not re.search(r"[\[\]:*?/\\'=+@|!]", name) for name in names)
    assert len({name.casefold() for name in names}) == len(names)
    assert sheet_names(["A/b", "a:B", "History", "''"], taken=["x"]) == {
        "A/b": "A_b", "a:B": "a_B_2", "History": "History_2", "''": "__",
    }  # fmt: skip


def test_inputs_have_names_that_formulas_take() -> None:
    found = formula_names(
        ["workload.volume", "candidates.a b.cost", "candidates.a_b.cost", "A1", "1st", "R2C3", "naïve"]
    )
    assert list(found.values()) == [
        "workload.volume", "candidates.a_b.cost", "candidates.a_b.cost_2", "in_A1", "in_1st", "in_R2C3", "na_ve",
    ]  # fmt: skip


def test_the_same_decision_gives_the_same_file(written: bytes) -> None:
    study = hostile()
    assert to_workbook(study, decide(study, draws=50)) == written


def test_probabilities_are_numbers_that_say_what_they_are(written: bytes) -> None:
    sheet = book(written)["Decision"]
    head = next(
        c for c in cells(book(written)) if str(c.value).startswith("From 50 draws, seed 0; does not follow")
    )
    row = [c for c in sheet[head.row + 2] if c.value is not None]
    assert all(c.data_type in "sn" for c in row)
    assert [c.font.i for c in row] == [True] * len(row)


def test_every_input_stands_with_its_range_source_and_name() -> None:
    study = example("self-hosted")
    found = book(to_workbook(study, decide(study, draws=1)))
    rows = {row[0].value: row for row in found["Inputs"].iter_rows(min_row=6)}
    row = [c.value for c in rows["workload.growth"]]
    growth = study.workload.growth
    assert row[1] == row[3] == growth.centre
    assert row[2] == "%/month"
    assert row[4:6] == pytest.approx([growth.low, growth.high])
    assert row[6:8] == [growth.source.kind, growth.source.reference]
    assert found.defined_names["workload.growth"].attr_text == f"'Inputs'!$B${rows['workload.growth'][0].row}"
    quoted = next(b for b in study.beliefs if b.source.date is not None)
    assert rows[quoted.name][8].value.date() == quoted.source.date


# Cost lines from outside.


def _levy(world: World) -> Terms:
    return {world.calls: world.volume * 0.0002}


def _by_hand(world: World) -> Terms:
    calls = float(world.volume[0])  # a plain number: no formula can follow it
    return {world.month: np.array([calls * 0.0001])}


def _line(key: str, terms: Any) -> CostLine:
    return CostLine(number=40, key=key, title=key, formula="", group="serving", source="policy", terms=terms)


def test_a_learning_curve_stands_on_a_sheet_of_its_own() -> None:
    study = example("small-classifier")
    decision = decide(study, draws=50)
    data = to_workbook(study, decision)
    fan = decision.learning_curves[0]
    sheet = book(data)["Learning curve"]
    rows = [row for row in sheet.iter_rows(min_row=8, max_col=7, values_only=True) if row[0] is not None]
    assert [row[0] for row in rows] == [point.size for point in fan.marked]
    for row, point in zip(rows, fan.marked, strict=True):
        assert row[3:6] == pytest.approx((point.value, point.low, point.high))
        assert ("EXTRAPOLATED" in row[6]) == point.extrapolated
        assert row[1] == sum(size == point.size for size, _ in fan.runs)
    assert [row[6] for row in rows if "planned" in row[6]] == ["within the runs, planned"]
    assert "Learning curve" not in book(
        to_workbook(example("self-hosted"), decide(example("self-hosted"), draws=1))
    )


def test_a_cost_line_from_outside_is_there_with_its_formula() -> None:
    study, lines = example("support-chatbot"), (*COST_LINES, _line("levy", _levy))
    data = to_workbook(study, decide(study, draws=1, lines=lines), lines=lines)
    row = next(row for row in book(data)["prompt"].iter_rows(values_only=True) if row[1] == "levy")
    assert row[3] == "=workload.volume*0.0002"


def test_a_line_that_can_not_be_traced_is_a_number_and_says_so() -> None:
    study, lines = example("support-chatbot"), (*COST_LINES, _line("by_hand", _by_hand))
    data = to_workbook(study, decide(study, draws=1, lines=lines), lines=lines)
    row = next(row for row in book(data)["prompt"].iter_rows(values_only=True) if row[1] == "by_hand")
    assert row[3] == pytest.approx(study.workload.volume.centre * 0.0001)
    assert "does not follow changes" in row[2]
    ends = [row for row in book(data)["Sensitivity"].iter_rows(min_row=7) if row[0].value]
    assert ends
    assert all(row[4].data_type == "n" and row[4].font.i for row in ends)


# The pieces.


@given(st.lists(st.floats(-50, 50), min_size=3, max_size=3))
def test_traced_arithmetic_is_numpys(values: list[float]) -> None:
    tape = Tape()
    a, b, c = (traced(tape, [tape.input(name, v)]) for name, v in zip("abc", values, strict=True))
    plain = [np.array([v]) for v in values]

    def both(x: Any, y: Any, z: Any) -> Any:
        part = np.where(x > y, np.maximum(x, z) * 2 - y, np.minimum(y, z) / 4)
        return (
            np.clip(part, -10, 60) + np.exp(np.log1p(np.abs(z)) * 0.5) + np.ceil(x) + (x >= y).astype(float)
        )

    result = both(a, b, c)
    assert isinstance(result, Traced)
    assert result.nodes[0].value == pytest.approx(both(*plain)[0], rel=1e-12)


def test_a_formula_is_what_a_person_would_write() -> None:
    tape = Tape()
    growth, volume = (traced(tape, [tape.input(name, v)]) for name, v in (("g", 0.02), ("n", 1000.0)))
    month = traced(tape, [tape.month(4)])
    places = Places(names={"g": "growth", "n": "volume"})
    places.put(month.nodes[0], Cell(sheet="Months", row=3, column=8, monthly=True))
    calls = volume * np.exp(np.log1p(growth) * (month - 1))
    assert places.formula(calls.nodes[0], "prompt") == "=volume*(1+growth)^('Months'!I4-1)"
    replicas = np.maximum(1.0, np.ceil(calls / 700 * (1 - 1e-12)))
    assert (
        places.formula(replicas.nodes[0], "Months")
        == "=MAX(1,-INT(-(volume*(1+growth)^(I4-1)/700*0.999999999999)))"
    )
    due: Any = np.where(np.isin(month, [4, 9]), -volume - (growth - 2), 0.0)
    assert places.formula(due.nodes[0], "Months") == "=IF(OR(I4=4,I4=9),-volume-(growth-2),0)"
    assert (volume * 1 + 0).nodes[0] is volume.nodes[0]
    assert [column_letters(k) for k in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@pytest.mark.parametrize("step", [bool, float, np.asarray, np.sort, np.sin, lambda x: np.add.reduce(x)])
def test_a_step_without_a_formula_is_refused(step: Any) -> None:
    tape = Tape()
    with pytest.raises(UntraceableError):
        step(traced(tape, [tape.input("a", 1.0)]))


def test_a_workbook_needs_its_study_and_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = example("support-chatbot")
    decision = decide(study, draws=1)
    with pytest.raises(InputError, match="needs the study"):
        write(decision, tmp_path / "book.xlsx")
    assert write(decision, tmp_path / "book.xlsx", study=study).read_bytes()[:2] == b"PK"
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(MissingExtraError, match=r"breakeven\[report\]"):
        to_workbook(study, decision)
