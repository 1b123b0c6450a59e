"""Any dbt command line on the warehouse of the last build: what `promisekept dbt -- ...` runs.

Here: which warehouse a command sees, the lock that it holds, and what it leaves for the next run. Not here: the builds of a run
itself, whose results are read as data (dbt_runner.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from orchestration import pipeline
from orchestration.build_mode import UNFINISHED
from orchestration.dbt_runner import DATABASE, DbtRunner, TransformError
from promisekept.config.settings import Settings
from promisekept.publishing.lock import writer_lock
from promisekept.sources.landing.relations import attach
from promisekept.sources.zone.ledger import Ledger

READING = frozenset({"compile", "debug", "docs", "list", "ls", "parse", "show", "source", "test"})
"""The commands that leave the models' tables as they are; after any other the next run builds from scratch."""


def run_dbt(settings: Settings, arguments: Sequence[str]) -> int:
    """Run a dbt command on the build database of a home, as of the instants of its last build.

    A home that was never built gets what has landed and its policy pack first; of one that was built, or moved since, the landed
    files are named again. A command that may write tables leaves the
    warehouse marked as unfinished, so that the next run is a full refresh and not incremental on what this command built.

    Args:
        settings: of the home.
        arguments: dbt's own, its command first: `["build", "--select", "fct_requests"]`.

    Returns:
        dbt's exit code: 0 done, 1 a model or a test failed.

    Raises:
        TransformError: dbt could not begin: an argument that does not exist, a model that can't be parsed, or a `#` in the path.
        LockHeld: a run is writing.
        ConfigError: nothing has landed yet.
    """
    warehouse, engine = settings.home / DATABASE, settings.engine.config
    if "#" in str(warehouse):  # dbt-duckdb takes what follows for the fragment of an address, and another name for the database's
        raise TransformError(f"home: `{settings.home}` has a `#`, and dbt opens no database below such a folder; choose another.")
    runner = DbtRunner(settings.home, warehouse, engine=engine)
    if list(arguments[:2]) == ["docs", "serve"]:  # opens no database, and stays until it is ended
        return runner.run(arguments)
    with writer_lock(settings.home, who="promisekept dbt"):
        if not warehouse.exists():
            pipeline.prepare(settings, pipeline.fix_instants(settings, None, None), pipeline.read_pack(settings))
        with duckdb.connect(str(warehouse), config=dict(engine)) as connection:
            connection.execute("set global TimeZone = 'UTC'; set autoinstall_known_extensions = false")
            ((known_seq,),) = connection.execute("select known_seq from run.run_instants").fetchall()
            attach(connection, settings, Ledger.open(settings.home), known_seq)
            if arguments and arguments[0] not in READING:
                connection.execute(UNFINISHED)
        return runner.run(arguments)
