"""A Spark session for one build.

Here: the one place that imports pyspark, what its absence is called, and the settings on which equal results rest. Not here: what
runs in it (build.py). Nothing of this is imported unless `engine.kind` is `spark`.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from promisekept.config.settings import Engine
from promisekept.errors import ConfigError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SETTLED = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
}
"""What both engines have to agree on; promisekept.yml can't change it."""
_DEFAULTS = {
    "spark.app.name": "promisekept",
    # Two hundred models fill the share that Java gives to compiled code, and it would stop compiling.
    "spark.driver.extraJavaOptions": "-XX:ReservedCodeCacheSize=512m -XX:MetaspaceSize=256m",
    "spark.ui.enabled": "false",  # it would listen on every address, and asks nobody who they are
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.ui.retainedExecutions": "10",  # each holds its plan
}
_SMALL = {
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m"
    " -XX:MetaspaceSize=256m",
    "spark.driver.memory": "2g",
    "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",  # no second file of checksums beside each
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.sql.files.minPartitionNum": "1",
    "spark.sql.files.openCostInBytes": "1024",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.retainedJobs": "20",
    "spark.ui.retainedStages": "20",
    "spark.ui.retainedTasks": "100",
}
"""For a history that one core reads in seconds: compiling and adapting two hundred queries takes longer than running them."""
SMALL = 32 * 2**20
"""Bytes of landed Parquet below which a history is small."""


@contextmanager
def spark_session(engine: Engine, landed: int = SMALL) -> Iterator[SparkSession]:
    """A session with the master and the settings of promisekept.yml, stopped afterwards.

    Args:
        engine: whose settings come before those that suit the size.
        landed: bytes that its queries read.

    Raises:
        ConfigError: what it needs is not installed, or Spark does not start with these settings.
    """
    require_spark()
    from py4j.protocol import Py4JError
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)  # no row passes through pandas
    builder = SparkSession.builder
    for name, value in {
        **_DEFAULTS,
        **(_SMALL if landed < SMALL else {}),
        **engine.conf,
        "spark.master": engine.master,
        **SETTLED,
    }.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:
        if SparkContext._active_spark_context is not None:
            with suppress(ConnectionError, Py4JError):
                SparkContext._active_spark_context.stop()
        raise ConfigError(_not_started(engine, error)) from error
    session.sparkContext.setLogLevel(engine.conf.get("spark.log.level", "ERROR"))
    try:
        yield session
    finally:
        try:
            session.stop()
        except (ConnectionError, Py4JError):  # of a driver that has ended; the error that reports it is underway
            _forget_driver()


def _not_started(engine: Engine, error: Exception) -> str:
    lines = [line.lstrip(": ") for line in str(error).splitlines() if line.startswith(": ") or "Exception: " in line]
    words = lines[0] if lines else str(error).partition("\n")[0]
    if "stopped SparkContext" in words:  # that no master answered is in Spark's log alone
        words = "no master answers there, or it has another secret"
    return (
        f"engine.master: {engine.master}: Spark does not start: {words}\n"
        "  Start the master, or correct engine.master and engine.conf, and run again; what has landed stays."
    )


def _forget_driver() -> None:
    """Let the next session of this process start a driver: PySpark keeps the connection to the first one for ever."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    SparkSession._instantiatedSession = None
    SparkContext._active_spark_context = SparkContext._gateway = SparkContext._jvm = None


def require_spark() -> None:
    """Look for what Spark needs on this machine, without starting it.

    Raises:
        ConfigError: Java or a library of the extra `spark` is not installed; the message names the remedy.
    """
    java = Path(os.environ["JAVA_HOME"], "bin", "java").is_file() if os.environ.get("JAVA_HOME") else bool(shutil.which("java"))
    if not java:
        raise ConfigError(
            "engine.kind: spark needs Java 17 or 21, and there is no `java` on PATH nor in JAVA_HOME.\n"
            "  Install it, e.g. apt-get install openjdk-17-jre-headless, or set `engine: {kind: duckdb}`."
        )
    for library, called in (("pyspark", "PySpark"), ("sqlglot", "sqlglot")):
        if find_spec(library) is None:
            raise ConfigError(
                f"engine.kind: spark needs {called}, which is not installed.\n"
                "  pip install 'promisekept[spark]', or set `engine: {kind: duckdb}`."
            )
