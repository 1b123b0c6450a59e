"""The policy pack: what was promised, and the law by which it is assessed, as data.

Here: reading a pack, checking that its parts fit together, its calendars, its tables in the warehouse. Not here:
evaluating anything by it.
"""

from promisekept.policy.at_risk import AtRisk, Target, at_risk
from promisekept.policy.calendars import Calendar, build_calendar, ending_soon
from promisekept.policy.catalogue import Catalogue, read_catalogue
from promisekept.policy.coverage import check_coverage, require_coverage
from promisekept.policy.loading import Pack, Register, RegisterRow, document, load_pack
from promisekept.policy.pack_changes import RegisterChange, compare
from promisekept.policy.pack_store import attach_retroactive_changes, keep_pack
from promisekept.policy.problems import PackProblem
from promisekept.policy.relations import attach_pack, attached_pack

__all__ = [
    "AtRisk",
    "Calendar",
    "Catalogue",
    "Pack",
    "PackProblem",
    "Register",
    "RegisterChange",
    "RegisterRow",
    "Target",
    "at_risk",
    "attach_pack",
    "attach_retroactive_changes",
    "attached_pack",
    "build_calendar",
    "check_coverage",
    "compare",
    "document",
    "ending_soon",
    "keep_pack",
    "load_pack",
    "read_catalogue",
    "require_coverage",
]
