"""What two bundles have in common: no id of a case, whatever column one joins on, unless the exporter states for whom.

An instant, a code and a place are what happened and stand in both; so this is about names.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from evidence.conftest import Project
from evidence.opened import everything, table
from evidence.shell import reperform

from dashboards.data.bundles import found
from promisekept.errors import EvidenceError
from promisekept.evidence.bagit import read_info
from promisekept.evidence.rekeying import BY_NAME
from promisekept.evidence.scope import read_reason
from promisekept.evidence.verifying import verify
from promisekept.publishing.export_log import entries
from promisekept.publishing.reader import open_snapshot

pytestmark = pytest.mark.slow

FOR = "Kim LLP, engagement 2026: sampling of cases"
CASES = {"event_id", "request_key", "record_key", "incident_key", "finding_key"}
IDS = {"request_id", "record_id", "incident_id", "duplicate_of", "hold_ref", "authority_ref", "evidence_ref", "stopped_by"}
TOLD = {"trace", "detail"}
"""What they tell are dates and codes, and one case under its name in the bundle."""


def texts_of_cases(bundle: Path) -> dict[tuple[str, str], Counter[str]]:
    """By table and column the texts of every table whose rows are about cases."""
    found = {}
    for resource in json.loads((bundle / "data/datapackage.json").read_bytes())["resources"]:
        fields = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
        if CASES & fields.keys() and "pack/" not in resource["path"]:
            with (bundle / "data" / resource["path"]).open(newline="", encoding="utf-8") as stream:
                rows = list(csv.DictReader(stream))
            for name in (name for name, kind in fields.items() if kind in {"string", "array"}):
                found[resource["path"], name] = Counter(row[name] for row in rows if row[name])
    return found


OF_NO_CASE = {
    "agreement_ref", "batch_id", "control_id", "control_ids", "ended_by", "group_key", "notice_id", "policy_version_key",
    "recipient_id", "rule_id", "schedule_id",
}  # fmt: skip
"""What names a register's entry, a delivery, a notice, a policy or a cause."""


@pytest.fixture(scope="module")
def regulators(larkfield: Project) -> Path:
    """The same quarter for another reader."""
    return larkfield.export(audience="regulator").path


@pytest.fixture(scope="module")
def kept(larkfield: Project) -> Path:
    """The auditor's once more, with the ids of cases."""
    return larkfield.export(ids_kept_for=FOR).path


def test_two_bundles_join_on_no_column_that_names_a_case(auditors, regulators):
    """Told by two bundles of one quarter that joined on namespace and event_id, 3,029 of 3,029."""
    one, other = texts_of_cases(auditors), texts_of_cases(regulators)
    assert one.keys() == other.keys()
    assert len(one) > 200
    for (path, name), values in one.items():
        common = values.keys() & other[path, name].keys()
        most = 0 if name in CASES | IDS else max(60, values.total() / 20)
        assert name in TOLD or len(common) <= most, (path, name, sorted(common)[:3])


def test_every_column_that_could_name_a_case_is_known(auditors):
    """A new mart's reference is decided about, not passed through."""
    columns = {name for _, name in texts_of_cases(auditors)}
    named = {
        name for name in columns if re.search(r"_(id|ids|key|keys|ref|refs|by)$|^(entity|missed|recreated|duplicate_of)$", name)
    }
    assert named - OF_NO_CASE - BY_NAME.keys() == set()


def test_no_name_of_one_bundle_stands_anywhere_in_the_other(auditors, regulators):
    """Joins across tables, entities, lists and what findings tell are joins, too."""
    ids = {"event_id", "finding_key", "subject_key"} | IDS - {"stopped_by"}
    names = {value for (_, name), values in texts_of_cases(auditors).items() if name in ids for value in values}
    assert len(names) > 10_000
    for path, content in everything(regulators).items():
        words = set(content.decode("utf-8", "ignore").replace('"', "/").replace(",", "/").split("/"))
        assert not names & words, path


def test_no_id_of_the_sources_stands_anywhere_in_a_bundle(larkfield: Project, auditors):
    """Told by evidence_ref, whose address ended in the id of the request."""
    with open_snapshot(larkfield.settings.home, larkfield.snapshot) as reader:
        rows = reader.cursor().execute(
            "select event_id from marts.fct_requests union select request_id from marts.fct_requests"
            " union select record_id from marts.fct_records union select incident_id from marts.fct_incidents"
            " union select event_id from marts.fct_findings union select event_id from marts.fct_consents"
            " union select unnest(hold_refs) from marts.fct_records"
        )
        ids = {str(row[0]) for row in rows.fetchall() if row[0] and len(str(row[0])) > 4}
    assert len(ids) > 5_000
    for path, content in everything(auditors).items():
        words = set(content.decode("utf-8", "ignore").replace('"', "/").replace(",", "/").replace("|", "/").split("/"))
        assert not ids & words, (path, sorted(ids & words)[:3])


def test_the_same_row_of_a_delivery_has_another_number(auditors, regulators):
    """Told by batch_id and row_number, on which the events of two bundles joined as well as on their ids."""
    for log in ("requests", "consents", "disclosures", "retention", "processing"):
        first, second = (
            {(row["batch_id"], row["row_number"]): row["occurred_at"] for row in table(bundle, log, "events")}
            for bundle in (auditors, regulators)
        )
        assert first.keys() == second.keys()
        assert sum(second[place] == instant for place, instant in first.items()) < len(first) / 20


