"""A project folder: what `init` writes, and the first draft of a mapping from a stranger's file."""

from promisekept.project.scaffold import Scaffolded, scaffold

__all__ = ["Scaffolded", "scaffold"]
