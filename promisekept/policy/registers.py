"""The registers of a policy pack, as data: columns, types, and which code belongs to which register.

Here: what a pack's CSV files may hold, defined once for loading, checking, typing in the warehouse and documentation.
Not here: reading files (loading.py), checking whether the parts fit together (coverage.py).
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
class RegisterColumn:
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
    columns: tuple[RegisterColumn, ...]
    key: tuple[str, ...]
    shipped: bool = False

    @property
    def file(self) -> str:
        """The name of its CSV file."""
        return f"{self.name}.csv"

    def column(self, name: str) -> RegisterColumn:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)


def _code(name: str, *, required: bool = True, refers_to: str | None = None) -> RegisterColumn:
    return RegisterColumn(name, "code", required, refers_to=refers_to)


def _choice(name: str, choices: tuple[str, ...], *, required: bool = True) -> RegisterColumn:
    return RegisterColumn(name, "code", required, choices=choices)


_VALIDITY = (RegisterColumn("valid_from", "date"), RegisterColumn("valid_to", "date"))

_DEFINITIONS = (
    RegisterDefinition(
        "clauses",
        (
            _code("clause_id"),
            RegisterColumn("section"),
            RegisterColumn("promise", required=True),
            _choice("source", ("policy", "law", "good_practice")),
            _choice("assessed_by", ("measured", "partly", "manual")),
            RegisterColumn("limits"),
            *_VALIDITY,
        ),
        ("clause_id",),
    ),
    RegisterDefinition(
        "controls",
        (
            _code("control_id"),
            _code("clause_id", refers_to="clauses"),
            RegisterColumn("logs", "list", choices=LOGS),
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
            RegisterColumn("dimension_value", required=True),
            _choice("operator", OPERATORS),
            RegisterColumn("target", "number", required=True),
            *_VALIDITY,
        ),
        ("control_id", "metric_code", "dimension", "dimension_value"),
    ),
    RegisterDefinition(
        "attestations",
        (
            _code("control_id", refers_to="controls"),
            RegisterColumn("assessed_on", "date", required=True),
            RegisterColumn("valid_to", "date", required=True),
            RegisterColumn("result", required=True),
            RegisterColumn("assessor_role", required=True),
            RegisterColumn("evidence_ref"),
            RegisterColumn("valid_from", "date"),
        ),
        ("control_id", "assessed_on"),
    ),
    RegisterDefinition(
        "owners",
        (
            _code("control_id", refers_to="controls"),
            RegisterColumn("owner", "role", required=True),
            RegisterColumn("remedy_due", "date"),
            *_VALIDITY,
        ),
        ("control_id",),
    ),
    RegisterDefinition(
        "exceptions",
        (
            _code("exception_id"),
            _code("control_id", refers_to="controls"),
            RegisterColumn("scope"),
            RegisterColumn("reason", required=True),
            RegisterColumn("approved_by", "role", required=True),
            RegisterColumn("valid_from", "date", required=True),
            RegisterColumn("valid_to", "date", required=True),
        ),
        ("control_id", "scope"),
    ),
    RegisterDefinition(
        "regimes",
        (
            _code("rule_id"),
            _code("regime_code"),
            RegisterColumn("regime_name"),
            RegisterColumn("jurisdiction"),
            _choice("right_type", contract()["requests"].column("right_type").codes),
            RegisterColumn("valid_from", "date", required=True),
            RegisterColumn("valid_to", "date"),
            _choice("start_rule", ("receipt", "latest_of_receipt_identity_fee")),
            RegisterColumn("response_n", "integer"),
            _choice("response_unit", UNITS, required=False),
            RegisterColumn("extension_n", "integer"),
            _choice("extension_unit", UNITS, required=False),
            _choice("extension_notice", ("within_initial_period", "within_days", "not_permitted")),
            RegisterColumn("extension_notice_n", "integer"),
            _choice("refusal_extendable", ("yes", "no")),
            RegisterColumn("ack_n", "integer"),
            _choice("ack_unit", UNITS, required=False),
            _choice("pause_identity", ("none", "exclusive", "inclusive")),
            _choice("pause_clarification", ("none", "exclusive", "inclusive")),
            _choice("roll", ("weekend_or_holiday", "sunday_or_holiday", "holiday", "none")),
            RegisterColumn("calendar", "code", refers_to="calendars", also=(CONTROLLER,)),
            _choice("conservative", ("no_pause", "exclusive_pause", "no_roll", "no_roll_minus_one_day"), required=False),
            RegisterColumn("citation"),
            _choice("confidence", ("high", "medium", "low")),
            RegisterColumn("notes"),
        ),
        ("regime_code", "right_type"),
        shipped=True,
    ),
    RegisterDefinition(
        "calendars",
        (
            _code("calendar"),
            RegisterColumn("name"),
            RegisterColumn("country", "country"),
            RegisterColumn("subdiv"),
            RegisterColumn("categories", "list"),
            RegisterColumn("observed", "yes_no"),
            RegisterColumn("extra_days", "list"),
            RegisterColumn("removed_days", "list"),
            RegisterColumn("time_zone", "zone"),
            _choice("confidence", ("high", "medium", "low"), required=False),
            RegisterColumn("notes"),
            *_VALIDITY,
        ),
        ("calendar",),
        shipped=True,
    ),
    RegisterDefinition(
        "jurisdictions",
        (
            RegisterColumn("jurisdiction", "place", required=True, also=(ANY_PLACE,)),
            _code("regime_code", required=False, refers_to="regimes"),
            _code("calendar", required=False, refers_to="calendars"),
            RegisterColumn("time_zone", "zone"),
            *_VALIDITY,
            RegisterColumn("notes"),
        ),
        ("jurisdiction",),
        shipped=True,
    ),
    RegisterDefinition(
        "purposes",
        (
            _code("purpose_code"),
            RegisterColumn("name"),
            RegisterColumn("consent_required", "yes_no", required=True),
            RegisterColumn("consent_valid_days", "integer"),
            RegisterColumn("withdrawal_hours", "integer"),
            RegisterColumn("systems", "list", refers_to="systems"),
            *_VALIDITY,
        ),
        ("purpose_code",),
    ),
    RegisterDefinition(
        "data_categories",
        (_code("data_category"), RegisterColumn("name"), RegisterColumn("sensitive", "yes_no"), *_VALIDITY),
        ("data_category",),
    ),
    RegisterDefinition(
        "recipients",
        (
            _code("recipient_id"),
            RegisterColumn("name"),
            _choice("recipient_kind", RECIPIENT_KINDS),
            RegisterColumn("country", "country"),
            RegisterColumn("allowed_purposes", "list", refers_to="purposes"),
            RegisterColumn("allowed_categories", "list", refers_to="data_categories"),
            RegisterColumn("purposes_without_consent", "list", refers_to="purposes"),
            RegisterColumn("citation"),
            *_VALIDITY,
        ),
        ("recipient_id",),
    ),
    RegisterDefinition(
        "agreements",
        (
            _code("recipient_id", refers_to="recipients"),
            RegisterColumn("agreement_ref", required=True),
            *_VALIDITY,
            RegisterColumn("transfer_mechanism"),
        ),
        ("recipient_id", "agreement_ref"),
    ),
    RegisterDefinition(
        "retention_schedule",
        (
            _code("schedule_id"),
            _code("data_category", refers_to="data_categories"),
            _code("purpose_code", required=False, refers_to="purposes"),
            RegisterColumn("jurisdiction", "place"),
            RegisterColumn("min_period", "period"),
            RegisterColumn("max_period", "period"),
            _choice("trigger", ("created", "last_activity", "trigger")),
            RegisterColumn("legal_basis"),
            RegisterColumn("citation"),
            *_VALIDITY,
            RegisterColumn("max_wait", "period"),
        ),
        ("schedule_id",),
    ),
    RegisterDefinition(
        "contract_terms",
        (
            _code("contract_ref"),
            _code("data_category", refers_to="data_categories"),
            RegisterColumn("max_period", "period", required=True),
            *_VALIDITY,
        ),
        ("contract_ref", "data_category"),
    ),
    RegisterDefinition(
        "notification_rules",
        (
            RegisterColumn("jurisdiction", "place", required=True, also=(EEA_MEMBERS,)),
            _choice("whom", ("authority", "persons")),
            RegisterColumn("period_n", "integer", required=True),
            _choice("period_unit", NOTIFICATION_UNITS),
            RegisterColumn("calendar", "code", refers_to="calendars"),
            RegisterColumn("more_than", "integer"),
            _choice("runs_from", NOTIFICATION_BEGINNINGS, required=False),
            *_VALIDITY,
            RegisterColumn("citation"),
        ),
        ("jurisdiction", "whom"),
    ),
    RegisterDefinition("systems", (_code("system"), RegisterColumn("name"), *_VALIDITY), ("system",)),
)

REGISTERS: dict[str, RegisterDefinition] = {definition.name: definition for definition in _DEFINITIONS}

DECIDE_NOTHING = frozenset({"owners"})
"""Registers that decide about no case and no promise: who answers for a promise changes nothing of what became of it."""

NAMES = {"recipients": ("name",), "systems": ("name",)}
"""Register -> the columns that are for people who read and decide nothing. The names of purposes and data categories are what an
organisation promised, and stand in its records of processing."""

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
