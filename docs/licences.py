"""The licences of what is installed with promisekept, from each package's own metadata.

Here: the page docs/licences.md and the list of what is needed at all, which tests/test_licences.py holds against what
Apache-2.0 permits. Only what is needed here and now counts: a package for another system is not installed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
UNNAMED = "not stated"
# Where a package leaves the choice, in classifiers that name no expression, the one that is taken.
CHOSEN = {"text-unidecode": "Artistic-1.0-Perl"}
_SHORT = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "ISC License (ISCL)": "ISC",
}


def page() -> str:
    """The page: what promisekept names as a dependency, with its licence, and what comes with the repository."""
    return "\n".join(
        [
            "# Licences",
            "",
            "promisekept is licensed under Apache-2.0 (`LICENSE`). These packages are installed with it; what they need in turn",
            "is held to the same list of licences by a test. None of them is part of the repository.",
            "",
            "| package | licence |",
            "|---|---|",
            *(f"| {name} | {licence_of(name)} |" for name in sorted(direct())),
            "",
            "The fonts of the report (`promisekept/evidence/report/fonts`) are Source Sans, Source Serif, Source Code and Noto",
            "under the SIL Open Font License 1.1; its text lies beside them.",
            "",
        ]
    )


def direct() -> Iterator[str]:
    """Names of the packages that pyproject.toml asks for, the optional ones left out."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    yield from (Requirement(text).name for text in project["dependencies"])


def needed() -> set[str]:
    """Those and all that they need here, by canonical name."""
    found: set[str] = set()
    waiting = [Requirement(name) for name in direct()]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found or (package := _installed(name)) is None:
            continue
        found.add(name)
        for text in package.requires or ():
            inner = Requirement(text)
            extras = requirement.extras or {""}
            if inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(inner)
    return found


def licence_of(name: str) -> str:
    """The licence of an installed package, as an SPDX expression where its metadata permits."""
    if canonicalize_name(name) in CHOSEN:
        return CHOSEN[canonicalize_name(name)]
    metadata = distribution(name).metadata
    stated = [text.rpartition(" :: ")[2] for text in metadata.get_all("Classifier") or () if text.startswith("License ::")]
    text = metadata.get("License-Expression") or " OR ".join(stated) or (metadata.get("License") or "").partition("\n")[0]
    return re.sub("|".join(map(re.escape, sorted(_SHORT, key=len, reverse=True))), lambda it: _SHORT[it[0]], text) or UNNAMED


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None
