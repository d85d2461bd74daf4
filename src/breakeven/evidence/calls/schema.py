"""The nested schema of a format's records, for readers that must be told which keys to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from breakeven.evidence.calls.format import FieldKind, LogFormat

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt

__all__ = [
    "RARE",
    "Tree",
    "as_texts",
    "duckdb_columns",
    "ibis_schema",
    "json_structure",
    "tree_of",
    "value_at",
]

Tree = dict[str, "Tree | str"]
"""Key → the keys within it, or the kind of the leaf."""

_FIRST: Final = "0"
"""The key that stands for the first item of a list."""

_FAST: Final[Mapping[str, str]] = {
    "count": "VARCHAR",
    "number": "DOUBLE",
    "text": "VARCHAR",
    "hash": "VARCHAR",
    "blocks": "BIGINT[]",
    "time": "VARCHAR",
    "time-text": "TIMESTAMPTZ",
    "time-number": "DOUBLE",
    "presence": "BOOLEAN",
}
"""Leaves of the fast reader. Counts are read as text: as a number, JSON's ``true`` would pass for 1.

Seconds are not: a ``true`` there would be one second, and reading them as text takes a fifth more time.
``presence`` is for a place that should hold nothing: whatever stands there is a value, or can not be read.
"""


def tree_of(
    log_format: LogFormat, records: Iterable[Any], extra: Iterable[str] = (), *, telling: bool = True
) -> Tree:
    """The keys that a format reads, of those objects that the sampled records hold at all.

    ``records`` tell as well where a key holds dots itself, and how times are written. Where they are not ``telling``
    of the whole file, only what contradicts them is left out, not what they merely do not hold.
    """
    seen = [record for record in records if isinstance(record, Mapping)]
    tree: Tree = {}
    paths: dict[str, FieldKind] = {**log_format.paths(), **dict.fromkeys(extra, "text")}
    idle = _idle(log_format, seen) if telling else set()
    for path, kind in sorted(paths.items(), key=lambda item: -item[0].count(".")):
        keys = _keys(path, seen, whole=log_format.tree)
        held = (
            _may_hold(keys[:depth], seen, items=keys[depth] == _FIRST, telling=telling)
            for depth in range(1, len(keys))
        )
        if not all(held) or path in idle:
            continue
        leaf = _time_kind(keys, seen) if kind == "time" and log_format.time_scale is None else kind
        _plant(tree, keys, leaf)
    return tree


def _keys(path: str, records: list[Mapping[str, Any]], *, whole: bool) -> list[str]:
    """A dotted path as keys: dots stay in a key where the records hold it so, or the format always writes it so."""
    if whole:
        return [path]
    keys = path.split(".")
    for record in records:
        found = _split(keys, record)
        if found is not None:
            return found
    return keys


def _split(keys: list[str], record: Any) -> list[str] | None:
    """The keys by which the path is found in the record; None where it is not there."""
    if not keys:
        return []
    if isinstance(record, list):
        rest = _split(keys[1:], record[0]) if keys[0] == _FIRST and record else None
        return None if rest is None else [_FIRST, *rest]
    if not isinstance(record, Mapping):
        return None
    for cut in range(len(keys), 0, -1):
        key = ".".join(keys[:cut])
        rest = _split(keys[cut:], record[key]) if key in record else None
        if rest is not None:
            return [key, *rest]
    return None


RARE: Final = frozenset({"error", "status", "outcome", "outcome_name"})
"""Fields of which a sample without one says little."""


def _idle(log_format: LogFormat, records: list[Mapping[str, Any]]) -> set[str]:
    """Places where none of the sampled records holds a value: each would cost a column.

    Token counts are read from all their places: kinds of calls that write them differently may share a log.
    """
    found: set[str] = set()
    for name in log_format.fields:
        if name not in RARE and not name.endswith("_tokens"):
            paths = {at.path for at in log_format.places(name)}
            found |= {path for path in paths if not _holds(path.split("."), records)}
    return found if records and not log_format.tree else set()


def _holds(keys: list[str], records: list[Mapping[str, Any]]) -> bool:
    for record in records:
        split = _split(keys, record)
        if split is not None and value_at(record, split) is not None:
            return True
    return False


def _may_hold(
    keys: list[str], records: list[Mapping[str, Any]], *, items: bool = False, telling: bool = True
) -> bool:
    """Whether some record holds an object (a list, where ``items``) there, or nobody can tell.

    Nobody can where there is no record at all, or only empty values; of records that are not ``telling``, where none
    holds anything there.
    """
    found = [value_at(record, keys[:-1]) for record in records]
    if keys[-1] == _FIRST:
        within = [value[0] for value in found if isinstance(value, list) and value]
    else:
        within = [value[keys[-1]] for value in found if isinstance(value, Mapping) and keys[-1] in value]
    wanted = list if items else Mapping
    if not records or (not within and not telling):
        return True
    return any(value is None or isinstance(value, wanted) for value in within)


def _time_kind(keys: list[str], records: list[Mapping[str, Any]]) -> str:
    kinds = {type(value) for record in records if (value := value_at(record, keys)) is not None}
    if kinds and kinds <= {int, float}:
        return "time-number"
    texts = [str(value_at(record, keys)) for record in records if value_at(record, keys) is not None]
    iso = all(len(text) >= 10 and text[4:5] == "-" for text in texts)
    return "time-text" if kinds == {str} and iso else "time"


def value_at(record: Any, keys: Sequence[str]) -> Any:
    """What a record holds at these keys; None where it holds nothing."""
    for key in keys:
        if isinstance(record, list):
            record = record[0] if key == _FIRST and record else None
        else:
            record = record.get(key) if isinstance(record, Mapping) else None
    return record


def _plant(tree: Tree, keys: list[str], leaf: str) -> None:
    for key in keys[:-1]:
        within = tree.setdefault(key, {})
        if isinstance(within, str):
            return
        tree = within
    tree.setdefault(keys[-1], leaf)


def as_texts(tree: Tree) -> Tree:
    """The same keys, each leaf read as text: a reader finds no fault with it."""
    return {
        key: as_texts(kind) if isinstance(kind, dict) else "blocks" if kind == "blocks" else "text"
        for key, kind in tree.items()
    }


def duckdb_columns(tree: Tree) -> str:
    """The tree as the ``columns`` of DuckDB's JSON reader."""
    inner = ", ".join(f"{_quoted(key)}: {_quoted(_duckdb_type(kind))}" for key, kind in tree.items())
    return f"{{{inner}}}"


