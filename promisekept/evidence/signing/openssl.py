"""The `openssl` command, which makes and checks everything that is signed here.

Here: running it and turning its last words into a message. Not here: which commands are run (evidence/release.py,
timestamps.py, signatures.py). A third party uses the same command, so nothing is signed in a way that only we could check.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from promisekept.errors import EvidenceError

TRUST_NOTHING_ELSE = ("-no-CApath", "-no-CAstore")
"""Without these a signature under any of the hundred authorities that the system trusts would pass, too."""


def openssl(*arguments: str | Path, doing: str) -> str:
    """Run one openssl command; whoever asks for a pass phrase or a PIN asks the terminal.

    Args:
        arguments: after `openssl`.
        doing: what this is for, as the message begins: "The bundle could not be signed".

    Returns:
        What it wrote to standard output.

    Raises:
        EvidenceError: it failed or is not installed.
    """
    try:
        done = subprocess.run(
            ["openssl", *map(str, arguments)],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise EvidenceError(f"{doing}: there is no command `openssl`.\n  Install OpenSSL 3.") from None
    if done.returncode:
        raise EvidenceError(
            f"{doing}: openssl {arguments[0]} reports: {_last_words(done.stderr) or f'nothing, exit code {done.returncode}'}"
        )
    return done.stdout


def _last_words(text: str) -> str:
    """What openssl complains of, without the names of its own source files.

    Its errors are `thread:error:code:library:function:reason:file:line:data`.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line.split(":", 8) for line in lines if ":error:" in line]
    reasons = [" ".join(part for part in (error[5], error[-1].strip()) if part) for error in errors if len(error) == 9]
    return "; ".join(reasons) or (lines[-1] if lines else "")
