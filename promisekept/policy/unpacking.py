"""A pack as it was kept, back as the files that it was read from.

Here: registers as CSV, and a kept pack read again as the pack that it was. Not here: keeping packs (keeping.py).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

import yaml

from promisekept.errors import PackError
from promisekept.policy.loading import Pack, load_pack
from promisekept.policy.manifest import FILE
from promisekept.policy.registers import REGISTERS


def register_csv(name: str, rows: Iterable[Iterable[tuple[str, str]]]) -> bytes:
    """One register of a kept pack as CSV: a header, then its rows in the order in which they were kept."""
    columns = [column.name for column in REGISTERS[name].columns]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        cells = dict(row)
        writer.writerow([cells.get(column, "") for column in columns])
    return text.getvalue().encode()


def unpack(document: bytes, sha256: str, folder: Path) -> Pack:
    """Read a kept pack again.

    Args:
        document: as `keep_pack` kept it.
        sha256: the hash that the ledger recorded of it.
        folder: an empty one, for its files.

    Returns:
        The pack, equal in everything that its hash covers.

    Raises:
        PackError: this version reads it as another pack than the one that judged then.
    """
    content = json.loads(document)
    settings = {name: value for name, value in content["settings"].items() if value not in ("", [], {})}
    (folder / FILE).write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    for name, rows in content["registers"].items():
        (folder / REGISTERS[name].file).write_bytes(register_csv(name, rows))
    pack = load_pack(folder)
    if pack.sha256 != sha256:
        raise PackError(
            f"The pack {pack.settings.name} {pack.settings.version} ({sha256[:12]}) is another one when it is read today:"
            f" holidays {content['holidays']} then, {pack.library_version} now, or other registers that the program brings.\n"
            "  Use the version of the program that judged by it."
        )
    return pack
