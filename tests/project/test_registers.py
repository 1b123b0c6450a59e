"""Registers from vendor lists, tables and records of processing: dated rows, and what each version changed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner
from workbooks import write_ods, write_xlsx

from promisekept.cli.app import app
from promisekept.config.settings import Organisation
from promisekept.errors import ConfigError, PackError
from promisekept.policy import load_pack
from promisekept.project import scaffold

PURPOSES = {"1": {"id": 1, "name": "Store information"}, "2": {"id": 2, "name": "Select ads"}}


def vendor(number: int, **cells) -> dict:
    return {"id": number, "name": f"Vendor {number}", "purposes": [1], "legIntPurposes": [], **cells}


def vendor_list(folder: Path, number: int, updated: str, *vendors: dict) -> Path:
    file = folder / f"v{number}.json"
    content = {
        "vendorListVersion": number, "lastUpdated": f"{updated}T16:00:00Z", "purposes": PURPOSES,
        "vendors": {str(one["id"]): one for one in vendors},
    }  # fmt: skip
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


@pytest.fixture
def project(tmp_path):
    scaffold(tmp_path / "x", organisation="Example Ltd", country="IE", time_zone="Europe/Dublin")
    return tmp_path / "x"


def imported(project: Path, *arguments: str | Path) -> dict:
    words = ["registers", "import", *map(str, arguments), "--config", str(project), "--format", "json"]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def rows(project: Path, register: str) -> list[dict[str, str]]:
    with (project / "pack" / f"{register}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_versions_of_a_vendor_list_become_dated_recipients_with_their_differences(project, tmp_path):
    """In any order; a purpose that became a legitimate interest, a vendor that left, one that is new, one deleted on a day."""
    first = vendor_list(tmp_path, 14, "2026-01-08", vendor(2), vendor(6), vendor(8, legIntPurposes=[2]))
    second = vendor_list(
        tmp_path, 15, "2026-02-05", vendor(2, purposes=[], legIntPurposes=[1]),
        vendor(8, legIntPurposes=[2], deletedDate="2026-01-20T00:00:00Z"), vendor(9),
    )  # fmt: skip
    found = imported(project, second, first)
    changes = [(one["on"], one["code"], one["kind"]) for one in found["differences"] if one["register"] == "recipients"]
    assert sorted(changes) == [
        ("2026-01-08", "gvl_2", "added"), ("2026-01-08", "gvl_6", "added"), ("2026-01-08", "gvl_8", "added"),
        ("2026-01-20", "gvl_8", "ended"), ("2026-02-05", "gvl_2", "changed"), ("2026-02-05", "gvl_6", "ended"),
        ("2026-02-05", "gvl_9", "added"),
    ]  # fmt: skip
    days = {(row["recipient_id"], row["valid_from"], row["valid_to"]) for row in rows(project, "recipients")}
    assert days == {
        ("gvl_2", "2026-01-08", "2026-02-05"), ("gvl_2", "2026-02-05", ""), ("gvl_6", "2026-01-08", "2026-02-05"),
        ("gvl_8", "2026-01-08", "2026-01-20"), ("gvl_9", "2026-02-05", ""),
    }  # fmt: skip
    latest = next(row for row in rows(project, "recipients") if row["recipient_id"] == "gvl_2" and not row["valid_to"])
    assert (latest["allowed_purposes"], latest["purposes_without_consent"]) == ("tcf_1", "tcf_1")
    pack = load_pack(project / "pack", Organisation(name="Example Ltd", country="IE", time_zone="Europe/Dublin"))
    assert len(pack.rows("recipients")) == 5
    assert imported(project, second)["differences"] == [], "a version again changes nothing"
    with pytest.raises(PackError, match="begins on 2026-02-05, and vendor list 14"):
        imported(project, first)


def test_what_a_person_corrected_stays_in_the_next_version_and_other_recipients_do_not_end(project, tmp_path):
    imported(project, vendor_list(tmp_path, 14, "2026-01-08", vendor(2)))
    file = project / "pack" / "recipients.csv"
    text = file.read_text(encoding="utf-8").replace("consented_party", "service_provider")
    file.write_text(text + "mailer,Mailer,service_provider,,,,,,\n", encoding="utf-8")
    imported(project, vendor_list(tmp_path, 15, "2026-02-05", vendor(2, purposes=[2])))
    kept = {(row["recipient_id"], row["recipient_kind"], row["valid_to"]) for row in rows(project, "recipients")}
    assert kept == {
        ("gvl_2", "service_provider", "2026-02-05"), ("gvl_2", "service_provider", ""), ("mailer", "service_provider", ""),
    }  # fmt: skip


def test_a_table_is_a_whole_register_and_what_it_lacks_ends(project, tmp_path):
    header = ["Recipient ID", "Name", "Recipient kind", "Country", "Remark"]
    first = write_xlsx(
        tmp_path / "a.xlsx", {"S": [header, ["a", "A", "service_provider", "IE", "x"], ["b", "B", "service_provider", "US", ""]]}
    )
    found = imported(project, first, "--register", "recipients", "--on", "2026-01-01")
    assert found["questions"] == ["These columns are no columns of recipients.csv and were left out: Remark"]
    second = write_ods(tmp_path / "b.ods", {"S": [header, ["a", "A", "service_provider", "FR", ""]]})
    dry = imported(project, second, "--register", "recipients", "--on", "2026-06-01", "--dry-run")
    assert dry["written"] == []
    assert len(rows(project, "recipients")) == 2
    found = imported(project, second, "--register", "recipients", "--on", "2026-06-01")
    assert found["differences"] == dry["differences"]
    changed, ended = found["differences"]
    assert (changed["code"], changed["columns"]) == ("a", {"country": {"before": "IE", "after": "FR"}})
    assert (ended["code"], ended["kind"]) == ("b", "ended")
    assert {row["recipient_id"]: row["valid_to"] for row in rows(project, "recipients") if row["country"] != "FR"} == {
        "a": "2026-06-01", "b": "2026-06-01",
    }  # fmt: skip


ICO = [
    ["Business function", "Purpose of processing", "Categories of individuals", "Categories of personal data",
     "Categories of recipients", "Retention schedule (if possible)", "Article 6 lawful basis for processing personal data"],
    ["Finance", "Payroll", "Employees", "Contact details; Bank details", "HMRC", "6 years post-employment", "Legal obligation"],
    ["Marketing", "Newsletter", "Customers", "Contact details", "Mailing house", "until consent is withdrawn", "Consent"],
]  # fmt: skip
CNIL = [
    ["Fiche de registre", ""], ["Nom / sigle", "Paie"], [], ["Finalité(s) du traitement effectué", ""],
    ["Finalité principale", "Gestion de la paie"], [], ["Catégories de données personnelles concernées", "Description"],
    ["Etat civil, identité", "noms"], ["Informations d'ordre économique", "revenus"], [], ["Durée de conservation", "5 ans"], [],
    ["Base légale", "Obligation légale"], [], ["Destinataires", "Urssaf"],
]  # fmt: skip


def test_a_record_of_processing_becomes_registers_and_what_it_does_not_state_is_asked(project, tmp_path):
    found = imported(project, write_xlsx(tmp_path / "ropa.xlsx", {"Controller": ICO}), "--on", "2026-01-01")
    assert {(row["purpose_code"], row["consent_required"]) for row in rows(project, "purposes")} == {
        ("payroll", "no"), ("newsletter", "yes"),
    }  # fmt: skip
    assert {row["data_category"] for row in rows(project, "data_categories")} == {"contact_details", "bank_details"}
    hmrc = next(row for row in rows(project, "recipients") if row["recipient_id"] == "hmrc")
    assert (hmrc["allowed_purposes"], hmrc["allowed_categories"]) == ("payroll", "contact_details;bank_details")
    assert {row["max_period"] for row in rows(project, "retention_schedule")} == {"P6Y"}
    assert "Newsletter: `until consent is withdrawn` is no period" in "\n".join(found["questions"])
    load_pack(project / "pack", Organisation(name="Example Ltd", country="IE", time_zone="Europe/Dublin"))


ICO_TEMPLATE = """Business function;Purpose of processing;Name and contact details of joint controller (if applicable)
Categories of individuals;Categories of personal data;Categories of recipients;Link to contract with processor
Names of third countries or international organisations that personal data are transferred to (if applicable)
Safeguards for exceptional transfers of personal data to third countries or international organisations (if applicable)
Retention schedule (if possible);General description of technical and organisational security measures (if possible)
Article 6 lawful basis for processing personal data;Article 9 condition for processing special category data
Legitimate interests for the processing (if applicable);Link to record of legitimate interests assessment (if applicable)
Rights available to individuals;Existence of automated decision-making, including profiling (if applicable)
The source of the personal data (if applicable);Link to record of consent;Location of personal data
Data Protection Impact Assessment required?;Data Protection Impact Assessment progress
Link to Data Protection Impact Assessment;Has a personal data breach occurred?;Link to record of personal data breach
Data Protection Act 2018 Schedule 1 Condition for processing;GDPR Article 6 lawful basis for processing
Link to retention and erasure policy document
Is personal data retained and erased in accordance with the policy document?
Reasons for not adhering to policy document (if applicable)""".replace("\n", ";").split(";")
"""The headings of the sheet `Template` of the ICO's template for controllers, which stand in its ninth row."""


