"""Which bundles are exported when a period has closed: the part `exports` of promisekept.yml.

Here: the audiences, the grains of a period and the form of a regime's code. Not here: making a bundle (promisekept/evidence).
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from promisekept.frozen import Frozen

Audience = Literal["regulator", "auditor", "public"]
AUDIENCES: tuple[Audience, ...] = get_args(Audience)
REGIME = r"^[A-Z0-9_]{1,60}$"
Grain = Literal["month", "quarter", "year"]


class PeriodExport(Frozen):
    """A bundle that is made when a period has closed: for whom, of which periods, under which law."""

    audience: Audience
    grain: Grain = "quarter"
    regime: Annotated[str, Field(pattern=REGIME)] | None = None
    zip: bool = False
