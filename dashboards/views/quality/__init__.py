"""Data quality: sources, gates, completeness, and what our own retention deleted."""
