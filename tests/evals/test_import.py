"""Files of other tools, as those tools write them: every figure that a result keeps, and every trap."""

from __future__ import annotations

import io
import json
import random
import zipfile

import pytest

from breakeven.errors import BreakevenError, EvidenceError
from breakeven.evidence.evals.importing import Wishes, import_results


def write(path, thing):
    path.write_text(thing if isinstance(thing, str) else json.dumps(thing), encoding="utf-8")
    return path


def runs(imported, name):
    [result] = [r for r in imported.results if r.candidate == name]
    return result.runs


# --------------------------------------------------------------------------------------------- promptfoo


def promptfoo_row(prompt, test, score, **more):
    text = {0: "Hello", 1: "Bye", 2: "Hello"}[test]
    row = {
        "promptIdx": prompt, "testIdx": test, "success": score >= 0.5, "score": score, "failureReason": 0,
        "provider": {"id": f"openai:gpt-{prompt}", "label": ""}, "prompt": {"raw": "Say {{text}}", "label": "say"},
        "vars": {"text": text}, "testCase": {"vars": {"text": text}, "metadata": {"segment": "greetings"}},
        "namedScores": {"polite": 0.5}, "latencyMs": 480, "cost": 0.002,
        "response": {"output": "Hi", "tokenUsage": {"total": 30, "prompt": 20, "completion": 10}},
        "gradingResult": {"pass": True, "reason": "fine"},
    }  # fmt: skip
    return row | more


def promptfoo_file(tmp_path, name="results.json"):
    rows = [promptfoo_row(p, t, 1) for p in (0, 1) for t in (0, 1, 2)]
    rows[4] = promptfoo_row(1, 1, 0, failureReason=2, error="Rate limit\nexceeded", cost=0)
    rows[5]["response"]["cached"] = True
    if name.endswith("jsonl"):
        return write(tmp_path / name, "".join(json.dumps(row) + "\n" for row in rows))
    summary = {
        "version": 3,
        "timestamp": "2026-10-01T10:00:00.000Z",
        "results": rows,
        "prompts": [],
        "stats": {},
    }
    return write(tmp_path / name, {"evalId": "eval-1", "results": summary, "config": {}})


@pytest.mark.parametrize("name", ["results.json", "results.jsonl"])
def test_promptfoo_results(name, tmp_path):
    found = import_results(promptfoo_file(tmp_path, name))
    assert (found.tool, [r.candidate for r in found.results]) == (
        "promptfoo",
        ["openai/gpt-0", "openai/gpt-1"],
    )
    first, second, third = runs(found, "openai/gpt-0")
    # Tests 0 and 2 are the same test: promptfoo counts a repeat as a further test.
    assert first.id == third.id != second.id
    assert (first.repeat, third.repeat, first.segment) == (1, 2, "greetings")
    assert (first.input_tokens, first.output_tokens, first.cost_usd, first.latency_s) == (20, 10, 0.002, 0.48)
    assert (first.scores, first.output, first.note) == ({"polite": 0.5}, "Hi", "fine")


def test_what_promptfoo_does_not_know_is_not_zero(tmp_path):
    _, failed, cached = runs(import_results(promptfoo_file(tmp_path)), "openai/gpt-1")
    assert (failed.score, failed.failure, failed.cost_usd) == (None, "error: Rate limit exceeded", None)
    assert (cached.score, cached.cost_usd, cached.latency_s, cached.input_tokens) == (1.0, None, None, None)


def test_a_promptfoo_test_is_the_same_case_in_the_config(tmp_path):
    from breakeven.evidence.evals.reading_cases import read_cases

    found = import_results(promptfoo_file(tmp_path))
    cases = read_cases(write(tmp_path / "c.yaml", "tests:\n  - vars: {text: Hello}\n  - vars: {text: Bye}\n"))
    assert {case.id for case in cases.cases} == {run.id for run in runs(found, "openai/gpt-0")}


# ----------------------------------------------------------------------------------------------- Inspect


