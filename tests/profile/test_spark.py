"""Spark makes of a log what DuckDB makes of it: the same figures, and the same rows refused for the same reasons."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections import Counter

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("pyspark", reason="Spark is not installed: pip install 'ibis-framework[pyspark]'")
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    pytest.skip("Spark needs Java", allow_module_level=True)

from breakeven.errors import EvidenceError
from breakeven.evidence.calls.engine import Engine
from breakeven.evidence.calls.engines.spark import SparkEngine
from breakeven.evidence.calls.read import read_logs
from breakeven.evidence.profile.build import build_profile
from breakeven.prices import load_book
from tests.profile.corruption import KINDS, good_row
from tests.profile.engine_logs import EXAMPLE, bad_lines, differences, odd_lines, profiled, repriced

# py4j leaves its sockets to the garbage collector
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(scope="module")
def spark():
    with SparkEngine(master="local[2]") as engine:
        yield engine


@pytest.fixture
def duck():
    with Engine(threads=2) as engine:
        yield engine


def test_the_session_listens_to_this_machine_only_and_in_utc(spark):
    conf = spark.session.conf
    assert conf.get("spark.driver.bindAddress") == conf.get("spark.driver.host") == "127.0.0.1"
    assert conf.get("spark.ui.enabled") == "false"
    assert conf.get("spark.sql.session.timeZone") == "UTC"


def test_the_example_has_the_same_profile(spark, duck):
    assert differences(profiled(duck, EXAMPLE), profiled(spark, EXAMPLE)) == []


def _refused(engine, log):
    return sorted(engine.rows(log.rejected.select("file", "line", "reason")))


def test_bad_rows_are_refused_alike_with_their_lines(spark, duck, tmp_path):
    path = tmp_path / "mixed.jsonl"
    path.write_bytes(b"\n".join([*bad_lines(), *odd_lines(), b"", b"  "]) + b"\n")
    log = read_logs([str(path)], engine=spark, keep_texts=True)
    assert differences(profiled(duck, path), build_profile(log, book=load_book())) == []
    refused = spark.rows(log.rejected.select("file", "line", "reason", "text"))
    near = read_logs([str(path)], engine=duck)
    assert _refused(spark, log) == _refused(duck, near)
    expected = Counter(reason for _, reason in list(KINDS.values()) * 5)
    assert expected <= Counter(reason for *_, reason, _ in refused)
    assert all(text for *_, text in refused)


def test_a_folder_by_its_address_is_read_by_spark_itself(spark, duck, tmp_path):
    for day in (1, 2):
        rows = [json.dumps(good_row(20 * day + i)) for i in range(30)] + ["{"]
        with gzip.open(tmp_path / f"day{day}.jsonl.gz", "wt") as file:
            file.write("\n".join(rows))
    log = read_logs([tmp_path.as_uri()], engine=spark)
    far, near = build_profile(log, book=load_book()), profiled(duck, tmp_path)
    assert far["rejected"] == {"not JSON": 2}
    assert far["repeated_in_files"] == 10  # calls 40 to 49 stand in both files
    assert differences({**near, "files": None}, {**far, "files": None}) == []
    places = {
        (file.rpartition("/")[2], line) for file, line in spark.rows(log.rejected.select("file", "line"))
    }
    assert places == {("day1.jsonl.gz", 31), ("day2.jsonl.gz", 31)}


def test_lines_are_known_over_all_blocks_that_a_file_is_read_in(spark, tmp_path):
    bad = {"a.jsonl": (1, 700, 1500), "b.jsonl": (2, 1999)}
    for name, lines in bad.items():
        rows = ["{" if i in lines else json.dumps(good_row(i)) for i in range(1, 2_001)]
        (tmp_path / name).write_text("\n".join(rows))
    before = spark.session.conf.get("spark.sql.files.maxPartitionBytes")
    spark.session.conf.set("spark.sql.files.maxPartitionBytes", 100_000)
    try:
        log = read_logs([tmp_path.as_uri()], engine=spark)
        found = {
            (file.rpartition("/")[2], line) for file, line in spark.rows(log.rejected.select("file", "line"))
        }
    finally:
        spark.session.conf.set("spark.sql.files.maxPartitionBytes", before)
    assert found == {(name, line) for name, lines in bad.items() for line in lines}


def test_tables_with_quoted_lines_and_cells_of_json_are_read_alike(spark, duck, tmp_path):
    path = tmp_path / "calls.csv"
    usage = '"{""prompt_tokens"": 7, ""completion_tokens"": 2}"'
    path.write_text(
        f'timestamp,model,usage,note\n2026-03-02T00:00:00Z,gpt-4o,{usage},"two\nlines"\n'
        f"2026-03-02T00:01:00Z,gpt-4o,{usage},x\n2026-03-02T00:02:00Z,gpt-4o\n"
    )
    found = profiled(spark, path)
    assert found["rejected"] == {"another number of columns than the header": 1}
    assert found["tokens"]["input"]["sum"] == 14
    assert differences(profiled(duck, path), found) == []


def test_rows_that_an_unclosed_quote_takes_with_it_are_not_lost_unsaid(spark, tmp_path):
    rows = [f"2026-01-02 00:{i:02d}:00,{100 + i},5,alpha" for i in range(40)]
    rows[10], rows[20] = f'{rows[10][:-5]}"alpha', f'{rows[20][:-5]}"alpha"'
    path = tmp_path / "calls.csv"
    path.write_text("TIMESTAMP,ContextTokens,GeneratedTokens,feature\n" + "\n".join(rows) + "\n")
    assert profiled(spark, path)["rejected"] == {"a quote that is not closed, with rows": 1}


def test_parquet_and_oddly_named_files_are_read_alike(spark, duck, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "_calls [1].parquet"
    pq.write_table(pa.Table.from_pylist([good_row(i) for i in range(40)]), path)
    assert differences(profiled(duck, path), profiled(spark, path)) == []


@pytest.mark.parametrize("name", ["tensorzero_haiku_log_a", "otel_genai_spans"])
def test_public_logs_have_the_same_profile(spark, duck, real_data, name):
    folder = real_data(name)
    assert differences(profiled(duck, folder), profiled(spark, folder)) == []


def test_a_cache_is_replayed_alike(spark, duck, real_data, tmp_path):
    lines = (real_data("mooncake_conversation") / "conversation_trace.jsonl").read_text().splitlines()[:400]
    path = tmp_path / "trace.jsonl"
    path.write_text("\n".join(lines) + "\n")
    assert differences(repriced(duck, path, cached="replay"), repriced(spark, path, cached="replay")) == []


def test_a_folder_without_logs_is_one_clear_error(spark, tmp_path):
    (tmp_path / "notes.doc").write_text("no log")
    with pytest.raises(EvidenceError, match="no log files by their names"):
        read_logs([tmp_path.as_uri()], engine=spark)
    with pytest.raises(EvidenceError, match="nowhere"):
        read_logs([(tmp_path / "nowhere").as_uri()], engine=spark)
