"""Text or native values -> typed contract columns, and for each row the first thing that is wrong with it.

Here: one loop over a log's columns that writes one SELECT; nothing is done row by row in Python. Not here: reading files,
mapping, keys, or what becomes of a rejected row (batch.py, rejects.py).

What is wrong is called by the reasons in REASONS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from promisekept.config.source import Source
from promisekept.sources.contract import Log, LogColumn
from promisekept.sources.landing.instants import Reading, bounded, localised, reading
from promisekept.sources.landing.landing_batch import LandingBatch
from promisekept.sources.personal_data import PERSONAL_SCHEMES, looks_personal
from promisekept.sources.sandbox import literal, quoted

REASONS: Mapping[str, str] = {
    "missing_value": "a column that may not be null here is empty",
    "unknown_code": "the value is none of those that the contract lists",
    "invalid_time": "this is no time, or not in the format that the source declares",
    "nonexistent_local_time": "the clocks leapt over this local time; it never was",
    "no_time_zone": "a time without an offset, and the source declares no time zone",
    "time_out_of_range": "a year before 1900 or after 2099",
    "invalid_integer": "this is no whole number, or one outside the bounds of the contract",
    "invalid_boolean": "this is neither true nor false, nor `unknown` where the contract allows that",
    "invalid_list": "this is no list of codes",
    "invalid_place": "this is no ISO 3166 code, such as IE or US-CA",
    "invalid_uri": "this is no URI",
    "invalid_date": "this is no date of the years 1900 to 2099, written YYYY-MM-DD",
    "invalid_date_text": "this is neither YYYY-MM nor YYYY-MM-DD",
    "too_long": "this text has more characters than the contract allows",
    "personal_data_in_identifier": "an e-mail address, phone number or national id stands where an identifier belongs",
    "control_character": "the value holds a NUL character",
    "malformed_row": "the row can't be split into the columns of the header",
    "mapping_failed": "the mapping raises an error on this row",
}
_TRUE, _FALSE = "('true', 't', 'yes', 'y', '1')", "('false', 'f', 'no', 'n', '0')"
PLACE = r"[A-Z]{2}(-[A-Z0-9]{1,3})?|ZZ-[A-Za-z0-9_\-]{1,32}"
_COUNTRY = "[A-Z]{2}"
URI = r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s]+"
_DATE_TEXT = r"\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?"
INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_FLOATS = ("FLOAT", "DOUBLE", "DECIMAL")


@dataclass(frozen=True, slots=True)
class _Built:
    """The SQL of one column: `raw` and `parts` feed `value`; `problems` are WHEN-conditions with their reason.

    `free` is the text that may hold any character and still have none of these problems; null where there is no such text.
    """

    raw: str
    parts: Mapping[str, str]
    value: str
    problems: tuple[tuple[str, str], ...]
    free: str | None = None


def bounds_select(batch: LandingBatch) -> str | None:
    """The query for the least and greatest local time that occurs, in microseconds; None where there can be none."""
    source, columns = batch.source, batch.events.columns
    found = []
    for column in batch.log.columns:
        if column.kind in ("instant", "revision") and source.time_zone is not None:
            raw, kind = _raw_sql(column, source, columns.get(column.name))
            read = reading(raw, kind, source.formats.get(column.name))
            if read is not None and read.local is not None and column.name in columns:
                found.append(f"select epoch_us({read.local}) as local from {batch.MAPPED}")
    return f"select min(local), max(local) from ({' union all '.join(found)})" if found else None


def typed_select(
    batch: LandingBatch,
    *,
    nul: bool,
    bounds: tuple[int, int] | None = None,
    relation: str | None = None,
    only_values: bool = False,
) -> str:
    """The SELECT that types and validates the events of a batch.

    Args:
        batch: the events as they came.
        nul: whether NUL characters were seen in the file; only then are values searched for them.
        bounds: least and greatest local time that occur, where known.
        relation: one with some of the events; all where null.
        only_values: leave out `problem`, which costs more to plan than a small file to read.
    """
    log, source, columns = batch.log, batch.source, batch.events.columns
    built = {column.name: _build(column, source, columns.get(column.name), bounds) for column in log.columns}
    raws = [f"{one.raw} as {_raw(name)}" for name, one in built.items()]
    parts = [f"{sql} as {quoted(alias)}" for one in built.values() for alias, sql in one.parts.items()]
    values = [f"{one.value} as {quoted(name)}" for name, one in built.items()]
    raw_names = [_raw(name) for name in built]
    part_names = [quoted(alias) for one in built.values() for alias in one.parts]
    whens = "\n        ".join(f"when {condition} then {reason}" for condition, reason in _problems(log, built, nul=nul))
    names = ", ".join(quoted(name) for name in built)
    problem = "" if only_values else f", case {whens} end as problem"
    return f"""
    select _n, _row, {names}{problem}
    from (
        select _n, _row, {", ".join((*values, *raw_names, *part_names))}
        from (
            select _n, _row, {", ".join((*raw_names, *parts))}
            from (select _n, _row, {", ".join(raws)} from {relation or batch.MAPPED})
        )
    )"""


def _raw(name: str) -> str:
    return quoted(f"raw:{name}")


def _problems(log: Log, built: Mapping[str, _Built], *, nul: bool) -> Iterator[tuple[str, str]]:
    """All conditions in the order of their precedence: per column what is wrong with its value, then that it lacks one."""
    for column in log.columns:
        for condition, reason in built[column.name].problems:
            yield condition, f"{reason} || '|{column.name}'"
        value = _raw(column.name) if column.unknown else quoted(column.name)
        for needed in required(column):
            yield f"{value} is null and {needed}", f"'missing_value|{column.name}'"
        if nul and (text := built[column.name].free) is not None:
            yield f"contains({text}, chr(0))", f"'control_character|{column.name}'"


def required(column: LogColumn) -> Iterator[str]:
    """The SQL conditions under which a column may not be null."""
    if column.required:
        yield "true"
    for on, values in column.required_on:
        yield f"{quoted(on)} in ({', '.join(literal(value) for value in values)})"


def _build(column: LogColumn, source: Source, sql_type: str | None, bounds: tuple[int, int] | None) -> _Built:
    if sql_type is None and source.defaults.get(column.name, column.default) is None:
        return _Built("null::varchar", {}, f"null::{column.sql_type}", ())
    raw, kind = _raw_sql(column, source, sql_type)
    ref = _raw(column.name)
    if column.kind == "instant" or (column.kind == "revision" and not kind.startswith(INTEGERS)):
        return _instant(column, source, raw, kind, bounds)
    invalid = f"{ref} is not null and {quoted(column.name)} is null"
    if column.kind in ("integer", "revision"):
        return _Built(raw, {}, *_whole_number(column, _integer(ref, kind), kind))
    if column.kind in ("boolean", "date"):
        if column.unknown:
            invalid += f" and lower({ref}::varchar) <> 'unknown'"
        value = _date(ref, kind) if column.kind == "date" else _boolean(ref, kind)
        return _Built(raw, {}, value, ((invalid, f"'invalid_{column.kind}'"),))
    if column.kind == "list":
        value = quoted(column.name)
        joined = f"array_to_string({value}, ' ')"
        problems = [(f"{value} is not null and {looks_personal(joined)}", "'personal_data_in_identifier'")]
        if kind == "VARCHAR":
            problems.append((f"starts_with({ref}, '[') and {_json_list(ref)} is null", "'invalid_list'"))
        return _Built(raw, {}, _list(ref, kind), tuple(problems), joined)
    return _Built(raw, {}, ref, tuple(_text_problems(column, ref)), ref if column.kind in ("text", "uri") else None)


def _raw_sql(column: LogColumn, source: Source, sql_type: str | None) -> tuple[str, str]:
    """The column as it came, empty text as null, defaults filled in; with its type."""
    fallback = source.defaults.get(column.name, column.default)
    filled = "null::varchar" if fallback is None else literal(fallback)
    if sql_type is None:
        return filled, "VARCHAR"
    name = quoted(column.name)
    textual = column.kind not in ("instant", "revision", "integer", "boolean", "list", "date")
    if sql_type != "VARCHAR":
        if fallback is None and not textual:
            return name, sql_type
        if textual or (column.kind == "revision" and not sql_type.startswith(INTEGERS + _FLOATS)):
            name, sql_type = f"{name}::varchar", "VARCHAR"
    value = f"nullif({name}, '')" if sql_type == "VARCHAR" else name
    if fallback is None:
        return value, sql_type
    if sql_type == "VARCHAR":
        return f"coalesce({value}, {filled})", "VARCHAR"
    return f"coalesce({value}, try_cast({filled} as {sql_type}))", sql_type


def allowed_sql(column: LogColumn, text: str) -> str | None:
    """SQL condition: a text is one of the codes or places that the contract allows; None for a column of another kind."""
    if column.kind == "code":
        return f"{text} in ({', '.join(map(literal, column.codes))})"
    if column.kind in ("place", "country"):
        return f"regexp_full_match({text}, '{PLACE if column.kind == 'place' else _COUNTRY}')"
    return None


def _text_problems(column: LogColumn, ref: str) -> Iterator[tuple[str, str]]:
    if allowed := allowed_sql(column, ref):
        yield f"not ({allowed})", "'unknown_code'" if column.kind == "code" else "'invalid_place'"
    elif column.kind == "date_text":
        yield f"not regexp_full_match({ref}, '{_DATE_TEXT}')", "'invalid_date_text'"
    elif column.kind == "uri":
        yield names_a_person_sql(ref), "'personal_data_in_identifier'"
        yield f"not regexp_full_match({ref}, '{URI}')", "'invalid_uri'"
    elif column.kind == "text":
        yield looks_personal(ref), "'personal_data_in_identifier'"
        if column.longest is not None:
            yield f"length({ref}) > {column.longest}", "'too_long'"


def names_a_person_sql(uri: str) -> str:
    """SQL condition: a URI holds an address, or its scheme is that of a person's mailbox, phone or account."""
    schemes = "|".join(PERSONAL_SCHEMES)
    return f"{looks_personal(uri)} or contains({uri}, '@') or regexp_matches({uri}, '(?i)^({schemes}):')"


