"""The two gates: is what landed fit to be relied on, and may a finished candidate be published? They evaluate and run nothing.

Who asserts what, each thing once:

- Great Expectations (engine.py): a relation by itself. As many rows as landing recorded; no null and no unknown value where a
  contract forbids it (contracts.py: the YAML of a mart, the contract of a log); numbers within their range; what each source
  delivered.
- Rules in our own SQL (rules.py): what the columns of one published row, or the rows of two marts, must satisfy together, and
  that no text looks like a person. They stand in the suites beside the expectations and block alike. A rule that looks at rows
  of a mart together, but only at those of the same values in some columns, names these in `within`.
- dbt tests (dbt_project/): the key of every mart, references between models, sums from model to model, and properties of data
  whose failure makes controls insufficient_evidence. A candidate with a mart whose key was not tested is not published.
"""
