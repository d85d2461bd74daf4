"""The workbook computed by spreadsheet programs: as the engine says, for every example, before and after a change.

LibreOffice and IronCalc open the files, compute every formula anew and save what they found: two programs that share
no code. Each is left out where it is not installed.
"""

from __future__ import annotations

import datetime as dt
import math
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from breakeven.advice.decide import decide
from breakeven.beliefs import Draws
from breakeven.economics import COST_LINES, Outcome, simulate
from breakeven.economics.totals import break_even_volume, net_benefits
from breakeven.report.workbook import to_workbook
from breakeven.study import Study, open_study, parse_study

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(path.parent.name for path in ROOT.glob("examples/*/breakeven.yaml"))
CHANGED = (
    "caching-flips",
    "loan-documents",
    "retiring-base",
    "self-hosted",
    "small-classifier",
    "with-evals",
    "everything",
)
"""Cached prefixes; stated totals and a hybrid; a migration; GPUs; a classifier; evals; all at once."""
EVERYTHING = """
name: All that a bill can be made of
start: 2026-12
workload:
  task: custom-extraction
  volume: 2M calls/month
  growth: 1%..4%/month
  peak_to_mean: 2..5
  tokens: {static: 2600, input: 400, output: 60}
  errors: {cost: $0.40}
  value: $0.05
  latency_cost: $0.001/s
  delay_benefit: $500/month
price_change: {openai: -10%..5%/year, "*": 2%/year}
today: large
candidates:
  large: {kind: prompt, model: openai/gpt-4.1, quality: 91%, latency: 2 s, batch: 20%, commitment: $12K/month}
  tuned: {kind: tuned, base: azure/gpt-4.1-mini, examples: 2000, label_cost: $0.50..$2, retrain: every 5 months,
          latency: 800 ms, build_time: 2 months, review: {share: 1%, time: 2 minutes}}
  own: {kind: tuned, base: self/qwen3-8b, hosting: {gpu: runpod/h100-80gb-secure, precision: fp8, extra: 1},
        tokens: {static: 124}, examples: 2000, label_cost: $1, retrain: every 6 months}
  relay: {kind: hybrid, small: tuned, large: own, escalate: 5%..15%}
  later: {kind: wait, now: large, later: relay, at: 9}
"""
"""Commitments, GPUs as the large half of a hybrid, prices that change, and a candidate that waits for the hybrid."""
ALL = "everything"
CENT = 0.005
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"><item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item></oor:items>"""
"""0: compute everything anew on opening, and believe no value in the file."""

STEPPED = {"self-hosted", "everything"}
"""Cost in steps: their sensitivity takes one cell and a row of months together in SUMPRODUCT, as every spreadsheet
program does but IronCalc (0.9)."""


@dataclass(frozen=True)
class Case:
    """One workbook, and what the engine says of the same inputs."""

    study: Study
    worlds: Draws
    outcome: Outcome
    book: Any
    """As LibreOffice computed it: values only."""


def opened(name: str) -> Study:
    if name == ALL:
        return parse_study(EVERYTHING)
    return open_study(ROOT / "examples" / name, today=dt.date(2026, 11, 22))


def input_rows(sheet: Any) -> dict[str, int]:
    return {row[0].value: row[0].row for row in sheet.iter_rows(min_row=6) if row[1].value is not None}


def changed_values(study: Study, names: list[str]) -> dict[str, float]:
    """Every input moved: uncertain ones to different ends of their interval, stated ones by a fifth."""
    beliefs = {belief.name: belief for belief in study.beliefs}
    moved = {}
    for k, name in enumerate(names):
        belief = beliefs[name]
        value = belief.quantile((0.1, 0.35, 0.8)[k % 3]) if not belief.is_point else belief.centre * 1.2
        moved[name] = min(value, 1.0) if belief.kind == "share" else value
    return moved


