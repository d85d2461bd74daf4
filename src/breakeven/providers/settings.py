"""One entry of a suite's ``endpoints:``, checked where it enters."""

from __future__ import annotations

import dataclasses
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from breakeven.providers.endpoint import Endpoint, Wire
from breakeven.providers.endpoints import known_endpoints

__all__ = ["EndpointSetting"]

_VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"


class EndpointSetting(BaseModel):
    """Where a provider's models are asked. What is left out is as for the known provider of that name, if any."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = None
    """Base address, what comes before ``/chat/completions``: ``http://127.0.0.1:8000/v1``."""
    key_env: str | None = Field(default=None, pattern=_VARIABLE)
    """The environment variable that holds the key, never the key itself."""
    wire: Wire | None = None
    api_version: str | None = None
    """Azure's ``api-version``; with it deployments are addressed by name."""
    headers_env: dict[str, str] = Field(default_factory=dict)
    """Further headers, each with the environment variable that holds its value."""
    models: dict[str, str] = Field(default_factory=dict)
    """Model → its name at this endpoint, where they differ."""
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] | None = None

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of this name: as known, with what is stated here laid over it.

        A known provider at another address keeps its key's variable only where that is stated: a key is not sent to a
        host that it was not made for.
        """
        known = known_endpoints().get(name)
        given = {key: value for key, value in self.model_dump().items() if value not in (None, {})}
        if known is None:
            return Endpoint(name=name, **{"key_needed": self.key_env is not None, **given})
        if self.url is not None:
            given |= {"url_env": (), "key_env": self.key_env, "headers_env": self.headers_env}
        return dataclasses.replace(known, **given)
