"""What one request may ask for, and what all of them together may hold."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final

__all__ = ["MOST_DRAWS", "Limits"]

MOST_DRAWS: Final = 200_000
"""Draws of one decision over the web; the command line takes more."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Every bound of the server, with what it holds where nobody sets it."""

    body_bytes: int = 2_000_000
    """Of a JSON request: a study has at most 1 MB."""
    body_s: float = 30.0
    """Seconds for all of it to arrive."""
    upload_bytes: int = 200_000_000
    """Of one upload, as it is sent."""
    expanded_bytes: int = 2_000_000_000
    """Of one upload, unpacked: a small gzip file can hold a large one."""
    uploads_bytes: int = 2_000_000_000
    """Of all uploads that are kept."""
    uploads_count: int = 500
    """Uploads that are kept."""
    upload_idle_s: float = 30.0
    """Seconds without a byte after which an upload is given up."""
    upload_s: float = 3600.0
    """Seconds that one upload may take altogether."""
    upload_life_s: float = 6 * 3600.0
    """Seconds after its last use that an upload is kept."""
    draws: int = MOST_DRAWS
    candidates: int = 20
    """Candidates of one study."""
    cells: int = 300_000_000
    """Draws × candidates × months of one decision."""
    evidence: int = 50
    """Uploads that one request may name."""
    work_s: float = 120.0
    """Seconds that one request may compute; waiting in line is not counted."""
    workers: int = field(default_factory=lambda: min(8, max(2, os.cpu_count() or 2)))
    """Processes that compute: one for each core, from 2 to 8."""
    kept_bytes: int = 32_000_000
    """Of answers that are kept, to be given again where the same is asked."""
    waiting: int = 200
    """Requests that may stand in line; the next one is asked to come back."""
