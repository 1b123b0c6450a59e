"""The example of containers names what exists: commands, options, variables, files; and it is as closed as it states.

No container is started: what can be checked of files is, by hadolint, by the specification of compose files, and by Caddy's own
validator where it is installed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import compose_spec
import dagster as dg
import pytest
import typer
import yaml

from promisekept.cli.app import app

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "docs" / "deploy"
PROGRAMS = Path(sys.executable).parent
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OF_OURS = {name: service for name, service in SERVICES.items() if "build" in service}
PINNED = re.compile(r"^[\w./-]+:v?\d+\.\d+(\.\d+)?(-[\w.-]+)?$")
_NAMED = re.compile(r"promisekept (?:dashboard|api|check|run|fsck|keys|init|restore)[^`\n#]*")


def named_commands() -> list[str]:
    """Every command of ours in the files of the example, and those that the services run."""
    named = {line for file in DEPLOY.iterdir() for line in _NAMED.findall(file.read_text(encoding="utf-8"))}
    run = {" ".join(map(str, service["command"])) for service in OF_OURS.values() if service["command"][0] == "promisekept"}
    return sorted(named | run)


def by_the_specification(text: str) -> list[str]:
    """The services of a compose file with merged keys and given variables; a fault by the specification raises."""
    given = re.sub(r"\$\{(\w+):\?[^}]*\}", lambda variable: f"/{variable[1].lower()}", text)
    read = compose_spec.PyCompose.from_yaml(yaml.safe_dump(yaml.safe_load(given)))
    read.validate()
    return sorted(read.service_names())


def test_the_compose_file_is_one_by_the_specification():
    assert by_the_specification((DEPLOY / "compose.yaml").read_text(encoding="utf-8")) == sorted(SERVICES)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("read_only: true", "read_onli: true"),
        ("condition: service_healthy", "condition: healthy"),
        ("networks: [inside]", "networks: [insid]"),
        ("- home:/project", "- hom:/project"),
        ("secrets: [dagster_postgres_password]", "secrets: [dagster_password]"),
        ("interval: 10s", "interval: soon"),
    ],
)
def test_a_compose_file_with_a_fault_is_seen(right, wrong):
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    assert right in text
    with pytest.raises(ValueError):
        by_the_specification(text.replace(right, wrong))


def test_hadolint_finds_nothing_in_the_dockerfile(tmp_path):
    file = DEPLOY / "Dockerfile"
    done = subprocess.run([PROGRAMS / "hadolint", "--no-color", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    worse = tmp_path / "Dockerfile"
    worse.write_text(file.read_text(encoding="utf-8").replace("    && rm -rf /var/lib/apt/lists/* \\\n", ""), encoding="utf-8")
    assert subprocess.run([PROGRAMS / "hadolint", worse], capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize("name", sorted(OF_OURS))
def test_what_a_container_starts_is_installed_and_has_these_options(name):
    """The entry points that the image gets with the locked packages; `--help` lists the options without starting anything."""
    program, *rest = OF_OURS[name]["command"]
    group = [rest[0]] if rest and not rest[0].startswith("-") else []
    helped = subprocess.run(
        [PROGRAMS / program, *group, "--help"], capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "200"}
    )
    assert {word for word in rest if word.startswith("-")} <= set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", helped.stdout))


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_is_pinned_closed_and_looked_after(name):
    service = SERVICES[name]
    assert PINNED.match(service["image"]), service["image"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert name == "proxy" or service["user"].split(":")[0] != "0"


def test_only_the_proxy_can_be_reached_from_outside():
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy"}
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert all("inside" in service["networks"] for service in SERVICES.values())
    assert not any(service.get("network_mode") or service.get("privileged") for service in SERVICES.values())


def test_every_secret_is_a_file_and_no_value_stands_in_the_file():
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())
    named = (DEPLOY / "README.md").read_text(encoding="utf-8")
    assert all(Path(secret["file"]).name in named for secret in COMPOSE["secrets"].values())
    variables = {name for service in SERVICES.values() for name in service.get("environment", {})}
    assert not [name for name in variables if re.search("PASSWORD|SECRET|TOKEN", name) and not name.endswith("_FILE")]


def test_the_webserver_has_no_key_and_only_ours_see_the_home():
    keys = [mount for mount in SERVICES["webserver"]["tmpfs"] if mount == "/project/keys"]
    assert keys
    holders = {name for name, service in SERVICES.items() if any(str(v).startswith("home:") for v in service.get("volumes", []))}
    assert holders == set(OF_OURS)


def test_every_volume_and_file_that_is_mounted_exists():
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            place = re.sub(r"\$\{[^}]*\}", "", mount).split(":")[0]
            if place.startswith("./"):
                assert (DEPLOY / place).is_file(), mount
            elif place:
                assert place in COMPOSE["volumes"], mount


@pytest.mark.parametrize("line", named_commands())
def test_every_command_that_is_named_is_one_and_has_these_options(line):
    words = line.split()[1:]
    command = typer.main.get_command(app)
    while words and hasattr(command, "commands") and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    assert not hasattr(command, "commands"), f"{line}: no such command"
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= known, line


def test_the_variables_are_those_that_the_code_reads():
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "orchestration").rglob("*.py"))
    dagster = (DEPLOY / "dagster.yaml").read_text(encoding="utf-8")
    read = {*re.findall(r'environ\.get\("(\w+)"', code), *re.findall(r"env: (\w+)", dagster)}
    given = {name for name, service in OF_OURS.items() for name in service.get("environment", {})}
    assert given <= read
    exported = set(re.findall(r"export (\w+)", (DEPLOY / "with-secrets").read_text(encoding="utf-8")))
    assert {name for name in read if name.startswith("DAGSTER_POSTGRES")} == exported | {n for n in given if "POSTGRES" in n}


def test_dagster_reads_its_own_configuration(tmp_path):
    """All but its storage, which needs a server: tests/orchestration/test_dagster_home.py has one."""
    configuration = yaml.safe_load((DEPLOY / "dagster.yaml").read_text(encoding="utf-8"))
    assert configuration.pop("storage").keys() == {"postgres"}
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1
        assert not instance.telemetry_enabled


def test_the_image_copies_what_the_tree_has_and_runs_as_nobody_special():
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    images = [line.split()[1] for line in lines if line.startswith("FROM")]
    images += [found for line in lines for found in re.findall(r"--from=(\S*[/:]\S*)", line)]
    assert all(PINNED.match(image) for image in images), images
    sources = [word for line in lines if line.startswith("COPY") and "--from" not in line for word in line.split()[1:-1]]
    assert [source for source in sources if not (ROOT / source).exists()] == []
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks", "tests"}
    assert packages <= set(sources)
    assert [line for line in lines if line.startswith("USER")] == ["USER 10001:10001"]
    assert all(service["user"] == "10001:10001" for service in OF_OURS.values())
    assert os.access(DEPLOY / "with-secrets", os.X_OK)


def test_the_secret_reaches_the_command_and_nothing_else(tmp_path):
    script = (DEPLOY / "with-secrets").read_text(encoding="utf-8").replace("/run/secrets", str(tmp_path))
    (tmp_path / "dagster_postgres_password").write_text("long and random\n", encoding="utf-8")
    show = ["sh", "-c", script, "with-secrets", "sh", "-c", 'printf %s "$DAGSTER_POSTGRES_PASSWORD"']
    assert subprocess.run(show, capture_output=True, text=True, check=True).stdout == "long and random"
    (tmp_path / "dagster_postgres_password").unlink()
    assert subprocess.run([*show[:5], "-c", "printf none"], capture_output=True, text=True, check=True).stdout == "none"


def test_oauth2_proxy_asks_before_it_lets_through_and_holds_no_secret():
    settings = tomllib.loads((DEPLOY / "oauth2-proxy.cfg").read_text(encoding="utf-8"))
    assert settings["upstreams"] == ["http://webserver:3000"]
    assert settings["allowed_groups"]
    assert settings["cookie_secure"] is True
    assert not {"client_secret", "cookie_secret", "skip_auth_routes", "skip_auth_regex"} & set(settings)


@pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not installed (Debian: apt-get install caddy)")
def test_caddy_accepts_its_file(tmp_path):
    hosts = {"DASHBOARD_HOST": "privacy.example.org", "DAGSTER_HOST": "dagster.example.org"}
    alone = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    done = subprocess.run(
        ["caddy", "validate", "--config", str(DEPLOY / "Caddyfile"), "--adapter", "caddyfile"],
        capture_output=True, text=True, env=os.environ | hosts | alone, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