@dataclass(frozen=True)
class Books:
    """The workbooks as files, and what they were made from."""

    folder: Path
    studies: Mapping[str, Study]
    worlds: Mapping[str, Draws]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Books:
    folder = tmp_path_factory.mktemp("books")
    studies = {name: opened(name) for name in (*EXAMPLES, ALL)}
    worlds = {name: study.centres() for name, study in studies.items()}
    for name, study in studies.items():
        (folder / f"{name}.xlsx").write_bytes(to_workbook(study, decide(study, draws=1)))
    for name in CHANGED:
        key, study = f"{name}, changed", studies[name]
        book = openpyxl.load_workbook(folder / f"{name}.xlsx")
        rows = input_rows(book["Inputs"])
        moved = changed_values(study, list(rows))
        studies[key], worlds[key] = study, study.centres()
        for belief, value in moved.items():
            book["Inputs"].cell(rows[belief], 2).value = value
            worlds[key] = worlds[key].with_values(belief, np.array([value]))
        book.save(folder / f"{key}.xlsx")
    return Books(folder, studies, worlds)


def _by_libreoffice(folder: Path, names: list[str], computed: Path) -> None:
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(SETTINGS, "utf-8")
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "xlsx",
               "--outdir", str(computed), *names]  # fmt: skip
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)


def _by_ironcalc(folder: Path, names: list[str], computed: Path) -> None:
    ironcalc = pytest.importorskip("ironcalc", reason="IronCalc is not installed")
    computed.mkdir()
    for name in names:
        model = ironcalc.load_from_xlsx(str(folder / name), "en", "UTC")
        model.evaluate()
        model.save_to_xlsx(str(computed / name))


PROGRAMS: Mapping[str, Callable[[Path, list[str], Path], None]] = {
    "LibreOffice": _by_libreoffice, "IronCalc": _by_ironcalc,
}  # fmt: skip


