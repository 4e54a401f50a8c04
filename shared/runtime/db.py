"""The service's own PostgreSQL database: one pool, one way to open a transaction, and which failures pass by themselves."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record] | asyncpg.Connection[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

DATABASE_AWAY: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.ObjectNotInPrerequisiteStateError,  # it is kept from accepting connections
    asyncpg.InvalidCatalogNameError,  # while it is restored from a backup
    asyncpg.InvalidAuthorizationSpecificationError,  # while its password is changed
    asyncpg.ReadOnlySQLTransactionError,  # while another server takes over
    asyncpg.TooManyConnectionsError,
    asyncpg.InsufficientResourcesError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.QueryCanceledError,
)
"""Failures of the database or the way to it: they cost time, never data. Wait and do it again."""

NEVER_ACCEPTED: tuple[type[Exception], ...] = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
"""The database would refuse the same values for ever."""

CONNECT_SECONDS = 2.0
ACQUIRE_SECONDS = 2.0
COMMAND_SECONDS = 10.0


@asynccontextmanager
async def open_pool(url: str, size: int = 8) -> AsyncIterator[Pool]:
    """A pool that connects when first used, so that a service starts while its database is still away."""
    pool = await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=size,
        timeout=CONNECT_SECONDS,
        command_timeout=COMMAND_SECONDS,
        init=_read_json,
        reset=_leave_as_is,
    )
    try:
        yield pool
    finally:
        # Without waiting for answers: whatever was not committed is rolled back by the server.
        pool.terminate()


async def _read_json(conn: "asyncpg.Connection[asyncpg.Record]") -> None:
    await conn.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


async def _leave_as_is(_: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Nothing here sets session state, so the query that would reset it is saved: one of nine in a sign-up."""


@asynccontextmanager
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    """One connection from the pool. Raises one of DATABASE_AWAY within ACQUIRE_SECONDS where there is none."""
    async with pool.acquire(timeout=ACQUIRE_SECONDS) as conn:
        yield conn


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """The unit of work: all that is written through the connection is kept, or nothing is."""
    async with connection(pool) as conn, conn.transaction():
        yield conn
