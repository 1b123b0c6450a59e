"""What `promisekept dashboard` serves: the app behind its guard.

Here: the ASGI application that Streamlit runs. Not here: which requests are let through (request_filter.py), the pages (app.py).
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from dashboards import arguments, warming
from dashboards.request_filter import Guard
from promisekept.errors import ConfigError


@asynccontextmanager
async def _lifespan(_: st.App) -> AsyncIterator[None]:
    try:
        home = arguments.home(sys.argv[1:])
    except ConfigError:  # each page reports what is wrong
        yield
        return
    with warming.watching(home):
        yield


app = st.App(Path(__file__).with_name("app.py"), lifespan=_lifespan, middleware=[Middleware(Guard)])