def _instant(column: LogColumn, source: Source, raw: str, kind: str, bounds: tuple[int, int] | None) -> _Built:
    ref, value = _raw(column.name), quoted(column.name)
    read = reading(ref, kind, source.formats.get(column.name)) or Reading(None, None)
    absolute, local, day = (f"{part}:{column.name}" for part in ("absolute", "local", "day"))
    parts: dict[str, str] = {}
    choices: list[str] = []
    if read.absolute is not None:
        parts[absolute] = read.absolute
        choices.append(bounded(quoted(absolute)))
    if read.local is not None:
        parts[local] = f"epoch_us({read.local})"
        parts[day] = read.day
        if source.time_zone is not None:
            choices.append(localised(quoted(local), quoted(day), source.time_zone, bounds))
    typed = f"coalesce({', '.join(choices)})" if choices else "null::timestamptz"
    free = ref if kind == "VARCHAR" else None
    if column.kind == "revision":
        return _Built(raw, parts, *_whole_number(column, f"coalesce({_integer(ref, kind)}, epoch_us({typed}))", kind), free)
    seen_local = f"{quoted(local)} is not null" if read.local is not None else "false"
    seen = " or ".join(f"{quoted(part)} is not null" for part in (absolute, local) if part in parts) or "false"
    inside = f"{quoted(local)} between -2208988800000000 and 4102444799999999" if read.local is not None else "false"
    why = (
        f"case when {seen_local} and {'true' if source.time_zone is None else 'false'} then 'no_time_zone' "
        f"when {inside} then 'nonexistent_local_time' "
        f"when {seen} then 'time_out_of_range' else 'invalid_time' end"
    )
    return _Built(raw, parts, typed, ((f"{ref} is not null and {value} is null", why),), free)


