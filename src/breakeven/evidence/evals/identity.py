"""What makes two cases the same one: hashes over content, whatever order or format it was written in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from breakeven.evidence.evals.case import Case

__all__ = ["canonical", "cases_sha256", "derived_id"]


def canonical(value: Any) -> Any:
    """The value with numbers and truth values as text and names in order: CSV has text only, and is no other case."""
    if isinstance(value, Mapping):
        return {str(name): canonical(value[name]) for name in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.strip() if isinstance(value, str) else None if value is None else str(value)


def derived_id(variables: Mapping[str, Any], expected: Any) -> str:
    """An id made of a case's content, for cases that have none: ``h-`` and twelve hexadecimal digits."""
    return f"h-{_digest({'variables': variables, 'expected': expected})[:12]}"


def cases_sha256(cases: Iterable[Case]) -> str:
    """Hash over cases: the same ones in another order or format have the same one."""
    contents = {
        case.id: {
            "variables": case.variables,
            "expected": case.expected,
            "cluster": case.cluster,
            "segment": case.segment,
        }
        for case in cases
    }
    return _digest(contents)


def _digest(value: Any) -> str:
    text = json.dumps(canonical(value), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
