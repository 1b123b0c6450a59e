"""Each rule of the Spark dialect, run on both engines: the same question in DuckDB's words has the same answer on Spark."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from spark_sessions import LOCAL, needs_spark

from orchestration.spark.dialect import DialectError, translate
from orchestration.spark.session import spark_session

ZONES = (
    "(values ('UTC'), ('Europe/Dublin'), ('America/New_York'), ('Asia/Kolkata'), ('Australia/Lord_Howe'), ('Atlantic/Azores'))"
)
INSTANTS = (
    "(values ('2026-03-29 00:59:59.999999Z'), ('2026-03-29 01:00:00Z'), ('2026-10-25 00:30:00Z'), ('2026-10-25 01:30:00Z'),"
    " ('2026-11-01 05:30:00Z'), ('2026-11-01 06:30:00Z'), ('2026-04-04 15:15:00Z'), ('1969-12-31 23:59:59.5Z'), (null))"
)
WALLS = (
    "(values ('2026-03-29 01:30:00'), ('2026-10-25 01:30:00'), ('2026-11-01 01:30:00'), ('2026-03-08 02:30:00'),"
    " ('2026-04-05 01:45:00'), ('2026-10-04 02:15:00'), ('2026-10-25 00:00:00'), ('2026-06-15 12:00:00'), (null))"
)
DAYS = "(values ('2024-02-29'), ('2026-01-31'), ('2026-03-31'), ('2026-10-25'), ('1999-12-31'), (null))"
LISTS = "(values (1, [1, null, 3]), (2, []), (3, null), (4, [null]), (5, [3, 3, 2]))"
ROWS = (
    "(values (1, 'a', 3, '2026-01-02'), (1, 'b', 1, null), (1, null, 2, '2026-01-01'), (1, 'b', null, '2026-01-03'),"
    " (2, null, 9, null), (3, 'z', 9, '2026-01-01'))"
)
LIST = f"from (select key, cast(items as bigint[]) as items from {LISTS} as given(key, items))"
ROW = (
    "from (select key, cast(name as varchar) as name, cast(n as bigint) as n, cast(day as date) as day"
    f" from {ROWS} as given(key, name, n, day))"
)
CASES = {
    "local_times_around_changes_of_clocks": f"""
        select zone, timezone(zone, cast(i as timestamptz)) as shown, cast(timezone(zone, cast(i as timestamptz)) as date) as day
        from {ZONES} as z(zone), {INSTANTS} as t(i)""",
    "instants_of_local_times_that_strike_twice_or_never": f"""
        select zone, w, timezone(zone, cast(w as timestamp)) as at from {ZONES} as z(zone), {WALLS} as t(w)""",
    "first_instants_of_local_days": f"""
        select zone, day, timezone(zone, cast(day as timestamp)) as begins
        from {ZONES} as z(zone), (select cast(d as date) as day from {DAYS} as t(d)) as days""",
    "microseconds_of_instants": f"""
        select epoch_us(cast(i as timestamptz)) as us, make_timestamptz(epoch_us(cast(i as timestamptz)) - 1) as before
        from {INSTANTS} as t(i)""",
    "infinite_instants": "select 'infinity'::timestamptz as never, '-infinity'::timestamptz as ever",
    "instants_as_text": f"select cast(i as timestamptz)::varchar as said from {INSTANTS} as t(i)",
    "months_added_at_the_end_of_a_month": f"""
        select day, cast(day + to_months(n) as date) as later, cast(day - to_months(n) as date) as earlier,
            cast(day + interval 1 month as date) as next, day + interval 1 day as tomorrow
        from (select cast(d as date) as day from {DAYS} as t(d)) as days, (values (0), (1), (13)) as m(n)""",
    "hashes_tell_values_apart": f"""
        select a.key as one, b.key as other, hash(a.key, a.items) = hash(b.key, b.items) as same,
            (hash(a.key)::hugeint + hash(a.key)::hugeint)::varchar = (2 * hash(b.key)::hugeint)::varchar as twice
        from (select key, cast(items as bigint[]) as items from {LISTS} as given(key, items)) as a,
            (select key, cast(items as bigint[]) as items from {LISTS} as given(key, items)) as b""",
    "hashes_tell_in_which_column_a_value_is": """
        select one, other, hash(one, other) = hash(other, one) as same
        from (values ('a', null), ('a', 'a'), ('a', 'b'), (null, null)) as given(one, other)""",
    "days_between_dates": f"""
        select day - date '2026-01-01' as days, day - 1 as before, day + 1 as after
        from (select cast(d as date) as day from {DAYS} as t(d))""",
    "months_and_weekdays_of_dates": f"""
        select date_trunc('month', day)::date as month, date_trunc('quarter', day)::date as quarter, isodow(day) as weekday,
            year(day) as year, month(day) as m, day(day) as d, strftime(day, '%-d %B %Y') as said, strftime(day, '%A at %H:%M, the first') as name
        from (select cast(d as date) as day from {DAYS} as t(d))""",
    "seconds_between_instants": f"""
        select epoch(cast(i as timestamptz) - timestamptz '2026-01-01 00:00:00Z') as seconds,
            cast(i as timestamptz) + to_seconds(90) as later
        from {INSTANTS} as t(i)""",
    "series_of_days_and_numbers": """
        select n, unnest(range(n)) as number from (values (0), (3), (-1)) as t(n)
        union all select n, unnest(generate_series(2, n)) from (values (1), (4)) as t(n)""",
    "series_of_months": """
        select unnest(generate_series(timestamp '2026-01-01', timestamp '2026-04-01', interval 1 month)) as month""",
    "computed_elements_of_a_list": "select key, cast(unnest(list_filter(items, lambda x: x > 1)) as integer) * 2 as twice "
    + LIST,
    "lists_and_their_nulls": f"""
        select key, list_contains(items, 3) as three, list_contains(items, nullif(key, key)) as nothing, list_position(items, 3) as place,
            list_distinct(items) is null as none, len(list_distinct(items)) as distinct_items, list_sort(items) as sorted,
            list_max(items) as most, list_min(items) as least, list_sum(items) as total, len(items) as length,
            items[1] as first, items[9] as beyond, list_append(items, 4) as more, list_prepend(0, items) as before,
            list_has_any(items, [3, 8]) as either, list_filter(items, lambda x, i: i > 1) as rest,
            list_transform(items, lambda x: x + 1) as next, flatten([items, null, [7]]) as flat
        {LIST}""",
    "lists_of_a_group_keep_nulls_and_their_order": f"""
        select key, list(n order by n) as ns, list(name order by day desc, n) as names, list(n) filter (where n > 100) as none,
            list(distinct name order by name) as distinct_names, first(name order by day desc, n) as newest,
            string_agg(name, ', ' order by name) as said, string_agg(distinct name, '; ' order by name) as said_once
        {ROW} group by key""",
    "the_row_with_the_least_or_greatest_key": f"""
        select key, arg_min(name, n) as least, arg_max(name, n) as most, arg_max(name, (n, day)) as last,
            arg_min(name, (day, n)) as first, arg_min(n, name) filter (where n < 3) as small, any_value(name) is null as unnamed,
            arg_min({{'a': name, 'b': n}}, (n, day)) as whole
        {ROW} group by key""",
    "structs": """
        select s.a as a, s['b'] as b, row(1, 'x')[2] as second, {'k': 1} is not distinct from {'k': 1} as same
        from (select {'a': 1, 'b': 'y'} as s)""",
    "counts_of_tuples_and_groupings": f"""
        select key, name, count(distinct (n, day)) as pairs, grouping(name) as level, count(*) filter (where n > 1) as large
        {ROW} group by grouping sets ((key), (key, name))""",
    "windows_that_reach_to_the_end": f"""
        select key, n, first_value(name ignore nulls) over (partition by key order by n rows between current row and unbounded following)
            as next, lead(name ignore nulls) over (partition by key order by n) as following, rank() over (order by n) as place,
            max(n) over w as most
        {ROW} window w as (partition by key order by n rows between 1 following and unbounded following)""",
    "qualified_rows": f"""
        select key, name as called {ROW} qualify row_number() over (partition by key order by n desc, name) = 1 and called <> 'q'""",
    "unions_by_name": "select 1 as a, 'x' as b union all by name select 'y' as b, 2 as a union all by name select 3 as a",
    "nearest_rows": """
        with left_rows as (select * from (values (1, 5), (1, 1), (2, 5), (1, null)) as t(k, seen)),
        right_rows as (select * from (values (1, 5, 'a'), (1, 3, 'b'), (2, 6, 'c'), (1, 9, 'd'), (1, null, 'e')) as t(k, seen, name))
        select l.k, l.seen, r.name, 'before' as side from left_rows as l asof join right_rows as r on l.k = r.k and l.seen >= r.seen
        union all
        select l.k, l.seen, r.name, 'after' from left_rows as l asof join right_rows as r on l.k = r.k and l.seen < r.seen""",
    "nested_queries_with_names_of_their_own": """
        with a as (select 1 as x), b as (with a as (select x + 1 as x from a) select * from a) select a.x, b.x as y from a, b""",
    "semi_and_anti_joins": f"""
        select key, n {ROW} as r semi join (select 1 as key union all select 1) as s using (key)
        union all select r.key, null {ROW} as r anti join (select 1 as key) as s on r.key = s.key""",
    "integer_division_and_rounding": """
        select a // 2 as half, a % 2 as rest, a / 4 as quarter, cast(a / 4 as bigint) as rounded, cast(a * 0.25 as bigint) as decimals,
            cast(floor(a / 4.0) as bigint) as down, a / nullif(b, 0) as ratio
        from (values (2, 0), (6, 7), (10, 3), (-6, 2), (9007199254740993, 1)) as t(a, b)""",
    "integers_of_128_bits": """
        select cast((wide >> 64) as bigint) as high, cast((wide >> 40) & 16777215 as integer) as middle,
            cast(wide & 1099511627775 as bigint) as low, wide
        from (select cast(m as int128) * 18446744073709551616 + cast(s as int128) * 1099511627776 + r as wide
            from (values (1792000000000000000, 5, 77), (0, 0, 0), (1, 16777215, 1099511627775)) as t(m, s, r))""",
    "percentiles_and_products": """
        select k, quantile_cont(x, 0.95) as p95, quantile_cont(x, 0.9) filter (where x < 3) as small, median(x) as middle,
            isfinite(max(x)) as finite, product(x) as product, quantile_cont(coalesce(x, 'infinity'), 0.9) as worst
        from (select k, cast(v as double) as x from (values (1, 0.1), (1, 0.7), (1, 2.3), (1, null), (2, null), (3, 5e300)) as t(k, v))
        group by k""",
    "running_products": """
        select n, product(x) over (order by n rows between unbounded preceding and 1 preceding) as before
        from (values (1, 0.5::double), (2, 0.3), (3, 0.9)) as t(n, x)""",
    "text_in_order_of_its_bytes": """
        select name, upper(name) as loud, name[1] as initial, name[2:] as rest, length(name) as length,
            row_number() over (order by name) as place, split_part(name, ';', 2) as second, string_split(name, ';') as parts
        from (values ('a;b'), ('B'), (''), ('é'), ('Z;;z'), ('zé;s')) as t(name)""",
    "texts_that_match_as_a_whole": """
        select s, regexp_full_match(s, '[0-9]+|x') as whole, starts_with(s, '1') as starts, s like '1%' as alike
        from (values ('12'), ('12a'), ('x'), (''), (null)) as t(s)""",
    "json": """
        select to_json({'a': x, 'b': null, 'c': [x, null], 'at': timestamptz '2026-01-01 00:00:00.5Z'})::varchar as whole,
            to_json(x)::varchar as said, to_json(['k', x])::varchar as list, array_slice(to_json(x)::varchar, 2, -2) as bare
        from (values ('plain'), ('"\\/é'), (chr(10) || chr(31)), ('')) as t(x)""",
    "fields_of_json": """
        select content ->> '$.a' as a, json_type(content, '$.a') = 'VARCHAR' as is_text, content ->> name as named,
            try_cast(content ->> '$.a' as bigint) as number
        from (values ('{"a": "x"}', 'a'), ('{"a": 12}', 'b'), ('{"a": null, "b": "y"}', 'b'), ('{}', 'a'), (null, 'a')) as t(content, name)""",
}


@pytest.fixture(scope="module")
def spark() -> Iterator[object]:
    with spark_session(LOCAL, landed=0) as session:
        yield session


@needs_spark
@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_both_engines_answer_alike(spark, case):
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'; set autoinstall_known_extensions = false")
        expected = connection.execute(f"select * from ({CASES[case]}) order by all").fetchall()
        names = [column[0] for column in connection.description]
        found = spark.sql(translate(case, CASES[case], {})).toArrow()  # DuckDB reads it
        kinds = connection.execute(f"describe {CASES[case]}").fetchall()
        columns = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind, *_ in kinds)
        assert found.column_names == names
        assert connection.execute(f"select {columns} from found order by all").fetchall() == expected


@pytest.mark.parametrize(
    ("text", "construct", "remedy"),
    [
        ("select levenshtein_x('a', 'b') as far", r"the function levenshtein_x\(\)", "one that both engines have"),
        (
            "select a - b as between from (select x.a, x.b from somewhere as x)",
            "of unknown types",
            r"date_diff\('day', from, to\)",
        ),
        ("select x.a, x.b as a from (select 1 as a, 2 as b) as x", "two columns that are called a", "a name of its own for each"),
        ("select list_sort([1], 'desc') as items", "list_sort with an order", "list_sort without one"),
        ("select list(a order by a desc) as items from (select 'x' as a)", "a list in descending order of", "an ascending order"),
        (
            "select row_number() over (partition by a) as n from (select 1 as a)",
            r"row_number\(\) of a partition",
            "in which no two rows tie",
        ),
    ],
)
def test_a_model_that_leaves_the_portable_part_fails_with_the_construct_and_its_remedy(text, construct, remedy):
    with pytest.raises(DialectError, match=f"(?s)model some_model: .*{construct}.*has no counterpart on Spark.*Use .*{remedy}"):
        translate("some_model", text, {})
