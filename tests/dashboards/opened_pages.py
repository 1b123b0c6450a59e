"""What a test reads off a page that was opened."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from streamlit.testing.v1 import AppTest

from dashboards.charts.rendering import Drawing
from dashboards.data import query
from dashboards.snapshots import Ref
from promisekept.presentation.periods import Period, parse

APP = Path(__file__).resolve().parents[2] / "dashboards" / "app.py"
SERVER = APP.with_name("server.py")
PUBLISHED = datetime(2026, 10, 1, 10, 14, tzinfo=UTC)

Open = Callable[..., AppTest]


def texts(app: AppTest) -> str:
    """The text of the page outside charts and tables."""
    parts = [*app.markdown, *app.caption, *app.title, *app.header, *app.error, *app.warning, *app.info]
    return "\n".join([*(written(part.value) for part in parts), *(f"{metric.label} {metric.value}" for metric in app.metric)])


def written(value: object) -> str:
    """Markdown without the links of its terms to their definitions."""
    return re.sub(r'\[([^\]]*)\]\(#term-[\w-]* "(?:[^"\\]|\\.)*"\)', r"\1", str(value))


def figure(app: AppTest, name: str) -> str:
    """The value of the card of that name."""
    return next(str(metric.value) for metric in app.metric if metric.label == name)


def rows_of(app: AppTest, column: str) -> pd.DataFrame:
    """The table that has a column of that name."""
    return next(frame.value for frame in app.dataframe if column in frame.value)


def frames(drawing: Drawing) -> list[list[dict[str, Any]]]:
    """The rows of each frame that a chart is drawn from."""
    return [pa.ipc.open_stream(held).read_all().to_pylist() for held in drawing.frames.values()]


ATTACKS = (
    "' or 1=1 --",
    "1; drop table marts.fct_requests",
    "x') union select subject_key from marts.fct_requests --",
    "../../../../etc/passwd",
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    ":red[:material/error: hacked]",
    "$$\\frac{1}{0}$$",
    "\x00",
    "A" * 5000,
)


ZONE = "America/New_York"


CODES = ["2026-Q3", "2026-Q2", "2026-08", "2026", "to_date"]


QUARTER: Period = parse("2026-Q3")  # type: ignore[assignment]


def held(ref: Ref, code: str, period: Period, dimension: str = "all", value: str = "all") -> query.Row:
    """A figure as the mart has it, by a question of the test's own."""
    return query.first(
        ref,
        """
        select * from marts.fct_metrics where metric_code = $code and period_grain = $grain
            and period_start is not distinct from $start::date and dimension = $dimension and dimension_value = $value
        """,
        {"code": code, "grain": period.grain, "start": period.start, "dimension": dimension, "value": value},
    )
