"""Relations of a build on Spark: Parquet that its executors read, under the names that models use.

Here: names, folders, and the types of columns in DuckDB's words. Not here: which relations there are (sources.py) or how they are
computed (build.py).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.spark.faults import RowsLostError
from orchestration.spark.rules.queries import view_name
from promisekept.sources.sandbox import literal

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_NAMES = {
    "bigint": "BIGINT", "int": "INTEGER", "smallint": "SMALLINT", "tinyint": "TINYINT", "double": "DOUBLE", "float": "FLOAT",
    "string": "VARCHAR", "boolean": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMP WITH TIME ZONE",
    "timestamp_ntz": "TIMESTAMP", "decimal(38,0)": "HUGEINT", "binary": "BLOB", "void": "VARCHAR",
}  # fmt: skip


class Relations:
    """What a session can read.

    Attributes:
        types: DuckDB's type of each column, by `database.schema.name`.
        folder: below which relations are stored.
    """

    def __init__(self, session: SparkSession, folder: Path) -> None:
        self.session = session
        self.folder = folder
        self.types: dict[str, dict[str, str]] = {}
        self._is_apart = re.match(r"local(\[|$)", session.sparkContext.master) is None  # else this process sees what it wrote

    def path(self, relation: str) -> Path:
        """Where a relation is stored."""
        return self.folder / relation.partition(".")[2]

    def show(self, relation: str, rows: DataFrame) -> None:
        """Let models read rows under a name."""
        _, schema, name = relation.split(".")
        rows.createOrReplaceTempView(view_name(schema, name))
        self.types[relation] = {field.name: duckdb_type(field.dataType) for field in rows.schema.fields}

    def store(self, relation: str, rows: DataFrame) -> None:
        """Write rows as Parquet, and let models read what was written."""
        self.show(relation, self.write(relation, rows))

    def write(self, relation: str, rows: DataFrame) -> DataFrame:
        """Write rows as Parquet; the rows as they were written.

        Raises:
            RowsLostError: executors wrote more rows than there are. One that does not mount the file system of `home` makes a
                folder of its own at that path, and Spark takes the file that is missing for an empty partition.
        """
        path = self.path(relation)
        if self._is_apart:
            wanted = _write_and_count(rows, path)
            found = _rows(path)
            if found != wanted:
                raise RowsLostError(f"Executors wrote {wanted:,} rows to file:{path}, and {found:,} of them are there.")
        else:
            rows.write.mode("overwrite").parquet(str(path))
        return self.session.read.schema(rows.schema).parquet(str(path))


def _write_and_count(rows: DataFrame, folder: Path) -> int:
    from pyspark.sql import Observation
    from pyspark.sql.functions import count, lit

    written = Observation()
    rows.observe(written, count(lit(1)).alias("rows")).write.mode("overwrite").parquet(str(folder))
    return int(written.get.get("rows", 0))


def _rows(folder: Path) -> int:
    if not any(folder.glob("*.parquet")):
        return 0
    with duckdb.connect() as connection:
        counts = f"select sum(num_rows)::bigint from parquet_file_metadata({literal(f'{folder}/*.parquet')})"
        return int(connection.execute(counts).fetchall()[0][0])


def duckdb_type(kind: Any) -> str:
    """The type of DuckDB that holds what a type of Spark's holds."""
    name = kind.typeName()
    if name == "array":
        return f"{duckdb_type(kind.elementType)}[]"
    if name == "struct":
        return f"STRUCT({', '.join(f'{field.name} {duckdb_type(field.dataType)}' for field in kind.fields)})"
    if name == "map":
        return f"MAP({duckdb_type(kind.keyType)}, {duckdb_type(kind.valueType)})"
    return _NAMES.get(kind.simpleString(), kind.simpleString().upper())
