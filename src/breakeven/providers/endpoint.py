"""Where a provider's models are asked: address, key, and the wire that is spoken there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from breakeven.errors import InputError, Problem
from breakeven.providers.provider import Provider

__all__ = ["Endpoint", "Wire", "chat_url", "check_url", "embeddings_url", "masked"]

Wire: TypeAlias = Literal["openai", "any-llm", "sentence-transformers", "fake"]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where the models of one provider are asked, and how."""

    name: str
    """What stands before the slash of ``provider/model``."""
    aliases: tuple[str, ...] = ()
    wire: Wire = "openai"
    """The protocol: ``openai`` chat completions and embeddings, ``any-llm`` for other wires,
    ``sentence-transformers`` for embedding models of this machine, ``fake`` for none at all."""
    url: str | None = None
    """Base address: what comes before ``/chat/completions``. Azure: that of the resource, or of one deployment."""
    url_env: tuple[str, ...] = ()
    """Environment variables that override ``url``, the first that is set."""
    key_env: str | None = None
    """The environment variable that holds the key; None: no key is sent."""
    key_needed: bool = True
    """False: the endpoint also answers without a key."""
    key_header: str = "Authorization"
    """The header that carries the key; ``Authorization`` gets ``Bearer`` before it."""
    headers_env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Further headers, each with the environment variable that holds its value; those not set are left out."""
    azure: bool = False
    """Azure's addresses: by deployment where there is an API version, else ``/openai/v1``."""
    api_version: str | None = None
    api_version_env: tuple[str, ...] = ()
    models: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Model → its name at this endpoint, where they differ: Azure's deployment, vLLM's served name."""
    max_tokens_field: str = "max_tokens"
    """How the limit of output tokens is called: ``max_tokens`` or ``max_completion_tokens``."""
    seed_field: str = "seed"
    """How the seed is called."""
    sdk_name: str = ""
    """any-llm's name of the provider."""
    make: Callable[[Endpoint, str | None, float], Provider] | None = None
    """For a wire of your own: a function from endpoint, key and time-out in seconds to a Provider."""

    def model_at(self, model: str) -> str:
        """The name at this endpoint of ``provider/model``."""
        name = model.partition("/")[2] or model
        return self.models.get(model) or self.models.get(name) or name


_CHAT: Final = "chat/completions"
_EMBEDDINGS: Final = "embeddings"
_CREDENTIALS: Final = re.compile(r"(?<=://)[^/@\s]*@")


def masked(url: str) -> str:
    """An address that may be shown: without credentials and without the values of its query."""
    bare = _CREDENTIALS.sub("***@", url)
    head, mark, query = bare.partition("?")
    return head + (mark + re.sub(r"=[^&#]*", "=***", query) if mark else "")


def check_url(url: str, *, field: str) -> str:
    """The address without its last slash; InputError where it is no address of a web server."""
    hint = "write it as https://host/v1: what comes before /chat/completions"
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", url)
        _ = parts.port
    except ValueError as exc:
        problem = Problem(message=f"{masked(url)!r} is no address", field=field, hint=hint)
        raise InputError(problem) from exc
    if not good:
        raise InputError(Problem(message=f"{masked(url)!r} is no address", field=field, hint=hint))
    return _base(url)


def chat_url(endpoint: Endpoint, model: str) -> str:
    """Where a model's questions are posted."""
    return _url(endpoint, model, _CHAT)


def embeddings_url(endpoint: Endpoint, model: str) -> str:
    """Where texts for an embedding model are posted."""
    return _url(endpoint, model, _EMBEDDINGS)


def _base(url: str) -> str:
    return url.rstrip("/").removesuffix(f"/{_CHAT}").removesuffix(f"/{_EMBEDDINGS}")


def _url(endpoint: Endpoint, model: str, path: str) -> str:
    base = _base(endpoint.url or "")
    if not endpoint.azure:
        return _with_path(base, path)
    if endpoint.api_version and "/openai/v1" not in base:
        if "/openai/deployments/" not in base:
            base = _with_path(base.removesuffix("/openai"), f"openai/deployments/{endpoint.model_at(model)}")
        return _with_path(base, path) + f"?api-version={endpoint.api_version}"
    if "/openai/" not in base + "/":
        base = _with_path(base, "openai/v1")
    elif base.endswith("/openai"):
        base = _with_path(base, "v1")
    return _with_path(base, path)


def _with_path(base: str, path: str) -> str:
    """A path put after the base's own and before its query."""
    head, mark, query = base.partition("?")
    return f"{head.rstrip('/')}/{path}{mark}{query}"
