"""Spark on 127.0.0.1 for tests, builds on it, and what skips them where there is no Spark."""

from __future__ import annotations

import shutil
from datetime import datetime
from importlib.util import find_spec

import pytest
from rebuilding import differing

from orchestration import pipeline
from promisekept.config.settings import Engine, Settings

LOCAL = Engine(
    kind="spark",
    master="local[2]",
    conf={
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.log.level": "OFF",
        "spark.ui.enabled": "false",
    },
)
"""Two threads of one process, with the settings that suit the size of a history."""
LARGE = LOCAL.model_copy(
    update={
        "conf": LOCAL.conf
        | {
            "spark.driver.extraJavaOptions": "-XX:ReservedCodeCacheSize=512m -XX:MetaspaceSize=256m",
            "spark.driver.memory": "4g",
            "spark.sql.adaptive.enabled": "true",
            "spark.sql.autoBroadcastJoinThreshold": "10MB",
            "spark.sql.codegen.factoryMode": "FALLBACK",
            "spark.sql.codegen.wholeStage": "true",
            "spark.sql.constraintPropagation.enabled": "true",
            "spark.sql.shuffle.partitions": "4",
        }
    }
)
"""With the settings of a large history, whatever the size: Spark compiles its queries and adapts them while they run."""
needs_spark = pytest.mark.skipif(
    shutil.which("java") is None or find_spec("pyspark") is None,
    reason="Spark needs Java 17 and PySpark: apt-get install openjdk-17-jre-headless && uv sync --extra spark",
)


def built_on_spark(settings: Settings, as_of: datetime, engine: Engine = LOCAL) -> pipeline.Build:
    """What has landed, built on Spark, with the tests of all models."""
    settings = settings.model_copy(update={"engine": engine})
    build = pipeline.prepare(settings, pipeline.fix_instants(settings, as_of, None), pipeline.read_pack(settings))
    pipeline.stage(build)
    pipeline.gate_sources(build)
    pipeline.transform(build)
    return build


def differing_on_spark(settings: Settings, as_of: datetime, engine: Engine = LOCAL) -> list[str]:
    """Each mart whose content hash is another on Spark than on DuckDB: its first differing row, and what differs in it."""
    return differing(built_on_spark(settings, as_of, engine))
