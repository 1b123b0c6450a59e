"""A sample depends on the bundle and on the auditor's value alone, and anybody draws it again with sha256sum and sort."""

from __future__ import annotations

import csv
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from ledger_proofs import a_bundle, a_ledger, reseal
from typer.testing import CliRunner

from promisekept.cli.app import app
from promisekept.errors import EvidenceError
from promisekept.evidence.sampling import TABLE, draw
from promisekept.evidence.zipping import zip_bundle

PAGE = Path(__file__).resolve().parents[2] / "docs" / "evidence.md"
KINDS = {
    "late": ("closed_late", "fulfilled"),
    "late too": ("closed_late", "denied"),
    "denied": ("closed_on_time", "denied"),
    "denied too": ("no_deadline", "denied"),
    "excluded": ("excluded", ""),
    "paused": ("paused", ""),
    "overdue": ("open_overdue", ""),
    "on_time": ("closed_on_time", "fulfilled"),
    "open": ("open_in_time", ""),
    "no deadline": ("no_deadline", "fulfilled"),
}


def requests(number):
    rows = [(f"desk/{kind}, {place}/access", *KINDS[kind]) for kind in KINDS for place in range(number)]
    return "request_key,status,outcome\n" + "".join(f'"{key}",{status},{outcome}\n' for key, status, outcome in rows)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    a_ledger(folder / "home", 2)
    return a_bundle(folder / "home", folder / "bundle", 2, requests=requests(40))


def drawn(sample):
    return {stratum.name: stratum.drawn for stratum in sample.strata}


def test_every_stratum_is_drawn_from_its_own_requests_and_shown_with_its_population(bundle):
    sample = draw(bundle, "dice 4 2 6", 25)
    assert {stratum.name: (stratum.population, len(stratum.drawn)) for stratum in sample.strata} == {
        "late": (80, 25),
        "denied": (80, 25),
        "excluded": (40, 25),
        "paused": (40, 25),
        "overdue": (40, 25),
        "on_time": (40, 25),
    }
    assert sample.not_sampled == 80
    for name, keys in drawn(sample).items():
        assert {key.split("/")[1].split(",")[0].removesuffix(" too") for key in keys} == {name}
        assert len(set(keys)) == len(keys)


def test_where_there_are_fewer_all_of_them_are_drawn(bundle):
    assert [len(keys) for keys in drawn(draw(bundle, "a", 60)).values()] == [60, 60, 40, 40, 40, 40]


def test_the_same_bundle_and_value_give_the_same_sample_as_a_folder_and_as_a_zip(bundle, tmp_path):
    zip_bundle(bundle, tmp_path / "bundle.zip")
    assert draw(bundle, "a", 5) == draw(tmp_path / "bundle.zip", "a", 5)


def test_another_value_or_another_bundle_gives_another_sample(bundle, tmp_path):
    first = drawn(draw(bundle, "a", 25))
    assert all(drawn(draw(bundle, "b", 25))[name] != first[name] for name in first)
    a_ledger(tmp_path / "home", 2)
    other = a_bundle(tmp_path / "home", tmp_path / "other", 2, requests=requests(40))
    reseal(other, 2, "1" * 128)
    assert all(drawn(draw(other, "a", 25))[name] != first[name] for name in first)


def test_every_request_has_the_same_chance(bundle):
    """A thousand values: each of 40 requests is drawn about as often as any other."""
    counts = Counter(key for value in range(1000) for key in drawn(draw(bundle, str(value), 10))["paused"])
    expected = 1000 * 10 / 40
    chi_squared = sum((counts[f"desk/paused, {place}/access"] - expected) ** 2 / expected for place in range(40))
    assert chi_squared < 80, "39 degrees of freedom: once in 10,000"


def test_the_commands_of_the_manual_draw_the_same_sample(bundle, tmp_path):
    [commands] = re.findall(r"```sh\n(fingerprint=.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    sample = draw(bundle, "dice 4 2 6", 25)
    with (bundle / TABLE).open(encoding="utf-8", newline="") as lines:
        late = [row["request_key"] for row in csv.DictReader(lines) if row["status"] == "closed_late"]
    (tmp_path / "keys.txt").write_text("".join(f"{key}\n" for key in late), encoding="utf-8")
    script = commands.replace("BUNDLE", str(bundle)).replace("THE AUDITOR'S VALUE", "dice 4 2 6")
    done = subprocess.run(["sh", "-eu", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert tuple(line.partition(" ")[2] for line in done.stdout.splitlines()) == drawn(sample)["late"]


@pytest.mark.parametrize("value", ["", "  ", "a\nb"])
def test_a_value_that_is_none_is_rejected(bundle, value):
    with pytest.raises(EvidenceError, match="is no value"):
        draw(bundle, value, 5)


def test_nothing_is_drawn_from_a_bundle_that_was_changed_or_holds_no_requests(tmp_path):
    a_ledger(tmp_path / "home", 2)
    bundle = a_bundle(tmp_path / "home", tmp_path / "bundle", 2, requests=requests(2))
    (bundle / TABLE).write_text("request_key,status,outcome\n")
    with pytest.raises(EvidenceError, match="nothing is drawn from what is not whole"):
        draw(bundle, "a", 5)
    (bundle / TABLE).rename(bundle / "data" / "tables" / "fct_metrics.csv")
    reseal(bundle, 2)
    with pytest.raises(EvidenceError, match="holds no requests"):
        draw(bundle, "a", 5)


def test_the_command_shows_population_and_draw(bundle):
    result = CliRunner().invoke(app, ["sample", str(bundle), "--auditor-value", "dice 4 2 6", "--size", "2"])
    assert result.exit_code == 0, result.output
    assert re.search(r"^late +80 +2$", result.output, re.M)
    assert "Not drawn from: 80 requests" in result.output
    assert all(key in result.output for key in drawn(draw(bundle, "dice 4 2 6", 2))["denied"])
