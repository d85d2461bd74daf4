"""``breakeven data check``: the page, its files, its exit codes; and what it rests on."""

from __future__ import annotations

import datetime as dt
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from breakeven.cli.root import root
from breakeven.errors import EvidenceError, MissingExtraError, Place
from breakeven.evidence.training.audit import DataAudit
from breakeven.evidence.training.audit_file import audit_as_dict, read_audit, write_audit
from breakeven.evidence.training.check import CheckInput, CheckResult, DataCheck, Flagged
from breakeven.evidence.training.checking import check_data
from breakeven.evidence.training.checks import data_checks, named_checks
from breakeven.evidence.training.costs import training_costs
from breakeven.evidence.training.outside import case_texts, log_texts
from breakeven.evidence.training.reading import read_training
from breakeven.evidence.training.sidecar import write_flagged
from breakeven.evidence.training.tokens import count_tokens
from breakeven.evidence.training.truncation import cut_short, repeats_itself
from breakeven.prices import load_book
from breakeven.report.data_text import data_text

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "training-data"
FAST = ("--only", "format", "--only", "length")
STABLE = {"check", "verdict", "value", "low", "high", "threshold", "source", "rows_file"}


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(root, ["data", "check", *map(str, words)], env={"COLUMNS": "80"})


def toy(found: str = "pass", **more: Any) -> DataCheck:
    return DataCheck(
        name="toy", title="A toy",
        find=lambda given: CheckResult(check="toy", title="A toy", verdict=found, because="so it is", **more),  # type: ignore[arg-type]
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ the command


def test_what_was_planted_in_the_example_is_found(tmp_path: Path) -> None:
    """Lines as tools/make_example_training.py plants them: one cut off, one without instructions, one unanswered."""
    done = run(EXAMPLE / "train.jsonl", *FAST, "--host", "openai", "-o", tmp_path, "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["rows"], found["rejected"]) == (0, 259, {"not JSON": 1})
    form = found["checks"][0]
    assert set(form) >= STABLE
    assert (form["verdict"], form["rows_file"]) == ("fail", str(tmp_path / "rows" / "format.jsonl"))
    lines = [json.loads(line) for line in Path(form["rows_file"]).read_text().splitlines()]
    assert [(line["line"], line["row"]) for line in lines] == [(151, None), (91, 90), (121, 120)]
    # 258 of the 259 rows have an answer, and every queue is one token.
    assert found["tokens"] == found["token_counts"]["sum"] > found["token_counts"]["answers"] == 258
    assert json.loads((tmp_path / "data.json").read_text())["checks"][0]["rows_file"] == "rows/format.jsonl"


def test_all_checks_run_on_the_example(tmp_path: Path) -> None:
    done = run(
        EXAMPLE / "train.jsonl",
        "--eval",
        EXAMPLE / "cases.jsonl",
        "--logs",
        EXAMPLE / "calls.jsonl",
        "--json",
    )
    found = {check["check"]: check for check in json.loads(done.stdout)["checks"]}
    assert list(found) == [check.name for check in data_checks()]
    assert {check["verdict"] for check in found.values()} <= {"pass", "fail", "cannot_tell"}
    assert found["leakage"]["flagged"] == 4
    assert all(check["rows_file"] is None for check in found.values())


def test_the_page_says_what_fails_first_and_keeps_its_width() -> None:
    done = run(EXAMPLE / "train.jsonl", *FAST)
    assert done.exit_code == 0
    assert done.stdout.startswith("NOT READY  1 of 2 checks fails\n")
    assert max(map(len, done.stdout.splitlines())) <= 80
    heads = [line for line in done.stdout.splitlines() if line.isupper() or line.startswith("HOSTS")]
    assert [head.split()[0] for head in heads] == ["FAILS", "PASSES", "LIMITS", "HOSTS"]


def test_a_command_to_run_next_can_be_copied_at_any_width(tmp_path: Path) -> None:
    words = [
        "breakeven",
        "data",
        "clean",
        "a file.jsonl",
        "--drop",
        "leakage",
        "--eval",
        "cases-of-today.jsonl",
        "-o",
        "b",
    ]
    made = audit(toy("fail", next_step=shlex.join(words)))
    for width in (40, 60, 120):
        page = data_text(made, width=width)
        command = page.partition("Next:")[2].partition("\n\n")[0]
        assert shlex.split(command.replace("\\\n", "")) == words  # a shell drops a backslash that ends a line
        assert max(map(len, page.splitlines())) <= width


def test_a_limit_says_where_it_comes_from() -> None:
    more: dict[str, Any] = {
        "threshold": 0.5,
        "better": "below",
        "source": "document 003, section 4",
        "value": 0.2,
    }
    assert "20%  at most 50%  document 003, section 4" in data_text(audit(toy(**more)), width=80)
    short = data_text(audit(toy("fail", **more)), width=40)
    assert "20%  at most 50%  [1]" in short
    assert "LIMITS COME FROM\n  [1] document 003, section 4\n" in short


def test_strict_stops_at_a_bad_row_and_wants_every_check_to_pass(tmp_path: Path) -> None:
    assert run(EXAMPLE / "train.jsonl", *FAST, "--strict").exit_code == 1  # raised; the program makes it 2
    rows = [
        {"messages": [{"role": "user", "content": f"q {k}"}, {"role": "assistant", "content": "a."}]}
        for k in range(10)
    ]
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_text("".join(json.dumps(row) + "\n" for row in rows))
    bad.write_text("".join(json.dumps(row) + "\n" for row in rows[1:]))
    assert run(good, *FAST, "--strict", "--host", "openai").exit_code == 0
    assert run(bad, *FAST, "--strict", "--host", "openai").exit_code == 3
    assert run(bad, *FAST, "--host", "openai").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--epochs", "4..2"), "from 1, the smaller first"),
        (("--epochs", "two"), "write a whole number or a range"),
        (("--set", "duplicates"), "write CHECK=VALUE"),
        (("--set", "duplicats=2%"), "did you mean 'duplicates'"),
        (("--set", "duplicates=few"), "a share such as 2%"),
    ],
)
def test_a_wrong_option_says_what_would_be_right(words: tuple[str, ...], said: str) -> None:
    done = run(EXAMPLE / "train.jsonl", *words)
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())


