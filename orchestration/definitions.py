"""What `dagster dev` loads: every asset, check, schedule and sensor of one configuration.

Here: assembly. The configuration is the one that PROMISEKEPT_CONFIG names, else ./promisekept.yml, else the demo
organisation below ./.promisekept/demo, so that `dagster dev` shows something true on a fresh clone.
"""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from orchestration.compiling import compiled_project
from orchestration.defs.days import days
from orchestration.defs.ingest import landed_logs, prepared_asset
from orchestration.defs.monitoring import watch_sensor
from orchestration.defs.period_close import closing_schedule, period_close
from orchestration.defs.publish import publishing
from orchestration.defs.quality import publish_gate, source_gate
from orchestration.defs.resources import PipelineRun
from orchestration.defs.schedules import ALL_AGAIN, digest_schedule, schedules, sensors
from orchestration.defs.transform import transform_assets
from promisekept.config.loading import load_settings
from promisekept.umask import close_to_others

JOB = "daily"


def build_definitions(config: Path) -> dg.Definitions:
    """All definitions for one promisekept.yml.

    Args:
        config: the file; its settings name home and the schedules.
    """
    settings = load_settings(config)
    project = compiled_project()
    staging, marts = transform_assets(project)
    published = [key for key in marts.keys if key.path[0] == "marts"]
    assets = [
        landed_logs,
        prepared_asset(project.manifest),
        staging,
        *source_gate(sorted(staging.keys)),
        marts,
        *publishing(published, days(settings)),
        *publish_gate(published),
    ]
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        description="Land, transform, test, gate, publish.",
        executor_def=dg.in_process_executor,
        tags=ALL_AGAIN,
    )
    return dg.Definitions(
        assets=[asset for asset in assets if not isinstance(asset, dg.AssetChecksDefinition)],
        asset_checks=[asset for asset in assets if isinstance(asset, dg.AssetChecksDefinition)],
        jobs=[job, period_close],
        schedules=[*schedules(job, settings, config), closing_schedule(settings, config), digest_schedule(settings, config)],
        sensors=[*sensors(job, settings, config), watch_sensor(config)],
        resources={"pipeline_run": PipelineRun(config=str(config))},
        executor=dg.in_process_executor,
    )


@dg.definitions
def definitions() -> dg.Definitions:
    """The code location, in whatever process of Dagster's loads it."""
    close_to_others()
    return build_definitions(_config())


def _config() -> Path:
    named = os.environ.get("PROMISEKEPT_CONFIG")
    if named:
        return Path(named).absolute()
    here = Path("promisekept.yml").absolute()
    if here.is_file():
        return here
    from promisekept.demo import write_demo

    demo = Path(".promisekept/demo").absolute()
    if not (demo / "promisekept.yml").is_file():
        write_demo(demo)
    return demo / "promisekept.yml"
