"""What `promisekept dashboard` serves: the app behind its guard.

Here: the ASGI application that Streamlit runs. Not here: which requests are let through (request_filter.py), the pages (app.py).
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from dashboards.request_filter import Guard

app = st.App(Path(__file__).with_name("app.py"), middleware=[Middleware(Guard)])
