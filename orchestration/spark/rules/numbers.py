"""Numbers: division, rounding casts, and integers of 128 bits, which are decimals on Spark."""

from __future__ import annotations

from typing import Any

import sqlglot
from sqlglot import exp

from orchestration.spark.rules.nodes import INTEGERS, MADE, Type, call, cast, has_type, is_given, number, text

_WIDE = (Type.INT128, Type.UINT128)


def _div(node: exp.Div) -> exp.Expr:
    """Always of doubles: Spark would divide decimals as such."""
    if not has_type(node.left, Type.DOUBLE, *INTEGERS):
        node.set("this", cast(node.left, Type.DOUBLE))
    if has_type(node.right, Type.DECIMAL):
        node.set("expression", cast(node.right, Type.DOUBLE))
    return node


def _cast(node: exp.Cast) -> exp.Expr:
    if isinstance(node.this, exp.Anonymous) and node.this.name == "monotonically_increasing_id":
        return node.this.copy()  # which distinguishes rows, and needs 64 bits for it
    to = node.to.this
    if to in INTEGERS:
        return _rounded(node)
    if to == Type.TIMESTAMPTZ and isinstance(node.this, exp.Literal) and node.this.name.lstrip("-") == "infinity":
        sign = -1 if node.this.name.startswith("-") else 1
        return call("timestamp_micros", cast(number(sign * (2**63 - 1)), Type.BIGINT))  # which is infinity in DuckDB's Parquet
    if to in _WIDE:
        return exp.Cast(this=node.this.copy(), to=exp.DataType.build("decimal(38, 0)"))
    if to in exp.DataType.TEXT_TYPES and has_type(node.this, Type.TIMESTAMPTZ):
        return exp.DPipe(this=cast(node.this, Type.TEXT), expression=text("+00"))
    return node


def _rounded(node: exp.Cast) -> exp.Expr:
    """Where DuckDB rounds, Spark would cut off: doubles go to the even neighbour, decimals away from zero."""
    if has_type(node.this, Type.DOUBLE, Type.FLOAT):
        return cast(call("rint", node.this), node.to.this)
    if has_type(node.this, Type.DECIMAL):
        return cast(call("round", node.this), node.to.this)
    return node


def _bits(node: exp.BitwiseAnd) -> exp.Expr:
    """Some of the bits of a positive integer of 128."""
    shifted, mask = node.this.unnest(), node.expression
    whole = shifted.this.unnest() if isinstance(shifted, exp.BitwiseRightShift) else shifted
    if not has_type(whole, *_WIDE):
        return node
    places = int(shifted.expression.name) if isinstance(shifted, exp.BitwiseRightShift) else 0
    beyond = number((int(mask.name) + 1) << places)
    rest = exp.Mod(this=exp.paren(whole.copy()), expression=cast(beyond, "decimal(38, 0)"))
    return _quotient(exp.paren(rest), number(1 << places))


