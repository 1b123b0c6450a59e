"""What a finding is about and what is wrong with it, in words: from its entity and its detail of codes, numbers and dates.

Here: text from values; pure. Not here: any query or drawing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from promisekept.presentation import formats, labels

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
}
"""Area -> the page that shows its figures."""

_ABOUT = {
    "consents": ("purpose_code", "system"),
    "disclosures": ("recipient_id",),
    "records": ("data_category", "system"),
    "collections": ("feature", "collection_type"),
    "processing": ("purpose_code", "system"),
}
"""Area -> the details that name the thing; they are not repeated."""

_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_INSTANT = re.compile(r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}")
_CODE = re.compile(r"^[a-z][a-z_]*$")
_REQUEST = re.compile(r"^(?:requests|erasures)/([^/]+/[^/]+/[a-z_]+)$")


def what(row: Mapping[str, Any]) -> str:
    """The thing: a request and its right, a recipient, a category in a system, else the entity's own id."""
    area, detail, entity = row["area"], row["detail"], str(row["entity"])
    named = [_thing(name, str(detail[name])) for name in _ABOUT.get(area, ()) if detail.get(name)]
    if named:
        return " · ".join(named)
    parts = entity.split("/")
    if parts[0] in ("requests", "erasures") and len(parts) > 2:
        right = parts[3] if len(parts) > 3 else row.get("right_type")
        return " · ".join([parts[2], *([labels.label(labels.RIGHTS, right).lower()] if right else [])])
    return parts[-1]


def detail(row: Mapping[str, Any], zone: str) -> str:
    """What is wrong, from codes, numbers and dates."""
    about = _ABOUT.get(row["area"], ())
    named = about if any(row["detail"].get(name) for name in about) else ()
    text = " · ".join(_named_value(name, value, zone) for name, value in row["detail"].items() if name not in named)
    return text[:1].upper() + text[1:]


def request_of(row: Mapping[str, Any]) -> str | None:
    """The key of the request that the finding is about, or that it breaks the stop of."""
    match = _REQUEST.match(str(row["entity"]))
    return match.group(1) if match else row["detail"].get("stopped_by")


def _thing(name: str, code: str) -> str:
    """Systems and recipients go by their registered names; what is a code of the pack is read as words."""
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
