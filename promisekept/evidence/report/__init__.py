"""The evidence report: what a person reads first in a bundle.

Here: one report model (model.py), filled from the published marts, and two renderings of it, HTML and PDF, with the same bytes
on every machine. Not here: tables for machines, metadata and manifests, which the bundle's own modules write.
"""

from __future__ import annotations

from pathlib import Path

from promisekept.evidence.report.build import build_report
from promisekept.evidence.report.html import to_html
from promisekept.evidence.report.model import Report
from promisekept.evidence.report.pdf import to_pdf

__all__ = ["Report", "build_report", "write_report"]


def write_report(report: Report, folder: Path) -> list[Path]:
    """Write `report.html` and `report.pdf` into a folder that is there; the same report gives the same bytes.

    Returns:
        The files written.
    """
    page, document = folder / "report.html", folder / "report.pdf"
    page.write_bytes(to_html(report).encode())
    document.write_bytes(to_pdf(report))
    return [page, document]
