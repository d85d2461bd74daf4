"""F1 over a whole set: by hand, against simulation, in files and on the page, and on public data."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from breakeven.errors import InputError, NotEnoughEvidenceError
from breakeven.evidence.evals.case import Case
from breakeven.evidence.evals.comparison_json import candidate_as_dict
from breakeven.evidence.evals.files import read_result, write_result
from breakeven.evidence.evals.result import CaseRun, EvalResult
from breakeven.evidence.evals.scorers import make_scorer
from breakeven.evidence.evals.summarising import summarise_result
from breakeven.report.result_text import result_text
from breakeven.statistics.f_measure import corpus_f1

RNG = np.random.default_rng


def test_micro_and_macro_by_hand() -> None:
    # a: tp 3, fp 1, fn 0 → F1 6/7; b: tp 1, fp 0, fn 3 → F1 2/5; pooled 2·4/(2·4+1+3) = 2/3
    counts = [[[2, 1, 0], [1, 0, 1]], [[1, 0, 0], [0, 0, 2]]]
    found = corpus_f1(counts, RNG(0), labels=("a", "b"))
    assert found.micro.value == pytest.approx(2 / 3)
    assert found.macro is not None
    assert found.macro.value == pytest.approx((6 / 7 + 2 / 5) / 2)
    assert found.precision == pytest.approx(4 / 5)
    assert found.recall == pytest.approx(4 / 7)
    assert [one.support for one in found.labels] == [3, 4]


def test_a_label_that_never_occurs_is_only_in_micro() -> None:
    found = corpus_f1([[[1, 0, 0], [0, 1, 0]]], RNG(0), labels=("a", "b"))
    assert found.micro.value == pytest.approx(2 / 3)
    assert found.macro is None
    assert [one.label for one in found.labels] == ["a"]


def test_no_error_is_not_certainty() -> None:
    found = corpus_f1(np.tile([[[1, 0, 0]]], (30, 1, 1)), RNG(0), labels=("a",))
    assert found.micro.value == 1
    assert found.micro.low is not None
    # Of 30 right cases Jeffreys' 95% interval begins at the 2.5% point of Beta(30½, ½): 0.920
    assert found.micro.low == pytest.approx(0.920, abs=0.01)


def test_the_interval_covers_about_as_often_as_it_says() -> None:
    rng = RNG(1)
    inside = 0
    for _ in range(300):  # one label a case, right with chance .8: micro-F1 is the accuracy
        right = rng.random(60) < 0.8
        counts = np.stack([right, ~right, ~right], axis=-1)[:, None, :].astype(float)
        found = corpus_f1(counts, rng, labels=("a",), level=0.9, draws=400)
        inside += found.micro.interval[0] <= 0.8 <= found.micro.interval[1]
    assert 0.85 <= inside / 300 <= 0.95


def test_clusters_widen_it() -> None:
    rng = RNG(2)
    right = np.repeat(rng.random(12) < 0.6, 10)
    counts = np.stack([right, ~right, ~right], axis=-1)[:, None, :].astype(float)
    alone = corpus_f1(counts, RNG(0), labels=("a",)).micro.interval
    grouped = corpus_f1(
        counts, RNG(0), labels=("a",), clusters=np.repeat(range(12), 10).tolist()
    ).micro.interval
    assert grouped[1] - grouped[0] > 2 * (alone[1] - alone[0])


def test_counts_that_can_not_be_used() -> None:
    with pytest.raises(InputError, match="shape"):
        corpus_f1([[1, 0, 0]], RNG(0), labels=("a",))
    with pytest.raises(InputError, match="negative"):
        corpus_f1([[[-1, 0, 0]]], RNG(0), labels=("a",))
    with pytest.raises(NotEnoughEvidenceError):
        corpus_f1([[[0, 0, 0]]], RNG(0), labels=("a",))


def test_a_result_keeps_counts_and_shows_what_they_say(tmp_path: Path) -> None:
    rows = [{"a": (1.0, 0.0, 0.0)}, {"b": (0.0, 0.0, 1.0), "a": (0.0, 1.0, 0.0)}, {"b": (1.0, 0.0, 0.0)}]
    runs = tuple(CaseRun(id=f"c{k}", score=float(k != 1), counts=row) for k, row in enumerate(rows))
    result = EvalResult(candidate="x", runs=runs, date=dt.date(2026, 11, 22))
    write_result(tmp_path / "x.json", result)
    assert read_result(tmp_path / "x.json") == result
    summary = summarise_result("x", result)
    # pooled: tp 2, fp 1, fn 1 → 4/6; both labels have F1 2/3
    found: dict[str, Any] = candidate_as_dict(summary)["corpus"]
    assert found["micro_f1"]["value"] == pytest.approx(2 / 3)
    assert found["macro_f1"]["value"] == pytest.approx(2 / 3)
    json.dumps(found, allow_nan=False)
    for width in (80, 120):
        text = result_text(summary, None, width=width)
        assert "micro-F1 66.7%" in text
        assert max(map(len, text.splitlines())) <= width


# ------------------------------------------------------------------------------------------------ public data


def spans_f1(rows: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]], **options: Any) -> float:
    """Micro-F1 of given entities against wanted ones."""
    scorer = make_scorer("entities", options, Path)
    runs = [
        CaseRun(id=str(k), score=found.score, counts=found.counts)
        for k, (given, wanted) in enumerate(rows)
        for found in [scorer.score(Case(id=str(k), variables={}, expected=wanted), json.dumps(given))]
    ]
    corpus = summarise_result("x", EvalResult(candidate="x", runs=tuple(runs))).corpus
    assert corpus is not None
    return corpus.micro.value


def without_every_fourth(gold: list[list[dict[str, Any]]]) -> tuple[list[Any], float]:
    """Gold against gold that lacks every fourth span, and the F1 that it must have: recall r, precision 1."""
    seen, rows = 0, []
    for spans in gold:
        kept = []
        for span in spans:
            seen += 1
            kept += [] if seen % 4 == 0 else [span]
        rows.append((kept, spans))
    recall = (seen - seen // 4) / seen
    return rows, 2 * recall / (1 + recall)


def snips(folder: Path) -> list[list[dict[str, Any]]]:
    rows = [json.loads(line) for line in (folder / "validate.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        [{"text": s["value"], "type": s["slot"], "start": s["start"], "end": s["end"]} for s in row["slots"]]
        for row in rows
    ]


def restaurant(folder: Path) -> list[list[dict[str, Any]]]:
    found = []
    for row in json.loads((folder / "test.json").read_text(encoding="utf-8"))[:1000]:
        text, spans = row["userInput"]["text"], []
        for label in row.get("labels", []):
            start, end = label["valueSpan"].get("startIndex", 0), label["valueSpan"]["endIndex"]
            spans.append({"text": text[start:end], "type": label["slot"], "start": start, "end": end})
        found.append(spans)
    return found


def tweets(folder: Path) -> list[list[dict[str, Any]]]:
    found = []
    for tweet in (folder / "a.conll").read_text(encoding="utf-8").split("\n\n"):
        spans: list[dict[str, Any]] = []
        at = 0
        for line in tweet.splitlines():
            token, _, tag = line.partition("\t")
            if tag.startswith("B-"):
                spans.append({"text": token, "type": tag[2:], "start": at, "end": at + len(token)})
            elif tag.startswith("I-") and spans:
                spans[-1] |= {"text": f"{spans[-1]['text']} {token}", "end": at + len(token)}
            at += len(token) + 1
        found.append(spans)
    return found


@pytest.mark.parametrize(
    ("name", "read"),
    [("snips_2017", snips), ("restaurant8k_slots", restaurant), ("broad_twitter_ner", tweets)],
)
@pytest.mark.parametrize("offsets", [False, True])
def test_gold_is_1_and_what_is_taken_from_it_is_missed(
    name: str, read: Any, offsets: bool, real_data: Callable[[str], Path]
) -> None:
    gold = read(real_data(name))
    assert sum(map(len, gold)) > 100
    assert spans_f1([(spans, spans) for spans in gold], offsets=offsets) == 1
    rows, wanted = without_every_fourth(gold)
    assert spans_f1(rows, offsets=offsets) == pytest.approx(wanted)
    moved = [([{**span, "end": span["end"] + 1} for span in spans], spans) for spans in gold]
    if offsets:
        assert spans_f1(moved, offsets=True) < 0.05
        assert spans_f1(moved, offsets=True, measure="partial") == pytest.approx(0.5, abs=0.02)


# ------------------------------------------------------------------------------------------------ exact, on classes


def exact_runs(pairs: list[tuple[str, str]]) -> tuple[CaseRun, ...]:
    """Runs of (expected, answer)."""
    scorer = make_scorer("exact", {}, Path)
    runs = []
    for k, (expected, answer) in enumerate(pairs):
        found = scorer.score(Case(id=f"c{k}", variables={"input": "?"}, expected=expected), answer)
        runs.append(CaseRun(id=f"c{k}", score=found.score, counts=found.counts))
    return tuple(runs)


def test_exact_on_classes_has_figures_by_class() -> None:
    # card: 8 of 10 right, and 1 loan called card; loan: 9 of 10 right, and 1 card called loan; 1 card not answered.
    pairs = [("card", "card")] * 8 + [
        ("card", "loan"),
        ("card", "I can not say which one of these it is, I am afraid of it all"),
    ]
    pairs += [("loan", "loan")] * 9 + [("loan", "card")]
    result = EvalResult(candidate="a", runs=exact_runs(pairs), scorer="exact match")
    found = summarise_result("a", result).corpus
    assert found is not None
    by = {one.label: one for one in found.labels}
    assert set(by) == {"card", "loan"}
    assert [by["card"].recall, by["card"].precision] == pytest.approx([0.8, 8 / 9])
    assert [by["loan"].recall, by["loan"].precision] == pytest.approx([0.9, 9 / 10])
    recalled = by["card"].recalled
    assert recalled is not None
    assert recalled.value == 0.8
    assert recalled.interval[0] < 0.65
    assert found.macro is not None
    # F1 = 2·tp / (2·tp + fp + fn): card 16/(16 + 1 + 2), loan 18/(18 + 1 + 1).
    assert found.macro.value == pytest.approx((16 / 19 + 18 / 20) / 2)
    assert found.recall == 0.85
    page = result_text(summarise_result("a", result), None, width=80)
    assert "macro-F1" in page
    assert max(map(len, page.splitlines())) <= 80


def test_exact_on_texts_has_none() -> None:
    pairs = [(f"answer {k}", f"answer {k}") for k in range(30)]
    result = EvalResult(candidate="a", runs=exact_runs(pairs), scorer="exact match")
    assert summarise_result("a", result).corpus is None
    long = exact_runs([("x" * 61, "x" * 61), ("two\nlines", "two\nlines")])
    assert not any(run.counts for run in long)


def test_a_list_of_right_answers_is_no_class() -> None:
    scorer = make_scorer("exact", {}, Path)
    case = Case(id="c", variables={"input": "?"}, expected=["yes", "yep"])
    assert scorer.score(case, "yep").score == 1
    assert not scorer.score(case, "yep").counts
