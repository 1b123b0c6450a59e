"""A pack's folder becomes one frozen value, or one message with every place that is wrong."""

from __future__ import annotations

import json
from datetime import date

import pytest
from policy.packs import REGISTERS, SOUND, loaded, whole_pack, write_pack

from promisekept.errors import PackError
from promisekept.policy import load_pack
from promisekept.policy.loading import document, read_document
from promisekept.policy.thresholds import read_thresholds


def loading_error(folder, **files):
    with pytest.raises(PackError) as caught:
        load_pack(write_pack(folder, **files))
    return str(caught.value)


def test_a_pack_of_four_files_is_enough(tmp_path):
    pack = loaded(tmp_path)
    assert (pack.settings.name, pack.settings.version, pack.settings.effective_from) == ("Test promises", "7", date(2025, 1, 1))
    assert [row["control_id"] for row in pack.rows("controls")] == ["CTL-DEADLINE"]
    assert pack.rows("controls")[0]["logs"] == ("requests",)
    assert pack.rows("control_metrics")[0]["target"] == 0.98


def test_cells_are_typed_and_remember_their_line(tmp_path):
    pack = load_pack(whole_pack(tmp_path))
    purpose = pack.rows("purposes")[0]
    assert (purpose["consent_required"], purpose["consent_valid_days"], purpose["systems"]) == (True, 365, ("crm",))
    assert (purpose.file, purpose.line) == ("purposes.csv", 2)
    assert pack.rows("agreements")[0]["valid_from"] == date(2025, 1, 1)
    assert pack.rows("agreements")[0]["valid_to"] is None


def test_a_file_with_only_a_header_is_an_empty_register_and_an_absent_file_is_none(tmp_path):
    pack = loaded(tmp_path, recipients_csv="recipient_id,recipient_kind,country,allowed_purposes,allowed_categories\n")
    assert pack.registers["recipients"].present
    assert pack.rows("recipients") == ()
    assert not pack.registers["agreements"].present


def test_the_law_is_the_shipped_one_until_the_pack_has_a_file_of_that_name(tmp_path):
    pack = loaded(tmp_path)
    assert pack.registers["jurisdictions"].shipped
    assert len(pack.rows("regimes")) == 266


def test_a_law_file_in_the_pack_replaces_the_shipped_one_whole(tmp_path):
    pack = loaded(tmp_path, jurisdictions_csv="jurisdiction,regime_code,calendar,time_zone\nZZ-HQ,EU_GDPR,IE,Europe/Dublin\n")
    assert [row["jurisdiction"] for row in pack.rows("jurisdictions")] == ["ZZ-HQ"]
    assert not pack.registers["jurisdictions"].shipped
    assert pack.registers["regimes"].shipped


