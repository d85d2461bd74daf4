"""One training example, whatever format it was written in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from breakeven.errors import Place

__all__ = ["Message", "Origin", "Rejected", "TrainingData", "TrainingFile", "TrainingRow"]

Origin = Literal["human", "verified", "synthetic", "unknown"]
"""Who wrote the answer: a person, a model whose answer a person has checked, a model alone, or nobody says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message of a conversation."""

    role: str
    """``system``, ``user``, ``assistant``, ``tool`` …, as the format's own names are read."""
    content: str
    """Its text; of content in parts, the texts, a line each."""
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    """What an assistant asks its tools, as written."""
    more: Mapping[str, Any] | None = None
    """What else it says, as written: ``name``, ``tool_call_id``, ``weight``; ``content``, where that is in parts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingRow:
    """One example: what is asked, and what the model is taught to answer."""

    place: Place
    """File as the user named it, and line (JSON Lines, CSV) or row (JSON, Parquet), from 1."""
    format: str
    """``chat``, ``preference``, ``completion`` …"""
    raw: Mapping[str, Any]
    """The row as it was read."""
    messages: tuple[Message, ...]
    """The conversation up to and with the answer that is taught."""
    rejected: str | None = None
    """The answer that a preference pair teaches not to give."""
    tools: tuple[Mapping[str, Any], ...] = ()
    """Tool definitions, as written."""
    label: str | None = None
    """The class, where a column or the answer is one."""
    id: str | None = None
    """As the file states it."""
    cluster: str | None = None
    """What the row belongs to (a customer, a document, a template), where the file says."""
    origin: Origin = "unknown"

    @property
    def system(self) -> str:
        """The instructions: all system (and developer) messages."""
        return "\n".join(m.content for m in self.messages if m.role in ("system", "developer"))

    @property
    def question(self) -> str:
        """What is asked: all messages between the instructions and the answer, a line each."""
        asked = self.messages[:-1] if self._taught else self.messages
        return "\n".join(m.content for m in asked if m.role not in ("system", "developer"))

    @property
    def answer(self) -> str:
        """What the model is taught to say; empty where the answer only calls tools, or is missing."""
        return self.messages[-1].content if self._taught else ""

    @property
    def _taught(self) -> bool:
        return bool(self.messages) and self.messages[-1].role == "assistant"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    """A row that can not be used."""

    place: Place
    reason: str
    """One of a small set of reasons, for counting: ``not JSON``, ``no messages`` …"""
    detail: str = ""
    """What was read there, cut short."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingFile:
    """One file that was read."""

    name: str
    """As the user named it."""
    format: str
    """Of its rows: ``chat``, ``table`` …"""
    container: str
    """``jsonl``, ``json``, ``csv`` or ``parquet``."""
    packed: bool
    """Whether it is compressed: hosts take it unpacked."""
    n_bytes: int
    """On disk."""
    n_rows: int
    """Usable ones."""


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """All usable rows of some files, and what was wrong with the others."""

    paths: tuple[str, ...]
    sha256: str
    """Hash over the files' bytes, in the order named."""
    rows: Sequence[TrainingRow]
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader should know: the columns guessed, the format found."""
    mapping: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Field → column, where a map was given or guessed."""
    files: tuple[TrainingFile, ...] = ()
