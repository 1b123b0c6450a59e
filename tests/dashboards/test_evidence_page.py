"""The bundles of a home as the page tells them, what is done with one, and who may do it."""

from __future__ import annotations

import io
import shlex
import shutil
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import invented
import pytest
from opened_pages import ATTACKS, PUBLISHED, Open, rows_of, texts
from typer.main import get_command

from dashboards import access, bundling
from dashboards.bundling import BundleOrder
from dashboards.components import export
from dashboards.data import bundles, query
from dashboards.snapshots import Ref
from dashboards.views.evidence import bundle_form
from dashboards.views.evidence import bundles as views
from promisekept.cli.app import app as cli
from promisekept.errors import EvidenceError, PublishingError
from promisekept.evidence.bagit import close_bag
from promisekept.evidence.export import FOLDER
from promisekept.evidence.release import release
from promisekept.evidence.signing.signatures import certificate_sha256
from promisekept.evidence.signing.signing_keys import create_signing_keys, signing_key
from promisekept.evidence.signing.statement import Approvals
from promisekept.evidence.signing.timestamps import TimeAuthority
from promisekept.publishing import export_log
from promisekept.publishing.export_log import Export, record


def lay(home: Path, name: str, *, logged: bool = True) -> str:
    """A small bag where bundles lie, written down as an export writes it; its fingerprint."""
    folder = home / FOLDER / name
    for part in ("data", "metadata"):
        (folder / part).mkdir(parents=True)
    (folder / "metadata" / "omissions.json").write_text("{}", encoding="utf-8")
    (folder / "data" / "report.html").write_text(f"<p>{name}</p>", encoding="utf-8")
    mark = close_bag(folder, {"External-Identifier": name})
    snapshot, period, audience = name.split(".")[:3]
    if logged:
        told = Export(
            "bundle", name, snapshot, "m.okafor", "officer", 1204, 8882, "0" * 64, period, {"audience": (audience,)}, mark
        )
        record(home, told, PUBLISHED)
    return mark


@pytest.fixture
def stocked(home: Path, ref: Ref, tmp_path: Path) -> Path:
    """A copy of the home with two bundles, one of which is not in the log, and a folder that is none."""
    shutil.copytree(home, tmp_path / "home")
    lay(tmp_path / "home", f"{ref.id}.2026-Q3.auditor")
    lay(tmp_path / "home", f"{ref.id}.2026-Q2.public", logged=False)
    (tmp_path / "home" / FOLDER / "old").mkdir()
    return tmp_path / "home"


def one(home: Path, words: str) -> bundles.BundleFolder:
    return next(bundle for bundle in bundles.found(home, bundles.log(home)) if words in bundle.name)


def test_where_no_bundle_was_built_and_nothing_left_that_is_said(open_page: Open) -> None:
    said = texts(open_page("/evidence"))
    assert "No bundle was built yet" in said
    assert "No exports yet" in said
    assert "This dashboard has no keys" in said  # it was started for a home alone


def test_every_bundle_is_listed_with_its_state_size_and_fingerprint(open_page: Open, stocked: Path) -> None:
    table = rows_of(open_page("/evidence", at=stocked), "Fingerprint")
    assert list(table["Period"]) == ["Q3 2026", "Q2 2026"]
    assert list(table["Audience"]) == ["Auditor", "Public"]
    assert list(table["State"]) == ["○ Draft", "? Not in the export log, ○ Draft"]
    mark = one(stocked, "auditor").fingerprint
    assert table["Fingerprint"][0] == f"{mark[:8]}…{mark[-4:]}"
    assert table["Built"][0] == "1 Oct 2026, 06:14 EDT"


def test_a_link_to_a_bundle_shows_it_with_what_it_holds_and_its_whole_fingerprint(open_page: Open, stocked: Path) -> None:
    bundle = one(stocked, "auditor")
    app = open_page("/evidence", at=stocked, bundle=bundle.name)
    assert "1,204 of 8,882 rows" in texts(app)
    assert "by m\\.okafor" in texts(app)
    assert bundle.fingerprint in [code.value for code in app.code]
    assert any(bundle.name in code.value for code in app.code)  # the commands of whoever checks it
    (signing,) = [code.value for code in app.code if "promisekept release" in code.value]
    release_it, check_it = map(shlex.split, signing.splitlines())
    assert release_it[:3] == ["promisekept", "release", f"{bundle.name}.zip"]
    assert check_it == ["promisekept", "verify", f"{bundle.name}.zip", "--fingerprint", bundle.fingerprint]
    known = {option for parameter in get_command(cli).commands["release"].params for option in parameter.opts}
    assert {word for word in release_it if word.startswith("--")} <= known
    assert f"download_{bundle.name}" in [button.key for button in app.get("download_button")]
    unlogged = one(stocked, "public").name
    keys = [button.key for button in open_page("/evidence", at=stocked, bundle=unlogged).get("download_button")]
    assert f"download_{unlogged}" not in keys


