"""The registers of a policy pack, as data: columns, types, and which code belongs to which register.

Here: what a pack's CSV files may hold, defined once for loading, checking, typing in the warehouse and documentation.
Not here: reading files (loading.py), judging whether the parts fit together (coverage.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from promisekept.config.source import LOGS
from promisekept.policy.dimensions import DIMENSIONS
from promisekept.sources.contract import contract

Type = Literal["text", "code", "date", "integer", "number", "yes_no", "list", "period", "place", "country", "zone", "role"]

RECIPIENT_KINDS = ("service_provider", "legal_authority", "consented_party", "other_authorised")
OPERATORS = (">=", "<=", "=", ">", "<")
UNITS = ("month", "day", "business_day")
NOTIFICATION_UNITS = ("hour", "day", "business_day")
NOTIFICATION_BEGINNINGS = ("detected", "subjects_notified")
EEA_MEMBERS = "EEA"
CONTROLLER = "CONTROLLER"
ANY_PLACE = "*"


@dataclass(frozen=True)
class Column:
    """One column of a register.

    Attributes:
        name: as in the CSV header and in the warehouse.
        type: how its text is read; see loading.py.
        required: an empty cell is a problem.
        choices: the closed list of values, if there is one.
        refers_to: the register whose codes it must be one of.
        also: values allowed beside those codes.
    """

    name: str
    type: Type = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    refers_to: str | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class RegisterDefinition:
    """One CSV file of a pack.

    Attributes:
        name: the register; its file is `<name>.csv`.
        columns: in the order in which the warehouse shows them.
        key: the columns of which no two rows may agree while both are valid.
        shipped: the product brings one that serves where the pack has none.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    shipped: bool = False

    @property
    def file(self) -> str:
        """The name of its CSV file."""
        return f"{self.name}.csv"

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)


def _code(name: str, *, required: bool = True, refers_to: str | None = None) -> Column:
    return Column(name, "code", required, refers_to=refers_to)


def _choice(name: str, choices: tuple[str, ...], *, required: bool = True) -> Column:
    return Column(name, "code", required, choices=choices)


_VALIDITY = (Column("valid_from", "date"), Column("valid_to", "date"))

