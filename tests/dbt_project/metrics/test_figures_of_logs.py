"""Every figure of the logs beside requests, held against plain Python: by metric, dimension, value and period, in one build."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pytest
from metrics_warehouse import Warehouse
from oracle_of_logs import MEASURES, figures
from random_marts import AS_OF, MARTS

ROWS = 500


@pytest.fixture(scope="module")
def marts() -> dict[str, list[dict[str, Any]]]:
    """Rows of every mart, at random."""
    dice = Random(11)
    return {mart: [make(dice, number) for number in range(ROWS)] for mart, make in MARTS.items()}


@pytest.fixture(scope="module")
def told(empty_warehouse, tmp_path_factory, marts) -> list[dict[str, Any]]:
    """What fct_metrics says of them."""
    warehouse: Warehouse = empty_warehouse.copy(tmp_path_factory.mktemp("logs"))
    for mart, rows in marts.items():
        warehouse.fill(f"outgoing.marts.{mart}", rows)
    warehouse.build()
    return warehouse.rows("from outgoing.marts.fct_metrics")


@pytest.mark.parametrize("code", MEASURES)
def test_every_figure_is_what_plain_python_says(marts, told, code):
    measure = MEASURES[code]
    first = min(row["period_start"] for row in told if row["period_grain"] == "month")
    expected = figures(code, measure, marts[measure.mart], AS_OF, first)
    said = {
        (code, row["dimension"], row["dimension_value"], row["period_grain"], row["period_start"]): row
        for row in told
        if row["metric_code"] == code
    }
    assert expected.keys() <= said.keys()
    for key, row in said.items():
        figure = expected.get(key)
        above, below = (figure.above, figure.below) if figure else (0, 0)
        assert row["numerator"] == above, key
        assert row["denominator"] == (below if measure.below else None), key
        value = figure.value(measure.below is not None) if figure else (None if measure.below else 0)
        assert row["value"] == (None if value is None else pytest.approx(float(value))), key


def test_every_measured_metric_of_these_marts_has_an_oracle_here(empty_warehouse):
    rows = empty_warehouse.rows("select metric_code, mart, statistic from outgoing.marts.dim_metrics where is_modelled")
    counted = {
        row["metric_code"]
        for row in rows
        if row["statistic"] in {"rate", "count", "sum"} and not {"fct_requests", "audit_sources"} & set(row["mart"].split(";"))
    }
    assert counted == set(MEASURES)


def test_the_rows_hold_what_the_figures_are_about(marts, told):
    for code, measure in MEASURES.items():
        ours = [row for row in told if row["metric_code"] == code]
        assert {row["dimension"] for row in ours} == {"all", *measure.dimensions}, code
        values = {row["value"] for row in ours}
        assert len(values) > 5, code
    assert any(row["valid_to"] == row["valid_from"] for row in marts["fct_consents"])
    assert date(2026, 9, 1) in {row["period_start"] for row in told}
