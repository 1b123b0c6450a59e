#!/bin/sh
# Rebuilds the requests and the figures of an evidence bundle from its own events, rules and SQL, with the duckdb command
# alone, and compares them with what the bundle states. Nothing is written into the bundle.
#
#   sh reperform.sh [DUCKDB]
#
# DUCKDB  the duckdb command, 1.4 or later; by default $DUCKDB, or `duckdb` (e.g. `pip install duckdb-cli`)
#
# What it reads, and what you may read before you run it:
#   metadata/reperform/inputs.sql   which file of data/ becomes which relation
#   metadata/reperform/order.txt    in which order the models of metadata/sql run
#   metadata/reperform/compare.sql  what is compared
# It runs what lies in the bundle: check the bundle first (data/VERIFY.txt).
# Exit code 0: rebuilt, every row is as stated. 1: rows differ, the first of each table are shown. 2: it could not be tried.
set -u
LC_ALL=C
export LC_ALL
duckdb=${1:-${DUCKDB:-duckdb}}
cd "$(dirname "$0")" || exit 2
if [ ! -d data/events ]; then
    echo "This bundle is a public one: it holds counts and no events, so nothing can be rebuilt from it, and nothing was."
    exit 0
fi
command -v "$duckdb" > /dev/null || {
    echo "there is no command \`$duckdb\`: name yours, or get it with  pip install duckdb-cli"
    exit 2
}
work=$(mktemp -d) || exit 2
trap 'rm -r "$work"' EXIT
trap 'exit 2' INT TERM
# DuckDB compares every pair of rows of an as-of join whose left side it guesses to be small, and 1.x guesses wrong.
whole='set asof_loop_join_threshold = 0;'
"$duckdb" -init /dev/null -batch -c "$whole" > "$work/said" 2>&1 || whole=''
{
    echo "set timezone = 'UTC';"
    echo "set temp_directory = '$work/spilled';"
    echo "$whole"
    echo "attach '$work/outgoing.duckdb' as outgoing;"
    cat metadata/reperform/inputs.sql
    while read -r kind relation name; do
        echo "create $kind $relation as"
        cat "metadata/sql/$name.sql"
        echo ";"
    done < metadata/reperform/order.txt
} > "$work/build.sql"
"$duckdb" -init /dev/null -batch -bail "$work/warehouse.duckdb" < "$work/build.sql" > "$work/said" 2>&1 || {
    cat "$work/said"
    echo "it could not be rebuilt"
    exit 2
}
{
    echo "set timezone = 'UTC';"
    echo "attach '$work/outgoing.duckdb' as outgoing;"
    cat metadata/reperform/compare.sql
} > "$work/compare.sql"
"$duckdb" -init /dev/null -batch -bail -noheader -list "$work/warehouse.duckdb" < "$work/compare.sql" || exit 1
echo "Rebuilt from the bundle's events: every row is as stated."
echo "Not rebuilt: late_rows, which counts rows by the day they landed; data/landing/batches.csv has the numbers."
