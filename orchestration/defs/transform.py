"""dbt's models as assets and its tests as asset checks, run in this process."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets

from orchestration import pipeline
from orchestration.compiled_project import CompiledProject
from orchestration.defs.ingest import RETRY
from orchestration.defs.resources import PipelineRun
from orchestration.execution import NodeResult

Event = dg.MaterializeResult[None] | dg.AssetCheckResult
UNIQUE_ID = "dagster_dbt/unique_id"  # under which a check names the test that it is
_INTERMEDIATE = "intermediate"
_STAGING = "fqn:promisekept.staging resource_type:seed"  # in dbt's words, what pipeline.stage makes


class Translator(DagsterDbtTranslator):
    """dbt's names as Dagster's; a test that fails ends its own step, so Dagster has nothing to hold back."""

    def __init__(self, code_version: str) -> None:
        super().__init__()
        self.code_version = code_version

    def get_code_version(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """That of all models: a mart is computed by those that it reads as well, and a build by one version."""
        return self.code_version

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        """The check of a test, which blocks nothing by itself."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return spec and spec._replace(blocking=False, additional_deps=[])  # its step has made whatever else it reads


def transform_assets(project: CompiledProject) -> list[dg.AssetsDefinition]:
    """Staging, and everything after the source gate."""
    manifest, translator = _as_assets(project.manifest), Translator(project.code_version)

    @dbt_assets(manifest=manifest, select=_STAGING, name="staging", retry_policy=RETRY, dagster_dbt_translator=translator)
    def staging(context: dg.AssetExecutionContext, pipeline_run: PipelineRun) -> Iterator[Event]:
        with pipeline_run.stage("stage"):
            results = pipeline_run.stages.do(pipeline.stage)
        yield from _events(project, context, results)

    @dbt_assets(manifest=manifest, exclude=_STAGING, name="marts", retry_policy=RETRY, dagster_dbt_translator=translator)
    def marts(context: dg.AssetExecutionContext, pipeline_run: PipelineRun) -> Iterator[Event]:
        with pipeline_run.stage("transform"):
            results = pipeline_run.stages.do(pipeline.transform)
        yield from _events(project, context, results)

    return [staging, marts]


def _events(project: CompiledProject, context: dg.AssetExecutionContext, results: Sequence[NodeResult]) -> Iterator[Event]:
    """What was built, what was left as it is, and the tests that ran: Dagster must hear of a model after all that it reads."""
    built = {result.unique_id: result for result in results}
    for name, node in project.built.items():
        key = dg.AssetKey([node.schema, node.name])
        if key in context.selected_asset_keys:
            how = {"seconds": built[name].seconds} if name in built else {"kept": True}
            yield dg.MaterializeResult(asset_key=key, metadata=how)
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


def _as_assets(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest of dbt's in which an intermediate model is no asset, but a part of the marts that read it.

    Dagster stores at least three events for an asset, and nobody selects or watches a table that no reader sees. dbt's name for
    a model that is a part of those that read it is an ephemeral one: dagster-dbt looks through it for what they read.
    """
    nodes = {
        name: node | {"config": node["config"] | {"materialized": "ephemeral"}} if node["schema"] == _INTERMEDIATE else node
        for name, node in manifest["nodes"].items()
    }
    return {**manifest, "nodes": nodes}
