"""Pages that are generated from the product's own definitions, so that they can't differ from it.

Here: the log contract from contract.yml, the metric definitions from the catalogues, the lineage of each promise of the demo
pack down to its logs, the faults that the suite injects, the terms of pages and reports. `python docs/generate.py` writes
them; tests/test_docs.py fails while a page differs from what would be generated.
"""

from __future__ import annotations

import ast
import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple

import licences
import semantic_layer

from promisekept.policy.catalogue import is_evidence, metrics_of
from promisekept.presentation.glossary import definitions
from promisekept.sources.contract import GREATEST, LONGEST_OF_DIMENSION, LogColumn, contract

WIDTH = 120
DOCS = Path(__file__).parent
MODELS = DOCS.parent / "dbt_project" / "models"
MACROS = DOCS.parent / "dbt_project" / "macros"
SEEDS = DOCS.parent / "dbt_project" / "seeds"
FAULTS = DOCS.parent / "tests" / "faults"
DEMO = DOCS.parent / "promisekept" / "demo" / "pack"
SOURCES = {"policy": "the policy", "law": "the law", "good_practice": "good practice"}
ASSESSED = {"measured": "measured", "partly": "measured in part", "manual": "assessed by people"}
CLOSES = {
    "by_fact": "when the logs show its end",
    "never": "never, since it occurred",
    "unseen": "when corrected, without a date in the logs",
    "is_closing": "at once: it is how another finding ended",
}
TARGETS = {">=": "at least", "<=": "at most", "=": "exactly", ">": "more than", "<": "less than"}
ON_PAGES = "## On pages and in reports\n"
REFERENCE = re.compile(r"\bref\(['\"](\w+)['\"]\)")
IN_LOOP = re.compile(r"\bref\('(\w+)' ~ [\w.]+(?: ~ '(\w+)')?\)")
KINDS = {
    "instant": "timestamp with offset",
    "subject": "text, keyed while landing",
    "list": "list, `;`-separated in CSV",
    "place": "ISO 3166-1 or -2",
    "country": "ISO 3166-1 alpha-2",
    "uri": "URI without a person in it",
    "revision": "integer, or the instant of the change",
    "date": "date, `YYYY-MM-DD`",
    "date_text": "`YYYY-MM` or `YYYY-MM-DD`",
}


def log_contract() -> str:
    """What a source owner is sent: every log, its columns, and when a value may be missing."""
    parts = [
        "# The log contract",
        "",
        "Generated from `promisekept/sources/contract.yml`. Empty text is null. A row with an unknown code is rejected, with its",
        "value named; marts check the codes of a pack register. What becomes of each row:",
        "[Connect a source](connect-a-source.md#what-happens-to-rows).",
    ]
    for log in contract().values():
        parts += ["", f"## {log.name}", "", "| column | type | null | codes |", "|---|---|---|---|"]
        parts += [f"| `{column.name}` | {_type(column)} | {_null(column)} | {_codes(column)} |" for column in log.columns]
        if log.has_dimensions:
            parts.append(f"| one per dimension of your own | text of at most {LONGEST_OF_DIMENSION} characters | yes |  |")
    parts += [
        "",
        "Columns for [dimensions of your own](configuration.md#dimensions-of-your-own) are declared in `promisekept.yml`; a file",
        "may have them, or a mapping yield them.",
    ]
    return "\n".join(parts) + "\n"


