"""What ships with promisekept permits Apache-2.0, and the page of licences names it."""

from __future__ import annotations

import re

import licences
import pytest

# Permissive, or copyleft for their own files alone.
PERMITTED = {
    *("0BSD", "Apache-2.0", "Artistic-1.0-Perl", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0"),
    *("MIT-CMU", "MPL-2.0", "PSF-2.0", "Zlib"),
}


def permitted(expression: str) -> bool:
    """Whether an expression of licences permits: each part of an AND, one of an OR."""
    parts = re.sub(r"[()]", "", expression).split(" AND ")
    return all(any(choice in PERMITTED for choice in part.split(" OR ")) for part in parts)


def test_every_package_that_is_needed_permits_apache_2():
    needed = licences.needed()
    assert len(needed) > 100
    wrong = {name: licences.licence_of(name) for name in needed if not permitted(licences.licence_of(name))}
    assert wrong == {}


@pytest.mark.parametrize(
    ("expression", "is_permitted"),
    [("MIT", True), ("GPL-3.0-only", False), ("MIT AND GPL-3.0-only", False), ("GPL-2.0-or-later OR MIT", True), ("", False)],
)
def test_a_licence_is_permitted_by_each_of_its_parts(expression, is_permitted):
    assert permitted(expression) is is_permitted
