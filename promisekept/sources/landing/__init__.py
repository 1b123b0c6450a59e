"""Landing: each new file or chunk of a source becomes one batch of the landing zone, once or not at all.

A row is mapped (mapping.py), validated and typed (validation.py), pseudonymised (pseudonymisation.py) and deduplicated
(deduplication.py); what breaks the contract is written to the quarantine (rejects.py), which quarantine.py lists.
landing_batch.py names the relations that a batch passes through, batch.py has the order of the steps for one file,
file_groups.py for several that go together, land.py for all sources of a run. Also here: landing rows again (reland.py), a
trial (dry_run.py), and the landed rows as relations of the warehouse (relations.py).
"""
