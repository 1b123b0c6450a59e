"""The form for a new bundle: of which period, for whom, under which law.

Here: the choice and what is shown while it is built. Not here: building (dashboards.bundling).
"""

from __future__ import annotations

from datetime import date

import streamlit as st

from dashboards import access, markdown, parameters
from dashboards.bundling import BundleOrder, build, project
from dashboards.components import export
from dashboards.components.sections import guarded, nothing, section
from dashboards.data import metrics
from dashboards.page import Page, default_period
from promisekept.config.exports import AUDIENCES
from promisekept.errors import EvidenceError
from promisekept.presentation import formats, labels
from promisekept.presentation.periods import Period

_ALL = "all"


@guarded
def form(page: Page) -> None:
    """The form, or why this reader has none."""
    if parameters.printing():
        return
    with section("New bundle", "Same snapshot, same bytes, however often it is built"):
        if not access.may("evidence"):
            nothing("Bundles are built by officers", "Your role may download and check every bundle that is here.")
        elif project() is None:
            nothing(
                "This dashboard has no keys",
                "It was started for a home alone. `promisekept dashboard` starts it for a project, and bundles can be built.",
            )
        else:
            _choices(page)


@st.fragment
@guarded
def _choices(page: Page) -> None:
    offered = _periods(page)
    titles = {period.code: period.label for period in offered}
    regimes = metrics.values_of(page.ref, "regime_code")
    with st.container(border=True):
        period, regime = st.columns(2)
        chosen = period.selectbox(
            "Period",
            list(titles),
            index=list(titles).index(_first(page, titles)),
            format_func=titles.__getitem__,
            key="bundle_period",
        )
        law = regime.selectbox(
            "Law",
            [_ALL, *regimes],
            format_func=lambda code: "All laws" if code == _ALL else labels.regime(code),
            key="bundle_regime",
        )
        audience = st.segmented_control(
            "Audience",
            AUDIENCES,
            format_func=labels.AUDIENCES.__getitem__,
            default="auditor",
            required=True,
            key="bundle_audience",
        )
        st.caption(_holds(audience or "auditor", None if law == _ALL else law))
        if _is_open(page, next(one for one in offered if one.code == chosen)):
            day = formats.day(page.today)
            st.caption(f":material/schedule: {titles[chosen]} is not over by {day}: the bundle holds what was known then.")
        if st.button("Build bundle", icon=":material/inventory_2:"):
            _build(page, BundleOrder(page.ref.id, chosen, audience or "auditor", None if law == _ALL else law, *export.reader()))


def _periods(page: Page) -> list[Period]:
    """Every period that the snapshot has figures for and that has begun, newest first."""
    return [one for one in metrics.known_periods(page.ref) if one.start is not None and one.start <= page.today]


def _first(page: Page, titles: dict[str, str]) -> str:
    """The period of the address, else the quarter of the snapshot, else the newest."""
    wanted = (page.period.code, default_period(page.today).code)
    return next((code for code in wanted if code in titles), next(iter(titles)))


def _is_open(page: Page, period: Period) -> bool:
    return bool(period.end and period.end > date.fromordinal(page.today.toordinal() + 1))


def _holds(audience: str, regime: str | None) -> str:
    what = labels.BUNDLE_CONTENTS[audience]
    return f"{what} Only what falls under {markdown.plain(labels.regime(regime))}." if regime else what


def _build(page: Page, order: BundleOrder) -> None:
    settings = project()
    if settings is None or not access.may("evidence"):  # checked again before anything is done
        return
    try:
        with st.status(f"Building {markdown.plain(order.period)} for {order.audience}", expanded=True) as status:

            def report(what: str) -> None:
                status.update(label=f"Building: {markdown.plain(what)}")
                status.caption(f":material/check: {markdown.plain(what)}")

            name = build(settings.config, order, report)
    except EvidenceError as error:
        what, _, remedy = str(error).partition("\n")
        st.error(f"**{markdown.plain(what)}**\n\n{markdown.plain(remedy)}", icon=":material/error:")
        return
    parameters.put("bundle", name)
    st.rerun(scope="app")
