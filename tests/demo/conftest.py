"""The demo, written once for all tests of this room."""

from __future__ import annotations

import pytest
from demo.inbox import Inbox

from promisekept.demo import write_demo


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """The folder of the fictional organisation."""
    folder = tmp_path_factory.mktemp("demo") / "larkfield"
    write_demo(folder)
    return folder


@pytest.fixture(scope="session")
def inbox(project):
    """Its deliveries."""
    return Inbox(project)