def inspect_log(status="success", **sample):
    base = {
        "id": 1, "epoch": 1, "input": "Q", "target": "A",
        "output": {"choices": [{"message": {"content": [{"type": "text", "text": "A"}]}}], "time": 0.5},
        "messages": [{"role": "assistant", "content": "A"}],
        "scores": {"match": {"value": "C", "explanation": "same"}, "length": {"value": 3}},
        "model_usage": {
            "openai/m": {"input_tokens": 10, "input_tokens_cache_read": 90, "output_tokens": 5},
            "openai/judge": {"input_tokens": 1000, "output_tokens": 50},
        },
    }  # fmt: skip
    task = {
        "task": "t",
        "model": "openai/m",
        "created": "2026-05-12T20:28:13-04:00",
        "dataset": {"sample_ids": [1]},
    }
    return {
        "version": 2, "status": status, "eval": task, "results": {"total_samples": 1, "scores": [{"scorer": "match"}]},
        "samples": [base | sample],
    }  # fmt: skip


def inspect_zip(log):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", json.dumps({k: v for k, v in log.items() if k != "samples"}))
        for sample in log["samples"]:
            archive.writestr(f"samples/{sample['id']}_epoch_{sample['epoch']}.json", json.dumps(sample))
    return stream.getvalue()


def test_inspect_counts_all_input_of_the_candidate_alone(tmp_path):
    found = import_results(write(tmp_path / "log.json", inspect_log()))
    [result] = found.results
    [run] = result.runs
    assert (result.candidate, result.model, result.complete, result.scorer) == (
        "m",
        "openai/m",
        True,
        "match",
    )
    # Inspect's input leaves out what was cached; the judge's tokens are not the candidate's.
    assert (run.input_tokens, run.cached_tokens, run.output_tokens) == (100, 90, 5)
    assert (run.score, run.scores, run.output, run.note) == (1.0, {"length": 3.0}, "A", "same")
    (tmp_path / "log.eval").write_bytes(inspect_zip(inspect_log()))
    assert import_results(tmp_path / "log.eval").results == found.results


@pytest.mark.parametrize(
    ("value", "score"), [("C", 1.0), ("I", 0.0), ("P", 0.5), ("N", 0.0), (True, 1.0), (0.25, 0.25), ({"f1": 0.5}, 0.5)]
)  # fmt: skip
def test_inspect_values(value, score, tmp_path):
    log = inspect_log(scores={"match": {"value": value}})
    [run] = import_results(write(tmp_path / "log.json", log)).results[0].runs
    assert run.score == score


def test_an_inspect_sample_that_failed_is_not_wrong(tmp_path):
    log = inspect_log(scores={}, error={"message": "connection reset"})
    [run] = import_results(write(tmp_path / "log.json", log)).results[0].runs
    assert (run.score, run.failure) == (None, "error: connection reset")


def test_several_values_of_a_scorer_want_a_name(tmp_path):
    path = write(tmp_path / "log.json", inspect_log(scores={"match": {"value": {"p": 1, "r": 0.5}}}))
    with pytest.raises(EvidenceError, match=r"match\.p, match\.r"):
        import_results(path)
    [run] = import_results(path, wishes=Wishes(columns={"score": ("match.r",)})).results[0].runs
    assert (run.score, run.scores) == (0.5, {"match.p": 1.0})


@pytest.mark.parametrize("status", ["cancelled", "error", "started", None])
def test_an_unfinished_log_is_not_complete(status, tmp_path):
    found = import_results(write(tmp_path / "log.json", inspect_log(status)))
    assert found.results[0].complete is False
    assert "not a complete run" in found.problems[0].message


def test_missing_samples_are_listed(tmp_path):
    log = inspect_log()
    log["eval"]["dataset"]["sample_ids"] = [1, 2, 3]
    found = import_results(write(tmp_path / "log.json", log))
    assert found.results[0].complete is False
    assert "2 of 3 cases are not in the log: 2, 3" in found.problems[0].message


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    from breakeven.evidence.evals.importing import source

    monkeypatch.setattr(source, "_MOST_MEMBER_BYTES", 1_000)
    (tmp_path / "log.eval").write_bytes(inspect_zip(inspect_log(input="x" * 100_000)))
    with pytest.raises(EvidenceError, match="unpacked"):
        import_results(tmp_path / "log.eval")


