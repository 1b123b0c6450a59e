"""The promises of a published snapshot as assessed for a period, and how their verdicts differ between two.

Here: one order of promises, worst first, and one account of changed verdicts, for pages, report and digest. Not here: how a
verdict is reached (the marts hold it), or what a page or a document makes of it.
"""
