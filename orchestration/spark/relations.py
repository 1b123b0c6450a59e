"""Relations of a build on Spark: Parquet that its executors read, under the names that models use.

Here: names, folders, and the types of columns in DuckDB's words. Not here: which relations there are (sources.py) or how they are
computed (build.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.spark.rules.queries import view_name

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
        path = str(self.path(relation))
        rows.write.mode("overwrite").parquet(path)
        self.show(relation, self.session.read.schema(rows.schema).parquet(path))


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
