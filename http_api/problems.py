"""Errors as RFC 9457 has them: application/problem+json with what is wrong and the remedy.

Here: the errors of this room, and every other error that reaches the client. Not here: logging (the server's own).
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"


class ProblemDetails(BaseModel):
    """What went wrong."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str


class Problem(Exception):  # noqa: N818 - named as the RFC names it
    """An answer that is an error; `detail` names the thing, the value and the remedy."""

    def __init__(self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})


class NotModified(Exception):  # noqa: N818 - no error
    """The client has this answer already."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__()
        self.headers = dict(headers)


def handle_problems(app: FastAPI) -> None:
    """Let `app` answer every error in this form."""

    @app.exception_handler(Problem)
    def problem(request: Request, error: Problem) -> Response:
        return _answer(request, error.status, error.detail, error.headers)

    @app.exception_handler(NotModified)
    def not_modified(_: Request, answer: NotModified) -> Response:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=answer.headers)

    @app.exception_handler(RequestValidationError)
    def wrong_parameter(request: Request, error: RequestValidationError) -> Response:
        found = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors())
        return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"{found}. /openapi.json lists the parameters.", {})

    @app.exception_handler(HTTPException)
    def of_starlette(request: Request, error: HTTPException) -> Response:
        return _answer(request, HTTPStatus(error.status_code), str(error.detail), dict(error.headers or {}))

    @app.exception_handler(Exception)
    def unexpected(request: Request, _: Exception) -> Response:
        detail = "The program itself is at fault; its log has the details. Nothing was changed."
        return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail, {})


def _answer(request: Request, status: HTTPStatus, detail: str, headers: Mapping[str, str]) -> Response:
    content = ProblemDetails(title=status.phrase, status=status, detail=detail, instance=request.url.path).model_dump()
    return JSONResponse(content, status, {"Cache-Control": "no-store", **headers}, MEDIA_TYPE)