def _quotient(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.paren(exp.IntDiv(this=exp.paren(left.copy()), expression=cast(right, "decimal(38, 0)")))


def _shifted(node: exp.BitwiseRightShift) -> exp.Expr:
    if not has_type(node.this, *_WIDE):
        return node
    parent = node.parent.parent if isinstance(node.parent, exp.Paren) else node.parent
    return node if isinstance(parent, exp.BitwiseAnd) else _quotient(node.this, number(1 << int(node.expression.name)))


def _seconds(node: exp.TimeToUnix) -> exp.Expr:
    """Of a difference of instants."""
    between = node.this.unnest()
    if not isinstance(between, exp.Sub):
        return node
    micros = exp.Sub(this=exp.UnixMicros(this=between.left.copy()), expression=exp.UnixMicros(this=between.right.copy()))
    return exp.Div(this=exp.paren(micros), expression=cast(number(1_000_000), Type.DOUBLE))


def interpolated(value: exp.Expr, share: exp.Expr, where: exp.Expr | None) -> exp.Expr:
    """The percentile by DuckDB's formula: Spark's own may end in another last digit."""
    collected: exp.Expr = call("collect_list", cast(value, Type.DOUBLE))
    if where is not None:
        collected = exp.Filter(this=collected, expression=exp.Where(this=where.copy()))
    values = call("array_sort", collected)
    last = exp.Sub(this=call("size", values), expression=number(1))
    place = exp.paren(exp.Mul(this=exp.paren(last), expression=cast(share, Type.DOUBLE)))
    lower = call("get", values, cast(call("floor", place), Type.INT))
    upper = call("get", values, cast(call("ceil", place), Type.INT))
    beyond = exp.paren(exp.Sub(this=place.copy(), expression=call("floor", place)))
    before = exp.paren(exp.Sub(this=number(1), expression=beyond.copy()))
    infinite = exp.EQ(this=upper.copy(), expression=cast(text("Infinity"), Type.DOUBLE))
    ifs = [
        exp.If(this=exp.EQ(this=lower.copy(), expression=upper.copy()), true=lower.copy()),
        exp.If(this=infinite, true=upper.copy()),
    ]
    return exp.Case(ifs=ifs, default=_fused(lower, before, exp.Mul(this=upper.copy(), expression=beyond)))


_SPLIT = "134217729D"  # 2^27 + 1: halves a double into two factors whose products are exact (Dekker, 1971)
_FUSED = f"""
get(transform(transform(transform(array(named_struct('a', :a, 'b', :b, 'c', :c)),
    v -> named_struct('a', v.a, 'b', v.b, 'c', v.c, 'p', v.a * v.b, 's', v.a * v.b + v.c,
        'ah', {_SPLIT} * v.a - ({_SPLIT} * v.a - v.a), 'bh', {_SPLIT} * v.b - ({_SPLIT} * v.b - v.b))),
    v -> named_struct('s', v.s, 'lost', (v.p - (v.s - (v.s - v.p))) + (v.c - (v.s - v.p)),
        'rest', ((v.ah * v.bh - v.p) + v.ah * (v.b - v.bh) + (v.a - v.ah) * v.bh) + (v.a - v.ah) * (v.b - v.bh))),
    v -> v.s + (v.lost + v.rest)), 0)
"""


def _fused(a: exp.Expr, b: exp.Expr, c: exp.Expr) -> exp.Expr:
    """`a * b + c`, rounded once, as the processor computes it for DuckDB; Spark would round the product, too."""
    tree = sqlglot.parse_one(_FUSED, dialect="spark")
    for place in list(tree.find_all(exp.Placeholder)):
        place.replace(exp.paren({"a": a, "b": b, "c": c}[place.name].copy()))
    MADE.update(one.name for one in tree.find_all(exp.Anonymous))
    return tree


def _weekday(node: exp.DayOfWeekIso) -> exp.Expr:
    return exp.paren(exp.Add(this=call("weekday", node.this), expression=number(1)))


def _is_finite(node: exp.Anonymous) -> exp.Expr:
    value = node.expressions[0]
    infinite = exp.EQ(this=call("abs", value), expression=cast(text("Infinity"), Type.DOUBLE))
    return exp.Case(
        ifs=[exp.If(this=is_given(value), true=exp.not_(exp.or_(call("isnan", value), infinite)))],
    )


def _hash(node: exp.Anonymous) -> exp.Expr:
    """Another number than DuckDB's, as good to tell rows apart: Spark leaves out nulls, so whether each is one is hashed, too."""
    return call("xxhash64", *(part for value in node.expressions for part in (value, call("isnull", value.copy()))))


def _product(node: exp.Anonymous) -> exp.Expr:
    """A product over a window is multiplied in its order, as a whole (queries.py)."""
    if isinstance(node.parent, exp.Window):
        MADE.add("product")
        return node
    return multiplied(call("collect_list", node.expressions[0]))


def multiplied(factors: exp.Expr) -> exp.Expr:
    """The product of a list, one factor after the other; null of none."""
    total, factor = exp.to_identifier("total"), exp.to_identifier("factor")
    step = exp.Lambda(this=exp.Mul(this=total.copy(), expression=factor.copy()), expressions=[total, factor])
    made = call("aggregate", factors, cast(number(1), Type.DOUBLE), step)
    return exp.Case(ifs=[exp.If(this=exp.GT(this=call("size", factors), expression=number(0)), true=made)])


AFTER: dict[type[exp.Expr], Any] = {
    exp.BitwiseAnd: _bits,
    exp.BitwiseRightShift: _shifted,
    exp.Cast: _cast,
    exp.DayOfWeekIso: _weekday,
    exp.Div: _div,
    exp.TimeToUnix: _seconds,
}
FUNCTIONS: dict[str, Any] = {"hash": _hash, "isfinite": _is_finite, "product": _product}
