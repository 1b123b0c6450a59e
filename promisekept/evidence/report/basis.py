"""Parts 2, 8 and 9, and the page of control: what the report is, its words, how to check it, what was left out.

Here: what is the same in every report but for names and instants. Not here: figures.
"""

from __future__ import annotations

from promisekept.evidence.report import verdicts
from promisekept.evidence.report.changes import has_history
from promisekept.evidence.report.model import Block, Bullets, Command, Commands, Lines, Part, ReportColumn, Row, Table, Text
from promisekept.evidence.report.queries import Inquiry
from promisekept.presentation import formats, labels
from promisekept.presentation import glossary as words

_WORDS = (
    "Adherence",
    "As of",
    "Bundle",
    "Closed while paused",
    "Control",
    "Excluded",
    "Finding",
    "Identity match rate between logs",
    "Known at",
    "Policy pack",
    "Restatement",
    "Snapshot",
    "Source gate",
    "Standard interpretation",
    "Strict interpretation",
    "Worst case",
)
"""The terms that the report uses, by promisekept/presentation/glossary.py."""


def basis(ask: Inquiry) -> Part:
    """Part 2: what the report is, what its words mean, what it does not show, and the statement of those who answer for it."""
    name = ask.reader.manifest["organisation"]
    lead = (
        f"This report states, for each promise of {name} (the “Company”), whether it was kept in the period, by what measure, "
        "and on which records the answer rests. It is compiled from the Company's own logs by a fixed procedure; no figure was "
        "entered manually unless it is marked as a manual assessment."
    )
    blocks: list[Block] = [
        Text(lead, "lead"),
        Table(
            "What the verdicts mean",
            "the first that fits, worst first",
            (ReportColumn("Verdict", 30), ReportColumn("Meaning", 70)),
            tuple(Row((mark, words.VERDICTS[code])) for code, mark in verdicts.VERDICTS.items()),
        ),
        Text("How figures are shown", "label"),
        Bullets(
            (
                "Each rate stands beside its numerator and denominator and can be recomputed from the tables in the bundle.",
                "A rate is never rounded across its target: 97.97% is not shown as 98.0%.",
                f"“{formats.NULL}” means no cases; it is not zero and not 100%.",
                "Whole populations are measured, not samples; there are no sampling errors to state.",
                (
                    f"Days are local dates: of the request's jurisdiction for requests, of {ask.zone.replace('_', ' ')} for "
                    "everything else."
                ),
            )
        ),
        Text("What this report does not show", "label"),
        Bullets(
            (
                (
                    "Events that no source system recorded. Part 3 states the checks made for gaps; they can't prove that "
                    "nothing is missing."
                ),
                (
                    "The quality of an answer. “On time” means that an answer went out, not that it was complete, except "
                    "for erasure, where the systems are looked at again."
                ),
                (
                    "Whether a law applies. The rule applied to each request is named; its choice follows the place "
                    "recorded with the request."
                ),
            )
        ),
        Text("Management's statement", "label"),
        Text(
            "We are responsible for the completeness and accuracy of the logs, for the policy pack and its targets, and for this "
            "report. To the best of our knowledge all source systems in scope are listed in part 3, no record was altered or "
            "withheld, and the exceptions known to us are stated."
        ),
        Lines(("For data protection", "For the management"), "Name, date and signature are in the covering letter"),
    ]
    return Part(2, "Basis of preparation", tuple(blocks))


def glossary() -> Part:
    """Part 8: words, and the codes that stand for the verdicts in the tables of the bundle."""
    terms = tuple(Row((term, words.TERMS[term])) for term in _WORDS)
    codes = tuple(Row((mark, code)) for code, mark in verdicts.VERDICTS.items())
    return Part(
        8,
        "Words",
        (
            Table("Words of this report", "alphabetical", (ReportColumn("Word", 24), ReportColumn("Meaning", 76)), terms),
            Table(
                "Verdicts and their codes",
                "fct_control_status",
                (ReportColumn("Verdict", 40), ReportColumn("Code", 60, mono=True)),
                codes,
            ),
        ),
    )


def checking(*, is_public: bool) -> Part:
    """Part 9: how a third party checks the bundle offline, with tools that are not ours."""
    commands: tuple[Command, ...] = (
        Command(
            "sh verify.sh BUNDLE fingerprint=HEX",
            "Nothing was changed, removed, added or renamed, and it is the bundle whose fingerprint you were given. It uses "
            "coreutils, find and openssl alone; it lies in data/, but take it from elsewhere than the bundle that it checks.",
            "Whether what was landed is what happened. A fingerprint that came with the bundle proves nothing.",
        ),
        Command(
            "sh verify.sh BUNDLE trust=CA.pem",
            "Whoever holds the key of the certificate signed this bundle.",
            "That the certificate is the organisation's: compare it with the one that reached you by another channel.",
        ),
        Command(
            "bagit.py --validate BUNDLE",
            "The same as the first, by a tool that is independent of us (BagIt 1.0, RFC 8493).",
            "Who made the bundle.",
        ),
        Command(
            "frictionless validate BUNDLE/data/datapackage.json",
            "Each table has the columns, types, keys and hash that it states.",
            "That a value is true.",
        ),
    )
    if not is_public:
        commands += (
            Command(
                "sh BUNDLE/reperform.sh",
                "The requests and the figures of this bundle follow from its own events, rules and SQL: all are computed again, "
                "by the duckdb command alone, and compared row by row. It runs what lies in the bundle: check that first.",
                "That the events are all of them, or what happened; and late_rows, whose rows lie outside of the period.",
            ),
        )
    lead = "Everything can be verified independently and without a network, on copies that you made; see data/VERIFY.txt."
    computed = (
        "How each table was computed stands in metadata/sql; from a figure to its rules, models and deliveries leads "
        "metadata/lineage.json."
    )
    return Part(9, "Checking this report", (Text(lead, "lead"), Commands(commands), Text(computed, "note")))


def control(ask: Inquiry) -> tuple[Block, ...]:
    """What stands on the contents page below the contents: how the report was made, by whom it is released, what is left out."""
    manifest = ask.reader.manifest
    rows = (
        (
            "Prepared from",
            (
                f"promisekept {manifest['code_version']}, DuckDB {manifest['duckdb_version']}, holidays "
                f"{manifest['holidays_version']}"
            ),
        ),
        ("Policy pack", f"{manifest['pack']['name']} {manifest['pack']['version']}, SHA-256 {manifest['pack']['sha256'][:16]}…"),
        ("Prepared, reviewed, approved", "by three persons; names, dates and signatures are in the covering letter"),
        ("Left out", "; ".join(left_out(ask)) or "nothing"),
    )
    table = Table("Control of this report", "", (ReportColumn("", 28), ReportColumn("", 72)), tuple(Row(row) for row in rows))
    return (table,)


def left_out(ask: Inquiry) -> list[str]:
    """What this copy does not hold, and why."""
    omitted = []
    if ask.is_public:
        omitted += [
            (
                "single cases: findings, rules applied, the record of requests (11 CCR § 7101), incidents, because anybody "
                "may read this copy"
            ),
            "figures that reveal few cases, and those from which they could be worked out",
        ]
    if ask.scope.regime:
        omitted.append(
            f"requests under other laws than {labels.regime(ask.scope.regime)} in parts 3 and 7; verdicts are of the whole "
            "organisation, as a promise is"
        )
    if not has_history(ask):
        omitted.append("restatements: the snapshot brings no record of what was published before it")
    return omitted
