"""From the sources to the warehouse's doorstep: one asset per log, then pack and instants."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from orchestration.defs.resources import PUBLISHED, PipelineRun
from orchestration.progress import listening
from promisekept.config.source import LOGS
from promisekept.errors import LandingError

RETRY = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL)
UNREAD = "sources_not_read"
LANDING = [dg.AssetSpec(["landing", log], group_name="landing", kinds={"parquet"}) for log in LOGS]


@dg.multi_asset(name="landed_logs", specs=LANDING, retry_policy=RETRY)
def landed_logs(context: dg.AssetExecutionContext, pipeline_run: PipelineRun) -> Iterator[dg.MaterializeResult[None]]:
    """What the sources delivered since the last run, as immutable Parquet with a line in the ledger for each file.

    A source that could not be read is tried again; if that does not help, the others are published without it.
    """
    with pipeline_run.stage("land"):
        found = pipeline_run.land()
    if found.unread and context.retry_number < RETRY.max_retries:
        raise LandingError("\n".join(found.unread))
    for problem in found.unread:
        context.log.error(problem)
    for log in LOGS:
        counts: Counter[str] = Counter()
        for batch in found.landed:
            if batch.log == log:
                counts.update(batch.counts)
        context.log.info("%s: %s", log, dict(counts) or "nothing new")
        metadata: dict[str, Any] = {name: int(value) for name, value in counts.items()}
        yield dg.MaterializeResult(asset_key=["landing", log], metadata=metadata | {UNREAD: list(found.unread)})


def prepared_asset(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """Pack registers, ledger tables and the instants of the run, as the relations that dbt calls its sources."""
    other_producers = {("landing", log) for log in LOGS} | {("run", "source_verdicts")}
    names = sorted({(source["source_name"], source["name"]) for source in manifest["sources"].values()} - other_producers)
    specs = [
        dg.AssetSpec(
            [schema, table], group_name=schema, kinds={"duckdb"}, deps=LANDING if schema != "pack" else [], skippable=True
        )
        for schema, table in names
    ]

    @dg.multi_asset(name="prepared", specs=specs, retry_policy=RETRY)
    def prepared(context: dg.AssetExecutionContext, pipeline_run: PipelineRun) -> Iterator[dg.MaterializeResult[None]]:
        """Where nothing is new, none of them is materialised: Dagster skips every step that follows, its checks among them."""
        with pipeline_run.stage("prepare"), listening(lambda stage, what: context.log.info("%s: %s", stage, what)):
            unchanged = pipeline_run.find_unchanged()
            if unchanged is not None:
                message = f"Nothing new since snapshot {unchanged.id}: nothing was built."
                context.log.info(message)
                metadata = {"snapshot": unchanged.id}
                context.log_event(
                    dg.AssetObservation(PUBLISHED, description=message, metadata=metadata, partition=pipeline_run.day)
                )
                return
            build = pipeline_run.prepare().build
        for schema, table in names:
            yield dg.MaterializeResult(asset_key=[schema, table], metadata={"as_of": build.instants.as_of.isoformat()})

    return prepared
