"""The front door: one command per thing that a person wants, in the order in which they want them.

Here: arguments, exit codes, and how a result is printed at a terminal or as JSON. Not here: doing any of it. The front
door may open every room; no room opens it. It alone reads the clock.
"""

from promisekept.cli.app import main

__all__ = ["main"]
