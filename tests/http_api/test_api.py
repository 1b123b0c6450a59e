"""The HTTP API: what it answers is what is published, to whom a role permits it, and every error says what is wrong."""

from __future__ import annotations

import hmac
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
import yaml
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import RSAKey
from provider_of_keys import AUDIENCE, KeyProvider
from published_demo import copy_published_demo
from typer.testing import CliRunner

import promisekept
from http_api.server import application
from promisekept.cli.app import app as commands
from promisekept.config.dashboard import ROLES
from promisekept.config.loading import load_settings
from promisekept.config.roles import RIGHTS
from promisekept.errors import ConfigError
from promisekept.evidence.public import hidden_figures
from promisekept.publishing.export_log import entries
from promisekept.publishing.reader import open_current

NOW = datetime(2026, 10, 2, 12, tzinfo=UTC)
TOKENS = {role: f"{role}-" + "0123456789abcdef" * 2 for role in (*ROLES, "public")}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_published_demo(tmp_path_factory.mktemp("api") / "larkfield", tmp_path_factory)


@pytest.fixture(scope="module")
def clients(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, httpx.Client]]:
    """A client per role, and `nobody` without a token."""
    tokens = []
    for role, token in TOKENS.items():
        file = tmp_path_factory.mktemp("tokens") / f"{role}.token"
        file.write_text(token, encoding="utf-8")
        file.chmod(0o600)
        tokens.append({"name": f"{role}-program", "role": role, "file": str(file)})
    with configured(demo, {"tokens": tokens}) as config:
        app = application(load_settings(config), lambda: NOW)
    headers = {role: {"Authorization": f"Bearer {token}"} for role, token in TOKENS.items()} | {"nobody": {}}
    with served(app) as url:
        yield {role: httpx.Client(base_url=url, headers=sent, timeout=120) for role, sent in headers.items()}


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Listen on a free port of this machine until the block ends."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.02)
    yield f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    app.state.snapshots.close()


@contextmanager
def configured(project: Path, api: dict[str, object], **others: object) -> Iterator[Path]:
    """A configuration beside the project's own."""
    own = yaml.safe_load((project / "promisekept.yml").read_text(encoding="utf-8"))
    config = project / "api.yml"
    config.write_text(yaml.safe_dump(own | {"api": api} | others), encoding="utf-8")
    yield config


def data_of(client: httpx.Client, path: str, **parameters: object) -> list[dict[str, object]]:
    answer = client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_figures_are_the_published_ones(clients, demo):
    found = data_of(clients["viewer"], "/v1/figures", metric="deadline_adherence", by="month,jurisdiction", period="2026")
    with promisekept.open(demo) as snapshot:
        published = snapshot.figures("deadline_adherence", by=["month", "jurisdiction"], period="2026").to_pylist()
    assert len(found) > 100
    for column in ("dimension_value", "numerator", "denominator", "value", "value_worst"):
        assert [row[column] for row in found] == [row[column] for row in published]


def test_pages_follow_each_other_in_one_snapshot(clients):
    whole = data_of(clients["auditor"], "/v1/findings", severity="high", limit=10_000)
    found, path = [], "/v1/findings?severity=high&limit=400"
    while path:
        answer = clients["auditor"].get(path)
        assert (answer.headers.get("link") is None) == (answer.json()["next"] is None)
        found += answer.json()["data"]
        path = answer.json()["next"]
    assert found == whole
    assert len(found) > 800


def test_an_older_snapshot_is_asked_by_its_id(clients):
    newer, *_, older = data_of(clients["viewer"], "/v1/snapshots")
    assert (newer["is_current"], older["is_current"]) == (True, False)
    assert clients["viewer"].get("/v1/snapshots/current").json() == newer
    answer = clients["viewer"].get("/v1/figures", params={"metric": "requests_received", "snapshot": older["id"]}).json()
    assert answer["snapshot"] == older["id"]
    assert answer["data"] != data_of(clients["viewer"], "/v1/figures", metric="requests_received")


