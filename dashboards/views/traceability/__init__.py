"""Traceability: from a promise to the rows that decide it."""
