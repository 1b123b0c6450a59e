"""The audited candidate, made current for dashboards and exports."""

from collections.abc import Sequence

import dagster as dg

from orchestration.defs.quality import CANDIDATE, VERDICT
from orchestration.defs.resources import PUBLISHED, PipelineRun
from orchestration.progress import tell


def publishing(marts: Sequence[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """Write, then publish; the audit between them is the publish gate."""

    @dg.asset(key=CANDIDATE, deps=list(marts), group_name="publishing", kinds={"duckdb"})
    def candidate(pipeline_run: PipelineRun) -> dg.MaterializeResult[None]:
        tell("write", "the candidate snapshot")
        with pipeline_run.stage("write"):
            written = pipeline_run.candidate
        return dg.MaterializeResult(metadata={"content_hash": written.content_hash, "tables": len(written.tables)})

    @dg.asset(key=PUBLISHED, deps=[VERDICT], group_name="publishing", kinds={"duckdb"})
    def published_snapshot(pipeline_run: PipelineRun) -> dg.MaterializeResult[None]:
        """The new current snapshot; where the gate refused the candidate, the last good one stays and says why."""
        with pipeline_run.stage("publish"):
            snapshot = pipeline_run.publish()
        if snapshot is None:
            verdict = pipeline_run.verdict
            raise dg.Failure(
                f"{verdict.declared - verdict.passed} of {verdict.declared} checks failed; the last good snapshot is still"
                " current. The quality page and `promisekept snapshots list` say which.",
                allow_retries=False,
            )
        tell("publish", f"snapshot {snapshot.id}")
        return dg.MaterializeResult(metadata={"snapshot": snapshot.id})

    return [candidate, published_snapshot]
