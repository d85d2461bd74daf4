"""Every way in: usage pages, guessed and mapped columns, late fields, wrong kinds of values, large documents."""

from __future__ import annotations

import gzip
import io
import json

import pytest
from click.testing import CliRunner

pytest.importorskip("duckdb")
pytest.importorskip("ibis")

from breakeven.cli.profile import profile
from breakeven.errors import EvidenceError
from breakeven.evidence.calls import documents
from breakeven.evidence.calls.detect import sample
from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.calls.files import find_files
from breakeven.evidence.calls.mapping import parse_mapping
from breakeven.evidence.calls.read import read_logs
from breakeven.evidence.profile.build import build_profile
from breakeven.prices import load_book
from tests.profile.corruption import good_row

DAY = 86_400
MARCH = 1_772_323_200
"""2026-03-01 00:00 UTC."""


def read(*paths, **options):
    with Engine(threads=2) as engine:
        return build_profile(read_logs([str(p) for p in paths], engine=engine, **options), book=load_book())


def run(*words, **options):
    return CliRunner().invoke(profile, [str(word) for word in words], catch_exceptions=False, **options)


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


# ------------------------------------------------------------------------------------------ usage pages


def usage(model, requests, *, given=1000, cached=200, out=50, **more):
    return {
        "object": "organization.usage.completions.result", "input_tokens": given * requests,
        "output_tokens": out * requests, "input_cached_tokens": cached * requests, "num_model_requests": requests,
        "project_id": "proj_a", "model": model, **more,
    }  # fmt: skip


def page(start, *results, width=DAY):
    return {"object": "bucket", "start_time": start, "end_time": start + width, "results": list(results)}


def pages(days, **more):
    buckets = [
        page(MARCH + i * DAY, usage("gpt-4.1-mini", 90 + i), usage("gpt-4.1", 10)) for i in range(days)
    ]
    return {"object": "page", "data": buckets, "has_more": True, "next_page": "page_x", **more}


@pytest.mark.parametrize("shape", ["document", "one line", "two pages", "buckets"])
def test_usage_pages_are_windows_of_their_own_width(tmp_path, shape):
    path, whole = tmp_path / "usage.json", pages(8)
    if shape == "two pages":
        half = {**whole, "data": whole["data"][:4]}, {**whole, "data": whole["data"][4:]}
        write(path, *half)
    elif shape == "buckets":
        write(path, *whole["data"])
    else:
        path.write_text(json.dumps(whole, indent=2 if shape == "document" else None))
    found = read(path)
    # 8 days of 90 + i and 10 calls: 8·100 + (0 + … + 7)
    assert found["files"][0]["format"] == "openai-usage"
    assert found["calls"] == 828
    assert found["tokens"]["input"] == {"sum": 828_000, "mean": 1000}
    assert found["tokens"]["output"]["sum"] == 41_400
    assert found["caching"]["share"] == pytest.approx(0.2)
    assert found["models"]["gpt-4.1"]["calls"] == 80
    assert found["span_days"] == 8
    assert found["rhythm"]["complete_days"] == 8
    assert found["rhythm"]["calls_by_day"] == [100 + i for i in range(8)]


def test_windows_say_nothing_of_what_is_within_them(tmp_path):
    path = tmp_path / "usage.json"
    path.write_text(json.dumps(pages(8)))
    rhythm = read(path)["rhythm"]
    assert "hour_of_day" not in rhythm
    assert rhythm["peak_to_mean"] == {}


def test_a_sum_over_a_window_does_not_reach_a_context_tier(tmp_path):
    # gpt-5.4 costs more for calls of over 272,000 input tokens; 1,000 calls of 1,000 tokens are no such call
    price = load_book().model("openai/gpt-5.4")
    assert price.tiers
    rows = [page(MARCH, usage("gpt-5.4", 1000, cached=0))]
    found = read(write(tmp_path / "usage.jsonl", *rows))
    wanted = (1_000_000 * price.input_usd_per_mtok + 50_000 * price.output_usd_per_mtok) / 1e6
    assert found["cost_usd"] == pytest.approx(wanted)


def test_usage_rows_that_are_none_are_refused(tmp_path):
    bad = page(MARCH, {**usage("gpt-4.1", 5), "num_model_requests": "many"}, usage("gpt-4.1", 5))
    found = read(write(tmp_path / "u.jsonl", bad, page(MARCH + DAY, usage("gpt-4.1", 1))))
    assert found["calls"] == 6
    assert found["rejected"] == {"rate_per_s is not a number": 1}