# ------------------------------------------------------------------------------------------------ MLflow


def mlflow_rows():
    def assessment(name, kind, value):
        return {"assessment_name": name, kind: {"value": value}, "trace_id": "tr"}

    return [
        {
            "trace_id": f"tr-{n}", "request": {"question": question}, "response": "R", "state": "OK",
            "execution_duration": 1200, "trace_metadata": {"mlflow.trace.tokenUsage": '{"input_tokens": 7}'},
            "assessments": [assessment("correct", "feedback", verdict), assessment("answer", "expectation", "1")],
        }
        for n, (question, verdict) in enumerate([("a", "yes"), ("b", "no"), ("a", True)])
    ]  # fmt: skip


def test_mlflow_traces_pair_by_their_request(tmp_path):
    found = import_results(write(tmp_path / "traces.json", mlflow_rows()))
    first, second, third = found.results[0].runs
    assert (found.tool, found.results[0].scorer) == ("mlflow", "correct")
    assert (first.score, second.score, third.score) == (1.0, 0.0, 1.0)
    assert (first.id, third.repeat, first.latency_s, first.input_tokens) == (third.id, 2, 1.2, 7)


def test_mlflow_table_of_before(tmp_path):
    table = {"columns": ["inputs", "outputs", "latency", "similarity/v1/score", "similarity/v1/justification"],
             "data": [["a", "x", 0.5, 5, "good"], ["b", "y", 0.7, 1, "bad"]]}  # fmt: skip
    path = write(tmp_path / "eval_results_table.json", table)
    with pytest.raises(EvidenceError, match="--scale"):
        import_results(path)
    found = import_results(path, wishes=Wishes(scale=(1, 5)))
    assert [(run.score, run.latency_s) for run in found.results[0].runs] == [(1.0, 0.5), (0.0, 0.7)]


def test_a_table_of_mlflow_runs_has_no_cases(tmp_path):
    path = write(tmp_path / "runs.csv", "run_id,status,metrics.accuracy\nr1,FINISHED,0.9\n")
    with pytest.raises(EvidenceError, match="one mean a run"):
        import_results(path)


# ------------------------------------------------------------------------------------------------ tables


def table(tmp_path, text, name="t.csv", **columns):
    wishes = Wishes(columns={key: tuple(value.split(",")) for key, value in columns.items()})
    return import_results(write(tmp_path / name, text), wishes=wishes)


def test_a_wide_table_is_one_candidate_a_column(tmp_path):
    found = table(tmp_path, "q,x,y\na,1,0\nb,1,\nb,0,0\n", id="q", score="*")
    assert [(r.candidate, [run.score for run in r.runs], r.complete) for r in found.results] == [
        ("x", [1.0, 1.0], True), ("y", [0.0], False),
    ]  # fmt: skip
    assert [p.message for p in found.problems] == [
        "case 'b' stands at line 3 already",
        "y: 1 of 2 cases were not run: b",
    ]


def test_a_long_table_with_everything(tmp_path):
    head = "id,candidate,score,repeat,cluster,segment,failure,input_tokens,latency_ms,cost_usd,output\n"
    text = head + "a,m,1,1,k,s,,12,250,0.01,yes\na,m,0,2,k,s,,,,,\nb,m,,1,,,time-out,,,,\nc,m,,1,,,,,,,\n"
    found = table(tmp_path, text)
    first, again, lost = found.results[0].runs
    assert (first.input_tokens, first.latency_s, first.cost_usd, first.cluster) == (12, 0.25, 0.01, "k")
    assert (again.repeat, again.score, again.cost_usd) == (2, 0.0, None)
    assert (lost.score, lost.failure) == (None, "time-out")
    assert [p.place.line for p in found.problems] == [5]


def test_runs_of_a_case_in_one_cell(tmp_path):
    found = table(
        tmp_path, "mode,item,outcomes\nin,1,0110\nin,2,x\n", candidate="mode", id="item", repeats="outcomes"
    )
    assert [(run.repeat, run.score) for run in found.results[0].runs] == [
        (1, 0.0),
        (2, 1.0),
        (3, 1.0),
        (4, 0.0),
    ]
    assert [p.place.line for p in found.problems] == [3]


