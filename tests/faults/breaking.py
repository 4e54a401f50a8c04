"""How tests break things: kill a service at a step, lose what it says, take its database away; and look at all it knows."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import httpx

from deploy.local import proc
from deploy.local.databases import SERVICES
from deploy.local.installation import Installation
from deploy.local.service import Service
from shared.runtime.killpoints import VARIABLE
from shared.schemas.people_file import Row
from tests.faults.topics import is_caught_up
from tests.rounds import Round, until

T = TypeVar("T")
KILLED = -9
POINTS = ("R1", "R2", "R3", "R4", "R5")
"""Where registration may be killed between a request and its event."""
PATIENCE_SECONDS = 120.0
OF_THE_MOMENT = ("limits", "paces")  # what they count goes by itself within minutes
THE_MAP = ("places", "postcodes", "place_postcodes", "place_names", "gazetteer_load")


async def start(service: Service, **env: str) -> None:
    await asyncio.to_thread(service.start, env)


async def stop(service: Service) -> None:
    """Asked to end, as Kubernetes does."""
    assert await asyncio.to_thread(service.stop) == 0, service.log_text()


async def kill(service: Service) -> None:
    await asyncio.to_thread(service.kill)


async def dies(service: Service) -> None:
    """It came to the point at which it was told to kill itself."""
    code = await asyncio.to_thread(service.wait_exit, PATIENCE_SECONDS)
    assert code == KILLED, service.log_text()


async def doomed(service: Service, point: str, **env: str) -> None:
    """Started anew, to die like kill -9 when it comes to this point, which may be before it is ready."""
    if service.pid and service.running:
        await stop(service)
    await asyncio.to_thread(service.start, {VARIABLE: point, **env}, wait=False)


async def dying(service: Service, points: Sequence[str], work: Coroutine[Any, Any, T]) -> T:
    """Does the work while the service dies at one point after the other; afterwards it runs."""
    await doomed(service, points[0])
    task = asyncio.create_task(work)
    for point in points[1:]:
        await dies(service)
        await doomed(service, point)
    await dies(service)
    await start(service)
    return await task


async def while_killed(service: Service, work: Awaitable[Any]) -> None:
    """Does the work while the service is killed and started again."""

    async def again() -> None:
        await kill(service)
        await start(service)

    await asyncio.gather(again(), work)


@asynccontextmanager
async def second(service: Service) -> AsyncIterator[Service]:
    """Another process of the same service, on the same database and topics; not started yet."""
    other = service.another(2)
    try:
        yield other
    finally:
        if other.pid and other.running:
            await asyncio.to_thread(other.stop)


async def nothing_left_of(pid: int) -> None:
    """Neither the process nor anything it started lives."""

    async def is_gone() -> bool:
        return not any(one.session == pid and one.state not in "ZX" for one in proc.entries())

    await until("all that it started is gone", is_gone, 10)


async def worker_silent_for_long(installation: Installation) -> None:
    """A run is taken over once its worker has not been heard of for six seconds: for the database these are over."""
    await fetch(
        installation, "matching", "UPDATE runs SET heartbeat_at = heartbeat_at - interval '1 minute' WHERE state = 'running'"
    )


async def insist(
    round_: Round,
    rows: Iterable[Row],
    seconds: float = PATIENCE_SECONDS,
    send: Callable[[Row], Awaitable[httpx.Response]] | None = None,
) -> dict[str, httpx.Response]:
    """Each sends the same form until it is answered with success, as a browser's owner does. Returns the answers by row."""

    async def answered(row: Row) -> httpx.Response | None:
        try:
            answer = await (send or round_.post)(row)
        except httpx.TransportError:
            return None
        return answer if answer.status_code == httpx.codes.SEE_OTHER else None

    people = list(rows)
    answers = await asyncio.gather(*(until(f"an answer to {row.id}", partial(answered, row), seconds) for row in people))
    return {row.id: answer for row, answer in zip(people, answers, strict=True)}


async def caught_up(installation: Installation) -> None:
    """Whatever was said has been published and handled, and no mail waits.

    Looked at in the order in which it flows, and true only if nothing was said meanwhile: else what was handled after one
    look may have left something behind that look.
    """

    async def is_quiet() -> bool:
        before = await said(installation)
        unpublished = [
            await value(installation, service, "SELECT count(*) FROM outbox WHERE published_at IS NULL") for service in SERVICES
        ]
        if any(unpublished) or not await is_caught_up(installation):
            return False
        mails = await value(installation, "notification", "SELECT count(*) FROM messages WHERE state = 'queued'")
        return not mails and await said(installation) == before

    await until("all is said and handled", is_quiet)


async def said(installation: Installation) -> list[int]:
    """How many events each service has ever said."""
    query = "SELECT coalesce(last_value, 0) FROM pg_sequences WHERE sequencename = 'outbox_id_seq'"
    return [await value(installation, service, query) for service in SERVICES]


async def value(installation: Installation, service: str, query: str, *values: Any) -> Any:
    """The first of the first row."""
    return (await fetch(installation, service, query, *values))[0][0]


async def fetch(installation: Installation, service: str, query: str, *values: Any) -> list[asyncpg.Record]:
    conn = await asyncpg.connect(installation.database_url(service, "owner"))
    try:
        return await conn.fetch(query, *values)
    finally:
        await conn.close()


async def digests(installation: Installation) -> dict[str, str]:
    """Of every table of every service (but for geo's map and counts of the moment): the same digest, the same rows."""
    found = {}
    for service in SERVICES:
        for (name,) in await fetch(
            installation, service, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        ):
            if name not in (*THE_MAP, *OF_THE_MOMENT):
                lines = [row[0] for row in await fetch(installation, service, f'SELECT t::text FROM "{name}" t ORDER BY 1')]
                found[f"{service}.{name}"] = f"{len(lines)} rows, {hashlib.sha256(repr(lines).encode()).hexdigest()[:16]}"
    return found


async def dead_letters(installation: Installation) -> dict[tuple[str, int, int], str]:
    """What could not be handled, anywhere: the reason, by topic, partition and offset."""
    query = 'SELECT topic, partition, "offset", reason FROM dead_letters'
    rows = [row for service in SERVICES for row in await fetch(installation, service, query)]
    return {(row["topic"], row["partition"], row["offset"]): row["reason"] for row in rows}


@asynccontextmanager
async def losing(round_: Round, service: str, *lost: tuple[UUID, str]) -> AsyncIterator[None]:
    """Of these people, what the service says by an event of this name never reaches the topic."""
    pairs = ", ".join(f"('{person}', '\"type\":\"{name}.v1\"')" for person, name in lost)
    await round_.execute(
        service,
        f"""
        CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF EXISTS (SELECT FROM (VALUES {pairs}) AS lost (key, type)
                       WHERE NEW.key = lost.key AND position(lost.type IN convert_from(NEW.payload, 'UTF8')) > 0)
            THEN NEW.published_at = now(); END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER lose BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION lose();
        """,
    )
    try:
        yield
    finally:
        await round_.execute(service, "DROP FUNCTION lose CASCADE")


@asynccontextmanager
async def database_away(admin_url: str, installation: Installation, service: str) -> AsyncIterator[None]:
    """Nobody can connect to this service's database, and whoever was connected is thrown out."""
    name = installation.database_url(service).rpartition("/")[2].partition("?")[0]
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        try:
            yield
        finally:
            await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    finally:
        await admin.close()
