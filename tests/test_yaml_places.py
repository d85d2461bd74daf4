"""YAML is read safely, and everything in it keeps its place."""

from __future__ import annotations

import math
import time

import pytest

from breakeven import yaml_places
from breakeven.errors import Place, StudyError
from breakeven.yaml_places import dotted, load


def problem(text: str | bytes) -> str:
    with pytest.raises(StudyError) as caught:
        load(text, "b.yaml")
    [only] = caught.value.problems
    return str(only)


def test_keys_and_values_know_their_line_and_column() -> None:
    read = load("a: 1\nb:\n  c: [x, {d: y}]\n", "b.yaml")
    assert read.data == {"a": 1, "b": {"c": ["x", {"d": "y"}]}}
    assert read.place(("a",)) == Place(file="b.yaml", line=1, column=4)
    assert read.key_place(("b", "c")) == Place(file="b.yaml", line=3, column=3)
    assert read.place(("b", "c", 1, "d")) == Place(file="b.yaml", line=3, column=14)


def test_the_place_of_what_is_not_there_is_that_of_the_key_around_it() -> None:
    read = load("a: 1\nb:\n  c: 2\n", "b.yaml")
    assert read.place(("b", "missing")) == Place(file="b.yaml", line=2, column=1)
    assert read.place(("b", "c", "deeper")) == Place(file="b.yaml", line=3, column=3)
    assert read.key_place(("missing",)) == Place(file="b.yaml", line=1, column=1)


def test_get_follows_a_path_and_never_fails() -> None:
    read = load("a: [{b: 1}]", "b.yaml")
    assert read.get(("a", 0, "b")) == 1
    assert [read.get(path) for path in [("x",), ("a", 5), ("a", "b"), ("a", 0, "b", "c")]] == [None] * 4


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("8", 8), ("-3", -3), ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("true", True), ("False", False),
        ("null", None), ("~", None), ("", None), ("yes", "yes"), ("on", "on"), ("0x1F", "0x1F"), ("1_000", "1_000"),
        ("2026-10-01", "2026-10-01"), ("12:30:00", "12:30:00"), ("'8'", "8"), ("nan", "nan"), (".inf", math.inf),
        ("9" * 400, "9" * 400), ("0.15/1M tokens", "0.15/1M tokens"), ("٣", "٣"), ("| \n  two\n  lines", "two\nlines"),
    ],
)  # fmt: skip
def test_scalars_follow_yaml_1_2_and_nothing_is_constructed(written: str, value: object) -> None:
    assert load(f"a: {written}", "b.yaml").data == {"a": value}


def test_a_byte_order_mark_is_no_text() -> None:
    assert load(b"\xef\xbb\xbfa: 1", "b.yaml").data == {"a": 1}
    assert load("\ufeffa: 1", "b.yaml").data == {"a": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "b.yaml:1: the file is empty\n    `breakeven new` writes a study to start from"),
        ("# only a comment\n", "b.yaml:1: the file is empty\n    `breakeven new` writes a study to start from"),
        ("- a\n", "b.yaml:1:1: the file holds a list, not a mapping\n    a study starts with keys such as "
         "`name:`, `workload:`, `today:`, `candidates:`"),
        ("just text", "b.yaml:1:1: the file holds one value, not a mapping\n    a study starts with keys such as "
         "`name:`, `workload:`, `today:`, `candidates:`"),
        ("a: 1\nb: 2\na: 3", "b.yaml:3:1: the key 'a' stands here again; first at line 1\n    "
         "remove or rename one of the two"),
        ("a: &x 1", "b.yaml:1:4: the anchor or alias 'x' has no use in a study\n    write the value out"),
        ("a: *x", "b.yaml:1:4: the anchor or alias 'x' has no use in a study\n    write the value out"),
        ("a: {<<: {b: 1}}", "b.yaml:1:5: merge keys (<<) are no part of YAML 1.2\n    write the keys out"),
        ("a: !!python/object:os.system x", "b.yaml:1:4: the tag 'tag:yaml.org,2002:python/object:os.system' has no "
         "use in a study\n    remove the tag; write the plain value"),
        ("? [a]\n: 1", "b.yaml:1:3: a key is not plain text\n    write `key: value`"),
        ("'': 1", "b.yaml:1:1: a key is empty"),
        ("a: 1\n---\nb: 2", "b.yaml:2:1: a second document starts here\n    "
         "a study is one document: remove the ---"),
        ("a:\n\tb: 1", "b.yaml:2:1: this is not YAML: while scanning for the next token: found character '\\t' that "
         "cannot start any token\n    indent with spaces; YAML takes no tabs"),
        ("a: b: c", "b.yaml:1:5: this is not YAML: mapping values are not allowed here\n    "
         "a value with a colon in it stands in quotes; keys of one level start in one column"),
        ("a: [1, 2", "b.yaml:1:9: this is not YAML: while parsing a flow sequence: expected ',' or ']', but got "
         "'<stream end>'\n    every { and [ needs its } or ], with commas between"),
        ("a: @x", "b.yaml:1:4: this is not YAML: while scanning for the next token: found character '@' that cannot "
         "start any token\n    put the value in quotes"),
        ("a: \x07", "b.yaml:1:4: the character U+0007 can not stand in a study\n    remove it"),
        ('a: "\\x07"', "b.yaml:1:4: the character U+0007 can not stand in a study\n    remove its escape"),
        ('a: "\\ud800"', "b.yaml:1:4: the character U+D800 can not stand in a study\n    remove its escape"),
        ('"\\e[31m": 1', "b.yaml:1:1: the character U+001B can not stand in a study\n    remove its escape"),
        (b"a: 1\nb: caf\xe9", "b.yaml:2:7: byte 0xe9 is not UTF-8 text\n    save the file as UTF-8"),
        (b"\xff\xfea\x00", "b.yaml:1:1: byte 0xff is not UTF-8 text\n    save the file as UTF-8"),
    ],
)  # fmt: skip
def test_what_is_no_study_is_one_problem_with_its_place(text: str | bytes, said: str) -> None:
    assert problem(text) == said


def test_a_broken_escape_does_not_leak_the_parsers_own_slip() -> None:
    assert problem('a: "\\U99999999"').startswith("b.yaml:1: this is not YAML\n")


def test_nesting_has_a_floor() -> None:
    started = time.perf_counter()
    assert "nested deeper than 20 levels" in problem("a: " + "[" * 50_000)
    assert "nested deeper than 20 levels" in problem("\n".join("  " * n + "a:" for n in range(500)))
    assert time.perf_counter() - started < 5  # no parse of what lies below


def test_a_file_has_a_largest_size() -> None:
    assert (
        problem("a: " + "x" * 1_000_000)
        == "b.yaml: the file has 1,000,003 bytes; a study has at most 1,000,000"
    )
    assert problem(b"\n" * 1_000_001) == "b.yaml: the file has 1,000,001 bytes; a study has at most 1,000,000"


def test_a_file_has_a_largest_number_of_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_places, "MAX_VALUES", 20)
    assert load("a: [" + "1, " * 17 + "1]", "b.yaml").data  # the mapping, the list and 18 items
    assert problem("a: [" + "1, " * 18 + "1]") == "b.yaml:1:59: more than 20 values"


def test_paths_read_as_people_write_them() -> None:
    assert dotted(("candidates", "tuned", "runs")) == "candidates.tuned.runs"
    assert dotted(("evidence", "draws", 2)) == "evidence.draws[2]"
    assert dotted(()) == ""
