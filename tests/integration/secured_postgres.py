"""A door before PostgreSQL that is opened by TLS only, as databases elsewhere have it; the local build has no TLS of its own."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from deploy.local.certificate import HOST
from tests.carrying import pass_on

WISH = bytes.fromhex("0000000804d2162f")
"""SSLRequest, PostgreSQL's own prelude to TLS: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL"""


@asynccontextmanager
async def secured(port: int, keystore: Path) -> AsyncIterator[int]:
    """The door's own port on HOST. `keystore`: its key and certificate in PEM; `port`: of the server behind it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keystore)

    async def come(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            if await reader.readexactly(len(WISH)) == WISH:
                writer.write(b"S")
                await writer.start_tls(context)
                await _through(reader, writer, port)
        writer.close()

    async with await asyncio.start_server(come, HOST, 0) as server:
        yield server.sockets[0].getsockname()[1]


async def _through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    inner_reader, inner_writer = await asyncio.open_connection(HOST, port)
    await asyncio.gather(pass_on(reader, inner_writer), pass_on(inner_reader, writer))