def test_the_older_usage_export(tmp_path):
    row = {
        "n_requests": 7,
        "n_context_tokens_total": 700,
        "n_generated_tokens_total": 70,
        "snapshot_id": "gpt-4.1",
    }
    rows = ({**row, "aggregation_timestamp": MARCH + 300 * i} for i in range(6))
    found = read(write(tmp_path / "u.jsonl", *rows))
    assert (found["calls"], found["tokens"]["input"]["mean"], found["span_days"]) == (42, 100, 1800 / DAY)


# ----------------------------------------------------------------------------------------- guessed, mapped

TABLE = "Created_At;prompt_tokens;completion_tokens;Model;latency_ms;team\n" + "".join(
    f"2026-03-{day:02}T10:00:00Z;{100 + day};{day};gpt-4.1;{day * 100};t{day % 2}\n" for day in range(1, 12)
)


def test_guesses_are_shown_with_their_ground(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(TABLE.replace("completion_tokens", "tokens_out"))
    found = json.loads(run(path, "--json", "--no-prompts").output)
    (file,) = found["files"]
    taken = {row["field"]: (row["column"], row["unit"], row["ground"]) for row in file["columns"]}
    assert taken["time"] == ("Created_At", None, "guessed by its name")
    assert taken["latency_s"] == ("latency_ms", "ms", "guessed by its name")
    assert file["unused"] == ["team"]
    shown = run(path, "--no-prompts").output
    assert "output_tokens     tokens_out" in shown
    assert "not used: team" in shown
    assert "--map FIELD=COLUMN" in shown
    assert all(len(line) <= 100 for line in shown.splitlines())


def test_a_mapped_column_goes_before_a_guess_and_the_rest_is_guessed(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(TABLE.replace("completion_tokens", "n"))
    found = json.loads(run(path, "--json", "--map", "output_tokens=n", "--map", "feature=team").output)
    grounds = {row["field"]: row["ground"] for row in found["files"][0]["columns"]}
    assert grounds["output_tokens"] == grounds["feature"] == "as mapped"
    assert grounds["model"] == "guessed by its name"
    assert set(found["features"]) == {"t0", "t1"}
    assert found["tokens"]["output"]["sum"] == 66


def test_a_mapping_changes_one_field_of_a_known_format(tmp_path):
    rows = [{**good_row(i), "labels": {"team": f"t{i % 2}"}} for i in range(20)]
    found = read(write(tmp_path / "a.jsonl", *rows), mapping=parse_mapping(["feature=labels.team"]))
    plain = read(tmp_path / "a.jsonl")
    assert found["files"][0]["format"] == "openai"
    assert set(found["features"]) == {"t0", "t1"}
    assert (found["tokens"], found["cost_usd"]) == (plain["tokens"], plain["cost_usd"])


def test_a_column_that_is_empty_at_first_can_be_mapped(tmp_path):
    path = tmp_path / "mine.csv"
    rows = "".join(f"2026-03-01,{i},1,\n" for i in range(1100)) + "2026-03-01,5,1,late\n"
    path.write_text("day,in,out,what\n" + rows)
    pairs = ["time=day", "input_tokens=in", "output_tokens=out", "feature=what"]
    assert read(path, mapping=parse_mapping(pairs))["features"]["late"]["calls"] == 1


# ---------------------------------------------------------------------------------- late fields, wrong values


@pytest.mark.parametrize("n", [1_500, 40_000])
@pytest.mark.parametrize("packed", [False, True])
def test_fields_that_come_late_are_read(tmp_path, n, packed):
    early = json.dumps({"model": "gpt-4.1", "usage": {"prompt_tokens": 10, "completion_tokens": 2}})
    late = json.dumps({
        "model": "gpt-4.1", "usage": {"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details":
        {"cached_tokens": 4}}, "timestamp": "2026-03-01T00:00:00Z", "latency_s": 0.5, "metadata": {"task": "sort"},
        "cost_usd": 0.25,
    })  # fmt: skip
    text = f"{early}\n" * n + f"{late}\n" * (n // 4)
    path = tmp_path / "a.jsonl"
    path.write_bytes(gzip.compress(text.encode(), 1) if packed else text.encode())
    found = read(path)
    assert found["calls"] == n + n // 4
    assert found["features"]["sort"]["calls"] == n // 4
    assert found["latency_s"]["n"] == n // 4
    assert found["caching"]["cached_tokens"] == n
    assert found["first"] == "2026-03-01T00:00:00+00:00"


@pytest.mark.parametrize("field", ["cached_tokens", "reasoning_tokens", "cost_usd", "input_tokens"])
def test_a_truth_is_no_number(tmp_path, field):
    row = {
        "timestamp": "2026-03-01T00:00:00Z",
        "model": "gpt-4.1",
        "prompt_tokens": 10,
        "completion_tokens": 2,
    }
    fine = {**row, "cached_tokens": 1, "reasoning_tokens": 1, "cost_usd": 0.5}
    spoilt = {**fine, ("prompt_tokens" if field == "input_tokens" else field): True}
    found = read(write(tmp_path / "a.jsonl", fine, spoilt))
    assert (found["calls"], found["rejected"]) == (1, {f"{field} is not a number": 1})


# --------------------------------------------------------------------------------------- large documents


@pytest.fixture
def small_parts(monkeypatch):
    """Documents of over 2,000 bytes are large, and read 100 bytes at a time."""
    monkeypatch.setattr(documents, "WHOLE", 2_000)
    monkeypatch.setattr(documents, "_CHUNK", 100)


SAME = ("calls", "first", "last", "tokens", "failures", "caching", "rejected", "files", "rhythm")


def spans(n):
    def span(i):
        values = {
            "gen_ai.request.model": "gpt-4.1",
            "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.output_tokens": i,
        }
        times = {
            "startTimeUnixNano": str((MARCH + i) * 10**9),
            "endTimeUnixNano": str((MARCH + i + 1) * 10**9),
        }
        return {"name": "chat", "traceId": "t", "spanId": f"s{i}", "attributes": values, **times}

    scopes = [{"scopeSpans": [{"spans": [span(i)]}]} for i in range(n)]
    return {"resourceSpans": scopes}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("document", [
    [good_row(i) for i in range(60)],
    {"object": "list", "first": {"a": [1]}, "data": [good_row(i) for i in range(60)], "more": "ü"},
    pages(30),
    spans(40),
], ids=["array", "member", "usage", "spans"])  # fmt: skip
def test_a_large_document_reads_as_a_small_one(tmp_path, monkeypatch, document, packed):
    path = tmp_path / "big.json"
    text = json.dumps(document, indent=1, ensure_ascii=False).encode()
    path.write_bytes(gzip.compress(text) if packed else text)
    whole = read(path)
    monkeypatch.setattr(documents, "WHOLE", 2_000)
    monkeypatch.setattr(documents, "_CHUNK", 100)
    parts = read(path)
    assert {name: parts[name] for name in SAME} == {name: whole[name] for name in SAME}
    assert parts["cost_usd"] == pytest.approx(whole["cost_usd"])
    assert whole["calls"] >= 40


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize(("text", "said"), [
    ('{\n"trace": {"x": "%s"}, "observed": []}', "holds no array of records"),
    ('[{"a": "%s"}, {"a": 1]', r"big\.json:1: not JSON"),
    ('[{"a": "%s"}\n {"a": 1}]', r"big\.json:2: not JSON.*comma"),
    ('[{"a": "%s"},\n\n {"a": ', r"big\.json:3: not JSON"),
])  # fmt: skip
def test_a_large_document_that_is_wrong_says_where(tmp_path, text, said):
    path = tmp_path / "big.json"
    path.write_text(text % ("x" * 3_000))
    with pytest.raises(EvidenceError, match=said):
        read(path, format_name="openai")


def test_a_document_wrong_at_its_end_is_an_error_not_a_shorter_log(tmp_path, small_parts):
    path = tmp_path / "big.json"
    text = json.dumps([good_row(i) for i in range(2_000)], indent=1)
    path.write_text(text[: len(text) // 2])
    with pytest.raises(EvidenceError, match=r"big\.json:\d+: not JSON"):
        read(path)


def test_places_all_over_a_large_file_are_looked_at(tmp_path):
    rows = ({f"part {i // 4_000}": i, "pad": "x" * 200} for i in range(40_000))
    path = write(tmp_path / "a.jsonl", *rows, {"last": 1})
    (file,) = find_files([str(path)], spool=tmp_path)
    seen = sample(file)
    assert {key for record in seen for key in record} == {"pad", "last", *(f"part {k}" for k in range(10))}
    assert len(seen) < 1_000


# -------------------------------------------------------------------------- prompts by standard input, mapped

ASK = "Sort this mail into one of nine queues and answer with the name of the queue and with nothing else. "


def mails(n=60):
    return [[{"role": "user", "content": f"{ASK}Mail {i}: where is parcel {i * 7919}?"}] for i in range(n)]


def test_prompts_come_by_standard_input_too(tmp_path):
    used = {"usage": {"prompt_tokens": 50}}
    rows = [{"request": {"model": "gpt-4.1", "messages": m}, "response": used} for m in mails()]
    path = write(tmp_path / "a.jsonl", *rows)
    by_file = json.loads(run(path, "--json").output)["prompt"]
    piped = json.loads(run("-", "--json", input=path.read_bytes()).output)["prompt"]
    assert piped == by_file
    assert piped["removable"]["share_of_input"] > 0.3


@pytest.mark.parametrize("shape", ["jsonl", "csv", "plain text", "parquet"])
def test_prompts_of_a_mapped_column(tmp_path, shape):
    import csv

    rows = [{"conversation": m, "n_in": 30, "n_out": 2} for m in mails()]
    if shape == "plain text":
        rows = [{**row, "conversation": row["conversation"][0]["content"]} for row in rows]
    path = tmp_path / "mine"
    if shape == "csv":
        table = io.StringIO()
        out = csv.DictWriter(table, rows[0])
        out.writeheader()
        out.writerows({**row, "conversation": json.dumps(row["conversation"])} for row in rows)
        path.write_text(table.getvalue())
    elif shape == "parquet":
        pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        write(path, *rows)
    words = ("--map", "messages=conversation", "--map", "input_tokens=n_in", "--map", "output_tokens=n_out")
    found = json.loads(run(path, "--json", *words).output)
    assert found["tokens"]["input"]["sum"] == 1_800
    assert found["prompt"]["with_texts"] == 60
    assert found["prompt"]["counting"]["method"] == "billed"
    assert found["prompt"]["templates"][0]["per_call"]["static_prefix"] > 15


def test_texts_without_usage_are_counted(tmp_path):
    path = write(tmp_path / "a.jsonl", *({"text": m[0]["content"]} for m in mails()))
    found = json.loads(run(path, "--json", "--map", "messages=text").output)
    assert found["tokens"]["input"] is None or found["tokens"]["input"].get("counted")
    assert found["prompt"]["counting"]["method"] == "counted"


# --------------------------------------------------------------------------------------- evaluation events


def evaluated(i, *, score, place):
    name, value = "gen_ai.evaluation.name", "gen_ai.evaluation.score.value"
    span = spans(i + 1)["resourceSpans"][i]["scopeSpans"][0]["spans"][0]
    if place == "span":
        span["attributes"] |= {name: "Relevance", value: score}
    elif place == "event":
        span["events"] = [
            {"name": "gen_ai.content.prompt", "attributes": {}},
            {"name": "gen_ai.evaluation.result", "attributes": {name: "Relevance", value: score}},
        ]
    else:
        typed = [
            {"key": name, "value": {"stringValue": "Relevance"}},
            {"key": value, "value": {"doubleValue": score}},
        ]
        span["events"] = [{"name": "gen_ai.evaluation.result", "attributes": typed}]
    return span


@pytest.mark.parametrize("place", ["span", "event", "typed event"])
def test_evaluations_of_spans_are_outcomes(tmp_path, place):
    rows = [evaluated(i, score=float(i % 4 > 0), place=place) for i in range(20)] + [
        spans(1)["resourceSpans"][0]
    ]
    rows[-1] = {"resourceSpans": [rows[-1]]}
    found = read(write(tmp_path / "spans.jsonl", *rows))["outcomes"]
    assert (found["Relevance"]["n"], found["Relevance"]["mean"]) == (20, 0.75)


def test_what_lies_beside_the_logs_of_a_folder_is_passed_over_and_named(tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "calls.jsonl").write_text("".join(json.dumps(good_row(i)) + "\n" for i in range(20)))
    (folder / "config.json").write_text('{"port": 3}')
    (folder / "notes.txt").write_text("to be read on Monday\n")
    with Engine(threads=1) as engine:
        log = read_logs([str(folder)], engine=engine)
        assert [one.file for one in log.files] == [str(folder / "calls.jsonl")]
        told = " ".join(log.warnings)
        assert all(word in told for word in ("passed over, no log", "config.json", "notes.txt"))
        with pytest.raises(EvidenceError, match=r"config\.json: the format is not known"):
            read_logs([str(folder), str(folder / "config.json")], engine=engine)
        (folder / "calls.jsonl").unlink()
        with pytest.raises(EvidenceError, match="the format is not known"):
            read_logs([str(folder)], engine=engine)


def test_a_file_that_holds_nothing_is_named(tmp_path):
    path = tmp_path / "calls.jsonl"
    path.write_text("\n")
    with Engine(threads=1) as engine, pytest.raises(EvidenceError, match=r"calls\.jsonl: empty"):
        read_logs([str(path)], engine=engine)


def test_sessions_are_kept_beside_messages(tmp_path):
    path = tmp_path / "calls.jsonl"
    path.write_text(
        "".join(json.dumps({**good_row(i), "session_id": f"s{i // 4}"}) + "\n" for i in range(20))
    )
    with Engine(threads=1) as engine:
        log = read_logs([str(path)], engine=engine, mapping=parse_mapping(["session=session_id"]))
        assert engine.rows(log.calls.agg(n=log.calls["session"].nunique())) == [(5,)]
