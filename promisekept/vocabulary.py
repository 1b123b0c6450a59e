"""The words that every face of the product shares: screen, command line, report.

Here: verdicts, where promises come from, the rights of the contract. Not here: shapes and colours, and words that one face alone
needs (dashboards/words.py, evidence/report/words.py).
"""

from __future__ import annotations

from collections.abc import Mapping

VERDICTS: Mapping[str, str] = {
    "missed": "Missed",
    "insufficient_evidence": "Not assessable",
    "met_on_main_reading": "Kept on the main reading",
    "met_within_tolerance": "Kept, with exceptions",
    "manual": "By hand",
    "not_yet_due": "Not yet due",
    "not_applicable": "No case",
    "met": "Kept",
}
"""Worst first: the verdict of a promise is the first that one of its controls has."""

KEPT = ("met", "met_within_tolerance", "met_on_main_reading")
ORIGINS: Mapping[str, str] = {"policy": "Promises of the policy", "law": "Duties of law", "good_practice": "Good practice"}
RIGHTS: Mapping[str, str] = {
    "access": "Access",
    "portability": "Portability",
    "rectification": "Rectification",
    "erasure": "Erasure",
    "restriction": "Restriction",
    "objection": "Objection",
    "automated_decision": "Automated decision",
    "opt_out_sale_share": "Opt-out of sale",
    "limit_sensitive": "Limit sensitive data",
    "consent_withdrawal": "Withdrawal of consent",
    "appeal": "Appeal",
}

NO_OWNER = "no owner named"
"""Of a promise for which the pack names nobody; never a guess."""
