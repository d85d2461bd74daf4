"""The page's routes without a browser: what is refused, and how."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from breakeven.web.serving import Served
from tests.web.conftest import ROOT


def ask(url: str, body: object = None) -> tuple[int, Any]:
    """(status, JSON or text) of a request; with a body it is a POST."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            status, text = error.code, error.read().decode()
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


SEEN = Served.fingerprint((ROOT / "examples" / "with-evals" / "breakeven.yaml").read_text("utf-8"))


def test_a_quick_look_holds_only_what_moves(address: str) -> None:
    status, said = ask(f"{address}/look", {"seen": SEEN, "changes": [["workload.volume", "1M calls/month"]]})
    assert status == 200
    assert set(said["parts"]) == {"answer", "fan", "candidates"}
    assert said["ms"] > 0


def test_a_value_that_can_not_be_read_is_an_answer_with_its_field(address: str) -> None:
    status, said = ask(f"{address}/look", {"seen": SEEN, "changes": [["workload.volume", "many"]]})
    assert status == 200
    assert [p["field"] for p in said["problems"]] == ["workload.volume"]


def test_a_page_of_another_text_is_told_to_reload(address: str) -> None:
    status, said = ask(f"{address}/look", {"seen": "0" * 24, "changes": []})
    assert status == 409
    assert "changed on disk" in said["problems"][0]["message"]


def test_unknown_keys_and_endless_lists_are_refused(address: str) -> None:
    assert ask(f"{address}/look", {"seen": SEEN, "path": "/etc/passwd"})[0] == 422
    many = [["workload.volume", "1M calls/month"]] * 200
    assert ask(f"{address}/look", {"seen": SEEN, "changes": many})[0] == 422


def test_only_our_own_files_are_served(address: str) -> None:
    assert ask(f"{address}/static/page.js")[0] == 200
    for name in ("..%2fapp.py", "page.py", "%2e%2e/breakeven.yaml"):
        assert ask(f"{address}/static/{name}")[0] == 404


def test_an_address_that_was_cut_is_said(address: str) -> None:
    status, said = ask(f"{address}/export/json?e=%5B%5B")
    assert status == 422
    assert "copy it whole" in said["problems"][0]["message"]


def test_a_study_that_can_not_be_opened_names_its_lines(serve: Any, study: Path) -> None:
    file = study / "breakeven.yaml"
    text = file.read_text("utf-8").replace("400K calls/month", "<i>400K</i>")
    file.write_text(text, "utf-8")
    line = 1 + next(n for n, row in enumerate(text.splitlines()) if "<i>" in row)
    status, text = ask(serve(study))
    assert status == 422
    assert f"breakeven.yaml:{line}:" in text
    assert "&lt;i&gt;400K" in text
    assert "<i>" not in text


def test_a_study_is_never_overwritten_by_a_new_one(address: str) -> None:
    status, said = ask(f"{address}/start/template", {"name": "extraction"})
    assert status == 422
    assert "here already" in said["problems"][0]["message"]
