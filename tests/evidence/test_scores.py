from __future__ import annotations

import datetime as dt
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import EvidenceError
from breakeven.evidence import ScoreTable, files, parse_scores, read_scores


def reasons(table: ScoreTable) -> list[tuple[int | None, str]]:
    return [(problem.place.line, problem.message) for problem in table.rejected if problem.place]


def refusal(text: str, file: str) -> str:
    with pytest.raises(EvidenceError) as caught:
        parse_scores(text, file=file)
    return str(caught.value)


# The formats ---------------------------------------------------------------------------------------

SAME = {
    "list.json": '[{"id": "a", "score": 1}, {"id": "b", "score": 0.5}]',
    "cases.json": '{"cases": [{"id": "a", "score": true}, {"id": "b", "score": "50%"}]}',
    "map.json": '{"scores": {"a": 1, "b": 0.5}}',
    "lines.jsonl": '{"id": "a", "score": 1}\n\n{"id": "b", "score": 0.5}\n',
    "commas.csv": "id,score\na,1\nb,0.5\n",
    "letters.csv": "\ufeffScore, ID \r\npass,a\r\n.5,b\r\n",
    "semicolons.csv": "id;score\na;1\nb;5e-1\n",
    "tabs.tsv": 'id\tscore\n"a"\tTRUE\nb\t0.5',
    "no end, list": '\n [{"id": "a", "score": 1}, {"id": "b", "score": 0.5}]',
    "no end, object": '{"scores": {"a": 1,\n "b": 0.5}}',
    "no end, lines": '{"id": "a", "score": 1}\n{"id": "b", "score": 0.5}',
    "scores.txt": "id,score\na,1\nb,0.5\n",
}


@pytest.mark.parametrize("file", SAME)
def test_every_format_gives_the_same(file):
    table = parse_scores(SAME[file], file=file)
    assert table.ids == ("a", "b")
    assert table.scores.tolist() == [1, 0.5]
    assert (table.clusters, table.repeats, table.rejected, table.ignored) == (None, None, (), ())
    assert not table.binary


@pytest.mark.parametrize("file", ["full.csv", "full.json"])
def test_clusters_and_repeats(file):
    rows = [("a", 1, "k", 1), ("a", 0, "k", 2), ("b", 1, None, 1)]
    if file.endswith("csv"):
        lines = [",".join("" if value is None else str(value) for value in row) for row in rows]
        text = "\n".join(["id,score,cluster,repeat", *lines])
    else:
        text = json.dumps([dict(zip(("id", "score", "cluster", "repeat"), row, strict=True)) for row in rows])
    table = parse_scores(text, file=file)
    assert table.ids == ("a", "a", "b")
    assert table.clusters == ("k", "k", None)
    assert table.repeats == ("1", "2", "1")
    assert (table.n_cases, table.binary, table.rejected) == (2, True, ())


def test_what_a_file_says_about_itself():
    text = (
        '{"candidate": "prompt", "date": "2026-11-02T10:00:00Z", "iterations": 14, "model": "x", '
        '"cases": [{"id": 7, "score": 1, "latency": 2}]}'
    )
    table = parse_scores(text, file="s.json")
    assert (table.candidate, table.date, table.iterations) == ("prompt", dt.date(2026, 11, 2), 14)
    assert table.ids == ("7",)
    assert table.ignored == ("latency", "model")


def test_other_columns_are_listed():
    assert parse_scores("note,id,score\nx,a,1", file="s.csv").ignored == ("note",)


def test_the_scores_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        parse_scores("id,score\na,1", file="s.csv").scores[0] = 0


@pytest.mark.parametrize(
    ("written", "score"),
    [
        ("true", 1),
        ("False", 0),
        ("PASS", 1),
        ("fail", 0),
        ("1", 1),
        ("1.", 1),
        (" .25 ", 0.25),
        ("100%", 1),
        ("2e-1", 0.2),
    ],
)
def test_scores_as_people_write_them(written, score):
    assert parse_scores(f"id,score\na,{written}", file="s.csv").scores.tolist() == [score]


# Rows that can not be used -------------------------------------------------------------------------


def test_every_bad_row_of_a_csv_is_kept_with_its_line():
    text = (
        "id,score\n"  # 1
        "a,1\n"
        "b,\n"  # 3: no score
        "\n"
        ",1\n"  # 5: no id
        "c,nan\n"  # 6
        "d,1,2\n"  # 7: three fields
        "a,0\n"  # 8: a again
        'e,"0,5"\n'  # 9: decimal comma
        "f,1_0\n"  # 10
        "g,١\n"  # 11: a digit, but not one of ours
        '"h\ni",1\n'  # 12, 13: over two lines
        "j,1\n"
        'k,"1'  # 15: never closed
    )
    table = parse_scores(text, file="s.csv")
    assert table.ids == ("a", "j")
    assert [line for line, _ in reasons(table)] == [3, 5, 6, 7, 8, 9, 10, 11, 12, 15]
    assert reasons(table)[4] == (8, "case 'a' stands at s.csv:2 already")
    assert "3 fields where the header has 2" in reasons(table)[3][1]