def test_an_answer_is_sent_once_for_each_snapshot(clients):
    first = clients["viewer"].get("/v1/figures?by=quarter")
    again = clients["viewer"].get("/v1/figures?by=quarter", headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    older = data_of(clients["viewer"], "/v1/snapshots")[1]["id"]
    changed = clients["viewer"].get(f"/v1/figures?by=quarter&snapshot={older}", headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    other = clients["public"].get("/v1/figures?by=quarter", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200  # what another role keeps is no answer for this one


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_no_more_than_on_the_pages(clients, role):
    """Figures and verdicts everybody with a role, rows about single cases whoever may see rows on a page."""
    verdict = data_of(clients[role], "/v1/verdicts", period="2026-Q2")[0]
    assert (verdict["status"], verdict["severity"]) == ("missed", "high" if "rows" in RIGHTS[role] else None)
    answer = clients[role].get("/v1/findings?limit=1")
    assert answer.status_code == (200 if {"rows", "export"} <= RIGHTS[role] else 403)
    if answer.status_code == 403:
        assert "finding_key" not in answer.text


def test_rows_are_in_the_export_log_before_anybody_has_them(clients, demo):
    before = len(entries(demo / ".promisekept"))
    data_of(clients["auditor"], "/v1/findings", period="2026-Q2", severity="high", limit=5)
    data_of(clients["auditor"], "/v1/figures")
    (line,) = entries(demo / ".promisekept")[before:]
    assert (line.at, line.export.kind, line.export.who, line.export.role) == (NOW, "api", "auditor-program", "auditor")
    assert (line.export.rows, line.export.period, dict(line.export.filters)) == (5, "2026-Q2", {"severity": ["high"]})
    assert line.export.of > 5


def test_the_public_sees_what_a_public_bundle_shows(clients, demo):
    home = demo / ".promisekept"
    found, path = [], "/v1/figures?by=month,jurisdiction&limit=10000"
    while path:
        answer = clients["public"].get(path).json()
        found, path = found + answer["data"], answer["next"]
    with open_current(home) as snapshot:
        hidden = {
            (code, str(cell.start), cell.value)
            for code, cell in hidden_figures(snapshot.cursor(), 10)
            if (cell.grain, cell.dimension) == ("month", "jurisdiction")
        }
    assert {(row["metric_code"], row["period_start"], row["dimension_value"]) for row in found if row["is_suppressed"]} == hidden
    assert len(hidden) > 100
    numbers = ("numerator", "denominator", "value", "value_worst")
    assert {row[name] for row in found if row["is_suppressed"] for name in numbers} == {None}
    small = [row for row in found if row["unit"] != "days" and row["denominator"] and 0 < row["denominator"] < 10]
    assert small == []
    assert {row["value_worst"] for row in found} == {None}
    verdict = data_of(clients["public"], "/v1/verdicts")[0]
    assert {name for name, value in verdict.items() if value is not None} <= {
        *("clause_id", "section", "promise", "source", "assessed_by", "status"),
    }
    assert clients["public"].get("/v1/findings").status_code == 403


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/v1/figures?metric=deadline_adherance", 422, "Did you mean deadline_adherence"),
        ("/v1/figures?metric=xyzzy", 422, "has no such metric. /v1/metrics lists them."),
        ("/v1/figures?by=planet", 422, "no metric is published by `planet`"),
        ("/v1/figures?period=2026-13", 422, "`2026-13` is no period"),
        ("/v1/verdicts?period=soon", 422, "`soon` is no period"),
        ("/v1/figures?limit=0", 422, "limit: Input should be greater than or equal to 1"),
        ("/v1/findings?severity=grave", 422, "severity: "),
        ("/v1/figures?snapshot=0009-abcdef", 404, "There is no snapshot `0009-abcdef`"),
        ("/v1/figures?snapshot=../../etc", 404, "There is no snapshot"),
        ("/v1/nothing", 404, "Not Found"),
        ("/v1/findings?code=%27%20or%201%3D1%20--", 200, ""),
    ],
)
def test_an_error_names_what_is_wrong(clients, path, status, detail):
    answer = clients["admin"].get(path)
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["data"] == []
        return
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["status"], answer.json()["instance"]) == (status, path.partition("?")[0])
    assert detail in answer.json()["detail"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["snapshots", "metrics", "figures", "verdicts", "findings", "snapshots/current"]),
    asked=st.dictionaries(
        st.sampled_from(["metric", "by", "period", "snapshot", "limit", "offset", "code", "severity", "control"]),
        st.one_of(st.text(max_size=20), st.integers().map(str), st.sampled_from(["month", "2026-Q2", "high", "all"])),
    ),
)
def test_whatever_is_asked_is_answered_or_named_as_wrong(clients, path, asked):
    answer = clients["viewer"].get(f"/v1/{path}", params=asked)
    assert answer.status_code in {200, 403, 404, 422}, answer.text
    wanted = "application/json" if answer.status_code == 200 else "application/problem+json"
    assert answer.headers["content-type"] == wanted


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(clients, method):
    answer = getattr(clients["admin"], method)("/v1/figures")
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer wrong", "Basic dXNlcjpwYXNz", f"Token {TOKENS['admin']}"])
def test_without_a_token_nobody_is_answered(clients, sent):
    answer = clients["nobody"].get("/v1/figures", headers={"Authorization": sent} if sent else {})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="promisekept"')
    assert answer.headers["cache-control"] == "no-store"
    assert clients["nobody"].get(f"/v1/figures?access_token={TOKENS['admin']}").status_code == 401


