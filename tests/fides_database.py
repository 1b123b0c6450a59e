"""A fides database: the tables as its models define them, filled by a test, and what the preset's queries read of it.

Here: the definitions (columns and enumerations of the published models) in SQL that PostgreSQL and DuckDB both read, and a
few words to fill them with. Not here: any expectation. Identifiers are what the application keeps: hashes beside ciphertext.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb

import promisekept.project

QUERIES = Path(promisekept.project.__file__).parent / "presets" / "fides" / "queries"
ENUMS = {
    "privacyrequeststatus": (
        "identity_unverified", "requires_input", "pending", "approved", "denied", "in_processing", "complete", "paused",
        "awaiting_email_send", "requires_manual_finalization", "pending_external", "canceled", "error", "duplicate",
        "awaiting_pre_approval", "pre_approval_not_eligible",
    ),
    "privacyrequestsource": (
        "Privacy Center", "Request Manager", "Consent Webhook", "Fides.js", "Dataset Test", "Janus SDK",
    ),
    "actiontype": ("access", "consent", "erasure", "update"),
    "executionlogstatus": ("in_processing", "pending", "complete", "error", "paused", "retrying", "skipped", "polling"),
    "auditlogaction": (
        "approved", "denied", "email_sent", "finished", "policy_evaluated", "pre_approval_webhook_triggered",
        "pre_approval_eligible", "pre_approval_not_eligible", "access_package_approved",
    ),
    "userconsentpreference": ("opt_in", "opt_out", "acknowledge", "tcf"),
    "consentmechanism": ("opt_in", "opt_out", "notice_only"),
    "consentmethod": (
        "button", "reject", "accept", "script", "save", "dismiss", "gpc", "individual_notice", "acknowledge", "external_provider",
    ),
    "requestorigin": ("privacy_center", "overlay", "modal", "banner_and_modal", "api", "tcf_overlay", "headless"),
    "servingcomponent": ("overlay", "banner", "modal", "privacy_center", "tcf_overlay", "tcf_banner"),
}  # fmt: skip
_CONSENT_REPORTING = """
    id varchar primary key, created_at timestamptz, updated_at timestamptz,
    email bytea, hashed_email varchar, phone_number bytea, hashed_phone_number varchar, fides_user_device bytea,
    hashed_fides_user_device varchar, external_id bytea, hashed_external_id varchar, anonymized_ip_address bytea,
    language varchar, notice_key varchar, notice_mechanism consentmechanism, notice_name varchar, property_id varchar,
    privacy_experience_config_history_id varchar, privacy_notice_history_id varchar, received_at timestamptz,
    request_origin requestorigin, url_recorded varchar, user_agent bytea, user_geography varchar, served_notice_history_id varchar
