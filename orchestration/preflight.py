"""What a run needs before anything lands, and why nothing has.

Here: reading the ledger, keys and the sources' own SQL, and looking for the engine, whose faults would otherwise be named after
millions of rows have landed; the words for a home without a batch. The configuration and the files it names were read before.
Not here: what a pack must hold (promisekept.policy), or landing.
"""

from __future__ import annotations

from datetime import datetime

from promisekept.config.settings import Settings
from promisekept.errors import ConfigError
from promisekept.sources.landing.mapping_validation import require_mappings
from promisekept.sources.landing.quarantine import list_rejected_files
from promisekept.sources.zone.keyring import load_keyring
from promisekept.sources.zone.ledger import Ledger

_SHOWN = 10


def require_what_needs_no_data(settings: Settings) -> None:
    """Read the ledger, the pseudonym keys and the sources' own SQL, and look for the engine, before anything is written.

    Raises:
        LedgerError: it is damaged, or a newer version wrote in it.
        ConfigError: a key or a mapping can't be used, or the engine is not installed.
    """
    Ledger.open(settings.home)
    load_keyring(settings.keys.pseudonym)
    require_mappings(settings)
    if settings.engine.kind == "spark":
        from orchestration.spark.session import require_spark

        require_spark()


def nothing_landed(settings: Settings, known_at: datetime | None) -> ConfigError:
    """The error for a home without a batch: it names what became of the files that are there."""
    rejected = [] if known_at else list_rejected_files(settings, Ledger.open(settings.home), None)
    if rejected:
        named = [f"  {one.source}: {one.path}: {one.reason}: {one.says}" for one in rejected[:_SHOWN]]
        more = [f"  and {len(rejected) - _SHOWN} more: `promisekept quarantine list`"] if len(rejected) > _SHOWN else []
        return ConfigError(
            f"{settings.home}: no row has landed, so there is nothing to compute. Every file was rejected:\n"
            + "\n".join([*named, *more, "  Fix the configuration or the files and run again; `promisekept check` tries them."])
        )
    when = f" at {known_at.isoformat()}" if known_at else ""
    return ConfigError(
        f"{settings.home}: no batch had landed{when}, so there is nothing to compute.\n"
        "  Put files where `sources.*.reader.path` looks for them; `promisekept check` shows what it finds."
    )