def test_every_bad_row_of_a_json_is_kept_with_its_place():
    text = """[
      {"id": "a", "score": 1}, {"id": "a", "score": 0},
      5,
      {"id": true, "score": 1},
      {"id": "b", "score": 1, "score": 0},
      {"ID": "c", "id": "d", "score": 0},
      {"id": "e", "score": NaN}, {"id": "f", "score": 1e999},
      {"id": "g", "score": null},
      {"id": "\\ud800", "score": 1},
      {"id": "h", "score": [1]},
      {"id": "  ", "score": 1},
      {"id": 1.5, "score": 1}
    ]"""
    table = parse_scores(text, file="s.json")
    assert table.ids == ("a",)
    assert [line for line, _ in reasons(table)] == [2, 3, 4, 5, 6, 7, 7, 8, 9, 10, 11, 12]
    assert str(table.rejected[0].place) == "s.json:2:32"


def test_an_id_twice_in_an_object_is_seen():
    # json.loads would have kept the last one and said nothing.
    table = parse_scores('{"scores": {"a": 1, "b": 0, "a": 0}}', file="s.json")
    assert table.scores.tolist() == [1, 0]
    assert reasons(table) == [(1, "case 'a' stands at s.json:1:13 already")]


def test_the_same_repeat_twice_is_seen():
    text = "id,score,repeat\na,1,1\na,0,1\na,0,2"
    table = parse_scores(text, file="s.csv")
    assert table.scores.tolist() == [1, 0]
    assert reasons(table) == [(3, "case 'a' with repeat 1 stands at s.csv:2 already")]


def test_a_case_belongs_to_one_cluster():
    table = parse_scores("id,score,repeat,cluster\na,1,1,k\na,0,2,m\na,0,3,", file="s.csv")
    assert reasons(table) == [(3, "case 'a' is in cluster 'm' here and in 'k' before")]
    assert table.clusters == ("k", "k")


def test_the_last_line_of_a_killed_run_is_one_problem():
    table = parse_scores('{"id": "a", "score": 1}\n{"id": "b", "sco', file="s.jsonl")
    assert table.ids == ("a",)
    assert reasons(table)[0][0] == 2


def test_a_line_separator_inside_a_json_string_ends_no_line():
    table = parse_scores('{"id": "a\u2028b", "score": 1}\n{"id": "c", "score": 1}', file="s.jsonl")
    assert table.ids == ("a\u2028b", "c")


@pytest.mark.parametrize(
    "hostile", ["=cmd|'/c calc'!A1", "<script>alert(1)</script>", "\x1b[31mred", "a" * 1000]
)
def test_ids_are_data(hostile):
    table = parse_scores(
        json.dumps([{"id": hostile, "score": 1}, {"id": hostile, "score": "?"}]), file="s.json"
    )
    assert table.ids == (hostile,)
    message = table.rejected[0].message
    assert "\x1b" not in message
    assert len(message) < 200


def test_an_endless_id_is_no_id():
    table = parse_scores(json.dumps([{"id": "a" * 1001, "score": 1}, {"id": "b", "score": 1}]), file="s.json")
    assert table.ids == ("b",)
    assert "1001 characters" in table.rejected[0].message


# Files that can not be used ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scores", "line", "readings"),
    [
        (["1", "92", "85"], 3, ["as a percentage it is 0.92", "more than everything"]),
        (["4", "5", "3"], 3, ["as a percentage it is 0.05", "as a grade out of 5 it is 1"]),
        (["1", "9"], 3, ["as a percentage it is 0.09", "as a grade out of 10 it is 0.9"]),
        (["1", "-1"], 3, ["was not run", "failed"]),
        (["1", "250"], 3, ["as a percentage and as a share"]),
    ],
    ids=str,
)
def test_another_scale_is_an_error_with_both_readings(scores, line, readings):
    rows = "".join(f"c{i},{score}\n" for i, score in enumerate(scores))
    message = refusal("id,score\n" + rows, "s.csv")
    assert message.startswith(f"s.csv:{line}: ")
    for reading in readings:
        assert reading in message


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("s.csv", "case,correct\na,1", "s.csv:1: the header reads 'case,correct': no column `id` and no"),
        ("s.csv", "\n\nid,result\na,1", "s.csv:3: the header reads 'id,result': no column `score`"),
        ("s.csv", "id,score,Score\na,1,1", "names `score` 2 times"),
        ("s.csv", "id,score\n", "no rows"),
        ("s.csv", "id,score\na,x\nb,y\n", "no usable score in 2 rows"),
        ("s.csv", 'id,score\n"a,1\nb,1\n', "s.csv:2: not CSV"),
        ("s.json", "[]", "no rows"),
        ("s.json", "5", "neither a list nor an object"),
        ("s.json", '{"a": 1, "b": 0}', "holds 'a', 'b'; one of `cases` and `scores` is needed"),
        ("s.json", "{}", "holds nothing"),
        ("s.json", '{"cases": [], "scores": {}}', "one of `cases` and `scores`"),
        ("s.json", '{"cases": {"a": 1}}', "`cases` has the wrong shape"),
        ("s.json", '{"cases": [], "cases": []}', "'cases' is given twice"),
        ("s.json", '[\n{"id": "a", "score": 1},\n', "s.json:3:1: not JSON"),
        ("s.json", '[{"id": "a", "score": 1}] 7', "s.json:1:27: not JSON: Extra data"),
        ("s.json", '{"id": "a", "score": 1}\n{"id": "b", "score": 1}', "name the file .jsonl"),
        ("s.json", "[" * 100_000, "can not be read"),
        ("s.json", '[{"id": "a", "score": ' + "9" * 5000 + "}]", "can not be read"),
        (
            "s.json",
            '{"date": "last week", "scores": {"a": 1}}',
            "s.json:1:2: date: 'last week' is not a date",
        ),
        ("s.json", '{"iterations": "many", "scores": {"a": 1}}', "iterations: 'many' is not a count"),
        ("s.json", '{"candidate": [], "scores": {"a": 1}}', "candidate [] is not a label"),
        ("s.jsonl", "nothing here\n", "no usable score in 1 rows"),
    ],
)
def test_a_file_that_is_unusable_says_where_and_why(file, text, told):
    assert told in refusal(text, file)