"""
TABLES = f"""
create table policy (
    id varchar primary key, key varchar, name varchar, execution_timeframe integer, drp_action varchar, client_id varchar,
    created_at timestamptz, updated_at timestamptz
);
create table rule (
    id varchar primary key, key varchar, name varchar, policy_id varchar, action_type actiontype, masking_strategy bytea,
    storage_destination_id varchar, client_id varchar, created_at timestamptz, updated_at timestamptz
);
create table privacyrequest (
    id varchar primary key, external_id varchar, started_processing_at timestamptz, finished_processing_at timestamptz,
    requested_at timestamptz, status privacyrequeststatus not null, reviewed_at timestamptz, reviewed_by varchar,
    finalized_at timestamptz, finalized_by varchar, submitted_by varchar, custom_privacy_request_fields_approved_by varchar,
    custom_privacy_request_fields_approved_at timestamptz, client_id varchar, origin varchar, policy_id varchar,
    property_id varchar, cancel_reason varchar(200), canceled_at timestamptz, consent_preferences jsonb,
    source privacyrequestsource, location varchar, duplicate_request_group_id uuid, deleted_at timestamptz, deleted_by varchar,
    paused_at timestamptz, identity_verified_at timestamptz, due_date timestamptz, awaiting_email_send_at timestamptz,
    filtered_final_upload bytea, access_result_urls bytea, created_at timestamptz, updated_at timestamptz
);
create table providedidentity (
    id varchar primary key, privacy_request_id varchar, field_name varchar not null, field_label varchar, hashed_value varchar,
    encrypted_value bytea, is_hash_migrated boolean, created_at timestamptz, updated_at timestamptz
);
create table executionlog (
    id varchar primary key, connection_key varchar, dataset_name varchar, collection_name varchar, fields_affected jsonb,
    action_type actiontype not null, saas_version varchar, privacy_request_id varchar not null,
    status executionlogstatus not null, message varchar, created_at timestamptz, updated_at timestamptz
);
create table auditlog (
    id varchar primary key, user_id varchar, privacy_request_id varchar, action auditlogaction not null, message varchar,
    webhook_id varchar, created_at timestamptz, updated_at timestamptz
);
create table privacypreferencehistory (
    {_CONSENT_REPORTING}, affected_system_status jsonb, fides_string varchar, method consentmethod,
    preference userconsentpreference not null, privacy_request_id varchar, secondary_user_ids bytea, tcf_preferences jsonb
);
create table servednoticehistory (
    {_CONSENT_REPORTING}, acknowledge_mode boolean, serving_component servingcomponent not null, tcf_served jsonb
);
"""
RECEIVED = "2026-03-02T10:00:00+00:00"


def definitions() -> str:
    """Everything that makes the empty database, as statements for PostgreSQL."""
    enums = "".join(
        f"create type {name} as enum ({', '.join(repr(value) for value in values)});\n" for name, values in ENUMS.items()
    )
    return enums + TABLES


def hashed(identifier: str) -> str:
    """What the application keeps of an identifier to find it again by."""
    return hashlib.sha256(f"salt{identifier}".encode()).hexdigest()


class Fides:
    """The database, in memory. Each method adds a row and returns its id; any column may be given by name."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("set timezone = 'UTC'")
        self.connection.execute(definitions().replace("jsonb", "json"))
        self.policies: dict[tuple[str, ...], str] = {}
        self._rows = 0

    def add(self, table: str, **columns: Any) -> str:
        """One row; what is not given but is needed gets a value that does not matter."""
        self._rows += 1
        row = {"id": f"{table[:3]}_{self._rows:04}", "created_at": RECEIVED, "updated_at": RECEIVED} | columns
        row = {name: json.dumps(value) if isinstance(value, dict | list) else value for name, value in row.items()}
        marks = ", ".join("?" for _ in row)
        self.connection.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))
        return str(row["id"])

    def request(self, key: str, status: str, *actions: str, person: str | None = "jane@example.org", **columns: Any) -> str:
        """A privacy request under a policy with those actions (access where none is named), made by a person."""
        asked = actions or ("access",)
        if asked not in self.policies:
            self.policies[asked] = self.add("policy", key="_".join(asked), execution_timeframe=45)
            for action in asked:
                self.add("rule", policy_id=self.policies[asked], action_type=action)
        defaults = {
            "requested_at": RECEIVED, "policy_id": self.policies[asked], "source": "Privacy Center", "location": "IE",
            "due_date": "2026-04-16T10:00:00+00:00",
        }  # fmt: skip
        self.add("privacyrequest", **defaults | columns | {"id": key, "status": status})
        if person is not None:
            self.identity(key, "email", person)
        return key

    def identity(self, request: str, field: str, identifier: str) -> str:
        """An identifier that a request was made with."""
        return self.add(
            "providedidentity",
            privacy_request_id=request,
            field_name=field,
            hashed_value=hashed(identifier),
            encrypted_value=b"?",
        )

    def executed(self, request: str, system: str, status: str, at: str, action: str = "access", collection: str = "c") -> str:
        """An entry of the execution log."""
        return self.add(
            "executionlog", privacy_request_id=request, connection_key=system, status=status, action_type=action,
            collection_name=collection, dataset_name=f"{system}_data", created_at=at,
        )  # fmt: skip

    def preference(self, preference: str, at: str, person: str = "jane@example.org", **columns: Any) -> str:
        """A saved preference, of an opt-in notice in a banner unless stated otherwise."""
        defaults = {
            "notice_key": "marketing", "notice_mechanism": "opt_in", "method": "save", "request_origin": "banner_and_modal",
            "privacy_notice_history_id": "pri_1", "user_geography": "ie", "hashed_email": hashed(person), "email": b"?",
            "received_at": at, "created_at": at,
        }  # fmt: skip
        return self.add("privacypreferencehistory", **defaults | columns | {"preference": preference})

    def served(self, at: str, person: str = "jane@example.org", **columns: Any) -> str:
        """A notice that was served."""
        defaults = {
            "notice_key": "marketing", "serving_component": "banner", "hashed_email": hashed(person), "received_at": at,
            "created_at": at, "user_geography": "ie", "privacy_notice_history_id": "pri_1",
        }  # fmt: skip
        return self.add("servednoticehistory", **defaults | columns)

    def set(self, key: str, **columns: Any) -> None:
        """Overwrite columns of a request, as the application does."""
        assignments = ", ".join(f"{name} = ?" for name in columns)
        self.connection.execute(f"update privacyrequest set {assignments} where id = ?", [*columns.values(), key])

    def widen(self, enum: str, value: str) -> None:
        """A value that a later release adds: the column becomes text, as a dump of it would be."""
        for table, column in self.connection.execute(
            "select table_name, column_name from information_schema.columns where data_type like 'ENUM%'"
        ).fetchall():
            if value not in ENUMS[enum]:
                self.connection.execute(f"alter table {table} alter {column} type varchar")

    def statements(self) -> list[str]:
        """Everything that is in the database, as insert statements."""
        found = []
        for (table,) in self.connection.execute("select table_name from duckdb_tables() order by 1").fetchall():
            cursor = self.connection.execute(f"select * from {table}")
            names = ", ".join(column[0] for column in cursor.description or ())
            rows = [f"({', '.join(map(_literal, row))})" for row in cursor.fetchall()]
            found += [f"insert into {table} ({names}) values {', '.join(rows)}"] if rows else []
        return found

    def dump(self, inbox: Path, name: str = "1.csv") -> None:
        """What each query reads, as CSV files in the folders of the sources."""
        for query in sorted(QUERIES.glob("*.sql")):
            folder = inbox / f"fides_{query.stem}"
            folder.mkdir(parents=True, exist_ok=True)
            text = query.read_text(encoding="utf-8")
            self.connection.execute(f"copy ({text}) to '{folder / name}' (format csv, header)")


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'"
    return str(value) if isinstance(value, bool | int) else "'" + str(value).replace("'", "''") + "'"
