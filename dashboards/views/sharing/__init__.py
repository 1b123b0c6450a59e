"""Sharing: recipients, disclosures that failed a check, agreements."""
