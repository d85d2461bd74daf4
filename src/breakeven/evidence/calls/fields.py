"""Every field of a format, read from wherever it stands in a raw record, as Ibis expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Final

from breakeven.evidence.calls.format import FIELDS, FieldKind, LogFormat

if TYPE_CHECKING:
    import ibis

__all__ = ["find_value", "read_fields"]


def read_fields(raw: ibis.Table, log_format: LogFormat) -> ibis.Table:
    """Every field of the format, read from wherever it stands: ``name``, and ``has_name`` (something stands there)."""
    columns: dict[str, Any] = {name: raw[name] for name in raw.columns if name.startswith("_")}
    for name in log_format.fields:
        found = [(find_value(raw, at.path), at.scale) for at in log_format.places(name)]
        found = [(value, scale) for value, scale in found if value is not None]
        found = _merged(found)
        if found:
            columns[name] = _READ[FIELDS[name]](found, log_format)
            if _may_be_unreadable(found, FIELDS[name]) or name in log_format.needs:
                columns[f"has_{name}"] = reduce(or_, (value.notnull() for value, _ in found))
    return raw.select(**columns)


def _may_be_unreadable(found: Found, kind: FieldKind) -> bool:
    """Whether something may stand there that is not what it should be: numbers of a typed column are numbers."""
    return kind == "time" or (kind in ("count", "number") and not _typed(found))


def _typed(found: Found) -> bool:
    return all(value.type().is_numeric() for value, _ in found)


def _merged(found: Found) -> Found:
    """Neighbouring places that hold text in one unit as one, so that text is parsed once, not once for each place."""
    import ibis

    merged: Found = []
    texts: list[Any] = []
    for i, (value, scale) in enumerate(found):
        if not value.type().is_string():
            merged.append((value, scale))
            continue
        texts.append(value)
        last = i + 1 == len(found) or not found[i + 1][0].type().is_string() or found[i + 1][1] != scale
        if last:
            merged.append(((ibis.coalesce(*texts) if len(texts) > 1 else texts[0]).nullif(""), scale))
            texts = []
    return merged


Found = list[tuple[Any, float]]
"""The values at a field's places, each with what it is to be multiplied by."""


def _number_of(found: Found, log_format: LogFormat) -> Any:
    import ibis

    if all(_fits_int64(value.type()) and scale == 1 for value, scale in found):
        return ibis.coalesce(*(value.cast("int64") for value, _ in found))
    return ibis.coalesce(
        *(_to_number(value) * scale if scale != 1 else _to_number(value) for value, scale in found)
    )


def _fits_int64(kind: Any) -> bool:
    return bool(kind.is_signed_integer() or (kind.is_unsigned_integer() and kind.nbytes < 8))


def _text_of(found: Found, log_format: LogFormat) -> Any:
    import ibis

    return ibis.coalesce(*(value.cast("string") for value, _ in found))


def _hash_of(found: Found, log_format: LogFormat) -> Any:
    import ibis

    whole = len(found) == 1 and _holds_structs(
        found[0][0].type()
    )  # hashed as they are: text would take twice the time
    value = found[0][0] if whole else _text_of(found, log_format)
    return ibis.ifelse(value.notnull(), value.hash(), ibis.null("int64"))


def _holds_structs(kind: Any) -> bool:
    return bool(kind.is_struct() or (kind.is_array() and kind.value_type.is_struct()))


def _time_of(found: Found, log_format: LogFormat) -> Any:
    import ibis

    return ibis.coalesce(*(_to_time(value, log_format.time_scale) for value, _ in found))


def _blocks_of(found: Found, log_format: LogFormat) -> Any:
    return found[0][0]


_READ: Final[Mapping[FieldKind, Callable[[Found, LogFormat], Any]]] = {
    "count": _number_of,
    "number": _number_of,
    "text": _text_of,
    "time": _time_of,
    "hash": _hash_of,
    "blocks": _blocks_of,
}


def find_value(raw: ibis.Table, path: str) -> Any:
    """The value at a dotted path: keys may hold dots, structs nest, text may hold JSON. None: there is none."""
    keys = path.split(".")
    for cut in range(len(keys), 0, -1):
        name = ".".join(keys[:cut])
        if name in raw.columns:
            value = _within(raw[name], keys[cut:])
            if value is not None:
                return value
    return None


def _within(value: Any, keys: list[str]) -> Any:
    if not keys:
        return value
    kind = value.type()
    if kind.is_struct():
        for cut in range(len(keys), 0, -1):
            name = ".".join(keys[:cut])
            if name in kind.names:
                found = _within(value[name], keys[cut:])
                if found is not None:
                    return found
        return None
    if kind.is_array() and keys[0] == "0":
        return _within(value[0], keys[1:])
    if kind.is_json():
        return _json_text(value, keys)
    return None


def _json_text(value: Any, keys: list[str]) -> Any:
    import ibis

    for key in keys:
        value = value[key]
    return ibis.coalesce(value.str, value.cast("string").nullif("null"))


def _to_number(value: Any) -> Any:
    """The number; NaN and infinities stay, as text can hold them, and are refused later."""
    if value.type().is_numeric():
        return value.cast("float64")
    return value.cast("string").try_cast("float64")


def _to_time(value: Any, scale: float | None) -> Any:
    import ibis

    kind = value.type()
    if kind.is_timestamp() or kind.is_date():
        return value.cast("timestamp")
    if kind.is_numeric():
        return _from_number(value.cast("float64"), scale)
    text = value.cast("string")
    if scale is not None:
        return _from_number(text.try_cast("float64"), scale)
    stamp = text.try_cast("timestamp('UTC')")
    rest = ibis.ifelse(
        stamp.isnull(), text, ibis.null("string")
    )  # numbers are looked for where no time was found
    return ibis.coalesce(stamp.cast("timestamp"), _from_number(rest.try_cast("float64"), scale))


def _from_number(value: Any, scale: float | None) -> Any:
    """A time from a count of seconds, or of smaller units told by its size."""
    import ibis

    seconds = (
        value * scale
        if scale is not None
        else value / ibis.cases((value > 1e17, 1e9), (value > 1e14, 1e6), (value > 1e11, 1e3), else_=1.0)
    )
    fine = (seconds.abs() < 1e10) & (seconds >= 0)
    micros = ibis.ifelse(fine.fill_null(False), seconds * 1e6, ibis.null("float64")).round().cast("int64")
    return ibis.timestamp("1970-01-01 00:00:00") + micros.as_interval("us")
