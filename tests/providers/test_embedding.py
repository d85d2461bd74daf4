"""Embeddings: what goes over the wire, what is read from an answer, what fails, and the routes without a network."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breakeven.errors import InputError, MissingExtraError
from breakeven.providers import (
    ChatRequest,
    EmbeddingReply,
    EmbeddingRequest,
    Endpoint,
    EndpointSetting,
    FakeProvider,
    FakeServer,
    Message,
    Patience,
    ProviderError,
    embedder,
    open_provider,
)
from breakeven.providers.embedding_format import embedding_fields, read_embeddings
from breakeven.providers.endpoint import embeddings_url
from breakeven.providers.fake_embedding import fake_vectors
from breakeven.providers.sdk import SdkWire

TEXTS = ("lost my card", "I have lost my card", "mortgage rates next year")


def asked(model: str = "fake/e", texts: tuple[str, ...] = TEXTS) -> EmbeddingRequest:
    return EmbeddingRequest(model=model, texts=texts)


def opened(models: list[str], url: str | None = None, **over: Any) -> Any:
    endpoints = {} if url is None else {"local": EndpointSetting(url=url)}
    patience = Patience(attempts=8, first_wait_s=0.001)
    return open_provider(
        models, endpoints=endpoints, patience=patience, rng=np.random.default_rng(0), environ={}, **over
    )


async def through_server(model: str, request: EmbeddingRequest) -> tuple[EmbeddingReply, dict[str, Any]]:
    async with FakeServer(FakeProvider(), retry_after_s=0.001) as server:
        provider = opened([model], server.url)
        try:
            return await provider.embed(request), server.counts.as_json()
        finally:
            await provider.close()


def test_the_fakes_vectors_lie_near_where_texts_share_words() -> None:
    one, same, other = fake_vectors(TEXTS)
    assert one @ same > 0.7 > 0.3 > one @ other
    np.testing.assert_array_equal(fake_vectors(TEXTS), fake_vectors(TEXTS))


@given(st.lists(st.text(max_size=60), min_size=1, max_size=5))
def test_the_fakes_vectors_have_length_one_whatever_the_text(texts: list[str]) -> None:
    assert np.allclose(np.linalg.norm(fake_vectors(texts), axis=1), 1, atol=1e-5)


def test_the_server_gives_what_the_fake_gives_and_counts_each_text() -> None:
    over_wire, counts = asyncio.run(through_server("local/e", asked("local/e")))
    direct = FakeProvider().vectors(asked())
    np.testing.assert_allclose(over_wire.vectors, direct.vectors, atol=1e-6)
    assert over_wire.usage.input_tokens == direct.usage.input_tokens
    assert over_wire.usage.output_tokens == 0
    assert over_wire.latency_s is not None
    assert (counts["texts_embedded"], counts["texts_embedded_again"]) == (3, 0)


def test_faults_are_met_again_until_the_vectors_come() -> None:
    model = "local/e?faults=60%&kinds=429,500,truncated,empty,reset"
    reply, counts = asyncio.run(through_server(model, asked(model)))
    assert reply.vectors.shape[0] == 3
    assert reply.attempts == counts["requests"] == 1 + sum(counts["faults"].values())


def test_the_fake_without_a_server_fails_by_its_name_and_embeds_without_a_network() -> None:
    provider = opened(["fake/e", "fake/bad?faults=100%&kinds=500"])
    assert asyncio.run(provider.embed(asked())).vectors.shape == (3, 256)
    with pytest.raises(ProviderError, match="500") as failed:
        asyncio.run(provider.embed(asked("fake/bad?faults=100%&kinds=500")))
    assert failed.value.attempts == 8


def test_a_blank_text_is_refused_by_the_server_as_providers_do() -> None:
    with pytest.raises(ProviderError, match="input") as failed:
        asyncio.run(through_server("local/e", asked("local/e", ("",))))
    assert failed.value.kind == "bad request"


def test_the_body_names_the_model_as_the_endpoint_does() -> None:
    endpoint = Endpoint(name="azure", url="https://a.example", azure=True, api_version="2024-10-21",
                        models={"text-embedding-3-small": "mine"})  # fmt: skip
    request = asked("azure/text-embedding-3-small")
    assert embedding_fields(request, endpoint)["model"] == "mine"
    assert embeddings_url(endpoint, request.model) == (
        "https://a.example/openai/deployments/mine/embeddings?api-version=2024-10-21"
    )
    plain = Endpoint(name="o", url="https://o.example/v1/chat/completions")
    assert embeddings_url(plain, "o/e") == "https://o.example/v1/embeddings"


def test_vectors_are_placed_by_their_index() -> None:
    rows = [{"index": 1, "embedding": [0, 1]}, {"index": 0, "embedding": [1, 0]}]
    raw = json.dumps({"data": rows, "usage": {"prompt_tokens": 5, "total_tokens": 5}}).encode()
    reply = read_embeddings(raw, 2, where="o")
    assert reply.vectors.tolist() == [[1, 0], [0, 1]]
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (5, 0)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", "no JSON"),
        (b"[]", "no embeddings"),
        (b'{"data": []}', "2 texts were sent, 0 vectors came"),
        (b'{"data": [{"embedding": [1]}, {"embedding": [1, 2]}]}', "can not be read"),
        (b'{"data": [{"embedding": [1]}, {"embedding": [NaN]}]}', "not all numbers"),
        (b'{"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [1]}]}', "can not be read"),
        (b'{"data": [{"embedding": "AACAPw=="}, {"embedding": "AACAPw=="}]}', "can not be read"),
        (b'{"data": [7, 8]}', "can not be read"),
    ],
)
def test_an_answer_without_the_vectors_is_malformed_and_may_be_billed(body: bytes, why: str) -> None:
    with pytest.raises(ProviderError, match=why) as failed:
        read_embeddings(body, 2, where="o")
    assert (failed.value.kind, failed.value.maybe_billed) == ("malformed", 1)


def test_usage_that_is_not_said_stays_unknown() -> None:
    reply = read_embeddings(b'{"data": [{"embedding": [1, 2]}]}', 1, where="o")
    assert reply.usage.input_tokens is None


def test_a_provider_of_ones_own_that_does_not_embed_says_so() -> None:
    class Talking:
        async def complete(self, request: ChatRequest) -> Any:
            raise AssertionError

        async def close(self) -> None:
            """Nothing to give back."""

    with pytest.raises(ProviderError, match="no embeddings"):
        embedder(Talking())


def test_any_llm_is_asked_for_embeddings_and_its_answer_read() -> None:
    class Client:
        async def aembedding(self, *, model: str, inputs: list[str]) -> Any:
            rows = [{"index": k, "embedding": [float(len(text)), 1.0]} for k, text in enumerate(inputs)]
            body = {"data": rows, "model": model, "usage": {"prompt_tokens": 7, "total_tokens": 7}}
            return SimpleNamespace(model_dump_json=lambda exclude_none: json.dumps(body))

    wire = SdkWire.__new__(SdkWire)
    wire.endpoint, wire._key, wire._timeout_s, wire._client = Endpoint(name="gemini"), None, 5.0, Client()
    reply = asyncio.run(wire.embed(asked("gemini/embed", ("a", "bcd"))))
    assert reply.vectors.tolist() == [[1, 1], [3, 1]]
    assert (reply.model, reply.usage.input_tokens) == ("embed", 7)


# ------------------------------------------------------------------------------------------- on this machine


def library(seen: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """sentence-transformers as far as it is used, without torch."""

    class SentenceTransformer:
        max_seq_length = 4

        def __init__(self, name: str, **options: Any) -> None:
            seen.update(name=name, **options)
            if "nowhere" in name:
                raise OSError("not a local folder")

        def encode(self, texts: list[str], **options: Any) -> Any:
            return fake_vectors(texts)

        def tokenizer(self, texts: list[str], *, truncation: bool, max_length: int) -> Any:
            assert truncation
            return {"input_ids": [[0] * min(len(text.split()) + 2, max_length) for text in texts]}

    quiet = SimpleNamespace(disable_progress_bar=lambda: seen.update(quiet=True))
    monkeypatch.setitem(sys.modules, "transformers", ModuleType("transformers"))
    monkeypatch.setitem(sys.modules, "transformers.utils", ModuleType("transformers.utils"))
    monkeypatch.setitem(sys.modules, "transformers.utils.logging", quiet)
    module = ModuleType("sentence_transformers")
    module.SentenceTransformer = SentenceTransformer  # type: ignore[attr-defined]
    return module


def test_a_folder_of_this_machine_is_loaded_offline_and_its_tokens_counted(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}
    monkeypatch.setitem(sys.modules, "sentence_transformers", library(seen, monkeypatch))
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "0")
    model = f"sentence-transformers/{tmp_path}"
    reply = asyncio.run(opened([model]).embed(asked(model)))
    assert reply.vectors.shape == (3, 256)
    assert reply.usage.input_tokens == 4 + 4 + 4  # five words and more are cut at the model's length
    assert seen["name"] == str(tmp_path)
    assert (seen["local_files_only"], seen["trust_remote_code"]) == (True, False)
    assert os.environ["HF_HUB_OFFLINE"] == "1"


def test_a_model_that_is_not_here_is_an_error_and_never_a_download(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", library({}, monkeypatch))
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    model = "sentence-transformers/nowhere"
    with pytest.raises(InputError, match="nothing is downloaded"):
        asyncio.run(opened([model]).embed(asked(model)))


def test_without_the_extra_its_install_line_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    with pytest.raises(MissingExtraError, match="embed"):
        asyncio.run(opened(["sentence-transformers/x"]).embed(asked("sentence-transformers/x")))


def test_a_local_embedding_model_answers_no_question() -> None:
    provider = opened(["sentence-transformers/x"])
    question = ChatRequest(model="sentence-transformers/x", messages=(Message(role="user", content="hi"),))
    with pytest.raises(ProviderError, match="answers no question"):
        asyncio.run(provider.complete(question))