@pytest.fixture(scope="module", params=PROGRAMS)
def program(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def cases(books: Books, program: str) -> dict[str, Case]:
    computed = books.folder / program
    PROGRAMS[program](books.folder, [f"{key}.xlsx" for key in books.studies], computed)
    return {
        key: Case(study, books.worlds[key], simulate(study, books.worlds[key]),
                  openpyxl.load_workbook(computed / f"{key}.xlsx", data_only=True))
        for key, study in books.studies.items()
    }  # fmt: skip


@pytest.fixture(params=[*EXAMPLES, ALL, *(f"{name}, changed" for name in CHANGED)])
def case(request: pytest.FixtureRequest, cases: dict[str, Case]) -> Case:
    return cases[request.param]


def by_title(sheet: Any, column: int, of: int) -> Iterator[tuple[str, Any]]:
    """A column's texts, each with the value beside it in another column."""
    return ((row[column - 1].value, row[of - 1].value) for row in sheet.iter_rows(min_row=5))


def test_every_total_is_the_engines(case: Case) -> None:
    names = [cell.value for cell in case.book["Totals"][4][2:] if cell.value is not None]
    assert names == list(case.study.candidates)
    titles = {line.title: line.key for line in COST_LINES}
    today = case.outcome.candidates[case.study.today]
    for column, name in enumerate(names, start=3):
        ours = case.outcome.candidates[name]
        found = {title: value for title, value in by_title(case.book["Totals"], 2, column) if title}
        lines = {titles[title]: value for title, value in found.items() if title in titles}
        others = [lines.pop(key) for key in lines.keys() - ours.lines_usd.keys()]
        assert not any(others)
        assert lines == pytest.approx(dict(ours.lines_usd), abs=CENT)
        sums = {
            "Share of right answers": ours.quality, "Cost, discounted": ours.cost_usd,
            "… of it paid once, to build, undiscounted": ours.upfront_usd,
            "Mean month of the first year, without the build": ours.monthly_usd,
            "Consequences, discounted": ours.consequence_usd,
            "Right answers at their stated worth, discounted": ours.value_usd,
            "Net benefit: worth − consequences − cost": ours.net_benefit_usd,
            "Net benefit against today": ours.net_benefit_usd - today.net_benefit_usd,
        }  # fmt: skip
        for title, values in sums.items():
            assert found[title] == pytest.approx(values[0], abs=CENT if title[0] != "S" else 1e-9), title


def test_every_month_of_every_line_is_the_engines(case: Case) -> None:
    titles = {line.title: line.key for line in COST_LINES}
    for name, ours in case.outcome.candidates.items():
        found: dict[str, Any] = {}
        cumulative = None
        for row in case.book[name].iter_rows(min_row=6, values_only=True):
            months = row[5 : 5 + case.study.horizon_months]
            if row[1] in titles:
                found[titles[row[1]]] = found.get(titles[row[1]], 0.0) + np.array(months, dtype=float)
            cumulative = months if row[1] == "Cumulative, discounted" else cumulative
        assert set(found) == set(ours.line_months_usd)
        for key, months in ours.line_months_usd.items():
            assert found[key] == pytest.approx(months, abs=CENT), key
        assert cumulative == pytest.approx(ours.cumulative_usd[0, 1:], abs=CENT)


def test_the_break_even_is_the_engines(case: Case) -> None:
    sheet, seen = case.book["Break-even"], dict.fromkeys(case.study.candidates, 0)
    for row in sheet.iter_rows(min_row=6, values_only=True):
        name, found = row[0], row[4]
        if name not in case.outcome.candidates or name == case.study.today:
            continue
        value = math.inf if found == "never" else found
        if seen[name] == 0:
            assert value == pytest.approx(case.outcome.candidates[name].break_even_months[0], abs=1e-6)
        elif "static" not in str(row[8]):
            assert value == pytest.approx(
                break_even_volume(case.study, case.worlds, name)[0], rel=1e-9, abs=1e-6
            )
        seen[name] += 1
    assert all(n == 2 for name, n in seen.items() if name != case.study.today)


def test_the_sensitivity_is_the_engines_at_both_ends(
    case: Case, program: str, request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.params["case"].removesuffix(", changed")
    if program == "IronCalc" and name in STEPPED:
        pytest.skip("IronCalc takes no single cell and a row together inside SUMPRODUCT")
    names, beliefs = list(case.study.candidates), {b.name: b for b in case.study.beliefs}
    rows = [
        row for row in case.book["Sensitivity"].iter_rows(min_row=7, values_only=True) if row[0] in beliefs
    ]
    for row in rows:
        for start, end in ((4, beliefs[row[0]].low), (5 + len(names), beliefs[row[0]].high)):
            held = case.worlds.with_values(row[0], np.array([end]))
            expected = net_benefits(case.study, held, names)[0]
            assert row[start : start + len(names)] == pytest.approx(expected, abs=CENT), row[0]
            leads = names[int(np.argmax(expected))]
            assert row[start + len(names)] == leads or np.sum(np.isclose(expected, expected.max())) > 1
    assert len(rows) >= sum(not b.is_point for b in beliefs.values() if b.name.startswith("candidates.")) / 2


def test_the_front_says_who_leads_and_what_was_changed(case: Case, request: pytest.FixtureRequest) -> None:
    cells = {row[0]: row[1] for row in case.book["Decision"].iter_rows(values_only=True) if row[0]}
    nets = {name: c.net_benefit_usd[0] for name, c in case.outcome.candidates.items()}
    best = max(nets.values())
    assert nets[cells["Highest net benefit"]] == pytest.approx(best)
    is_changed = "changed" in request.node.callspec.params["case"]
    rows = [row for row in case.book["Inputs"].iter_rows(min_row=6, values_only=True) if row[1] is not None]
    assert cells["Inputs changed"] == sum(row[1] != row[3] for row in rows)
    assert (cells["Inputs changed"] > 0) == is_changed
