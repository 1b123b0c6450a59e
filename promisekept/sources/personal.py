"""What in a text column looks like a person: an address with @, a phone number with +, a dashed national id.

Here: the one pattern, in RE2 for DuckDB (Python's `re` reads it the same). Not here: what becomes of a row that matches
(checks.py). Bare digits never match: identifiers are made of them.
"""

from __future__ import annotations

EMAIL = r"[^\s@/:;,]+(@|%40)[^\s@]+\.[A-Za-z]{2,}"
PHONE = r"(^|[^0-9A-Za-z])\+[1-9]([ ().\-]{0,2}[0-9]){7,14}($|[^0-9])"
UNITED_STATES = r"[0-9]{3}-[0-9]{2}-[0-9]{4}"
BRAZIL = r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}"
KOREA = r"[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])-[1-8][0-9]{6}"
NATIONAL_ID = rf"(^|[^0-9A-Za-z\-])({UNITED_STATES}|{BRAZIL}|{KOREA})($|[^0-9A-Za-z\-])"
PATTERN = f"({EMAIL})|({PHONE})|({NATIONAL_ID})"
PERSONAL_SCHEMES = ("mailto", "tel", "sms", "sip", "sips", "xmpp", "im", "acct", "callto", "skype")


def looks_personal(text: str) -> str:
    """SQL condition: a text expression holds something that names a person."""
    return f"regexp_matches({text}, '{PATTERN}')"