def test_a_threshold_can_be_set(tmp_path: Path) -> None:
    strict = run(EXAMPLE / "train.jsonl", "--only", "duplicates", "--json")
    loose = run(EXAMPLE / "train.jsonl", "--only", "duplicates", "--set", "duplicates=20%", "--json")
    (one,), (two,) = (json.loads(done.stdout)["checks"] for done in (strict, loose))
    assert (one["verdict"], two["verdict"], two["threshold"]) == ("fail", "pass", 0.2)


def test_a_result_tells_the_score_on_clean_cases(tmp_path: Path) -> None:
    scores = tmp_path / "scores.csv"
    cases = [json.loads(line)["id"] for line in (EXAMPLE / "cases.jsonl").read_text().splitlines()]
    scores.write_text("id,score\n" + "".join(f"{case},{int(k < 40)}\n" for k, case in enumerate(cases)))
    done = run(
        EXAMPLE / "train.jsonl",
        "--eval",
        EXAMPLE / "cases.jsonl",
        "--result",
        scores,
        "--only",
        "leakage",
        "--json",
    )
    [leakage] = json.loads(done.stdout)["checks"]
    # The four leaked cases are among the forty right ones: 40 of 80 are right on all, 36 of 76 on the clean ones.
    assert (leakage["details"]["accuracy"], leakage["details"]["accuracy_clean"]) == (
        0.5,
        pytest.approx(36 / 76),
    )


def test_the_examples_in_the_help_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("train.jsonl", "cases.jsonl"):
        Path(name).write_bytes((EXAMPLE / name).read_bytes())
    Path("logs").mkdir()
    Path("logs/calls.jsonl").write_bytes((EXAMPLE / "calls.jsonl").read_bytes())
    Path("train.csv").write_text("ticket,queue\n" + "".join(f"ticket {k},queue {k % 2}\n" for k in range(30)))
    text = (
        CliRunner()
        .invoke(root, ["data", "check", "--help"])
        .output.partition("Examples:")[2]
        .partition("Options:")[0]
    )
    lines = [line.split() for line in text.splitlines() if line.strip().startswith("breakeven data check")]
    assert len(lines) == 4
    for words in lines:
        done = CliRunner().invoke(root, words[1:])
        assert done.exit_code == 0, (words, done.output)


def test_the_example_is_what_its_tool_writes() -> None:
    from tools.make_example_training import wanted

    for path, text in wanted().items():
        assert path.read_text("utf-8") == text, "write them again: python -m tools.make_example_training"


# ------------------------------------------------------------------------------------------------- in one pass


