"""A new pseudonym key: who is known stays who they are, who is new gets the new one, and no key goes missing unseen."""

from __future__ import annotations

import stat

import pytest
from source_project import COMPARED, STATUSES, answered, received

from promisekept.errors import ConfigError
from promisekept.publishing.fsck import fsck
from promisekept.sources.landing.reland import reland
from promisekept.sources.zone.keyring import FORGOTTEN, ROTATED, earlier_file, forget_key, load_keyring, rotate_key
from promisekept.sources.zone.keys import create_key

JANE, JOE, ANNA = "jane@example.org", "joe@example.org", "ANNA@Example.org"


def rotate(project):
    return rotate_key(project.folder / "pseudonym.key", project.ledger, project.now, "yearly")


def two_lives(project, *, rotated):
    """Jane writes before and after, Joe only after; the second file repeats the first, as an export of everything does."""
    first = received(subject_ref=JANE)
    project.file("a.csv", [first, answered()])
    project.land()
    before = project.key
    if rotated:
        rotate(project)
    again = received(event_id="e3", request_id="r2", subject_ref=f" {JANE.upper()}")
    new = received(event_id="e4", request_id="r3", subject_ref=JOE)
    project.file("b.csv", [first, answered(), again, new])
    project.land()
    return before


def test_who_is_known_stays_under_the_key_of_before_and_who_is_new_gets_the_new_one(project):
    before = two_lives(project, rotated=True)
    after = project.key
    assert after.id != before.id
    rows = dict(project.query("select event_id, (subject_key, key_id) from landing.requests where subject_key is not null"))
    assert rows == {
        "e1": (before.subject("email", JANE), before.id),
        "e3": (before.subject("email", JANE), before.id),
        "e4": (after.subject("email", JOE), after.id),
    }


def test_what_was_delivered_again_after_a_rotation_is_a_duplicate_and_no_contradiction(project):
    two_lives(project, rotated=True)
    counts = [line.body["counts"] for line in project.ledger.lines("batch")]
    assert [(one["landed"], one["duplicate"], one["conflicting"]) for one in counts] == [(2, 0, 0), (2, 2, 0)]


def test_after_two_rotations_everybody_is_still_one_person(project):
    two_lives(project, rotated=True)
    rotate(project)
    people = [(ref, f"f{number}") for number, ref in enumerate((JANE, JOE, ANNA))]
    project.file("c.csv", [received(event_id=event, request_id=event, subject_ref=ref) for ref, event in people])
    project.land()
    found = project.query("select subject_key, count(*) from landing.requests where subject_key is not null group by all")
    assert sorted(number for _, number in found) == [1, 2, 3]
    assert list(project.ledger.lines("batch"))[-1].body["key_ids"] == sorted(
        {*(key.id for key in load_keyring(project.folder / "pseudonym.key").earlier), project.key.id}
    )


def test_relanding_after_a_rotation_changes_no_persons_key(project):
    two_lives(project, rotated=True)
    before = project.query("select event_id, subject_key from landing.requests order by all")
    reland(project.settings, project.ledger, "helpdesk", reason="fixed", now=project.now)
    assert project.query("select event_id, subject_key from landing.requests order by all") == before


def test_a_rotation_keeps_the_earlier_key_closed_beside_the_new_one_and_says_why(project):
    project.file("a.csv", [received()])
    project.land()
    done = rotate(project)
    assert done.file.name == f"pseudonym.{done.earlier}.key"
    assert stat.S_IMODE(done.file.stat().st_mode) == stat.S_IMODE((project.folder / "pseudonym.key").stat().st_mode) == 0o600
    (line,) = project.ledger.lines(ROTATED)
    assert line.body == {"key_id": project.key.id, "earlier": done.earlier, "reason": "yearly"}


def test_nothing_lands_while_a_key_is_missing_under_which_people_are_known(project):
    project.file("a.csv", [received()])
    project.land()
    done = rotate(project)
    secret = done.file.read_bytes()
    done.file.unlink()
    project.file("b.csv", [answered()])
    with pytest.raises(ConfigError, match=f"landed rows name {done.earlier}, which is not here"):
        project.land()
    done.file.touch(0o600)
    done.file.write_bytes(secret)
    assert project.land_one().counts["landed"] == 1


def test_people_of_a_key_that_was_given_up_come_again_as_strangers_and_the_ledger_says_so(project):
    project.file("a.csv", [received()])
    project.land()
    done = rotate(project)
    secret = done.file.read_bytes()
    assert forget_key(project.folder / "pseudonym.key", project.ledger, project.now, done.earlier, "it was copied")
    assert not done.file.exists()
    assert not forget_key(project.folder / "pseudonym.key", project.ledger, project.now, done.earlier, "once more")
    project.file("b.csv", [received(event_id="e5", request_id="r5")])
    project.land()
    assert len(set(project.column("subject_key"))) == 2
    done.file.write_bytes(secret)
    done.file.chmod(0o600)
    project.file("c.csv", [received(event_id="e8", request_id="r8")])
    project.land()
    assert project.column("subject_key")[-1] == project.key.subject("email", JANE)
    assert [line.body["reason"] for line in project.ledger.lines(FORGOTTEN)] == ["it was copied"]


