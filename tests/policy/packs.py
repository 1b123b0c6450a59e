"""Packs for tests: a small sound one, of which a test changes the one file that matters.

Not here: assertions.
"""

from __future__ import annotations

from pathlib import Path

from promisekept.policy import Pack, check_coverage, load_pack

METRICS = ("deadline_adherence", "sale_count")
SOUND = {
    "pack.yml": 'name: Test promises\nversion: "7"\neffective_from: 2025-01-01\n',
    "clauses.csv": "clause_id,section,promise,source,assessed_by,limits\nRIG-8,Rights,In time,policy,measured,\n",
    "controls.csv": "control_id,clause_id,logs\nCTL-DEADLINE,RIG-8,requests\n",
    "control_metrics.csv": "control_id,metric_code,dimension,dimension_value,operator,target\n"
    "CTL-DEADLINE,deadline_adherence,all,all,>=,0.98\n",
}
REGISTERS = {
    "systems.csv": "system,name\ncrm,CRM\n",
    "purposes.csv": "purpose_code,name,consent_required,consent_valid_days,withdrawal_hours,systems\nnews,News,yes,365,72,crm\n",
    "data_categories.csv": "data_category,name,sensitive\ncontact,Contact,no\n",
    "recipients.csv": "recipient_id,recipient_kind,country,allowed_purposes,allowed_categories\n"
    "mailer,service_provider,US,news,contact\n",
    "agreements.csv": "recipient_id,agreement_ref,valid_from,valid_to,transfer_mechanism\nmailer,DPA-1,2025-01-01,,\n",
    "retention_schedule.csv": "schedule_id,data_category,purpose_code,jurisdiction,"
    "min_period,max_period,trigger,legal_basis,citation\n"
    "S-1,contact,news,IE,P6M,P2Y,created,,\n",
    "contract_terms.csv": "contract_ref,data_category,max_period\nCT-1,contact,P90D\n",
    "attestations.csv": "control_id,assessed_on,valid_to,result,assessor_role,evidence_ref\n"
    "CTL-DEADLINE,2026-01-01,2027-01-01,kept,auditor,\n",
    "exceptions.csv": "exception_id,control_id,scope,reason,approved_by,valid_from,valid_to\n"
    "EX-1,CTL-DEADLINE,by post,The scanner is broken,DPO,2026-01-01,2026-06-01\n",
    "notification_rules.csv": "jurisdiction,whom,period_n,period_unit,calendar,valid_from,citation\n"
    "EEA,authority,72,hour,,2018-05-25,Art. 33(1)\nIE,persons,3,business_day,IE,,\n",
    "owners.csv": "control_id,owner,remedy_due\nCTL-DEADLINE,Privacy Operations,2026-10-31\n",
}
RULE_HEADER = (
    "rule_id,regime_code,right_type,valid_from,valid_to,start_rule,response_n,response_unit,extension_n,extension_unit,"
    "extension_notice,refusal_extendable,pause_identity,pause_clarification,roll,calendar,confidence\n"
)
RULE = "x.access.1,X,access,2020-01-01,,receipt,1,month,2,month,within_initial_period,no,none,none,none,NONE,high\n"


def write_pack(folder: Path, **files: str) -> Path:
    """A sound pack; `clauses_csv="..."` replaces clauses.csv, `pack_yml` the manifest."""
    contents = SOUND | {name.replace("_csv", ".csv").replace("_yml", ".yml"): text for name, text in files.items()}
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def whole_pack(folder: Path, **files: str) -> Path:
    """The same with every register."""
    for name, text in REGISTERS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return write_pack(folder, **files)


def problems(folder: Path) -> list[str]:
    """The problems that the coverage check reports for a pack, as texts."""
    return [str(problem) for problem in check_coverage(load_pack(folder), METRICS)]


def loaded(folder: Path, **files: str) -> Pack:
    """Write and load at once."""
    return load_pack(write_pack(folder, **files))
