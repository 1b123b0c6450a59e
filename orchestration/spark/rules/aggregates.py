"""Aggregates: lists that keep nulls and an order, the row with the least or greatest key, and products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from orchestration.spark.rules.nodes import NotPortableError, Type, call, cast, function, has_type, is_given, is_null
from orchestration.spark.rules.numbers import interpolated

_LISTS = (exp.ArrayAgg, exp.First)
_PERCENTILES = (exp.PercentileCont, exp.Median)
_CHOICES = (exp.ArgMax, exp.ArgMin)


def _filter(node: exp.Filter) -> exp.Expr:
    made = _aggregate(node.this, node.expression.this)
    return node if made is None else made


def _bare(node: exp.Expr) -> exp.Expr:
    if isinstance(node.parent, exp.Filter):
        return node  # which makes both
    made = _aggregate(node, None)
    return node if made is None else made


def _aggregate(node: exp.Expr, where: exp.Expr | None) -> exp.Expr | None:
    if isinstance(node, exp.ArrayAgg):
        return exp.Nullif(this=_collected(node.this, where), expression=exp.Array())
    if isinstance(node, exp.First) and isinstance(node.this, exp.Order):
        return call("get", _collected(node.this, where), exp.Literal.number(0))
    if isinstance(node, _PERCENTILES):
        return interpolated(node.this, node.args.get("expression") or exp.Literal.number("0.5"), where)
    if isinstance(node, _CHOICES):
        return _chosen(node, where)
    if isinstance(node, exp.IgnoreNulls) and isinstance(node.this, exp.AnyValue) and not isinstance(node.parent, exp.Window):
        return _filtered(call("any_value", node.this.this, exp.true()), where)
    return None


def _filtered(node: exp.Expr, where: exp.Expr | None) -> exp.Expr:
    return node if where is None else exp.Filter(this=node, expression=exp.Where(this=where.copy()))


def _collected(items: exp.Expr, where: exp.Expr | None) -> exp.Expr:
    """All items, nulls too, in their order; items that the order does not tell apart follow their own."""
    order: Sequence[exp.Ordered] = []
    if isinstance(items, exp.Order):
        items, order = items.this, items.expressions
    distinct = isinstance(items, exp.Distinct)
    if isinstance(items, exp.Distinct):
        (items,) = items.expressions
    fields: list[exp.Expr] = []
    for place, one in enumerate(order):
        if one.args.get("desc"):
            fields.append(exp.alias_(_descending(one.this, bool(one.args.get("nulls_first"))), f"k{place}"))
        else:
            fields += [exp.alias_(is_null(one.this), f"n{place}"), exp.alias_(one.this.copy(), f"k{place}")]
    fields.append(exp.alias_(items.copy(), "item"))
    collected: exp.Expr = call("collect_set" if distinct else "collect_list", call("struct", *fields))
    collected = _filtered(collected, where)
    if order:
        collected = call("array_sort", collected)
    element = exp.to_identifier("one")
    return call("transform", collected, function("one", exp.Dot(this=element, expression=exp.to_identifier("item"))))


def _descending(key: exp.Expr, nulls_first: bool) -> exp.Expr:
    """A key whose ascending order is the descending one of another."""
    if has_type(key, Type.DATE):
        value: exp.Expr = call("unix_date", key)
    elif has_type(key, Type.TIMESTAMPTZ):
        value = exp.UnixMicros(this=key.copy())
    else:
        raise NotPortableError(
            f"a list in descending order of {key.sql('duckdb')}", "a date or an instant, or an ascending order"
        )
    null = cast(exp.Literal.number(2**63 - 1), Type.BIGINT)
    return exp.Coalesce(
        this=exp.Neg(this=exp.paren(cast(value, Type.BIGINT))), expressions=[exp.Neg(this=null) if nulls_first else null]
    )


def _chosen(node: exp.Expr, where: exp.Expr | None) -> exp.Expr:
    """DuckDB leaves out rows without a value, and null is the greatest element of a key."""
    key = node.expression.unnest()
    if isinstance(key, exp.Tuple) or (isinstance(key, exp.Anonymous) and key.name == "struct"):
        parts: list[exp.Expr] = []
        for place, one in enumerate(key.expressions):
            parts += [exp.alias_(is_null(one), f"n{place}"), exp.alias_(one.copy(), f"k{place}")]
        key = call("struct", *parts)
    given = is_given(node.this)
    made = call("max_by" if isinstance(node, exp.ArgMax) else "min_by", node.this, key)
    return _filtered(made, given if where is None else exp.and_(where.copy(), given))


AFTER: dict[type[exp.Expr], Any] = {
    exp.Filter: _filter,
    **dict.fromkeys((*_LISTS, *_CHOICES, *_PERCENTILES, exp.IgnoreNulls), _bare),
}
