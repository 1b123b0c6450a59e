"""One report of one snapshot and one scope.

Here: the order of the parts, the cover, and what the document states about itself. Not here: any part (their modules), or how
the report is drawn (html.py, pdf.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from promisekept.evidence.public import HiddenFigures
from promisekept.evidence.rekeying import IDS_KEPT, Names
from promisekept.evidence.report import basis
from promisekept.evidence.report.changes import changes, restated
from promisekept.evidence.report.model import Cover, Part, Report, numbered
from promisekept.evidence.report.population import population
from promisekept.evidence.report.promise_pages import pages
from promisekept.evidence.report.promises import promises
from promisekept.evidence.report.queries import Inquiry, check
from promisekept.evidence.report.regulator import regulator
from promisekept.evidence.report.scorecard import board, scorecard, title_of
from promisekept.evidence.report.suppression import suppression_of
from promisekept.evidence.scope import Scope
from promisekept.presentation import formats, labels, paper
from promisekept.publishing.reader import SnapshotReader

TITLE = "Compliance evidence report"


def build_report(
    reader: SnapshotReader,
    scope: Scope,
    *,
    previous_tagmanifest: str | None = None,
    since: Mapping[str, Any] | None = None,
    hidden: HiddenFigures | None = None,
    names: Names = IDS_KEPT,
) -> Report:
    """The report of a scope: a function of the snapshot, the scope and the bundle before it, and of nothing else.

    Args:
        reader: the snapshot that `scope` names, open.
        scope: period, audience and regime.
        previous_tagmanifest: SHA-512 (hex) of the tagmanifest of the bundle before this one; None where there is none.
        since: what has changed since that bundle, as metadata/changes.json lists it.
        hidden: the figures that the public may not see, where somebody has worked them out already.
        names: by which the bundle calls single cases.

    Returns:
        The report as data, for `write_report`.

    Raises:
        EvidenceError: the snapshot has no verdicts for the period, or no request under the regime.
    """
    ask = Inquiry(reader, scope, names)
    check(ask)
    suppression = suppression_of(ask, hidden)
    every = promises(ask)
    parts = numbered(
        (
            board(ask, suppression, every),
            basis.basis(ask),
            population(ask),
            scorecard(ask, suppression, every),
            Part(5, "Promise by promise", pages(ask, suppression, every)),
            changes(ask, every, since),
            regulator(ask),
            basis.glossary(),
            basis.checking(is_public=ask.is_public),
        )
    )
    organisation = str(reader.manifest["organisation"])
    title = title_of(scope.period)
    law = f", {labels.regime(scope.regime)}" if scope.regime else ""
    return Report(
        organisation=organisation,
        title=TITLE,
        footer=f"{TITLE}, {title} · Snapshot {reader.id}",
        subject=f"{title}, snapshot {reader.id}, for {scope.audience}{law}",
        paper=ask.paper,
        as_of=paper.utc(ask.as_of),
        cover=_cover(ask, previous_tagmanifest),
        control=basis.control(ask),
        parts=parts,
    )


def _cover(ask: Inquiry, previous: str | None) -> Cover:
    manifest, quality = ask.reader.manifest, ask.reader.quality
    period = ask.scope.period
    in_force = ask.rows(
        """
        select effective_date from marts.fct_policy_versions where effective_date < $end
        order by effective_date desc, policy_version desc limit 1
        """
    )
    of = f" of {paper.day(in_force[0]['effective_date'])}" if in_force else ""
    again = restated(ask)
    rules = ask.row(
        "select count(distinct rule_id)::bigint as rules, count(distinct regime_code)::bigint as laws from "
        "marts.fct_requests where rule_id is not null"
    )
    identity = (
        ("Snapshot", ask.reader.id),
        ("Events up to (as of)", paper.instant(ask.as_of, ask.zone)),
        ("Rows landed up to (known at)", paper.instant(ask.known_at, ask.zone)),
        (
            "Policy pack; rule set",
            f"{manifest['pack']['name']} {manifest['pack']['version']}; {paper.plural(rules['rules'], 'rule')} of "
            f"{paper.plural(rules['laws'], 'law')} applied",
        ),
        (
            "Data-quality gate",
            (
                f"{formats.count(quality['passed'])} of {formats.count(quality['declared'])} expectations of the "
                "published tables met"
            ),
        ),
        (
            "Restated figures",
            "no record of earlier publications"
            if again is None
            else f"{formats.count(again)} since the last publication (part 6)",
        ),
        ("Status", "Management's own statement of fact. Not audited; no assurance is expressed."),
    )
    narrowed = f" Requests under {labels.regime(ask.scope.regime)} only." if ask.scope.regime else ""
    return Cover(
        title=TITLE,
        subtitle=(
            f"The promises of the privacy policy{of}, measured for the {period.grain} {paper.date_range(period.start, ask.last)}"
        ),
        prepared_for=labels.PREPARED_FOR[ask.scope.audience] + narrowed,
        audience=ask.scope.audience,
        personal_data="No person is named, and no key of a person is printed.",
        identity=identity,
        content_hash=_lines(str(manifest["content_hash"]), 32),
        previous=_lines(previous, 32) if previous else ("none",),
        remark=(
            "A document can't carry the fingerprint of the bundle that contains it. That of the present bundle is in the "
            "covering letter, which reached you by another channel. Part 9 describes how to check it."
        ),
    )


def _lines(digest: str, width: int) -> tuple[str, ...]:
    return tuple(paper.blocks(digest[at : at + width]) for at in range(0, len(digest), width))