def _whole_number(column: LogColumn, number: str, kind: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The value and what may be wrong with it; of native numbers only the bounds are to be looked at."""
    value, reason = quoted(column.name), "'invalid_integer'"
    outside = (f"{value} not between {column.least} and {column.most}", reason)
    if kind == "BIGINT":
        return number, (outside,)
    return number, (outside, (f"{_raw(column.name)} is not null and {value} is null", reason))


def _integer(ref: str, kind: str) -> str:
    if kind.startswith(INTEGERS):
        return ref if kind == "BIGINT" else f"try_cast({ref} as bigint)"
    if kind.startswith(_FLOATS):
        return f"case when {ref} = trunc({ref}) then try_cast({ref} as bigint) end"
    if kind == "VARCHAR":
        return f"case when regexp_full_match({ref}, '[+-]?[0-9]{{1,18}}') then try_cast({ref} as bigint) end"
    return "null::bigint"


def _boolean(ref: str, kind: str) -> str:
    if kind == "BOOLEAN":
        return ref
    text = f"lower({ref}::varchar)"
    return f"case when {text} in {_TRUE} then true when {text} in {_FALSE} then false end"


def _date(ref: str, kind: str) -> str:
    if kind == "DATE":
        date = ref
    elif kind == "VARCHAR":
        date = f"case when regexp_full_match({ref}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') then try_cast({ref} as date) end"
    else:
        return "null::date"
    return f"case when year({date}) between 1900 and 2099 then {date} end"


def _list(ref: str, kind: str) -> str:
    if kind.endswith("[]"):
        return f"nullif(list_filter({ref}::varchar[], lambda code: code <> ''), [])"
    split = f"list_transform(string_split({ref}::varchar, ';'), lambda code: trim(code))"
    either = f"case when starts_with({ref}::varchar, '[') then {_json_list(ref)} else {split} end"
    return f"nullif(list_filter({either}, lambda code: code <> ''), [])"


def _json_list(ref: str) -> str:
    return f"""try(from_json({ref}::varchar, '["VARCHAR"]'))"""
