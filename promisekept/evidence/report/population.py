"""Part 3: what the figures are counted from: every request in one line, every row read in one class.

Here: `rpt_waterfall`, `rpt_roll_forward`, `audit_sources`, `fct_source_completeness`, `audit_source_verdicts`. Not here:
figures of promises. Some lines count few, so the public gets none of them.
"""

from __future__ import annotations

from promisekept.evidence.report import charts
from promisekept.evidence.report.model import Block, Chart, Part, ReportColumn, Row, Table, Text
from promisekept.evidence.report.queries import Answer, Inquiry
from promisekept.presentation import formats, labels, paper
from promisekept.presentation.statuses import REQUESTS, WATERFALL

_TONES = {"closed_on_time": charts.NAVY, "closed_late": charts.RED, "open_overdue": charts.RED}
_STATES = [(REQUESTS[code].text, code) for code in WATERFALL]
_MOVES = (
    ("opening", 1, "Open before the period"),
    ("received", 1, "Received"),
    ("reopened", 1, "Reopened"),
    ("answered", -1, "Answered"),
    ("excluded", -1, "Excluded or withdrawn"),
)
_BRIDGE = (
    ("answered", 1, "Answered in the period"),
    ("answered_reopened", -1, "Of these reopened later"),
    ("answered_excluded", -1, "Of these excluded later"),
    ("answered_before_receipt", -1, "Of these answered before their receipt"),
    ("closed_without_deadline", -1, "Closed, without a deadline in law"),
    ("closed_declared", -1, "Closed, by the date that the source states"),
    ("closed_due_elsewhere", -1, "Closed, due in another period"),
    ("due_closed_elsewhere", 1, "Due in the period, closed in another"),
    ("due_open_overdue", 1, "Due in the period, open and overdue"),
)


def population(ask: Inquiry) -> Part:
    """Part 3."""
    blocks: list[Block] = []
    if not ask.is_public:
        lead = (
            "Every request received in the period stands in exactly one line below, and every row read from a "
            "source is accounted for."
        )
        blocks += [Text(lead, "lead"), *_requests(ask)]
        if ask.scope.regime is None:
            blocks += _moves(ask)
        blocks += _rows_read(ask) + _gate(ask)
    else:
        lead = (
            "Every request and every row read from a source is accounted for; how, stands in the copies for "
            "regulators and auditors."
        )
        blocks.append(Text(lead, "lead"))
    return Part(3, "Population and completeness", tuple(blocks))


def _requests(ask: Inquiry) -> list[Block]:
    """The balancing population: a drawing of the period, and a table of its months."""
    dimension, value = ("regime_code", ask.scope.regime) if ask.scope.regime else ("all", "all")
    found = ask.rows(
        """
        select * from marts.rpt_waterfall
        where dimension = $dimension and dimension_value = $value
            and ((period_grain = $grain and period_start = $start)
                or ($grain <> 'month' and period_grain = 'month' and period_start >= $start and period_start < $end))
        order by period_grain = $grain, period_start
        """,
        dimension=dimension,
        value=value,
    )
    whole = [row for row in found if row["period_grain"] == ask.scope.period.grain]
    if not whole or not whole[0]["received"]:
        return [Text("No request was received in the period.")]
    (total,) = whole
    steps = [(word, total[code], _TONES.get(code, charts.SILVER)) for word, code in _STATES]
    svg = charts.waterfall(("Received", total["received"]), steps)
    caption = f"What became of the {formats.count(total['received'])} requests received."
    alt = f"Received {formats.count(total['received'])}: " + "; ".join(f"{word} {formats.count(n)}" for word, n, _ in steps) + "."
    chart = Chart(
        caption,
        "State at the instants on the cover; a request about two rights counts twice.",
        alt,
        svg,
        charts.WIDTH,
        22 * (len(steps) + 1) + 8,
    )
    months = [row for row in found if row["period_grain"] == "month" and ask.scope.period.grain == "quarter"]
    return [chart, _states(ask, months, total)]


def _states(ask: Inquiry, months: list[Answer], total: Answer) -> Table:
    beside = {
        "closed_on_time": ("closed_while_paused", "of these {} while the deadline was paused"),
        "excluded": ("withdrawn_overdue", "of these {} withdrawn when overdue"),
        "no_rule": ("no_rule", "each is a finding"),
    }
    notes = {code: text.format(formats.count(total[count])) for code, (count, text) in beside.items() if total[count]}
    shown = [*months, total]
    rows = [Row((word, *(formats.count(row[code]) for row in shown), notes.get(code, ""))) for word, code in _STATES]
    rows.append(
        Row(
            (
                "Received",
                *(formats.count(row["received"]) for row in shown),
                f"sum of the lines above: difference {formats.count(total['balance'])}",
            ),
            "total",
        )
    )
    each = 11.0
    columns = (
        ReportColumn("State", 26),
        *(ReportColumn(paper.full_month(row["period_start"]), each, "right") for row in months),
        ReportColumn(labels.sentence(ask.scope.period.grain), each, "right"),
        ReportColumn("Note", 74 - each * len(shown)),
    )
    of = "rpt_waterfall" + (f", {labels.regime(ask.scope.regime)}" if ask.scope.regime else "")
    return Table("Requests received, by state", of, columns, tuple(rows))


