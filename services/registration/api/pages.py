"""Making answers for people: a page in their language, with headers that keep links and data to themselves."""

from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.registration.api.context import context, region_or_404
from services.registration.regions import Office, Region
from shared.runtime.http import unavailable
from shared.web.languages import LANGUAGES, negotiate
from shared.web.pages import style_source

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src {style_source()}; img-src data:; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
FALLBACK_LANGUAGE = "de"


class ShownRegion:
    """A region as a page names it."""

    def __init__(self, region: Region, language: str) -> None:
        self.slug: str = region.slug
        self.name: str = region.named(language)
        self.office: Office = region.office


class ShownRound:
    """A round as a page names it."""

    def __init__(self, region: Region, round_: Any, language: str) -> None:
        self.name = region.round_name(round_.slug, language)
        self.opens_at, self.closes_at, self.zone = round_.opens_at, round_.closes_at, region.timezone


def page(
    request: Request,
    template: str,
    language: str,
    region: Region,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> Response:
    """The page, rendered in this language; the language switch keeps the address it was asked for."""
    if language not in region.languages:
        raise HTTPException(404)
    rest = request.url.path.removeprefix(f"/{language}")
    html = context(request).pages.render(
        template,
        language,
        region=ShownRegion(region, language),
        languages=[one for one in region.languages if one in LANGUAGES],
        switch=lambda other: f"/{other}{rest}" if request.method == "GET" else None,
        **values,
    )
    return HTMLResponse(html, status, HEADERS | (headers or {}))


def away(request: Request) -> Response:
    """503 in the reader's language where the address names one: nothing is lost, try again. A sentence for commands."""
    parts = request.url.path.split("/")
    if parts[1] in {"coordinator", "internal"}:
        return unavailable(request)
    region = context(request).regions.get(parts[2]) if len(parts) > 2 else None
    if region is None or parts[1] not in region.languages:
        region, language = next(iter(context(request).regions.values())), FALLBACK_LANGUAGE
    else:
        language = parts[1]
    return page(request, "unavailable.html", language, region, 503, {"Retry-After": "5"})


def choose_language(request: Request, slug: str) -> Response:
    """From an address without a language to one with it: by cookie, by the browser's wish, by the region's order."""
    region = region_or_404(request, slug)
    offered = [one for one in region.languages if one in LANGUAGES]
    language = negotiate(request.cookies.get("language"), request.headers.get("accept-language"), offered, offered[0])
    return RedirectResponse(f"/{language}/{slug}", 302, {"Vary": "Accept-Language, Cookie"})
