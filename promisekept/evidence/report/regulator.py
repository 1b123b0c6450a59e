"""Part 7: the tables that laws ask for, in their shape and their words, each with its citation.

Here: `rpt_ccpa_7102`, `rpt_ccpa_7101`, `rpt_gdpr_art12_requests`, `rpt_gdpr_art33_incidents`, `rpt_gdpr_art30`. Not here: how
they are counted (the models decide it). 7102 is exact for every audience, as the regulation has it published; what names single
cases or may count few never goes to the public.
"""

from __future__ import annotations

from promisekept.evidence.report.model import Block, Part, ReportColumn, Row, Table, Text
from promisekept.evidence.report.queries import Answer, Inquiry
from promisekept.presentation import formats, labels, paper

CALIFORNIA = "US_CA_CCPA"
_EXTRACT = 25
_GROUNDS = {
    "denied_identity_not_verified": "Not verifiable",
    "denied_exempt": "Exempt",
    "denied_manifestly_unfounded": "Unfounded",
    "denied_excessive": "Excessive",
    "denied_no_data": "No data",
    "denied_third_party_rights": "Rights of others",
    "denied_legal_obligation": "Legal duty",
    "denied_on_other_grounds": "Other",
    "denied_in_whole_or_part": "All",
}


def regulator(ask: Inquiry) -> Part:
    """Part 7."""
    regime = ask.scope.regime
    blocks: list[Block] = []
    if regime in (None, CALIFORNIA):
        blocks += _ccpa_7102(ask)
        if not ask.is_public:
            blocks += _ccpa_7101(ask)
    if not ask.is_public:
        blocks += _art12(ask) + _art33(ask)
        if regime is None:
            blocks += _art30(ask)
    return Part(7, "Regulator tables", tuple(blocks) or (Text("No law of the period asks for a table of its own."),))


def _ccpa_7102(ask: Inquiry) -> list[Block]:
    """The calendar years that the period touches, and the last one that is over."""
    found = ask.rows(
        """
        select * from marts.rpt_ccpa_7102
        where calendar_year between year($start::date) - 1 and year($last::date)
        order by calendar_year, place
        """
    )
    blocks: list[Block] = []
    for year in sorted({row["calendar_year"] for row in found}):
        blocks += _year(ask, year, [row for row in found if row["calendar_year"] == year])
    return blocks


def _year(ask: Inquiry, year: int, rows: list[Answer]) -> list[Block]:
    numbers = ("received", "complied_in_whole", "complied_in_part", "denied", "unanswered", "withdrawn", "not_counted")
    running = "" if rows[0]["year_is_over"] else " (the year still runs)"
    columns = (
        ReportColumn("Request", 21),
        *(
            ReportColumn(head, width, "right")
            for head, width in (
                ("Received", 10),
                ("Complied with in whole", 12),
                ("Complied with in part", 12),
                ("Denied", 8),
                ("Un-answered", 9.5),
                ("With-drawn", 8),
                ("Not counted", 9),
                ("Median days", 9),
                ("Mean days", 7.5),
            )
        ),
    )
    table = Table(
        f"Requests of California consumers, calendar year {year}{running}",
        "11 CCR § 7102(a)(1); rpt_ccpa_7102",
        columns,
        tuple(
            Row(
                (
                    labels.label(labels.REQUEST_TYPES, row["request_type"]),
                    *(formats.count(row[name]) for name in numbers),
                    formats.count(row["median_days"]),
                    formats.NULL if row["mean_days"] is None else f"{row['mean_days']:.1f}",
                )
            )
            for row in rows
        ),
        (
            f"Received in {year}, by what had become of each at as of. In each line received = in whole + in part + denied "
            "+ unanswered + withdrawn + not counted (duplicate, test, not a request). Days run from receipt to the substantive "
            "response."
        ),
    )
    denied = tuple(
        Row((labels.label(labels.REQUEST_TYPES, row["request_type"]), *(formats.count(row[name]) for name in _GROUNDS)))
        for row in rows
        if row["denied_in_whole_or_part"]
    )
    widths = (9.5, 8.5, 10.5, 9, 8, 10, 8.5, 7.5, 7.5)
    grounds = Table(
        f"Grounds of denial, calendar year {year}{running}",
        "11 CCR § 7102(a)(2), denied in whole or in part",
        (
            ReportColumn("Request", 21),
            *(ReportColumn(head, width, "right") for head, width in zip(_GROUNDS.values(), widths, strict=True)),
        ),
        denied,
    )
    return [table, grounds] if denied and not ask.is_public else [table]


def _ccpa_7101(ask: Inquiry) -> list[Block]:
    """An extract of the record of requests: the last ones of the period; the bundle holds all of them."""
    found = ask.rows(
        """
        select *, count(*) over ()::bigint as all_rows from marts.rpt_ccpa_7101
        where date_of_request >= $start and date_of_request < $end
        order by date_of_response is null, date_of_request, request_key limit $most
        """,
        most=_EXTRACT,
    )
    if not found:
        return []
    number = found[0]["all_rows"]
    columns = (
        ReportColumn("Request", 16, mono=True),
        ReportColumn("Date", 13, "right"),
        ReportColumn("Nature", 17),
        ReportColumn("Manner", 11),
        ReportColumn("Response", 13, "right"),
        ReportColumn("Nature of response", 15),
        ReportColumn("Ground of denial", 15),
    )
    rows = tuple(
        Row(
            (
                paper.brief(ask.names.of(row["request_id"])),
                paper.short_day(row["date_of_request"]),
                labels.label(labels.REQUEST_TYPES, row["nature_of_request"]).removeprefix("To "),
                labels.label({}, row["manner_of_request"]),
                paper.short_day(row["date_of_response"]),
                labels.label(labels.RESPONSES, row["nature_of_response"]),
                labels.label({}, row["basis_of_denial"]) if row["basis_of_denial"] else "",
            )
        )
        for row in found
    )
    shown = (
        f"All {number} requests of the period are shown."
        if number <= _EXTRACT
        else (
            f"{_EXTRACT} of the {formats.count(number)} requests received in the period are shown, answered ones first; "
            "the full record is in data/tables/rpt_ccpa_7101.csv."
        )
    )
    return [Table("Record of requests, extract", "11 CCR § 7101(b)", columns, rows, shown)]


