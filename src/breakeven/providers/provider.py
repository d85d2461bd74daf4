"""The one seam to models: everything that asks a model goes through ``Provider``."""

from __future__ import annotations

from typing import Literal, Protocol, runtime_checkable

from breakeven.errors import BreakevenError
from breakeven.providers.chat import ChatReply, ChatRequest, Usage

__all__ = ["FailureKind", "Provider", "ProviderError"]

FailureKind = Literal[
    "rate limit", "time-out", "server error", "connection", "malformed", "content filter", "too long",
    "not allowed", "bad request", "not found",
]  # fmt: skip
"""Why a call brought no answer. The first five may succeed when tried again; the others will not."""


class ProviderError(BreakevenError):
    """A call brought no answer. Its message never holds a key, and of the provider's own words only the first line."""

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        attempts: int = 1,
        maybe_billed: int = 0,
        usage: Usage | None = None,
    ) -> None:
        super().__init__(message)
        self.kind: FailureKind = kind
        self.status = status
        """HTTP status, where there was one."""
        self.retry_after_s = retry_after_s
        """How long the provider asks to wait."""
        self.attempts = attempts
        """Requests that were sent."""
        self.maybe_billed = maybe_billed
        """Of them, those that the provider may have billed though no answer came: time-outs, resets, cut answers."""
        self.usage = usage
        """Tokens that the provider says it billed for the last of them; None where it said nothing."""

    @property
    def may_pass(self) -> bool:
        """Whether the same call may succeed later."""
        return self.kind in ("rate limit", "time-out", "server error", "connection", "malformed")


@runtime_checkable
class Provider(Protocol):
    """Answers chat requests. Any number of calls may be under way at once."""

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The answer to one request; raises ProviderError."""
        ...

    async def close(self) -> None:
        """Give back connections. The provider is not used afterwards."""
        ...
