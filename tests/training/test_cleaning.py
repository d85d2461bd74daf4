"""A cleaned copy and its log: nothing is lost, and the source comes back byte for byte."""

from __future__ import annotations

import json
import stat
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from breakeven.cli.root import root
from breakeven.errors import EvidenceError, InputError
from breakeven.evidence.training.check import CheckResult, Flagged
from breakeven.evidence.training.cleaning import Change, clean_rows, plan_changes, undo, write_cleaned
from breakeven.evidence.training.private import PERSONAL, SECRETS
from breakeven.evidence.training.reading import read_training
from tests.training.builders import checked, data, row


def chat(question: str, answer: str = "Click on it", **more: str) -> bytes:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return json.dumps({"messages": turns, **more}, ensure_ascii=False).encode()


LINES = [
    chat("My mail is bob@acme.io, £5 and ☃"),
    chat("How do I reset it?", "Use ?token=9f8d7c6b5a4e3d2c1b0a9f"),
    chat("How do I reset it?"),
    b"not json \xff",
    chat("Where is the button?"),
]


def run(*words: str) -> Result:
    return CliRunner().invoke(root, ["data", "clean", *words])


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "train.jsonl"
    path.write_bytes(
        b"\r\n".join(LINES[:2]) + b"\n" + b"\n".join(LINES[2:])
    )  # both endings, and none at the end
    return path


def test_kept_rows_are_kept_byte_for_byte_and_the_source_comes_back(train: Path, tmp_path: Path) -> None:
    before = train.read_bytes()
    page = run("train.jsonl", "-o", "clean.jsonl")
    assert page.exit_code == 0, page.exception
    copy = (tmp_path / "clean.jsonl").read_bytes()
    assert train.read_bytes() == before
    assert copy.splitlines()[-2:] == [LINES[3], LINES[4]]
    assert b"bob@acme.io" not in copy
    assert b"9f8d7c6b" not in copy
    assert "£5 and ☃" in copy.decode("utf-8", "replace")
    assert len(copy.splitlines()) == 4  # one repeat less
    assert "1 row that can not be read was kept" in page.output
    assert run("clean.jsonl", "--undo", "clean.undo", "-o", "again.jsonl").exit_code == 0
    assert (tmp_path / "again.jsonl").read_bytes() == before


def test_the_log_is_its_owner_s_alone(train: Path, tmp_path: Path) -> None:
    run("train.jsonl", "-o", "clean.jsonl")
    log = tmp_path / "clean.undo"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    head, *entries = [json.loads(line) for line in log.read_text().splitlines()]
    assert head["source"] == "train.jsonl"
    assert [(one["action"], one["checks"]) for one in entries] == [
        ("mask", ["personal-data"]), ("mask", ["secrets"]), ("drop", ["duplicates"]),
    ]  # fmt: skip


