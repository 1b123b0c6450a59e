"""The two gates as assets, and their suites as asset checks: counts only, never a value."""

from collections.abc import Iterator, Sequence

import dagster as dg

from orchestration.defs.ingest import LANDING
from orchestration.defs.resources import PipelineRun
from orchestration.progress import tell
from promisekept.config.source import LOGS

VERDICT = dg.AssetKey("publish_verdict")
CANDIDATE = dg.AssetKey("candidate")
SOURCE_VERDICTS = dg.AssetKey(["run", "source_verdicts"])


def source_gate(staging: Sequence[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """The gate on what was landed: an input of every metric, and no barrier."""

    @dg.asset(key=SOURCE_VERDICTS, deps=[*staging, *LANDING], group_name="quality", kinds={"greatexpectations"})
    def source_verdicts(pipeline_run: PipelineRun) -> dg.MaterializeResult[None]:
        tell("source gate", "freshness, volume, codes and conservation of what landed")
        with pipeline_run.stage("source_gate"):
            results = pipeline_run.source_results
        return dg.MaterializeResult(metadata={result.suite: result.verdict for result in results})

    @dg.multi_asset_check(
        specs=[dg.AssetCheckSpec("source_gate", asset=["landing", log], additional_deps=[SOURCE_VERDICTS]) for log in LOGS]
    )
    def source_checks(pipeline_run: PipelineRun) -> Iterator[dg.AssetCheckResult]:
        for log in LOGS:
            results = [result for result in pipeline_run.source_results if result.log == log]
            yield dg.AssetCheckResult(
                asset_key=["landing", log],
                check_name="source_gate",
                passed=all(result.verdict != "failed" for result in results),
                severity=dg.AssetCheckSeverity.WARN,
                metadata={
                    "declared": sum(result.declared for result in results),
                    "passed": sum(result.passed for result in results),
                },
            )

    return [source_verdicts, source_checks]


def publish_gate(marts: Sequence[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """The gate on the finished candidate: the only one that blocks."""

    @dg.asset(key=VERDICT, deps=[CANDIDATE], group_name="publishing", kinds={"greatexpectations"})
    def publish_verdict(pipeline_run: PipelineRun) -> dg.MaterializeResult[None]:
        tell("publish gate", "auditing the finished candidate")
        with pipeline_run.stage("publish_gate"):
            verdict = pipeline_run.verdict
        tell("publish gate", f"{verdict.passed} of {verdict.declared} checks passed")
        return dg.MaterializeResult(metadata={"declared": verdict.declared, "passed": verdict.passed})

    @dg.multi_asset_check(specs=[dg.AssetCheckSpec("publish_gate", asset=key, additional_deps=[VERDICT]) for key in marts])
    def mart_checks(pipeline_run: PipelineRun) -> Iterator[dg.AssetCheckResult]:
        suites = {suite.subject: suite for suite in pipeline_run.verdict.suites}
        for key in marts:
            suite = suites.get(key.path[-1])
            yield dg.AssetCheckResult(
                asset_key=key,
                check_name="publish_gate",
                passed=suite is not None and suite.verdict == "passed",
                metadata={"declared": suite.declared, "passed": suite.passed} if suite else {"declared": 0},
            )

    return [publish_verdict, mart_checks]