def test_a_bundle_that_our_verifier_rejects_says_why_until_its_files_are_others(open_page: Open, stocked: Path) -> None:
    bundle = one(stocked, "auditor")
    (bundle.path / "data" / "report.html").write_text("<p>altered</p>", encoding="utf-8")
    app = open_page("/evidence", at=stocked, bundle=bundle.name)
    app.button(key=f"verify_{bundle.name}").click().run()
    assert "was changed" in texts(app).replace("\\", "")
    assert "✕ Rejected" in rows_of(app, "Fingerprint")["State"][0]
    (bundle.path / "data" / "report.html").write_text("<p>once more</p>", encoding="utf-8")
    app.button(key=f"verify_{bundle.name}").click().run()  # drawn before the files were others
    assert "✕ Rejected" in rows_of(app, "Fingerprint")["State"][0]
    (bundle.path / "data" / "report.html").write_text(f"<p>{bundle.name}</p>", encoding="utf-8")
    assert "Rejected" not in rows_of(app.run(), "Fingerprint")["State"][0]


def test_a_released_bundle_says_who_stands_for_it_by_which_key_and_what_its_time_is_worth(
    open_page: Open, stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_signing_keys(tmp_path / "keys", "Larkfield")
    pem, clock = tmp_path / "keys" / "signing.pem", tmp_path / "keys" / "time-authority.pem"
    bundle = one(stocked, "auditor")
    release(bundle.path, Approvals("Ann", "Cy", "Bo"), signing_key(str(pem)), TimeAuthority(clock, key_file=clock))
    monkeypatch.setattr(
        views, "project", lambda: SimpleNamespace(keys=SimpleNamespace(signing=str(pem)), config=tmp_path / "promisekept.yml")
    )
    app = open_page("/evidence", at=stocked, bundle=bundle.name)
    said = texts(app)
    assert rows_of(app, "Fingerprint")["State"][0] == "◆ Released"
    assert "prepared by Ann, reviewed by Bo, approved by Cy" in said
    assert "operator-asserted" in said
    mark = certificate_sha256(pem.with_suffix(".crt").read_text(encoding="utf-8")).upper()
    assert mark[:2] + ":" + mark[2:4] in said
    app.button(key=f"verify_{bundle.name}").click().run()
    assert "signed" not in "".join(str(error.value) for error in app.error)  # the certificates are known here


def test_what_a_later_snapshot_says_otherwise_is_told_of_each_period(open_page: Open, tmp_path: Path) -> None:
    first = invented.publish(tmp_path, PUBLISHED, 120)
    second = invented.publish(tmp_path, PUBLISHED + timedelta(days=1), 150)
    lay(tmp_path, f"{first}.2026-Q2.auditor")
    lay(tmp_path, f"{first}.1999-Q2.auditor")
    lay(tmp_path, f"{second}.2026-Q2.auditor")
    table = rows_of(open_page("/evidence", at=tmp_path), "Fingerprint")
    restated = {(row["Snapshot"], row["Period"]) for _, row in table.iterrows() if "Restated since" in row["State"]}
    assert restated == {(first, "Q2 2026")}
    held = query.first(
        Ref(str(tmp_path), second),
        "select count(distinct (metric_code, period_grain, period_start, dimension, dimension_value)) as n"
        " from history.fct_restatements where sequence > 1 and period_start >= '2026-04-01' and period_end <= '2026-07-01'",
    )["n"]
    said = texts(open_page("/evidence", at=tmp_path, bundle=f"{first}.2026-Q2.auditor"))
    assert f"restates {held} figures of its period" in said
    earlier = open_page("/evidence", at=tmp_path, snapshot=first)
    assert not any("Restated" in state for state in rows_of(earlier, "Fingerprint")["State"])


def test_a_download_is_the_whole_bundle_and_is_written_down_first(stocked: Path) -> None:
    bundle = one(stocked, "auditor")
    file = bundles.taken(stocked, bundle, "ada@example.org", "auditor", PUBLISHED)
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert f"{bundle.name}/data/report.html" in archive.namelist()
    told = export_log.entries(stocked)[-1].export
    assert (told.kind, told.content, told.who, told.role) == ("download", bundle.name, "ada@example.org", "auditor")
    assert (told.rows, told.of, told.period, told.fingerprint) == (1204, 8882, "2026-Q3", bundle.fingerprint)
    with pytest.raises(EvidenceError, match="not given out"):
        bundles.taken(stocked, one(stocked, "public"), "ada@example.org", "auditor", PUBLISHED)


def test_a_download_that_cant_be_written_down_is_not_given_out(stocked: Path) -> None:
    bundle = one(stocked, "auditor")
    (stocked / export_log.FILE).unlink()
    (stocked / export_log.FILE).mkdir()
    with pytest.raises(PublishingError, match="not given out"):
        bundles.taken(stocked, bundle, "ada@example.org", "auditor", PUBLISHED)


def test_the_export_log_is_shown_newest_first_and_never_when_it_was_changed(open_page: Open, stocked: Path) -> None:
    bundle = one(stocked, "auditor")
    bundles.taken(stocked, bundle, "<b>ada</b>", "auditor", PUBLISHED + timedelta(minutes=5))
    app = open_page("/evidence", at=stocked)
    log = next(table.value for table in app.table if "Content" in table.value)
    assert list(log["What"]) == ["Download", "Bundle"]
    assert list(log["Rows"]) == ["1,204 of 8,882", "1,204 of 8,882"]
    assert "\\<b\\>" in log["Who"][0]
    assert "2 entries" in texts(app)
    file = stocked / export_log.FILE
    file.write_bytes(file.read_bytes().replace(b"m.okafor", b"m.ekafor"))
    broken = open_page("/evidence", at=stocked)
    assert "was changed" in texts(broken).replace("\\", "")
    assert not broken.table


def test_a_bundle_that_there_is_not_changes_nothing_and_is_not_echoed(open_page: Open, stocked: Path) -> None:
    clean = texts(open_page("/evidence", at=stocked))
    for attack in ATTACKS:
        assert texts(open_page("/evidence", at=stocked, bundle=attack, page=attack, period=attack)) == clean, attack


@pytest.mark.parametrize(("role", "builds"), [("auditor", False), ("officer", True)])
def test_only_who_may_build_has_the_form(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, role: access.Role, builds: bool
) -> None:
    monkeypatch.setattr(access, "current", lambda: access.Reader("ada@example.org", role))
    monkeypatch.setattr(bundle_form, "project", object)
    app = open_page("/evidence")
    assert ("Build bundle" in [button.label for button in app.button]) is builds
    assert ("Bundles are built by officers" in texts(app)) is not builds


def test_a_viewer_has_no_such_page() -> None:
    assert not access.may_open(access.Reader("ada@example.org", "viewer"), "views/evidence/page.py")


@pytest.mark.parametrize(
    ("audience", "message"), [("public", "small counts are suppressed"), ("auditor", "Small counts not suppressed")]
)
def test_the_form_says_what_each_audience_gets_and_orders_it_for_who_asks(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, home: Path, ref: Ref, audience: str, message: str
) -> None:
    class Project:
        config = home / "promisekept.yml"

    ordered: list[BundleOrder] = []

    def refuse(_config: Path, order: BundleOrder, _tell: object) -> str:
        ordered.append(order)
        raise EvidenceError("--period: no such *period*.\n  Name another.")

    monkeypatch.setattr(bundle_form, "project", Project)
    monkeypatch.setattr(bundle_form, "build", refuse)
    monkeypatch.setattr(export, "reader", lambda: ("ada@example.org", "officer"))
    app = open_page("/evidence", period="2026-Q2")
    app.get("button_group")[-1].set_value(audience).run()
    assert message in texts(app)
    next(button for button in app.button if button.label == "Build bundle").click().run()
    (order,) = ordered
    assert (order.period, order.audience, order.regime, order.who, order.role) == (
        "2026-Q2",
        audience,
        None,
        "ada@example.org",
        "officer",
    )
    assert order.snapshot == ref.id
    assert "no such \\*period\\*" in texts(app)


def test_an_order_names_every_value_so_that_none_is_an_option() -> None:
    order = BundleOrder("0001-ab12cd", "2026-Q3", "auditor", None, "--help", "officer")
    assert order.arguments == [
        "--snapshot=0001-ab12cd",
        "--period=2026-Q3",
        "--audience=auditor",
        "--who=--help",
        "--role=officer",
    ]


def test_a_build_tells_its_steps_and_a_refusal_its_remedy(tmp_path: Path) -> None:
    steps: list[str] = []
    program = (
        "import sys; print('  0.1 s  export       hashing', file=sys.stderr);"
        " print('--regime: none.\\n  There are: EU_GDPR', file=sys.stderr); sys.exit(2)"
    )
    with pytest.raises(EvidenceError, match=r"(?s)--regime: none\..*There are: EU_GDPR"):
        bundling._run([sys.executable, "-c", program], steps.append)
    assert steps == ["hashing"]
    with pytest.raises(EvidenceError, match=r"no such file|there is no file|does not exist"):
        bundling.build(tmp_path / "promisekept.yml", BundleOrder("0001-ab12cd", "2026-Q3", "auditor", None, "", ""), steps.append)


def test_one_bundle_is_built_at_a_time(tmp_path: Path) -> None:
    order = BundleOrder("0001-ab12cd", "2026-Q3", "auditor", None, "", "")
    with bundling._ONE, pytest.raises(EvidenceError, match="being built just now"):
        bundling.build(tmp_path / "promisekept.yml", order, lambda _: None)
