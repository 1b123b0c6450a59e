"""The addresses of the API and what stands behind each.

Here: GET alone, over one published snapshot per answer. Not here: who asks (authentication.py), opening snapshots (snapshots.py),
or listening (server.py). Rows that lead to a person need the right `rows`, as on the pages, and a line in the export log comes
before them, as before every file that somebody takes away.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.security import HTTPBearer
from starlette.middleware.trustedhost import TrustedHostMiddleware

from http_api.answers import Figure, Finding, Metric, Page, PublishedSnapshot, Verdict
from http_api.authentication import Authentication, Caller
from http_api.problems import NotModified, Problem, ProblemDetails, handle_problems
from http_api.snapshots import Snapshots
from promisekept.assessment import figures as published
from promisekept.assessment.promises import promises
from promisekept.errors import PublishingError
from promisekept.evidence.suppression import FigureCell
from promisekept.presentation.periods import TO_DATE, Period, parse
from promisekept.publishing.export_log import Export, record
from promisekept.publishing.reader import SnapshotReader, read_manifest, rows

MOST = 10_000
"""Items that one answer has at most."""
VERSION = "1"
_NUMBERS = ("numerator", "denominator", "value", "value_worst")
_FINDINGS = """
    select
        finding_key, finding_code, word, severity, control_id, subject_key, entity, occurred_at, first_seen_at, detail, source,
        event_id, batch_id, row_number, group_key
    from (select *, (occurred_at at time zone $zone)::date as day from marts.fct_findings)
    where
        ($start::date is null or (day >= $start::date and day < $end::date))
        and ($code::varchar is null or finding_code = $code)
        and ($severity::varchar is null or severity = $severity)
        and ($control::varchar is null or list_contains(control_ids, $control))
    order by finding_key
