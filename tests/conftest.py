"""What every test may lean on.

Here: fixtures that several rooms share. Pytest puts this folder on the import path, so tests say `from oracles...` and
`from world import ...`. Not here: what only one room needs.
"""
