"""What our own retention let go of: one section of Data quality.

Here: its table and its words. Not here: how long an organisation may keep what it holds on people (retention.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import export, notation
from dashboards.figures import guarded, nothing, section
from dashboards.page import Page
from promisekept.errors import PublishingError
from promisekept.retention.purge_log import LetGo, let_go

_MOST = 25
_COUNTED = {True: "count them still", False: "without them", None: notation.NULL}
_WHAT = {
    "landed_rows": "Landed rows",
    "refused_rows": "What refused rows held",
    "snapshots": "Files of snapshots",
    "lost_snapshots": "Lost snapshots, given up",
}


@guarded
def fallen_out(page: Page) -> None:
    """Each act of letting go that the ledger tells of, also after this snapshot was published."""
    try:
        acts = let_go(Path(page.ref.home), page.ref.id)
    except PublishingError as error:
        with section("Let go by our own retention", "As the ledger keeps it"):
            nothing("The ledger can't be read", str(error).partition("\n")[0])
        return
    with section(
        "Let go by our own retention",
        "What fell out by `retention`, as the ledger keeps it; newest first, also what went since this snapshot",
        lambda: export.button("let go", [_exact(act) for act in acts]) if acts else None,
    ):
        if not acts:
            nothing("Nothing was let go of", "0 lines of the ledger tell of anything that fell out; all that landed is kept.")
            return
        st.table(pd.DataFrame([_row(page, act) for act in acts[:_MOST]]), border="horizontal", hide_index=True)
        if len(acts) > _MOST:
            st.caption(f"The newest {_MOST} of {notation.count(len(acts))}")


def _row(page: Page, act: LetGo) -> dict[str, str]:
    zone, first, last = page.snapshot.zone, *act.lines
    of_logs = ", ".join(f"{notation.count(number)} {notation.plain(log)}" for log, number in act.by_log)
    return {
        "When": notation.instant(act.at, zone),
        "What": _WHAT[act.what],
        "How many": f"{notation.count(act.number)} ({of_logs})" if of_logs else notation.count(act.number),
        "Landed before": notation.NULL if act.before is None else notation.instant(act.before, zone),
        "Kept for": notation.NULL if act.period is None else notation.plain(act.period),
        "Figures are whole from": notation.day(act.kept_from),
        "These figures": _COUNTED[act.is_counted],
        "Ledger line": notation.count(first) if first == last else f"{notation.count(first)} to {notation.count(last)}",
    }


def _exact(act: LetGo) -> dict[str, Any]:
    return {
        "at": act.at,
        "what": act.what,
        "number": act.number,
        "by_log": ";".join(f"{log}={number}" for log, number in act.by_log) or None,
        "period": act.period,
        "landed_before": act.before,
        "kept_from": act.kept_from,
        "first_line": act.lines[0],
        "last_line": act.lines[1],
    }
