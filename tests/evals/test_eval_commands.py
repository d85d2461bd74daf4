"""``breakeven eval import, compare, show, assert``, as a user meets them."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from breakeven.cli.root import root
from breakeven.errors import BreakevenError
from breakeven.report.eval_figures import usd

WIDE = "id,prompt,small,topic\n" + "".join(
    f"c{k},{int(k % 10 > 0)},{int(k % 10 > 1)},t{k % 4}\n" for k in range(400)
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "wide.csv").write_text(WIDE)

    def go(*words):
        done = CliRunner().invoke(root, ["eval", *words])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return go


@pytest.fixture
def results(run):
    done = run("import", "wide.csv", "--map", "score=prompt,small", "--map", "segment=topic")
    assert done.exit_code == 0
    return done


def test_import_says_what_it_wrote(results, tmp_path):
    assert re.search(r"prompt +400 +400 +90\.0% +\[86\.\d, 92\.\d\] +evals/prompt\.json", results.output)
    assert (tmp_path / "evals" / "small.json").exists()


def test_a_table_that_is_too_wide_names_the_folder_instead_of_the_files(run, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    done = run("import", "wide.csv", "--map", "score=prompt,small", "-o", "a-folder-of-results")
    assert "2 files in a-folder-of-results/" in done.output
    assert max(map(len, done.output.splitlines())) <= 60
    assert (tmp_path / "a-folder-of-results" / "small.json").exists()


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0000956, "$0.0000956"), (0.00008, "$0.00008"), (0.000146, "$0.000146"), (0.5, "$0.50"), (1234.5, "$1,234.50"),
     (0, "$0"), (None, "not known"), (1e-9, "$0.000000001")],
)  # fmt: skip
def test_dollars_are_never_shown_as_a_power_of_ten(value, shown):
    assert usd(value) == shown


def test_import_replaces_nothing_unasked(results, run):
    words = ("import", "wide.csv", "--map", "score=prompt,small")
    with pytest.raises(BreakevenError, match="is there already"):
        run(*words)
    assert run(*words, "--force").exit_code == 0
    with pytest.raises(BreakevenError, match="2 candidates"):
        run(*words, "--name", "x")


def test_compare_by_name(results, run):
    done = run("compare", "prompt", "small")
    # Every tenth case is lost by small alone: 40 of 400.
    assert done.output.startswith("small is 10 points worse than prompt [−1")
    assert "SEGMENTS" in done.output
    assert "WORST for small" in done.output


def test_compare_as_json_is_stable_from_run_to_run(results, run):
    one, other = (json.loads(run("compare", "prompt", "small", "--json").output) for _ in range(2))
    assert one == other
    assert one["pairs"][0]["only_a"] == 40
    assert one["pairs"][0]["non_inferiority"]["verdict"] == "not shown"


def test_compare_writes_a_page_of_its_own(results, run, tmp_path):
    done = run("compare", "prompt", "small", "--html", "page.html")
    assert done.output.endswith("Wrote page.html\n")
    page = (tmp_path / "page.html").read_text()
    assert page.count("<svg") == 2
    assert not re.search(r'(src|href)="(?!#)', page)


def test_segments_and_texts_from_a_case_file(results, run, tmp_path):
    rows = [{"id": f"c{k}", "question": f"What is {k}?", "kind": f"k{k % 3}"} for k in range(400)]
    (tmp_path / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run("compare", "prompt", "small", "--cases", "cases.jsonl", "--segment", "kind")
    assert "SEGMENTS by kind" in done.output
    assert "question: What is 1?" in done.output
    with pytest.raises(BreakevenError, match="no case has a 'kidn'"):
        run("compare", "prompt", "small", "--cases", "cases.jsonl", "--segment", "kidn")


@pytest.mark.parametrize(
    ("a", "b", "margin", "code"),
    [("prompt", "small", "1pt", 4), ("small", "prompt", "1pt", 0), ("prompt", "small", "10pt", 3),
     ("prompt", "small", "15pt", 0)],
)  # fmt: skip
def test_assert_has_an_exit_code_for_each_verdict(a, b, margin, code, results, run):
    assert run("assert", a, b, "--margin", margin).exit_code == code


@pytest.mark.parametrize("margin", ["1", "1%", "0pt", "x pt", "200pt"])
def test_a_margin_is_in_points(margin, results, run):
    done = run("compare", "prompt", "small", "--margin", margin)
    assert done.exit_code == 2
    assert "points" in done.output


def test_show_one_result(results, run):
    done = run("show", "prompt")
    assert done.output.startswith("prompt: 90.0% [86.")
    assert "no case was run twice" in done.output
    assert json.loads(run("show", "evals/prompt.json", "--json").output)["n"] == 400


def test_unknown_names_are_answered_with_near_ones(results, run):
    with pytest.raises(BreakevenError, match="nearest: prompt"):
        run("show", "promt")
    done = run("compaer", "a", "b")
    assert "Did you mean 'compare'?" in done.output


def test_plain_files_with_bad_rows_say_so(run, tmp_path):
    (tmp_path / "a.csv").write_text("id,score\nx,1\ny,0\nz,?\n")
    (tmp_path / "b.csv").write_text("id,score\nx,1\ny,1\n")
    done = run("compare", "a.csv", "b.csv")
    assert "a: 1 row is not used: line 4: case 'z': score '?' can not be read" in done.output
    assert "Too few" not in done.output


def test_two_results_of_one_name_are_told_apart(results, run, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "before.json").write_text((tmp_path / "evals" / "prompt.json").read_text())
    data = json.loads(run("compare", "prompt", "old/before.json", "--json").output)
    assert list(data["candidates"]) == ["prompt", "before"]


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from click.testing import CliRunner; from breakeven.cli.root import root;"
        "assert CliRunner().invoke(root, ['eval', 'compare', '--help']).exit_code == 0;"
        "print(sorted({'numpy', 'scipy', 'pydantic', 'jinja2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, encoding="utf-8")
    assert done.stdout.strip() == "[]"


def test_the_page_of_many_names_what_it_leaves_out(run, tmp_path):
    rows = [",".join([f"c{k}", *(str(int((k * 7 + m) % 40 > m)) for m in range(30))]) for k in range(60)]
    head = ",".join(["id", *(f"m{m}" for m in range(30))])
    (tmp_path / "many.csv").write_text("\n".join([head, *rows]) + "\n")
    assert run("import", "many.csv", "--map", "score=*").exit_code == 0
    done = run("compare", *(f"m{m}" for m in range(30)), "--html", "many.html", "--worst", "1")
    assert done.exit_code == 0
    assert "5 more stand in the table." in (tmp_path / "many.html").read_text()
