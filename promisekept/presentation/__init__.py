"""What people read: one source for the pages, the report, the command line and every export.

Here: labels of codes (labels.py), labels with a glyph and a colour (statuses.py), numbers and dates (formats.py, and paper.py for
the report's longer forms), periods (periods.py). Not here: sentences of one page or one part of the report, and anything that
reads a snapshot.
"""
