"""Personal data, secrets, language, crude words, origin and edge cases."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.evidence.training.private import PERSONAL, SECRETS, find_private, scan_rows
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
    "text", ["Scunthorpe and Cockburn", "a classic assessment", "document the shitake recipe"]
)
def test_names_and_longer_words_are_not_crude(text: str) -> None:
    assert not checked("toxic", data(rows([text]))).flagged


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
    assert "too few" in checked("edge-cases", data(rows(usual[:20]))).because
