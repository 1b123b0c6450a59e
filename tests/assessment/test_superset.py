"""The steps of docs/figures-in-bi-tools.md in Superset itself: its commands, its server, and the program of the page.

Superset lies in an environment of its own, since it asks for other versions than we do: `PROMISEKEPT_SUPERSET` names the python
of it, or `superset` is on PATH. Without it this is skipped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from published_demo import copy_published_demo
from typer.testing import CliRunner

import promisekept
from promisekept.cli.app import app

PAGE = Path(__file__).resolve().parents[2] / "docs" / "figures-in-bi-tools.md"
_LONGEST = 300
_COMMANDS = """
import json, sys
from superset.cli.main import superset
for words in json.loads(sys.argv[1]):
    superset(words, standalone_mode=False)
"""
"""In one process: each command of its own would import Superset again."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (os.environ.get("PROMISEKEPT_SUPERSET") or shutil.which("superset")),
        reason="Superset is not installed: PROMISEKEPT_SUPERSET names the python of its environment",
    ),
]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_a_chart_of_superset_has_the_published_rates(tmp_path, tmp_path_factory):
    python = os.environ.get("PROMISEKEPT_SUPERSET") or str(Path(shutil.which("superset") or "").resolve().parent / "python")
    demo = copy_published_demo(tmp_path / "larkfield", tmp_path_factory)
    done = CliRunner().invoke(app, ["tables", str(tmp_path / "published"), "--config", str(demo)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    (config,) = (code for code in blocks("python") if "SECRET_KEY" in code)
    (tmp_path / "superset_config.py").write_text(config, encoding="utf-8")
    (commands,) = (code for code in blocks("bash") if "superset init" in code)
    *setup, run = [line.split()[1:] for line in commands.splitlines() if line.startswith("superset ")]
    assert (len(setup), run[0]) == (3, "run")
    quiet = {"PATH": os.environ["PATH"], "FLASK_APP": "superset", "SUPERSET_CONFIG_PATH": str(tmp_path / "superset_config.py")}
    quiet |= {"HOME": str(tmp_path), "SUPERSET_HOME": str(tmp_path / "home")}
    ready = subprocess.run(
        [python, "-c", _COMMANDS, json.dumps(setup)],
        env=quiet,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=False,
    )
    assert ready.returncode == 0, ready.stderr[-2000:]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (program,) = (code for code in blocks("python") if "chart/data" in code)
    program = f"catalogue = {str(tmp_path / 'published' / 'catalogue.duckdb')!r}\n{program.replace(':8088', f':{port}')}"
    served = [word if word != "8088" else str(port) for word in run]
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(
            [python, "-c", _COMMANDS, json.dumps([served])], env=quiet, cwd=tmp_path, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait(f"http://127.0.0.1:{port}/health", server)
            found = subprocess.run(
                [python, "-c", f"{program}\nprint(json.dumps(rows))"],
                env=quiet | {"NO_PROXY": "127.0.0.1"},
                input="",
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=_LONGEST,
                check=False,
            )
        finally:
            server.kill()  # its threads outlast a polite end
            server.wait(30)
    assert found.returncode == 0, (found.stderr[-2000:], (tmp_path / "log").read_text(encoding="utf-8")[-2000:])
    rates = {row["period_start"] / 1000: row["rate"] for row in json.loads(found.stdout)}
    with promisekept.open(demo) as snapshot:
        published = snapshot.figures("deadline_adherence", by=["month"]).to_pylist()
    expected = {
        (row["period_start"] - type(row["period_start"])(1970, 1, 1)).total_seconds(): row["value"]
        for row in published
        if row["denominator"]
    }
    assert len(expected) >= 9
    assert {at: rate for at, rate in rates.items() if rate is not None} == pytest.approx(expected)


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    """Until it answers."""
    end = time.monotonic() + _LONGEST
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.5)
    raise AssertionError("Superset does not answer")
