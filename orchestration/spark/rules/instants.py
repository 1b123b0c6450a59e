"""Instants, dates and what is added to them.

DuckDB's TIMESTAMP is Spark's TIMESTAMP_NTZ, its TIMESTAMPTZ is Spark's TIMESTAMP; the session's zone is UTC in both.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from orchestration.spark.rules.nodes import NotPortableError, Type, call, cast, has_type, is_unknown, number, text

_INTERVALS = {"make_ym_interval", "make_dt_interval"}
_LONGEST_OVERLAP = "3"


def _function(node: exp.Anonymous) -> exp.Expr:
    name, arguments = node.name.lower(), node.expressions
    if name == "epoch_us":
        return exp.UnixMicros(this=arguments[0])
    if name == "make_timestamptz" and len(arguments) == 1:
        return cast(call("timestamp_micros", arguments[0]), Type.TIMESTAMPTZ)
    if name == "timezone":
        return exp.AtTimeZone(this=arguments[1], zone=arguments[0])
    if name == "to_months":
        return call("make_ym_interval", number(0), arguments[0])
    if name == "to_seconds":
        return call("make_dt_interval", number(0), number(0), number(0), arguments[0])
    return node


def _at_time_zone(node: exp.AtTimeZone) -> exp.Expr:
    value, zone = node.this, node.args["zone"]
    if has_type(value, Type.TIMESTAMPTZ):
        return _local(value, zone)
    if has_type(value, Type.TIMESTAMP, Type.TIMESTAMPNTZ, Type.DATE):
        return _instant_of(value, zone)
    raise NotPortableError(f"{node.sql('duckdb')[:200]}, whose type is unknown", "a cast to timestamp or timestamptz within")


def _local(instant: exp.Expr, zone: exp.Expr) -> exp.Expr:
    """What a clock on the wall shows at an instant."""
    return cast(call("convert_timezone", text("UTC"), zone, cast(instant, Type.TIMESTAMPNTZ)), Type.TIMESTAMPNTZ)


def _instant_of(wall: exp.Expr, zone: exp.Expr) -> exp.Expr:
    """When a clock on the wall shows a time: the second instant of two, as DuckDB has it, where Spark takes the first.

    The clock three hours on shows by how much it was put back since; if that much later it shows the same time, that was the
    second time. A time that is left out moves forward by the gap in both engines.
    """
    wall = cast(wall, Type.TIMESTAMPNTZ)
    first = cast(call("convert_timezone", zone, text("UTC"), wall), Type.TIMESTAMPTZ)
    hours = exp.Interval(this=text(_LONGEST_OVERLAP), unit=exp.var("HOUR"))
    later = _local(exp.Add(this=first.copy(), expression=hours.copy()), zone)
    put_back = exp.Sub(this=exp.paren(exp.Add(this=wall.copy(), expression=hours.copy())), expression=later)
    second = exp.Add(this=first.copy(), expression=exp.paren(put_back))
    shows = exp.EQ(this=_local(second, zone), expression=wall.copy())
    moved = exp.Case(ifs=[exp.If(this=shows, true=second.copy())], default=first.copy())
    return cast(moved, Type.TIMESTAMPTZ)


def _is_interval(node: exp.Expr) -> bool:
    written = node.unnest()
    made = isinstance(written, exp.Anonymous) and written.name in _INTERVALS
    return made or isinstance(written, exp.Interval) or has_type(node, Type.INTERVAL)


def _add(node: exp.Add) -> exp.Expr:
    for side, other in (("this", "expression"), ("expression", "this")):
        if has_type(node.args[side], Type.DATE) and _is_interval(node.args[other]):
            node.set(side, cast(node.args[side], Type.TIMESTAMPNTZ))
    return node


def _sub(node: exp.Sub) -> exp.Expr:
    left, right = node.left, node.right
    if has_type(left, Type.DATE) and _is_interval(right):
        node.set("this", cast(left, Type.TIMESTAMPNTZ))
    elif has_type(left, Type.DATE) and has_type(right, Type.DATE):
        return cast(call("datediff", left, right), Type.BIGINT)
    elif (is_unknown(left) and is_unknown(right)) or (has_type(left, Type.DATE) and is_unknown(right)):
        raise NotPortableError(
            f"the difference {node.sql('duckdb')[:200]} of unknown types", "date_diff('day', from, to), or a cast"
        )
    return node


def _truncated(node: exp.TimestampTrunc) -> exp.Expr:
    """A date or a local time stays one; Spark makes an instant of it."""
    if has_type(node.this, Type.DATE, Type.TIMESTAMP, Type.TIMESTAMPNTZ):
        return cast(node, Type.TIMESTAMPNTZ)
    return node


BEFORE: dict[type[exp.Expr], Any] = {exp.Anonymous: _function}
AFTER: dict[type[exp.Expr], Any] = {exp.Add: _add, exp.AtTimeZone: _at_time_zone, exp.Sub: _sub, exp.TimestampTrunc: _truncated}
