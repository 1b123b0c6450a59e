"""Consent: opt-in, proof, and the propagation of withdrawals."""
