"""HTTP of notification: counts for coordinators, and what did not arrive. Each look and act leaves its line in the audit."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from services.notification import store
from services.notification.domain import UNDELIVERED, State
from services.notification.sender.recipient import RegistrationAwayError
from shared.runtime import audit_chain, coordinators, db
from shared.runtime.audit import json_lines
from shared.runtime.audit_chain import LAST_LINE, record
from shared.runtime.coordinators import Coordinator

router = APIRouter(prefix="/coordinator")
OVER = "This message is not sent any more: the person is gone, or a newer message has taken its place."
NOT_AGAIN: dict[State, str] = {
    "sent": "This message was sent; it is not sent twice.",
    "queued": "This message is already waiting to be sent.",
    "dropped": OVER,
    "superseded": OVER,
}


@router.get("/messages/{round_id}")
async def messages(request: Request, round_id: UUID) -> list[dict[str, Any]]:
    """How many messages of a round are in which state, by kind and language; numbers only."""
    coordinator = _who(request)
    async with db.transaction(request.app.state.pool) as conn:
        region = await store.region_of(conn, round_id)
        if region is None:
            raise HTTPException(404, "Notification has not heard of this round.")
        coordinator.check(region)
        counts = await store.counts(conn, [round_id])
        await record(conn, coordinator, region, "messages.show", round=str(round_id))
    return counts


@router.get("/undelivered/{region}")
async def undelivered(request: Request, region: str) -> list[dict[str, Any]]:
    """Messages that no mail server took: to whom (an id), in which language, when, and the server's code."""
    who = _may(request, region)
    async with db.transaction(request.app.state.pool) as conn:
        found = await store.undelivered(conn, region)
        # Each of them once, however many of their messages are shown.
        await record(conn, who, region, "undelivered.show", list(dict.fromkeys(one["person"] for one in found)))
    return found


@router.post("/undelivered/{region}/{message_id}/resend")
async def resend(request: Request, region: str, message_id: UUID) -> dict[str, Any]:
    """Sends such a message again, as it was: the same Message-ID and the same links."""
    who = _may(request, region)
    async with db.transaction(request.app.state.pool) as conn:
        message = await store.of_region(conn, region, message_id)
        if message is None:
            raise HTTPException(404, "Notification knows no such message of this region.")
        if message.state not in UNDELIVERED:
            raise HTTPException(409, NOT_AGAIN[message.state])
        await _still_wanted(request, message)
        await store.queue_again(conn, message.id)
        await record(conn, who, region, "undelivered.resend", [message.person_id], message=str(message.id), kind=message.kind)
    return {"message": message.id, "kind": message.kind, "state": "queued"}


@router.get("/audit/{region}")
async def lines(request: Request, region: str, after: Annotated[int, Query(ge=0, le=LAST_LINE)] = 0) -> Response:
    """The audit's next lines after this one, one JSON object a line, the oldest first; who reads them is in them too."""
    who = _may(request, region)
    async with db.transaction(request.app.state.pool) as conn:
        found = await audit_chain.after(conn, region, after)
        await record(conn, who, region, "audit.show", after=after)
    return Response(json_lines(found), media_type="application/x-ndjson")


def _who(request: Request) -> Coordinator:
    return coordinators.verify(request, request.app.state.settings.coordinator_public_key)


def _may(request: Request, region: str) -> Coordinator:
    """Who asks. Raises HTTP 401 and 403 for whoever is no coordinator of this region."""
    who = _who(request)
    who.check(region)
    return who


async def _still_wanted(request: Request, message: store.Message) -> None:
    """Only registration knows whether the person is still there; it is asked again when the mail is sent."""
    try:
        answer = await request.app.state.registration.recipient(message)
    except RegistrationAwayError:
        raise HTTPException(503, "Registration does not answer at the moment. Try again.") from None
    if answer == "gone":
        raise HTTPException(409, OVER)
