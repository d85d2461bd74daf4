"""``breakeven reprice``: its table, its files, and what it refuses."""

from __future__ import annotations

import json
import re

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from click.testing import CliRunner

from breakeven.cli.reprice import reprice
from breakeven.report.repricing import to_markdown, to_text
from breakeven.report.repricing_html import to_chart, to_html
from tests.reprice.logs import call, priced, write


@pytest.fixture
def run(tmp_path, monkeypatch):
    log = write(
        tmp_path / "calls.jsonl", [call(1000, 100, model="gpt-4o-mini"), call(3000, 200, model="gpt-4o-mini")]
    )

    def go(*words, columns=100):
        monkeypatch.setenv("COLUMNS", str(columns))
        return CliRunner().invoke(reprice, [str(log), *words])

    return go


def test_the_table_fits_the_terminal(run):
    words = (
        "--on",
        "openai/gpt-4.1-mini",
        "--on",
        "same",
        "--tuned",
        "azure/gpt-4.1-mini",
        "--shorter-prompt",
        "500",
    )
    for columns in (80, 120):
        done = run(*words, columns=columns)
        assert done.exit_code == 0, done.output
        assert max(map(len, done.output.splitlines())) <= columns
        assert "\x1b" not in done.output
        assert "openai/gpt-4.1-mini, prompt 500 tokens shorter" in done.output


def test_json_is_what_it_prints_and_writes(run, tmp_path):
    done = run("--on", "openai/gpt-4.1-mini", "--json", "-o", str(tmp_path / "out.json"))
    assert json.loads(done.output) == json.loads((tmp_path / "out.json").read_text())
    assert json.loads(done.output)["alternatives"][0]["model"] == "openai/gpt-4.1-mini"


@pytest.mark.parametrize(("suffix", "start"), [(".html", "<!doctype html>"), (".md", "# ")])
def test_pages_are_written(run, tmp_path, suffix, start):
    done = run("--on", "openai/gpt-4.1-mini", "-o", str(tmp_path / f"out{suffix}"))
    assert f"Wrote {tmp_path}" in done.output
    assert (tmp_path / f"out{suffix}").read_text().startswith(start)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "name what to price the calls on"),
        (("--on", "same", "--batch", "140%"), "not between 0% and 100%"),
        (("--on", "same", "--cached", "often"), "is no share"),
        (("--on", "same", "--shorter-prompt", "0.5"), "write what is cut"),
        (("--on", "same", "--shorter-prompt", "100%"), "ends left out"),
        (("--on", "same", "--sampling", "0%"), "says nothing of them"),
        (("--on", "same", "--output-length", "1.2..1.4"), "the interval holds 1"),
        (("--on", "same", "-o", "out.pdf"), "ends in .html, .md or .json"),
    ],
)
def test_what_can_not_be_meant_is_refused(run, words, says):
    done = run(*words)
    assert done.exit_code == 2
    assert says in re.sub(r"\s+", " ", done.output)


def hostile(tmp_path):
    calls = [call(1000, 100, model="<script>x</script>|\x1b[31m\u202eevil"), call(1000, 100)]
    return priced([str(write(tmp_path / "c.jsonl", calls))], "openai/cheap", "same")


def test_names_from_logs_do_no_harm(tmp_path):
    found = hostile(tmp_path)
    for text in (to_text(found), to_markdown(found), to_html(found)):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "<script" not in to_html(found)
    assert "&lt;script&gt;" in to_html(found)
    assert "<script>" not in to_markdown(found).replace("\\<", "")


def test_the_chart_shows_no_baseline_of_fewer_calls(tmp_path):
    chart = to_chart(hostile(tmp_path))
    assert chart is not None
    assert [bar.mark.name for bar in chart.bars] == ["cheap", "same models"]
    whole = to_chart(priced([str(write(tmp_path / "d.jsonl", [call(1000, 100)]))], "openai/cheap"))
    assert whole is not None
    assert [(bar.mark.name, round(bar.total_usd, 9)) for bar in whole.bars] == [
        ("as made", 0.0028),
        ("cheap", 0.0014),
    ]
    assert [group.title for group in whole.groups] == ["Input", "Output", "As made"]


def test_a_finding_is_one_over_its_whole_interval_only(tmp_path):
    from breakeven.report.repricing import title

    path = [str(write(tmp_path / "c.jsonl", [call(1000, 100)]))]
    ends = "[$0.0012, $0.0015] (90%)"
    assert title(priced(path, "openai/cheap")) == f"openai/cheap would have cost $0.0014 less {ends}"
    assert title(priced(path, "same")) == "None of these would have cost less"
    assert title(priced(path, "openai/cheap", tuned=("openai/now",))).startswith("openai/cheap")
    dear = [str(write(tmp_path / "e.jsonl", [call(0, 100, cost_usd=0.0005)]))]
    assert (
        title(priced(dear, "openai/cheap"))
        == "Whether openai/cheap would have cost less, its interval does not tell"
    )


def test_large_shares_are_said_as_multiples(tmp_path):
    cheap = [str(write(tmp_path / "c.jsonl", [call(1000, 0, cost_usd=0.00001)]))]
    assert " 100 ×" in to_text(priced(cheap, "openai/cheap"))  # 0.001 against 0.00001


def test_a_missing_extra_is_named_with_its_install_line(monkeypatch, run):
    import sys

    from breakeven.errors import MissingExtraError

    monkeypatch.setitem(sys.modules, "duckdb", None)
    done = run("--on", "same")
    assert isinstance(done.exception, MissingExtraError)
    assert "pip install 'breakeven[logs]'" in str(done.exception)


def test_help_loads_no_engine():
    import subprocess
    import sys

    code = "import sys, breakeven.cli.reprice; print(sorted({'duckdb', 'ibis', 'numpy', 'jinja2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_example_log_is_what_its_tool_writes():
    from tools.make_example_logs import FILE, text

    assert FILE.read_text("utf-8") == text()
