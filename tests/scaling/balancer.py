"""Stands for the Service of Kubernetes before a service: connections go to its ready processes, in turn.

Whoever was taken off gets no new connection and keeps those it has.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import httpx

from deploy.local.ports import free_port
from deploy.local.service import Service
from tests.carrying import pass_on
from tests.rounds import until

LOOK_SECONDS = 0.2


class Balancer:
    def __init__(self) -> None:
        self.port = free_port()
        self.behind: list[Service] = []
        self._ready: list[Service] = []
        self._turns = count()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        looking = asyncio.create_task(self._look())
        async with await asyncio.start_server(self._carry, "127.0.0.1", self.port):
            yield
            looking.cancel()

    async def put(self, service: Service) -> None:
        """Returns when it is used."""
        self.behind.append(service)

        async def is_used() -> bool:
            return service in self._ready

        await until(f"{service.url} is ready", is_used)

    def take_off(self, service: Service) -> None:
        self.behind.remove(service)
        self._ready = [one for one in self._ready if one is not service]

    async def _look(self) -> None:
        async with httpx.AsyncClient(timeout=2) as client:
            while True:
                answers = [(one, await _is_ready(client, one)) for one in self.behind]
                self._ready = [one for one, ready in answers if ready and one in self.behind]
                await asyncio.sleep(LOOK_SECONDS)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            ready = self._ready
            chosen = ready[next(self._turns) % len(ready)]
            there = await asyncio.open_connection("127.0.0.1", chosen.port)
            await asyncio.gather(pass_on(reader, there[1]), pass_on(there[0], writer))
        except (OSError, ZeroDivisionError):
            writer.transport.abort()


async def _is_ready(client: httpx.AsyncClient, service: Service) -> bool:
    try:
        return (await client.get(f"{service.url}/readyz")).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