def test_unreadable_rows_can_be_left_out_and_come_back(train: Path, tmp_path: Path) -> None:
    before = train.read_bytes()
    told = json.loads(run("train.jsonl", "-o", "c.jsonl", "--drop", "unreadable", "--json").stdout)
    assert (told["rows"], told["dropped"], told["masked"]) == (4, 1, 0)
    run("c.jsonl", "--undo", "c.undo", "-o", "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == before


def test_an_edited_copy_is_not_undone(train: Path, tmp_path: Path) -> None:
    run("train.jsonl", "-o", "clean.jsonl")
    with (tmp_path / "clean.jsonl").open("ab") as file:
        file.write(b"\n{}")
    failed = run("clean.jsonl", "--undo", "clean.undo", "-o", "again.jsonl")
    assert isinstance(failed.exception, EvidenceError)
    assert "was edited" in str(failed.exception)
    assert not (tmp_path / "again.jsonl").exists()
    failed = run("train.jsonl", "--undo", "train.jsonl", "-o", "again.jsonl")
    assert "no log of data clean" in str(failed.exception)


def test_the_source_is_never_written_over(train: Path) -> None:
    before = train.read_bytes()
    for words in (
        ["-o", "train.jsonl"],
        ["-o", "train.jsonl", "--force"],
        ["-o", "c.jsonl", "--log", "train.jsonl", "--force"],
    ):
        assert isinstance(run("train.jsonl", *words).exception, InputError)
    assert train.read_bytes() == before


def test_a_copy_has_the_format_of_its_source(train: Path) -> None:
    assert "end its name in .jsonl" in str(run("train.jsonl", "-o", "c.csv").exception)
    assert not Path("c.csv").exists()
    assert not Path("c.undo").exists()


def test_only_what_patterns_find_can_be_masked(train: Path) -> None:
    failed = run("train.jsonl", "-o", "c.jsonl", "--mask", "duplicates")
    assert "can not be masked" in str(failed.exception)
    assert "did you mean 'duplicates'" in str(
        run("train.jsonl", "-o", "c.jsonl", "--drop", "duplicate").exception
    )


def test_a_csv_with_line_breaks_in_its_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = (
        b'question,label\r\n"first line\r\nmail bob@acme.io, ""now""",mail\r\n"plain, text",other\r\n'
        b'"twice\nthe same",x\r\n"Twice the same!",x\r\nlast one,y'
    )  # fmt: skip
    Path("t.csv").write_bytes(source)
    page = run("t.csv", "-o", "c.csv")
    assert page.exit_code == 0, page.exception
    rows = read_training(["c.csv"]).rows
    assert [one.question.split()[-1] for one in rows] == ['"now"', "text", "same", "one"]
    assert "[EMAIL]" in rows[0].question
    run("c.csv", "--undo", "c.undo", "-o", "again.csv")
    assert Path("again.csv").read_bytes() == source


def test_cells_between_semicolons_stay_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = b'question;label\nmail bob@acme.io, please;a,b\n"card 4111 1111 1111 1111; ""now""";c\n'
    Path("t.csv").write_bytes(source)
    assert run("t.csv", "-o", "c.csv").exit_code == 0
    assert Path("c.csv").read_bytes() == (
        b'question;label\nmail [EMAIL], please;a,b\n"card [CARD]; ""now""";c\n'
    )


def test_nothing_is_found_in_a_masked_copy(train: Path) -> None:
    run("train.jsonl", "-o", "clean.jsonl")
    for name in ("personal-data", "secrets"):
        assert checked(name, read_training(["train.jsonl"])).verdict == "fail"
        assert checked(name, read_training(["clean.jsonl"])).verdict == "pass"


@pytest.mark.parametrize("content", [b"[{}]", b"PAR1....", b"\x1f\x8bxx"])
def test_other_formats_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.json"
    path.write_bytes(content)
    with pytest.raises(EvidenceError):
        clean_rows(path, [])


def test_a_row_that_is_left_out_is_not_masked_too() -> None:
    made = data([row("a"), row("b", number=2)])

    def result(name: str, *rows: int) -> CheckResult:
        flagged = tuple(Flagged(row=k, place=made.rows[k].place, reason=name) for k in rows)
        return CheckResult(check=name, title=name, verdict="fail", because="", flagged=flagged)

    changes = plan_changes(
        made, [result("conflicts", 0)], [result("secrets", 0, 1), result("personal-data", 1)]
    )
    assert [(one.line, one.action, one.checks) for one in changes] == [
        (1, "drop", ("conflicts",)), (2, "mask", ("secrets", "personal-data")),
    ]  # fmt: skip
    assert changes[1].kinds == PERSONAL | SECRETS


def test_a_file_that_changed_since_it_was_checked_is_refused(train: Path) -> None:
    with pytest.raises(EvidenceError, match="has changed"):
        clean_rows(train, [Change(line=99, action="drop", checks=("x",), reasons=("y",))])


RECORDS = st.lists(
    st.one_of(
        st.text(st.characters(exclude_characters="\n", codec="utf-8"), max_size=20).map(
            lambda text: json.dumps({"q": f"{text} bob@acme.io"}, ensure_ascii=False).encode()
        ),
        st.binary(max_size=12).map(lambda data: data.replace(b"\n", b"")),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=40)
@given(records=RECORDS, ends=st.booleans(), seed=st.integers(0, 2**12))
def test_whatever_is_dropped_and_masked_copy_and_log_give_the_source(
    records: list[bytes], ends: bool, seed: int
) -> None:
    source = b'{"q": "first"}\n' + b"\n".join(records) + (b"\n" if ends else b"")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "t.jsonl"
        path.write_bytes(source)
        n = source.count(b"\n") + (not source.endswith(b"\n"))
        actions = [(seed >> 2 * k) & 3 for k in range(min(n, 6))]
        changes = [
            Change(
                line=k + 1, action="drop" if a == 1 else "mask", checks=("personal-data",), reasons=("r",),
                kinds=PERSONAL,
            )
            for k, a in enumerate(actions)
            if a in (1, 2)
        ]  # fmt: skip
        cleaned = clean_rows(path, changes)
        write_cleaned(cleaned, folder / "c.jsonl", folder / "c.log")
        assert undo(folder / "c.jsonl", folder / "c.log", folder / "again") == len(changes)
        assert (folder / "again").read_bytes() == source
