"""A report of two pages whose names a test chooses, made by hand, so that nothing but fonts and templates decides its bytes.

Here: the report. Not here: assertions.
"""

from __future__ import annotations

from promisekept.evidence.report.model import Cover, Part, Report, ReportColumn, Row, Table, Text


def letter(organisation: str, *, owner: str = "Privacy Operations", promise: str = "We answer within a month.") -> Report:
    """The report of an organisation with one promise and who answers for it."""
    columns = (
        ReportColumn("Ref.", 10),
        ReportColumn("Promise", 40),
        ReportColumn("Owner, due", 30),
        ReportColumn("Source", 20, mono=True),
    )
    row = Row(("RIG-1", promise, f"{owner}, 31\u00a0Oct\u00a02026", owner))
    return Report(
        organisation=organisation,
        title="Compliance evidence report",
        footer="Compliance evidence report, Q3 2026",
        subject="Q3 2026",
        paper="a4",
        as_of="2026-10-01T03:59:00Z",
        cover=Cover(
            "Compliance evidence report", "Measured", "For all.", "auditor", "", (("Owner", owner),), ("0",), ("none",), ""
        ),
        control=(),
        parts=(
            Part(1, "Promises", (Text(promise), Table("Who answers", "by hand", columns, (row,), f"Owner: {owner} (24).", 1))),
        ),
    )