def audit(*checks: DataCheck, **more: Any) -> DataAudit:
    return check_data(read_training([EXAMPLE / "cases.jsonl"]), book=load_book(), checks=checks, **more)


def test_a_check_that_lacks_a_package_can_not_tell_and_stops_no_other() -> None:
    def lacking(given: CheckInput) -> CheckResult:
        raise MissingExtraError("rensa", "data")

    def unable(given: CheckInput) -> CheckResult:
        raise EvidenceError("too few words")

    assert audit(DataCheck(name="b", title="B", find=unable)).checks[0].because == "too few words"
    found = audit(DataCheck(name="a", title="A", find=lacking), toy())
    first, second = found.checks
    assert (first.verdict, first.because) == ("cannot_tell", "rensa is not installed; it comes with an extra")
    assert first.next_step == "pip install 'breakeven[data]'"
    assert (second.verdict, found.readiness) == ("pass", "cannot tell")
    assert audit(toy()).readiness == "ready"
    assert audit(toy(), toy("fail")).readiness == "not ready"


def test_a_check_of_another_package_is_found_and_replaces_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        name = "length"

        def load(self) -> DataCheck:
            return DataCheck(name="length", title="Theirs", find=toy().find)

    monkeypatch.setattr("breakeven.evidence.training.checks.entry_points", lambda group: [Entry()])
    data_checks.cache_clear()
    try:
        [check] = named_checks(("length",))
        assert check.title == "Theirs"
    finally:
        data_checks.cache_clear()


