"""dbt's models as assets and its tests as asset checks, run in this process."""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets

from orchestration import pipeline
from orchestration.defs.ingest import RETRY
from orchestration.defs.resources import PipelineRun
from orchestration.execution import NodeResult

Event = dg.MaterializeResult[None] | dg.AssetCheckResult
UNIQUE_ID = "dagster_dbt/unique_id"  # under which a check names the test that it is
_STAGING = "fqn:promisekept.staging resource_type:seed"  # in dbt's words, what pipeline.stage makes


class Translator(DagsterDbtTranslator):
    """dbt's names as Dagster's; a test that fails ends its own step, so Dagster has nothing to hold back."""

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        """The check of a test, which blocks nothing by itself."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return spec and spec._replace(blocking=False)


def transform_assets(manifest: Mapping[str, Any]) -> list[dg.AssetsDefinition]:
    """Staging, and everything after the source gate."""

    @dbt_assets(manifest=manifest, select=_STAGING, name="staging", retry_policy=RETRY, dagster_dbt_translator=Translator())
    def staging(context: dg.AssetExecutionContext, pipeline_run: PipelineRun) -> Iterator[Event]:
        with pipeline_run.stage("stage"):
            results = pipeline_run.stages.do(pipeline.stage)
        yield from _events(manifest, context, results)

    @dbt_assets(manifest=manifest, exclude=_STAGING, name="marts", retry_policy=RETRY, dagster_dbt_translator=Translator())
    def marts(context: dg.AssetExecutionContext, pipeline_run: PipelineRun) -> Iterator[Event]:
        with pipeline_run.stage("transform"):
            results = pipeline_run.stages.do(pipeline.transform)
        yield from _events(manifest, context, results)

    return [staging, marts]


def _events(manifest: Mapping[str, Any], context: dg.AssetExecutionContext, results: Sequence[NodeResult]) -> Iterator[Event]:
    """What was built, what was left as it is, and the tests that ran: what comes after a model waits for it."""
    translator = Translator()
    built = {result.unique_id: result for result in results}
    for node in _in_order(manifest):
        key = translator.get_asset_key(manifest["nodes"][node])
        if key not in context.selected_asset_keys:
            continue
        if node in built:
            yield dg.MaterializeResult(asset_key=key, metadata={"seconds": built[node].seconds})
        else:
            yield dg.MaterializeResult(asset_key=key, metadata={"kept": True})
    checks = {spec.metadata[UNIQUE_ID]: spec.key for spec in context.assets_def.check_specs}
    for result in results:
        if result.resource_type == "test":
            check = checks.get(result.unique_id)  # a test that reads both sides of the source gate is no check of one
            if check is not None and check in context.selected_asset_check_keys:
                yield dg.AssetCheckResult(
                    asset_key=check.asset_key,
                    check_name=check.name,
                    passed=result.holds,
                    severity=dg.AssetCheckSeverity.ERROR if result.status == "fail" else dg.AssetCheckSeverity.WARN,
                    metadata={"failures": result.failures or 0},
                )


def _in_order(manifest: Mapping[str, Any]) -> list[str]:
    """Models and seeds, each after all that it reads: the order in which Dagster must hear of them."""
    assets = {name for name, node in manifest["nodes"].items() if node["resource_type"] in {"model", "seed"}}
    reads = {name: [parent for parent in manifest["parent_map"][name] if parent in assets] for name in assets}
    return list(TopologicalSorter(reads).static_order())
