"""One place for each code that a reader of the report meets: its word, its shape, its colour.

Here: the vocabulary. Not here: sentences (parts*.py), numbers (notation.py). A code without a word is shown as it is, with
spaces for underscores.
"""

from __future__ import annotations

from collections.abc import Mapping

from promisekept import vocabulary
from promisekept.evidence.report.model import Mark, Tone
from promisekept.numerals import NULL
from promisekept.vocabulary import KEPT, ORIGINS, RIGHTS

__all__ = ["KEPT", "ORIGINS", "RIGHTS"]  # shared with the screen and the command line

_SHAPES: Mapping[str, tuple[str, Tone]] = {
    "missed": ("■", "missed"),
    "insufficient_evidence": ("△", "open"),
    "met_on_main_reading": ("◉", "kept"),
    "met_within_tolerance": ("●", "kept"),
    "manual": ("○", "quiet"),
    "not_yet_due": ("○", "quiet"),
    "not_applicable": ("○", "quiet"),
    "met": ("●", "kept"),
}
VERDICTS: Mapping[str, Mark] = {code: Mark(code, text, *_SHAPES[code]) for code, text in vocabulary.VERDICTS.items()}
RANKS = list(VERDICTS)
MEANINGS: Mapping[str, str] = {
    "met": "Target reached by the main, the strict and the worst reading, without a single case against it.",
    "met_within_tolerance": "The same with single cases against it, fewer than the target allows. They are counted beside it.",
    "met_on_main_reading": "Target reached by the main reading, but not by the strict or by the worst.",
    "missed": "The measure did not reach its target.",
    "insufficient_evidence": "A log is absent, stale or failed its gate, or too little could be judged. Never counted as kept.",
    "manual": "A named role assessed it; the attestation and its expiry stand beside it.",
    "not_yet_due": "Nothing fell due yet, and something will.",
    "not_applicable": "Nothing happened to which the promise applies, and the silence is evidenced.",
}
ASSESSED = {
    "measured": "The promise is measured as a whole.",
    "partly": "Only a part of the promise can be measured.",
    "manual": "The promise is assessed by people.",
}
QUALITY = {"passed": "Passed", "failed": "Failed", "not_configured": "No source"}
STATES = {
    "excluded": "Excluded",
    "no_rule": "No rule found",
    "no_deadline": "No deadline in law",
    "closed_on_time": "Closed on time",
    "closed_late": "Closed late",
    "paused": "Clock lawfully paused",
    "open_in_time": "Open, in time",
    "open_overdue": "Open, overdue",
}
REQUEST_TYPES = {
    "request_to_delete": "To delete",
    "request_to_correct": "To correct",
    "request_to_know": "To know",
    "request_to_opt_out_of_sale_sharing": "To opt out of sale or sharing",
    "request_to_limit": "To limit use of sensitive information",
}
RESPONSES = {"complied_in_whole": "complied in whole", "complied_in_part": "complied in part", "denied": "denied"}
CAUSES = {
    "late_rows": "Rows landed late",
    "correction": "A correction",
    "later_event": "A later event",
    "conflict": "A contradiction",
    "pack": "The policy pack changed",
    "law": "A law changed",
    "code": "The program changed",
    "retired": "The logs are no longer kept",
}
AUDIENCES = {
    "regulator": "Prepared for supervisory authorities.",
    "auditor": "Prepared for the auditors of the organisation.",
    "public": "Prepared for publication.",
}
DIMENSIONS = {
    "regime_code": "Law",
    "right_type": "Right",
    "recipient_id": "Recipient",
    "system": "System",
    "data_category": "Category of data",
    "purpose_code": "Purpose",
    "collection_type": "Way of collection",
    "incident_type": "Kind of incident",
    "channel": "Channel",
    "feature": "Feature",
    "contract": "Contract",
    "jurisdiction": "Place",
    "source": "Source",
    "log": "Log",
}


def say(table: Mapping[str, str], code: str | None) -> str:
    """The word for a code, or the code with spaces; a null is a dash."""
    return NULL if code is None else table.get(code) or code.replace("_", " ")


def value(dimension: str, code: str) -> str:
    """A value of a dimension in words: rights have names, everything else is the pack's own code."""
    return say(RIGHTS, code) if dimension == "right_type" else code


def sentence(text: str | None) -> str:
    """A text as the beginning of a sentence."""
    flat = " ".join((text or "").replace("_", " ").split())
    return flat[:1].upper() + flat[1:]


def spaced(text: str | None) -> str:
    """A definition with its codes in words: `closed_on_time` reads `closed on time`."""
    return " ".join((text or "").replace("_", " ").split())


def sentence_of(text: str) -> str:
    """A text as it is, but with a great letter first and no full stop last."""
    flat = " ".join(text.split()).rstrip(".")
    return flat[:1].upper() + flat[1:]


PLACED = {
    "due_date": "the day on which the answer was due",
    "closed_date": "the day on which it was closed",
    "received_date": "the day of receipt",
    "ack_due_date": "the day on which the acknowledgement was due",
    "period_end": "its last day",
    "occurred_at": "the day on which it happened",
    "withdrawn_at": "the day of the withdrawal",
    "deleted_at": "the day of the deletion",
    "effective_at": "the day on which the change took effect",
    "published_at": "the day of publication",
    "authority_due_at": "the day on which the notification was due",
    "persons_due_at": "the day on which the notification of the persons was due",
    "detected_at": "the day of detection",
}
