"""The verdicts as the report draws and explains them.

Here: glyph and label of promisekept/presentation/statuses.py with the tone of the print, and what each verdict means. Not
here: how a verdict is reached (the marts hold it).
"""

from __future__ import annotations

from collections.abc import Mapping

from promisekept.evidence.report.model import Mark, Tone
from promisekept.presentation import statuses

_TONES: Mapping[str, Tone] = {
    "missed": "missed",
    "insufficient_evidence": "open",
    "met": "kept",
    "met_within_tolerance": "kept",
    "met_on_main_reading": "kept",
}
VERDICTS: Mapping[str, Mark] = {
    code: Mark(code, verdict.text, verdict.glyph, _TONES.get(code, "quiet")) for code, verdict in statuses.VERDICTS.items()
}
RANKS = list(VERDICTS)
MEANINGS: Mapping[str, str] = {
    "met": "Target reached by the standard and the strict interpretation and in the worst case, without a case against it.",
    "met_within_tolerance": "The same with single cases against it, fewer than the target allows. They are counted beside it.",
    "met_on_main_reading": "Target reached by the standard interpretation, but not by the strict one or in the worst case.",
    "missed": "The measure did not reach its target.",
    "insufficient_evidence": "A log is absent, stale or failed its gate, or too little could be assessed. Never counted as kept.",
    "manual": "A named role assessed it; the attestation and its expiry stand beside it.",
    "not_yet_due": "Nothing fell due yet, and something will.",
    "not_applicable": "Nothing happened to which the promise applies, and the absence of cases is evidenced.",
}
