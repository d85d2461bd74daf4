"""Each route answers what the command prints for the same text, files and seed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from breakeven.web.api.mounting import openapi_document, served_routes
from tests.web.api.serving import EXAMPLES, alike, printed, sent

MODELS = {route.path: route.response_model for route in served_routes()}


def posted(client: TestClient, path: str, **ask: Any) -> Any:
    """The answer, after a look at whether it is what the document promises."""
    answer = client.post(f"/api/v1/{path}", json=ask)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    TypeAdapter(MODELS[f"/{path}"]).validate_python(answer.json(), strict=True)
    return answer.json()


@pytest.mark.parametrize("name", ["loan-documents", "support-chatbot", "retiring-base"])
def test_decide(name: str, client: TestClient) -> None:
    text = (EXAMPLES / name / "breakeven.yaml").read_text("utf-8")
    found = posted(client, "decide", study=text, draws=300, seed=3)
    assert found == printed("decide", ".", "--draws", "300", "--seed", "3", folder=EXAMPLES / name)


def test_decide_with_evidence(client: TestClient) -> None:
    folder = EXAMPLES / "with-evals"
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.parent != folder]
    uploads = [sent(client, path.read_bytes(), path.relative_to(folder).as_posix()) for path in files]
    text = (folder / "breakeven.yaml").read_text("utf-8")
    found = posted(client, "decide", study=text, uploads=uploads, draws=300)
    assert found == printed("decide", ".", "--draws", "300", folder=folder)
    assert any(one["source_kind"] == "measured" for one in found["assumptions"])


def test_decide_at_the_centre(client: TestClient) -> None:
    text = (EXAMPLES / "self-hosted/breakeven.yaml").read_text("utf-8")
    found = posted(client, "decide", study=text, point=True)
    assert found == printed("decide", ".", "--point", folder=EXAMPLES / "self-hosted")


def test_the_documents_own_examples_are_answered(client: TestClient) -> None:
    schemas = openapi_document()["components"]["schemas"]
    [example] = schemas["DecideAsk"]["examples"]
    assert posted(client, "decide", **example)["recommendation"]["candidate"]
    [example] = schemas["ExplainAsk"]["examples"]
    assert posted(client, "explain", **example)["parts"]


def test_explain(client: TestClient) -> None:
    text = (EXAMPLES / "loan-documents/breakeven.yaml").read_text("utf-8")
    found = posted(client, "explain", study=text, figure="tuned.cost_usd")
    assert found == printed("explain", "tuned.cost_usd", folder=EXAMPLES / "loan-documents")


def test_profile_and_reprice(client: TestClient) -> None:
    folder = EXAMPLES / "logs"
    logs = sent(client, (folder / "calls.jsonl").read_bytes(), "calls.jsonl")
    assert alike(posted(client, "profile", uploads=[logs]), printed("profile", "calls.jsonl", folder=folder))
    asked = {"models": ["openai/gpt-4.1-mini", "same"], "tuned": ["azure/gpt-4.1-mini"], "batch": 0.4}
    words = ["--on", "openai/gpt-4.1-mini", "--on", "same", "--tuned", "azure/gpt-4.1-mini", "--batch", "40%"]
    found = posted(client, "reprice", uploads=[logs], **asked)
    assert alike(found, printed("reprice", "calls.jsonl", *words, folder=folder))


def test_reprice_with_every_term(client: TestClient) -> None:
    folder = EXAMPLES / "logs"
    logs = sent(client, (folder / "calls.jsonl").read_bytes(), "calls.jsonl")
    asked = {
        "models": ["openai/gpt-4.1"],
        "cached": 0.5,
        "cut_tokens": 100,
        "output_length": [0.8, 1.2],
        "sampling": 0.5,
    }
    words = ["--on", "openai/gpt-4.1", "--cached", "50%", "--shorter-prompt", "100"]
    words += ["--output-length", "0.8..1.2", "--sampling", "50%"]
    found = posted(client, "reprice", uploads=[logs], **asked)
    assert alike(found, printed("reprice", "calls.jsonl", *words, folder=folder))


def test_compare(client: TestClient, tmp_path: Path) -> None:
    for source, name in (("prompt-v9.json", "prompt.json"), ("tuned-pilot.csv", "tuned.csv")):
        shutil.copy(EXAMPLES / "with-evals/evidence" / source, tmp_path / name)
    uploads = [sent(client, (tmp_path / name).read_bytes(), name) for name in ("prompt.json", "tuned.csv")]
    found = posted(client, "evals/compare", uploads=uploads, margin=0.02, level=0.9)
    words = ["eval", "compare", "prompt.json", "tuned.csv", "--margin", "2pt", "--level", "90%"]
    assert found == printed(*words, folder=tmp_path)


def test_check_of_training_data(client: TestClient) -> None:
    folder = EXAMPLES / "training-data"
    names = ("train.jsonl", "cases.jsonl", "calls.jsonl")
    uploads = [sent(client, (folder / name).read_bytes(), name) for name in names]
    asked = {
        "cases": "cases.jsonl",
        "logs": ["calls.jsonl"],
        "hosts": ["openai"],
        "settings": {"duplicates": "2%"},
    }
    found = posted(client, "data/check", uploads=uploads, **asked)
    words = ["--eval", "cases.jsonl", "--logs", "calls.jsonl", "--host", "openai", "--set", "duplicates=2%"]
    assert found == printed("data", "check", "train.jsonl", *words, folder=folder)


def test_claims(client: TestClient) -> None:
    folder = EXAMPLES / "claims"
    text = (folder / "vendor-proposal.yaml").read_text("utf-8")
    found = posted(client, "claims", claims=text)
    want = printed("claims", "vendor-proposal.yaml", folder=folder)
    for one in want:  # a text has no file's name: the place says so
        one["place"] = one["place"].replace("vendor-proposal.yaml", "claims.yaml")
    assert found == want
    assert posted(client, "claims") == printed("claims", folder=folder)


def test_prices_rules_and_schema(client: TestClient, tmp_path: Path) -> None:
    def got(path: str, **query: Any) -> Any:
        return client.get(f"/api/v1/{path}", params=query).json()

    words = ["prices", "search", "gpt4.1", "mini", "--limit", "3"]
    assert got("prices", q="gpt4.1 mini", limit=3) == printed(*words, folder=tmp_path)
    assert got("rules") == printed("rules", folder=tmp_path)
    from breakeven.study import json_schema

    assert got("schema") == json_schema()