def test_an_unusable_file_does_not_print_itself_whole():
    message = refusal("id,score\n" + "".join(f"c{i},x\n" for i in range(5000)), "s.csv")
    assert len(message.splitlines()) < 40


def test_reads_a_file(tmp_path):
    path = tmp_path / "v14.csv"
    path.write_bytes("\ufeffid,score\r\nä,1\r\n".encode())
    table = read_scores(path)
    assert table.ids == ("ä",)
    assert table.path == str(path)


def test_a_file_that_is_not_there_names_one_that_is(tmp_path):
    (tmp_path / "prompt.json").write_text("[]", encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"no such file\s+near it: prompt.json"):
        read_scores(tmp_path / "promt.json")
    with pytest.raises(EvidenceError, match="no folder"):
        read_scores(tmp_path / "none" / "prompt.json")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf \n", "the file is empty"),
        ("id,score\na,1".encode("utf-16"), "UTF-16"),
        ("id,score\nä,1".encode("latin-1"), "s.csv:2: byte 0xe4 is not UTF-8"),
    ],
)
def test_a_file_that_is_no_text_says_so(tmp_path, content, told):
    (tmp_path / "s.csv").write_bytes(content)
    with pytest.raises(EvidenceError, match=told):
        read_scores(tmp_path / "s.csv")


def test_a_file_has_its_bounds(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 1 << 20)
    (tmp_path / "s.csv").write_bytes(b"id,score\n" + b"a,1\n" * 300_000)
    with pytest.raises(EvidenceError, match="more than 1 MB"):
        read_scores(tmp_path / "s.csv")


def test_what_is_no_file_is_not_waited_for(tmp_path):
    with pytest.raises(EvidenceError, match="this is a folder"):
        read_scores(tmp_path)
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(EvidenceError, match="not a regular file"):
        read_scores(tmp_path / "pipe.csv")


# Properties ----------------------------------------------------------------------------------------

# An id in a CSV file is text on one line, without half characters.
ids = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20).filter(
    lambda text: bool(text.strip())
)


@given(st.dictionaries(ids.map(str.strip), st.floats(0, 1), min_size=1, max_size=20))
def test_what_is_written_is_read(scores):
    table = parse_scores(json.dumps({"scores": scores}), file="s.json")
    assert dict(zip(table.ids, table.scores.tolist(), strict=True)) == scores
    quoted = "".join('"{}",{!r}\n'.format(case.replace('"', '""'), score) for case, score in scores.items())
    again = parse_scores("id,score\n" + quoted, file="s.csv")
    assert again.ids == table.ids
    assert again.scores.tolist() == table.scores.tolist()


@pytest.mark.parametrize("file", ["s.json", "s.jsonl", "s.csv", "s"])
@given(text=st.text(max_size=60) | st.text('{}[]",:\n id score10a', max_size=60))
def test_whatever_comes_it_is_read_or_refused(file, text):
    try:
        table = parse_scores(text, file=file)
    except EvidenceError:
        return
    assert len(table.ids) == table.scores.size > 0


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["1", "0", "x", ""])), min_size=1, max_size=20)
)
def test_no_row_is_lost(rows):
    text = "id,score\n" + "".join(f"{case},{score}\n" for case, score in rows)
    try:
        table = parse_scores(text, file="s.csv")
    except EvidenceError:
        return
    assert len(table.ids) + len(table.rejected) == len(rows)
