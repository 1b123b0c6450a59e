"""A version of IAB Europe's Global Vendor List (TCF v2, the file vendor-list.json) as rows of registers.

Here: vendors as recipients with the purposes that they declare, by consent or by legitimate interest, and their data categories.
A list names no country and no agreement. Not here: how versions follow each other (register_versions.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from promisekept.errors import PackError
from promisekept.project.register_versions import Version

_DEFAULTS = {
    "purposes": {"consent_required": "yes"},
    "data_categories": {"sensitive": "no"},
    "recipients": {"recipient_kind": "consented_party"},
}
_VENDOR, _PURPOSE, _CATEGORY = "gvl_", "tcf_", "tcf_data_"


def read_vendor_list(file: Path) -> Version:
    """One version.

    Raises:
        PackError: it is no vendor list of version 2 or 3.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        number, updated = int(content["vendorListVersion"]), _day(content["lastUpdated"])
        vendors: Mapping[str, Any] = content["vendors"]
        ended = {f"{_VENDOR}{one['id']}": _day(one["deletedDate"]) for one in vendors.values() if one.get("deletedDate")}
        listed = [one for one in vendors.values() if not one.get("deletedDate")]
        rows = {
            "purposes": [
                {"purpose_code": f"{_PURPOSE}{one['id']}", "name": _line(one["name"])}
                for one in content.get("purposes", {}).values()
            ],
            "data_categories": [
                {"data_category": f"{_CATEGORY}{one['id']}", "name": _line(one["name"])}
                for one in content.get("dataCategories", {}).values()
            ],
            "recipients": [_vendor(one) for one in sorted(listed, key=lambda one: int(one["id"]))],
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PackError(
            f"{file}: this is no Global Vendor List of TCF v2 ({type(error).__name__}).\n"
            "  Name a file such as vendor-list.json, which has vendorListVersion, lastUpdated and vendors."
        ) from None
    ends = {("recipients", code): day for code, day in ended.items()}
    return Version(f"vendor list {number}", updated, rows, {"recipients": _VENDOR}, ends, _DEFAULTS)


def _vendor(one: Mapping[str, Any]) -> dict[str, str]:
    consent, legitimate = [*one.get("purposes", [])], [*one.get("legIntPurposes", [])]
    return {
        "recipient_id": f"{_VENDOR}{one['id']}",
        "name": _line(one["name"]),
        "allowed_purposes": _codes(_PURPOSE, {*consent, *legitimate}),
        "allowed_categories": _codes(_CATEGORY, one.get("dataDeclaration", [])),
        "purposes_without_consent": _codes(_PURPOSE, legitimate),
        "citation": "Art. 6(1)(f) GDPR, as the vendor declares" if legitimate else "",
    }


def _codes(prefix: str, numbers: Any) -> str:
    return ";".join(f"{prefix}{number}" for number in sorted({int(one) for one in numbers}))


def _line(text: Any) -> str:
    return " ".join(str(text).split())


def _day(text: str) -> date:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).date()
