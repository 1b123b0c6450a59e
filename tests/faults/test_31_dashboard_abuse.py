"""Fault 31: dashboard abuse: no role gets what it may not see, by any message; evil Host and Origin are rejected; p95 is bounded.

The served dashboard, people who sign in with a provider on loopback, and readers without a browser, who send what no page would.
"""

from __future__ import annotations

import base64
import re
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlencode

import duckdb
import httpx
import invented
import pytest
from browsing import free_port
from caller import USER, Answer, Session, chosen, pressed, session, signed_in, stranger
from itsdangerous import URLSafeTimedSerializer
from joserfc.jwk import RSAKey
from opened_pages import PUBLISHED
from provider import Provider
from signed import ROLES, signed_in_dashboard
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dashboards.access import NEEDED
from dashboards.page import PAGES
from promisekept.config.roles import RIGHTS
from promisekept.publishing.export_log import entries

pytestmark = pytest.mark.slow

SINGLE = {
    "fct_requests": ("request_id", r"REQ-1\d{4}"),
    "fct_incidents": ("incident_id", r"INC-\d\d"),
    "fct_records": ("record_id", r"R-7\d{4}"),
    "fct_collections": ("event_id", r"CO-5\d{4}"),
    "fct_processing": ("event_id", r"PR-8\d{4}"),
    "fct_disclosures": ("event_id", r"D-[a-z_]+-\d+"),
}
"""Mart -> the column that names a single case, and how every name of it looks."""
PATHS = {path: file for members in PAGES.values() for file, _, _, path in members}
WITH_ROWS = {"", "findings", "requests", "incidents", "retention"}
"""The pages that name single cases to whom they may be shown."""
HOSTILE = (
    "' or 1=1 --",
    "'; copy (select 1) to '{pwned}'; --",
    "\") union all select content from read_text('/etc/passwd') --",
    "access' or 'a' = 'a",
    "%' escape '",
    "{{{{7*7}}}} <script>alert(1)</script>",
    "../../../../etc/passwd\x00",
)
PARAMETERS = (
    "area", "at", "bundle", "category", "check", "clause", "disclosure", "ending", "figure", "finding", "group",
    "jurisdiction", "list", "owner", "page", "period", "q", "recipient", "record", "request", "right", "severity", "since",
    "snapshot", "sort", "state", "status", "system", "version", "view",
)  # fmt: skip
TOLD_BY_AN_ENGINE = re.compile(rb"Traceback|(Parser|Binder|Catalog|Conversion|Invalid Input) Error|root:x:0|LINE 1:")


@dataclass(frozen=True)
class House:
    """The served dashboard, and somebody of every role."""

    base: str
    home: Path
    provider: Provider
    keys: dict[str, str]
    people: dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("abused")
    invented.publish(folder / "home", PUBLISHED, 600)
    provider = Provider()
    with signed_in_dashboard(folder / "project", folder / "home", provider, free_port()) as base:
        people = {role: signed_in(base, provider, groups, f"{role}@example.org") for role, groups in ROLES.items()}
        home = folder / "project" / ".promisekept"
        yield House(base, home, provider, keys_of(home), {**people, "nobody": signed_in(base, provider, ["canteen"])})
    provider.close()


def keys_of(home: Path) -> dict[str, str]:
    """Address parameter -> the key of something that there is; and that every single case is named as this test looks for it."""
    (file,) = home.glob("snapshots/0*/snapshot.duckdb")
    with duckdb.connect(str(file), read_only=True) as connection:
        for mart, (column, pattern) in SINGLE.items():
            counted = f"select count(*), count(*) filter (regexp_full_match({column}, '{pattern}')) from marts.{mart}"
            there, seen = connection.execute(counted).fetchall()[0]
            assert there == seen > 0, mart
        of = {
            "request": "select min(request_key) from marts.fct_requests",
            "finding": "select min(finding_key) from marts.fct_findings",
            "record": "select min(record_key) from marts.fct_records where status = 'over_retained'",
            "disclosure": "select min(namespace || '/' || event_id) from marts.fct_disclosures where not ok_not_stopped",
        }
        return {name: str(connection.execute(question).fetchall()[0][0]) for name, question in of.items()}


def named(answer: Answer, but_for: str = "") -> set[str]:
    """The single cases that an answer names; what the reader's own address named before is no news to them."""
    found = {case.decode() for _, pattern in SINGLE.values() for case in re.findall(pattern.encode(), answer.text)}
    return {case for case in found if case not in but_for}


