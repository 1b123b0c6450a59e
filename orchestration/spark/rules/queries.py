"""The shape of queries: unions by name, as-of joins, CTEs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlglot import exp

from orchestration.spark.rules.nodes import NotPortableError, call, function, is_given, is_null
from orchestration.spark.rules.numbers import multiplied

_KEPT = "is_kept"
_FLIPPED: dict[Any, Any] = {exp.GT: exp.LT, exp.LT: exp.GT, exp.GTE: exp.LTE, exp.LTE: exp.GTE, exp.EQ: exp.EQ}
_BEYOND: dict[Any, Any] = {exp.GTE: exp.LT, exp.GT: exp.LTE, exp.LT: exp.GTE, exp.LTE: exp.GT}


def _cte(node: exp.CTE) -> exp.Expr:
    node.set("materialized", None)
    return node


def _join(node: exp.Join) -> exp.Expr:
    """An as-of join as one between a bound and the next: the nearest row alone lies between both."""
    if (node.args.get("method") or "").upper() != "ASOF":
        return node
    right, condition = node.this, node.args["on"]
    keys: list[exp.Expr] = []
    bound: Any = None
    for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
        one: Any = part.unnest()
        left, other, kind = one.left, one.right, type(one)
        if any(column.table == right.alias_or_name for column in left.find_all(exp.Column)):
            left, other, kind = other, left, _FLIPPED[kind]
        if kind is exp.EQ:
            keys.append(exp.column(other.name))
        else:
            bound = (left, exp.column(other.name), kind)
    assert bound is not None  # noqa: S101  # DuckDB takes no other
    left, other, kind = bound
    neighbour = exp.Lead(this=other.copy()) if kind in (exp.GT, exp.GTE) else exp.Lag(this=other.copy())
    order = exp.Order(expressions=[exp.Ordered(this=other.copy(), nulls_first=False)])
    window = exp.Window(this=neighbour, partition_by=keys, order=order)
    source = right.copy()
    source.set("alias", None)
    bounded = exp.select("*", exp.alias_(window, "beyond")).from_(source).where(is_given(other))
    beyond = exp.column("beyond", table=right.alias_or_name)
    node.set("this", bounded.subquery(right.alias_or_name))
    node.set("method", None)
    node.set("on", exp.and_(condition, exp.or_(is_null(beyond), _BEYOND[kind](this=left.copy(), expression=beyond))))
    return node


def _qualified(node: exp.Select) -> exp.Expr:
    """`qualify` as a condition of an outer query."""
    qualify = node.args.get("qualify")
    if qualify is None:
        return node
    names = [one.alias_or_name for one in node.selects]
    inner = node.copy()
    inner.set("qualify", None)
    outer = exp.Select(expressions=[exp.column(name) for name in names])
    for clause in ("with_", "distinct", "order", "limit"):
        outer.set(clause, inner.args.get(clause))
        inner.set(clause, None)
    inner.append("expressions", exp.alias_(exp.paren(qualify.this.copy()), _KEPT))
    return outer.from_(inner.subquery("qualified")).where(exp.column(_KEPT))


def name_windows(tree: exp.Expr) -> None:
    """Write each named window where it is used, so that a rule sees it as a whole."""
    for select in list(tree.find_all(exp.Select)):
        named = {one.this.name: one for one in select.args.get("windows") or ()}
        if not named:
            continue
        for window in list(select.find_all(exp.Window)):
            found = named.get(window.args["alias"].name) if window.args.get("alias") is not None else None
            if found is not None:
                for clause in ("partition_by", "order", "spec"):
                    value = found.args.get(clause)
                    copied = [one.copy() for one in value] if isinstance(value, list) else value and value.copy()
                    window.set(clause, copied)
                window.set("alias", None)
        select.set("windows", None)


def _reversed(node: exp.Window) -> exp.Window:
    """A frame that reaches to the end, seen from the end: Spark reads it again for each row, which is quadratic."""
    spec, order = node.args.get("spec"), node.args.get("order")
    if (
        spec is None
        or order is None
        or spec.args.get("end") != "UNBOUNDED"
        or spec.args.get("end_side", "").upper() != "FOLLOWING"
    ):
        return node
    if spec.args.get("start") == "UNBOUNDED":
        return node
    side = spec.args.get("start_side") or ""
    turned = {"FOLLOWING": "PRECEDING", "PRECEDING": "FOLLOWING"}.get(side.upper(), side)
    spec.set("end", spec.args.get("start"))
    spec.set("end_side", turned)
    spec.set("start", "UNBOUNDED")
    spec.set("start_side", "PRECEDING")
    for one in order.expressions:
        one.set("desc", not one.args.get("desc"))
        one.set("nulls_first", not one.args.get("nulls_first"))
    for value in list(node.this.find_all(exp.FirstValue, exp.LastValue)):
        other = exp.LastValue if isinstance(value, exp.FirstValue) else exp.FirstValue
        value.replace(other(this=value.this.copy()))
    return node


def _window(node: exp.Window) -> exp.Expr:
    if isinstance(node.this, exp.Anonymous) and node.this.name.lower() == "product":
        factors = _reversed(node).copy()
        factors.set("this", call("collect_list", node.this.expressions[0]))
        return multiplied(factors)
    return _numbered(_reversed(node))


def _numbered(node: exp.Window) -> exp.Expr:
    """Row numbers without an order only distinguish rows; counting all rows would take one process."""
    if isinstance(node.this, exp.RowNumber) and not node.args.get("order"):
        if node.args.get("partition_by"):
            raise NotPortableError("row_number() of a partition without an order", "an order in which no two rows tie")
        return call("monotonically_increasing_id")
    return node


def _exploded(node: exp.Select) -> exp.Select:
    """A list is unnested first, then comes what is computed of its elements."""
    for one in node.selects:
        unnested = list(one.find_all(exp.Explode))
        value = one.this if isinstance(one, exp.Alias) else one
        if not unnested or value is unnested[0] or unnested[0].find_ancestor(exp.Select) is not node:
            continue
        (explode,) = unnested
        items = explode.this
        explode.replace(exp.to_identifier("element"))
        value.replace(exp.Explode(this=call("transform", items, function("element", value.copy()))))
    return node


def _select(node: exp.Select) -> exp.Expr:
    return _qualified(_exploded(_named_once(node)))


def _named_once(node: exp.Select) -> exp.Select:
    """Of two columns with one name DuckDB reads the first without a word, which is seldom what was meant.

    In a further part of a union names mean nothing: columns go by their places, and Spark is given a name for each.
    """
    is_further = isinstance(node.parent, exp.SetOperation) and node.arg_key == "expression"
    seen: set[str] = set()
    for one in node.selects:
        name = one.alias_or_name
        if name in seen and isinstance(one, exp.Alias):
            if not is_further:
                raise NotPortableError(f"two columns that are called {name}", "a name of its own for each, or leave one out")
            one.set("alias", exp.to_identifier(f"{name}_1"))
        seen.add(name)
    return node


def rename_nested(tree: exp.Expr) -> None:
    """Give each CTE of a subquery a name of its own: sqlglot moves them to the top of the query."""
    ctes = list(tree.find_all(exp.CTE))
    uses = Counter(cte.alias for cte in ctes)
    for number, cte in enumerate(reversed(ctes)):  # the innermost first: its query may be part of another's
        name = cte.alias
        if uses[name] == 1:
            continue
        uses[name] -= 1
        query, new = cte.find_ancestor(exp.Query), f"{name}_{number}"
        assert query is not None  # noqa: S101  # a CTE belongs to one
        cte.args["alias"].set("this", exp.to_identifier(new))
        own = {id(table) for table in cte.find_all(exp.Table)}  # where the name is still that of an outer one
        for table in query.find_all(exp.Table):
            if id(table) not in own and table.name == name and not table.args.get("db"):
                table.set("this", exp.to_identifier(new))
                if not table.args.get("alias"):
                    table.set("alias", exp.TableAlias(this=exp.to_identifier(name)))


def _union(node: exp.Union) -> exp.Expr:
    if node.args.get("by_name"):
        left = _outputs(node.this)
        names = left + [name for name in _outputs(node.expression) if name not in left]
        _reorder(node.this, names)
        _reorder(node.expression, names)
        node.set("by_name", False)
    return node


def _outputs(query: exp.Expr) -> list[str]:
    found: Any = query.unnest()
    while isinstance(found, exp.SetOperation):
        found = found.this.unnest()
    return [one.alias_or_name for one in found.selects]


def _reorder(operand: exp.Expr, names: list[str]) -> None:
    query: Any = operand.unnest()
    if isinstance(query, exp.SetOperation):
        _reorder(query.this, names)
        _reorder(query.expression, names)
        return
    found = {one.alias_or_name: one for one in query.selects}
    query.set("expressions", [found.get(name) or exp.alias_(exp.Null(), name) for name in names])


def _relation(node: exp.Table) -> exp.Expr:
    """A view of the session's, which has one name."""
    if node.args.get("db"):
        node.set("this", exp.to_identifier(view_name(node.db, node.name)))
        node.set("db", None)
        node.set("catalog", None)
    return node


def view_name(schema: str, name: str) -> str:
    """The name of a relation in a Spark session."""
    return f"{schema}__{name}"


BEFORE: dict[type[exp.Expr], Any] = {exp.CTE: _cte, exp.Join: _join}
AFTER: dict[type[exp.Expr], Any] = {exp.Select: _select, exp.Table: _relation, exp.Union: _union, exp.Window: _window}