def test_the_hash_is_over_the_content_and_not_over_its_form(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    rows = ["CT-1,contact,P90D", "CT-2,contact,P60D"]
    header = "contract_ref,data_category,max_period\n"
    one = loaded(tmp_path / "a", contract_terms_csv=header + "\n".join(rows) + "\n")
    form = f'\ufeff{header}\r\n"CT-2", contact,P60D\r\nCT-1 ,contact,P90D\r\n'
    other = loaded(tmp_path / "b", contract_terms_csv=form)
    assert one.sha256 == other.sha256


@pytest.mark.parametrize(
    "change",
    [
        {"pack_yml": SOUND["pack.yml"].replace('"7"', '"8"')},
        {"control_metrics_csv": SOUND["control_metrics.csv"].replace("0.98", "0.99")},
        {"systems_csv": "system,name\n"},
    ],
    ids=["version", "target", "an empty register instead of none"],
)
def test_the_hash_sees_every_change_of_meaning(tmp_path, change):
    before = loaded(tmp_path).sha256
    assert loaded(tmp_path, **change).sha256 != before


def test_no_is_norway(tmp_path):
    pack = loaded(tmp_path, pack_yml="name: x\nversion: 1\nadequate_countries: [NO, GB]\nincident_hours: {NO: 72}\n")
    assert pack.settings.adequate_countries == ("GB", "NO")
    assert pack.settings.incident_hours == {"NO": 72}


def test_eea_stands_for_its_thirty_members_and_a_place_may_have_its_own_hours(tmp_path):
    pack = loaded(tmp_path, pack_yml="name: x\nversion: 1\nadequate_countries: [EEA]\nincident_hours: {EEA: 72, IE: 48}\n")
    assert len(pack.settings.adequate_countries) == 30
    assert (pack.settings.incident_hours["IE"], pack.settings.incident_hours["IS"]) == (48, 72)


@pytest.mark.parametrize(("line", "ceiling"), [("", 0.25), ("ways_out_ceiling: 0.4\n", 0.4), ("ways_out_ceiling: 1\n", 1.0)])
def test_a_pack_says_which_share_may_leave_the_clock_and_a_kept_one_still_does(tmp_path, line, ceiling):
    pack = loaded(tmp_path, pack_yml=f"name: x\nversion: 1\n{line}")
    assert (
        pack.settings.thresholds
        == read_document(document(pack)).settings.thresholds
        == read_thresholds({}) | {"ways_out_ceiling": ceiling}
    )


@pytest.mark.parametrize(
    ("lines", "review", "days"),
    [("", "P1Y", 60), ("hold_review: P6M\nactivity_run_days: 30\n", "P6M", 30)],
)
def test_a_pack_says_when_a_hold_is_reviewed_and_what_activity_is_a_jobs(tmp_path, lines, review, days):
    pack = loaded(tmp_path, pack_yml=f"name: x\nversion: 1\n{lines}")
    for one in (pack, read_document(document(pack))):
        thresholds = one.settings.thresholds
        assert (thresholds["hold_review"], thresholds["activity_run_days"]) == (review, days)


def test_a_pack_kept_before_a_setting_was_known_has_its_default(tmp_path):
    kept = json.loads(document(loaded(tmp_path)))
    for name in ("hold_review", "activity_run_days"):
        del kept["settings"][name]
    thresholds = read_document(json.dumps(kept).encode()).settings.thresholds
    assert (thresholds["hold_review"], thresholds["activity_run_days"]) == ("P1Y", 60)


def test_every_unreadable_cell_is_named_at_once(tmp_path):
    message = loading_error(
        tmp_path,
        control_metrics_csv="control_id,metric_code,dimension,dimension_value,operator,target\n"
        'CTL-DEADLINE,deadline_adherence,all,all,=>,0.98\nCTL-DEADLINE,deadline_adherence,all,all,>=,"0,98"\n',
        agreements_csv="recipient_id,agreement_ref,valid_from,valid_to\nmailer,DPA-1,2026-02-30,\n",
    )
    assert message.split("\n") == [
        "agreements.csv:2: valid_from: `2026-02-30` is no date; write it as 2026-09-30",
        "  Correct the cell, or empty it.",
        "control_metrics.csv:2: operator: `=>` is not known here",
        "  Allowed: >=, <=, =, >, <",
        "control_metrics.csv:3: target: `0,98` is no number; write it with a point, such as 0.98",
        "  Correct the cell, or empty it.",
    ]


def setting(line):
    """A pack whose manifest has one more line."""
    return {"pack_yml": f"name: x\nversion: 1\n{line}\n"}


def register(name, old, new):
    """A pack of which a register has another text in a place."""
    return {f"{name}_csv": (SOUND | REGISTERS)[f"{name}.csv"].replace(old, new)}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (register("retention_schedule", "P2Y", "2 years"), "`2 years` is no ISO 8601 period"),
        (register("retention_schedule", "P2Y", "PT24H"), "`PT24H` is no ISO 8601 period in whole days"),
        (register("retention_schedule", "P2Y", "P"), "`P` is no ISO 8601 period"),
        (register("purposes", ",yes,", ",maybe,"), "`maybe` is neither yes nor no"),
        (register("purposes", ",365,", ",a year,"), "`a year` is no whole number"),
        (register("recipients", "US", "USA"), "`USA` has not the form of ISO 3166-1"),
        (register("recipients", "service_provider", "vendor"), "recipient_kind: `vendor` is not known here"),
        (
            {"jurisdictions_csv": "jurisdiction,regime_code,calendar,time_zone\nIE,EU_GDPR,IE,Dublin\n"},
            "`Dublin` is no time zone",
        ),
        (
            {"jurisdictions_csv": "jurisdiction,regime_code,calendar,time_zone\nIreland,EU_GDPR,IE,\n"},
            "`Ireland` has not the form of ISO 3166",
        ),
        (register("clauses", "RIG-8", ""), "clause_id: this cell is empty and may not be"),
        (register("clauses", "RIG-8", "RIG 8"), "`RIG 8` is no code"),
        (register("controls", "requests", "request"), "logs: `request` is not known here"),
        ({"controls_csv": "control,clause_id,logs\n"}, "unknown column `control`\n  Did you mean `control_id`?"),
        ({"controls_csv": "clause_id,logs\n"}, "column `control_id` is missing"),
        ({"controls_csv": "control_id;clause_id;logs\n"}, "the columns are separated by semicolons"),
        ({"controls_csv": ""}, "the file has no header"),
        ({"controls_csv": "control_id,clause_id,logs\nCTL-1,RIG-8\n"}, "2 cells where the header names 3 columns"),
        ({"controls_csv": 'control_id,clause_id,logs\nCTL-1,"RIG-8,requests\n'}, "this is no readable CSV"),
        (
            {"agreements_csv": "recipient_id,agreement_ref,valid_from,valid_to\nm,D,2026-01-01,2026-01-01\n"},
            "valid_to 2026-01-01 is not after valid_from",
        ),
        ({"pack_yml": "name: x\n"}, "version: this key is missing"),
        (setting("efective_from: 2025-01-01"), "pack.yml:3: unknown key `efective_from`\n  Did you mean `effective_from`?"),
        (setting("effective_from: soon"), "pack.yml:3: effective_from: `soon` is no date"),
        (setting("adequate_countries: [Ireland]"), "adequate_countries: `Ireland` has not the form"),
        (setting("incident_hours: {IE: three days}"), "incident_hours: `three days` is no whole number"),
        (
            setting("ways_out_ceiling: 25"),
            "pack.yml:3: ways_out_ceiling: `25` is no share between 0 and 1\n  Write a quarter as 0.25",
        ),
        (
            setting("no_risk_persons: few"),
            "pack.yml:3: no_risk_persons: `few` is no whole number of 0 or more\n  Write a whole number; 500",
        ),
        (
            setting("hold_review: yearly"),
            "pack.yml:3: hold_review: `yearly` is no ISO 8601 period in whole days; write P6Y, P18M or P90D\n  Write P1Y",
        ),
        (
            setting("activity_run_days: -1"),
            "pack.yml:3: activity_run_days: `-1` is no whole number of 0 or more\n  Write a whole number; 60",
        ),
        (setting("ways_out_ceiling: most"), "pack.yml:3: ways_out_ceiling: `most` is no number"),
        (setting("incident_hours: 72"), "incident_hours: expected places with hours"),
        (
            {"notification_rules_csv": "jurisdiction,whom,period_n,period_unit\nIE,regulator,72,hour\n"},
            "notification_rules.csv:2: whom: `regulator` is not known here\n  Allowed: authority, persons",
        ),
        (
            {"notification_rules_csv": "jurisdiction,whom,period_n,period_unit\nIE,authority,3,weeks\n"},
            "period_unit: `weeks` is not known here\n  Allowed: hour, day, business_day",
        ),
        ({"pack_yml": "- name\n"}, "expected keys such as"),
        ({"pack_yml": "name: [\n"}, "this is not readable YAML"),
        ({"recipient_csv": "recipient_id\n"}, "recipient.csv: this is no register of a pack\n  Did you mean `recipients.csv`?"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_the_value_and_a_remedy(tmp_path, files, expected):
    message = loading_error(tmp_path, **files)
    assert expected in message
    assert "\n  " in message


def test_a_line_number_counts_lines_of_the_file_and_not_rows(tmp_path):
    message = loading_error(
        tmp_path, controls_csv='control_id,clause_id,logs\n\nCTL-A,"RIG-8",\nCTL-B,"RIG\n-8",\nCTL-C,RIG-8,nolog\n'
    )
    assert "controls.csv:6: logs: `nolog`" in message


def test_a_file_that_is_not_utf_8_is_named_with_its_line(tmp_path):
    write_pack(tmp_path)
    (tmp_path / "systems.csv").write_bytes("system,name\ncrm,Büro\n".encode("cp1252"))
    with pytest.raises(PackError, match=r"systems.csv:2: this is not UTF-8"):
        load_pack(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PackError, match="there is no such folder"):
        load_pack(tmp_path / "none")


def test_a_folder_without_a_manifest_is_no_pack(tmp_path):
    with pytest.raises(PackError, match=r"pack.yml: there is no such file in the pack"):
        load_pack(tmp_path)


@pytest.mark.parametrize("owner", ["jane.doe@example.org", "Jane Doe +353 1 555 01 99"])
def test_an_owner_is_a_role_and_no_address_of_a_person(tmp_path, owner):
    text = f"control_id,owner,remedy_due\nCTL-DEADLINE,{owner},\n"
    assert f"owners.csv:2: owner: `{owner}` holds an address or a number of a person; write a role or a team" in loading_error(
        tmp_path, owners_csv=text
    )


def test_an_owner_that_is_nobody_is_rejected(tmp_path):
    text = "control_id,owner,remedy_due\nCTL-DEADLINE,,2026-10-31\n"
    assert "owners.csv:2: owner: this cell is empty and may not be" in loading_error(tmp_path, owners_csv=text)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("Why,DPO,2026-01-01,2026-01-01", "valid_to 2026-01-01 is not after valid_from 2026-01-01"),
        ("Why,DPO,2026-01-01,", "valid_to: this cell is empty and may not be"),
        ("Why,DPO,,2026-06-01", "valid_from: this cell is empty and may not be"),
        ("Why,,2026-01-01,2026-06-01", "approved_by: this cell is empty and may not be"),
        (",DPO,2026-01-01,2026-06-01", "reason: this cell is empty and may not be"),
        ("Why,DPO,1 Jan 2026,2026-06-01", "valid_from: `1 Jan 2026` is no date; write it as 2026-09-30"),
    ],
)
def test_an_exception_has_a_reason_an_approval_a_beginning_and_an_end(tmp_path, cells, expected):
    text = f"exception_id,control_id,scope,reason,approved_by,valid_from,valid_to\nEX-1,CTL-DEADLINE,,{cells}\n"
    assert f"exceptions.csv:2: {expected}" in loading_error(tmp_path, exceptions_csv=text)
