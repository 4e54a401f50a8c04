"""Bringing others along: an address and its QR code, which say through which group somebody came and never through whom."""

from typing import Any

import segno
from fastapi import Request
from markupsafe import Markup

from services.registration.api.context import context
from services.registration.domain import links


def refer(request: Request, language: str, slug: str, group: str | None = None) -> dict[str, Any]:
    """What a page shows for friends: the group's own address, or that of the way the reader came."""
    tools = context(request)
    group = group or links.group_of(request.query_params.get("via", ""), tools.settings.keys) or links.FRIENDS
    url = tools.address(language, slug, f"?via={links.way_of(group, tools.settings.keys)}")
    return {"refer_url": url, "refer_code": qr(url)}


def qr(text: str) -> Markup:
    """A drawing for a page: dark on light, as wide as there is room."""
    return Markup(segno.make(text, error="m").svg_inline(scale=4, border=2, dark="#000", light="#fff"))  # noqa: S704 - ours
