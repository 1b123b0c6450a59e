"""A person becomes the same key in SQL, in Python and on the command line."""

import hashlib
import hmac
import stat
import unicodedata

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_project import received

from promisekept.errors import ConfigError
from promisekept.sources.zone.keys import Key, create_key, keyed_sql, load_key

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def by_hand(secret: bytes, ref_type: str, ref: str) -> str:
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", ref.strip()).casefold())
    return hmac.new(secret, f"{ref_type}:{folded}".encode(), hashlib.sha256).hexdigest()[:32]


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=100), st.lists(names, min_size=1, max_size=20))
def test_the_sql_twin_of_the_hmac_equals_pythons(secret, texts):
    key = Key("k", secret)
    with duckdb.connect() as connection:
        connection.execute("create table t as select unnest($texts::varchar[]) as x", {"texts": texts})
        found = connection.execute(f"select {keyed_sql('x')} from t", key.pads).fetchall()
    assert [row[0] for row in found] == [hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:32] for text in texts]


PERSONS = [
    "Jane@Example.org", " jane@example.org ", "jane@example.org\t", "STRASSE@example.org", "straße@example.org", "İstanbul@x.org",
    "\u017f@example.org", "e\u0301@example.org", "é@example.org", "\u00a0jane@example.org", "ΜΆΪΟΣ", "4711", "\ufb01@x.org", "ᾳ",
]  # fmt: skip


def test_each_persons_key_is_the_keyed_hash_of_the_normalised_identifier(project):
    project.file("a.csv", [received(event_id=f"e{n}", subject_ref=ref) for n, ref in enumerate(PERSONS)])
    project.land()
    secret = (project.folder / "pseudonym.key").read_bytes().strip()
    assert project.column("subject_key") == [by_hand(secret, "email", ref) for ref in PERSONS]
    assert project.column("subject_key") == [project.key.subject("email", ref) for ref in PERSONS]


def test_an_email_address_and_a_customer_number_never_meet(project):
    project.file(
        "a.csv", [received(subject_ref="4711", subject_ref_type=kind, event_id=kind) for kind in ("email", "customer_id")]
    )
    project.land()
    assert len(set(project.column("subject_key"))) == 2


def test_a_type_that_nobody_states_is_other(project):
    project.file("a.csv", [received(subject_ref="4711", subject_ref_type="")])
    project.land()
    assert project.query("select subject_ref_type, subject_key from landing.requests") == [
        ("other", project.key.subject("other", "4711"))
    ]


@pytest.mark.parametrize("ref", ["", "   ", "\u00a0"])
def test_white_space_is_no_person(project, ref):
    project.file("a.csv", [received(subject_ref=ref)])
    project.land()
    assert project.rejects() == [(1, "missing_value", "subject_ref", None)]


def test_both_persons_of_a_link_are_keyed(project):
    project.source(log="subject_links").file(
        "a.csv",
        "event_id,occurred_at,subject_ref,subject_ref_type,other_ref,other_ref_type\n"
        "l1,2026-01-01T00:00:00Z,Jane@example.org,email,4711,customer_id\n",
    )
    project.land()
    assert project.query("select subject_key, subject_ref_type, other_key, other_ref_type from landing.subject_links") == [
        (project.key.subject("email", "jane@example.org"), "email", project.key.subject("customer_id", "4711"), "customer_id")
    ]


def test_a_new_key_is_its_owners_alone_and_never_replaces_one(tmp_path):
    create_key(tmp_path / "keys" / "a.key")
    assert stat.S_IMODE((tmp_path / "keys" / "a.key").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        create_key(tmp_path / "keys" / "a.key")
    key = load_key(tmp_path / "keys" / "a.key")
    assert str(key.secret) not in repr(key)
    assert key.id.startswith("k-")


def test_a_short_or_absent_key_is_named_with_the_remedy(tmp_path):
    with pytest.raises(ConfigError, match=r"can't be read.*\n.*promisekept init"):
        load_key(tmp_path / "absent.key")
    (tmp_path / "short.key").write_text("secret")
    (tmp_path / "short.key").chmod(0o600)
    with pytest.raises(ConfigError, match="6 bytes, 32 at least"):
        load_key(tmp_path / "short.key")
