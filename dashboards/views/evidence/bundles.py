"""The bundles that there are, one of them with what can be done with it, and how a third party checks it.

Here: the table, the chosen bundle, the commands. Not here: what lies below home (data/bundles.py).
"""

from __future__ import annotations

import functools
from pathlib import Path

import streamlit as st

from dashboards import clock, markdown, parameters
from dashboards.bundling import project
from dashboards.components import export, tables
from dashboards.components.sections import guarded, nothing, section
from dashboards.components.tables import Column
from dashboards.data import bundles as data
from dashboards.data.bundles import BundleFolder
from dashboards.page import Page
from promisekept.errors import EvidenceError
from promisekept.evidence.signing.signatures import Trust, certificate_sha256
from promisekept.evidence.signing.signing_keys import AUTHORITY, PKCS11
from promisekept.evidence.signing.timestamps import OPERATOR_ASSERTED
from promisekept.evidence.verifying import Verification
from promisekept.presentation import formats, labels, periods, statuses

_VERDICTS = "bundle_verdicts"


@guarded
def section_of(page: Page, there: list[BundleFolder]) -> None:
    """The chosen bundle, and the table of all."""
    note = f"{formats.count(len(there))} in this project; each holds the fingerprint of the one before it, so a missing one shows"
    with section("Bundles", note):
        if not there:
            nothing("No bundle was built yet", "0 bundles. Choose a period and an audience above.")
            return
        wanted = parameters.one("bundle", [one.name for one in there])
        for one in there:
            if one.name == wanted:
                _chosen(page, one)
        tables.listed(
            "bundles_frame",
            _columns(page),
            there,
            page.snapshot.zone,
            alt="Bundles with their state",
            opens=lambda one: tables.opened("bundle", one.name),
        )


def _columns(page: Page) -> tuple[Column, ...]:
    return (
        Column("State", lambda one: ", ".join(word.cell for word in states(page, one)), 180),
        Column("Period", _period),
        Column("Audience", lambda one: labels.AUDIENCES[one.scope.audience]),
        Column("Law", lambda one: labels.regime(one.scope.regime) if one.scope.regime else "All"),
        Column("Snapshot", lambda one: one.scope.snapshot),
        Column("Built", lambda one: one.built.at if one.built else None, 180),
        Column("Size", lambda one: _size(one.size), 80, align="right"),
        Column("Fingerprint", lambda one: f"{one.fingerprint[:8]}…{one.fingerprint[-4:]}"),
    )


def states(page: Page, bundle: BundleFolder) -> list[statuses.Status]:
    """What a reader must know of a bundle, in the order of weight."""
    verdict = _verdict(bundle)
    codes = [
        "unlogged" if bundle.built is None else "",
        ("verified" if verdict.is_sound else "rejected") if verdict else "",
        "restated" if data.restated(page.snapshot, bundle) else "",
        "released" if bundle.releases else "draft",
    ]
    return [statuses.BUNDLES[code] for code in codes if code]


def _verdict(bundle: BundleFolder) -> Verification | None:
    """The verdict of our verifier on these very files, in this session."""
    verdicts: dict[str, Verification] = st.session_state.get(_VERDICTS, {})
    return verdicts.get(bundle.state_of_files)


@guarded
def _chosen(page: Page, bundle: BundleFolder) -> None:
    law = f", {labels.regime(bundle.scope.regime)}" if bundle.scope.regime else ""
    with st.container(border=True, key="chosen_bundle"):
        badges = " ".join(word.badge() for word in states(page, bundle))
        st.markdown(f"**{_period(bundle)}, {labels.AUDIENCES[bundle.scope.audience]}{markdown.plain(law)}** {badges}")
        if bundle.built:
            built = bundle.built
            st.caption(
                f"Built {formats.instant(built.at, page.snapshot.zone)} by {markdown.plain(built.export.who)} of snapshot "
                f"{bundle.scope.snapshot} · {formats.out_of(built.export.rows, built.export.of)} rows · {_size(bundle.size)}"
            )
        changed = data.restated(page.snapshot, bundle)
        if changed:
            st.caption(
                f":material/history: Snapshot {page.ref.id} restates {formats.plural(changed, 'figure')} of its period."
                " The bundle stays what it is; build a new one of this period to include them."
            )
        for number, release in enumerate(bundle.releases, start=1):
            st.caption(
                f"Release {number}: prepared by {markdown.plain(release.prepared_by)}, reviewed by"
                f" {markdown.plain(release.reviewed_by)}, approved by {markdown.plain(release.approved_by)};"
                f" time: {markdown.plain(release.time)}"
            )
        st.caption("Fingerprint, to be passed on through another channel than the bundle")
        st.code(bundle.fingerprint, language=None, wrap_lines=True)
        with st.container(horizontal=True, gap="small"):
            if export.offered() and bundle.built:
                st.download_button(
                    "Download",
                    functools.partial(_taken, Path(page.ref.home), bundle, *export.reader()),
                    file_name=f"{bundle.name}.zip",
                    mime="application/zip",
                    icon=":material/download:",
                    key=f"download_{bundle.name}",
                    on_click="ignore",
                )
            if not parameters.printing():
                st.button("Verify", icon=":material/verified:", key=f"verify_{bundle.name}", on_click=_verify, args=(bundle,))
        _verification(bundle)
        if not bundle.releases:
            _how_to_release(bundle)


