"""A full disk refuses the new snapshot and spares the old one."""

from __future__ import annotations

import contextlib
import subprocess

import pytest
from small_snapshots import AT, a_candidate, a_verdict, publish, publish_candidate

from promisekept.errors import PromisekeptError
from promisekept.publishing.fsck import fsck
from promisekept.publishing.reader import open_current


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place, leave):
    """Take all free space but `leave` bytes."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    with filler.open("rb+") as file:
        file.truncate(max(filler.stat().st_size - leave, 0))
    return filler


def test_a_candidate_that_does_not_fit_leaves_the_last_good_snapshot_and_no_trace(small_disk):
    good = publish(small_disk)
    filler = fill(small_disk, leave=400_000)
    with pytest.raises(PromisekeptError, match="Free space"):
        a_candidate_from_elsewhere(small_disk)
    assert [path.name for path in (small_disk / "snapshots").iterdir()] == [good.id]
    with open_current(small_disk) as snapshot:
        assert snapshot.id == good.id
    filler.unlink()
    assert publish(small_disk, numerator=8).sequence == 2
    assert fsck(small_disk) == []


@pytest.mark.parametrize("leave", [0, 4096, 8192, 12288, 16384])
def test_a_disk_that_fills_up_while_publishing_leaves_old_or_new_and_a_rerun_converges(small_disk, leave):
    good = publish(small_disk)
    candidate = a_candidate(small_disk, numerator=8)
    filler = fill(small_disk, leave)
    try:
        publish_candidate(small_disk, candidate, a_verdict(candidate), AT)
    except PromisekeptError as error:
        assert "Free space" in str(error)
    with open_current(small_disk) as snapshot:
        assert snapshot.manifest["sequence"] in {1, 2}
    filler.unlink()
    again = publish(small_disk, numerator=8)
    assert again.sequence == 2
    assert fsck(small_disk) == []
    assert sorted(path.name for path in (small_disk / "snapshots").iterdir()) == [good.id, again.id]


def a_candidate_from_elsewhere(home):
    """Write a candidate below a full home from a build database that lies on another disk."""
    from small_snapshots import a_provenance, built_marts

    from promisekept.publishing.candidate import write_candidate

    warehouse = built_marts(home.parent / "elsewhere", numerator=8)
    return write_candidate(warehouse, home / "snapshots", a_provenance(home))
