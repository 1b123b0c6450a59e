"""A pack as tables: always all of them, typed, with the holidays of each calendar."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest
from policy.packs import loaded, whole_pack

from promisekept.policy import attach_pack, load_pack
from promisekept.policy.registers import REGISTERS
from promisekept.policy.thresholds import THRESHOLDS


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    folder = whole_pack(tmp_path_factory.mktemp("pack"), pack_yml="name: x\nversion: 1\nincident_hours: {GB: 72, GB-SCT: 24}\n")
    with duckdb.connect() as connection:
        attach_pack(connection, load_pack(folder))
        yield connection


def rows(connection, query):
    return connection.execute(query).fetchall()


def test_every_register_is_a_table_also_where_it_is_absent(tmp_path):
    with duckdb.connect() as connection:
        attach_pack(connection, loaded(tmp_path))
        tables = {
            name for (name,) in rows(connection, "select table_name from information_schema.tables where table_schema = 'pack'")
        }
        assert set(REGISTERS) <= tables
        assert rows(connection, "select count(*) from pack.recipients") == [(0,)]
        present = dict(rows(connection, "select register, present from pack.registers"))
        assert (present["clauses"], present["regimes"], present["recipients"]) == (True, True, False)


def test_columns_are_typed(warehouse):
    types = dict(rows(warehouse, "select column_name, data_type from information_schema.columns where table_name = 'purposes'"))
    assert types == {
        "purpose_code": "VARCHAR", "name": "VARCHAR", "consent_required": "BOOLEAN", "consent_valid_days": "BIGINT",
        "withdrawal_hours": "BIGINT", "systems": "VARCHAR[]", "valid_from": "DATE", "valid_to": "DATE", "line": "BIGINT",
    }  # fmt: skip


def test_a_period_is_there_as_months_and_days(warehouse):
    assert rows(warehouse, "select min_period, min_months, min_days, max_months, max_days from pack.retention_schedule") == [
        ("P6M", 6, 0, 24, 0)
    ]
    assert rows(warehouse, "select max_months, max_days from pack.contract_terms") == [(0, 90)]
    assert rows(warehouse, "select max_wait, max_wait_months, max_wait_days from pack.retention_schedule") == [(None, None, None)]


def test_an_empty_cell_is_null(warehouse):
    assert rows(warehouse, "select valid_to, transfer_mechanism from pack.agreements") == [(None, None)]


def test_holidays_stand_beside_the_days_that_were_built(warehouse):
    found = rows(warehouse, "select day, name from pack.holidays where calendar = 'IE' and year(day) = 2026 and month(day) = 3")
    assert found == [(date(2026, 3, 17), "Saint Patrick's Day")]
    assert rows(warehouse, "select first_day, last_day from pack.calendars where calendar = 'SG'") == [
        (date(2005, 1, 1), date(2035, 12, 31))
    ]


def test_hours_are_short_for_rules_that_always_hold_and_the_eea_stands_for_its_members(warehouse):
    found = rows(
        warehouse,
        "select jurisdiction, is_group, whom, period_n, period_unit, valid_from, citation from pack.notification_periods"
        " where jurisdiction in ('GB', 'GB-SCT', 'IE', 'NO', 'CH') order by all",
    )
    assert found == [
        ("GB", False, "authority", 72, "hour", None, None),
        ("GB-SCT", False, "authority", 24, "hour", None, None),
        ("IE", False, "persons", 3, "business_day", None, None),
        ("IE", True, "authority", 72, "hour", date(2018, 5, 25), "Art. 33(1)"),
        ("NO", True, "authority", 72, "hour", date(2018, 5, 25), "Art. 33(1)"),
    ]
    assert rows(warehouse, "select count(*) from pack.notification_periods where is_group") == [(30,)]


def test_attaching_again_replaces_what_was_there(warehouse, tmp_path):
    with duckdb.connect() as connection:
        attach_pack(connection, load_pack(whole_pack(tmp_path)))
        attach_pack(connection, load_pack(whole_pack(tmp_path, systems_csv="system,name\ncrm,CRM\nerp,ERP\n")))
        assert rows(connection, "select count(*) from pack.systems") == [(2,)]


def test_the_settings_are_one_row(warehouse):
    names = [column for column, *_ in rows(warehouse, "describe pack.settings")]
    assert names == [
        "name",
        "version",
        "effective_from",
        "sha256",
        "library_version",
        "adequate_countries",
        *(
            column
            for name, threshold in THRESHOLDS.items()
            for column in ((f"{name}_months", f"{name}_days") if threshold.form == "period" else (name,))
        ),
    ]
    assert rows(warehouse, "select hold_review_months, hold_review_days, activity_run_days from pack.settings") == [(12, 0, 60)]
    assert rows(warehouse, "select library_version, length(sha256) from pack.settings") == [("0.109", 64)]
