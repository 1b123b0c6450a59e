"""The pseudonym keys of one organisation: the one for new persons, and those of persons who landed already.

Here: which keys are held, adding one (`rotate_key`), giving one up (`forget_key`), and the rule that nothing lands while a key is
missing that landed rows name. Not here: how a person becomes a key (keys.py, landing/pseudonymisation.py).

A person stays under the key under which they first landed; whoever is new gets the newest one. So facts do not depend on when
a key was changed, and no row at rest has to be written again. An earlier key lies beside the current one, named by its id,
for as long as persons under it may come again. Giving it up leaves its rows as they are, and its people are new persons
when they come again.
"""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from promisekept.durable import sync_file, sync_folder
from promisekept.errors import ConfigError
from promisekept.sources.zone.batches import Zone
from promisekept.sources.zone.keys import Key, create_key, load_key
from promisekept.sources.zone.ledger import Ledger

ROTATED, FORGOTTEN = "key_rotated", "key_forgotten"


@dataclass(frozen=True, slots=True)
class Keyring:
    """`current` is the key of people who are new, `earlier` those that are held of before, by id."""

    current: Key
    earlier: tuple[Key, ...] = ()

    def without(self, given_up: Collection[str]) -> Keyring:
        """Without earlier keys that were given up, should a file of one still lie there."""
        return Keyring(self.current, tuple(key for key in self.earlier if key.id not in given_up))


@dataclass(frozen=True, slots=True)
class Rotation:
    """What `rotate_key` did: both ids, and the file in which the earlier key lies now."""

    key_id: str
    earlier: str
    file: Path


def load_keyring(path: Path) -> Keyring:
    """Read the current pseudonym key and the earlier ones beside it.

    Raises:
        ConfigError: a file can't be read, others may read it, or it does not hold the key of its name.
    """
    current, earlier = load_key(path), []
    for file in sorted(path.parent.glob(f"{glob.escape(path.stem)}.k-*{glob.escape(path.suffix)}")):
        key = load_key(file)
        if file != earlier_file(path, key.id):
            raise ConfigError(
                f"{file}: this is key {key.id}, not the one of its name.\n"
                f"  Rename it to {earlier_file(path, key.id).name}, or bring the right one back from a backup."
            )
        if key.id != current.id:
            earlier.append(key)
    return Keyring(current, tuple(earlier))


def earlier_file(path: Path, key_id: str) -> Path:
    """Where an earlier key lies: beside the current one."""
    return path.with_name(f"{path.stem}.{key_id}{path.suffix}")


def require_held(keyring: Keyring, zone: Zone, ledger: Ledger) -> None:
    """Reject landing while landed rows name a key that is neither present nor given up: its persons would become others.

    Raises:
        ConfigError: names the key and both remedies.
    """
    available = {key.id for key in (keyring.current, *keyring.earlier)} | forgotten(ledger)
    used = {key_id for batch in zone.active() if zone.where(batch) is not None for key_id in batch.key_ids}
    missing = ", ".join(sorted(used - available))
    if missing:
        raise ConfigError(
            f"keys.pseudonym: landed rows name {missing}, which is not here; the current key is {keyring.current.id}.\n"
            "  Landed now, the same people would be others. Bring the key back from a backup, as keys.pseudonym or beside it\n"
            "  under its id; if it is lost for good:  promisekept keys forget KEY_ID --reason ...   (docs/operate.md lists what"
            " is lost with it)"
        )


def forgotten(ledger: Ledger) -> set[str]:
    """The ids of the keys that were given up."""
    return {str(line.body["key_id"]) for line in ledger.lines(FORGOTTEN)}


def rotate_key(path: Path, ledger: Ledger, now: datetime, reason: str) -> Rotation:
    """Make a new current key and keep the present one beside it. Needs the writer lock.

    The present key has its second name before the first one is taken over, so that a crash at any point loses none. The ledger's
    line comes last: what lands from then on names the new key by itself.

    Args:
        path: `keys.pseudonym`.
        ledger: of the home whose people it keys.
        now: when.
        reason: why, in a person's words; stands in the ledger.

    Raises:
        ConfigError: the present key can't be used, or there is no reason.
    """
    _require_reason(reason, "rotate")
    present = load_key(path)
    earlier, fresh = earlier_file(path, present.id), path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)  # of a rotation that was killed; nothing was ever keyed with it
    create_key(fresh)
    sync_file(fresh)
    if not earlier.exists():
        os.link(path, earlier)
    sync_folder(path.parent)
    fresh.replace(path)
    sync_folder(path.parent)
    successor = load_key(path)
    ledger.append(ROTATED, {"key_id": successor.id, "earlier": present.id, "reason": reason}, now, _sha256(successor.id))
    return Rotation(successor.id, present.id, earlier)


def forget_key(path: Path, ledger: Ledger, now: datetime, key_id: str, reason: str) -> bool:
    """Give up a key for good: a line in the ledger, then its file is removed. Needs the writer lock.

    Args:
        path: `keys.pseudonym`.
        ledger: of the home.
        now: when.
        key_id: the key; may be one whose file is lost.
        reason: why, in a person's words; stands in the ledger.

    Returns:
        Whether there was a file to remove.

    Raises:
        ConfigError: it is the current key, nothing ever landed under it, or there is no reason.
    """
    _require_reason(reason, "forget")
    if load_key(path).id == key_id:
        raise ConfigError(f"keys forget: {key_id} is the current key.\n  `promisekept keys rotate` makes another one first.")
    file = earlier_file(path, key_id)
    used = {str(used) for batch in Zone(path, ledger).batches for used in batch.key_ids}
    if key_id not in used and not file.exists():
        key_ids = ", ".join(sorted(used)) or "none"
        raise ConfigError(f"keys forget: nothing ever landed under `{key_id}`.\n  Keys that the ledger names: {key_ids}")
    if key_id not in forgotten(ledger):
        ledger.append(FORGOTTEN, {"key_id": key_id, "reason": reason}, now, _sha256(key_id))
    there = file.exists()
    file.unlink(missing_ok=True)
    sync_folder(path.parent)
    return there


def _sha256(key_id: str) -> str:
    return hashlib.sha256(key_id.encode()).hexdigest()


def _require_reason(reason: str, command: str) -> None:
    if not reason.strip():
        raise ConfigError(f"keys {command}: a reason is needed.\n  State in --reason why; it stands in the ledger.")
