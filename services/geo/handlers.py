"""One function per event: people get coordinates or an open question; what ends is forwarded in their order."""

from services.geo import store
from services.geo.gazetteer.lookup import locate
from services.geo.metrics import LOCATED
from shared.runtime.db import Connection
from shared.runtime.outbox import Outbox, blank
from shared.schemas.located_participants import Located
from shared.schemas.participants import Attributes, Erased, Left, Withdrawn
from shared.schemas.receipts import ErasureDone

outbox = Outbox("geo")


async def on_attributes(conn: Connection, event: Attributes) -> None:
    """Confirmed or changed: the same person goes on, with the centre of their postcode or place, or with why not."""
    found = await locate(conn, event.postcode, event.place_id)
    if isinstance(found, str):
        LOCATED.labels(found).inc()
        await store.ask(conn, event, found)
        await outbox.append(conn, Located(**event.model_dump(), located=False, reason=found))
        return
    LOCATED.labels("located").inc()
    await store.settle(conn, event.person, event.version)
    place = {"lat": found.lat, "lon": found.lon, "municipality": found.municipality}
    await outbox.append(conn, Located(**event.model_dump(), located=True, **place))


async def on_gone(conn: Connection, event: Left | Withdrawn) -> None:
    await store.settle(conn, event.person, event.version)
    await outbox.append(conn, event)


async def on_erased(conn: Connection, event: Erased) -> None:
    """Forgets the person, what was said of them included; that they are erased goes on to matching."""
    await store.forget(conn, event.person)
    await blank(conn, event.person)
    await outbox.append(conn, event, ErasureDone(person=event.person, service="geo"))
