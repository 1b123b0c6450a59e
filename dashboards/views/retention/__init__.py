"""Retention: data retained beyond schedule, incomplete erasures, legal holds."""
