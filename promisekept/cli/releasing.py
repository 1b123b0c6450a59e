"""`release` and `sample`: what people do with a bundle once it has been exported.

Neither needs the home that the bundle came from: a release is better made where the pipeline can't reach the key.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from promisekept.cli.console import HERE, ConfigOption, Format, FormatOption, emit, table
from promisekept.cli.traces import load_settings
from promisekept.errors import EvidenceError
from promisekept.evidence.signing.signing_keys import AUTHORITY, PKCS11, signing_key
from promisekept.evidence.signing.statement import NOBODY, Approvals
from promisekept.evidence.signing.timestamps import TimeAuthority

PANEL = "Evidence"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(rich_help_panel=PANEL)(release)
    app.command(rich_help_panel=PANEL)(sample)


def release(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A folder or a ZIP, as `export` wrote it.")],
    prepared_by: Annotated[str, typer.Option(help="Who prepared it: a name or a role.")],
    approved_by: Annotated[str, typer.Option(help="Who approved it.")],
    reviewed_by: Annotated[str, typer.Option(help="Who reviewed it.")] = NOBODY,
    key: Annotated[
        str | None, typer.Option(help="PEM of the signing key, or a pkcs11: URI. Default: keys.signing of promisekept.yml.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(help="PEM of its certificate, the chain after it. Default: in the key's own file.")
    ] = None,
    time_authority: Annotated[
        Path | None, typer.Option(help="PEM of the local time authority. Default: time-authority.pem beside the key.")
    ] = None,
    tsa_url: Annotated[
        str | None, typer.Option(envvar="TSA_URL", help="An RFC 3161 authority on the network; it gets the signature's hash.")
    ] = None,
    time_trust: Annotated[Path | None, typer.Option(help="PEM of that authority's root; needed with --tsa-url.")] = None,
    config: ConfigOption = HERE,
    form: FormatOption = Format.text,
) -> None:
    """Sign a bundle and have it dated: a person's act, with a key that the pipeline does not hold."""
    from promisekept.evidence.release import release as sign_bundle

    approvals = Approvals(prepared_by=prepared_by, approved_by=approved_by, reviewed_by=reviewed_by)
    try:
        chosen = key or _configured(config)
        signer = signing_key(chosen, certificate)
        released = sign_bundle(bundle, approvals, signer, _authority(chosen, time_authority, tsa_url, time_trust))
    except EvidenceError as error:
        raise EvidenceError(f"{error}\n  NOT signed: {bundle} is as it was.") from None
    statement = released.statement
    text = (
        f"{released.bundle}\n  Released: signed by {statement.signer}, time {statement.time}\n"
        f"  Prepared by {statement.prepared_by}, reviewed by {statement.reviewed_by}, approved by {statement.approved_by}\n"
        f"  Fingerprint {statement.fingerprint}\n"
        f"  Send it, and the certificates, through another channel. Certificate SHA-256 {statement.certificate_sha256}"
    )
    text += "".join(f"\n  WARNING: {warning}" for warning in released.warnings)
    result = {"bundle": released.bundle, "files": released.files, "at": released.at.isoformat(), "warnings": released.warnings}
    emit(form, {**result, **asdict(statement)}, text)


def sample(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A folder or a ZIP.")],
    auditor_value: Annotated[str, typer.Option(help="What the auditor named after receiving the bundle: any line of text.")],
    size: Annotated[int, typer.Option(help="How many of each kind of requests.", min=1)] = 25,
    form: FormatOption = Format.text,
) -> None:
    """Draw requests that nobody could choose: late, denied, excluded, paused, overdue, on time."""
    from promisekept.evidence.sampling import draw

    drawn = draw(bundle, auditor_value, size)
    counts = [(stratum.name, stratum.population, len(stratum.drawn)) for stratum in drawn.strata]
    rows = [(stratum.name, place, key) for stratum in drawn.strata for place, key in enumerate(stratum.drawn, start=1)]
    text = (
        f"{table(('Kind', 'Of', 'Drawn'), counts, frozenset({1, 2}))}\n"
        f"Not drawn from: {drawn.not_sampled:,} requests that are open in time or have no deadline.\n\n"
        f"{table(('Kind', '', 'Request'), rows, frozenset({1}))}\n\nSeed {drawn.seed}\nFingerprint {drawn.fingerprint}"
    )
    emit(form, asdict(drawn), text)


def _configured(config: Path) -> str:
    """The key that promisekept.yml names, unless it lies where the pipeline writes."""
    if not config.exists():
        raise EvidenceError(f"--key: none was given, and there is no {config}.\n  `promisekept keys signing DIR` makes one.")
    settings = load_settings(config)
    if settings.keys.signing is None:
        raise EvidenceError(
            f"{settings.config}: keys.signing: this key is missing, and --key was not given.\n"
            "  `promisekept keys signing DIR` makes one."
        )
    if Path(settings.keys.signing).is_relative_to(settings.home):
        raise EvidenceError(
            f"{settings.config}: keys.signing: {settings.keys.signing} lies in this project, where the pipeline writes.\n"
            "  Move it to where only those who release bundles can read it."
        )
    return settings.keys.signing


def _authority(key: str, file: Path | None, url: str | None, trust: Path | None) -> TimeAuthority:
    if url:
        if trust is None or not trust.is_file():
            raise EvidenceError(
                f"--time-trust: {trust or 'nothing'} is no file, and nobody could check a token of {url} without one.\n"
                "  Name the PEM of the authority's root certificate; the authority publishes it."
            )
        return TimeAuthority(trust, url=url)
    chosen = file or (None if key.startswith(PKCS11) else Path(key).with_name(AUTHORITY))
    if chosen is None or not chosen.is_file():
        raise EvidenceError(
            f"--time-authority: there is no file {chosen or AUTHORITY}.\n"
            "  `promisekept keys signing DIR` makes one; or name an authority on the network with --tsa-url."
        )
    return TimeAuthority(chosen, key_file=chosen)
