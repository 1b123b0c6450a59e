"""The report lies in every bundle, for its audience and under its law."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from printed import Page


def page_of(bundle: Path) -> Page:
    return Page((bundle / "data/report.html").read_text(encoding="utf-8"))


def test_every_bundle_holds_the_report_for_its_audience(auditors: Path, public: Path, californian: Path):
    for bundle, audience in ((auditors, "auditor"), (public, "public"), (californian, "regulator")):
        assert f"Audience of this copy: {audience} ." in page_of(bundle).text
        assert (bundle / "data/report.pdf").read_bytes().startswith(b"%PDF-")
        assert json.loads((bundle / "metadata/lineage.json").read_text(encoding="utf-8"))["code"]["typst"]


def test_a_public_report_prints_no_figure_that_the_public_tables_hide(public: Path):
    with (public / "data/tables/fct_metrics.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["period_grain"] == "quarter" and row["period_start"] == "2026-07-01"]
    shown = {(row["numerator"], row["denominator"]) for row in rows if row["is_suppressed"] == "false"}
    assert shown
    assert any(row["is_suppressed"] == "true" for row in rows)
    checked = 0
    for table in page_of(public).tables:
        if "Numerator / denominator" not in table.head:
            continue
        for cell in table.column("Numerator / denominator"):
            for line in cell.split("\n"):
                if " / " in line:
                    assert tuple(part.replace(",", "") for part in line.split(" / ")) in shown, (table.caption, line)
                    checked += 1
    assert checked > 20
    assert "withheld" in page_of(public).text


def test_the_law_of_a_bundle_narrows_its_report(californian: Path):
    captions = " ".join(table.caption for table in page_of(californian).tables)
    assert "11 CCR § 7102(a)(1)" in captions
    assert "Art. 12" not in captions
