"""Requests: punctuality, outcomes, the worklist, and one request with its timeline."""