_DEFINITIONS = (
    RegisterDefinition(
        "clauses",
        (
            _code("clause_id"),
            Column("section"),
            Column("promise", required=True),
            _choice("source", ("policy", "law", "good_practice")),
            _choice("assessed_by", ("measured", "partly", "manual")),
            Column("limits"),
            *_VALIDITY,
        ),
        ("clause_id",),
    ),
    RegisterDefinition(
        "controls",
        (
            _code("control_id"),
            _code("clause_id", refers_to="clauses"),
            Column("logs", "list", choices=LOGS),
            *_VALIDITY,
        ),
        ("control_id",),
    ),
    RegisterDefinition(
        "control_metrics",
        (
            _code("control_id", refers_to="controls"),
            _code("metric_code"),
            _choice("dimension", DIMENSIONS),
            Column("dimension_value", required=True),
            _choice("operator", OPERATORS),
            Column("target", "number", required=True),
            *_VALIDITY,
        ),
        ("control_id", "metric_code", "dimension", "dimension_value"),
    ),
    RegisterDefinition(
        "attestations",
        (
            _code("control_id", refers_to="controls"),
            Column("assessed_on", "date", required=True),
            Column("valid_to", "date", required=True),
            Column("result", required=True),
            Column("assessor_role", required=True),
            Column("evidence_ref"),
            Column("valid_from", "date"),
        ),
        ("control_id", "assessed_on"),
    ),
    RegisterDefinition(
        "owners",
        (
            _code("control_id", refers_to="controls"),
            Column("owner", "role", required=True),
            Column("remedy_due", "date"),
            *_VALIDITY,
        ),
        ("control_id",),
    ),
    RegisterDefinition(
        "exceptions",
        (
            _code("exception_id"),
            _code("control_id", refers_to="controls"),
            Column("scope"),
            Column("reason", required=True),
            Column("approved_by", "role", required=True),
            Column("valid_from", "date", required=True),
            Column("valid_to", "date", required=True),
        ),
        ("control_id", "scope"),
    ),
    RegisterDefinition(
        "regimes",
        (
            _code("rule_id"),
            _code("regime_code"),
            Column("regime_name"),
            Column("jurisdiction"),
            _choice("right_type", contract()["requests"].column("right_type").codes),
            Column("valid_from", "date", required=True),
            Column("valid_to", "date"),
            _choice("start_rule", ("receipt", "latest_of_receipt_identity_fee")),
            Column("response_n", "integer"),
            _choice("response_unit", UNITS, required=False),
            Column("extension_n", "integer"),
            _choice("extension_unit", UNITS, required=False),
            _choice("extension_notice", ("within_initial_period", "within_days", "not_permitted")),
            Column("extension_notice_n", "integer"),
            _choice("refusal_extendable", ("yes", "no")),
            Column("ack_n", "integer"),
            _choice("ack_unit", UNITS, required=False),
            _choice("pause_identity", ("none", "exclusive", "inclusive")),
            _choice("pause_clarification", ("none", "exclusive", "inclusive")),
            _choice("roll", ("weekend_or_holiday", "sunday_or_holiday", "holiday", "none")),
            Column("calendar", "code", refers_to="calendars", also=(CONTROLLER,)),
            _choice("conservative", ("no_pause", "exclusive_pause", "no_roll", "no_roll_minus_one_day"), required=False),
            Column("citation"),
            _choice("confidence", ("high", "medium", "low")),
            Column("notes"),
        ),
        ("regime_code", "right_type"),
        shipped=True,
    ),
    RegisterDefinition(
        "calendars",
        (
            _code("calendar"),
            Column("name"),
            Column("country", "country"),
            Column("subdiv"),
            Column("categories", "list"),
            Column("observed", "yes_no"),
            Column("extra_days", "list"),
            Column("removed_days", "list"),
            Column("time_zone", "zone"),
            _choice("confidence", ("high", "medium", "low"), required=False),
            Column("notes"),
            *_VALIDITY,
        ),
        ("calendar",),
        shipped=True,
    ),
    RegisterDefinition(
        "jurisdictions",
        (
            Column("jurisdiction", "place", required=True, also=(ANY_PLACE,)),
            _code("regime_code", required=False, refers_to="regimes"),
            _code("calendar", required=False, refers_to="calendars"),
            Column("time_zone", "zone"),
            *_VALIDITY,
            Column("notes"),
        ),
        ("jurisdiction",),
        shipped=True,
    ),
    RegisterDefinition(
        "purposes",
        (
            _code("purpose_code"),
            Column("name"),
            Column("consent_required", "yes_no", required=True),
            Column("consent_valid_days", "integer"),
            Column("withdrawal_hours", "integer"),
            Column("systems", "list", refers_to="systems"),
            *_VALIDITY,
        ),
        ("purpose_code",),
    ),
    RegisterDefinition(
        "data_categories",
        (_code("data_category"), Column("name"), Column("sensitive", "yes_no"), *_VALIDITY),
        ("data_category",),
    ),
    RegisterDefinition(
        "recipients",
        (
            _code("recipient_id"),
            _choice("recipient_kind", RECIPIENT_KINDS),
            Column("country", "country"),
            Column("allowed_purposes", "list", refers_to="purposes"),
            Column("allowed_categories", "list", refers_to="data_categories"),
            Column("purposes_without_consent", "list", refers_to="purposes"),
            Column("citation"),
            *_VALIDITY,
        ),
        ("recipient_id",),
    ),
    RegisterDefinition(
        "agreements",
        (
            _code("recipient_id", refers_to="recipients"),
            Column("agreement_ref", required=True),
            *_VALIDITY,
            Column("transfer_mechanism"),
        ),
        ("recipient_id", "agreement_ref"),
    ),
    RegisterDefinition(
        "retention_schedule",
        (
            _code("schedule_id"),
            _code("data_category", refers_to="data_categories"),
            _code("purpose_code", required=False, refers_to="purposes"),
            Column("jurisdiction", "place"),
            Column("min_period", "period"),
            Column("max_period", "period"),
            _choice("trigger", ("created", "last_activity", "trigger")),
            Column("legal_basis"),
            Column("citation"),
            *_VALIDITY,
            Column("max_wait", "period"),
        ),
        ("schedule_id",),
    ),
    RegisterDefinition(
        "contract_terms",
        (
            _code("contract_ref"),
            _code("data_category", refers_to="data_categories"),
            Column("max_period", "period", required=True),
            *_VALIDITY,
        ),
        ("contract_ref", "data_category"),
    ),
    RegisterDefinition(
        "notification_rules",
        (
            Column("jurisdiction", "place", required=True, also=(EEA_MEMBERS,)),
            _choice("whom", ("authority", "persons")),
            Column("period_n", "integer", required=True),
            _choice("period_unit", NOTIFICATION_UNITS),
            Column("calendar", "code", refers_to="calendars"),
            Column("more_than", "integer"),
            _choice("runs_from", NOTIFICATION_BEGINNINGS, required=False),
            *_VALIDITY,
            Column("citation"),
        ),
        ("jurisdiction", "whom"),
    ),
    RegisterDefinition("systems", (_code("system"), Column("name"), *_VALIDITY), ("system",)),
)

REGISTERS: dict[str, RegisterDefinition] = {definition.name: definition for definition in _DEFINITIONS}

JUDGE_NOTHING = frozenset({"owners"})
"""Registers by which no case and no promise is judged: who answers for a promise changes nothing of what became of it."""

# Which column of a register is the code that other registers refer to.
CODE_COLUMN = {
    "clauses": "clause_id",
    "controls": "control_id",
    "regimes": "regime_code",
    "calendars": "calendar",
    "purposes": "purpose_code",
    "data_categories": "data_category",
    "recipients": "recipient_id",
    "systems": "system",
}

# What numbers the rows of a register besides its key: never given twice, whatever the days.
NUMBERED_BY = {"regimes": "rule_id", "exceptions": "exception_id"}
