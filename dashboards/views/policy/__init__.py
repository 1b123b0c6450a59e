"""Versions of the policy, and who was notified before each took effect."""
