"""The overview: the verdicts, what to act on today, and the promises, worst first."""