def metrics() -> str:
    """Every metric: what it counts, of what, placed in which period, and which single cases stand against it."""
    parts = [
        "# Metrics",
        "",
        "Generated from `metric_catalogue.csv` and `finding_catalogue.csv` in `dbt_project/seeds`. `value` is null where the",
        "denominator is 0. `value_worst` is the worst case: each case that can't be assessed counts as missed, and so does each",
        "event that a control total or a sequence counts and that never landed; a rejected row whose count of records or persons",
        "can't be read, and a missing one, count as many as the log contract allows. A control whose log has no row is *not",
        "assessable*, never kept. A *finding* is one case that counts against the figure: a row of the worklist `fct_findings`,",
        "which leads back to the landed row. Which promise rests on which metric: [Promises](promises.md).",
        "",
        "The dimension `own` stands for those that a project declares for its requests or records:",
        "[Dimensions of your own](configuration.md#dimensions-of-your-own).",
        "",
        "| metric | marts | logs | unit | period by | dimensions | definition | findings |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in _rows(SEEDS / "metric_catalogue.csv"):
        cells = (
            f"`{row['metric_code']}`",
            row["mart"].replace(";", ", "),
            row["logs"].replace(";", ", "),
            row["unit"],
            row["period_by"],
            row["dimensions"].replace(";", ", "),
            row["description"],
            ", ".join(f"`{finding['finding_code']}`" for finding in _findings(row["metric_code"])),
        )
        parts.append(_line(*cells))
    parts += [
        "",
        "## Numerators and denominators",
        "",
        "Each over the rows of the metric's mart: a condition counts rows, a `case` adds up an amount. In dbt's format of",
        "semantic models: `dbt_project/models/semantic_layer.yml`. A metric that is not here is no sum over rows (a Kaplan-Meier",
        "estimate, a state at the end of a period) or needs more than its mart shows; `fct_metrics` has its figures.",
        "",
        "| metric | period by | numerator | denominator |",
        "|---|---|---|---|",
    ]
    parts += [
        _line(*(f"`{row[name]}`" if row[name] else "" for name in ("metric_code", "day_sql", "numerator_sql", "denominator_sql")))
        for row in _rows(SEEDS / "metric_catalogue.csv")
        if row["numerator_sql"]
    ]
    parts += ["", "## Findings", "", "| finding | severity | meaning | metric | closes |", "|---|---|---|---|---|"]
    parts += [
        _line(
            f"`{row['finding_code']}`",
            row["severity"],
            row["word"],
            ", else ".join(f"`{metric}`" for metric in metrics_of(row))
            + (", where a pack promises it" if metrics_of(row) and is_evidence(row) else ""),
            CLOSES[row["closes"]],
        )
        for row in _rows(SEEDS / "finding_catalogue.csv")
    ]
    parts += ["", "A finding without a metric concerns the evidence itself, or the pack: it may affect every figure."]
    parts += ["`rpt_finding_ages` has the days on which each opened and closed, as known now; the report rolls them forward."]
    return "\n".join(parts) + "\n"


def promises() -> str:
    """Each promise of the demo pack: its controls, their figures and targets, the marts and logs that show them."""
    parts = [
        "# From a promise to the log that shows it",
        "",
        "Generated from the demo pack (`promisekept/demo/pack`), the catalogues of metrics and findings, and the models.",
        "Each promise leads to a control, the control to one or more figures with a target, each figure to the mart that it is",
        "derived from, and each mart to its logs. The last section lists the models between a mart and its logs. The promises of",
        "[a pack of your own](write-a-pack.md) lead to the same figures. The definition of each: [Metrics](metrics.md).",
    ]
    for section, clauses in _grouped(_rows(DEMO / "clauses.csv"), "section").items():
        parts += ["", f"## {section}"]
        for clause in clauses:
            parts += ["", *_promise(clause)]
    parts += ["", "## From a mart to its logs", "", "| mart | models | logs |", "|---|---|---|"]
    for mart in sorted({mart for row in _catalogue().values() for mart in row["mart"].split(";")}):
        below = models_below(mart)
        marts = [name for name in below if name.startswith("fct_")]
        shown = {name for other in marts for name in models_below(other)}
        between = [f"`{name}`" for name in below if not name.startswith("stg_") and name not in shown]
        logs = sorted({name[len("stg_") :].partition("__")[0] for name in below if "__" in name and name.startswith("stg_")})
        parts.append(_line(f"`{mart}`", ", ".join(between), ", ".join(logs) or "all"))
    return "\n".join(parts) + "\n"


class Fault(NamedTuple):
    """One row of the fault suite, as the module that injects it states it."""

    number: int
    fault: str
    holds: str
    test: str


def stated_faults() -> list[Fault]:
    """Each paragraph `Fault N: <fault>: <what holds>` of a module docstring below tests/faults, by number."""
    found = []
    for file in sorted(FAULTS.glob("test_*.py")):
        docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        for paragraph in docstring.split("\n\n"):
            stated = re.match(r"Fault (\d+): (.+): (.+)", " ".join(paragraph.split()))
            if stated:
                found.append(Fault(int(stated[1]), stated[2], stated[3].rstrip("."), file.name))
    return sorted(found, key=lambda fault: (fault.number, fault.test))


def glossary() -> str:
    """The terms of the code as people write them, and below them those of pages and reports."""
    by_hand = (DOCS / "glossary.md").read_text(encoding="utf-8").partition(ON_PAGES)[0]
    parts = [
        "",
        "Generated from `promisekept/presentation/glossary.py`; a term on a page opens the same definition.",
        "",
        "| term | meaning |",
        "|---|---|",
        *(_line(term, meaning) for term, meaning in definitions().items()),
    ]
    return by_hand + ON_PAGES + "\n".join(parts) + "\n"


def faults() -> str:
    """Every fault that the suite injects, what holds afterwards, and the test that shows it."""
    parts = [
        "# Faults",
        "",
        "Generated from the modules below `tests/faults`. Each fault is injected into the real thing: real processes,",
        "real files, real servers on loopback.",
        "",
        "| row | fault | expected outcome | test |",
        "|---|---|---|---|",
    ]
    parts += [_line(str(one.number), one.fault, one.holds, f"`{one.test}`") for one in stated_faults()]
    return "\n".join(parts) + "\n"


@cache
def models_below(model: str) -> tuple[str, ...]:
    """Every model above one in the lineage, by the names that its SQL and the macros in it refer to; seeds are none.

    Models of changed keys are left out: they choose the rows that an incremental build recomputes, and hold no data of them.
    """
    direct = _named(_models()[model].read_text(encoding="utf-8")) & _models().keys()
    direct = {name for name in direct if not name.endswith("__changed")}
    return tuple(sorted(direct.union(*(models_below(name) for name in direct))))


def _named(text: str, of_loops: frozenset[str] = frozenset()) -> frozenset[str]:
    """What a text and the macros in it refer to; in a loop, one model for each word that it, or who calls it, may go through."""
    words = of_loops.union(re.findall(r"'(\w+)'", text), contract() if "contract_logs()" in text else ())
    called = [body for name, body in _macros().items() if re.search(rf"\b{name}\(", text)]
    in_loop = {f"{begin}{word}{end}" for begin, end in IN_LOOP.findall(text) for word in words}
    return frozenset(REFERENCE.findall(text)).union(in_loop, *(_named(body, words) for body in called))


@cache
def _macros() -> dict[str, str]:
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(MACROS.rglob("*.sql")))
    return dict(re.findall(r"\{%-? macro (\w+)\((.*?)\{%-? endmacro", text, re.DOTALL))


