"""Nobody heals the past unseen: what a new version of a pack changes about days that have begun."""

from __future__ import annotations

from datetime import date

from policy.packs import REGISTERS, SOUND, loaded, whole_pack

from promisekept.policy import compare, document, load_pack
from promisekept.policy.loading import read_document

TODAY = date(2026, 10, 1)


def changes(tmp_path, before, after):
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    earlier = document(load_pack(whole_pack(tmp_path / "old", **before)))
    return compare(earlier, load_pack(whole_pack(tmp_path / "new", **after)))


def test_the_same_content_is_no_change(tmp_path):
    assert changes(tmp_path, {}, {"systems_csv": '"system",name\n"crm", CRM\n'}) == []


def test_a_kept_pack_is_read_back_with_its_rows_kept_apart(tmp_path):
    """Models join a register by the line of a row: when all of them stood in one, each disclosure met every recipient."""
    pack = load_pack(whole_pack(tmp_path))
    again = read_document(document(pack))
    assert (again.sha256, again.registers.keys()) == (pack.sha256, pack.registers.keys())
    for name, register in again.registers.items():
        lines = [row.line for row in register.rows]
        assert len(set(lines)) == len(lines) == len(pack.registers[name].rows)


def test_a_target_lowered_is_a_change_of_the_past(tmp_path):
    (change,) = changes(tmp_path, {}, {"control_metrics_csv": SOUND["control_metrics.csv"].replace("0.98", "0.90")})
    assert (change.register, change.kind, change.columns, change.line) == ("control_metrics", "changed", ("target",), 2)
    assert change.key == "CTL-DEADLINE/deadline_adherence/all/all"
    assert change.is_retroactive(TODAY)


def test_a_row_that_begins_later_changes_the_future_only(tmp_path):
    text = REGISTERS["agreements.csv"]
    (change,) = changes(tmp_path, {}, {"agreements_csv": text + "mailer,DPA-2,2026-11-01,,\n"})
    assert (change.kind, change.valid_from) == ("added", date(2026, 11, 1))
    assert not change.is_retroactive(TODAY)


def test_an_agreement_dated_back_is_retroactive(tmp_path):
    text = REGISTERS["agreements.csv"]
    (change,) = changes(tmp_path, {}, {"agreements_csv": text + "mailer,DPA-0,2024-01-01,2025-01-01,\n"})
    assert change.is_retroactive(TODAY)


def test_ending_a_row_counts_from_the_day_on_which_it_ends(tmp_path):
    text = REGISTERS["agreements.csv"]
    (change,) = changes(tmp_path, {}, {"agreements_csv": text.replace("2025-01-01,,", "2025-01-01,2026-12-01,")})
    assert (change.kind, change.columns, change.valid_from) == ("changed", ("valid_to",), date(2026, 12, 1))
    assert not change.is_retroactive(TODAY)


def test_another_owner_changes_no_figure(tmp_path):
    """Who answers for a promise may change on any day; that is listed among the changes and is no healing of the past."""
    (change,) = changes(tmp_path, {}, {"owners_csv": REGISTERS["owners.csv"].replace("Privacy Operations", "Legal")})
    assert (change.register, change.columns, change.valid_from) == ("owners", ("owner",), None)
    assert not change.is_retroactive(TODAY)


def test_another_display_name_of_a_system_or_recipient_changes_no_figure(tmp_path):
    text = REGISTERS["recipients.csv"]
    head, *rows = text.splitlines()
    named = "\n".join([f"{head},name", *(f"{row},Called so" for row in rows)]) + "\n"
    found = changes(tmp_path, {}, {"recipients_csv": named, "systems_csv": "system,name\ncrm,Customer database\n"})
    assert {(change.register, change.columns, change.is_retroactive(TODAY)) for change in found} == {
        ("recipients", ("name",), False),
        ("systems", ("name",), False),
    }


def test_a_row_taken_away_is_a_change_too(tmp_path):
    (change,) = changes(tmp_path, {}, {"contract_terms_csv": "contract_ref,data_category,max_period\n"})
    assert (change.register, change.key, change.kind, change.line) == ("contract_terms", "CT-1/contact", "removed", 0)


def test_a_register_that_appears_is_all_added(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    found = compare(document(loaded(tmp_path / "old")), load_pack(whole_pack(tmp_path / "new")))
    assert {change.kind for change in found} == {"added"}
    assert {change.register for change in found} == {name.removesuffix(".csv") for name in REGISTERS}
