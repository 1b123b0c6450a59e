"""Pages that are generated from what the product does, so that they can't say anything else.

Here: the log contract from contract.yml and the metric definitions from the catalogue. `python docs/generate.py` writes
them; tests/test_docs.py fails while a page differs from what would be generated.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

from promisekept.sources.contract import Column, contract

DOCS = Path(__file__).parent
CATALOGUE = DOCS.parent / "dbt_project" / "seeds" / "metric_catalogue.csv"
KINDS = {
    "instant": "timestamp with offset",
    "subject": "text, keyed while landing",
    "list": "list, `;`-separated in CSV",
    "place": "ISO 3166-1 or -2",
    "country": "ISO 3166-1 alpha-2",
    "uri": "URI without a person in it",
    "revision": "integer, or the instant of the change",
    "date_text": "`YYYY-MM` or `YYYY-MM-DD`",
}


def log_contract() -> str:
    """What a source owner is sent: every log, its columns, and when a value may be missing."""
    parts = [
        "# The log contract",
        "",
        "Generated from `promisekept/sources/contract.yml`. Empty text is null. An unknown code sends the row to",
        "quarantine, with the value named; codes of a pack register are judged by the marts. Row classes: connect-a-source.md.",
    ]
    for log in contract().values():
        parts += ["", f"## {log.name}", "", "| column | type | null | codes |", "|---|---|---|---|"]
        parts += [f"| `{column.name}` | {_type(column)} | {_null(column)} | {_codes(column)} |" for column in log.columns]
    return "\n".join(parts) + "\n"


def metrics() -> str:
    """Every metric: what it counts, of what, placed in which period."""
    with CATALOGUE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    parts = [
        "# Metrics",
        "",
        "Generated from `dbt_project/seeds/metric_catalogue.csv`. `value` is null where the denominator is 0.",
        "`value_worst` counts each unit that can't be judged as missed. What has no row in a log that is there makes its",
        "controls *not assessable*, never kept.",
        "",
        "| metric | made of | logs | unit | period by | dimensions | what it says |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = (
            f"`{row['metric_code']}`",
            row["mart"].replace(";", ", "),
            row["logs"].replace(";", ", "),
            row["unit"],
            row["period_by"],
            row["dimensions"].replace(";", ", "),
            row["description"],
        )
        parts.append(f"| {' | '.join(cells)} |")
    return "\n".join(parts) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {"log-contract.md": log_contract, "metrics.md": metrics}


def _type(column: Column) -> str:
    return KINDS.get(column.kind, column.kind) + (f", at least {column.least}" if column.least is not None else "")


def _null(column: Column) -> str:
    if column.required:
        return "no"
    conditions = "; ".join(
        f"not where `{name}` is {', '.join(f'`{value}`' for value in values)}" for name, values in column.required_on
    )
    return conditions or (f"yes (`{column.default}`)" if column.default is not None else "yes")


def _codes(column: Column) -> str:
    return " ".join(f"`{code}`" for code in column.codes)


if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
