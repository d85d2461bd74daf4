"""Published sizes, a measured curve, and what more examples are worth in a study."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from breakeven.cli.root import root
from breakeven.errors import EvidenceError, NotEnoughEvidenceError
from breakeven.evidence.training.sizing import BANDS, bands_of, forecast, read_curve

RUNS = [
    (100, 0.78),
    (100, 0.80),
    (200, 0.84),
    (200, 0.83),
    (400, 0.87),
    (400, 0.88),
    (800, 0.902),
    (800, 0.898),
]
STUDY = """
name: Tickets
workload:
  task: multi-label-classification
  volume: 100K calls/month
  growth: 0%/month
  tokens: {static: 1000, input: 200, output: 20}
  errors: {cost: $0.50, target: 90%}
discount: 0%/year
wage: $100/hour
today: prompt
candidates:
  prompt: {kind: prompt, per_call: $0.002/call, quality: 85%}
  tuned: {kind: tuned, per_call: $0.001/call, upfront: $1K, running: $0/month, retrain: never, quality: 90%}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    lines = [f"{size},{score},{k % 2}" for k, (size, score) in enumerate(RUNS)]
    (tmp_path / "curve.csv").write_text("\n".join(["size,score,seed", *lines]) + "\n")
    (tmp_path / "breakeven.yaml").write_text(STUDY)
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(root, ["data", "size", *words])


@pytest.mark.parametrize(
    ("n", "says"),
    [
        (30, ["rarely stable"]),
        (50, ["nudges the format", "rarely stable"]),
        (500, ["enough for production"]),
        (1_500, ["enough for production", "consistent", "the curated pairs that a fine-tune takes"]),
        (10_000, ["diminishing returns", "compelling where volume repeats"]),
    ],
)
def test_published_ranges(n: int, says: list[str]) -> None:
    assert [band.says for band in bands_of(n)] == says


def test_document_003_covers_every_size_from_50_once() -> None:
    for n in (50, 99, 100, 499, 500, 1_999, 2_000, 9_999, 10_000, 10**7):
        assert sum(band.holds(n) for band in BANDS if band.source == "document 003") == 1


def test_the_gain_is_of_one_curve_with_itself(folder: Path) -> None:
    curve = read_curve(folder / "curve.csv")
    found = forecast(curve, 800, 1_000, np.random.default_rng(0))
    assert found.now.value == pytest.approx(0.90, abs=0.01)
    assert found.gain.value == pytest.approx(float(np.median(found.scores[:, 1] - found.scores[:, 0])))
    assert found.gain.low is not None
    assert found.gain.high is not None
    # Curve by curve the gain is surer than the difference of two scores that were each drawn alone.
    apart = np.random.default_rng(1).permutation(found.scores[:, 1]) - found.scores[:, 0]
    assert found.gain.high - found.gain.low < np.quantile(apart, 0.95) - np.quantile(apart, 0.05)
    assert found.extrapolated
    with pytest.raises(NotEnoughEvidenceError, match="no forecast"):
        forecast(curve, 800, 10_000, np.random.default_rng(0))


def test_a_curve_as_eval_curve_prints_it_is_the_same(folder: Path) -> None:
    runs = [{"size": size, "seed": str(k % 2), "score": score} for k, (size, score) in enumerate(RUNS)]
    (folder / "curve.json").write_text(json.dumps({"runs": runs}))
    assert read_curve(folder / "curve.json").weights == read_curve(folder / "curve.csv").weights
    (folder / "curve.json").write_text(json.dumps({"runs": [{"size": 5}]}))
    with pytest.raises(EvidenceError, match="without a size and a score"):
        read_curve(folder / "curve.json")