def _art12(ask: Inquiry) -> list[Block]:
    """Per law and right, over the months of the period."""
    names = (
        "received",
        "answered_in_time",
        "answered_late",
        "open_in_time",
        "open_overdue",
        "paused",
        "excluded",
        "without_deadline",
    )
    beside = ("extended", "denied")
    sums = ", ".join(f"sum({name})::bigint as {name}" for name in (*names, *beside))
    found = ask.rows(
        f"""
        select regime_code, right_type, {sums} from marts.rpt_gdpr_art12_requests
        where month_start >= $start and month_start < $end and ($regime::varchar is null or regime_code = $regime)
        group by regime_code, right_type having sum(received) > 0 order by regime_code, right_type
        """
    )
    rows: list[Row] = []
    regime = None
    for row in found:
        if row["regime_code"] != regime:
            regime = row["regime_code"]
            rows.append(Row((labels.regime(regime),), "group"))
        rows.append(
            Row((labels.label(labels.RIGHTS, row["right_type"]), *(formats.count(row[name]) for name in (*names, *beside))))
        )
    columns = (
        ReportColumn("Right", 19),
        *(
            ReportColumn(head, width, "right")
            for head, width in (
                ("Received", 9),
                ("Answered in time", 9.5),
                ("Answered late", 9.5),
                ("Open, in time", 7),
                ("Open, overdue", 9),
                ("Paused", 8),
                ("Excluded", 9),
                ("Without deadline", 9),
                ("Ex-tended", 7),
                ("Denied", 7),
            )
        ),
    )
    note = (
        "By month of receipt. Received = the seven columns that follow it; extended and denied stand beside them. "
        "Where a period of one month can be extended by two, Art. 12(3) asks for notice within the first."
    )
    caption = "Requests of data subjects, by right"
    return (
        [Table(caption, "GDPR and UK GDPR Art. 12(3)-(4); rpt_gdpr_art12_requests", columns, tuple(rows), note)] if rows else []
    )


def _art33(ask: Inquiry) -> list[Block]:
    found = ask.rows(
        """
        select * from marts.rpt_gdpr_art33_incidents
        where aware_date >= $start and aware_date < $end and ($regime::varchar is null or regime_code = $regime)
        order by aware_at, incident_key
        """
    )
    if not found:
        return []
    rows = tuple(
        Row(
            (
                paper.brief(ask.names.of(row["incident_id"])),
                labels.sentence(row["nature_of_breach"]),
                paper.moment(row["aware_at"]),
                formats.count(row["affected_subjects"]),
                paper.moment(row["authority_notified_at"]),
                formats.NULL if row["authority_hours"] is None else formats.count(round(row["authority_hours"], 1)),
                labels.sentence(row["status"]),
                labels.spaced(", ".join(row["missing"] or [])) or formats.NULL,
            )
        )
        for row in found
    )
    columns = (
        ReportColumn("Incident", 11, mono=True),
        ReportColumn("Nature", 10),
        ReportColumn("Aware", 12),
        ReportColumn("Persons", 8, "right"),
        ReportColumn("Authority notified", 12),
        ReportColumn("Hours", 7, "right"),
        ReportColumn("State", 10),
        ReportColumn("Not in the logs", 30),
    )
    note = (
        "Hours from becoming aware to the notification; Art. 33(1) gives 72. What Art. 33(3) asks for and no log "
        "holds is named in the last column."
    )
    return [
        Table("Personal data breaches of which the organisation became aware", "GDPR and UK GDPR Art. 33(5)", columns, rows, note)
    ]


def _art30(ask: Inquiry) -> list[Block]:
    found = ask.rows("select * from marts.rpt_gdpr_art30 order by purpose_code")
    if not found:
        return []
    lists = (
        ("data_categories", "Categories of data"),
        ("sensitive_categories", "Of these sensitive"),
        ("recipients", "Recipients"),
        ("transfers", "Transfers and safeguards"),
        ("erasure_limits", "Time limits for erasure"),
        ("legal_bases", "Legal bases in the log"),
        ("systems", "Systems"),
        ("missing", "Missing for Art. 30(1)"),
    )
    rows: list[Row] = []
    for row in found:
        draft = " (draft)" if row["is_draft"] else ""
        rows.append(Row((f"{row['purpose'] or row['purpose_code']}{draft}",), "group"))
        rows += [Row((name, labels.spaced(", ".join(row[code])))) for code, name in lists if row[code]]
    columns = (ReportColumn("Purpose", 28), ReportColumn("As declared in the pack and seen in the logs", 72))
    note = "A purpose is a draft where the policy pack lacks what the article asks for; it is named in the line of that purpose."
    return [Table("Records of processing activities", "GDPR and UK GDPR Art. 30(1); rpt_gdpr_art30", columns, tuple(rows), note)]
