"""What tests let a worker do."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np


def crash() -> None:
    os._exit(3)


def sleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def fail(secret: str) -> None:
    raise RuntimeError(f"the secret is {secret}")


def look() -> dict[str, object]:
    """What a worker sees: its environment, import path, folder and place for temporary files."""
    print("this is printed, and stands in no answer")
    found = [path.as_posix() for path in sorted(Path().rglob("*"))]
    return {
        "environment": dict(os.environ),
        "path": sys.path,
        "files": found,
        "temporary": tempfile.gettempdir(),
    }


def not_json() -> float:
    return float(np.nan)
