"""The command: its page, its files, and that a killed one leaves the old profile or the new one."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from breakeven.cli.profile import profile
from breakeven.errors import MissingExtraError
from breakeven.evidence.calls.engine import Engine
from breakeven.study.profile import read_profile
from tests.profile.corruption import good_row


@pytest.fixture
def logs(tmp_path):
    rows = [json.dumps(good_row(i)) for i in range(480)] + ["{"]
    path = tmp_path / "calls.jsonl"
    path.write_text("\n".join(rows) + "\n")
    return path


def run(*words, **options):
    return CliRunner().invoke(profile, [str(word) for word in words], catch_exceptions=False, **options)


@pytest.mark.parametrize("width", [80, 120])
def test_the_page_fits_and_says_the_main_figures(logs, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    page = run(logs).output
    assert max(map(len, page.splitlines())) <= width
    assert "480 calls from 1 file: OpenAI requests and responses" in page
    assert "REFUSED    1 rows" in page
    assert "VOLUME     7" in page  # 24 calls a day × 30.4 = 730 a month


def test_a_study_reads_what_is_written(logs, tmp_path):
    out = tmp_path / "profile.json"
    run(logs, "-o", out)
    text = out.read_text()
    read = read_profile(text, "profile.json")
    assert read.volume is not None
    assert read.tokens_in is not None
    assert read.tokens_in.numbers[0] == json.loads(text)["tokens"]["input"]["mean"]
    refused = [json.loads(line) for line in (tmp_path / "rejected.jsonl").read_text().splitlines()]
    assert refused == [{"file": str(logs), "line": 481, "reason": "not JSON"}]
    assert "mail" not in text + str(refused)


def test_json_is_the_written_profile(logs, tmp_path):
    out = tmp_path / "profile.json"
    assert json.loads(run(logs, "--json", "-o", out).output) == json.loads(out.read_text())


def test_two_profiles_in_one_folder_keep_their_own_refused_rows(logs, tmp_path):
    clean = tmp_path / "clean.jsonl"
    clean.write_text(json.dumps(good_row(1)) + "\n")
    run(logs, "-o", tmp_path / "march.json")
    run(clean, "-o", tmp_path / "april.json")
    found = json.loads((tmp_path / "march.json").read_text())["rejected_file"]
    assert (found["name"], found["rows"]) == ("march.rejected.jsonl", 1)
    assert len((tmp_path / "march.rejected.jsonl").read_text().splitlines()) == 1
    assert "rejected_file" not in json.loads((tmp_path / "april.json").read_text())


def test_it_says_what_more_days_would_bring(logs, tmp_path):
    # 480 calls on 20 days, 24 on each: without a spread, the volume is known
    assert json.loads(run(logs, "--json").output)["observation"]["width_now"] == pytest.approx(0.0, abs=1e-6)

    def page(days):
        rows = [good_row(i) for i in range(480) if i % 20 < days]
        path = tmp_path / f"{days}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return " ".join(run(path).output.split())

    assert "from 9 complete days. 5 more days would tell its growth." in page(10)  # the last one is cut off
    assert "Complete days seen: 2; 5 more would tell a volume a month." in page(3)


def test_sampling_scales_the_month_only(logs):
    all_of_it, tenth = (json.loads(run(logs, "--json", "--sampling", s).output) for s in ("100%", "0.1"))
    assert tenth["calls"] == all_of_it["calls"]
    assert tenth["calls_per_month"]["mean"] == pytest.approx(10 * all_of_it["calls_per_month"]["mean"])
    assert run(logs, "--sampling", "0").exit_code == 2


def test_a_missing_extra_gives_its_install_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'breakeven\[logs\]'"):
        Engine()


_WRITER = """
import os, signal, sys
from pathlib import Path
from breakeven.evidence.profile.writing import replaced
with replaced(Path(sys.argv[1])) as file:
    file.write("half of the new one")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_writer_leaves_the_old_profile(tmp_path):
    out = tmp_path / "profile.json"
    out.write_text("the old one")
    done = subprocess.run([sys.executable, "-c", _WRITER, str(out)], env=os.environ, check=False)
    assert done.returncode == -9
    assert out.read_text() == "the old one"


def test_help_needs_no_engine():
    code = "import sys, breakeven.cli.profile; print({'duckdb', 'ibis', 'pyarrow'} & set(sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "set()\n"
    )


def test_the_package_runs_as_the_command(logs):
    said = subprocess.run(
        [sys.executable, "-m", "breakeven", "--version"], capture_output=True, text=True, check=True
    )
    assert said.stdout.startswith("breakeven, version ")
    wrong = subprocess.run(
        [sys.executable, "-m", "breakeven", "profile", "nowhere.jsonl"],
        cwd=logs.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "nowhere.jsonl" in wrong.stderr
