"""HTTP of notification: counts for coordinators, and what did not arrive. Each look and act leaves its line in the audit."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request

from services.notification import store
from services.notification.domain import UNDELIVERED, State
from services.notification.sender.recipient import RegistrationAwayError
from shared.runtime import audit_reading, coordinators, db
from shared.runtime.audit_chain import record
from shared.runtime.coordinators import may

router = APIRouter(prefix="/coordinator")
router.get(audit_reading.PATH)(audit_reading.lines(may))
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
    coordinator = coordinators.verify(request, request.app.state.settings.coordinator_public_key)
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
    who = may(request, region)
    async with db.transaction(request.app.state.pool) as conn:
        found = await store.undelivered(conn, region)
        # Each of them once, however many of their messages are shown.
        await record(conn, who, region, "undelivered.show", list(dict.fromkeys(one["person"] for one in found)))
    return found


@router.post("/undelivered/{region}/{message_id}/resend")
async def resend(request: Request, region: str, message_id: UUID) -> dict[str, Any]:
    """Sends such a message again, as it was: the same Message-ID and the same links."""
    who = may(request, region)
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


async def _still_wanted(request: Request, message: store.Message) -> None:
    """Only registration knows whether the person is still there; it is asked again when the mail is sent."""
    try:
        answer = await request.app.state.registration.recipient(message)
    except RegistrationAwayError:
        raise HTTPException(503, "Registration does not answer at the moment. Try again.") from None
    if answer == "gone":
        raise HTTPException(409, OVER)