@settings(max_examples=25)
@given(value=st.floats() | st.none(), flagged=st.integers(0, 5), text=st.text(max_size=20))
def test_any_audit_survives_its_file(
    value: float | None, flagged: int, text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("data")
    text = text.encode("utf-8", "ignore").decode()
    flags = tuple(Flagged(row=k, place=Place(file=text, line=k + 1), reason=text) for k in range(flagged))
    made = audit(toy("fail", value=value, flagged=flags, details={"a": {"b": value, "c": text}}), seed=3)
    write_audit(folder, made)
    found = read_audit(folder)
    assert audit_as_dict(found) == audit_as_dict(made)
    assert (found.readiness, found.flagged) == ("not ready", {"toy": flagged})
    files = write_flagged(folder, made.checks)
    assert files == ({"toy": "rows/toy.jsonl"} if flagged else {})
    if flagged:
        assert len((folder / "rows" / "toy.jsonl").read_text("utf-8").split("\n")) == flagged + 1
    assert data_text(made, width=60)


def test_a_file_of_rows_goes_when_its_check_flags_nothing_any_more(tmp_path: Path) -> None:
    flag = Flagged(row=0, place=Place(file="a", line=1), reason="so")
    write_flagged(tmp_path, audit(toy("fail", flagged=(flag,))).checks)
    assert (tmp_path / "rows" / "toy.jsonl").exists()
    write_flagged(tmp_path, audit(toy()).checks)
    assert not (tmp_path / "rows" / "toy.jsonl").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"), ("[]", "no audit of training data"), ('{"breakeven_data": 99}', "format 99"),
        ('{"breakeven_data": 1, "surprise": 2}', "readiness: field required"),
    ],
)  # fmt: skip
def test_another_file_is_no_audit(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text(text)
    with pytest.raises(EvidenceError, match=message):
        read_audit(path)


# ------------------------------------------------------------------------------------------ tokens and dollars


def test_tokens_are_counted_by_the_chat_format_s_rule(tmp_path: Path) -> None:
    """``Hi`` and ``there`` are one token each: 2 texts + 4 a message × 2 + 3 to open the answer = 13."""
    path = tmp_path / "train.jsonl"
    path.write_text(
        '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "there"}]}\n'
    )
    tokens = count_tokens(read_training([path]), model="gpt-4.1-mini")
    assert (tokens.rows.tolist(), tokens.answers.tolist(), tokens.own) == ([13], [1], True)


def test_training_is_priced_by_hand_and_unknown_is_no_price() -> None:
    """1M tokens × 2 epochs × 3 runs × $5 = $30; 4 epochs × 10 runs × $5 = $200 (openai/gpt-4.1-mini at $5)."""
    openai, vertex, trl = training_costs(
        1_000_000, load_book(), ("openai", "vertex", "trl"), epochs=(2, 4), runs=(3, 10), model="gpt-4.1-mini"
    )
    assert [(c.base, c.low_usd, c.high_usd) for c in openai.costs] == [("openai/gpt-4.1-mini", 30.0, 200.0)]
    assert (vertex.low_usd, vertex.high_usd) == (None, None)
    assert vertex.note == "sold by size, which gpt-4.1-mini does not tell"
    assert (trl.low_usd, trl.costs) == (None, ())


def test_an_offer_that_has_ended_is_left_out() -> None:
    def costs(on: dt.date) -> Any:
        return training_costs(
            1_000_000, load_book(), ("azure",), epochs=(1, 1), runs=(1, 1), model="gpt-4.1", on=on
        )[0]

    assert costs(dt.date(2027, 4, 14)).costs
    assert (costs(dt.date(2027, 4, 15)).costs, costs(dt.date(2027, 4, 15)).note) == (
        (),
        "no price for gpt-4.1",
    )


@given(tokens=st.integers(0, 10**9), epochs=st.integers(1, 9), runs=st.integers(1, 9))
def test_more_of_anything_never_costs_less(tokens: int, epochs: int, runs: int) -> None:
    def low(n: int, e: int, r: int) -> float:
        [host] = training_costs(n, load_book(), ("openai",), epochs=(e, e), runs=(r, r))
        assert host.low_usd is not None
        assert host.high_usd is not None
        assert host.low_usd <= host.high_usd
        return host.low_usd

    base = low(tokens, epochs, runs)
    assert base <= min(
        low(tokens + 1, epochs, runs), low(tokens, epochs + 1, runs), low(tokens, epochs, runs + 1)
    )


# ---------------------------------------------------------------------------------------------- cut short


def test_an_answer_that_stops_where_the_others_end_looks_cut() -> None:
    whole = [
        f"This is answer number {k}, and it ends as a sentence ought to do, in a mark." for k in range(40)
    ]
    cut = [*whole, "This is another answer, which says a good deal and then it stops in the middle of"]
    assert set(cut_short(cut)) == {40}
    assert (
        cut_short(
            [
                f"no habit of ending sentences here, only words and words and words again {k}"
                for k in range(40)
            ]
        )
        == {}
    )
    assert set(cut_short([*['{"a": 1}'] * 30, '{"a": ['])) == {30}
    assert set(cut_short(["```\ncode\n```", "```\ncode"])) == {1}


def test_only_a_long_text_that_says_one_thing_repeats_itself() -> None:
    assert repeats_itself("I am happy. " * 200)
    assert not repeats_itself("I am happy. " * 20)
    assert not repeats_itself((EXAMPLE / "cases.jsonl").read_text()[:5_000])


# -------------------------------------------------------------------------------------------- texts from outside


def test_questions_of_cases_and_logs_are_read(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("text,category\nWhere?,card\n")
    [case] = case_texts(path).texts
    assert (case.text, case.label) == ("Where?", "card")
    chat = tmp_path / "cases.jsonl"
    said = (("system", "S"), ("user", "Q"), ("assistant", "A"))
    chat.write_text(json.dumps({"messages": [{"role": role, "content": text} for role, text in said]}))
    assert [text.text for text in case_texts(chat).texts] == ["Q"]
    texts, calls = log_texts([str(EXAMPLE / "calls.jsonl")])
    assert texts is not None
    assert (len(texts), calls, texts[0].label) == (100, 100, "triage")
    assert not any("Name the queue" in text.text for text in texts)


def test_logs_without_texts_say_so(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_text("time,input_tokens,output_tokens,model\n2026-01-01T00:00:00Z,5,5,a\n")
    assert log_texts([str(path)]) == (None, 1)


def test_on_a_narrow_screen_an_interval_stands_below_and_every_source_is_named_in_full() -> None:
    said: dict[str, Any] = {
        "value": 0.9583, "low": 0.9054, "high": 0.9863, "level": 0.95, "threshold": 0.95, "better": "above",
        "source": "document 003, section 4, as far as anybody can tell from what is printed there",
    }  # fmt: skip
    made = audit(toy("pass", **said))
    wide, narrow = (data_text(made, width=width) for width in (120, 50))
    assert "95.8% [90.5%, 98.6%] (95%)  at least 95%  [1]" in wide
    assert "Figure 95.8% [90.5%, 98.6%] (95%)." in narrow
    for page, width in ((wide, 120), (narrow, 50)):
        assert max(map(len, page.splitlines())) <= width
        assert str(said["source"]) in " ".join(page.split())
        assert "counted over all rows" not in page
    counted = {**said, "low": None, "high": None}
    assert "Figures without an interval are counted over all rows." in data_text(
        audit(toy("pass", **counted)), width=80
    )
