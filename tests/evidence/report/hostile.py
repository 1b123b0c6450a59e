"""A snapshot in which every name that a pack or a log brings tries to be markup, or is whatever a test wants.

Here: a copy of a published snapshot with its texts replaced, opened as a snapshot is. Not here: what must come of it.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb

from promisekept.publishing.reader import SnapshotReader, open_hardened

NAMES = (
    "<script>alert(1)</script>",
    "</style></title><img src=x onerror=alert(2)>",
    '#eval("panic()") #panic("typst") $x^2$ *strong* _emph_ `raw` \\u{41} @ref <label> // gone /* gone',
    "\"quotes\" & 'apostrophes' {{ 7 * 7 }} {% raw %} ${7*7}",
    "=cmd|' /C calc'!A0",
    "\u202eright to left 漢字 \u0007 bell",
)
TEXTS = {
    "dim_clauses": ("promise", "limits", "section", "owner"),
    "dim_metrics": ("name", "description"),
    "audit_sources": ("source", "log"),
    "audit_source_verdicts": ("log",),
    "fct_findings": ("word", "detail"),
    "fct_metrics": ("dimension_value",),
    "fct_control_results": ("reason", "attestation_result", "attested_by"),
    "fct_control_status": ("reason",),
    "fct_requests": ("rule_citation",),
    "rpt_gdpr_art30": ("purpose",),
    "rpt_gdpr_art33_incidents": ("incident_id", "nature_of_breach", "status"),
    "rpt_ccpa_7101": ("request_id", "manner_of_request", "basis_of_denial"),
}


def hostile(reader: SnapshotReader, folder: Path, names: tuple[str, ...] = NAMES) -> SnapshotReader:
    """The reader's snapshot with other texts; names stay distinct where rows were distinct."""
    file = folder / "snapshot.duckdb"
    shutil.copyfile(reader.folder / "snapshot.duckdb", file)
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        for table, columns in TEXTS.items():
            for column in columns:
                where = "dimension not in ('all', 'regime_code', 'right_type')" if column == "dimension_value" else "true"
                connection.execute(
                    f"update marts.{table} set {column} = $names[1 + (hash({column}) % {len(names)})::bigint] || ' ' || {column}"
                    f" where {column} is not null and {where}",
                    {"names": list(names)},
                )
    manifest = {**reader.manifest, "organisation": names[0] + names[2]}
    manifest["pack"] = {**reader.manifest["pack"], "name": names[1]}
    history = reader.folder / "history.duckdb"
    return replace(reader, folder=folder, manifest=manifest, connection=open_hardened(file, history=history))