def _moves(ask: Inquiry) -> list[Block]:
    """The roll-forward of open requests and its bridge to what fell due: the two totals that a reader finds."""
    names = sorted({name for name, _, _ in (*_MOVES, *_BRIDGE)} | {"closing", "fell_due"})
    sums = ", ".join(f"coalesce(sum({name}), 0)::bigint as {name}" for name in names)
    total = ask.row(f"select {sums} from marts.rpt_roll_forward where period_grain = $grain and period_start = $start")
    columns = (ReportColumn("Movement", 78), ReportColumn("Requests", 22, "right"))
    rows = [Row((word, formats.count(sign * total[name]))) for name, sign, word in _MOVES]
    rows.append(Row(("Open at the end of the period", formats.count(total["closing"])), "total"))
    bridge = [Row((word, formats.count(sign * total[name]))) for name, sign, word in _BRIDGE]
    bridge.append(Row(("Fell due in the period: what adherence is out of", formats.count(total["fell_due"])), "total"))
    return [
        Table("Roll-forward of open requests", "rpt_roll_forward, all rights", columns, tuple(rows)),
        Table("From what was answered to what fell due", "rpt_roll_forward, all rights", columns, tuple(bridge)),
    ]


def _rows_read(ask: Inquiry) -> list[Block]:
    """Each source's rows in their classes, with gaps in its deliveries and whether anybody counted it independently."""
    found = ask.rows(
        """
        with gaps as (
            select source, sum(gaps)::bigint as gaps from marts.fct_source_completeness
            where day >= $start and day < $end group by source
        )
        select s.*, gaps.gaps from marts.audit_sources s left join gaps using (source) where is_configured order by log, source
        """
    )
    if not found:
        return [Text("No source is configured.")]
    classes = ("read", *labels.ROW_CLASSES)
    rows: list[Row] = []
    log = None
    for row in found:
        if row["log"] != log:
            log = row["log"]
            rows.append(Row((labels.sentence(log),), "group"))
        rows.append(
            Row(
                (
                    row["source"],
                    *(formats.count(row[name]) for name in classes),
                    formats.count(row["gaps"]),
                    "yes" if row["has_control_total"] else "no",
                )
            )
        )
    sums = [sum(row[name] for row in found) for name in classes]
    rows.append(Row(("All", *(formats.count(one) for one in sums), "", ""), "total"))
    columns = (
        ReportColumn("Source", 20),
        *(ReportColumn(name, 10.5, "right") for name in ("Read", *labels.ROW_CLASSES.values())),
        ReportColumn("Gaps", 7, "right"),
        ReportColumn("Independent count", 10, "right"),
    )
    difference = sums[0] - sum(sums[1:])
    note = (
        "Since the first delivery. Read = landed + duplicate + corrected + conflicting + quarantined: difference "
        f"{formats.count(difference)}. Gaps are expected deliveries of the period that did not come; {formats.NULL} where the "
        "source states no interval."
    )
    return [Table("Rows read, by source and class", "audit_sources", columns, tuple(rows), note)]


def _gate(ask: Inquiry) -> list[Block]:
    found = ask.rows(
        """
        select log, sum(declared)::bigint as declared, sum(passed)::bigint as passed, bool_and(verdict = 'passed') as held,
            bool_or(verdict = 'not_configured') as absent
        from marts.audit_source_verdicts group by log order by log
        """
    )
    rows = tuple(
        Row(
            (
                labels.sentence(row["log"]),
                formats.count(row["declared"]),
                formats.count(row["passed"]),
                "No source" if row["absent"] else "Passed" if row["held"] else "Failed",
            )
        )
        for row in found
    )
    columns = (
        ReportColumn("Log", 40),
        ReportColumn("Expectations", 20, "right"),
        ReportColumn("Met", 20, "right"),
        ReportColumn("Verdict", 20),
    )
    note = "A promise fed by a log that failed is not assessable; its figure is printed with that verdict."
    return [Table("The source gate", "audit_source_verdicts", columns, rows, note)] if rows else []