"""
_PUBLIC_VERDICT = ("clause_id", "section", "promise", "source", "assessed_by", "status")

SnapshotId = Annotated[str | None, Query(description="An id of /v1/snapshots; by default the current one.", max_length=64)]
PeriodCode = Annotated[
    str | None, Query(description="2026-Q3, 2026-09 or 2026, of local dates; by default everything to date.", max_length=16)
]
Limit = Annotated[int, Query(ge=1, le=MOST, description="Items in this answer.")]
Offset = Annotated[int, Query(ge=0, le=10**9, description="Items before it.")]
Code = Annotated[str | None, Query(max_length=64)]


@dataclass(frozen=True)
class Question:
    """A request, and what every answer needs."""

    caller: Caller
    snapshots: Snapshots
    request: Request
    response: Response
    now: Callable[[], datetime]

    def snapshot(self, name: str | None) -> SnapshotReader:
        """The snapshot that answers; nothing more is read where the client has its answer already.

        Raises:
            NotModified: the answer is the one that the client named.
        """
        opened = self.snapshots.open(name)
        self.tag(opened.id)
        return opened

    def tag(self, state: str) -> None:
        """State under which name the client may keep the answer.

        Raises:
            NotModified: the answer is the one that the client named.
        """
        seen = f"{state} {self.caller.reader.role} {self.caller.is_public} {VERSION}"
        tag = f'"{hashlib.sha256(seen.encode()).hexdigest()[:24]}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
        if tag in [one.strip().removeprefix("W/") for one in self.request.headers.get("if-none-match", "").split(",")]:
            raise NotModified(headers)
        self.response.headers.update(headers)

    def page(self, snapshot: SnapshotReader, found: Sequence[Mapping[str, Any]], limit: int, offset: int) -> dict[str, Any]:
        """The items from `offset` on, and where the others are."""
        following = None
        if offset + limit < len(found):
            kept = [(name, value) for name, value in self.request.query_params.multi_items() if name not in _OF_PAGES]
            pinned = [] if self.request.url.path.endswith("/snapshots") else [("snapshot", snapshot.id)]
            asked = urlencode([*kept, *pinned, ("limit", limit), ("offset", offset + limit)])
            following = f"{self.request.url.path}?{asked}"
            self.response.headers["Link"] = f'<{following}>; rel="next"'
        return {"snapshot": snapshot.id, "data": found[offset : offset + limit], "next": following}


_OF_PAGES = ("snapshot", "limit", "offset")
_bearer = HTTPBearer(auto_error=False, description="A token of promisekept.yml, or of the provider that it names.")


def _asked(request: Request, response: Response, _: Annotated[object, Depends(_bearer)]) -> Question:
    state = request.app.state
    caller = state.authentication.caller(request.headers.get("authorization"))
    return Question(caller, state.snapshots, request, response, state.now)


Asked = Annotated[Question, Depends(_asked)]
_problems: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemDetails, "description": HTTPStatus(status).phrase} for status in (401, 403, 404, 422, 503)
}
router = APIRouter(prefix="/v1", responses=_problems)


@router.get("/snapshots")
def snapshots(ask: Asked, limit: Limit = 100, offset: Offset = 0) -> Page[PublishedSnapshot]:
    """Every published snapshot whose files are kept, newest first."""
    current = ask.snapshots.open(None)
    names = ask.snapshots.ids()
    ask.tag(f"{current.id} of {' '.join(names)}")
    listed = [_snapshot(name, ask.snapshots, current.id) for name in names]
    return Page[PublishedSnapshot].model_validate(ask.page(current, listed, limit, offset))


@router.get("/snapshots/{snapshot}")
def snapshot(ask: Asked, snapshot: str) -> PublishedSnapshot:
    """One published snapshot; `current` is the id of the newest one."""
    current = ask.snapshots.current()
    opened = ask.snapshots.open(None if snapshot == "current" else snapshot)
    ask.tag(f"{opened.id} while {current}")
    return PublishedSnapshot.model_validate(_snapshot(opened.id, ask.snapshots, current))


@router.get("/metrics")
def metrics(ask: Asked, snapshot: SnapshotId = None, limit: Limit = 1000, offset: Offset = 0) -> Page[Metric]:
    """What each metric counts, out of what, and by which dimensions: the catalogue as the snapshot has it."""
    opened = ask.snapshot(snapshot)
    found = rows(opened.cursor(), "select * from marts.dim_metrics order by metric_code")
    lacking = dict.fromkeys(("counted", "out_of", "numerator_sql", "denominator_sql"))
    return Page[Metric].model_validate(ask.page(opened, [lacking | row for row in found], limit, offset))


@router.get("/figures")
def figures(
    ask: Asked,
    metric: Annotated[list[str] | None, Query(description="Codes of /v1/metrics; by default all.", max_length=200)] = None,
    by: Annotated[
        str, Query(description="month, quarter or year, and at most one dimension; separated by commas.", max_length=100)
    ] = "",
    period: PeriodCode = None,
    snapshot: SnapshotId = None,
    limit: Limit = 1000,
    offset: Offset = 0,
) -> Page[Figure]:
    """Published figures by period and dimension, each with its numerator, denominator and worst case."""
    opened = ask.snapshot(snapshot)
    wanted = tuple(one.strip() for one in by.split(",") if one.strip())
    try:
        found = published.figures(opened, tuple(metric or ()), wanted, period).to_pylist()
    except PublishingError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, _of_addresses(str(error))) from None
    shown = [_public_figure(row, ask.snapshots, opened) for row in found] if ask.caller.is_public else found
    return Page[Figure].model_validate(ask.page(opened, shown, limit, offset))


@router.get("/verdicts")
def verdicts(
    ask: Asked, period: PeriodCode = None, snapshot: SnapshotId = None, limit: Limit = 1000, offset: Offset = 0
) -> Page[Verdict]:
    """Every promise with its verdict in a period and the figure that decided it, worst first."""
    opened, within = ask.snapshot(snapshot), _period(period)
    found = promises(opened.cursor(), str(opened.manifest["time_zone"]), within)
    if ask.caller.is_public:
        none = dict.fromkeys(Verdict.model_fields)
        found = [none | {name: row[name] for name in _PUBLIC_VERDICT} for row in found]
    else:
        worst = {} if ask.caller.reader.may("rows") else {"severity": None}  # how grave single cases are is on no page for them
        found = [row | {"control_id": row["deciding_control_id"]} | worst for row in found]
    return Page[Verdict].model_validate(ask.page(opened, found, limit, offset))


@router.get("/findings")
def findings(
    ask: Asked,
    period: PeriodCode = None,
    code: Code = None,
    severity: Annotated[str | None, Query(pattern="^(high|medium|low)$")] = None,
    control: Code = None,
    snapshot: SnapshotId = None,
    limit: Limit = 1000,
    offset: Offset = 0,
) -> Page[Finding]:
    """What is wrong, one by one, down to the landed row. Needs a role that may see rows; the export log names who took them."""
    ask.caller.require("rows", "Findings")
    ask.caller.require("export", "Findings")
    opened, within = ask.snapshot(snapshot), _period(period)
    asked = {"code": code, "severity": severity, "control": control}
    zone = str(opened.manifest["time_zone"])
    found = rows(opened.cursor(), _FINDINGS, asked | {"zone": zone, "start": within.start, "end": within.end})
    page = Page[Finding].model_validate(ask.page(opened, found, limit, offset))
    _log(ask, page, period, {name: (value,) for name, value in asked.items() if value}, len(found))
    return page


def create_app(
    snapshots: Snapshots, authentication: Authentication, hosts: Sequence[str], now: Callable[[], datetime]
) -> FastAPI:
    """The application.

    Args:
        snapshots: of the home whose snapshots are read.
        authentication: who is let in.
        hosts: the names under which it answers; a page of somebody else's whose name leads here asks with its own.
        now: the present instant, for the export log.
    """
    app = FastAPI(
        title="promisekept",
        version=VERSION,
        description="Published figures, verdicts and findings about the promises of a privacy policy. Read only.",
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
    )
    app.state.snapshots, app.state.authentication, app.state.now = snapshots, authentication, now
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
    handle_problems(app)
    app.include_router(router)

    @app.get("/health", include_in_schema=False)
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


def _of_addresses(message: str) -> str:
    """A message on one line, with an address where it names a command."""
    first, *others = message.splitlines()
    named = ["/v1/metrics lists them." if "`promisekept " in line else line.strip() for line in others]
    return " ".join([first, *named])


def _period(code: str | None) -> Period:
    found = TO_DATE if code is None else parse(code)
    if found is None:
        detail = f"period: `{code}` is no period. Use a quarter (2026-Q3), a month (2026-09) or a year (2026) of local dates."
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail)
    return found


def _snapshot(name: str, snapshots: Snapshots, current: str) -> dict[str, Any]:
    manifest = read_manifest(snapshots.home, name) or {}
    return {"id": name, "is_current": name == current} | {
        field: manifest.get(field) for field in ("as_of", "published_at", "time_zone")
    }


def _public_figure(row: dict[str, Any], snapshots: Snapshots, snapshot: SnapshotReader) -> dict[str, Any]:
    """As a public bundle shows it: nothing of a suppressed one, and no worst case."""
    cell = FigureCell(row["period_grain"], row["period_start"], row["period_end"], row["dimension"], row["dimension_value"])
    if (row["metric_code"], cell) in snapshots.hidden(snapshot):
        return row | dict.fromkeys(_NUMBERS) | {"is_suppressed": True}
    return row | {"value_worst": None}


def _log(ask: Question, page: Page[Finding], period: str | None, filters: Mapping[str, Sequence[str]], of: int) -> None:
    """A line in the export log, before anybody has the rows."""
    reader = ask.caller.reader
    sent = json.dumps(page.model_dump(mode="json")["data"], sort_keys=True).encode()
    export = Export(
        kind="api",
        content="Findings",
        snapshot=page.snapshot,
        who=reader.name,
        role="local" if reader.local else str(reader.role),
        rows=len(page.data),
        of=of,
        sha256=hashlib.sha256(sent).hexdigest(),
        period=period or "",
        filters=filters,
    )
    try:
        record(ask.snapshots.home, export, ask.now())
    except PublishingError as error:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error).replace(str(ask.snapshots.home), "home")) from None
