"""Cases from every format: the same cases have the same hash, and what is not used is listed with its line."""

from __future__ import annotations

import json

import pytest

from breakeven.errors import EvidenceError
from breakeven.evidence.evals.reading_cases import read_cases

ROWS: list[dict[str, object]] = [
    {"id": "a", "question": "1+1?", "expected": 2, "topic": "sums"},
    {"id": "b", "question": "2+2?", "expected": ["4", "four"], "topic": "sums"},
]


def lines_of(problems):
    """The line of each problem."""
    return [problem.place.line for problem in problems if problem.place is not None]


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_the_same_cases_in_any_format_and_order_have_one_hash(tmp_path):
    lines = write(tmp_path / "c.jsonl", "".join(json.dumps(row) + "\n" for row in ROWS))
    document = write(tmp_path / "c.json", json.dumps({"cases": ROWS[::-1]}))
    table = write(
        tmp_path / "c.csv",
        'id,topic,question,expected\na,sums,1+1?,2\nb,sums,2+2?,"[""4"", ""four""]"\n',
    )
    found = [read_cases(path, columns={"segment": "topic"}) for path in (lines, document, table)]
    assert len({cases.sha256 for cases in found}) == 1
    assert found[2].cases[1].expected == ["4", "four"]
    assert found[0].cases[0].variables == {"question": "1+1?"}
    assert found[0].cases[0].segment == "sums"
    other = write(tmp_path / "d.jsonl", "".join(json.dumps({**row, "expected": "x"}) + "\n" for row in ROWS))
    assert read_cases(other).sha256 != found[0].sha256


def test_parquet_reads_as_the_others_do(tmp_path):
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.Table.from_pylist([{"id": "a", "question": "1+1?"}]), tmp_path / "c.parquet")
    lines = write(tmp_path / "c.jsonl", '{"id": "a", "question": "1+1?"}\n')
    assert read_cases(tmp_path / "c.parquet").cases == read_cases(lines).cases


def test_duplicates_and_bad_rows_are_listed_with_their_line(tmp_path):
    path = write(
        tmp_path / "c.jsonl", '{"id":"a","input":"x"}\n{"id":"a","input":"y"}\nnot json\n{"id":"b"}\n[1]\n'
    )
    cases = read_cases(path)
    assert [case.id for case in cases.cases] == ["a"]
    assert lines_of(cases.rejected) == [2, 3, 4, 5]
    assert "stands at" in cases.rejected[0].message


def test_ids_are_made_of_content_where_there_are_none(tmp_path):
    one = read_cases(write(tmp_path / "a.csv", "input,expected\nx,1\ny,2\n"))
    other = read_cases(
        write(tmp_path / "b.jsonl", '{"input":"y","expected":2}\n{"input":"x","expected":1}\n')
    )
    assert {case.id for case in one.cases} == {case.id for case in other.cases}
    assert one.notes == ("2 of 2 cases have no id and got one made of their content (h-…)",)
    twice = read_cases(write(tmp_path / "c.csv", "input,expected\nx,1\nx,1\n"))
    assert lines_of(twice.rejected) == [3]


def test_columns_by_name_path_and_position(tmp_path):
    nested = write(tmp_path / "c.jsonl", '{"key":"a","q":{"text":"hi"},"gold":"yes"}\n')
    [case] = read_cases(nested, columns={"id": "key", "input": "q.text", "expected": "gold"}).cases
    assert (case.id, case.variables, case.expected) == ("a", {"input": "hi"}, "yes")
    bare = write(tmp_path / "c.csv", "hi,yes,a\nho,no,b\n")
    found = read_cases(bare, columns={"id": "#3", "input": "#1", "expected": "#2"}).cases
    assert [(case.id, case.variables, case.expected) for case in found] == [
        ("a", {"input": "hi"}, "yes"), ("b", {"input": "ho"}, "no"),
    ]  # fmt: skip
    with pytest.raises(EvidenceError, match="no column 'keys'"):
        read_cases(nested, columns={"id": "keys"})


PROMPTFOO = """
prompts: ['Translate {{text}} to {{language}}']
providers: [openai:gpt-4.1]
defaultTest:
  vars: {tone: formal}
tests:
  - vars: {text: Hello, language: [French, German]}
    assert: [{type: latency, threshold: 1}, {type: icontains, value: '{{language}}'}]
  - description: named
    vars: {text: Bye, language: French}
    metadata: {id: bye}
    assert: [{type: equals, value: Au revoir}]
  - just a text
"""


def test_the_tests_of_promptfoo(tmp_path):
    cases = read_cases(write(tmp_path / "promptfooconfig.yaml", PROMPTFOO))
    french, german, bye = cases.cases
    assert french.variables == {"tone": "formal", "text": "Hello", "language": "French"}
    assert (french.expected, german.expected) == ("French", "German")
    assert (bye.id, bye.expected, bye.metadata["description"]) == ("bye", "Au revoir", "named")
    [bad] = cases.rejected
    assert (lines_of([bad]), bad.message) == ([13], "not an inline test")
