"""What one step of a lineage is: a promise, a control, a metric with its two numbers, a model, a source.

Here: facts in words, one table per kind. Not here: which steps there are (data/lineage.py), the page (page.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards import markdown
from dashboards.components import links, tables
from dashboards.components.sections import section
from dashboards.data import lineage as data
from dashboards.data import promises, quality
from dashboards.data.lineage import Lineage, LineageNode
from dashboards.page import Page
from promisekept.presentation import formats, labels, statuses


def sentence(node: LineageNode) -> str:
    """One grey line under the name of a step."""
    row = node.row
    if node.kind == "promise":
        origin = labels.ORIGINS.get(row["source"], labels.sentence(row["source"])).lower()
        return f"Promise · {markdown.plain(row['section'])} · {origin}"
    if node.kind == "control":
        return f"Control · {formats.plural(row.get('of', 0), 'measure')}; as good as the worst of them"
    return {
        "metric": "Metric · measured in the period, assessed against the target of the pack",
        "model": "Model · a table of the snapshot",
        "source": "Source · where rows are landed from",
    }[node.kind]


def draw(page: Page, node: LineageNode, found: Lineage) -> None:
    """Draw the facts of a step and the ways on from it."""
    with section(node.name, sentence(node)):
        facts = {"promise": _promise, "control": _control, "metric": _metric, "model": _model, "source": _source}[node.kind]
        tables.facts({name: value for name, value in facts(page, node.row).items() if value}, escaped=True)
        _onward(page, node, found)


def _promise(page: Page, row: Mapping[str, Any]) -> dict[str, str]:
    about, _ = promises.promise(page.ref, row["clause_id"], page.period)
    return {
        "Promise": markdown.plain(row["promise"]),
        "Verdict": f"{statuses.VERDICTS[row['status']].badge()} for {page.period.words}",
        "Reason": _sentence(row.get("reason")),
        "Decided by": markdown.plain(data.metric(page.ref, row["metric_code"]).get("name", "")) if row.get("metric_code") else "",
        "Owner": markdown.owner(about.get("owner"), about.get("remedy_due")),
        "Exceptions": " ".join(markdown.exception(one) for one in promises.exceptions(page.ref, row["clause_id"])),
        "Findings": f"{formats.count(row.get('findings', 0))} to date",
        "Assessed": labels.ASSESSED[row["assessed_by"]],
        "Not shown": _sentence(row["limits"]),
    }


def _control(page: Page, row: Mapping[str, Any]) -> dict[str, str]:
    if not row:
        return {"Verdict": f"No target was in force in {page.period.words}"}
    by = f", by the {markdown.plain(row['attested_by'].replace('_', ' '))}" if row["attested_by"] else ""
    return {
        "Verdict": f"{statuses.VERDICTS[row['status']].badge()} for {page.period.words}",
        "Reason": _sentence(row["reason"]),
        "Assessed": f"{formats.day(row['attested_on'])}{by}, stands until {formats.day(row['attestation_valid_to'])}"
        if row["attested_on"]
        else "",
        "Checks": _checks(row["quality_verdict"]),
    }


def _metric(page: Page, row: Mapping[str, Any]) -> dict[str, str]:
    about = data.metric(page.ref, row["metric_code"])
    unit, target = row["unit"], row["target"]
    facts = {
        "Code": markdown.code(row["metric_code"]),
        "Measured": f"**{formats.measured(row['value'], unit, target)}** · {formats.base(row) or 'nothing to measure'} "
        f"{statuses.VERDICTS[row['status']].badge()}",
        "Reason": _sentence(row["reason"]),
        "Target": f"{formats.target(row['operator'], target, unit)}, set by {markdown.plain(row['control_id'])}",
        "Other interpretations": " · ".join(
            f"{name} {formats.measured(row[column], unit, target)}"
            for name, column in ((labels.STRICT, "value_strict"), (labels.WORST, "value_worst"))
            if row[column] is not None
        ),
    }
    if row["dimension"] not in (None, "all"):
        part = labels.dimension_value(row["dimension"], row["dimension_value"])
        facts["Only"] = f"{labels.label(labels.DIMENSIONS, row['dimension'])}: {markdown.plain(part)}"
    compiled = _compiled(page, [*about["mart"].split(";"), "fct_metrics"] if about else [])
    facts |= _computed(about) | {"Compiled SQL": compiled}
    return facts | {"Checks": _checks(row["quality_verdict"]), "Legal review": _confidence(row["rule_confidence"])}


def _computed(about: Mapping[str, Any]) -> dict[str, str]:
    """How a metric is computed: the sentence of the catalogue, and of a rate its two numbers, in words or as SQL."""
    if not about:
        return {}
    facts = {
        "Numerator": _number(about.get("counted"), about.get("numerator_sql")),
        "Denominator": _number(about.get("out_of"), about.get("denominator_sql")),
    }
    rate = facts if facts["Denominator"] else {}
    dated = labels.label(labels.DATED_BY, about["period_by"])
    return {
        **rate,
        "Counted": markdown.plain(about["description"]),
        "Dated by": markdown.plain(dated),
        "Counted from": " · ".join(map(markdown.code, about["mart"].split(";"))),
    }


def _number(words: str | None, sql: str | None) -> str:
    return markdown.plain(words) if words else markdown.code(sql) if sql else ""


def _compiled(page: Page, marts: Sequence[str]) -> str:
    """By which text marts were computed; the text itself is in every bundle."""
    hashes = page.snapshot.manifest.get("models", {})
    return " · ".join(f"{markdown.plain(mart)} {markdown.code(_short(hashes[mart]))}" for mart in marts if mart in hashes)


def _model(page: Page, row: Mapping[str, Any]) -> dict[str, str]:
    manifest = page.snapshot.manifest
    suites = [suite for suite in page.snapshot.quality["suites"] if suite["suite"].removeprefix("marts/") == row["mart"]]
    passed = sum(check["passed"] for suite in suites for check in suite["checks"])
    declared = sum(suite["declared"] for suite in suites)
    counted = [markdown.plain(one["name"]) for one in data.counted_from(page.ref, row["mart"])]
    return {
        "Table": markdown.code(f"marts.{row['mart']}"),
        "Rows": formats.count(row["rows"]),
        "Compiled SQL": _compiled(page, [row["mart"]]),
        "Content hash": markdown.code(_short(manifest["tables"].get(row["mart"], {}).get("hash"))),
        "Publish gate": f"{formats.out_of(passed, declared)} checks passed" if suites else "",
        "Made by": markdown.plain(f"promisekept {manifest['code_version']}, policy pack {manifest['pack']['version']}"),
        "Metrics": f"{len(counted)} counted from it: {', '.join(counted)}" if counted else "",
    }


def _source(page: Page, row: Mapping[str, Any]) -> dict[str, str]:
    if "source" not in row:
        return {"Log": markdown.plain(row["log"]), "Source": "None is configured: nothing that this log feeds can be assessed"}
    word = statuses.CHECKS[quality.freshness(row)]
    last = row["last_landed_at"]
    verdicts = [one for one in quality.source_verdicts(page.ref) if one["source"] == row["source"]]
    return {
        "Log": markdown.plain(row["log"]),
        "Freshness": word.badge(),
        "Last delivery": formats.instant(last, page.snapshot.zone) if last else f"{formats.NULL} none yet",
        "Rows": f"{formats.count(row['read'])} read = "
        + markdown.plain(" + ".join(f"{formats.count(row[name])} {text.lower()}" for name, text in labels.ROW_CLASSES.items())),
        "Source gate": ", ".join(f"{formats.out_of(one['passed'], one['declared'])} checks passed" for one in verdicts),
        "Independent record count": "given by the source" if row["has_control_total"] else labels.NO_COUNT,
    }


def _onward(page: Page, node: LineageNode, found: Lineage) -> None:
    clause = found.of("promise")[0]
    number = clause.row.get("findings")
    with st.container(gap="xxsmall"):
        if node.kind in ("promise", "control", "metric") and number:
            label = f"{formats.plural(number, 'finding')} against {clause.name}"
            links.link("Findings", label, page.carried | {"clause": clause.name})
        if node.kind in ("source", "model"):
            links.link("Data quality", "Sources, checks and rejected rows", page.carried)


def _checks(verdict: str) -> str:
    return f"logs behind it: {statuses.CHECKS[verdict].badge()}"


def _confidence(value: str | None) -> str:
    return "" if value in (None, "high") else f"Rule marked {markdown.plain(value)} confidence: needs legal review"


def _sentence(text: str | None) -> str:
    return markdown.plain(labels.sentence(text)) if text else ""


def _short(value: str | None) -> str:
    return f"{value[:8]}…{value[-8:]}" if value else formats.NULL
