"""The audited candidate, made current for dashboards and exports."""

from collections.abc import Sequence

import dagster as dg

from orchestration import pipeline
from orchestration.defs.quality import CANDIDATE, VERDICT
from orchestration.defs.resources import PUBLISHED, PipelineRun
from promisekept.publishing.candidate import Candidate
from promisekept.publishing.verdict import Verdict


def publishing(marts: Sequence[dg.AssetKey], days: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """Write, then publish, a snapshot per day; the audit between them is the publish gate."""

    @dg.asset(key=CANDIDATE, deps=list(marts), group_name="publishing", kinds={"duckdb"})
    def write_candidate(pipeline_run: PipelineRun) -> dg.MaterializeResult[Candidate]:
        with pipeline_run.stage("write"):
            written = pipeline_run.stages.do(pipeline.write)
        return dg.MaterializeResult(value=written, metadata={"content_hash": written.content_hash, "tables": len(written.tables)})

    @dg.asset(key=PUBLISHED, partitions_def=days, ins={"verdict": dg.AssetIn(VERDICT)}, group_name="publishing", kinds={"duckdb"})
    def published_snapshot(pipeline_run: PipelineRun, candidate: Candidate, verdict: Verdict) -> dg.MaterializeResult[None]:
        """The new current snapshot; where the gate rejected the candidate, the last good one stays, with the reason."""
        with pipeline_run.stage("publish"):
            snapshot = pipeline_run.publish(candidate, verdict)
        if snapshot is None:
            raise dg.Failure(
                f"{verdict.declared - verdict.passed} of {verdict.declared} checks failed; the last good snapshot is still"
                " current. The quality page and `promisekept snapshots list` name them.",
                allow_retries=False,
            )
        return dg.MaterializeResult(metadata={"snapshot": snapshot.id})

    return [write_candidate, published_snapshot]