def test_after_giving_up_a_key_relanding_puts_everybody_under_the_new_one(project):
    two_lives(project, rotated=True)
    (earlier,) = load_keyring(project.folder / "pseudonym.key").earlier
    forget_key(project.folder / "pseudonym.key", project.ledger, project.now, earlier.id, "it was copied")
    reland(project.settings, project.ledger, "helpdesk", reason="under the new key", now=project.now)
    people = {key for key in project.column("subject_key") if key}
    assert people == {project.key.subject("email", JANE), project.key.subject("email", JOE)}


def test_the_current_key_can_not_be_given_up_nor_one_that_does_not_exist(project):
    project.file("a.csv", [received()])
    project.land()
    path = project.folder / "pseudonym.key"
    with pytest.raises(ConfigError, match="is the current key"):
        forget_key(path, project.ledger, project.now, project.key.id, "why not")
    with pytest.raises(ConfigError, match="nothing ever landed under `k-000000000000`"):
        forget_key(path, project.ledger, project.now, "k-000000000000", "why not")
    with pytest.raises(ConfigError, match="a reason is needed"):
        rotate_key(path, project.ledger, project.now, " ")


def test_a_key_under_a_wrong_name_is_rejected(project):
    project.file("a.csv", [received()])
    project.land()
    done = rotate(project)
    done.file.rename(done.file.with_name("pseudonym.k-000000000000.key"))
    with pytest.raises(ConfigError, match="not the one of its name"):
        project.land()


@pytest.mark.parametrize("stop", ["link", "replace"])
def test_a_rotation_that_is_killed_loses_no_key_and_can_be_done_again(project, monkeypatch, stop):
    project.file("a.csv", [received()])
    project.land()
    before = project.key

    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("os.link" if stop == "link" else "pathlib.Path.replace", die)
        with pytest.raises(KeyboardInterrupt):
            rotate(project)
    assert project.key.id == before.id
    project.file("b.csv", [received(event_id="e6", request_id="r6")])
    project.land()
    rotate(project)
    project.file("c.csv", [received(event_id="e7", request_id="r7")])
    project.land()
    assert set(project.column("subject_key")) == {before.subject("email", JANE)}


def test_a_table_without_a_history_is_compared_across_a_rotation_and_anew_once_the_earlier_key_is_given_up(project):
    """Under another key every row has another hash: all of them would be seen for the first time, on the day of the rotation."""
    project.mapping(STATUSES, history=COMPARED).file("1.csv", [{"id": "r1", "status": "open"}, {"id": "r2", "status": "open"}])
    project.land()
    earlier = rotate(project).earlier
    project.file("2.csv", [{"id": "r1", "status": "open"}, {"id": "r2", "status": "done"}])
    project.land()
    forget_key(project.folder / "pseudonym.key", project.ledger, project.now, earlier, "no longer needed")
    project.file("3.csv", [{"id": "r1", "status": "open"}])
    project.land()
    seen = [line.body["history"] for line in project.ledger.lines("batch")]
    assert [(one["first"], one["same"], one["changed"]) for one in seen] == [(2, 0, 0), (0, 1, 1), (1, 0, 0)]


def test_fsck_names_of_the_keys_what_a_run_and_an_export_would_reject(project):
    """A key that others can read: `fsck` reported it as sound, and the next export rejected it."""
    path = project.folder / "pseudonym.key"
    home = project.folder / "home"
    project.file("a.csv", [received(subject_ref=JANE)])
    project.land()
    assert fsck(home, pseudonym=path) == []
    known = project.key.id

    path.chmod(0o644)
    (problem,) = fsck(home, pseudonym=path)
    assert "may be read by others (mode 0644)" in problem.says
    assert f"chmod 600 {path}" in problem.remedy
    path.chmod(0o600)

    kept = path.rename(path.with_suffix(".away"))
    (problem,) = fsck(home, pseudonym=path)
    assert (problem.where, "can't be read" in problem.says) == ("keys.pseudonym", True)

    create_key(path)
    (problem,) = fsck(home, pseudonym=path)
    assert f"landed rows name {known}, which is not here" in problem.says
    assert "Bring the key back from a backup" in problem.remedy

    kept.rename(earlier_file(path, known))
    assert fsck(home, pseudonym=path) == []
