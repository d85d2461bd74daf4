"""Providers: the seam to models. One protocol, one wire for every OpenAI-compatible endpoint, one fake that ships.

``chat``      a request and its reply
``provider``  the protocol, and why a call may bring no answer
"""

from __future__ import annotations

from breakeven.providers.chat import ChatReply, ChatRequest, Message, Usage
from breakeven.providers.provider import FailureKind, Provider, ProviderError

__all__ = ["ChatReply", "ChatRequest", "FailureKind", "Message", "Provider", "ProviderError", "Usage"]
