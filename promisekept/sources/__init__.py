"""From the rows of a source to immutable landed rows.

Three rooms, each of which uses only those before it: zone/ holds what has landed, extract/ takes rows from a source system,
landing/ turns them into batches. Beside them: the contract of the logs as data (contract.py), the locked-down DuckDB in which
mappings run (sandbox.py), and the patterns of personal data (personal_data.py).
"""
