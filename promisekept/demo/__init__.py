"""The fictional organisation: Larkfield Communications, 18 months, ten logs, every trap of a compliance officer's work.

Here: a project folder, written the same each time, to see the product work and to test it on. Not here: anything that
a real project needs. People, firms and figures are invented; addresses end in reserved domains.

Eleven promises are missed, each with its cases (docs/demo.md describes them; tests/demo/test_known_answers.py holds the numbers).
It is published as of two instants, the end of August and that of September 2026; all numbers are of the second.

What happened (story/*.sql), from 1 April 2025 to 30 September 2026, and what can be counted in the files:

| log | case | known answer |
|---|---|---|
| requests | letters, and rights asked for in them | 11,400 and 12,094, of them 509 in the old ticket system |
| | summer of 2025: a new web form and two people ill | adherence near 92 % in 2025-Q3, near 97 % a year later |
| | a template of spring 2026 without a line for the ground | denials without a ground: 18 |
| | identity asked for in California, as if the clock stood still | `unpermitted_pause` |
| | extensions notified too late, or where the law permits none | `extension_late`, `extension_not_permitted` |
| | three people in a place that no rule covers | `no_rule`: 3 |
| | the help desk promises 30 days to everyone | `declared_differs` |
| | held for a customer, passed on, a few forgotten; duplicates, tests, withdrawals | `excluded`, as processor: 310 |
| | an export that overlaps, corrected dates, contradictions, a stray answer, a mistyped year | classes of rows |
| consents | the data warehouse never confirms a withdrawal of `usage_analytics`, and goes on | unconfirmed: 103; acts: 29 |
| | the gateway to the partners lost its queue in February 2026 | unconfirmed: 2 |
| disclosures | `transcribe_ai` goes on after its agreement ended on 1 April 2026 | no agreement: 211 |
| | the mail provider still gets the addresses of people who objected | after a stop: 5 |
| retention | the deletion job of the contact centre stopped on 10 June 2026 | over-retained since then: 146 |
| | a backup of 14 August 2026; a hold that did not hold | came back: 3; deleted under a hold: 1 |
| | a deletion recorded with two dates | conflicting: 1 |
| | erasures: the old system takes no reports, the data warehouse forgets, ten persons without identity | incomplete: 105 |
| collections | call sentiment launched in February 2026, its notice in March | without notice: 18 |
| processing | `marketing_mail` takes addresses from a copy: objections never arrive there | after a stop: 58 |
| incidents | INC-2602 was notified after 78 hours; one of an unknown type is rejected | late: 1; quarantined: 1 |
| policies | the change of 1 August 2026 came before its notice: 2,110 of 8,640 notified | coverage |
| remediations | assigned, accepted, resolved, reopened, one withdrawn | overdue: 3; reopened: 2; accepted: 2 |
| subject_links | e-mail address and customer number of each person; a spreadsheet had been there | quarantined: 3 |
"""

from promisekept.demo.writing import AS_OF, EARLIER_AS_OF, LANDED_AT, write_demo

__all__ = ["AS_OF", "EARLIER_AS_OF", "LANDED_AT", "write_demo"]
