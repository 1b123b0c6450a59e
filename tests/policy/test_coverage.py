"""Every promise leads to a figure, every code is known, every rule is clear; or the check reports where not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from policy.packs import METRICS, REGISTERS, RULE, RULE_HEADER, SOUND, problems, whole_pack, write_pack

from orchestration.pipeline import read_pack
from promisekept.errors import PackError
from promisekept.policy import check_coverage, load_pack, require_coverage

CALENDAR_HEADER = "calendar,name,country,subdiv,categories,observed,extra_days,removed_days,time_zone\n"
PLACE_HEADER = "jurisdiction,regime_code,calendar,time_zone,valid_from,valid_to\n"


def test_a_sound_pack_has_no_problem(tmp_path):
    assert problems(whole_pack(tmp_path)) == []


def test_a_clause_without_a_control_is_found(tmp_path):
    folder = write_pack(tmp_path, clauses_csv=SOUND["clauses.csv"] + "RIG-9,Rights,By post too,policy,measured,\n")
    assert problems(folder) == ["clauses.csv:3: clause `RIG-9` has no control\n  Add a row with this clause_id to controls.csv."]


def test_a_control_without_a_metric_is_found_unless_people_assess_it(tmp_path):
    folder = write_pack(
        tmp_path,
        clauses_csv=SOUND["clauses.csv"] + "SEC-1,Protection,Guarded,policy,manual,\nRIG-9,Rights,By post,policy,partly,\n",
        controls_csv=SOUND["controls.csv"] + "CTL-SEC,SEC-1,\nCTL-POST,RIG-9,requests\n",
    )
    assert problems(folder) == [
        "controls.csv:4: control `CTL-POST` has no metric, and its clause is not assessed manually\n"
        "  Add a row to control_metrics.csv, or set assessed_by to manual in clauses.csv."
    ]


def test_a_metric_that_the_catalogue_does_not_know_is_found(tmp_path):
    folder = write_pack(
        tmp_path, control_metrics_csv=SOUND["control_metrics.csv"].replace("deadline_adherence", "deadline_adherance")
    )
    assert problems(folder) == [
        "control_metrics.csv:2: metric_code: no metric is named `deadline_adherance`\n  Did you mean `deadline_adherence`?"
    ]


def test_a_metric_is_sliced_only_by_a_dimension_that_it_has(tmp_path):
    text = SOUND["control_metrics.csv"].replace("all,all", "feature,call_recording")
    pack = load_pack(write_pack(tmp_path, control_metrics_csv=text))
    (problem,) = check_coverage(pack, {"deadline_adherence": ("all", "right_type")})
    assert str(problem) == (
        "control_metrics.csv:2: dimension: `deadline_adherence` is not counted by `feature`\n  It has: all, right_type"
    )
    assert check_coverage(pack, {"deadline_adherence"}) == []


@pytest.mark.parametrize(("place", "found"), [("IE", 0), ("DE-BE", 0), ("US-CA", 0), ("Ireland", 1), ("*", 1)])
def test_a_figure_of_a_place_is_asked_for_by_the_code_of_a_place(tmp_path, place, found):
    text = SOUND["control_metrics.csv"].replace("all,all", f"jurisdiction,{place}")
    assert (
        problems(write_pack(tmp_path, control_metrics_csv=text))
        == [
            f"control_metrics.csv:2: dimension_value: `{place}` is no value of the dimension `jurisdiction`\n"
            "  Write a place as the log does (IE, US-CA), and give it a row in jurisdictions.csv."
        ]
        * found
    )


def test_the_product_rejects_a_slice_that_a_metric_does_not_have(tmp_path):
    """Not only where somebody asks: a run, too, reads what the metrics are counted by."""
    text = SOUND["control_metrics.csv"].replace("all,all", "incident_type,disclosure")
    settings = SimpleNamespace(pack=write_pack(tmp_path, control_metrics_csv=text), organisation=None)
    with pytest.raises(PackError) as caught:
        read_pack(settings)
    assert "control_metrics.csv:2: dimension: `deadline_adherence` is not counted by `incident_type`" in str(caught.value)


def test_a_pack_without_promises_is_no_pack(tmp_path):
    (tmp_path / "pack.yml").write_text(SOUND["pack.yml"])
    assert [text.split(":")[0] for text in problems(tmp_path)] == ["clauses.csv", "control_metrics.csv", "controls.csv"]


CHANGED = SOUND | REGISTERS | {"jurisdictions.csv": PLACE_HEADER, "regimes.csv": RULE_HEADER + RULE}


@pytest.mark.parametrize(
    ("register", "old", "new", "expected"),
    [
        ("controls", "", "CTL-X,RIG-7,\n", "3: clause_id: `RIG-7` is not in clauses.csv\n  Did you mean `RIG-8`?"),
        ("control_metrics", "", "CTL-NONE,sale_count,all,all,=,0\n", "3: control_id: `CTL-NONE` is not in controls.csv"),
        ("attestations", "CTL-DEADLINE", "CTL-SEC", "2: control_id: `CTL-SEC` is not in controls.csv"),
        ("exceptions", "CTL-DEADLINE", "CTL-NONE", "2: control_id: `CTL-NONE` is not in controls.csv"),
        (
            "exceptions",
            "",
            "EX-2,CTL-DEADLINE,by post,Again,DPO,2026-05-31,2026-07-01\n",
            "3: control_id `CTL-DEADLINE`, scope `by post` is already given in line 2, for days that overlap",
        ),
        (
            "exceptions",
            "",
            "EX-1,CTL-DEADLINE,by fax,Again,DPO,2027-05-31,2027-07-01\n",
            "3: exception_id `EX-1` is already given in line 2",
        ),
        (
            "owners",
            "CTL-DEADLINE",
            "CTL-DEADLINES",
            "2: control_id: `CTL-DEADLINES` is not in controls.csv\n  Did you mean `CTL-DEADLINE`?",
        ),
        ("owners", "", "CTL-DEADLINE,Legal,\n", "3: control_id `CTL-DEADLINE` is already given in line 2, for days that overlap"),
        ("purposes", ",crm", ",crm;erp", "2: systems: `erp` is not in systems.csv"),
        ("recipients", ",news,", ",news;ads,", "2: allowed_purposes: `ads` is not in purposes.csv"),
        ("recipients", ",contact\n", ",voice\n", "2: allowed_categories: `voice` is not in data_categories.csv"),
        ("agreements", "mailer", "mailr", "2: recipient_id: `mailr` is not in recipients.csv"),
        ("retention_schedule", "contact", "voice", "2: data_category: `voice` is not in data_categories.csv"),
        ("retention_schedule", "news", "ads", "2: purpose_code: `ads` is not in purposes.csv"),
        ("contract_terms", "contact", "voice", "2: data_category: `voice` is not in data_categories.csv"),
        ("jurisdictions", "", "IE,EU_GDPS,IE,,,\n", "2: regime_code: `EU_GDPS` is not in regimes.csv\n  Did you mean `EU_GDPR`?"),
        ("jurisdictions", "", "IE,EU_GDPR,EIRE,,,\n", "2: calendar: `EIRE` is not in calendars.csv"),
        ("regimes", "NONE", "MOON", "2: calendar: `MOON` is not in calendars.csv"),
        (
            "control_metrics",
            "all,all",
            "right_type,acces",
            "2: dimension_value: `acces` is no value of the dimension `right_type`\n  Did you mean `access`?",
        ),
        (
            "control_metrics",
            "all,all",
            "regime_code,GDPR",
            "2: dimension_value: `GDPR` is no value of the dimension `regime_code`",
        ),
        ("retention_schedule", "P6M", "P3Y", "2: min_period P3Y is longer than max_period P2Y"),
    ],
)
def test_a_dangling_code_is_found_with_file_line_and_value(tmp_path, register, old, new, expected):
    """In a register of which a text is another one, or that has one line more."""
    text = CHANGED[f"{register}.csv"]
    found = problems(whole_pack(tmp_path, **{f"{register}_csv": text.replace(old, new) if old else text + new}))
    assert any(problem.startswith(f"{register}.csv:{expected}") for problem in found), found


def test_a_period_that_awaits_no_event_has_no_longest_wait(tmp_path):
    text = (
        REGISTERS["retention_schedule.csv"].replace("citation\n", "citation,max_wait\n").replace("created,,\n", "created,,,P5Y\n")
    )
    assert problems(whole_pack(tmp_path, retention_schedule_csv=text)) == [
        "retention_schedule.csv:2: max_wait P5Y: a period that runs from `created` awaits no event\n"
        "  Empty the cell, or let the period run from `trigger`."
    ]


def test_a_code_is_not_checked_against_a_register_that_is_absent(tmp_path):
    folder = write_pack(tmp_path, agreements_csv=REGISTERS["agreements.csv"], purposes_csv=REGISTERS["purposes.csv"])
    assert problems(folder) == []


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (RULE.replace("2,month", "45,day"), "the extension counts in `day`, the period in `month`"),
        (RULE.replace("1,month,", "1,,"), "response_n and response_unit come together or not at all"),
        (RULE.replace("within_initial_period", "not_permitted"), "an extension that is not permitted has a length"),
        (RULE.replace(",2,month,", ",,,"), "an extension that is permitted has no length"),
        (RULE.replace("within_initial_period", "within_days"), "extension_notice_n belongs to within_days"),
        (RULE.replace("none,NONE", "weekend_or_holiday,"), "it looks at holidays and names no calendar"),
    ],
)
def test_a_rule_that_can_be_read_in_two_ways_is_rejected(tmp_path, rule, expected):
    found = problems(write_pack(tmp_path, regimes_csv=RULE_HEADER + rule))
    assert any(text.startswith(f"regimes.csv:2: rule `x.access.1`: {expected}") for text in found), found
    assert all(text.startswith("regimes.csv:2: ") for text in found)


NOTIFICATION_HEADER = "jurisdiction,whom,period_n,period_unit,calendar,more_than,valid_from,valid_to,citation\n"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("IE,authority,0,hour,,,,,", "2: period_n: 0 is no period in `hour`\n  Write a number from 1 to 87600."),
        ("IE,authority,3651,day,,,,,", "2: period_n: 3651 is no period in `day`\n  Write a number from 1 to 3650."),
        ("IE,authority,30,day,IE,,,,", "2: calendar: a period in `day` looks at no holidays\n  Empty the cell, or"),
        ("BR,authority,3,business_day,BRA,,,,", "2: calendar: `BRA` is not in calendars.csv"),
        ("GB,authority,72,hour,,,,,", "2: the authority of `GB` has its hours in pack.yml already\n  Remove the place"),
        (
            "US-WA,persons,45,day,,,,2020-03-02,\nUS-WA,persons,30,day,,,2020-03-01,,",
            "3: jurisdiction `US-WA`, whom `persons` is already given in line 2, for days that overlap",
        ),
    ],
)
def test_a_period_of_notification_that_cannot_be_meant_is_rejected(tmp_path, row, expected):
    manifest = SOUND["pack.yml"] + "incident_hours: {GB: 72}\n"
    found = problems(write_pack(tmp_path, pack_yml=manifest, notification_rules_csv=f"{NOTIFICATION_HEADER}{row}\n"))
    assert len(found) == 1
    assert f"notification_rules.csv:{expected}" in found[0]


@pytest.mark.parametrize("row", ["US-CA,persons,30,day,subjects_notified", "US-CA,authority,15,business_day,subjects_notified"])
def test_only_hours_or_days_of_an_authority_run_from_the_notification_of_the_persons(tmp_path, row):
    header = "jurisdiction,whom,period_n,period_unit,runs_from\n"
    (problem,) = problems(write_pack(tmp_path, notification_rules_csv=f"{header}{row}\n"))
    assert problem.startswith("notification_rules.csv:2: runs_from: only a period of the authority in hours or days runs from")
    sound = row.replace("persons,", "authority,").replace("business_day", "day")
    assert problems(write_pack(tmp_path, notification_rules_csv=f"{header}{sound}\n")) == []


def test_an_authority_may_have_to_be_notified_no_later_than_the_persons(tmp_path):
    rows = "US-CT,authority,0,day,subjects_notified\nUS-MD,authority,0,hour,subjects_notified\n"
    rules = f"jurisdiction,whom,period_n,period_unit,runs_from\n{rows}"
    assert problems(write_pack(tmp_path, notification_rules_csv=rules)) == []


def test_a_period_of_notification_may_change_on_a_day(tmp_path):
    rows = "US-WA,persons,45,day,,,,2020-03-01,\nUS-WA,persons,30,day,,,2020-03-01,,\nUS-WA,authority,30,day,,500,,,\n"
    assert problems(write_pack(tmp_path, notification_rules_csv=NOTIFICATION_HEADER + rows)) == []


def test_two_rules_of_one_right_may_not_hold_on_one_day(tmp_path):
    later = RULE.replace("x.access.1", "x.access.2").replace("2020-01-01", "2026-01-01")
    assert problems(write_pack(tmp_path, regimes_csv=RULE_HEADER + RULE + later)) == [
        "regimes.csv:3: regime_code `X`, right_type `access` is already given in line 2, for days that overlap\n"
        "  Remove one, or let the earlier end (valid_to) on the day on which the later begins."
    ]
    ended = RULE.replace("2020-01-01,,", "2020-01-01,2026-01-01,")
    assert problems(write_pack(tmp_path, regimes_csv=RULE_HEADER + ended + later)) == []


def test_a_rule_id_is_given_once(tmp_path):
    later = RULE.replace("2020-01-01,", "2026-01-01,")
    ended = RULE.replace("2020-01-01,,", "2020-01-01,2026-01-01,")
    found = problems(write_pack(tmp_path, regimes_csv=RULE_HEADER + ended + later))
    assert [text.split(" is already")[0] for text in found] == ["regimes.csv:3: rule_id `x.access.1`"]


@pytest.mark.parametrize("register", ["systems", "purposes", "data_categories", "recipients", "contract_terms", "agreements"])
def test_a_code_given_twice_is_found(tmp_path, register):
    text = REGISTERS[f"{register}.csv"]
    found = problems(whole_pack(tmp_path, **{f"{register}_csv": text + text.splitlines()[1] + "\n"}))
    assert [message.split(" ")[0] for message in found] == [f"{register}.csv:3:"]
    assert "is already given in line 2" in found[0]


def test_a_place_may_change_its_law_on_a_day(tmp_path):
    rows = "IN,DECLARED,IN,,,2027-05-14\nIN,IN_DPDP,IN,,2027-05-14,\n"
    assert problems(write_pack(tmp_path, jurisdictions_csv=PLACE_HEADER + rows)) == []


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("X,x,XX,,public,yes,,,", "country: `XX` is not known to the library of holidays"),
        ("X,x,DE,ZZ,public,yes,,,", "the library of holidays refuses this row"),
        ("X,x,DE,,nonsense,yes,,,", "the library of holidays refuses this row"),
        ("X,x,,,public,yes,02-30,,", "`02-30` is no day that a calendar understands"),
        ("X,x,,,public,yes,nth:13:mon:1,,", "`nth:13:mon:1` is no day that a calendar understands"),
        ("X,x,,,public,yes,nth:09:fry:4,,", "`nth:09:fry:4` is no day that a calendar understands"),
        ("X,x,,,public,yes,,whitsun,", "`whitsun` is no day that a calendar understands"),
    ],
)
def test_a_calendar_that_cannot_be_built_is_found(tmp_path, row, expected):
    folder = write_pack(
        tmp_path, calendars_csv=f"{CALENDAR_HEADER}NONE,none,,,public,yes,,,\n{row}\n", regimes_csv=RULE_HEADER + RULE
    )
    found = problems(folder)
    assert len(found) == 1, found
    assert found[0].startswith("calendars.csv:3: calendar `X`: ")
    assert expected in found[0]


def test_the_products_own_places_may_name_a_law_that_a_packs_own_file_leaves_out(tmp_path):
    assert problems(write_pack(tmp_path, regimes_csv=RULE_HEADER + RULE)) == []


def test_all_problems_are_reported_at_once(tmp_path):
    folder = whole_pack(
        tmp_path,
        agreements_csv=REGISTERS["agreements.csv"].replace("mailer", "nobody"),
        contract_terms_csv=REGISTERS["contract_terms.csv"].replace("contact", "voice"),
    )
    with pytest.raises(PackError) as caught:
        require_coverage(load_pack(folder), METRICS)
    assert [line.split(":")[0] for line in str(caught.value).splitlines() if not line.startswith(" ")] == [
        "agreements.csv",
        "contract_terms.csv",
    ]
