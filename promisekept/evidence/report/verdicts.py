"""The verdicts as the report draws them.

Here: glyph and label of promisekept/presentation/statuses.py with the tone of the print. Not here: what a verdict means
(promisekept/presentation/glossary.py), how it is reached (the marts hold it).
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
