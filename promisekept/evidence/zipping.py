"""A bundle as one file, with the same bytes for the same bundle.

Here: writing a ZIP without times, owners or an order of its own. Not here: reading one that somebody else made (unpacking.py).
"""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path

from promisekept.evidence.bagit import files

_NO_TIME = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


def zip_bundle(folder: Path, target: Path) -> None:
    """Write a bundle's folder into a ZIP, under its own name, in order of paths.

    At the first level: the sixth would take three times as long for a fifth less. Parquet is packed in itself already.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in files(folder):
            entry = zipfile.ZipInfo(f"{folder.name}/{path}", _NO_TIME)
            entry.compress_type = zipfile.ZIP_STORED if path.endswith(".parquet") else zipfile.ZIP_DEFLATED
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            entry.file_size = (folder / path).stat().st_size
            with (folder / path).open("rb") as source, archive.open(entry, "w") as into:
                shutil.copyfileobj(source, into, 1 << 20)
