"""What happens to data past its date: people go the way they would go themselves, what was counted of them is deleted."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from services.registration.handlers import own_data
from services.registration.handlers.holding import hold
from services.registration.regions import Keeping
from services.registration.store import keeping as store
from services.registration.store.keeping import Kind, PersonKind
from shared.runtime import audit_chain
from shared.runtime.db import Connection

AHEAD_DAYS = 30

GO: dict[PersonKind, Callable[[Connection, UUID], Awaitable[bool]]] = {
    "unconfirmed": own_data.expire,
    "people": own_data.erase,
}
FORGET: dict[Kind, Callable[[Connection, str, int, int], Awaitable[int]]] = {
    "turned_away": store.forget_turned_away,
    "notices": store.forget_notices,
    "addresses_asked": store.forget_addresses,
    "erasures": store.forget_erasures,
    "audit": audit_chain.forget,
}


def kept(keeping: Keeping, kind: Kind) -> int:
    """Days for sign-ups that are not confirmed and addresses that are not proved, months for all else."""
    if kind in {"unconfirmed", "addresses_asked"}:
        return keeping.unconfirmed_days
    return keeping.audit_months if kind in {"notices", "erasures", "audit"} else keeping.after_round_months


async def go(conn: Connection, kind: PersonKind, region: str, keeping: Keeping, person: UUID) -> bool:
    """False for somebody whom another replica was quicker with, or who confirmed or came back a moment ago."""
    if not await hold(conn, person) or not await store.is_due(conn, kind, region, kept(keeping, kind), person):
        return False
    return await GO[kind](conn, person)


async def coming(conn: Connection, region: str, keeping: Keeping, zone: str) -> list[dict[str, Any]]:
    """What goes within the next AHEAD_DAYS, in numbers."""
    kinds: tuple[Kind, ...] = (*GO, *FORGET)
    found = [
        {"kind": kind} | row
        for kind in kinds
        for row in await store.coming(conn, kind, region, kept(keeping, kind), AHEAD_DAYS, zone)
    ]
    return sorted(found, key=lambda row: row["day"])
