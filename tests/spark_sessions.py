"""One small Spark session for all tests of a worker, on 127.0.0.1, and what skips them where there is no Spark."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

import pytest

from promisekept.config.settings import Engine

LOCAL = Engine(
    kind="spark",
    master="local[2]",
    conf={
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m",
        "spark.log.level": "OFF",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.ui.enabled": "false",
    },
)
"""Two threads of one process, which spends no time on compiling queries that read a few rows."""
needs_spark = pytest.mark.skipif(
    shutil.which("java") is None or find_spec("pyspark") is None,
    reason="Spark needs Java 17 and PySpark: apt-get install openjdk-17-jre-headless && uv sync --extra spark",
)
