"""Processing, on the collection page: declared purposes, legal bases, consent, what came after a stop, decisions by machine.

Here: its figures, its drawing and its table by purpose. Not here: collection (collection.py).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboards import export, notation, words
from dashboards.charts import footing, look
from dashboards.data import judged, metrics
from dashboards.data import processing as data
from dashboards.figures import cards, guarded, nothing, pair, section
from dashboards.page import Page
from dashboards.views import measured

_CODES = (
    "purpose_limitation_rate",
    "consent_required_on_other_basis",
    "processing_without_consent",
    "processing_after_stop",
    "acts_while_pending",
    "automated_decisions_after_objection",
)


@guarded
def draw(page: Page) -> None:
    """The lower half of the page."""
    if not judged.holds(page.ref, "fct_processing"):
        with section("Processing", "0 acts"):
            nothing(
                "No processing has been landed",
                "0 acts are known, so nothing says what data is used for. Add a source of log `processing` to promisekept.yml.",
            )
        return
    found = data.by_purpose(page.ref, page.period)
    acts = sum(row["acts"] for row in found)
    with section(
        "Processing",
        f"{notation.count(acts)} acts of processing {measured.during(page.period)}, whatever type and feature is chosen above",
        anchor="processing",
    ):
        _figures(page, found)
        if not found:
            nothing("Nothing was processed", f"0 acts in {page.period.words}.")
            return
    with pair() as (left, right):
        with left:
            _bases(page, found)
        with right:
            _purposes(found)


def _stops(page: Page) -> tuple[str, measured.Verdict | None]:
    """Acts after a stop by its right, and the promise worst kept of those that ask about one right."""
    by_right = metrics.by_dimension(page.ref, "processing_after_stop", page.period, "right_type")
    asked = judged.verdicts(page.ref, ("processing_after_stop",), page.period, ("right_type", None))
    told = ", ".join(
        f"{words.say(words.RIGHTS, right).lower()} {notation.count(figure.value)}" for right, figure in by_right if figure.value
    )
    return f", by right: {told}" if told else "", asked.get("processing_after_stop")


def _figures(page: Page, found: list[dict[str, Any]]) -> None:
    got, targets = metrics.figures(page.ref, _CODES, page.period), judged.verdicts(page.ref, _CODES, page.period)
    where, none = measured.during(page.period), f"0 acts {measured.during(page.period)}"
    by_right, stopped = _stops(page)

    def of(column: str, noun: str) -> str:
        return f"of {notation.count(sum(row[column] for row in found))} {noun}"

    cards(
        [
            measured.of_figure(
                "For a declared purpose",
                got["purpose_limitation_rate"],
                targets.get("purpose_limitation_rate"),
                "collections and acts",
                where=where,
                nothing=f"0 collections and acts {where}",
                help="The policy pack declared the purpose on the day of the collection or act.",
            ),
            measured.of_figure(
                "On another basis",
                got["consent_required_on_other_basis"],
                targets.get("consent_required_on_other_basis"),
                of("consent_required", "acts that need consent"),
                where=where,
                nothing=none,
                help="The purpose requires consent, and the act names another basis.",
            ),
            measured.of_figure(
                "Without the consent",
                got["processing_without_consent"],
                targets.get("processing_without_consent"),
                of("on_consent", "acts on consent"),
                where=where,
                nothing=none,
                help="The act rests on a consent that was not there, or no longer.",
            ),
            measured.of_figure(
                "After a stop",
                got["processing_after_stop"],
                stopped,
                of("stoppable", "acts while a stop was in force") + f" {where}{by_right}",
                nothing=none,
                help="After a fulfilled erasure, objection or restriction of the person.",
            ),
            measured.of_figure(
                "While a request waited",
                got["acts_while_pending"],
                targets.get("acts_while_pending"),
                of("while_pending", "acts before the answer"),
                where=where,
                nothing=none,
                help="Between the receipt and the answer of an objection or restriction that covers the act.",
            ),
            measured.of_figure(
                "Automated after objection",
                got["automated_decisions_after_objection"],
                targets.get("automated_decisions_after_objection"),
                of("decisions", "automated decisions"),
                where=where,
                nothing=none,
                help="Decisions by a machine about a person whose objection to them was granted.",
            ),
        ]
    )
    st.caption(measured.matched(page, ("processing",)))
    measured.doubts(got, targets, metrics.names(page.ref))


@guarded
def _bases(page: Page, found: list[dict[str, Any]]) -> None:
    order = sorted(found, key=lambda row: -row["acts"])[:12]
    names = {row["purpose_code"]: words.sentence(row["purpose_code"]) for row in order}
    parts = {code: [row for row in data.bases(page.ref, page.period) if row["purpose_code"] == code] for code in names}
    acts = [(names[code], row["legal_basis"], row["acts"]) for code, rows in parts.items() for row in rows]
    with section("On which basis", "Acts of processing by purpose and legal basis, as the source states it"):
        numbers = [{"Purpose": purpose, "Basis": footing.BASES[basis][0], "Acts": number} for purpose, basis, number in acts]
        look.show(
            footing.by_purpose(acts),
            alternative="Acts by purpose and basis: "
            + "; ".join(f"{purpose} {footing.BASES[basis][0]} {number}" for purpose, basis, number in acts),
            numbers=numbers,
            name="by purpose and basis",
            height=look.HIGH,
        )


@guarded
def _purposes(found: list[dict[str, Any]]) -> None:
    def declared(row: dict[str, Any]) -> str:
        if row["undeclared"]:
            return f":red-badge[:material/cancel: {notation.out_of(row['undeclared'], row['acts'])} not]"
        return ":gray-badge[:material/help: No register]" if row["purpose_unknown"] else "Declared"

    def broken(row: dict[str, Any], column: str, of: str) -> str:
        return notation.out_of(row[column], row[of]) if row[of] else notation.NULL

    more = f"; the 15 worst of {len(found)}" if len(found) > 15 else ""
    with section("By purpose", f"Against the promise, of the acts that it binds; a dash where it binds none{more}"):
        st.table(
            pd.DataFrame(
                [
                    {
                        "Purpose": notation.plain(words.sentence(row["purpose_code"])),
                        "In the pack": declared(row),
                        "Without consent": broken(row, "without_consent", "on_consent"),
                        "After a stop": broken(row, "after_stop", "stoppable"),
                        "Automated": broken(row, "decisions_after", "decisions"),
                    }
                    for row in found[:15]
                ]
            ),
            border="horizontal",
            hide_index=True,
        )
        export.button(
            "acts",
            [
                {
                    "Purpose": words.sentence(row["purpose_code"]),
                    "Acts": row["acts"],
                    "Not declared": row["undeclared"],
                    "Without consent": row["without_consent"],
                    "On consent": row["on_consent"],
                    "After a stop": row["after_stop"],
                    "While a stop was in force": row["stoppable"],
                    "Decided after an objection": row["decisions_after"],
                    "Automated decisions": row["decisions"],
                }
                for row in found
            ],
        )
