"""The landing zone: the ledger, the batches that it names and the keys that their pseudonyms are made with.

Here: the hash-chained ledger, which batches count at an instant (batches.py), writing a file so that a crash leaves a whole one
or none (storage.py), compaction, and the pseudonym keys. Not here: what a row must be to land (sources/landing).
"""
