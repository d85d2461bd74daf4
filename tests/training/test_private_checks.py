"""Personal data, secrets, language, crude words, origin and edge cases."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.evidence.training.auditing.keys import row_keys
from breakeven.evidence.training.auditing.verdicts import Verdict, write_audit
from breakeven.evidence.training.checks import language
from breakeven.evidence.training.private import PERSONAL, SECRETS, find_private, scan_rows
from breakeven.evidence.training.reading import read_training
from breakeven.evidence.training.row import Message, TrainingRow
from tests.training.builders import checked, data, row


def rows(texts: list[str], answer: str = "yes", **fields: Any) -> list[TrainingRow]:
    return [row(text, answer, number=k + 1, **fields) for k, text in enumerate(texts)]


def test_personal_data_is_counted_by_kind_and_never_repeated() -> None:
    found = checked(
        "personal-data",
        data(rows(["mail bob@acme.io or +41 44 668 18 00", "nothing", "card 4111 1111 1111 1111"])),
    )
    assert found.verdict == "fail"
    assert found.value == pytest.approx(2 / 3)
    assert found.details["kinds"] == {"EMAIL": 1, "PHONE": 1, "CARD": 1}
    assert [one.row for one in found.flagged] == [0, 2]
    assert all("acme" not in one.reason and "4111" not in one.reason for one in found.flagged)
    assert "names" in found.because  # what is not looked for is said


def test_an_answer_a_tool_call_and_a_rejected_answer_are_read_too() -> None:
    made = row("hello", "write to bob@acme.io")
    called = replace(
        made,
        messages=(
            Message(role="assistant", content="", tool_calls=({"arguments": '{"to": "bob@acme.io"}'},)),
        ),
    )
    disliked = row("hello", "no", rejected="bob@acme.io")
    assert [one.row for one in scan_rows([made, called, disliked, row("x")], PERSONAL)] == [0, 1, 2]


@pytest.mark.parametrize(
    "text", ["mail bob@example.com", "at 127.0.0.1 or 192.168.1.7", "id 4111111111111112"]
)
def test_what_can_be_nobody_s_is_let_pass(text: str) -> None:
    assert find_private(text, PERSONAL) == []


def test_clean_rows_pass() -> None:
    assert checked("personal-data", data(rows(["hi"]))).verdict == "pass"
    assert checked("secrets", data(rows(["hi"]))).verdict == "pass"


@pytest.mark.parametrize(
    "text",
    [
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AccountName=x;AccountKey=Zm9vYmFyYmF6MTIzNDU2Nzg5MGFiY2RlZmdoaWo=;",
        "GET https://api.acme.io/v1?api_key=9f8d7c6b5a4e3d2c1b0a&x=1",
        "postgres://bob:s3cr3tpw@db.acme.io/x",
        "sk-ant-api03-abcdefghijklmnop1234",
        "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "the access token is 8fJ2kQ9xLm4Rt7Vw1Zp3",
        "https://hooks.slack.com/services/T0000/B0000/abcdefghijklmnop",
    ],
)
def test_secrets(text: str) -> None:
    found = checked("secrets", data(rows(["hello", text])))
    assert (found.verdict, found.value) == ("fail", 1.0)
    assert [one.row for one in found.flagged] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "The secret of internationalization is simple",
        "my token arrived on tuesday, order 12345678901234567890",
        "reset the authentication-token-number-1 setting",
        "How do I change my password? I forgot it",
        "primary key: customer_order_line_number_reference",
        "path: /usr/share/dict/words and key/value/pairs/are/here",
    ],
)
def test_talk_about_secrets_is_none(text: str) -> None:
    assert find_private(text, SECRETS) == []


@given(st.text(max_size=200))
def test_no_text_is_both_found_and_out_of_bounds(text: str) -> None:
    for one in find_private(text, PERSONAL | SECRETS):
        assert 0 <= one.start < one.end <= len(text)


def test_marked_sentences(real_data) -> None:
    """1,500 made-up sentences: every row with marked data is flagged, hardly another one."""
    kinds = {"CREDIT_CARD", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "PHONE_NUMBER", "US_SSN"}
    marked = json.loads((real_data("presidio_pii_a") / "synth_dataset_v2.json").read_text(encoding="utf-8"))
    truth = {k for k, one in enumerate(marked) if any(s["entity_type"] in kinds for s in one["spans"])}
    flagged = {one.row for one in scan_rows(rows([one["full_text"] for one in marked]), PERSONAL)}
    assert len(truth & flagged) / len(truth) > 0.99
    assert len(truth & flagged) / len(flagged) > 0.97
    secrets = scan_rows(rows([one["full_text"] for one in marked]), SECRETS)
    assert len(secrets) <= 2


# ------------------------------------------------------------------------------------------------ language

ENGLISH = "I would like to know when my new card is going to arrive at my house"
GERMAN = "Ich möchte gerne wissen, wann meine neue Karte bei mir zu Hause ankommen wird"


def test_language_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("a network is asked for")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    found = checked("language", data(rows([ENGLISH] * 9 + [GERMAN])))
    assert found.verdict == "fail"
    assert found.value == pytest.approx(0.1)
    assert [one.row for one in found.flagged] == [9]
    assert found.details["languages"] == {"en": 9, "de": 1}
    assert checked("language", data(rows([ENGLISH] * 39 + [GERMAN]))).verdict == "pass"


def test_short_texts_have_no_known_language() -> None:
    found = checked("language", data(rows(["ok", "Card?"])))
    assert (found.verdict, found.value) == ("cannot_tell", None)
    few = checked("language", data(rows([ENGLISH, "ok", "no"])))
    assert (few.verdict, few.details["too_short"]) == ("cannot_tell", 2)


def test_twelve_letters_of_another_script_are_enough() -> None:
    found = checked("language", data(rows([ENGLISH] * 3 + ["カードはいつ届きますか教えてください"])))
    assert [one.row for one in found.flagged] == [3]


# ---------------------------------------------------------------------------------- crude words, origin, edge


def test_crude_answers_fail_and_crude_questions_are_only_flagged() -> None:
    asked = checked("toxic", data(rows(["where is my damn card, you bastards"])))
    assert (asked.verdict, len(asked.flagged)) == ("pass", 1)
    told = checked("toxic", data(rows(["hi"], answer="oh shut the hell up")))
    assert (told.verdict, told.value) == ("fail", 1.0)


@pytest.mark.parametrize(
    "text", ["Scunthorpe and Cockburn", "a classic assessment", "document the shitake recipe",
             "Dick Cheney, Mr Yamashita", "hoes and rakes", "pass the grapes", "a damn shame"]
)  # fmt: skip
def test_names_and_longer_words_are_not_crude(text: str) -> None:
    assert not checked("toxic", data(rows([text]))).flagged


def test_an_english_list_says_little_of_other_languages() -> None:
    german = "Bitte sagen Sie mir, wann meine neue Karte endlich ankommt, ich warte schon sehr lange darauf."
    found = checked("toxic", data(rows([german + str(k) for k in range(5)], answer="Bald.")))
    assert (found.verdict, found.value) == ("cannot_tell", None)
    assert "texts in de" in found.because
    assert checked("toxic", data(rows([german], answer="shit"))).verdict == "fail"


def test_booking_requests_with_crude_words(real_data: Callable[[str], Path]) -> None:
    train = read_training([real_data("restaurant8k_slots") / "train_0.json"])
    crude = [train.rows[one.row].question for one in checked("toxic", train).flagged]
    assert len(crude) == 30  # of 8,198; all were read: each one swears, insults or shuts up
    assert sum("fuck" in text.lower() for text in crude) == 16


def mixed(**counts: int) -> list[TrainingRow]:
    return [row(f"{name} {k}", origin=name) for name, n in counts.items() for k in range(n)]


@pytest.mark.parametrize(
    ("counts", "verdict", "low", "high"),
    [
        ({"human": 3, "verified": 3, "synthetic": 4}, "pass", 0.6, 0.6),
        ({"human": 4, "synthetic": 6}, "fail", 0.4, 0.4),
        ({"human": 4, "unknown": 3, "synthetic": 3}, "cannot_tell", 0.4, 0.7),
        ({"human": 5, "unknown": 5}, "pass", 0.5, 1.0),
        ({"human": 1, "unknown": 2, "synthetic": 7}, "fail", 0.1, 0.3),
        ({"unknown": 5}, "cannot_tell", None, None),
    ],
)
def test_origin_is_bounded_by_what_silent_rows_could_be(
    counts: dict[str, int], verdict: str, low: float | None, high: float | None
) -> None:
    found = checked("origin", data(mixed(**counts)))
    assert found.verdict == verdict
    assert found.low == (None if low is None else pytest.approx(low))
    assert found.high == (None if high is None else pytest.approx(high))
    assert (found.value is None) == bool(counts.get("unknown"))


@pytest.mark.parametrize(("n", "verdict"), [(1, "fail"), (3, "pass"), (9, "fail")])
def test_tagged_edge_cases_are_counted(n: int, verdict: str) -> None:
    made = [
        replace(one, raw={"edge_case": k < n}) for k, one in enumerate(rows([f"t {k}" for k in range(20)]))
    ]
    found = checked("edge-cases", data(made))
    assert (found.verdict, found.value) == (verdict, n / 20)


def test_untagged_edge_cases_get_a_figure_and_no_verdict() -> None:
    usual = [f"please tell me the balance of my account number {k % 7}" for k in range(140)]
    odd = ["my parrot swallowed the debit chip", "do you sponsor rowing regattas", "zebra crossing tariffs"]
    found = checked("edge-cases", data(rows([*usual, *odd])))
    assert (found.verdict, found.value) == ("cannot_tell", None)
    assert {one.row for one in found.flagged} == {140, 141, 142}
    assert found.details["signs"]["few like it"] == 3
    assert found.details["unusual_low"] < 3 / 143 < found.details["unusual_high"]
    assert "too few" in checked("edge-cases", data(rows(usual[:20]))).because


def test_rows_of_rare_length_form_and_class_are_unusual() -> None:
    asked = [f"please tell me the balance of my account number {k % 7}" + "!" * (k % 5) for k in range(200)]
    made = rows(asked, answer='{"queue": "a"}', label="often")
    made[3] = row(asked[3] * 30, '{"queue": "a"}', number=4, label="often")
    made[5] = row(asked[5], "", number=6, label="often")
    made[7] = row(asked[7], '{"queue": "a"}', number=8, label="once")
    told = {one.row: one.reason for one in checked("edge-cases", data(made)).flagged}
    assert "characters, where 5" in told[3]
    assert told[5] == "a rare form: one turn, an empty answer (1 of 200 rows)"
    assert told[7] == "a rare class (1 rows)"
    assert set(told) == {3, 5, 7}


@pytest.mark.parametrize(
    ("edge", "n", "verdict", "low", "high"),
    [
        # Clopper and Pearson at 95%: 45 of 300 → 11.2% to 19.6%; 21 of 140 → 9.5% to 22.0%; 3 of 140 → 0.4% to 6.1%
        (45, 300, "pass", 0.112, 0.196), (21, 140, "cannot_tell", 0.095, 0.220), (3, 140, "fail", 0.004, 0.061),
    ],
)  # fmt: skip
def test_edge_cases_marked_in_the_audit_give_a_share_with_its_interval(
    tmp_path: Path, edge: int, n: int, verdict: str, low: float, high: float
) -> None:
    made = rows([f"t {k}" for k in range(400)])
    keys = row_keys(made)
    verdicts = [
        Verdict(row=keys[k], sample="random", verdict="right", edge=k < edge or None) for k in range(n)
    ]
    write_audit(
        tmp_path / "a", [*verdicts, Verdict(row=keys[-1], sample="suspect", verdict="wrong", edge=True)]
    )
    found = checked("edge-cases", data(made), audit=str(tmp_path / "a"))
    assert (found.verdict, found.value, found.n) == (verdict, edge / n, n)
    assert found.low == pytest.approx(low, abs=0.0006)
    assert found.high == pytest.approx(high, abs=0.0006)


def test_when_every_row_was_audited_the_share_of_edge_cases_is_counted(tmp_path: Path) -> None:
    made = rows([f"t {k}" for k in range(40)])
    verdicts = [
        Verdict(row=key, sample="random", verdict="right", edge=k < 6) for k, key in enumerate(row_keys(made))
    ]
    write_audit(tmp_path / "a", verdicts)
    found = checked("edge-cases", data(made), audit=str(tmp_path / "a"))
    assert (found.verdict, found.value, found.low) == ("pass", 0.15, None)
    write_audit(tmp_path / "a", [replace(one, edge=None) for one in verdicts])  # nobody thought of it
    assert checked("edge-cases", data(made), audit=str(tmp_path / "a")).value is None


def test_of_many_rows_a_sample_tells_the_language_with_its_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_MOST_READ", 60)
    german = "Bitte sagen Sie mir, wann meine neue Karte endlich ankommt, ich warte schon sehr lange darauf."
    told = checked("language", data(rows([ENGLISH] * 100 + [german] * 100)))
    assert told.n == told.details["looked_at"] == 60
    assert told.low is not None
    assert told.high is not None
    assert (told.verdict, told.low < 0.5 < told.high) == ("fail", True)
    assert "60 rows were drawn at random" in told.because
    few = checked("language", data(rows([ENGLISH] * 190 + [german] * 10)))  # 5% of all: 60 rows leave it open
    assert few.verdict == "cannot_tell"
