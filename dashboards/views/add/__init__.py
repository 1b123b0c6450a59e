"""Adding a source to the project, step by step."""
