"""From the files of a source to immutable landed rows: contract, readers, mappings, landing, quarantine, ledger."""
