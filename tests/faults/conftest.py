"""What the rows of the fault suite lean on: the command line and worlds of other rooms' tests, importable from here too."""

from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROOMS = ("sources", "end_to_end", "publishing", "evidence", "dashboards")
sys.path[:0] = [str(TESTS / room) for room in ROOMS if str(TESTS / room) not in sys.path]
