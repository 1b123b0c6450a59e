"""A code that is added to the contract, and to nothing else, is computed; or the build names what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from warehouse import Warehouse

from orchestration.dbt_runner import DbtRunner, TransformError
from promisekept.sources import contract as contract_module
from promisekept.sources.contract import Log, contract


def with_first_code(logs: Mapping[str, Log], log: str, column: str, code: str) -> dict[str, Log]:
    """The contract with one more code, which moves the place of every other code of its column."""
    columns = [replace(one, codes=(code, *one.codes)) if one.name == column else one for one in logs[log].columns]
    return {**logs, log: replace(logs[log], columns=tuple(columns))}


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch):
    """Replaces the contract that the models read."""
    return lambda logs: monkeypatch.setattr(contract_module, "contract", lambda: logs)


@pytest.mark.slow
def test_a_right_a_reason_and_a_channel_that_only_the_contract_names_reach_the_marts(change, tmp_path):
    logs = with_first_code(contract(), "requests", "right_type", "explanation")
    logs = with_first_code(logs, "requests", "channel", "kiosk")
    change(with_first_code(logs, "requests", "reason_code", "answered_elsewhere"))
    warehouse = Warehouse(tmp_path).prepare()
    warehouse.land(
        [
            {"request_id": "r1", "event_type": "received", "occurred_at": "2026-03-02T10:00:00Z"}
            | {"right_type": "explanation", "channel": "kiosk", "jurisdiction": "IE"},
            {
                "request_id": "r1",
                "event_type": "denied",
                "occurred_at": "2026-03-09T10:00:00Z",
                "reason_code": "answered_elsewhere",
            },
        ]
    )
    row = warehouse.build("2026-04-01T10:00:00Z").request("r1", "explanation")
    assert (row["channel"], row["outcome"], row["denial_reason"], row["closed_date"]) == (
        "kiosk", "denied", "answered_elsewhere", "2026-03-09",
    )  # fmt: skip


@pytest.mark.parametrize(
    "log",
    [
        pytest.param(log.name, marks=() if log.name == "requests" else pytest.mark.slow)
        for log in contract().values()
        if "event_type" in log.names
    ],
)
def test_an_event_type_without_an_effect_stops_the_build_and_is_named_with_the_remedy(change, tmp_path, log):
    change(with_first_code(contract(), log, "event_type", "escalated"))
    with pytest.raises(TransformError) as error:
        DbtRunner(tmp_path, tmp_path / "warehouse.duckdb").manifest()
    assert f"{log}.event_type has the code `escalated`" in str(error.value)
    assert "macros/event_types.sql" in str(error.value)


@pytest.mark.slow
def test_a_log_that_the_models_do_not_read_stops_the_build_and_is_named(change, tmp_path):
    change({**contract(), "visits": replace(contract()["incidents"], name="visits")})
    with pytest.raises(TransformError, match=r"landing\.visits"):
        DbtRunner(tmp_path, tmp_path / "warehouse.duckdb").manifest()


def test_more_codes_than_a_moment_can_number_stop_the_build(change, tmp_path):
    logs = dict(contract())
    for number in range(20):
        logs = with_first_code(logs, "requests", "reason_code", f"reason_{number}")
    change(logs)
    with pytest.raises(TransformError, match="a moment holds the place of 31 at most"):
        DbtRunner(tmp_path, tmp_path / "warehouse.duckdb").manifest()