def test_the_template_of_the_ico_is_read_as_it_is_with_the_rows_above_its_headings(project, tmp_path):
    """A block of contacts above, notes in a second sheet, thirty columns; every cell is invented."""
    assert len(ICO_TEMPLATE) == 30
    filled = {
        "Business function": "Finance", "Purpose of processing": "Payroll", "Categories of individuals": "Employees",
        "Categories of personal data": "Bank details", "Categories of recipients": "HMRC",
        "Retention schedule (if possible)": "6 years post-employment",
        "Article 6 lawful basis for processing personal data": "Article 6(1)(c) - legal obligation",
    }  # fmt: skip
    contacts = [
        ["Controller", "", "", "Data protection officer (if applicable)"],
        ["Name", "Example Ltd", "", "Name", "A. Example"],
    ]
    contacts += [[label, "", "", label] for label in ("Address", "Email", "Telephone")]
    sheet = [["Controller's record of processing activities"], *contacts, [], ["Article 30 record"], ICO_TEMPLATE]
    assert sheet.index(ICO_TEMPLATE) == 8
    template = [*sheet, [filled.get(one, "") for one in ICO_TEMPLATE]]
    notes = [["Notes"], ["Headings highlighted green are required areas of documentation", "Purpose of processing"]]
    imported(project, write_xlsx(tmp_path / "ico.xlsx", {"Notes": notes, "Template": template}), "--on", "2026-01-01")
    assert [(row["purpose_code"], row["consent_required"]) for row in rows(project, "purposes")] == [("payroll", "no")]
    assert [row["max_period"] for row in rows(project, "retention_schedule")] == ["P6Y"]
    assert [row["recipient_id"] for row in rows(project, "recipients")] == ["hmrc"]


