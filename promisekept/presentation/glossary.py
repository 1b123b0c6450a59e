"""What the words of pages and reports mean: the only definitions, for the report, the pages and docs/glossary.md.

Here: a term, or the code of a verdict, and its definition in one or two sentences. Not here: labels of codes (labels.py,
statuses.py), how each metric is computed (the catalogue in dbt_project/seeds holds it).
"""

from __future__ import annotations

from collections.abc import Mapping

from promisekept.presentation import statuses

VERDICTS: Mapping[str, str] = {
    "met": "Target reached by the standard and the strict interpretation and in the worst case, without a case against it.",
    "met_within_tolerance": "Target reached, with single cases against it, fewer than it allows. They are counted beside it.",
    "met_on_main_reading": "Target reached by the standard interpretation, but not by the strict one or in the worst case.",
    "missed": "The measure did not reach its target.",
    "insufficient_evidence": "A log is absent, stale or failed its gate, or too little could be assessed. Never counted as kept.",
    "manual": "A named role assessed it; the attestation and its expiry stand beside it.",
    "not_yet_due": "Nothing fell due yet, and something will.",
    "not_applicable": "Nothing happened to which the promise applies, and the absence of cases is evidenced.",
}

TERMS: Mapping[str, str] = {
    "95% interval": "The range in which the share would probably lie with many more cases; wide where there are few (Wilson).",
    "Accepted": "A risk that an officer accepts until a date, with a reason. No figure or verdict changes by it.",
    "Adherence": "The share of requests that fell due in the period and were answered by their last day.",
    "As of": "The instant up to which events count. What happened later is not in the figures.",
    "Bundle": "The folder or archive that holds this report with its tables, events, queries and proofs.",
    "Cause": "What a group of findings has in common: one recipient, system, source, rule or policy version.",
    "Closed while paused": "An answer sent while the deadline was lawfully paused: on time, and missed in the worst case.",
    "Control": "The test that stands for a promise; it has one or more measures, each with a target.",
    "Deadline running": "The period has begun and its last day is not over.",
    "Different legal basis": "Consent is required for the purpose, and the operation rests on another legal basis.",
    "Distance to target": (
        "By how many percentage points a measure misses its target; a count is taken as a share of what it is counted in."
    ),
    "Excluded": (
        "A request that left the population: withdrawn, duplicate, test, not a request, or not the organisation's to answer."
    ),
    "Excluded or paused": "Requests that were excluded, whose deadline is paused, or that were closed while it was.",
    "Finding": "One thing that is wrong, with the row of the log that shows it.",
    "Identity match rate between logs": (
        "Of the persons who objected, opted out or were erased, the share that another log holds under the same key."
    ),
    "Incomplete erasures": "Erasures answered as fulfilled after which a system did not confirm or a record was still there.",
    "Independent record count": "A count of events taken independently of the reader that landed them; it shows a lost row.",
    "Initial deadline": "The last day by the rule alone, before pauses, extensions and weekends or holidays.",
    "Known at": "The instant up to which landed rows count. What was delivered later is not in the figures.",
    "Landed row": "The row of a log as it was delivered, kept unchanged, with its batch and number.",
    "Legal hold": "What suspends deletion, with its reference; a record set under one is not retained beyond schedule.",
    "Maximum achievable": "The share on time if every request that is still open were answered in time.",
    "Pause days added": "The days on which the law stops the deadline, added to its end.",
    "Policy pack": "The organisation's promises, rules, targets, schedules and registers, as data with a version.",
    "Publish gate": "The checks on the finished figures; a run that fails one is not published.",
    "Quarantine": "Where rows that break the contract are kept, each with its reason; no figure counts them.",
    "Reappeared after deletion": "A record set that was seen again after its deletion was recorded.",
    "Restatement": "A figure of a closed period that differs from the last publication; never without its cause.",
    "Retained beyond schedule": "A record set kept past the last day that its schedule, contract or hold allows.",
    "Snapshot": "The published state of all figures, under a content hash that changes with any of them.",
    "Source gate": "The checks on each log before anything is counted from it.",
    "Standard interpretation": "The figure by each rule as it is usually read.",
    "Strict interpretation": "The figure by the strict interpretation of each rule, where a law can be read in two ways.",
    "Undeclared data categories": "Categories of data in a row that the policy pack does not list.",
    "Weekend or holiday adjustment": "The move of a last day that is no working day, where the law moves it.",
    "Worst case": "The figure with missing evidence counted as missed.",
}


def definitions() -> dict[str, str]:
    """Every term with its definition, verdicts by their labels; in alphabetical order."""
    verdicts = {statuses.VERDICTS[code].text: meaning for code, meaning in VERDICTS.items()}
    return dict(sorted({**TERMS, **verdicts}.items(), key=lambda entry: entry[0].casefold()))