def _taken(home: Path, bundle: BundleFolder, who: str, role: str) -> bytes:
    return data.taken(home, bundle, who, role, clock.now())


def _verify(bundle: BundleFolder) -> None:
    # The verdict holds for the files as they are now, which may be others than when the button was drawn.
    state = data.state_of_files(bundle.path)
    try:
        verdict = data.checked(bundle, trust() if bundle.releases else None)
    except EvidenceError as error:
        verdict = Verification((str(error).partition("\n")[0],), not bundle.releases, (), "")
    st.session_state[_VERDICTS] = {**st.session_state.get(_VERDICTS, {}), state: verdict}


def _how_to_release(bundle: BundleFolder) -> None:
    """What ends here: a draft is signed by a person, where the key is."""
    st.markdown("**Release**")
    st.caption(
        "This is a draft: it is complete, and nobody stands for it yet. A release is a person's act with a key that this server "
        "does not hold. Download it, and run this where the key is; the second line checks what came out."
    )
    persons = " ".join(f'--{act}-by "NAME"' for act in ("prepared", "reviewed", "approved"))
    st.code(
        f"promisekept release {bundle.name}.zip --key signing.pem {persons}\n"
        f"promisekept verify {bundle.name}.zip --fingerprint {bundle.fingerprint}",
        language=None,
        wrap_lines=True,
    )
    st.caption("Signing leaves the fingerprint as it is. Send the certificates and the fingerprint by another channel.")


def _verification(bundle: BundleFolder) -> None:
    verdict = _verdict(bundle)
    if verdict is None:
        return
    if verdict.is_sound:
        whose = "Nobody has signed it yet" if verdict.is_draft else f"{formats.count(len(verdict.releases))} of its releases hold"
        st.success(
            f"Every file is as stated, the ledger held the snapshot, and the fingerprint is the export log's. {whose}.",
            icon=":material/check_circle:",
        )
        return
    problems = "\n".join(f"- {markdown.plain(problem)}" for problem in verdict.problems[:10])
    more = f"\n- and {formats.count(len(verdict.problems) - 10)} more" if len(verdict.problems) > 10 else ""
    st.error(f"**The verifier rejects it.**\n{problems}{more}", icon=":material/gpp_bad:")


def trust() -> Trust | None:
    """The certificates beside the signing key that the project names; None where they are not here."""
    settings = project()
    key = settings.keys.signing if settings else None
    if key is None or key.startswith(PKCS11):
        return None
    signer, time = Path(key).with_suffix(".crt"), Path(key).with_name(AUTHORITY).with_suffix(".crt")
    return Trust(signer, time) if signer.is_file() and time.is_file() else None


@guarded
def without_us(page: Page, there: list[BundleFolder]) -> None:
    """The commands of a third party, the key, and what the time is worth."""
    wanted = parameters.one("bundle", [one.name for one in there])
    bundle = next((one for one in there if one.name == wanted), there[0] if there else None)
    name = bundle.name if bundle else "BUNDLE"
    commands = [
        f"sha512sum {name}/tagmanifest-sha512.txt",
        f"sh verify.sh {name} fingerprint={'…' if bundle is None else bundle.fingerprint[:16] + '…'}",
        f"bagit.py --validate {name}",
        f"frictionless validate {name}/data/datapackage.json",
    ]
    if bundle and bundle.releases:
        commands.insert(2, f"sh verify.sh {name} trust=signing.crt time=time-authority.crt")
    with section("Independent verification", "Every bundle carries the same commands in data/VERIFY.txt"):
        st.code("\n".join(commands), language=None, wrap_lines=True)
        st.caption(_key())
        st.caption(_time(bundle))


def _key() -> str:
    trusted = trust()
    if trusted is None:
        return "Key fingerprint: no certificate is here. `promisekept release` signs, with a key that this machine need not hold."
    try:
        mark = certificate_sha256(trusted.signer.read_text(encoding="utf-8", errors="replace")).upper()
    except (EvidenceError, OSError):
        return "Key fingerprint: the certificate beside the signing key can't be read."
    pairs = ":".join(mark[at : at + 2] for at in range(0, len(mark), 2))
    return f"Key fingerprint `{pairs}`; pass it on through another channel than the bundle"


def _time(bundle: BundleFolder | None) -> str:
    asserted = f"{OPERATOR_ASSERTED}: the clock was the organisation's own, and the time is worth as much as its word"
    if bundle is None or not bundle.releases:
        return f"Time stamp: a draft has none. Without an outside authority it will be {asserted}."
    authority = bundle.releases[0].time
    if authority == OPERATOR_ASSERTED:
        return f"Time stamp: {asserted}."
    return (
        f"Time stamp: by {markdown.plain(authority)}. It proves that the signature was there then, not that the bundle is true."
    )


def _period(bundle: BundleFolder) -> str:
    period = periods.parse(bundle.scope.period.code)
    return period.label if period else bundle.scope.period.code


def _size(number: int) -> str:
    return f"{number / 1e6:,.1f} MB" if number >= 1e5 else f"{number / 1e3:,.1f} kB"
