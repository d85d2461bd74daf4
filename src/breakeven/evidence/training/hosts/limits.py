"""What hosts publish of the files they take: the table beside this module, every figure with its source and date."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from breakeven.prices.tables import Table, read_table
from breakeven.sources import Source

__all__ = ["Limit", "limits_of", "read_limits"]

_NUMBERS: Final = ("rows_min", "rows_max", "file_bytes_max", "tokens_max")
_FIELDS: Final = ("host", "limit", "value", "model", "source")


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One limit of one host."""

    host: str
    name: str
    """``rows_min``, ``rows_max``, ``file_bytes_max``, ``tokens_max`` or ``roles``."""
    number: int | None = None
    words: tuple[str, ...] = ()
    """The roles."""
    model: str = ""
    """It holds for models whose name begins so; empty: for all others."""
    source: Source


@cache
def _packaged() -> tuple[Limit, ...]:
    text = resources.files("breakeven.evidence.training.hosts").joinpath("limits.yaml").read_text("utf-8")
    return read_limits(read_table(text, "limits.yaml"))


def limits_of(host: str) -> tuple[Limit, ...]:
    """What the packaged table says of a host; empty where it has no row for it."""
    return tuple(limit for limit in _packaged() if limit.host == host)


def read_limits(table: Table) -> tuple[Limit, ...]:
    """The limits of a table; raises InputError with the line where one is malformed."""
    found = []
    for row in table.rows:
        row.take(*_FIELDS)
        name = row.text("limit")
        if name not in (*_NUMBERS, "roles"):
            row.fail(
                f"no limit is called {name!r}", field="limit", hint=f"One of {', '.join(_NUMBERS)}, roles."
            )
        value: dict[str, Any] = (
            {"words": tuple(row.text("value").split())} if name == "roles" else {"number": row.count("value")}
        )
        model = row.text("model") if "model" in row.values else ""
        found.append(Limit(host=row.text("host"), name=name, model=model, source=row.source(), **value))
    return tuple(found)
