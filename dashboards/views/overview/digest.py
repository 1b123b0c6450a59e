"""Subscribing to the digest: how often, and through which of the configured channels.

Here: the control. Not here: what a digest contains or when it is sent (promisekept/monitoring).
"""

from __future__ import annotations

import streamlit as st

from dashboards import clock, parameters
from dashboards.bundling import project
from dashboards.components import export
from promisekept.config.settings import Settings
from promisekept.monitoring import subscriptions
from promisekept.monitoring.digests import first_window
from promisekept.monitoring.subscriptions import EVERY, Subscription

_WORDS = {"weekly": "Each week", "monthly": "Each month"}


def control() -> None:
    """The popover; none where no channel is configured, and none on paper."""
    settings = project()
    if settings is None or not settings.alerts.channels or parameters.printing():
        return
    person, _ = export.reader()
    own = next((one for one in subscriptions.read(settings.home) if one.person == person), None)
    with st.popover("Digest", icon=":material/mail:", key="digest"):
        st.markdown("What is due, what changed, what is overdue: counts and references only")
        names = [channel.name for channel in settings.alerts.channels]
        every = st.selectbox("How often", EVERY, index=EVERY.index(own.every) if own else 0, format_func=_WORDS.__getitem__)
        at = names.index(own.channel) if own and own.channel in names else 0
        channel = st.selectbox("Channel", names, index=at)
        st.button(
            "Change" if own else "Subscribe",
            key="digest_subscribe",
            on_click=_subscribe,
            args=(settings, person, every, channel),
        )
        if own:
            st.caption(f"You get it {_WORDS[own.every].lower()} through {own.channel}")
            st.button(
                "Unsubscribe", key="digest_end", type="tertiary", on_click=subscriptions.unsubscribe, args=(settings.home, person)
            )


def _subscribe(settings: Settings, person: str, every: subscriptions.Every, channel: str) -> None:
    """The period that is over already is not sent; the address is the person's own, where they sign in by one."""
    address = person if "@" in person and person.isprintable() and not set(person) & set(" ,;<>") else ""
    over = first_window(settings, every, clock.now())
    subscriptions.subscribe(settings.home, Subscription(person, every, channel, address, over))
