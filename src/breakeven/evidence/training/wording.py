"""Counts in words."""

from __future__ import annotations

__all__ = ["n_of"]


def n_of(n: int, what: str) -> str:
    """``1 row``, ``2,500 rows``."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"