def test_it_answers_under_its_own_names_alone(clients):
    for host in ("evil.example", "localhost.evil.example"):
        assert clients["admin"].get("/v1/figures", headers={"Host": host}).status_code == 400
    assert clients["admin"].get("/health", headers={"Host": "127.0.0.1:8502"}).json() == {"status": "ok"}


def test_its_interface_is_described(clients):
    described = clients["nobody"].get("/openapi.json").json()
    assert set(described["paths"]) == {
        f"/v1/{path}" for path in ("snapshots", "snapshots/{snapshot}", "metrics", "figures", "verdicts", "findings")
    }
    assert all(set(one) == {"get"} for one in described["paths"].values())
    assert clients["nobody"].get("/docs").status_code == 404


def test_a_metric_is_defined_as_in_the_catalogue(clients):
    found = {row["metric_code"]: row for row in data_of(clients["viewer"], "/v1/metrics")}
    assert found["deadline_adherence"]["out_of"] == "closed on time + closed late + open and overdue"
    assert found["deadline_adherence"]["dimensions"][0] == "all"


def test_on_this_machine_alone_no_token_is_needed(demo):
    with configured(demo, {}) as config:
        app = application(load_settings(config), lambda: NOW)
    with served(app) as url:
        assert httpx.get(f"{url}/v1/findings?limit=1", timeout=60).json()["data"]
    assert entries(demo / ".promisekept")[-1].export.role == "local"


@pytest.mark.parametrize(
    ("api", "message"),
    [
        ({"address": "0.0.0.0"}, "can be reached by others"),
        ({"tokens": [{"name": "a", "role": "viewer"}]}, "give either `env`"),
        ({"tokens": [{"name": "a", "role": "owner", "env": "A"}]}, "role"),
        ({"tokens": [{"name": "a", "role": "viewer", "env": "A"}, {"name": "a", "role": "admin", "env": "B"}]}, "one name"),
        ({"oidc": {"issuer": "https://login.example", "audience": "a"}}, "needs `dashboard.sign_in`"),
        ({"oidc": {"issuer": "http://login.example", "audience": "a"}}, "begins with https"),
    ],
)
def test_a_configuration_that_would_let_in_anybody_is_rejected(demo, api, message):
    with configured(demo, api) as config, pytest.raises(ConfigError, match=message):
        load_settings(config)