def all_pages(reader: Session, query: str = "") -> Iterator[tuple[str, Answer]]:
    for path in PATHS:
        yield path, reader.open(path, query)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_shown_single_cases_and_files_where_it_may_and_nowhere_else(house: House, role: str):
    rights = RIGHTS[role]
    with session(house.base, house.people[role]) as reader:
        shown, files, built = set(), 0, 0
        for path, answer in all_pages(reader, "list=open&view=cases"):
            needed = NEEDED.get(PATHS[path])
            lost = any(message.WhichOneof("type") == "page_not_found" for message in answer.messages)
            assert lost == (needed is not None and needed not in rights), path
            shown |= {path} if named(answer) else set()
            files += len(answer.elements("download_button"))
            built += sum(button.label == "Build bundle" for button in answer.elements("button"))
            assert not answer.elements("exception"), path
    assert (shown >= WITH_ROWS - {""}) if "rows" in rights else not shown
    assert (files > 0) == ("export" in rights)
    assert (built > 0) == ("evidence" in rights)


@pytest.mark.parametrize("who", ["viewer", "nobody", "stranger"])
def test_no_address_and_no_message_gives_single_cases_to_whom_they_are_not_shown(house: House, who: str):
    """Whatever an officer's pages hold is sent again by somebody else: addresses, page hashes, widgets, fragments, files."""
    others = urlencode({name: key for name, key in house.keys.items() if name != "request"})
    addresses = ("list=open&period=all&q=REQ", others, urlencode({"request": house.keys["request"]}))
    cookies = stranger(house.base) if who == "stranger" else house.people[who]
    got: list[bytes] = []
    with session(house.base, house.people["officer"]) as officer, session(house.base, cookies) as reader:
        pages = dict(all_pages(officer, addresses[0]))
        sent = [message for answer in pages.values() for message in answer.messages]
        hashes = {message.navigation.page_script_hash for message in sent if message.HasField("navigation")}
        fragments = {message.delta.fragment_id for message in sent} - {""}
        last = officer.open("requests", addresses[0])
        files = [button.deferred_file_id for button in last.elements("download_button")]
        made = [officer.file(file) for file in files]
        urls = [one for one in made if "REQ-" in httpx.get(house.base + one, cookies=house.people["officer"]).text]
        assert len(urls) == 2  # the list, and its due dates as a calendar
        assert len(hashes) == len(PATHS)
        assert len(files) > 2
        assert sum(len(answer.widgets) for answer in pages.values()) > 30
        assert fragments
        taken = len(entries(house.home))

        for path, seen in pages.items():
            for query, widgets in zip(addresses, (seen.widgets, seen.widgets, []), strict=True):
                answer = reader.open(path, query, widgets)
                assert not named(answer, but_for=unquote(query)), path
                assert not answer.elements("exception"), path
                assert not answer.elements("download_button"), path
                got.append(answer.text)
        for page_hash in hashes:
            assert not named(reader.open(page_hash=page_hash))
        for fragment in sorted(fragments)[:20]:
            reader.rerun(fragment)
        assert not named(reader.open())
        assert {httpx.get(house.base + url, cookies=cookies).status_code for url in urls} == {403}
        assert len(entries(house.home)) == taken
        assert {httpx.get(house.base + (reader.file(file) or urls[0]), cookies=cookies).status_code for file in files} == {403}
    assert (b"Answered on time" in b"".join(got)) == (who == "viewer")


@pytest.mark.parametrize("role", ["auditor", "officer", "admin"])
def test_a_file_leaves_with_whoever_may_take_it_after_a_line_that_names_them(house: House, role: str):
    with session(house.base, house.people[role]) as reader:
        (button,) = [b for b in reader.open("requests", "list=open").elements("download_button") if b.label == "Download CSV"]
        url = reader.file(button.deferred_file_id)
    taken = httpx.get(house.base + url, cookies=house.people[role])
    assert (taken.status_code, "REQ-" in taken.text) == (200, True)
    last = entries(house.home)[-1].export
    assert (last.who, last.role) == (f"{role}@example.org", role)


def test_an_auditor_who_presses_the_button_of_an_officer_builds_nothing(house: House):
    with session(house.base, house.people["officer"]) as officer:
        (build,) = [b for b in officer.open("evidence").elements("button") if b.label == "Build bundle"]
    with session(house.base, house.people["auditor"]) as auditor:
        auditor.open("evidence")
        answer = auditor.open("evidence", widgets=[pressed(build.id)])
    assert b"Bundles are built by officers" in answer.text
    assert not list(house.home.glob("evidence/*.zip")) + [p for p in house.home.glob("evidence/*") if p.is_dir()]


def forged(cookies: dict[str, str], way: str) -> dict[str, str]:
    """The cookies of a viewer with the role changed and not signed by the dashboard."""
    header, stamp, signature = cookies[USER].rsplit(".", 2)
    claims = '{"is_logged_in": true, "iat": 9999999999, "email": "eve", "roles": ["platform"], "origin": "ORIGIN"}'
    value = {
        "payload": ".".join([base64.urlsafe_b64encode(claims.encode()).decode().rstrip("="), stamp, signature]),
        "secret": URLSafeTimedSerializer("a" * 32, salt=USER).dumps(claims),
        "salt": URLSafeTimedSerializer("only-for-this-test" * 2, salt="_streamlit_user_tokens").dumps(claims),
        "cut": f"{header}.{stamp}.",
        "bytes": "\u00ff" * 40,
    }[way]
    return cookies | {USER: value}


