"""The two gates as assets, and their suites as asset checks: counts only, never a value.

A check is reported where its suite was evaluated, and nowhere else: a log that nobody delivers has no result.
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from orchestration import pipeline
from orchestration.defs.ingest import LANDING
from orchestration.defs.resources import PipelineRun
from promisekept.config.source import LOGS
from promisekept.publishing.candidate import Candidate
from promisekept.publishing.verdict import SuiteResult, Verdict

VERDICT = dg.AssetKey("publish_verdict")
CANDIDATE = dg.AssetKey("candidate")
SOURCE_VERDICTS = dg.AssetKey(["run", "source_verdicts"])


def source_gate(staging: Sequence[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """The gate on what was landed: an input of every metric, and no barrier."""

    @dg.asset(key=SOURCE_VERDICTS, deps=[*staging, *LANDING], group_name="quality", kinds={"greatexpectations"})
    def source_verdicts(pipeline_run: PipelineRun) -> dg.MaterializeResult[list[SuiteResult]]:
        with pipeline_run.stage("source_gate"):
            results = pipeline_run.stages.do(pipeline.gate_sources)
        return dg.MaterializeResult(value=results, metadata={result.suite: result.verdict for result in results})

    @dg.multi_asset_check(
        specs=[dg.AssetCheckSpec("source_gate", asset=["landing", log], additional_deps=[SOURCE_VERDICTS]) for log in LOGS],
        ins={"results": dg.AssetIn(SOURCE_VERDICTS)},
        can_subset=True,
    )
    def source_checks(context: dg.AssetCheckExecutionContext, results: list[SuiteResult]) -> Iterator[dg.AssetCheckResult]:
        for key in sorted(context.selected_asset_check_keys):
            evaluated = [result for result in results if result.configured and result.log == key.asset_key.path[-1]]
            if evaluated:
                yield dg.AssetCheckResult(
                    asset_key=key.asset_key,
                    check_name=key.name,
                    passed=all(result.verdict == "passed" for result in evaluated),
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={
                        "declared": sum(result.declared for result in evaluated),
                        "passed": sum(result.passed for result in evaluated),
                    },
                )

    return [source_verdicts, source_checks]


def publish_gate(marts: Sequence[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    """The gate on the finished candidate: the only one that blocks."""

    @dg.asset(key=VERDICT, group_name="publishing", kinds={"greatexpectations"})
    def publish_verdict(pipeline_run: PipelineRun, candidate: Candidate) -> dg.MaterializeResult[Verdict]:
        with pipeline_run.stage("publish_gate"):
            pipeline_run.require_written(candidate)
            verdict = pipeline_run.stages.do(lambda build: pipeline.audit(build, candidate))
        return dg.MaterializeResult(value=verdict, metadata={"declared": verdict.declared, "passed": verdict.passed})

    @dg.multi_asset_check(
        specs=[dg.AssetCheckSpec("publish_gate", asset=key, additional_deps=[VERDICT]) for key in marts],
        ins={"verdict": dg.AssetIn(VERDICT)},
        can_subset=True,
    )
    def mart_checks(context: dg.AssetCheckExecutionContext, verdict: Verdict) -> Iterator[dg.AssetCheckResult]:
        suites = {suite.subject: suite for suite in verdict.suites}
        for key in sorted(context.selected_asset_check_keys):
            suite = suites.get(key.asset_key.path[-1])
            if suite is not None:
                yield dg.AssetCheckResult(
                    asset_key=key.asset_key,
                    check_name=key.name,
                    passed=suite.verdict == "passed",
                    metadata={"declared": suite.declared, "passed": suite.passed},
                )

    return [publish_verdict, mart_checks]
