"""Restatements: figures of closed periods that a later snapshot changed."""
