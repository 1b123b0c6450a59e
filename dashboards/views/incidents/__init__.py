"""Incidents and their notification deadlines."""
