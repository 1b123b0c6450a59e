"""What people record about findings on the page, between the moment they do and the run that lands it.

Here: the inbox of the log `remediations`. Not here: landing it (promisekept/sources), what an act means (the models), or who may
record one (dashboards/access.py).
"""