def _duckdb_type(kind: Tree | str) -> str:
    if isinstance(kind, str):
        return _FAST[kind]
    if set(kind) == {_FIRST}:
        return f"{_duckdb_type(kind[_FIRST])}[]"
    inner = ", ".join(f'"{key}" {_duckdb_type(within)}' for key, within in kind.items())
    return f"STRUCT({inner})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def json_structure(tree: Tree) -> str:
    """The tree as the structure of ``json_transform``, every leaf as text."""

    def plain(kind: Tree | str) -> Any:
        if isinstance(kind, str):
            return ["BIGINT"] if kind == "blocks" else "VARCHAR"
        if set(kind) == {_FIRST}:
            return [plain(kind[_FIRST])]
        return {key: plain(within) for key, within in kind.items()}

    return json.dumps(plain(tree))


def ibis_schema(tree: Tree) -> dict[str, dt.DataType]:
    """The tree as Ibis sees what ``json_transform`` made."""
    import ibis.expr.datatypes as dt

    def plain(kind: Tree | str) -> dt.DataType:
        if isinstance(kind, str):
            return dt.Array(dt.int64) if kind == "blocks" else dt.string
        if set(kind) == {_FIRST}:
            return dt.Array(plain(kind[_FIRST]))
        return dt.Struct({key: plain(within) for key, within in kind.items()})

    return {key: plain(kind) for key, kind in tree.items()}
