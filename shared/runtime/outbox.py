"""The transactional outbox: an event is said by writing it beside the state it speaks of, never to Kafka directly."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shared.runtime import clock, ids
from shared.runtime.db import Connection
from shared.schemas.codes import ServiceName
from shared.schemas.envelope import Event, encode
from shared.schemas.topics import topic_of


class Outbox:
    """Where one service leaves what it has to say."""

    def __init__(self, source: ServiceName) -> None:
        self._source = source

    async def append(self, conn: Connection, *events: Event, at: datetime | None = None) -> None:
        """Says the events, in this order, if and only if the caller's transaction commits.

        `at`: the transaction's `clock_now()`, where the caller has it already.
        """
        if not events:
            return
        now = at or await clock.now(conn)
        trace = ids.current_trace()
        rows = [
            (
                topic_of(type(event), self._source).name,
                str(getattr(event, event.KEY)),
                encode(event, event_id=ids.new_id(), time=now, source=self._source, trace=trace),
            )
            for event in events
        ]
        await conn.executemany("INSERT INTO outbox (topic, key, payload) VALUES ($1, $2, $3)", rows)


async def blank(conn: Connection, key: UUID) -> None:
    """Forgets what was said under this key, published or not; what was not published yet never will be.

    That somebody is erased holds an id only and stays: of two rounds it is said twice, and both must be heard.
    """
    await conn.execute(
        "UPDATE outbox SET payload = NULL, published_at = coalesce(published_at, now())"
        " WHERE key = $1 AND convert_from(payload, 'UTF8')::jsonb ->> 'type' NOT LIKE 'Eras%'",
        str(key),
    )


async def blank_on(conn: Connection, topic: str, person: UUID) -> None:
    """Forgets what was said on a topic whose keys are not people, and names this person."""
    await conn.execute(
        "UPDATE outbox SET payload = NULL, published_at = coalesce(published_at, now())"
        " WHERE topic = $1 AND position(convert_to($2, 'UTF8') IN payload) > 0",
        topic,
        str(person),
    )


async def blank_about(conn: Connection, person: UUID, keys: Sequence[UUID]) -> None:
    """Forgets what was said under other keys and names this person: what a pair shares is said to both of it."""
    await conn.execute(
        "UPDATE outbox SET payload = NULL, published_at = coalesce(published_at, now())"
        " WHERE key = ANY($1) AND position(convert_to($2, 'UTF8') IN payload) > 0",
        [str(key) for key in keys],
        str(person),
    )
