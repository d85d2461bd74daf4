"""The freeze file of a split: which part each row is in, by a hash of its id; it holds no text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from breakeven.errors import EvidenceError, Place, Problem
from breakeven.evidence.files import read_text
from breakeven.evidence.profile.writing import replaced
from breakeven.evidence.training.splitting import PARTS, By

__all__ = ["Frozen", "read_frozen", "write_frozen"]

_FORMAT: Final = 1


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """What was decided before."""

    parts: Mapping[str, str]
    """``row_id`` → part."""
    seed: int
    by: By


def read_frozen(path: Path, *, seed: int, by: By) -> Frozen | None:
    """The freeze file; None where there is none yet. Raises EvidenceError where it is of other options, or none."""
    if not path.exists():
        return None
    try:
        found = json.loads(read_text(path))
    except ValueError as exc:
        raise _wrong(path, f"not JSON: {exc}") from exc
    if not _is_frozen(found):
        raise _wrong(path, "this is no freeze file of `data split`")
    for name, value in (("seed", seed), ("by", by)):
        if found.get(name) != value:
            was = f"--{name} {found.get(name)}"
            raise _wrong(path, f"was made with {was}, not {value}", f"say {was}")
    return Frozen(parts=found["parts"], seed=seed, by=by)


def _is_frozen(found: Any) -> bool:
    return (
        isinstance(found, dict)
        and found.get("breakeven_split") == _FORMAT
        and isinstance(found.get("parts"), dict)
        and set(found["parts"].values()) <= set(PARTS)
    )


def _wrong(path: Path, message: str, hint: str = "name another --freeze FILE") -> EvidenceError:
    return EvidenceError(Problem(message=message, place=Place(file=str(path)), hint=hint))


def write_frozen(path: Path, frozen: Frozen) -> None:
    """Write it in place of an older one. Rows that are gone keep their part, in case they come back."""
    parts = dict(sorted(frozen.parts.items()))
    said = {"breakeven_split": _FORMAT, "seed": frozen.seed, "by": frozen.by, "parts": parts}
    with replaced(path) as file:
        file.write(json.dumps(said, indent=1, ensure_ascii=True) + "\n")
