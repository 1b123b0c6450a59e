"""Published figures, verdicts and findings over HTTP, for programs: `promisekept api`.

Here: FastAPI and nothing that another room needs. It reads published snapshots through promisekept.publishing.reader, with the
roles of the dashboard. Not here: computing a figure, or writing anything but the export log.
"""
