"""Spark on 127.0.0.1 for tests, builds on it, and what skips them where there is no Spark."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import pytest
from command import ROOT
from rebuilding import differing

from orchestration import pipeline
from promisekept.config.settings import Engine, Settings
from promisekept.publishing.reader import read_current, read_manifest

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
ON_CLUSTER = LOCAL.model_copy(
    update={
        "conf": LOCAL.conf
        | {
            "spark.executor.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
            "spark.sql.shuffle.partitions": "2",  # so that rows go from one executor to the other
        }
    }
)
"""For a standalone cluster, whose master is to be added."""
GUIDE = ROOT / "docs" / "when-one-machine-is-not-enough.md"
_BOUND = 120.0
"""Seconds within which a cluster is there."""
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


def with_engine(folder: Path, engine: Engine) -> Path:
    """Let the configuration in a folder name an engine."""
    configuration = folder / "promisekept.yml"
    with configuration.open("a", encoding="utf-8") as lines:
        lines.write(f"engine: {engine.model_dump_json(exclude={'memory_limit', 'temp_directory'})}\n")
    return configuration


def published_hashes(home: Path) -> dict[str, str]:
    """The content hash of each table of the snapshot that is current."""
    current = read_current(home)
    assert current is not None
    manifest = read_manifest(home, current["snapshot"])
    assert manifest is not None
    return {name: table["hash"] for name, table in manifest["tables"].items()}


@dataclass(frozen=True)
class Cluster:
    """A standalone cluster of processes of its own.

    Attributes:
        master: its address.
        workers: each with one core.
        environment: what a driver needs to be let in.
    """

    master: str
    workers: list[subprocess.Popen[bytes]]
    environment: dict[str, str]

    @property
    def executors(self) -> list[int]:
        """The processes that workers of it started and that still run."""
        found = subprocess.run(["ps", "-wweo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout.splitlines()
        of_ours = {str(worker.pid) for worker in self.workers}
        rows = [line.split(maxsplit=2) for line in found if "CoarseGrainedExecutorBackend" in line]
        return [int(process) for process, parent, _ in rows if parent in of_ours]


@contextmanager
def standalone_cluster(folder: Path, prefix: str = "", secret: str = "") -> Iterator[Cluster]:
    """A master and two workers as the guide starts them, on 127.0.0.1; whatever of them still runs is ended by its id.

    Args:
        folder: of what they write.
        prefix: a command that runs that of the second worker.
        secret: by which its processes know each other and their drivers; without one they let anybody in.
    """
    import pyspark

    start_master, start_worker = _documented_commands()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
    }
    let_in = {"SPARK_CONF_DIR": str(folder / "conf")} if secret else {}
    environment |= let_in
    here = {"10.0.0.5:7077": f"127.0.0.1:{port}", "--port 7077": f"--port {port} --webui-port 0", "--cores 4": "--cores 1"}
    here |= {"10.0.0.5": "127.0.0.1", "10.0.0.6": "127.0.0.1", "--memory 16g": "--memory 1g --webui-port 0"}
    (folder / "conf").mkdir(mode=0o700, parents=True)
    if secret:
        lines = f"spark.authenticate true\nspark.authenticate.secret {secret}\n"
        (folder / "conf" / "spark-defaults.conf").write_text(lines, encoding="ascii")
    processes: list[subprocess.Popen[bytes]] = []

    def start(name: str, command: str, prefix: str = "") -> subprocess.Popen[bytes]:
        for shown, ours in here.items():
            command = command.replace(shown, ours)
        command = re.sub(r"--work-dir \S+", f"--work-dir {folder / name}", command)
        with (folder / f"{name}.log").open("wb") as log:
            processes.append(subprocess.Popen(["sh", "-c", f"exec {prefix} {command}"], env=environment, stdout=log, stderr=log))
        return processes[-1]

    try:
        start("master", start_master)
        _wait_for(folder / "master.log", "New state: ALIVE")
        workers = [start("first", start_worker), start("second", start_worker, prefix)]
        for name in ("first", "second"):
            _wait_for(folder / f"{name}.log", "Successfully registered with master")
        yield Cluster(f"spark://127.0.0.1:{port}", workers, let_in)
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in reversed(processes):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _documented_commands() -> tuple[str, str]:
    """What the guide says to start a master and a worker with."""
    text = GUIDE.read_text(encoding="utf-8").replace("\\\n", "")
    master, worker = re.findall(r'^"\$SPARK_HOME"/bin/spark-class .*$', text, re.MULTILINE)
    return master, worker


def _wait_for(log: Path, words: str) -> None:
    end = time.monotonic() + _BOUND
    while words not in log.read_text(encoding="utf-8", errors="replace"):
        assert time.monotonic() < end, log.read_text(encoding="utf-8", errors="replace")
        time.sleep(0.1)
