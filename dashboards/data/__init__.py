"""Questions to a published snapshot, one function each; DuckDB aggregates, a page receives what it shows.

Here: SQL with bound values over schema `marts`, cached by the snapshot that it reads (never by time). Not here: wording,
drawing, or any rule of the law: figures are read from marts, not computed again. Order keys come from a list in code.
"""
