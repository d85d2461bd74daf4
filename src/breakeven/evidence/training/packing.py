"""A file's bytes as text that a line of JSON can hold."""

from __future__ import annotations

import base64
import zlib

__all__ = ["packed", "unpacked"]


def packed(data: bytes) -> str:
    """The bytes, compressed, as ASCII."""
    return base64.b64encode(zlib.compress(data, 6)).decode("ascii")


def unpacked(text: str) -> bytes:
    """The bytes again; raises ValueError where the text is damaged."""
    try:
        return zlib.decompress(base64.b64decode(text, validate=True))
    except zlib.error as exc:
        raise ValueError(str(exc)) from exc
