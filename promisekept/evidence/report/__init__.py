"""The evidence report: what a person reads first in a bundle.

Here: one report model (model.py), filled from the published marts, and two renderings of it, HTML and PDF, with the same bytes
on every machine. Not here: tables for machines, metadata and manifests, which the bundle's own modules write.
"""

from __future__ import annotations

from pathlib import Path

from promisekept.evidence.report.building import build_report
from promisekept.evidence.report.html import to_html
from promisekept.evidence.report.model import Report

__all__ = ["Report", "build_report", "write_report"]


def write_report(report: Report, folder: Path) -> list[Path]:
    """Write `report.html` into a folder that is there; the same report gives the same bytes.

    Returns:
        The files written.
    """
    page = folder / "report.html"
    page.write_bytes(to_html(report).encode())
    return [page]
