"""What sqlglot's inference of types does not know of DuckDB: lists, lambdas and the functions that rules write."""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

_T = exp.DataType.Type
_FUNCTIONS = {"list_position": "bigint", "isfinite": "boolean", "product": "double", "to_json": "varchar", "list_sum": "bigint",
              "make_ym_interval": "interval", "make_dt_interval": "interval"}  # fmt: skip


def _element(node: exp.Expr) -> Any:
    kind = node.type
    if kind is not None and kind.this in (_T.ARRAY, _T.LIST) and kind.expressions:
        return kind.expressions[0]
    return _T.UNKNOWN


def _anonymous(annotator: Any, node: exp.Anonymous) -> None:
    if node.name.lower() == "row":
        _row(annotator, node)
        return
    annotator._set_type(node, exp.DataType.build(_FUNCTIONS.get(node.name.lower(), "unknown"), dialect="duckdb"))


def _row(annotator: Any, node: exp.Anonymous) -> None:
    fields = [
        exp.ColumnDef(this=exp.to_identifier(f"col{place}"), kind=one.type.copy() if isinstance(one.type, exp.DataType) else None)
        for place, one in enumerate(node.expressions, 1)
    ]
    annotator._set_type(node, exp.DataType(this=_T.STRUCT, expressions=fields, nested=True))


def _literal(annotator: Any, node: exp.Literal) -> None:
    annotator._annotate_literal(node)
    if not node.is_string and "." in node.name and "e" not in node.name.lower():
        annotator._set_type(node, _T.DECIMAL)  # DuckDB computes such a number exactly


def _like_this(annotator: Any, node: exp.Expr) -> None:
    annotator._set_type(node, node.this.type)


def _one_of(annotator: Any, node: exp.Expr) -> None:
    annotator._set_type(node, _element(node.this))


def _list_of(annotator: Any, node: exp.Expr) -> None:
    items = node.this
    while isinstance(items, (exp.Order, exp.Distinct)):
        items = items.this if isinstance(items, exp.Order) else items.expressions[0]
    annotator._set_type(node, _array(items.type))


def _array(kind: Any) -> exp.DataType:
    return exp.DataType(this=_T.ARRAY, expressions=[kind.copy()] if isinstance(kind, exp.DataType) else [], nested=True)


def _filter(annotator: Any, node: exp.Expr) -> None:
    _bind(annotator, node)
    annotator._set_type(node, node.this.type)


def _transform(annotator: Any, node: exp.Expr) -> None:
    _bind(annotator, node)
    annotator._set_type(node, _array(node.expression.this.type))


def _bind(annotator: Any, node: exp.Expr) -> None:
    """Give the argument of a lambda the type of an element, and its body what follows."""
    function, kind = node.expression, _element(node.this)
    if not isinstance(function, exp.Lambda) or not isinstance(kind, exp.DataType):
        return
    argument = function.expressions[0].name
    for one in reversed(list(function.this.walk(bfs=True))):
        if (
            isinstance(one, exp.Identifier)
            and one.name == argument
            and not (isinstance(one.parent, exp.Dot) and one.arg_key == "expression")
        ):
            one.type = kind
            continue
        is_typed = one.type is not None and one.type.this is not _T.UNKNOWN
        if is_typed or isinstance(one, (exp.Identifier, exp.Column, exp.Literal)):
            continue
        found = METADATA.get(type(one), {})
        if "annotator" in found:
            found["annotator"](annotator, one)
        elif "returns" in found:
            annotator._set_type(one, found["returns"])


def _ordered(annotator: Any, node: exp.Expr) -> None:
    annotator._set_type(node, node.this.this.type if isinstance(node.this, exp.Order) else node.this.type)


METADATA: dict[Any, dict[str, Any]] = {
    **DuckDB.EXPRESSION_METADATA,
    exp.Anonymous: {"annotator": _anonymous},
    exp.Literal: {"annotator": _literal},
    exp.UnixMicros: {"returns": _T.BIGINT},
    exp.ArrayMin: {"annotator": _one_of},
    exp.ArrayMax: {"annotator": _one_of},
    exp.Flatten: {"annotator": _one_of},
    exp.ArrayFilter: {"annotator": _filter},
    exp.Transform: {"annotator": _transform},
    exp.ArrayDistinct: {"annotator": _like_this},
    exp.ArraySort: {"annotator": _like_this},
    exp.ArrayAppend: {"annotator": _like_this},
    exp.ArrayPrepend: {"annotator": _like_this},
    exp.Explode: {"annotator": _one_of},
    exp.ArrayConcat: {"annotator": _like_this},
    exp.ArrayAgg: {"annotator": _list_of},
    exp.ArgMax: {"annotator": _like_this},
    exp.ArgMin: {"annotator": _like_this},
    exp.First: {"annotator": _ordered},
    exp.IgnoreNulls: {"annotator": _like_this},
    exp.Filter: {"annotator": _like_this},
    exp.Window: {"annotator": _like_this},
    exp.Paren: {"annotator": _like_this},
    exp.Replace: {"returns": _T.TEXT},
    exp.GroupConcat: {"returns": _T.TEXT},
    exp.JSONExtractScalar: {"returns": _T.TEXT},
}
