"""What a finding is about, what is wrong with it and what caused it, in words: from entity, cause and detail.

Here: text from values; pure. Not here: any query or drawing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from promisekept.presentation import formats, labels, statuses
from promisekept.presentation.statuses import Status

AREAS = {
    "requests": "Requests",
    "consents": "Consent",
    "disclosures": "Sharing",
    "records": "Retention",
    "erasures": "Erasure",
    "collections": "Collection",
    "processing": "Processing",
    "incidents": "Incidents",
    "policies": "Policy changes",
    "evidence": "Evidence",
    "policy": "Policy pack",
    "remediations": "Remediation",
}
"""Area of the catalogue -> its word."""

PAGES = {
    "requests": "Requests",
    "consents": "Consent",
    "disclosures": "Sharing",
    "records": "Retention",
    "erasures": "Retention",
    "collections": "Collection",
    "processing": "Collection",
    "incidents": "Incidents",
    "policies": "Policy changes",
    "evidence": "Data quality",
    "policy": "Traceability",
    "remediations": "Traceability",
}
"""Area -> the page that shows its figures."""

_ABOUT = {
    "consents": ("purpose_code", "system"),
    "disclosures": ("recipient_id",),
    "records": ("data_category", "system"),
    "collections": ("feature", "collection_type"),
    "processing": ("purpose_code", "system"),
    "remediations": ("owner",),
}
"""Area -> the details that name the thing; they are not repeated."""

_GROUP = "group_key"
"""The detail that names the group which an act is about; it is a link, not a text."""

_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_INSTANT = re.compile(r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}")
_CODE = re.compile(r"^[a-z][a-z_]*$")
_REQUEST = re.compile(r"^(?:requests|erasures)/([^/]+/[^/]+/[a-z_]+)$")


def what(row: Mapping[str, Any]) -> str:
    """The thing: a request and its right, a recipient, a category in a system, else the entity's own id."""
    area, detail, entity, names = row["area"], row["detail"], str(row["entity"]), row.get("named") or {}
    named = [names.get(name) or _thing(name, str(detail[name])) for name in _ABOUT.get(area, ()) if detail.get(name)]
    if named:
        return " · ".join(named)
    parts = entity.split("/")
    if parts[0] in ("requests", "erasures") and len(parts) > 2:
        right = parts[3] if len(parts) > 3 else row.get("right_type")
        return " · ".join([parts[2], *([labels.label(labels.RIGHTS, right).lower()] if right else [])])
    return parts[-1]


def group(row: Mapping[str, Any]) -> str:
    """A group in one line: what is wrong, and by what."""
    return ": ".join(filter(None, (row["word"] or "A finding that no kept snapshot names", cause(row))))


def cause(row: Mapping[str, Any]) -> str:
    """What the cases of a group have in common: a recipient, a category in a system, a source, a version."""
    names = row.get("named") or {}
    return " · ".join(filter(None, (_cause_value(name, names.get(name, str(value))) for name, value in row["cause"].items())))


def _cause_value(name: str, value: str) -> str:
    if name == "unconfirmed_systems":
        systems = ", ".join(json.loads(value))
        return f"not confirmed by {systems}" if systems else "records left"
    if name == "unlisted_categories":
        return ", ".join(category.replace("_", " ") for category in json.loads(value))
    if name == "entity":
        return value.rpartition("/")[2]
    if name in ("jurisdiction", "regime_code"):
        return labels.detail_text(name, value)
    return value if name == "source" else _thing(name, value)


def days(row: Mapping[str, Any]) -> str:
    """The days of the first and the last case of a group."""
    if row["first_day"] is None:
        return "day not readable" if row["cases"] else "no case left"
    return f"{formats.day(row['first_day'])}{formats.TO}{formats.day(row['last_day'])}"


def done(row: Mapping[str, Any]) -> str:
    """What somebody did about a group, in one line."""
    return {
        "assigned": f"Assigned to {row['owner']}, due {formats.day(row['due_date'])}",
        "commented": "Comment",
        "accepted": f"Accepted until {formats.day(row['accepted_until'])}",
        "resolved": "Resolved",
        "reopened": "Reopened",
    }.get(row["event_type"], labels.sentence(row["event_type"]))


def state(row: Mapping[str, Any]) -> Status:
    """The state of a group in words: how long it is overdue, until when it is accepted."""
    status = statuses.REMEDIATIONS[row["state"]]
    if row["state_reason"] == "no_case_left":
        return replace(status, text=f"{status.text}, no case left")
    if row["state"] == "overdue":
        return replace(status, text=f"Overdue {formats.days(row['overdue_days'])}")
    if row["state"] == "accepted":
        return replace(status, text=f"Accepted until {formats.short_day(row['accepted_until'])}")
    return status


def detail(row: Mapping[str, Any], zone: str) -> str:
    """What is wrong, from codes, numbers and dates."""
    about = _ABOUT.get(row["area"], ())
    named = (*(about if any(row["detail"].get(name) for name in about) else ()), _GROUP)
    text = " · ".join(_named_value(name, value, zone) for name, value in row["detail"].items() if name not in named)
    return text[:1].upper() + text[1:]


def request_of(row: Mapping[str, Any]) -> str | None:
    """The key of the request that the finding is about, or that it breaks the stop of."""
    match = _REQUEST.match(str(row["entity"]))
    return match.group(1) if match else row["detail"].get("stopped_by")


def group_of_act(row: Mapping[str, Any]) -> str | None:
    """The key of the group that the act with the finding is about."""
    return row["detail"].get(_GROUP)


def _thing(name: str, code: str) -> str:
    """A system or recipient without a display name goes by its code; what is a code of the pack is read as words."""
    return code if name in ("system", "recipient_id") else code.replace("_", " ")


def _named_value(name: str, value: object, zone: str) -> str:
    label = labels.detail_name(name.removesuffix("_date").removesuffix("_at"))
    if value is None:
        return f"{label}: none"
    return f"{label} {_value(labels.detail_text(name, value) if isinstance(value, str) else value, zone)}"


def _value(value: object, zone: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return formats.count(value)
    if isinstance(value, list | tuple):
        return ", ".join(_value(one, zone) for one in value) or "none"
    text = str(value)
    if _DAY.match(text):
        return formats.day(date.fromisoformat(text))
    if _INSTANT.match(text):
        return _instant(text, zone)
    return text.replace("_", " ") if _CODE.match(text) else text


def _instant(text: str, zone: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return formats.instant(at, zone) if at.tzinfo else text
