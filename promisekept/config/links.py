"""A second identifier beside a person: the part `links` of a source in promisekept.yml.

Here: what it may hold. Not here: the source of links that comes of it (source.py) and what a row of it becomes
(sources/landing/links.py).
"""

from __future__ import annotations

from typing import Literal

from promisekept.frozen import Frozen


class Links(Frozen):
    """The column that names the person of a row once more, and what kind of identifier it holds."""

    column: str
    type: Literal["email", "phone", "customer_id", "device_id", "employee_id", "other"]
