"""What in a text column looks like a person: an address with @, a phone number with +, a dashed national id.

Here: the one pattern, in RE2 for DuckDB (Python's `re` reads it the same). Not here: what becomes of a row that matches
(landing/validation.py). Bare digits never match: identifiers are made of them. Nor does every digit-dash-digit: of the national
ids only those whose shape no ticket number has, whatever letters and dashes stand around them (`SSN-219-09-9999`).
"""

from __future__ import annotations

import re

EMAIL = r"[^\s@/:;,]+(@|%40)[^\s@]+\.[A-Za-z]{2,}"
PHONE = r"(^|[^0-9A-Za-z])\+[1-9]([ ().\-]{0,2}[0-9]){7,14}($|[^0-9])"
UNITED_STATES = r"[0-9]{3}-[0-9]{2}-[0-9]{4}"
BRAZIL = r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}"
NATIONAL_ID = rf"(^|[^0-9])({UNITED_STATES}|{BRAZIL})($|[^0-9])"
PATTERN = f"({EMAIL})|({PHONE})|({NATIONAL_ID})"
PERSONAL_SCHEMES = ("mailto", "tel", "sms", "sip", "sips", "xmpp", "im", "acct", "callto", "skype")
_PATTERN = re.compile(PATTERN)


def names_a_person(text: str) -> bool:
    """Whether a text holds something that names a person."""
    return _PATTERN.search(text) is not None


def looks_personal(text: str) -> str:
    """SQL condition: a text expression holds something that names a person.

    The characters that every match has are looked for first: on plain identifiers that costs a fifth of the pattern.
    """
    needed = " or ".join(f"contains({text}, '{part}')" for part in ("@", "+", "%40"))
    dashed = f"contains({text}, '-') and ({text} like '%-__-%' or {text} like '%.%-%')"
    return f"(({needed} or {dashed}) and regexp_matches({text}, '{PATTERN}'))"