def test_the_worth_is_gain_times_calls_times_the_price_of_an_error(folder: Path) -> None:
    told = json.loads(run("--rows", "800", "--curve", "curve.csv", "--study", ".", "--json").stdout)
    scores = forecast(read_curve(folder / "curve.csv"), 800, 1_000, np.random.default_rng(0)).scores
    gain = float((scores[:, 1] - scores[:, 0]).mean())
    # 100K calls a month, 36 months, $0.50 an error, nothing discounted, nothing growing.
    assert told["worth"]["net_usd"]["mean"] == pytest.approx(gain * 100_000 * 36 * 0.50, rel=1e-6)
    assert told["worth"]["cost_usd"] is None  # the study states its tuning as a total


def test_labels_are_paid_where_the_study_prices_them(folder: Path) -> None:
    tuned = (
        "  tuned: {kind: tuned, base: azure/gpt-4.1-mini, examples: 800, label_cost: $2, retrain: never}\n"
    )
    text = STUDY.split("  tuned:")[0] + tuned
    (folder / "breakeven.yaml").write_text(text)
    page = run("--rows", "800", "--curve", "curve.csv", "--study", ".", "--json")
    assert page.exit_code == 0, page.exception
    assert (
        json.loads(page.stdout)["worth"]["cost_usd"] > 1_000 * 2
    )  # labels, checking them, and training on them


def test_the_page(folder: Path) -> None:
    page = run("--rows", "800", "--curve", "curve.csv", "--study", ".").output
    assert "EXTRAPOLATED" in page
    assert "NOT taken off" in " ".join(page.split())
    (folder / "train.jsonl").write_text('{"question": "a", "answer": "b"}\n' * 60)
    assert "60 training examples" in run("train.jsonl").output
    assert run().exit_code == 2
    assert run("train.jsonl", "--rows", "5").exit_code == 2


def test_without_a_curve_the_gain_is_a_guess_and_says_so(folder: Path) -> None:
    told = json.loads(run("--rows", "1000", "--study", ".", "--json").stdout)
    assert told["growth"]["source"] == "guess"
    assert told["growth"]["extrapolated"] is True
    # One doubling: 0.7 ± 0.7 points on 90%; the total says nothing of how many examples that is for, so for 1,000.
    assert told["growth"]["now"]["value"] == pytest.approx(0.90)
    assert told["growth"]["gain"]["value"] == pytest.approx(0.007, abs=2e-4)
    assert told["growth"]["p_gains"] == pytest.approx(0.841, abs=0.01)  # a normal one sd above 0
    # 100K calls a month, 36 months, $0.50 an error
    assert told["worth"]["net_usd"]["mean"] == pytest.approx(0.007 * 100_000 * 36 * 0.50, rel=0.02)
    assert told["worth"]["usd_per_example"]["mean"] == pytest.approx(told["worth"]["benefit_usd"] / 1000)
    page = " ".join(run("--rows", "1000", "--study", ".").output.split())
    assert "GUESSED +0.7 points" in page
    assert "EXTRAPOLATED: guess" in page


def test_no_gain_is_guessed_beyond_four_times_the_examples(folder: Path) -> None:
    quarter = json.loads(run("--rows", "1000", "--more", "3000", "--study", ".", "--json").stdout)
    far = json.loads(run("--rows", "1000", "--more", "30000", "--study", ".", "--json").stdout)
    assert far["growth"]["gain"]["value"] == pytest.approx(quarter["growth"]["gain"]["value"])
    assert "no gain is counted beyond 4×" in far["growth"]["gain"]["method"]


def test_a_study_names_its_own_examples(folder: Path) -> None:
    (folder / "breakeven.yaml").write_text(
        STUDY.split("  tuned:")[0] + "  tuned: {kind: tuned, base: azure/gpt-4.1-mini, examples: 640}\n"
    )
    assert json.loads(run("--study", ".", "--json").stdout)["rows"] == 640
    assert "no tuned candidate 'none'" in str(run("--study", ".", "--candidate", "none").exception)
    (folder / "breakeven.yaml").write_text(STUDY)
    assert run("--study", ".").exit_code == 2
