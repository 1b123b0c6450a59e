"""Dagster's schedules without its daemon and without its clock: each tick is given, and its run is executed here."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

import dagster as dg

from orchestration.definitions import build_definitions


class Scheduler:
    """The schedules of one configuration."""

    def __init__(self, config: Path) -> None:
        self.config = config

    @cached_property
    def definitions(self) -> dg.Definitions:
        """What the daemon loads."""
        return build_definitions(self.config)

    def ticks(self, schedule: str, at: datetime) -> bool:
        """Let a schedule tick, and execute the run that it asks for a minute later; whether that run went well."""
        request, job = self._asked(schedule, at)
        run_config = dict(request.run_config)
        run_config["resources"]["pipeline_run"]["config"]["now"] = (at + timedelta(minutes=1)).isoformat()
        with dg.DagsterInstance.ephemeral() as instance:
            done = job.execute_in_process(run_config=run_config, tags=request.tags, instance=instance, raise_on_error=False)
        return done.success

    def _asked(self, schedule: str, at: datetime) -> tuple[dg.RunRequest, dg.JobDefinition]:
        definition = self.definitions.resolve_schedule_def(schedule)
        repository = self.definitions.get_repository_def()
        with dg.build_schedule_context(scheduled_execution_time=at, repository_def=repository) as context:
            (request,) = definition.evaluate_tick(context).run_requests
        return request, self.definitions.resolve_job_def(definition.job_name)
