"""Whether a form that was sent may go on now, or its sender has to wait; and whether it is a robot's."""

import math
import time
from datetime import UTC, datetime

from fastapi import Request
from fastapi.responses import Response

from services.registration.api.context import Context, context
from services.registration.api.pages import page
from services.registration.domain import network, robots, stamp
from services.registration.domain.answers import FieldError, Form, first
from services.registration.limits import Purpose, Wait
from services.registration.metrics import ROBOTS, SLOWED
from services.registration.regions import Region

STAMP = "stamp"
"""The form's hidden field."""


async def admit(request: Request, tools: Context, region: Region, purpose: Purpose = "sign_up") -> Wait | None:
    """Counts this post. None: go on. At most one statement for a network, and one in BLOCK posts for the region."""
    client = network.hashed(_network(request), datetime.now(UTC).date(), tools.settings.keys[0])
    wait = await tools.limits.wait(tools.pool, client, region.slug, purpose)
    if wait is not None:
        SLOWED.labels(region.slug, purpose, wait.of).inc()
    return wait


def slow(request: Request, language: str, region: Region, wait: Wait, form: Form | FieldError) -> Response:
    """429 in the reader's language, with the whole form in it: after the wait a press of the button sends it again."""
    seconds = math.ceil(wait.seconds)
    typed = {} if isinstance(form, FieldError) else form
    fields = [(name, value) for name, values in typed.items() for value in values]
    more = {"seconds": seconds, "action": request.url.path, "fields": fields}
    return page(request, "slow.html", language, region, 429, {"Retry-After": str(seconds)}, **more)


def new_stamp(tools: Context) -> str:
    """For a form that is shown for the first time; one that is shown again keeps its own."""
    return stamp.make(time.time(), tools.settings.keys)


def seconds_since_shown(tools: Context, form: Form) -> float | None:
    return stamp.age(first(form, STAMP), time.time(), tools.settings.keys)


def is_robot(tools: Context, region: Region, form: Form) -> bool:
    """Nothing of it is kept but the count; it is answered as everybody is."""
    found = robots.looks_automatic(form, seconds_since_shown(tools, form), tools.settings.fastest_form_seconds)
    if found:
        ROBOTS.labels(region.slug).inc()
    return found


def _network(request: Request) -> str:
    peer = request.client.host if request.client else None
    forwarded = request.headers.getlist("x-forwarded-for")
    return network.client_network(peer, forwarded, context(request).settings.proxies)
