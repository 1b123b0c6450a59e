"""What `init --from FILE` drafts, and what it asks instead of guessing."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from workbooks import write_xlsx

from promisekept.config.loading import load_settings
from promisekept.errors import ConfigError
from promisekept.project import open_questions, scaffold
from promisekept.project.draft import draft_mapping
from promisekept.sources.landing.dry_run import dry_run


def drafted(folder: Path, *lines: str) -> str:
    """The mapping for a table of these lines."""
    file = folder / "tickets.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return draft_mapping(file, "requests").mapping or ""


HEADER = "Ticket ID,Opened,Closed,State"


@pytest.mark.parametrize("words", [("Granted", "Open"), ("Refused", "Refused"), ("Pending", "")])
def test_a_state_that_says_how_a_case_stands_is_no_place(tmp_path: Path, words: tuple[str, str]):
    """Every row was rejected because `Granted` is no place."""
    mapping = drafted(tmp_path, HEADER, f"1,2026-02-03,2026-02-04,{words[0]}", f"2,2026-02-05,2026-02-06,{words[1]}")
    assert "as jurisdiction" not in mapping
    assert f'What does the status "{words[0]}" mean in law?' in mapping


@pytest.mark.parametrize("words", [("CA", "TX"), ("California", "New York"), ("US-CA", "")])
def test_a_state_that_says_where_a_person_lives_is_one(tmp_path: Path, words: tuple[str, str]):
    mapping = drafted(tmp_path, HEADER, f"1,2026-02-03,2026-02-04,{words[0]}", f"2,2026-02-05,2026-02-06,{words[1]}")
    expected = {"CA": """'US-' || "State" as""", "California": "then 'US-CA'", "US-CA": '"State" as'}[words[0]]
    assert f"{expected} jurisdiction" in mapping or expected in mapping
    assert 'Is "State" jurisdiction?' in mapping


def test_a_country_whose_code_is_a_state_too_stays_a_country(tmp_path: Path):
    """A German file was drafted as one of Delaware."""
    found = drafted(tmp_path, "Ticket ID,Opened,Closed,Country", "1,2026-03-01,2026-03-20,DE")
    assert '"Country" as jurisdiction' in found
    assert "US-" not in found
    assert "'US-' || \"State\" as jurisdiction" in drafted(tmp_path, HEADER + ",Status", "1,2026-03-01,2026-03-20,DE,Granted")


def test_a_state_beside_a_status_stays_a_place(tmp_path: Path):
    mapping = drafted(tmp_path, f"{HEADER},Outcome", "1,2026-02-03,2026-02-04,Open Range,Granted")
    assert '"State" as jurisdiction' in mapping


def test_without_a_column_for_the_outcome_the_draft_says_what_it_takes_a_closed_case_for(tmp_path: Path):
    """There was no question, and a table of denials would have been one of answers."""
    mapping = drafted(tmp_path, "Ticket ID,Opened,Closed", "1,2026-02-03,2026-02-04")
    assert (
        "-- ? Every case that was closed is taken as `fulfilled`. Which column, if any, records that one was denied?" in mapping
    )
    questions = drafted(tmp_path, "Ticket ID,Opened,Closed,Outcome", "1,2026-02-03,2026-02-04,Granted")
    assert "is taken as `fulfilled`" not in questions


FILES: dict[str, tuple[str, list[str], dict[str, int]]] = {
    "consents": (
        "Kundennummer;Zweck;Eingewilligt am;Widerrufen am;Verfahren",
        ["K-1;news;01.02.2026 10:00;;Banner", "K-2;news;03.02.2026 11:30;15.03.2026 09:00;Form"],
        {"given": 2, "withdrawn": 1},
    ),
    "disclosures": (
        "Shared at,Vendor,Legal reason,Purpose,Data categories,Payment,Customer ID",
        ["2026-02-01 10:00,mailer,Provide service,news,contact,none,C-1", "2026-02-02 10:00,court,Required by law,-,id,none,C-2"],
        {"": 1},
    ),
    "retention": (
        "Record ID,Data category,Purpose,System,Created on,Last login,Deleted on,Customer ID",
        ["R-1,invoice,billing,erp,01/31/2026 10:00 AM,,02/28/2026 11:00 PM,C-1", "R-2,mail,news,crm,02/01/2026 09:00 AM,,,C-2"],
        {"created": 2, "deleted": 1},
    ),
    "collections": (
        "Collected at,Customer ID,How collected,Data categories,Purpose,Notice at",
        ["2026-02-01 10:00,C-1,Requested,contact,news,2026-02-01 09:59", "2026-02-02 10:00,C-2,automatic,device,stats,NA"],
        {"": 2},
    ),
    "processing": (
        "Verarbeitet am,Kunde,Zweck,Anwendung,Datenkategorien,Automatisierte Entscheidung,Rechtsgrundlage",
        ["2026-02-01 10:00,C-1,news,crm,contact,false,Consent", "2026-02-02 10:00,C-2,billing,erp,invoice,false,Contract"],
        {"": 2},
    ),
    "incidents": (
        "Numéro d'incident,Type de violation,Pays,Date de la violation,Date de constatation,Notification CNIL,Afectados",
        ["V-1,Disclosure,FR,2026-02-01,2026-02-03,2026-02-04,120", "V-2,destruction,FR,,2026-03-01,,3"],
        {"occurred": 1, "detected": 2, "authority_notified": 1},
    ),
    "policies": (
        "Version,Published on,Effective from,Material",
        ["v1,2026-01-01,2026-02-01,true", "v2,2026-05-01,2026-06-01,false"],
        {"published": 2, "effective": 2},
    ),
    "subject_links": ("Linked at,Email,Device ID", ["2026-02-01 10:00,ann@example.org,D-1"], {"": 1}),
}
"""By log a file as people have them, in one of four languages, and how many events of each type it yields without an answer."""


@pytest.mark.parametrize("log", FILES)
def test_a_file_of_any_log_is_recognised_drafted_and_lands(tmp_path: Path, log: str):
    """All but requests were refused; rows whose values nobody can guess are quarantined, and asked about."""
    header, rows, expected = FILES[log]
    file = tmp_path / "export.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    scaffold(tmp_path / "company", organisation="Example Ltd", country="FR", time_zone="Europe/Paris", draft_from=file)
    settings = load_settings(tmp_path / "company" / "promisekept.yml")
    source = settings.sources[0]
    assert (source.log, source.name) == (log, f"{log}_file")
    assert not list((tmp_path / "company").rglob("export.csv")), "real rows are not copied unless asked"
    trial = dry_run(settings, source, datetime(2026, 7, 1, tzinfo=UTC), events=50)
    assert trial.held_back is None, trial.held_back
    assert Counter(event.get("event_type", "") for event in trial.events) == expected, (trial.refused_rows, trial.events)
    assert len({event["event_id"] for event in trial.events}) == len(trial.events)
    questions = open_questions(settings.base, [source.mapping])
    assert len(questions) >= header.count(",") + header.count(";") + 1 - len(rows)


def test_words_that_resemble_a_code_are_proposed_and_others_asked(tmp_path: Path):
    file = tmp_path / "export.csv"
    rows = [
        "2026-02-01 10:00,C-1,news,crm,contact,false,Legitimate interest",
        "2026-02-01 10:00,C-2,news,crm,contact,false,Magic",
    ]
    file.write_text("\n".join([FILES["processing"][0], *rows]) + "\n", encoding="utf-8")
    mapping = draft_mapping(file).mapping or ""
    assert "when 'Legitimate interest' then 'legitimate_interests'" in mapping
    assert '-- ? Is "Legitimate interest" of legal_basis legitimate_interests?' in mapping
    assert '-- ? What is "Magic" of legal_basis: consent, contract' in mapping


def test_a_file_with_the_columns_of_the_contract_needs_no_mapping(tmp_path: Path):
    file = tmp_path / "events.csv"
    file.write_text("event_id,request_id,event_type,occurred_at,right_type\ne1,r1,received,2026-01-05T09:30:00Z,access\n")
    draft = draft_mapping(file)
    assert (draft.log, draft.mapping) == ("requests", None)


@pytest.mark.parametrize("title", ['Einwilligungen "2026', "Einwilligungen;;;;", "Stand: 1.7.2026\n\nnur intern"])
def test_a_title_above_the_header_of_a_csv_is_passed_over_and_asked_about(tmp_path: Path, title: str):
    file = tmp_path / "export.csv"
    file.write_text("\n".join([title, FILES["consents"][0], *FILES["consents"][1]]) + "\nabgeschnitten\n", encoding="utf-8")
    place = {"organisation": "Example Ltd", "country": "DE", "time_zone": "Europe/Berlin"}
    scaffold(tmp_path / "company", **place, draft_from=file)
    settings = load_settings(tmp_path / "company" / "promisekept.yml")
    row = title.count("\n") + 2
    assert settings.sources[0].reader.header_row == row
    asked = (tmp_path / "company" / "mappings" / "consents.sql").read_text(encoding="utf-8")
    assert f"-- ? Row {row} is taken for the header; what stands above it is not read. Is that so?" in asked
    trial = dry_run(settings, settings.sources[0], datetime(2026, 7, 1, tzinfo=UTC), events=50)
    assert Counter(event["event_type"] for event in trial.events) == FILES["consents"][2], trial
    assert [(one["row_number"], one["reason"]) for one in trial.refused_rows] == [
        (len(FILES["consents"][1]) + 1, "malformed_row")
    ]


def test_a_german_case_kind_and_channel_are_proposed(tmp_path: Path):
    file = tmp_path / "anfragen.csv"
    file.write_text(
        "Vorgang;Eingang;Abschluss;Art;Status;Kanal;E-Mail\n"
        "1;01.03.2026;20.03.2026;Auskunft;Erledigt;Webformular;ann@example.org\n",
        encoding="utf-8",
    )
    drafted = draft_mapping(file, "requests")
    assert '"Vorgang" as request_id' in drafted.mapping, drafted.mapping
    assert "when 'Auskunft' then 'access'" in drafted.mapping
    assert "when 'Webformular' then 'web_form'" in drafted.mapping


def test_a_column_that_names_a_group_is_asked_about_as_a_dimension_of_ones_own(tmp_path: Path):
    """Who a case was assigned to is as short a list, and is a person: only names of groups are looked for."""
    found = drafted(tmp_path, HEADER + ",Fachbereich,Assigned to", "1,2026-03-01,2026-03-20,Granted,Vertrieb,Ann")
    asked = [line for line in found.splitlines() if "counted by" in line]
    assert asked == [
        '-- ? Should figures be counted by "Fachbereich" too? Then select it as `department` and add to promisekept.yml'
        " `dimensions: {requests: {department: {title: Fachbereich}}}`."
    ]
    events = tmp_path / "policies.csv"
    events.write_text("policy_version,department,at\nv1,Legal,2026-03-01\n", encoding="utf-8")
    assert "counted by" not in draft_mapping(events, "policies").mapping


def test_what_was_sold_or_shared_and_to_whom_is_a_right_of_its_own(tmp_path: Path):
    file = tmp_path / "requests.csv"
    words = ("Right to know", "Request to know what personal information is sold or shared and to whom", "Know (sold or shared)")
    rows = "".join(f"{n};2026-03-01;2026-03-20;{word};Granted;{n}@example.org\n" for n, word in enumerate(words))
    file.write_text("Ticket ID;Opened;Closed;Request Type;Outcome;Requester Email\n" + rows, encoding="utf-8")
    drafted = draft_mapping(file, "requests").mapping
    assert "when 'Right to know' then 'access'" in drafted
    assert all(f"when '{word}' then 'know_sold_shared'" in drafted for word in words[1:]), drafted


def test_a_workbook_is_drafted_from_its_sheet_and_the_header_below_its_title(tmp_path: Path):
    """It was decoded as text; a title above the header made one column of the file."""
    header, *rows = (line.split(";") for line in (FILES["consents"][0], *FILES["consents"][1]))
    titled = [["Einwilligungen 2026"], [], header, *rows]
    file = write_xlsx(tmp_path / "export.xlsx", {"Hinweise": [["x"]], "Daten": titled}, merged=["A1:E1"])
    with pytest.raises(ConfigError, match=r"`Hinweise`, `Daten`\. Name with --sheet"):
        draft_mapping(file)
    place = {"organisation": "Example Ltd", "country": "DE", "time_zone": "Europe/Berlin"}
    scaffold(tmp_path / "company", **place, draft_from=file, sheet="Daten")
    settings = load_settings(tmp_path / "company" / "promisekept.yml")
    source = settings.sources[0]
    assert (source.log, source.reader.sheet, source.reader.header_row) == ("consents", "Daten", 3)
    trial = dry_run(settings, source, datetime(2026, 7, 1, tzinfo=UTC), events=50)
    assert Counter(event["event_type"] for event in trial.events) == FILES["consents"][2], trial


WRITTEN = {
    "German, in two forms of dates": (
        "cp1252",
        "Aktenzeichen;Eingangsdatum;Erledigt am;Ergebnis;Art der Anfrage;Kanal;Land;Kunde",
        "A-1;01.02.2026 09:30;14.02.2026;Stattgegeben;Löschung;Brief;Österreich;K-1",
        "A-2;3.2.2026 10:00;-;offen;Auskunft;E-Mail;Deutschland;K-2",
        "A-3;03.02.2026 23:59:59;1.3.26;Abgelehnt;Auskunft;Telefon;DE;K-3",
    ),
    "of the United States": (
        "utf-16",
        "Case ID\tReceived\tCompleted\tDisposition\tType of Request\tSource\tState\tEmail",
        "7\t1/31/2026 9:05:00 AM\t2/10/2026 4:00:00 pm\tGranted in full\tRight to know\tPhone call\tCA\tann@example.org",
        "8\t2/1/2026 12:00:00 PM\tN/A\tPending\tDelete my data\tOnline form\tTX\tbob@example.org",
        "9\t2/1/2026 12:30:00 PM\t2/13/2026 1:00:00 AM\tFull denial\tDo not sell\tLetter\tNY\tcyd@example.org",
    ),
    "French": (
        "utf-8-sig",
        "Numéro de dossier;Reçu le;Clôturé le;Résultat;Type de demande;Canal;Pays;Client",
        "D1;31/01/2026 09:05;10/02/2026 16:00;Accordé;Droit d'accès;Courrier;France;C1",
        "D2;01/02/2026 12:00;;en cours;Effacement;Courriel;Belgique;C2",
        "D3;01/02/2026 12:30;12/02/2026 10:00;Rejeté;Opposition;Formulaire;FR;C3",
    ),
    "Spanish, ISO": (
        "utf-8",
        "Expediente|Fecha de recepción|Fecha de respuesta|Resultado|Tipo de solicitud|Canal|País|Cliente",
        "1|2026-01-31T09:05:00+01:00|2026-02-10|Parcialmente estimado|Derecho de acceso|Correo electrónico|España|C1",
        "2|2026-02-01|NA|abierto|Supresión|Llamada|España|C2",
        "3|2026-02-01 10:00|2026-02-12|Denegado|Oposición|App|ES|C3",
    ),
}
"""As spreadsheets of four countries write a table of requests: its encoding, its header and three rows."""


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_table_of_requests_lands_whole_as_people_write_it(tmp_path: Path, kind: str):
    """Two forms of dates in one file rejected every row of one of them; rights, channels and places were taken as they were."""
    encoding, *lines = WRITTEN[kind]
    file = tmp_path / "export.csv"
    file.write_bytes("\r\n".join([*lines, ""]).encode(encoding))
    scaffold(tmp_path / "company", organisation="Example Ltd", country="FR", time_zone="Europe/Paris", draft_from=file)
    settings = load_settings(tmp_path / "company" / "promisekept.yml")
    trial = dry_run(settings, settings.sources[0], datetime(2026, 7, 1, tzinfo=UTC), events=50)
    assert (trial.held_back, trial.refused_rows) == (None, ()), trial
    events = Counter(event["event_type"] for event in trial.events)
    assert events == {"received": 3, "partially_fulfilled" if "Spanish" in kind else "fulfilled": 1, "denied": 1}


def test_times_of_several_zones_are_asked_about(tmp_path: Path):
    header = "Ticket ID,Opened,Closed,Time zone"
    rows = ["1,2026-02-03 10:00,2026-02-04T10:00Z,Europe/Paris", "2,2026-02-05 10:00,,America/New_York"]
    mapping = drafted(tmp_path, header, *rows)
    assert '"Time zone" names several time zones' in mapping
    assert "Some times have an offset and some have none" in mapping


def test_a_row_per_event_of_a_request_is_drafted_as_events(tmp_path: Path):
    """Every row became a receipt without a date, for want of a column called `received`."""
    mapping = drafted(
        tmp_path, "case_id,activity,timestamp,planned_end,email", "P-1,Registered,2026-01-12 09:10,2026-03-09,ann@example.org",
        "P-1,Decision sent,2026-03-02 16:20,,",
    )  # fmt: skip
    assert "when 'Decision sent' then 'fulfilled' when 'Registered' then 'received'" in mapping
    assert '"planned_end" as declared_due_at' in mapping
    assert "add `regime_code: DECLARED`" in mapping


def test_numbers_lists_and_answers_are_read_as_people_write_them(tmp_path: Path):
    """`1.234` persons were no number, two categories were one, and `ja` was neither true nor false."""
    header, *rows = (
        "Vorfall;Art des Vorfalls;Land;Festgestellt am;Betroffene",
        "V1;Verlust;DE;1.2.2026;1.234",
        "V2;Phishing;DE;1.3.2026;12,0",
    )
    assert _landed(tmp_path / "a", header, *rows)["affected_subjects"] == [1234, 12]
    header, row = FILES["processing"][0], "2026-02-01 10:00,K-1,news,crm,contact | id,ja,Berechtigtes Interesse"
    found = _landed(tmp_path / "b", header, row)
    assert (found["automated_decision"], found["data_categories"]) == ([True], [["contact", "id"]])
    header, row = FILES["disclosures"][0], "2026-02-01 10:00,mailer,Court order,news,contact,None,C-1"
    assert _landed(tmp_path / "c", header, row)["consideration"] == ["none"]


def _landed(folder: Path, *lines: str) -> dict[str, list]:
    """By column the values of the first events of a file."""
    folder.mkdir()
    (folder / "export.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    scaffold(folder / "x", organisation="Example Ltd", country="DE", time_zone="Europe/Berlin", draft_from=folder / "export.csv")
    settings = load_settings(folder / "x" / "promisekept.yml")
    trial = dry_run(settings, settings.sources[0], datetime(2026, 7, 1, tzinfo=UTC), events=9)
    assert (trial.held_back, trial.refused_rows) == (None, ()), trial
    return {name: [event[name] for event in trial.events if name in event] for name in trial.events[0]}


def test_what_a_file_of_requests_lacks_is_asked(tmp_path: Path):
    """It was refused, for one column at a time."""
    mapping = drafted(tmp_path, "Betreff,Ergebnis,Courriel", "a,Granted,ann@example.org")
    assert "-- ? Which column holds the case number? Without it every row is rejected. Columns: Betreff" in mapping
    assert "-- ? Which column holds the date of receipt?" in mapping


@pytest.mark.parametrize(
    ("header", "log", "message"),
    [("Apples,Pears", None, "fit no log"), ("Ticket ID,Opened", "orders", "there is no such log")],
)
def test_a_file_that_fits_no_log_is_named_with_what_it_has(tmp_path: Path, header: str, log: str | None, message: str):
    file = tmp_path / "export.csv"
    file.write_text(f"{header}\n1,2\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        draft_mapping(file, log)


def test_a_copy_is_made_where_it_is_asked_for(tmp_path: Path):
    file = tmp_path / "tickets.csv"
    file.write_text("Ticket ID,Opened\n1,2026-02-03\n", encoding="utf-8")
    project = tmp_path / "company"
    scaffold(project, organisation="Example Ltd", country="US", time_zone="UTC", draft_from=file, copy=True)
    assert (project / "inbox" / "requests" / "tickets.csv").read_bytes() == file.read_bytes()
