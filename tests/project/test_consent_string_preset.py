"""Consent strings as a source of consents."""

CORE = "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA"


def test_consent_strings_become_an_answer_per_purpose(created):
    project = created("consent-strings")
    row = {
        "record_id": "1",
        "device": "d1",
        "recorded_at": "2026-03-01T10:00:00Z",
        "jurisdiction": "IE",
        "notice_id": "n1",
        "policy_version": "v1",
    }
    project.file("tcf", "1.csv", [row | {"tc_string": CORE}, row | {"record_id": "2", "tc_string": CORE[:20]}])
    project.file(
        "gpp",
        "1.csv",
        [
            row | {"gpp_string": "DBABBg~BUUAAACA.YA"},
            row | {"record_id": "2", "gpp_string": "DBABBg~BUoAAAJA.QA"},
            row | {"record_id": "3", "gpp_string": "DBABjw~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN"},
            row | {"record_id": "4", "gpp_string": "nonsense"},
        ],
    )
    project.land()
    tcf = project.query("select purpose_code, event_type from landing.consents where source = 'tcf_strings'")
    assert {purpose for purpose, event in tcf if event == "given"} == {"tcf_1", "tcf_2", "tcf_3"}
    assert {purpose for purpose, event in tcf if event == "refused"} == {f"tcf_{number}" for number in range(4, 12)}
    gpp = project.query("select event_id, event_type, mechanism from landing.consents where source = 'gpp_strings' order by 1")
    assert gpp == [
        ("gpp:1:sale", "refused", "gpc"),
        ("gpp:1:sharing", "refused", "gpc"),
        ("gpp:2:sale", "shown", "banner"),
        ("gpp:2:sharing", "shown", "banner"),
        ("gpp:3:sale", "shown", "banner"),
    ]
    why = project.quarantine("select distinct value from landing.quarantine order by 1")
    assert why == [("section 5",), ("unreadable: it does not begin with a GPP header",), ("unreadable: it ends too early",)]