def test_joined_ids_row_numbers_and_unknown_columns(tmp_path):
    text = "page,line,right\n1,1,1\n1,2,0\n"
    assert [run.id for run in table(tmp_path, text, id="page,line", score="right").results[0].runs] == [
        "1/1",
        "1/2",
    ]
    assert [run.id for run in table(tmp_path, text, id="#row", score="right").results[0].runs] == ["1", "2"]
    with pytest.raises(EvidenceError, match="no column 'rihgt'"):
        table(tmp_path, text, id="page", score="rihgt")
    with pytest.raises(EvidenceError, match="no column `score`"):
        table(tmp_path, text)


def test_no_texts_are_kept_unless_wanted(tmp_path):
    path = promptfoo_file(tmp_path)
    [run, *_] = import_results(path, wishes=Wishes(texts=False)).results[0].runs
    assert (run.input, run.output, run.note) == (None, None, None)


# -------------------------------------------------------------------------------------- other packages


class Entry:
    name = "acme"

    def __init__(self, loaded):
        self.load = lambda: loaded


def test_other_packages_bring_importers(tmp_path, monkeypatch):
    from breakeven.evidence.evals import importing

    acme = importing.Importer(
        name="acme",
        title="Acme",
        recognises=lambda source: "acme" in source.document,
        reads=lambda source, wishes: importing.Imported(tool="acme", results=()),
    )
    importing.importers.cache_clear()
    monkeypatch.setattr(importing, "entry_points", lambda group: [Entry(acme)])
    assert import_results(write(tmp_path / "a.json", {"acme": 1})).tool == "acme"
    importing.importers.cache_clear()
    monkeypatch.setattr(importing, "entry_points", lambda group: [Entry("text")])
    with pytest.raises(EvidenceError, match=r"'acme' of breakeven\.eval_formats is no Importer"):
        import_results(write(tmp_path / "a.json", {"acme": 1}))
    importing.importers.cache_clear()


# ---------------------------------------------------------------------------------------------- mutation


def test_mutated_files_give_errors_of_ours_only(tmp_path):
    originals = {
        "p.json": promptfoo_file(tmp_path).read_bytes(),
        "i.json": json.dumps(inspect_log()).encode(),
        "i.eval": inspect_zip(inspect_log()),
        "m.json": json.dumps(mlflow_rows()).encode(),
        "t.csv": b"id,candidate,score,repeat\na,m,1,1\nb,m,0,1\nb,n,0.5,2\n",
    }
    rng = random.Random(11)
    for name, original in originals.items():
        for _ in range(60):
            data = bytearray(original)
            for _ in range(rng.randint(1, 3)):
                at = rng.randrange(len(data))
                if rng.random() < 0.5:
                    data[at] = rng.randrange(256)
                else:
                    del data[at : at + rng.randint(1, 20)]
                if not data:
                    data = bytearray(b" ")
            (tmp_path / name).write_bytes(bytes(data))
            said = refusal(tmp_path / name)
            assert said is None or name in said


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, [1], {"a": 1}, 1e400, -1, True])
@pytest.mark.parametrize("builder", ["promptfoo", "inspect", "mlflow"])
def test_any_value_anywhere_is_survived(builder, value, tmp_path):
    """Each value in each place of a document, one at a time."""
    document = {
        "promptfoo": {"results": {"results": [promptfoo_row(0, 0, 1), promptfoo_row(0, 1, 1)]}},
        "inspect": inspect_log(),
        "mlflow": mlflow_rows()[:1],
    }[builder]
    for path in paths(document):
        changed = json.loads(json.dumps(document))
        here = changed
        for key in path[:-1]:
            here = here[key]
        here[path[-1]] = value
        file = write(tmp_path / "x.json", changed)
        said = refusal(file, tool=builder)
        assert said is None or "x.json" in said


def refusal(path, **options):
    """What is said of a file that can not be read; None for one that can."""
    try:
        import_results(path, **options)
    except BreakevenError as exc:
        return str(exc)
    return None


def paths(thing, prefix=()):
    items = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    for key, value in items:
        yield (*prefix, key)
        yield from paths(value, (*prefix, key))
