"""What a dialect lacks, said in terms that it has: the expressions stay the same, their compilation differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import ibis

__all__ = ["adapted"]

_DAY: Final = (
    r"([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    r"|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)"
)
_ZONE: Final = "( ?(Z|UTC|[+-][0-9][0-9](:?[0-5][0-9])?))?"
_TIME: Final = rf"^{_DAY}([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?{_ZONE})?$"
_NUMBER: Final = r"^ *[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,2})? *$"
_LOOKS_LIKE_A_DAY: Final = "^ *[0-9]{4}-[0-9]"
_ENDS_LIKE_A_NUMBER: Final = "[0-9.] *$"


def adapted(expression: ibis.Table, backend: str) -> ibis.Table:
    """The expression as the backend can compile it with the same results; the very same where it already can."""
    import ibis.expr.operations as ops

    rules: dict[Any, Any] = {
        "postgres": {ops.TryCast: _guarded_cast, ops.Cast: _postgres_cast, ops.Literal: _double_literal,
                     ops.Hash: _text_hash},
        "pyspark": {ops.TryCast: _spark_cast, ops.Hash: _spark_hash},
        "bigquery": {ops.Cast: _bigquery_cast, ops.Hash: _bigquery_hash},
        "clickhouse": {ops.TryCast: _clickhouse_cast, ops.TimestampAdd: _clickhouse_time,
                       ops.Literal: _clickhouse_literal, ops.Cast: _clickhouse_plain_cast},
        "snowflake": {ops.TryCast: _snowflake_cast, ops.Literal: _double_literal},
    }.get(backend, {})  # fmt: skip
    if not rules:
        return expression

    def replaced(node: Any, kwargs: Any) -> Any:
        node = node.__recreate__(kwargs) if kwargs else node
        rule = rules.get(type(node))
        return node if rule is None else rule(node)

    return expression.op().replace(replaced).to_expr()


def _builtin(name: str, takes: tuple[str, ...], gives: str) -> Any:
    """A function of the database that Ibis does not know."""
    import ibis

    shape = {1: lambda a: None, 2: lambda a, b: None, 3: lambda a, b, c: None}[len(takes)]
    shape.__name__ = name
    return ibis.udf.scalar.builtin(shape, name=name, signature=(takes, gives))


def _guarded_cast(node: Any) -> Any:
    """PostgreSQL has no cast that gives NULL: only what is written like a value is cast."""
    import ibis

    value, to = node.arg.to_expr(), node.to
    if value.type().is_string():
        fine = value.re_search(_TIME if to.is_timestamp() else _NUMBER)
    elif value.type().is_floating() and to.is_integer():
        fine = value.abs() < 9.2e18
    else:
        return value.cast(to).op()
    return ibis.ifelse(fine, value, ibis.null(value.type())).cast(to).op()


def _postgres_cast(node: Any) -> Any:
    """PostgreSQL turns true to the plain integer 1, and to no other number."""
    value = node.arg.to_expr()
    through = value.type().is_boolean() and node.to.is_numeric() and not node.to.is_int32()
    return value.cast("int32").cast(node.to).op() if through else node


def _text_hash(node: Any) -> Any:
    """PostgreSQL hashes values of plain types only."""
    import ibis.expr.operations as ops

    value = node.arg.to_expr()
    return ops.Hash(value.cast("string").op()) if value.type().is_nested() else node


def _double_literal(node: Any) -> Any:
    """A plain ``1.0`` is an exact decimal there, and all that is computed with it."""
    import ibis.expr.operations as ops

    return ops.Cast(node, node.dtype) if node.dtype.is_floating() and node.value is not None else node


def _spark_cast(node: Any) -> Any:
    """Spark reads ``12:30`` as a time today, ``2026`` as its first day, and ``1d`` as a number."""
    import ibis

    value, to = node.arg.to_expr(), node.to
    if not value.type().is_string():
        return node
    fine = value.re_search(_LOOKS_LIKE_A_DAY if to.is_timestamp() else _ENDS_LIKE_A_NUMBER)
    found = ibis.ifelse(fine, value, ibis.null("string")).try_cast(to)
    if to.is_floating():  # ``1e400`` is no number, rather than an endless one
        found = ibis.ifelse(found.abs() < float("inf"), found, ibis.null(to))
    return found.op()


def _spark_hash(node: Any) -> Any:
    """Spark's plain hash has 32 bits: among millions of texts, strangers would pass for equal."""
    return _builtin("xxhash64", ("string",), "int64")(node.arg.to_expr().cast("string")).op()


def _bigquery_cast(node: Any) -> Any:
    """BigQuery casts no JSON to text."""
    value = node.arg.to_expr()
    if not (value.type().is_json() and node.to.is_string()):
        return node
    return _builtin("to_json_string", ("json",), "string")(value).op()


def _bigquery_hash(node: Any) -> Any:
    """BigQuery's hash is of texts, and a record is no text."""
    import ibis.expr.operations as ops

    kind = node.arg.dtype
    if not kind.is_nested():
        return node
    return ops.Hash(_builtin("to_json_string", (kind,), "string")(node.arg.to_expr()).op())


def _clickhouse_cast(node: Any) -> Any:
    """ClickHouse's plain cast of a time knows one way of writing it, and no fractions of a second."""
    import ibis

    value = node.arg.to_expr()
    if not (value.type().is_string() and node.to.is_timestamp()):
        return node
    fine = value.re_search(_LOOKS_LIKE_A_DAY)
    parsed = _builtin("parseDateTime64BestEffortOrNull", ("string", "int8", "string"), "timestamp('UTC', 6)")
    return parsed(ibis.ifelse(fine, value, ibis.null("string")), 6, "UTC").op()


def _clickhouse_plain_cast(node: Any) -> Any:
    """ClickHouse's plain time has no fractions of a second."""
    value, to = node.arg.to_expr(), node.to
    if not to.is_timestamp() or to.scale is not None:
        return node
    return value.cast(to.copy(scale=6, timezone="UTC")).op()


def _clickhouse_literal(node: Any) -> Any:
    """ClickHouse has no list that is NULL: an empty one takes its place where a table has no such column."""
    import ibis

    return ibis.literal([], node.dtype).op() if node.value is None and node.dtype.is_array() else node


def _clickhouse_time(node: Any) -> Any:
    """ClickHouse adds no microseconds; the one sum we make is a count of them since 1970."""
    import ibis.expr.operations as ops

    if not isinstance(node.right, ops.IntervalFromInteger):
        return node
    since_1970 = _builtin("fromUnixTimestamp64Micro", ("int64", "string"), "timestamp('UTC', 6)")
    return since_1970(node.right.arg.to_expr(), "UTC").op()


def _snowflake_cast(node: Any) -> Any:
    """Snowflake's TRY_CAST is of texts only, and Ibis does not write it."""
    value, to = node.arg.to_expr(), node.to
    if not value.type().is_string():
        return _guarded_cast(node)
    if to.is_timestamp():
        return _builtin("try_to_timestamp_tz", ("string",), "timestamp('UTC')")(value).op()
    return _builtin("try_to_double", ("string",), "float64")(value).cast(to).op()
