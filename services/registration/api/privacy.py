"""The privacy page: who sees what, until when, in the words that people agree to."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.registration.api.context import context, region_or_404
from services.registration.api.pages import page
from services.registration.consents import told

router = APIRouter(include_in_schema=False)


@router.get("/{language}/{slug}/privacy")
async def show(request: Request, language: str, slug: str) -> Response:
    region = region_or_404(request, slug)
    version = context(request).consents[slug, language].version
    return page(request, "privacy.html", language, region, version=version, **told(region))