def _promise(clause: Mapping[str, str]) -> Iterator[str]:
    yield f"### {clause['clause_id']}: {clause['promise']}"
    yield ""
    limits = f" Limits: {clause['limits']}." if clause["limits"] else ""
    yield from wrap(
        f"Promised by {SOURCES[clause['source']]}; {ASSESSED[clause['assessed_by']]}.{limits}", WIDTH, break_on_hyphens=False
    )
    for control in _grouped(_rows(DEMO / "controls.csv"), "clause_id")[clause["clause_id"]]:
        code = control["control_id"]
        yield ""
        yield (
            f"Control `{code}`, from the logs {control['logs'].replace(';', ', ')}:" if control["logs"] else f"Control `{code}`:"
        )
        yield ""
        figures = _grouped(_rows(DEMO / "control_metrics.csv"), "control_id").get(code, [])
        if figures:
            yield "| figure | of | target | findings against it | mart | logs |"
            yield "|---|---|---|---|---|---|"
        for row in figures:
            yield _figure(row)
        for row in _grouped(_rows(DEMO / "attestations.csv"), "control_id").get(code, []):
            yield f"- {row['assessor_role']}, {row['assessed_on']}: {row['result']}; holds until {row['valid_to']}"


def _figure(row: Mapping[str, str]) -> str:
    metric = _catalogue()[row["metric_code"]]
    return _line(
        f"{metric['name']} (`{row['metric_code']}`)",
        "everything" if row["dimension"] == "all" else f"{row['dimension']} {row['dimension_value']}",
        f"{TARGETS[row['operator']]} {_amount(float(row['target']), metric['unit'])}",
        "; ".join(finding["word"] for finding in _findings(row["metric_code"])),
        ", ".join(f"`{mart}`" for mart in metric["mart"].split(";")),
        metric["logs"].replace(";", ", "),
    )


def _amount(target: float, unit: str) -> str:
    return f"{target * 100:g} %" if unit == "share" else f"{target:g} {unit}"


@cache
def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def _models() -> dict[str, Path]:
    return {file.stem: file for file in MODELS.rglob("*.sql")}


def _catalogue() -> dict[str, dict[str, str]]:
    return {row["metric_code"]: row for row in _rows(SEEDS / "metric_catalogue.csv")}


def _findings(metric_code: str) -> list[dict[str, str]]:
    return [row for row in _rows(SEEDS / "finding_catalogue.csv") if metric_code in metrics_of(row)]


def _grouped(rows: list[dict[str, str]], column: str) -> dict[str, list[dict[str, str]]]:
    groups: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups


def _line(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


PAGES: Mapping[str, Callable[[], str]] = {
    "log-contract.md": log_contract,
    "metrics.md": metrics,
    "promises.md": promises,
    "faults.md": faults,
    "glossary.md": glossary,
    "licences.md": licences.page,
    "../dbt_project/models/semantic_layer.yml": semantic_layer.semantic_layer,
}


def _type(column: LogColumn) -> str:
    bounds = f", at least {column.least}" if column.kind in ("integer", "revision") else ""
    bounds += f", at most {column.most:,}" if column.most < GREATEST else ""
    bounds += f", at most {column.longest} characters" if column.longest is not None else ""
    return KINDS.get(column.kind, column.kind) + bounds


def _null(column: LogColumn) -> str:
    if column.required:
        return "no"
    conditions = "; ".join(
        f"not where `{name}` is {', '.join(f'`{value}`' for value in values)}" for name, values in column.required_on
    )
    return conditions or (f"yes (`{column.default}`)" if column.default is not None else "yes")


def _codes(column: LogColumn) -> str:
    codes = ("true", "false", "unknown") if column.unknown else column.codes
    return " ".join(f"`{code}`" for code in codes)


if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
