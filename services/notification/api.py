"""HTTP of notification: counts for coordinators."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request

from services.notification import store
from shared.runtime import coordinators, db

router = APIRouter(prefix="/coordinator")


@router.get("/messages/{round_id}")
async def messages(request: Request, round_id: UUID) -> list[dict[str, Any]]:
    """How many messages of a round are in which state, by kind and language; numbers only."""
    coordinator = coordinators.verify(request, request.app.state.settings.coordinator_public_key)
    async with db.connection(request.app.state.pool) as conn:
        region = await store.region_of(conn, round_id)
        if region is None:
            raise HTTPException(404, "Notification has not heard of this round.")
        coordinator.check(region)
        return await store.counts(conn, [round_id])
