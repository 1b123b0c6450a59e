"""Lists, structs and what takes a function of their elements. DuckDB counts from one and has null for what is beyond the end."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from orchestration.spark.rules.nodes import (
    INTEGERS,
    NotPortableError,
    Type,
    call,
    cast,
    has_type,
    is_given,
    is_list,
    number,
)  # fmt: skip


def _without_nulls(items: exp.Expr) -> exp.Expr:
    return call("array_compact", items)


def _or_empty(items: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=items.copy(), expressions=[exp.Array()])


def _contains(node: exp.Expr) -> exp.Expr:
    return _false_for_nulls("array_contains", node.this, node.expression)


def _overlaps(node: exp.Expr) -> exp.Expr:
    return _false_for_nulls("arrays_overlap", node.this, node.expression)


def _false_for_nulls(name: str, left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Null among the elements is no reason for DuckDB not to know."""
    if isinstance(right, exp.Null):
        return cast(right, Type.BOOLEAN)
    if isinstance(left, exp.Array) and not left.expressions:
        return exp.false()
    found: exp.Expr = call(name, left, right)
    if isinstance(left, exp.Array) and all(isinstance(one, exp.Literal) for one in left.expressions):
        return found
    empty = exp.EQ(this=call("size", left), expression=number(0))
    found = exp.Coalesce(this=found, expressions=[exp.false()])
    return exp.Case(
        ifs=[exp.If(this=empty, true=exp.false()), exp.If(this=exp.and_(is_given(left), is_given(right)), true=found)]
    )


def _sorted(node: exp.ArraySort) -> exp.Expr:
    descending = node.args.get("asc")
    if descending is not None or node.args.get("nulls_first") != exp.false():
        raise NotPortableError("list_sort with an order", "list_sort without one, which puts nulls last")
    return call("array_sort", node.this)


def _distinct(node: exp.ArrayDistinct) -> exp.Expr:
    return call("array_distinct", _without_nulls(node.this))


def _flattened(node: exp.Flatten) -> exp.Expr:
    return call("flatten", _without_nulls(node.this))


def _appended(node: exp.ArrayAppend) -> exp.Expr:
    return call("concat", _or_empty(node.this), exp.Array(expressions=[node.expression.copy()]))


def _prepended(node: exp.ArrayPrepend) -> exp.Expr:
    return call("concat", exp.Array(expressions=[node.expression.copy()]), _or_empty(node.this))


def _concatenated(node: exp.ArrayConcat) -> exp.Expr:
    return call("concat", *(_or_empty(one) for one in (node.this, *node.expressions)))


def _length(node: exp.Length) -> exp.Expr:
    return cast(call("size", node.this), Type.BIGINT) if is_list(node.this) else cast(call("length", node.this), Type.BIGINT)


def _element(node: exp.Bracket) -> exp.Expr:
    (index,) = node.expressions
    if isinstance(index, exp.Slice):
        if is_list(node.this) or index.expression is not None:
            raise NotPortableError(f"the slice {node.sql('duckdb')}", "list_filter, or substring for text")
        return call("substring", node.this, index.this)
    if has_type(node.this, *exp.DataType.TEXT_TYPES):
        return call("substring", node.this, index, number(1))
    if has_type(node.this, Type.STRUCT):
        name = index.name if index.is_string else f"col{index.name}"
        return exp.Dot(this=node.this.copy(), expression=exp.to_identifier(name))
    return call("get", node.this, cast(exp.Sub(this=exp.paren(index.copy()), expression=number(1)), Type.INT))


def _slice(node: exp.ArraySlice) -> exp.Expr:
    end = node.args["end"]
    if is_list(node.this) or not isinstance(end, exp.Neg):
        raise NotPortableError(f"{node.sql('duckdb')}", "list_filter, or substring for text")
    first, beyond = int(node.args["start"].name), int(end.this.name) - 1
    return call(
        "substring", node.this, number(first), exp.Sub(this=call("length", node.this), expression=number(first - 1 + beyond))
    )


