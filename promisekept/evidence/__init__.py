"""Evidence that a third party can check: bundles of a published snapshot, their signature, their proof and the report.

Here: everything below `home/evidence`. A bundle is a function of a snapshot, a scope and the keys: never of the clock, of
the machine, of where home lies or of what was exported before. Not here: snapshots (publishing/) and how they are shown
(dashboards/); nothing but the front door, a run and the dashboard opens this room.
"""
