"""Making answers for people: a page in their language, with headers that keep links and data to themselves."""

from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.registration.api.context import context, region_or_404
from services.registration.regions import Office, Region
from shared.runtime.http import failed, first_part, unavailable
from shared.runtime.http import foreign as plain_foreign
from shared.web.languages import LANGUAGES, negotiate
from shared.web.pages import style_source

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src {style_source()}; img-src data:; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
NOT_FOR_PEOPLE = frozenset({"coordinator", "internal", "healthz", "readyz", "metrics"})


class ShownRegion:
    """A region as a page names it."""

    def __init__(self, region: Region, language: str) -> None:
        self.slug: str = region.slug
        self.name: str = region.named(language)
        self.office: Office = region.office
        self.logo: str = region.logo
        self.meanwhile = region.meanwhile_in(language)


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
    path = request.url.path
    rest = path.removeprefix(f"/{language}") if path.split("/")[1] == language else path
    html = context(request).pages.render(
        template,
        language,
        region.address,
        region=ShownRegion(region, language),
        languages=_offered(region),
        switch=lambda other: f"/{other}{rest}" if request.method in {"GET", "HEAD"} else None,
        **values,
    )
    return HTMLResponse(html, status, HEADERS | (headers or {}))


def away(request: Request) -> Response:
    """503 in the reader's language: nothing is lost, try again. A sentence for commands."""
    if not for_people(request):
        return unavailable(request)
    return page(request, "unavailable.html", *_reader(request), 503, {"Retry-After": "5"})


def broken(request: Request) -> Response:
    """500 in the same words: to the reader it is the same, only that nobody promises when it works again."""
    return page(request, "unavailable.html", *_reader(request), 500) if for_people(request) else failed(request)


def foreign(request: Request) -> Response:
    """403: another site's page sent this. From our own page it can be sent."""
    return page(request, "foreign.html", *_reader(request), 403) if for_people(request) else plain_foreign(request)


def not_found(request: Request) -> Response:
    return page(request, "not_found.html", *_reader(request), 404)


def for_people(request: Request) -> bool:
    """Whether somebody may read the answer in a browser; programs are told in a sentence."""
    return is_for_people(request.url.path)


def is_for_people(path: str) -> bool:
    return first_part(path) not in NOT_FOR_PEOPLE


def _reader(request: Request) -> tuple[str, Region]:
    """Language and region of an answer that no route made: what the address names of both, else the wish and the first."""
    parts, regions = request.url.path.split("/"), context(request).regions
    likely = [*(regions[part] for part in parts[1:3] if part in regions), *_to_anybody(list(regions.values()))]
    for region in likely:
        if parts[1] in _offered(region):
            return parts[1], region
    return _wished(request, likely[0]), likely[0]


def _to_anybody(regions: list[Region]) -> list[Region]:
    """To readers whose region nobody knows: they are "Sie" only where all regions say so."""
    formal = all(region.address == "sie" for region in regions)
    return [region.model_copy(update={"address": "sie" if formal else "du"}) for region in regions]


def _offered(region: Region) -> list[str]:
    return [one for one in region.languages if one in LANGUAGES]


def _wished(request: Request, region: Region) -> str:
    """By cookie, by the browser's wish, by the region's order."""
    offered = _offered(region)
    return negotiate(request.cookies.get("language"), request.headers.get("accept-language"), offered, offered[0])


def choose_language(request: Request, slug: str) -> Response:
    """From an address without a language to one with it."""
    language = _wished(request, region_or_404(request, slug))
    return RedirectResponse(f"/{language}/{slug}", 302, {"Vary": "Accept-Language, Cookie"})
