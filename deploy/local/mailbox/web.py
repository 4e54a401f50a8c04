"""The HTTP side: JSON for tests, pages for people."""

from dataclasses import asdict

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route

from deploy.local.mailbox import pages
from deploy.local.mailbox.box import Box, read_behaviour
from deploy.local.mailbox.mail import Mail, body

# A mail's HTML may show itself and open its links in new tabs; it runs nothing and loads nothing.
MAIL_POLICY = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'"


def create_app(box: Box) -> Starlette:
    app = Starlette(
        routes=[
            Route("/", _list_page),
            Route("/mails/{index:int}", _mail_page),
            Route("/mails/{index:int}/html", _mail_html),
            Route("/api/mails", _list, methods=["GET"]),
            Route("/api/mails", _clear, methods=["DELETE"]),
            Route("/api/mails/{index:int}", _details),
            Route("/api/behaviour", _behaviour, methods=["GET"]),
            Route("/api/behaviour", _behave, methods=["POST"]),
            Route("/healthz", _health),
        ]
    )
    app.state.box = box
    return app


def _box(request: Request) -> Box:
    box: Box = request.app.state.box
    return box


def _mail(request: Request) -> Mail:
    mail = _box(request).mails.get(request.path_params["index"])
    if mail is None:
        raise HTTPException(404, "no such mail")
    return mail


def _number(request: Request, name: str, default: int) -> int:
    value = request.query_params.get(name, str(default))
    if not value.isdecimal():
        raise HTTPException(422, f"{name} must be a number")
    return int(value)


async def _list(request: Request) -> JSONResponse:
    found = _box(request).summaries(request.query_params.get("to"), _number(request, "since", 0))
    return JSONResponse([asdict(summary) for summary in found])


async def _details(request: Request) -> JSONResponse:
    return JSONResponse(_mail(request).details())


async def _clear(request: Request) -> JSONResponse:
    return JSONResponse({"deleted": _box(request).clear()})


async def _behaviour(request: Request) -> JSONResponse:
    return JSONResponse(asdict(_box(request).behaviour))


async def _behave(request: Request) -> JSONResponse:
    try:
        _box(request).behave(read_behaviour(await request.json()))
    except (ValueError, TypeError) as error:
        raise HTTPException(422, str(error)) from error
    return await _behaviour(request)


async def _health(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


async def _list_page(request: Request) -> HTMLResponse:
    to = request.query_params.get("to") or None
    page = pages.list_page(_box(request).summaries(to), to or "", _number(request, "page", 1))
    return HTMLResponse(page, headers={"Content-Security-Policy": PAGE_POLICY})


async def _mail_page(request: Request) -> HTMLResponse:
    return HTMLResponse(pages.mail_page(_mail(request).details()), headers={"Content-Security-Policy": PAGE_POLICY})


async def _mail_html(request: Request) -> HTMLResponse:
    content = body(_mail(request).message, "html")
    if content is None:
        raise HTTPException(404, "this mail has no HTML part")
    return HTMLResponse(pages.links_in_new_tabs(content), headers={"Content-Security-Policy": MAIL_POLICY})