@pytest.mark.parametrize("way", ["payload", "secret", "salt", "cut", "bytes"])
def test_a_cookie_that_the_dashboard_did_not_sign_lets_nobody_in(house: House, way: str):
    cookies = forged(house.people["viewer"], way)
    with session(house.base, {name: value.encode().decode("latin-1") for name, value in cookies.items()}) as reader:
        for path in ("", "requests", "evidence"):
            answer = reader.open(path)
            assert b"Answered on time" not in answer.text
            assert not named(answer)
            assert [button.label for button in answer.elements("button")] == ["Sign in"]


def test_claims_that_the_provider_did_not_sign_let_nobody_in(house: House):
    key, house.provider.key = house.provider.key, RSAKey.generate_key(2048, parameters=house.provider.key.as_dict(private=False))
    house.provider.published, cookies = key, {}
    try:
        cookies = signed_in(house.base, house.provider, ROLES["admin"])
    finally:
        house.provider.key, house.provider.published = key, None
    assert USER not in cookies


def test_a_role_in_an_address_or_a_header_is_no_role(house: House):
    with session(house.base, house.people["viewer"]) as reader:
        for path, answer in all_pages(reader, "role=admin&roles=platform&reader=admin&local=1"):
            assert not named(answer), path


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://evil.example", ""),
        ("http://localhost:1", ""),
        ("null", ""),
        ("", "evil.example"),
        ("http://evil.example", "evil.example"),
        ("", "127.0.0.1.evil.example"),
    ],
)
def test_an_evil_origin_or_host_is_rejected_whoever_asks(house: House, origin: str, host: str):
    with (
        pytest.raises(InvalidStatus) as refused,
        session(house.base, house.people["officer"], origin=origin, host=host),
    ):
        pass
    assert refused.value.response.status_code == 403


def test_sql_in_an_address_or_a_filter_is_a_value_that_matches_nothing(house: House, tmp_path: Path):
    (snapshot,) = house.home.glob("snapshots/0*/snapshot.duckdb")
    before = snapshot.read_bytes()
    with session(house.base, house.people["officer"]) as reader:
        for number, path in enumerate(PATHS):
            plain = reader.open(path)
            text = HOSTILE[number % len(HOSTILE)].format(pwned=tmp_path / "pwned")
            answer = reader.open(path, urlencode([(name, text) for name in PARAMETERS]))
            assert not TOLD_BY_AN_ENGINE.search(answer.text), path
            assert not answer.elements("exception"), path
            widgets = [chosen(box.id, [text]) for box in plain.elements("multiselect")]
            widgets += [WidgetState(id=box.id, string_value=text) for box in plain.elements("text_input")]
            filtered = reader.open(path, "", widgets)
            assert not TOLD_BY_AN_ENGINE.search(filtered.text), path
            assert named(filtered) <= named(plain), path
        every = named(reader.open("findings", "view=cases"))
        for text in HOSTILE:
            found = reader.open("findings", urlencode({"view": "cases", "q": text.format(pwned=tmp_path / "pwned")}))
            assert not TOLD_BY_AN_ENGINE.search(found.text), text
            assert named(found) in (set(), every), text  # what is too long or can't be printed is no search at all
    assert not (tmp_path / "pwned").exists()
    assert snapshot.read_bytes() == before


def test_a_huge_filter_ends_at_most_its_own_session(house: House):
    with session(house.base, house.people["officer"]) as reader:
        plain = named(reader.open("requests"))
        many = urlencode([("right", f"right-{number}") for number in range(20_000)] + [("q", "x" * 200_000)])
        assert named(reader.open("requests", many)) == plain
    with session(house.base, house.people["officer"]) as reader, pytest.raises(ConnectionClosed):
        for size in (24, 48, 96, 192):
            reader.open("requests", "q=" + "x" * (size << 20))
    with session(house.base, house.people["viewer"]) as other:
        assert b"Answered on time" in other.open("requests").text


def test_fifty_sessions_at_once_are_all_answered_each_by_its_own_role_and_none_waits_for_ever(house: House):
    """Bounded by what fifty would take one after the other on the same machine at the same time, three times over."""
    roles = [list(ROLES)[number % len(ROLES)] for number in range(50)]

    def run(role: str) -> tuple[float, Answer]:
        with session(house.base, house.people[role]) as reader:
            begun = time.perf_counter()
            answer = reader.open("requests", "list=open")
            return time.perf_counter() - begun, answer

    alone = statistics.median(run(role)[0] for role in (*ROLES, *ROLES))
    with ThreadPoolExecutor(len(roles)) as pool:
        answered = list(pool.map(run, roles))
    for role, (_, answer) in zip(roles, answered, strict=True):
        assert b"Answered on time" in answer.text
        assert not answer.elements("exception")
        assert bool(named(answer)) == ("rows" in RIGHTS[role])
    p95 = statistics.quantiles([seconds for seconds, _ in answered], n=20)[-1]
    assert p95 < 3 * len(roles) * alone
