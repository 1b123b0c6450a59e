"""The shipped register of places: complete for every place that the law file covers, and true on each day."""

from __future__ import annotations

from datetime import date

import pytest
from policy.packs import loaded

from promisekept.policy import check_coverage, load_pack
from promisekept.policy.loading import SHIPPED


def under(country, codes):
    return [f"{country}-{code}" for code in codes.split(" ")]


STATES = under(
    "US", "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA"
)
MORE_STATES = under("US", "RI SC SD TN TX UT VT VA WA WV WI WY DC PR GU VI AS MP")
PROVINCES = under("CA", "AB BC MB NB NL NS NT NU ON PE QC SK YT")
LAENDER = under("DE", "BW BY BE BB HB HH HE MV NI NW RP SL SN ST SH TH")
CANTONS = under("CH", "AG AI AR BE BL BS FR GE GL GR JU LU NE NW OW SG SH SO SZ TG TI UR VD VS ZG ZH")
NATIONS = under("GB", "ENG WLS SCT NIR")
AUSTRALIA = under("AU", "ACT NSW NT QLD SA TAS VIC WA")
EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
COUNTRIES = f"{EU} IS LI NO GB CH US CA BR AU SG JP KR IN ZA".split(" ")
EXPECTED = [*COUNTRIES, *STATES, *MORE_STATES, *PROVINCES, *LAENDER, *CANTONS, *NATIONS, *AUSTRALIA]


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    return loaded(tmp_path_factory.mktemp("pack"))


def law_of(pack, place, day):
    found = [
        row
        for row in pack.rows("jurisdictions")
        if row["jurisdiction"] == place and (row["valid_from"] or date.min) <= day < (row["valid_to"] or date.max)
    ]
    assert len(found) == 1, (place, day)
    return found[0]["regime_code"]


def test_every_place_that_the_law_covers_is_there(pack):
    assert set(EXPECTED) <= pack.registers["jurisdictions"].codes("jurisdiction")


def test_every_place_has_a_law_and_a_calendar_on_every_day(pack):
    for place in EXPECTED:
        for day in (date(2019, 6, 1), date(2025, 6, 1), date(2026, 11, 24), date(2030, 1, 1)):
            assert law_of(pack, place, day) is not None, place
    assert all(row["calendar"] for row in pack.rows("jurisdictions") if row["jurisdiction"] != "*")


def test_every_law_of_a_place_is_some_places_law(pack):
    chosen_by_hand = {"UK_DPA2018_P3", "AU_APP_AGENCY", "BR_LGPD_SMALL", "US_FOIA", "ZA_PAIA", "ZA_PAIA_PUBLIC"}
    named = pack.registers["jurisdictions"].codes("regime_code")
    assert pack.registers["regimes"].codes("regime_code") - named == chosen_by_hand


@pytest.mark.parametrize(
    ("place", "day", "regime"),
    [
        ("IE", "2026-01-01", "EU_GDPR"),
        ("NO", "2026-01-01", "EU_GDPR"),
        ("GB-SCT", "2020-12-31", "EU_GDPR"),
        ("GB-SCT", "2021-01-01", "UK_GDPR"),
        ("US-CA", "2026-01-01", "US_CA_CCPA"),
        ("US-KY", "2025-12-31", "DECLARED"),
        ("US-KY", "2026-01-01", "US_KY_KCDPA"),
        ("US-NY", "2026-01-01", "DECLARED"),
        ("CA-ON", "2026-01-01", "CA_PIPEDA"),
        ("CA-QC", "2026-01-01", "CA_QC_L25"),
        ("IN", "2026-01-01", "DECLARED"),
        ("IN", "2027-05-14", "IN_DPDP"),
    ],
)
def test_the_law_of_a_place_on_a_day(pack, place, day, regime):
    assert law_of(pack, place, date.fromisoformat(day)) == regime


def test_a_place_that_is_not_listed_finds_no_rule_until_somebody_decides(pack):
    assert law_of(pack, "*", date(2026, 1, 1)) is None


def test_a_law_begins_at_its_place_on_the_day_of_its_first_rule(pack):
    first = {}
    for rule in pack.rows("regimes"):
        first[rule["regime_code"]] = min(rule["valid_from"], first.get(rule["regime_code"], date.max))
    for row in pack.rows("jurisdictions"):
        if row["valid_from"] is not None and row["regime_code"] != "DECLARED":
            assert row["valid_from"] == first[row["regime_code"]], row["jurisdiction"]


def test_the_establishment_is_the_organisations_own_until_it_says_otherwise(pack):
    assert {row["time_zone"] for row in pack.rows("jurisdictions")} == {None}


def test_the_shipped_law_fits_together(tmp_path):
    for name in ("regimes", "calendars", "jurisdictions"):
        (tmp_path / f"{name}.csv").write_bytes((SHIPPED / f"{name}.csv").read_bytes())
    copied = loaded(tmp_path)
    assert not copied.registers["regimes"].shipped
    assert check_coverage(copied, {"deadline_adherence"}) == []
    (tmp_path / "other").mkdir()
    assert load_pack(tmp_path).sha256 == loaded(tmp_path / "other").sha256, "a copy of the shipped law is the shipped law"