def test_within_a_bundle_every_table_still_joins(auditors):
    """Requests, records and rows: what leads from a finding to its case and to the row that it came with."""
    events = {name: table(auditors, name, "events") for name in ("requests", "consents", "disclosures", "retention")}
    landed = {(row["batch_id"], row["row_number"]) for rows in events.values() for row in rows}
    requests = {row["request_key"]: row for row in table(auditors, "fct_requests")}
    assert {row["batch_id"] for row in requests.values()}
    for mart in ("fct_requests", "fct_consents", "fct_disclosures", "fct_records"):
        assert {(row["batch_id"], row["row_number"]) for row in table(auditors, mart)} <= landed, mart
    traces = table(auditors, "fct_request_traces")
    assert {row["request_key"] for row in traces} == requests.keys()
    for row in traces:
        places = json.loads(row["provenance"])
        assert {(place["batch_id"], str(place["row_number"])) for place in places} <= landed
        request = requests[row["request_key"]]
        assert row["request_key"] == f"{request['namespace']}/{request['request_id']}/{request['right_type']}"
    findings = [row for row in table(auditors, "fct_findings") if row["finding_code"] == "unpermitted_pause"]
    assert findings
    assert {row["entity"] for row in findings} <= {f"requests/{key}" for key in requests}
    assert {row["finding_key"] for row in findings} <= {row["finding_key"] for row in table(auditors, "rpt_finding_ages")}
    stopped = [row for row in table(auditors, "fct_disclosures") if row["stopped_by"]]
    asked = {f"{row['namespace']}/{row['request_id']}" for row in events["requests"]}
    assert stopped
    assert {row["stopped_by"].rpartition("/")[0] for row in stopped} <= asked
    details = [json.loads(row["detail"]) for row in table(auditors, "fct_findings") if row["finding_code"] == "shared_after_stop"]
    assert {one["stopped_by"] for one in details} <= {row["stopped_by"] for row in stopped}
    records = {row["record_key"] for row in table(auditors, "fct_records")} | {
        f"{row['namespace']}/{row['record_id']}" for row in events["retention"]
    }
    missed = [one for row in table(auditors, "fct_erasures") for one in json.loads(row["missed"] or "[]")]
    assert missed
    assert set(missed) <= records
    acts, groups = table(auditors, "fct_remediation_events"), table(auditors, "fct_remediations")
    recorded = {row["event_id"]: row["subject_key"] for row in table(auditors, "remediations", "events")}
    assert {row["event_id"]: row["actor_key"] for row in acts} == recorded
    assert len(recorded) == 21
    assert {row["withdrawn_event_id"] for row in acts} | {row["last_event_id"] for row in groups} <= recorded.keys() | {""}
    assert {row["decided_by"] for row in groups} <= {*recorded.values(), ""}
    assert {row["group_key"] for row in acts} <= {row["group_key"] for row in groups} | {""}


def test_the_report_calls_a_request_as_the_tables_do(auditors):
    page = (auditors / "data/report.html").read_text(encoding="utf-8")
    assert sum(row["finding_key"][:10] in page for row in table(auditors, "fct_findings")) > 20
    shown = {row["request_id"][:12] for row in table(auditors, "rpt_ccpa_7101")}
    assert sum(f"{name}…" in page for name in shown) >= 20


def test_who_exports_may_keep_the_ids_and_says_for_whom(larkfield: Project, auditors, kept):
    """An auditor who draws a sample asks for cases by the ids under which they are filed."""
    assert (kept.name, read_info(kept)["Ids-Kept-For"]) == (f"{auditors.name}.ids", FOR)
    assert "Ids-Kept-For" not in read_info(auditors)
    exported = entries(larkfield.settings.home)
    assert dict(exported[-1].export.filters)["ids"] == ["kept"]
    assert {one.name: one.scope.ids_kept_for for one in found(larkfield.settings.home, exported)}[kept.name] == FOR
    with open_snapshot(larkfield.settings.home, larkfield.snapshot) as reader:
        real = {
            row[0]: row[1:]
            for row in reader.cursor()
            .execute("select request_key, event_id, row_number::varchar, subject_key from marts.fct_requests")
            .fetchall()
        }
    for row in table(kept, "fct_requests"):
        event_id, row_number, subject_key = real[row["request_key"]]
        assert (row["event_id"], row["row_number"]) == (event_id, row_number)
        assert row["subject_key"] != subject_key or not subject_key, "people have other keys all the same"
    assert verify(kept).problems == ()
    result = reperform(kept)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout[-2000:]


def test_each_bundle_states_which_names_it_has(auditors, kept, public):
    texts = {path: " ".join((path / "data/VERIFY.txt").read_text(encoding="utf-8").split()) for path in (auditors, kept, public)}
    assert "or by the ids of events, requests, records and incidents: each bundle has its own" in texts[auditors]
    assert f"They were kept for: {FOR}" in texts[kept]
    assert "no person and no case, only counts" in texts[public]
    besides = [json.loads((path / "metadata/omissions.json").read_bytes())["besides"] for path in (auditors, kept)]
    assert ["names of its own" in json.dumps(one) for one in besides] == [True, False]


@pytest.mark.parametrize(
    ("reason", "audience", "message"),
    [("", "auditor", "does not name who"), ("two\nlines", "auditor", "does not name who"), (FOR, "public", "holds no cases")],
)
def test_ids_are_not_kept_for_nobody_nor_for_the_public(reason, audience, message):
    with pytest.raises(EvidenceError, match=message):
        read_reason(reason, audience)
