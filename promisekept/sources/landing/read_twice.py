"""Files that two sources would land as the same events of two namespaces, so that each event counts twice.

Here: which sources of one log read a file in the same way. Not here: events that one namespace has twice (deduplication.py), and
sources that take rows of their own from one file, by mapping, skip or sheet, or read each row for another purpose, by defaults.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from promisekept.config.source import Source
from promisekept.errors import LandingError, PromisekeptError
from promisekept.sources.extract.files import SourceFile
from promisekept.sources.landing.tasks import mapping_sha256, settings_sha256

_CHOOSES_NO_ROWS: Mapping[str, Any] = {"namespace": "", "time_zone": None, "formats": {}}
"""What a source may have of its own and still take the same rows."""


def read_twice(
    sources: Iterable[Source], found: Mapping[str, Collection[SourceFile] | PromisekeptError]
) -> dict[str, LandingError]:
    """The sources that read files which a source before them reads in the same way for another namespace.

    Args:
        sources: in the order of the configuration.
        found: by the name of each source that has files what `find_files_of` found.

    Returns:
        By the name of each such source the error that names both, a file and the remedy.
    """
    errors: dict[str, LandingError] = {}
    before: dict[tuple[str, ...], Source] = {}
    for source in sources:
        files = found.get(source.name, ())
        if source.linking is not None or isinstance(files, PromisekeptError):  # links are read from the files of another source
            continue
        shape = (settings_sha256(source.model_copy(update=_CHOOSES_NO_ROWS)), mapping_sha256(source) or "")
        for file in files:
            first = before.setdefault((*shape, file.path), source)
            if first.namespace != source.namespace and source.name not in errors:
                errors[source.name] = LandingError(
                    f"{source.name}: {file.name} is read by {first.name}, too: each of its events would count twice.\n"
                    "  Let only one of both `reader.path` match it, or give both one `namespace`: then equal events count once."
                )
    return errors
