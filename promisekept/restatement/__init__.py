"""Restatement: published figures of closed periods that changed, each with its cause.

comparison.py compares the figures of a candidate with those published before, causes.py finds what differs between the two
publications and reaches a figure, landed_rows.py looks for it among the rows that landed in between. Not here: publishing, and
the history in which the entries are kept (publishing/history.py).
"""