def test_a_token_that_could_be_guessed_is_rejected(demo, monkeypatch):
    monkeypatch.setenv("BI_TOKEN", "short")
    with configured(demo, {"tokens": [{"name": "bi", "role": "viewer", "env": "BI_TOKEN"}]}) as config:
        answer = CliRunner().invoke(commands, ["api", "--config", str(config)])
    assert isinstance(answer.exception, ConfigError)
    assert "has fewer than 32 characters" in str(answer.exception)


@pytest.fixture(scope="module")
def provider() -> Iterator[KeyProvider]:
    with KeyProvider() as serving:
        yield serving


@pytest.fixture(scope="module")
def app_of_provider(demo: Path, provider: KeyProvider) -> FastAPI:
    sign_in = {
        "secrets": "secrets.toml",
        "role_claim": "groups",
        "roles": {"viewer": ["staff"], "auditor": ["audit"]},
        "hours": 8,
    }
    oidc = {"issuer": provider.url, "audience": AUDIENCE}
    (demo / "secrets.toml").touch()
    with configured(demo, {"oidc": oidc}, dashboard={"sign_in": sign_in}) as config:
        return application(load_settings(config), lambda: NOW)


@pytest.fixture(scope="module")
def asking(app_of_provider: FastAPI) -> Iterator[httpx.Client]:
    with served(app_of_provider) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def asked(client: httpx.Client, token: str, path: str = "/v1/findings?limit=1") -> int:
    return client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code


def test_groups_give_the_roles_of_the_dashboard(asking, provider, demo):
    assert asked(asking, provider.token(NOW, groups=["audit"], email="ada@example.org")) == 200
    assert entries(demo / ".promisekept")[-1].export.who == "ada@example.org"
    assert asked(asking, provider.token(NOW, groups=["staff"])) == 403
    assert asked(asking, provider.token(NOW, groups=["staff"]), "/v1/figures") == 200
    assert asked(asking, provider.token(NOW, groups=["others"]), "/v1/figures") == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-program"},
        {"iss": "https://login.example"},
        {"exp": int((NOW - timedelta(seconds=1)).timestamp())},
        {"exp": None},
        {"nbf": int((NOW + timedelta(hours=1)).timestamp())},
        {"iat": int((NOW - timedelta(hours=9)).timestamp())},
    ],
    ids=lambda claims: next(iter(claims)),
)
def test_a_token_for_another_time_or_program_is_none(asking, provider, claims):
    assert asked(asking, provider.token(NOW, groups=["audit"], **claims)) == 401


def test_a_token_that_the_provider_did_not_sign_is_none(asking, provider):
    claims = provider.claims(NOW) | {"groups": ["audit"]}
    another = RSAKey.generate_key(2048, parameters={"kid": "one"})
    forged = [
        jwt.encode({"alg": "RS256", "kid": "one"}, claims, another),
        signed_with(provider.key.as_pem(private=False), claims),
        f"{jwt.encode({'alg': 'RS256', 'kid': 'one'}, claims, provider.key).rpartition('.')[0]}.",
        "a.b.c",
    ]
    assert [asked(asking, token) for token in forged] == [401] * 4


def signed_with(secret: bytes, claims: dict[str, object]) -> str:
    """A token that takes the provider's public key for a shared secret."""
    parts = [{"alg": "HS256", "kid": "one"}, claims]
    text = ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"{text}.{urlsafe_b64encode(hmac.digest(secret, text.encode(), 'sha256')).decode().rstrip('=')}"


def test_keys_that_were_changed_are_fetched_again(app_of_provider, provider, asking):
    assert asked(asking, provider.token(NOW, groups=["audit"])) == 200
    now = [NOW]
    app_of_provider.state.authentication.provider.now = lambda: now[0]
    provider.renew("two")
    now[0] += timedelta(minutes=2)
    assert asked(asking, provider.token(NOW, groups=["audit"])) == 200


def test_figures_are_json_numbers_and_dates(clients):
    row = json.loads(clients["viewer"].get("/v1/figures?metric=deadline_adherence&by=quarter&limit=1").content)["data"][0]
    assert isinstance(row["numerator"], int | float)
    assert row["period_start"] == "2025-04-01"