def test_a_list_with_the_headings_of_the_authority_of_luxembourg_is_read_below_its_title(project, tmp_path):
    table = [
        ["Registre des activités de traitement"], ["Responsable : Exemple asbl"], [],
        ["Finalité", "Catégories de personnes concernées", "Catégories de données traitées", "Catégories de destinataires",
         "Transferts vers des pays tiers", "Délais prévus pour l'effacement des données",
         "Mesures de sécurité organisationnelles et techniques"],
        ["Gestion des membres", "Membres", "Nom; Adresse", "Banque", "Aucun", "2 ans", "Accès limité"],
    ]  # fmt: skip
    imported(project, write_xlsx(tmp_path / "cnpd.xlsx", {"Registre": table}), "--on", "2026-01-01")
    assert [row["name"] for row in rows(project, "purposes")] == ["Gestion des membres"]
    assert {row["max_period"] for row in rows(project, "retention_schedule")} == {"P2Y"}


def test_the_form_of_the_cnil_for_one_operation_is_read_by_its_sections(project, tmp_path):
    """The headings of its basic model; recipients stand below theirs in three groups."""
    form = [
        ["Fiche de registre de l'activité", ""], [], ["Objectifs poursuivis", "Gestion de la paie"], [],
        ["Catégories de personnes concernées", "Salariés"], [], ["Catégories de données collectées", ""],
        ["Vie professionnelle", "poste"], [], ["Durées de conservation des catégories de données", "5 ans"], [],
        ["Catégories de destinataires des données", ""], ["Organismes externes", "Urssaf"], ["Sous-traitants", "Hébergeur"],
    ]  # fmt: skip
    imported(project, write_ods(tmp_path / "fiche.ods", {"Fiche": form}), "--on", "2026-01-01")
    assert [row["name"] for row in rows(project, "purposes")] == ["Gestion de la paie"]
    assert {row["max_period"] for row in rows(project, "retention_schedule")} == {"P5Y"}
    assert {row["name"] for row in rows(project, "data_categories")} == {"Vie professionnelle"}
    assert {row["name"] for row in rows(project, "recipients")} == {"Urssaf", "Hébergeur"}


def test_the_sheets_of_the_cnil_are_read_one_operation_each(project, tmp_path):
    sheets = {"Tutoriel": [["Bonjour", ""], ["Lisez ceci", ""]], "Fiche 1": CNIL}
    imported(project, write_ods(tmp_path / "registre.ods", sheets), "--on", "2026-01-01")
    assert [row["name"] for row in rows(project, "purposes")] == ["Gestion de la paie"]
    assert {row["name"] for row in rows(project, "recipients")} == {"Urssaf"}
    assert {row["max_period"] for row in rows(project, "retention_schedule")} == {"P5Y"}


@pytest.mark.parametrize(
    ("name", "content", "options", "error", "message"),
    [
        ("a.json", "{}", [], PackError, "no Global Vendor List"),
        ("a.csv", "x,y\n1,2\n", ["--kind", "record"], PackError, "nothing in it names a purpose"),
        ("a.csv", "x,y\n1,2\n", ["--kind", "table"], ConfigError, "needs its register"),
        ("a.csv", "x,y\n1,2\n", ["--register", "recipients"], PackError, "it lacks recipient_id, recipient_kind"),
        ("a.csv", "x,y\n1,2\n", ["--register", "planets"], ConfigError, "no such register"),
    ],
)
def test_what_is_no_register_is_named_and_nothing_is_written(project, tmp_path, name, content, options, error, message):
    (tmp_path / name).write_text(content, encoding="utf-8")
    before = sorted(file.name for file in (project / "pack").iterdir())
    with pytest.raises(error, match=message):
        imported(project, tmp_path / name, *options)
    assert sorted(file.name for file in (project / "pack").iterdir()) == before
