"""The fictional organisation: Larkfield Communications, 18 months, eight logs, every trap that a compliance officer knows.

Here: a project folder, written the same each time, to see the product work and to test it on. Not here: anything that
a real project needs. People, firms and figures are invented; addresses end in reserved domains.
"""

from promisekept.demo.writing import AS_OF, LANDED_AT, write_demo

__all__ = ["AS_OF", "LANDED_AT", "write_demo"]
