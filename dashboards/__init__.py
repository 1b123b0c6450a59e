"""The room people read in: a Streamlit app over published snapshots and nothing else.

Here: pages, charts and words. Not here: computing a metric, assessing a promise or opening any file but a snapshot, which
only `promisekept.publishing.reader` does. Every figure on a page stands in a mart; the pages name its denominator.
"""
