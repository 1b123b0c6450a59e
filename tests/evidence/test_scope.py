"""Which stretch of time, for whom, under which law: codes and what they mean."""

from __future__ import annotations

from datetime import date

import pytest

from promisekept.errors import EvidenceError
from promisekept.evidence.scope import Scope, ScopePeriod, read_audience, read_period, read_regime


@pytest.mark.parametrize(
    ("code", "start", "end", "grain"),
    [
        ("2026-Q3", date(2026, 7, 1), date(2026, 10, 1), "quarter"),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1), "quarter"),
        ("2026-02", date(2026, 2, 1), date(2026, 3, 1), "month"),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1), "month"),
        ("2026", date(2026, 1, 1), date(2027, 1, 1), "year"),
    ],
)
def test_a_code_names_a_stretch_of_local_dates_and_the_stretch_names_its_code(code, start, end, grain):
    period = read_period(code)
    assert period == ScopePeriod(start, end)
    assert (period.code, period.grain) == (code, grain)


@pytest.mark.parametrize("code", ["2026-Q5", "2026-13", "2026-9", "26", "0000", "to_date", "2026-09-30", ""])
def test_what_is_no_period_is_named_with_what_would_be_one(code):
    with pytest.raises(EvidenceError, match=r"2026-Q3"):
        read_period(code)


def test_audiences_and_regimes_have_a_form():
    assert read_audience("public") == "public"
    assert read_regime("US_CA_CCPA") == "US_CA_CCPA"
    with pytest.raises(EvidenceError, match="regulator, auditor, public"):
        read_audience("press")
    with pytest.raises(EvidenceError, match="EU_GDPR"):
        read_regime("../x")


def test_a_bundle_is_named_by_what_it_is_of():
    period = read_period("2026-Q3")
    assert Scope("0007-3f9a1c", period, "public").name == "0007-3f9a1c.2026-Q3.public"
    assert Scope("0007-3f9a1c", period, "auditor", "EU_GDPR").name == "0007-3f9a1c.2026-Q3.auditor.EU_GDPR"
