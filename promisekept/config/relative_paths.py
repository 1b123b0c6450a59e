"""Paths of promisekept.yml: a relative one is read from the folder that holds the file.

Here: the types of the keys that name one, which is absolute once the file is loaded; a model that is made without that folder
keeps what it is given. Not here: opening what they name.
"""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo


def _resolved(path: Path, info: ValidationInfo) -> Path:
    return (info.context / path).resolve() if info.context else path


def _joined(path: Path, info: ValidationInfo) -> Path:
    return info.context / path if info.context else path


def _key(text: str, info: ValidationInfo) -> str:
    return text if text.startswith("pkcs11:") else str(_resolved(Path(text), info))


def _pattern(text: str, info: ValidationInfo) -> str:
    if not info.context or "://" in text:
        return text
    return str(Path(glob.escape(str(info.context))) / text)


ResolvedPath = Annotated[Path, AfterValidator(_resolved)]
JoinedPath = Annotated[Path, AfterValidator(_joined)]
"""As it was written, with the folder before it: whoever looks follows the links that there are then."""
KeyPath = Annotated[str, AfterValidator(_key)]
"""A file, or the `pkcs11:` URI of a key in a token."""
PathPattern = Annotated[str, AfterValidator(_pattern)]
"""Files by wildcards, of which none is meant in the folder's own name; or objects by their address."""
