"""Configuration: promisekept.yml -> one frozen `Settings`, and every primitive that only it needs.

Here: one module per part of the file, the types of its values (durations, cron lines, time zones, secret references), reading it
(loading.py) and reading a credential that it names (credentials.py). Not here: opening a source, the pack or the keys.
"""
