"""What of a log need not be read: fields that nobody asks for, and places that no record of a sample holds.

Token counts may stand in many places, as kinds of calls that write them differently may share a log; so may what tells
of a failure. Reading a place that is empty in every record costs as much as one that is full, and every expression on
it costs again. So a place that the sample does not hold is only watched: where a record holds it after all, the log is
read anew with all places.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from breakeven.evidence.calls.format import LogFormat
from breakeven.evidence.calls.schema import RARE, Tree, value_at

__all__ = ["Leaf", "asked_for", "unheld", "watched", "without"]

Leaf = tuple[str, ...]
"""The keys by which a value is reached; joined by dots they are the path of a format's place."""

_IDS: Final[Mapping[str, tuple[str, ...]]] = {
    "call_id": ("call_id", "call_hash"),
    "session": ("session",),
    "template": ("template",),
}
"""Fields that refuse no row, and the columns that are made of them."""


def unheld(log_format: LogFormat, tree: Tree, records: Iterable[Any]) -> frozenset[Leaf]:
    """The places that none of the records holds: of token counts, anything; of what is rare, even an empty key.

    Other fields have no such places in the tree; records that hold nothing of the format tell nothing.
    """
    seen = list(records)
    signs = {at.path: _holds_key for name in RARE for at in log_format.places(name)}
    counts = (name for name in log_format.fields if name.endswith("_tokens"))
    signs |= {at.path: _holds_value for name in counts for at in log_format.places(name)}
    leaves = [*_leaves(tree)]
    if not any(_holds_value(one, leaf) for leaf in leaves for one in seen):
        return frozenset()
    watchable = [leaf for leaf in leaves if ".".join(leaf) in signs.keys() - log_format.keep.keys()]
    return frozenset(leaf for leaf in watchable if not any(signs[".".join(leaf)](one, leaf) for one in seen))


def _holds_value(record: Any, leaf: Leaf) -> bool:
    return value_at(record, leaf) is not None


def _holds_key(record: Any, leaf: Leaf) -> bool:
    within = value_at(record, leaf[:-1])
    return isinstance(within, Mapping) and leaf[-1] in within


def asked_for(log_format: LogFormat, only: Collection[str]) -> LogFormat:
    """The same format without the ids of which no column is asked for."""
    idle = {name for name, made in _IDS.items() if not set(made) & set(only) and name not in log_format.needs}
    fields = {name: places for name, places in log_format.fields.items() if name not in idle}
    return replace(log_format, fields=fields)


def without(log_format: LogFormat, leaves: Collection[Leaf]) -> LogFormat:
    """The same format with these places taken out."""
    gone = {".".join(leaf) for leaf in leaves}
    fields = {
        name: tuple(at for at in log_format.places(name) if at.path not in gone) for name in log_format.fields
    }
    return replace(log_format, fields=fields)


def watched(tree: Tree, log_format: LogFormat, leaves: Collection[Leaf]) -> Tree:
    """The keys that a reader needs: the format's places, and ``leaves`` as ``presence``, whatever they hold."""
    paths = {*log_format.paths()}

    def kept(within: Tree, above: Leaf) -> Tree:
        found: Tree = {}
        for key, kind in within.items():
            leaf = (*above, key)
            if isinstance(kind, dict):
                found[key] = kept(kind, leaf)
            elif leaf in leaves:
                found[key] = "presence"
            elif ".".join(leaf) in paths:
                found[key] = kind
        return {key: kind for key, kind in found.items() if kind}

    return kept(tree, ())


def _leaves(tree: Tree, above: Leaf = ()) -> Iterator[Leaf]:
    for key, kind in tree.items():
        if isinstance(kind, dict):
            yield from _leaves(kind, (*above, key))
        else:
            yield (*above, key)
