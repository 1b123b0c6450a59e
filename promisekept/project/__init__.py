"""A project folder: what `init` writes, the presets it may be made of, and the first draft of a mapping."""

from promisekept.project.preset import Preset, preset, presets
from promisekept.project.questions import Question, open_questions
from promisekept.project.scaffold import Scaffolded, scaffold

__all__ = ["Preset", "Question", "Scaffolded", "open_questions", "preset", "presets", "scaffold"]