def _series(node: exp.GenerateSeries) -> exp.Expr:
    """From start up to end, and nothing where the end comes first: Spark would count down, or fail."""
    start, end, step = node.args["start"], node.args["end"], node.args.get("step")
    if has_type(start, Type.DATE) and has_type(end, Type.TIMESTAMP, Type.TIMESTAMPNTZ):
        start = cast(start, Type.TIMESTAMPNTZ)
    exclusive = bool(node.args.get("is_end_exclusive"))
    if step is not None and exclusive:
        end = exp.Sub(
            this=exp.paren(end.copy()), expression=exp.Interval(this=exp.Literal.string("1"), unit=exp.var("MICROSECOND"))
        )
    elif exclusive:
        end = exp.Sub(this=exp.paren(end.copy()), expression=number(1))
    if step is None and not has_type(start, *INTEGERS):
        start, end = cast(start, Type.BIGINT), cast(end, Type.BIGINT)
    made = call("sequence", start, end, *([step] if step is not None else []))
    return exp.Case(ifs=[exp.If(this=exp.LTE(this=exp.paren(start.copy()), expression=exp.paren(end.copy())), true=made)])


def _position(node: exp.Anonymous) -> exp.Expr:
    return cast(exp.Nullif(this=call("array_position", *node.expressions), expression=number(0)), Type.BIGINT)


def _sum(node: exp.Anonymous) -> exp.Expr:
    items = _without_nulls(node.expressions[0])
    adding = exp.Lambda(
        this=exp.Add(this=exp.to_identifier("total"), expression=exp.to_identifier("item")),
        expressions=[exp.to_identifier("total"), exp.to_identifier("item")],
    )
    total = call("aggregate", items, cast(number(0), Type.BIGINT), adding)
    return exp.Case(ifs=[exp.If(this=exp.GT(this=call("size", items), expression=number(0)), true=total)])


def _has_all(node: exp.Anonymous) -> exp.Expr:
    left, right = node.expressions
    return exp.EQ(this=call("size", call("array_except", right, left)), expression=number(0))


def _row(node: exp.Anonymous) -> exp.Expr:
    """A struct whose fields have no names; DuckDB numbers them from one."""
    pairs: list[exp.Expr] = []
    for place, one in enumerate(node.expressions, 1):
        pairs += [exp.Literal.string(f"col{place}"), one]
    return call("named_struct", *pairs)


def _struct(node: exp.Struct) -> exp.Expr:
    pairs: list[exp.Expr] = []
    for one in node.expressions:
        if not isinstance(one, exp.PropertyEQ):
            raise NotPortableError(f"{node.sql('duckdb')[:80]}", "a struct with named fields")
        pairs += [exp.Literal.string(one.name), one.expression]
    return call("named_struct", *pairs)


def _from_one(node: exp.Expr) -> None:
    """The second argument of a lambda is the place of the element."""
    lambda_ = node.expression
    if isinstance(lambda_, exp.Lambda) and len(lambda_.expressions) == 2:
        place = lambda_.expressions[1].name
        for one in list(lambda_.this.find_all(exp.Identifier)):
            if one.name == place and not isinstance(one.parent, exp.Dot):
                one.replace(exp.paren(exp.Add(this=exp.to_identifier(place), expression=number(1))))


def _filtered(node: exp.ArrayFilter) -> exp.Expr:
    _from_one(node)
    return call("filter", node.this, node.expression)


def _transformed(node: exp.Transform) -> exp.Expr:
    _from_one(node)
    return call("transform", node.this, node.expression)


AFTER: dict[type[exp.Expr], Any] = {
    exp.ArrayAppend: _appended,
    exp.ArrayConcat: _concatenated,
    exp.ArrayContains: _contains,
    exp.ArrayDistinct: _distinct,
    exp.ArrayFilter: _filtered,
    exp.ArrayOverlaps: _overlaps,
    exp.ArrayPrepend: _prepended,
    exp.ArraySlice: _slice,
    exp.ArraySort: _sorted,
    exp.Bracket: _element,
    exp.Flatten: _flattened,
    exp.GenerateSeries: _series,
    exp.Length: _length,
    exp.Struct: _struct,
    exp.Transform: _transformed,
}
FUNCTIONS: dict[str, Any] = {"list_position": _position, "list_sum": _sum, "list_has_all": _has_all, "row": _row}
