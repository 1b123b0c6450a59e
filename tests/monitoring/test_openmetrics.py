"""The pipeline's own figures, read by a parser that is not ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from promisekept.monitoring.openmetrics import FILE, Family, families, text, write_metrics
from promisekept.monitoring.run_status import Journal, LastRun

MONDAY = datetime(2026, 9, 28, 5, tzinfo=UTC)


def samples(metrics: str, parser=openmetrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {(sample.name, tuple(sample.labels.items())): sample.value for family in parser(metrics) for sample in family.samples}


def lived_in(desk) -> None:
    desk.delivers(MONDAY)
    desk.world.request("r2", received=MONDAY, channel="pigeon")
    desk.world.land(MONDAY + timedelta(hours=1))
    desk.publishes(MONDAY, ctl_a=("met", 0), ctl_b=("missed", 3), ctl_c=("missed", 1))
    journal = Journal(desk.home, LastRun("run-1", "daily", MONDAY))
    for stage in ("land", "land", "transform"):
        with journal.stage(stage):
            pass
    journal.end("published")


def test_a_home_in_which_nothing_happened_has_figures_too(desk):
    metrics = text(families(desk.settings, MONDAY))
    assert samples(metrics)[("promisekept_ledger_sequence", ())] == 0
    assert samples(metrics)[("promisekept_source_freshness", (("source", "helpdesk"), ("state", "stale")))] == 1


def test_every_figure_is_read_by_both_formats_and_is_what_happened(desk):
    lived_in(desk)
    metrics = text(families(desk.settings, MONDAY + timedelta(hours=2)))
    found = samples(metrics)
    assert samples(metrics, prometheus) == found
    rows = {labels[2][1]: value for (name, labels), value in found.items() if name == "promisekept_rows_total"}
    assert rows == {"landed": 1, "duplicate": 0, "superseding": 0, "conflicting": 0, "quarantined": 1}
    verdicts = {labels[0][1]: value for (name, labels), value in found.items() if name == "promisekept_controls"}
    assert (verdicts["missed"], verdicts["met"], sum(verdicts.values())) == (2, 1, 3)
    stages = {labels[0][1] for name, labels in found if name == "promisekept_stage_seconds"}
    assert stages == {"land", "transform"}
    assert found[("promisekept_run_last_success_timestamp_seconds", ())] >= MONDAY.timestamp()
    assert found[("promisekept_run_outcome", (("outcome", "published"),))] == 1
    due = MONDAY + timedelta(hours=31)
    assert found[("promisekept_source_expected_timestamp_seconds", (("source", "helpdesk"),))] == due.timestamp()
    assert found[("promisekept_ledger_sequence", ())] == 3


def test_no_family_is_written_twice_and_each_ends_in_its_unit(desk):
    lived_in(desk)
    metrics = families(desk.settings, MONDAY)
    names = [family.full_name for family in metrics]
    assert len(names) == len(set(names))
    assert all(family.name.endswith(family.unit) for family in metrics)
    assert text(metrics).endswith("# EOF\n")


def test_what_a_label_holds_can_not_break_a_line():
    nasty = 'a"b\\c\nd'
    metrics = text([Family("x", "gauge", nasty, (({"label": nasty}, 1.5),))])
    assert samples(metrics) == {("promisekept_x", (("label", nasty),)): 1.5}


def test_the_file_is_swapped_whole_and_leaves_nothing_behind(desk):
    lived_in(desk)
    (desk.home / f".{FILE}-torn").write_text("half")
    write_metrics(desk.settings, MONDAY)
    assert samples((desk.home / FILE).read_text())
    assert [path.name for path in desk.home.glob(f"*{FILE}*")] == [FILE]
    assert not list(desk.home.glob(f".{FILE}*"))
