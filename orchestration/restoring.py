"""What was published, built again from landing, ledger and keys.

Here: building each publication of which something is lost at its own instants, under its own pack and settings, in the order in
which they were published. Not here: what is lost and putting it back (restatement/restoring.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

import duckdb

from orchestration import pipeline
from orchestration.versions import code_version
from promisekept.config.own_dimensions import OwnDimensions
from promisekept.config.settings import Settings, Thresholds
from promisekept.errors import PackError, PromisekeptError
from promisekept.policy import Pack
from promisekept.policy.loading import read_document
from promisekept.restatement.causes import KEPT_FROM
from promisekept.restatement.restoring import LostPublication, Rebuilt, find_lost, give_up, point_to_newest, put_back
from promisekept.sources.contract import DIMENSIONS
from promisekept.sources.zone.batches import RETIRED
from promisekept.sources.zone.ledger import Ledger, Line

Report = Callable[[str], None]
_SAME_CONTENT = (
    "  Its rows are the published ones, to the last one. Its file, the gate's record and the manifest have hashes of their"
    " own; the ledger's line of the restoring names them, and the version that built it."
)


@dataclass(frozen=True)
class Restored:
    """What became of one publication of which something was lost.

    Attributes:
        id: the snapshot's id.
        content_hash: as it was published.
        back: whether it is back, with this very hash.
        says: why not, or by which other code it was built again; empty where there is nothing to report.
    """

    id: str
    content_hash: str
    back: bool
    says: str


def restore(settings: Settings, now: datetime, report: Report, give_up_for: str | None = None) -> list[Restored]:
    """Build again what is lost of everything that was published. Needs the writer lock.

    Args:
        settings: the configuration; what a publication was computed by is taken from the ledger.
        now: when.
        report: called with what is being built.
        give_up_for: a person's reason to go on without what can't be built again; None = leave it lost.

    Returns:
        One entry per publication of which something was lost, oldest first.
    """
    ledger, done = Ledger.open(settings.home), []
    all_lost = list(find_lost(settings.home, ledger))
    for number, lost in enumerate(all_lost, 1):
        report(f"{number} of {len(all_lost)} · {lost.id}, published {lost.line.at:%Y-%m-%d %H:%M} UTC")
        try:
            _build_again(settings, ledger, lost, now)
        except (PromisekeptError, duckdb.Error) as error:
            messages = [str(error), *_what_differs(settings, ledger, lost.line), *_by_its_own_version(lost.line)]
            done.append(Restored(lost.id, lost.line.content_hash, back=False, says="\n".join(messages)))
        else:
            other = _other_code(lost.line)
            messages = [*other, _SAME_CONTENT] if other else []
            done.append(Restored(lost.id, lost.line.content_hash, back=True, says="\n".join(messages)))
    if give_up_for is not None:
        give_up(settings.home, ledger, find_lost(settings.home, ledger), now, give_up_for)
    point_to_newest(settings.home, ledger)
    return done


def _build_again(settings: Settings, ledger: Ledger, lost: LostPublication, now: datetime) -> None:
    body = lost.line.body
    then = _settings_of(settings, lost.line)
    instants = pipeline.Instants(
        datetime.fromisoformat(body["as_of"]), datetime.fromisoformat(body["known_at"]), int(body["known_seq"])
    )
    stages = pipeline.stages(pipeline.prepare(then, instants, _pack_of(settings, ledger, lost.line)))
    for stage in (pipeline.stage, pipeline.gate_sources, pipeline.transform):
        stages.do(stage)
    candidate = stages.do(pipeline.write)
    verdict = stages.do(lambda build: pipeline.audit(build, candidate))
    put_back(settings.home, ledger, lost, Rebuilt(candidate, verdict), now)


def _settings_of(settings: Settings, line: Line) -> Settings:
    """The settings in force then, as far as the ledger holds them; what it holds of sources are their rows."""
    stated = line.body["configuration"]
    thresholds = {name: stated.get(f"thresholds.{name}", value) for name, value in settings.thresholds.model_dump().items()}
    organisation = settings.organisation.model_copy(
        update={"time_zone": line.body["time_zone"], "country": stated["organisation.country"]}
    )
    dimensions = OwnDimensions.of_text(stated.get(DIMENSIONS, ""))
    return settings.model_copy(
        update={"organisation": organisation, "thresholds": Thresholds(**thresholds), "dimensions": dimensions}
    )


def _pack_of(settings: Settings, ledger: Ledger, line: Line) -> Pack:
    """The pack in force then: today's if it is the same, else as it was kept."""
    sha256 = line.body["pack"]["sha256"]
    try:
        today: Pack | None = pipeline.read_pack(settings)
    except PackError:
        today = None
    if today is not None and today.sha256 == sha256:
        return today
    pack_line = next((pack_line for pack_line in ledger.lines("pack") if pack_line.content_hash == sha256), None)
    if pack_line is None:
        raise PackError(f"{line.body['id']}: the ledger names no file of the pack {sha256[:12]} that was in force then.")
    file = settings.home / "landing" / str(pack_line.body["file"])
    if not file.is_file():
        raise PackError(f"{file}: the pack of {line.body['id']} is gone.\n  Restore it from a backup of home.")
    pack = read_document(file.read_bytes())
    if pack.sha256 != sha256 or pack.library_version != version("holidays"):
        raise PackError(
            f"The pack {pack.settings.name} {pack.settings.version} ({sha256[:12]}) is another one when it is read today:"
            f" holidays {pack.library_version} then, {version('holidays')} now, or its file was changed.\n"
            "  Use the version of the program that read it, or bring the file back from a backup."
        )
    return pack


def _what_differs(settings: Settings, ledger: Ledger, line: Line) -> list[str]:
    """What is another one today than when a snapshot was published, as far as the ledger records it."""
    found = _other_code(line)
    retired = [retired.seq for retired in ledger.lines(RETIRED) if retired.seq > line.seq]
    if retired:
        since = line.body["configuration"].get(KEPT_FROM) or "the beginning"
        found.append(
            f"  Landed rows were purged since (lines {', '.join(map(str, retired))} of the ledger); it knew all from {since} on."
        )
    try:
        pack = pipeline.read_pack(settings)
        if pack.sha256 != line.body["pack"]["sha256"]:
            found.append(f"  The pack in force is another one ({pack.settings.version}); its own was taken from landing/packs.")
    except PackError:
        found.append("  The pack in force can't be read; its own was taken from landing/packs.")
    return found or ["  Code, pack and rows are the same: the settings of `sources` are not in the ledger and may differ."]


def _other_code(line: Line) -> list[str]:
    now = {"code_version": code_version(), "duckdb_version": duckdb.__version__}
    return [f"  {name} was {line.body[name]}, is {version}." for name, version in now.items() if line.body[name] != version]


def _by_its_own_version(line: Line) -> list[str]:
    """How to have a snapshot back that today's program makes otherwise; nothing where the program is the same."""
    stated = line.body["code_version"]
    if stated == code_version():
        return []
    return [
        "  A content hash covers every row of every mart, so a version with one more mart or column has another one, also where"
        " no figure changed.",
        f"  What was published comes back by the version that published it, {stated.partition('+')[0]} (code {stated}):"
        " install it in an environment of its own and run `promisekept restore` there on this home.",
    ]
