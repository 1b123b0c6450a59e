"""Small pieces that rules are made of: calls, literals, and what is known of a type."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

Type = exp.DataType.Type
INTEGERS = (Type.INT, Type.BIGINT, Type.SMALLINT, Type.TINYINT)
MADE: set[str] = set()
"""Every function that a rule has written, in lower case: what else is left unknown after the rules is not portable."""


class NotPortableError(Exception):
    """A construct that has no rule."""

    def __init__(self, construct: str, remedy: str) -> None:
        super().__init__(f"{construct} has no counterpart on Spark.\n  Use {remedy}.")


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A call of a function of Spark's."""
    MADE.add(name)
    return exp.Anonymous(this=name, expressions=[one.copy() for one in arguments])


def number(value: int) -> exp.Expr:
    """A literal."""
    return exp.Literal.number(value)


def text(value: str) -> exp.Literal:
    """A literal."""
    return exp.Literal.string(value)


def cast(node: exp.Expr, kind: Any) -> exp.Cast:
    """A cast that Spark writes in its own words."""
    return exp.Cast(this=node.copy(), to=exp.DataType.build(kind))


def is_null(node: exp.Expr) -> exp.Is:
    """Whether it is null."""
    return exp.Is(this=exp.paren(node.copy()), expression=exp.Null())


def is_given(node: exp.Expr) -> exp.Not:
    """Whether it is not null."""
    return exp.Not(this=is_null(node))


def has_type(node: exp.Expr | None, *kinds: Any) -> bool:
    """Whether its type is known to be one of some."""
    return node is not None and node.type is not None and node.type.this in kinds


def is_list(node: exp.Expr) -> bool:
    """Whether it is a list."""
    return isinstance(node, exp.Array) or has_type(node, Type.ARRAY, Type.LIST)


def is_unknown(node: exp.Expr) -> bool:
    """Whether nothing is known of its type."""
    return node.type is None or node.type.this is Type.UNKNOWN


def function(arguments: str, body: exp.Expr) -> exp.Lambda:
    """A lambda of one argument."""
    return exp.Lambda(this=body, expressions=[exp.to_identifier(arguments)])
