"""Result files: what is written is what is read, by us and by a study; a damaged file says where."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breakeven.errors import BreakevenError, EvidenceError
from breakeven.evidence.evals import CaseRun, EvalResult, PromptReference
from breakeven.evidence.evals.files import open_result, read_result, write_result
from breakeven.evidence.scores import read_scores

TEXT = st.text(max_size=20)
LABEL = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=8)
COUNT = st.none() | st.integers(0, 10**6)
AMOUNT = st.none() | st.floats(0, 1e6)
RUNS = st.builds(
    CaseRun,
    id=LABEL,
    repeat=st.integers(1, 5),
    score=st.none() | st.floats(0, 1),
    scores=st.dictionaries(TEXT, st.floats(-10, 10), max_size=2),
    failure=st.none() | TEXT,
    cluster=st.none() | LABEL,
    segment=st.none() | TEXT,
    input_tokens=COUNT,
    cached_tokens=COUNT,
    output_tokens=COUNT,
    reasoning_tokens=COUNT,
    latency_s=AMOUNT,
    cost_usd=AMOUNT,
    judge_cost_usd=AMOUNT,
    output=st.none() | st.text(st.characters(), max_size=20),
    note=st.none() | TEXT,
    input=st.none() | TEXT,
)
RESULTS = st.builds(
    EvalResult,
    candidate=LABEL,
    runs=st.lists(RUNS, max_size=5, unique_by=lambda run: (run.id, run.repeat)).map(tuple),
    date=st.none() | st.dates(),
    model=st.none() | TEXT,
    prompt=st.none() | st.builds(PromptReference, name=TEXT, version=TEXT, sha256=TEXT),
    scorer=st.none() | TEXT,
    iterations=st.none() | st.integers(0, 99),
    cases_sha256=st.none() | TEXT,
    complete=st.booleans(),
    hold_out_openings=st.none() | st.integers(0, 9),
    settings=st.dictionaries(TEXT, st.integers() | TEXT | st.lists(st.booleans(), max_size=2), max_size=3),
)


@settings(max_examples=60)
@given(result=RESULTS)
def test_what_is_written_is_read(result, tmp_path_factory):
    path = tmp_path_factory.mktemp("results") / "r.json"
    write_result(path, result)
    assert read_result(path) == result


def sample():
    runs = (
        CaseRun(id="a", score=1.0, cost_usd=0.002, cluster="k"),
        CaseRun(id="b", score=0.0, failure="format"),
        CaseRun(id="c", score=None, failure="time-out"),
    )
    return EvalResult(candidate="prompt", runs=runs, date=dt.date(2026, 11, 2), iterations=9)


def test_a_study_reads_the_same_file(tmp_path):
    path = tmp_path / "prompt.json"
    write_result(path, sample())
    table = read_scores(path)
    assert (table.ids, table.scores.tolist(), table.candidate, table.iterations) == (
        ("a", "b"), [1.0, 0.0], "prompt", 9,
    )  # fmt: skip
    [missing] = table.rejected
    assert missing.message == "case 'c': not scored: time-out"


def test_what_is_not_known_is_left_out(tmp_path):
    path = tmp_path / "prompt.json"
    write_result(path, sample())
    document = json.loads(path.read_text())
    assert list(document) == ["breakeven_eval", "candidate", "date", "iterations", "complete", "cases"]
    assert document["cases"][2] == {"id": "c", "repeat": 1, "failure": "time-out"}


@pytest.mark.parametrize("name", ["scores.csv", "scores.csv.gz", "scores.jsonl", "scores.json"])
def test_plain_scores_are_results_too(name, tmp_path):
    text = {
        "csv": "id,score,repeat\na,1,1\na,0,2\nb,pass,1\nc,?,1\n",
        "jsonl": '{"id":"a","score":1,"repeat":1}\n{"id":"a","score":0,"repeat":2}\n'
        '{"id":"b","score":true}\n{"id":"c","score":"?"}\n',
        "json": '[{"id":"a","score":1,"repeat":1},{"id":"a","score":0,"repeat":2},{"id":"b","score":1},'
        '{"id":"c","score":"?"}]',
    }[name.split(".")[1]]
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    opened = open_result(path)
    assert opened.result.candidate == "scores"
    assert [(run.id, run.repeat, run.score) for run in opened.result.runs] == [
        ("a", 1, 1.0), ("a", 2, 0.0), ("b", 1, 1.0),
    ]  # fmt: skip
    assert len(opened.rejected) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d["cases"][0].update(score=1.5), "1.5"),
        (lambda d: d["cases"][0].update(socre=1), "socre"),
        (lambda d: d["cases"].append(d["cases"][0]), "stands at"),
        (lambda d: d.update(breakeven_eval=2), "format 2"),
        (lambda d: d.pop("cases"), "no `cases`"),
        (lambda d: d.pop("candidate"), "candidate"),
        (lambda d: d["cases"][1].update(latency_s=-1), "latency_s"),
    ],
)
def test_a_damaged_file_says_what_and_where(change, says, tmp_path):
    path = tmp_path / "r.json"
    write_result(path, sample())
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document, indent=1))
    with pytest.raises(EvidenceError) as caught:
        read_result(path)
    assert says in str(caught.value)
    assert all(p.place is not None and p.place.file == str(path) for p in caught.value.problems)


def test_mutated_files_give_placed_errors_only(tmp_path):
    path = tmp_path / "r.json"
    write_result(path, sample())
    original = path.read_bytes()
    rng = random.Random(7)
    failed = 0
    for _ in range(150):
        data = bytearray(original)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(data))
            action = rng.choice(("flip", "cut", "double"))
            if action == "flip":
                data[at] = rng.randrange(256)
            elif action == "cut":
                del data[at : at + rng.randint(1, 30)]
            else:
                data[at:at] = data[at : at + rng.randint(1, 30)]
            if not data:
                break
        path.write_bytes(bytes(data))
        said = refusal(path)
        failed += said is not None
        assert said is None or str(path) in said
    assert failed > 75


def refusal(path):
    """What is said of a file that can not be read; None for one that can."""
    try:
        read_result(path)
    except BreakevenError as exc:
        return str(exc)
    return None
