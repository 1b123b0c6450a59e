"""Text and JSON."""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

from orchestration.spark.rules.nodes import NotPortableError, Type, call, cast, has_type, is_given, number, text

_PARTS = {
    "%-d": "d",
    "%d": "dd",
    "%m": "MM",
    "%B": "MMMM",
    "%b": "MMM",
    "%A": "EEEE",
    "%Y": "yyyy",
    "%H": "HH",
    "%M": "mm",
    "%S": "ss",
}


def _to_json(node: exp.Anonymous) -> exp.Expr:
    value = node.expressions[0]
    options = call("map", text("ignoreNullFields"), text("false"))
    if has_type(value, *exp.DataType.TEXT_TYPES) or not has_type(value, Type.STRUCT, Type.MAP, Type.ARRAY, Type.LIST):
        quoted = call("to_json", exp.Array(expressions=[value.copy()]), options)
        bare = call("substring", quoted, number(2), exp.Sub(this=call("length", quoted), expression=number(2)))
        return exp.Case(ifs=[exp.If(this=is_given(value), true=bare)])
    return call("to_json", _instants_as_text(value), options)


def _instants_as_text(value: exp.Expr) -> exp.Expr:
    if not (isinstance(value, exp.Anonymous) and value.name == "named_struct"):
        return value
    for field in list(value.expressions[1::2]):
        if has_type(field, Type.TIMESTAMPTZ):
            field.replace(exp.DPipe(this=cast(field, Type.TEXT), expression=text("+00")))
    return value


def _field(node: exp.JSONExtractScalar) -> exp.Expr:
    path = node.expression
    if isinstance(path, exp.JSONPath):
        return call("get_json_object", node.this, text(path.sql("duckdb").strip("'")))
    return call("get_json_object", node.this, exp.DPipe(this=text("$."), expression=path.copy()))


def _json_type(node: exp.JSONType) -> exp.Expr:
    """VARCHAR, NULL, or a name of Spark's for any other type."""
    path = text(node.expression.sql("duckdb").strip("'"))
    field = call("schema_of_variant", call("try_variant_get", call("try_parse_json", node.this), path, text("variant")))
    return exp.Case(
        this=field,
        ifs=[exp.If(this=text("STRING"), true=text("VARCHAR")), exp.If(this=text("VOID"), true=text("NULL"))],
        default=field.copy(),
    )


def _full_match(node: exp.Expr) -> exp.Expr:
    pattern = node.expression
    return exp.RegexpLike(this=node.this.copy(), expression=text(rf"\A(?:{pattern.name})\z"))


def _formatted(node: exp.TimeToStr) -> exp.Expr:
    """A date in words. Spark takes letters outside quotes for parts of a date."""
    written = node.args["format"].name
    pieces = []
    for part, plain in re.findall(r"(%-?[A-Za-z])|([^%]+)", str(written)):
        if part and part not in _PARTS:
            raise NotPortableError(f"{part} in {node.sql('duckdb')[:80]}", f"one of {', '.join(_PARTS)}")
        pieces.append(
            _PARTS[part] if part else re.sub("[A-Za-z]+", lambda found: "'" + str(found[0]) + "'", plain.replace("'", "''"))
        )
    return call("date_format", node.this, text("".join(pieces)))


AFTER: dict[type[exp.Expr], Any] = {
    exp.JSONExtractScalar: _field,
    exp.JSONType: _json_type,
    exp.TimeToStr: _formatted,
    exp.RegexpFullMatch: _full_match,
}
FUNCTIONS: dict[str, Any] = {"to_json": _to_json}
