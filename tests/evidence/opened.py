"""What lies in a bundle, for tests that look into one."""

from __future__ import annotations

import csv
from pathlib import Path


def table(bundle: Path, name: str, folder: str = "tables") -> list[dict[str, str]]:
    with (bundle / "data" / folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def everything(bundle: Path) -> dict[str, bytes]:
    return {path.relative_to(bundle).as_posix(): path.read_bytes() for path in bundle.rglob("*") if path.is_file()}
