"""TC and GPP strings against examples published with their specifications and by those who implement them."""

from dataclasses import asdict

import pytest

from promisekept.sources.extract.consent_strings import ConsentSignal, read_gpp, read_tcf

# The example of the TCF specification: a core with vendors in a range section, and the vendors that were disclosed.
CORE = "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA"
DISCLOSED = (
    "IFoEUQQgAIQwgIwQABAEAAAAOIAACAIAAAAQAIAgEAACEAAAAAgAQBAAAAAAAGBAAgAAAAAAAFAAECAAAgAAQARAEQAAAAAJAAIAAgAAAYQEAAAQmAgBC3ZAYzUw"
)
TCF_OF_GPP = "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"


def signal(text: str) -> dict[str, object]:
    return {name: value for name, value in asdict(read_gpp(text)).items() if value is not None}


@pytest.mark.parametrize("text", [CORE, f"{CORE}.{DISCLOSED}", f" {CORE}\n"])
def test_the_example_of_the_tcf_specification(text):
    assert read_tcf(text) == ConsentSignal(
        created_at="2020-02-20T23:57:39.300+00:00",
        updated_at="2020-02-20T23:57:39.300+00:00",
        language="EN",
        vendor_list_version="15",
        policy_version="2",
        country="AA",
        purposes=["1", "2", "3"],
        purposes_legitimate=[],
        special_features=[],
        vendors=["2", "6", "8"],
        vendors_legitimate=["2", "6", "8"],
    )


def test_vendors_as_bits_and_purposes_on_the_ground_of_legitimate_interest():
    found = read_tcf("COw4XqLOw4XqLAAAAAENAXCf-v-gAAAfwIAAACngAI8AEFABgACAA4A.IAPPwAPrwA.QAPPwAPrwA.cAEAPAAAC7gAHw4AAA")
    assert found.problem is None
    assert (found.created_at, found.vendor_list_version) == ("2020-03-26T18:21:27.500+00:00", "23")
    assert found.purposes == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "11"]


def test_the_examples_of_the_gpp_specification():
    one = signal(f"DBABMA~{TCF_OF_GPP}")
    assert (one["sections"], one["purposes"], one["country"]) == (["tcfeuv2"], [], "DE")
    two = signal(f"DBACNYA~{TCF_OF_GPP}~1YNN")
    assert (two["sections"], two["offered"], two["opt_outs"]) == (["tcfeuv2", "uspv1"], ["sale"], [])


@pytest.mark.parametrize(
    ("text", "sections", "opt_outs", "gpc"),
    [
        ("DBABBg~BUUAAACA.YA", ["usca"], ["sale", "sharing"], "true"),
        ("DBABBg~BUoAAAJA.QA", ["usca"], [], "false"),
        ("DBABLA~BVQqAAAAAgA.QA", ["usnat"], [], "false"),
        ("DBABLA~BVVqAAEABCA.YA", ["usnat"], [], "true"),
        ("DBABRg~BVoYYYI", ["usva"], [], None),
    ],
)
def test_us_sections_as_consent_managers_write_them(text, sections, opt_outs, gpc):
    found = signal(text)
    assert (found["sections"], found["opt_outs"], found.get("gpc")) == (sections, opt_outs, gpc)


def test_us_privacy_strings_say_what_was_opted_out_of():
    assert signal("DBABTA~1YYN")["opt_outs"] == ["sale"]
    assert signal("DBABTA~1---")["opt_outs"] == []
    assert "problem" in signal("DBABTA~2YYN")


def test_a_header_may_list_its_sections_as_a_range():
    found = signal(f"DBABrG~BVQqAAAAAgA~BUUAAACA{'~BAAAAAA' * 4}")
    assert found["sections"] == ["usnat", "usca", "usva", "usco", "usut", "usct"]
    assert (found["offered"], found["opt_outs"]) == (["sale", "sharing", "targeted_advertising"], ["sale", "sharing"])


def test_a_section_that_is_not_known_is_named_and_never_guessed():
    found = signal(f"DBABjw~{TCF_OF_GPP}~1YNN")
    assert (found["unread"], found["sections"]) == (["5"], ["5", "uspv1"])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "ends too early"),
        (CORE[:30], "ends too early"),
        (f"{CORE[:20]}!{CORE[21:]}", "not of the web-safe base 64"),
        ("BOvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA", "TCF version 1"),
        ("jane@example.org", "not of the web-safe base 64"),
    ],
)
def test_what_can_not_be_read_says_why_and_nothing_else(text, why):
    found = read_tcf(text)
    assert why in (found.problem or "")
    assert found == ConsentSignal(problem=found.problem)
    assert "jane" not in (found.problem or "")


@pytest.mark.parametrize("text", ["DBABMA", "CPXxRfA", f"DBACNYA~{TCF_OF_GPP}", "DB__" + "_" * 40, "DBABAAAAAA~x", "DBABBg~B_"])
def test_a_broken_gpp_string_is_a_problem_too(text):
    assert set(signal(text)) == {"problem"}


MAPPING = """
select _row, device || ':' || purpose.number as event_id, tc_updated_at as occurred_at, device as subject_ref,
       'purpose_' || purpose.number as purpose_code, 'banner' as mechanism,
       case when tc_problem is not null then 'unreadable: ' || tc_problem
            when list_contains(tc_purposes, purpose.number) then 'given' else 'refused' end as event_type
from source, (values ('1'), ('4')) as purpose (number)
"""
SHAPE = {"log": "consents", "decode": [{"column": "tc", "as": "tcf"}], "defaults": {"subject_ref_type": "device_id"}}


def test_a_mapping_finds_lists_where_the_source_has_one_string(project):
    project.mapping(MAPPING, **SHAPE)
    project.file("a.csv", [{"device": "d1", "tc": CORE}, {"device": "d2", "tc": CORE}, {"device": "d3", "tc": ""}])
    landed = project.land_one()
    assert landed.counts["landed"] == 4
    landed_rows = project.query(
        "select distinct purpose_code, event_type, occurred_at::date::text from landing.consents order by all"
    )
    assert landed_rows == [("purpose_1", "given", "2020-02-20"), ("purpose_4", "refused", "2020-02-20")]


def test_a_string_that_can_not_be_read_is_quarantined_with_the_reason(project):
    project.mapping(MAPPING.replace("tc_updated_at", "coalesce(tc_updated_at, '2026-01-01T00:00:00Z')"), **SHAPE)
    project.file("a.csv", [{"device": "d1", "tc": CORE[:30]}])
    project.land()
    assert {row[1:] for row in project.rejects()} == {("unknown_code", "event_type", "unreadable: it ends too early")}


def test_a_file_without_the_column_is_held_back(project):
    project.mapping(MAPPING, **SHAPE).file("a.csv", [{"device": "d1", "string": CORE}])
    assert project.land_one().held_back == "decode_column"
