"""`make bench-scaling`: geo and notification with one, two and three processes, on real Kafka, and how long events wait when a
process joins, ends or is killed. Says nothing of right or wrong.

All stand on one machine with Kafka, PostgreSQL, the mailbox and a process in registration's place: where that is busy, another
process cannot help.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psutil

from deploy.local.installation import Installation
from deploy.local.process import ROOT
from deploy.local.service import Service
from deploy.local.stack import Stack
from shared.schemas.participants import Confirmed
from tests.faults import topics
from tests.faults.breaking import fetch, kill, start, stop, value
from tests.faults.people import someone
from tests.faults.topics import Said, told
from tests.load.mail import registration
from tests.rounds import until
from tests.scaling.flowing import Flow

MOST = 3
LONGEST_SECONDS = 300.0
QUIET_SECONDS = 3.0
HEARD = {"Confirmed.v1", "Left.v1"}  # by both services
UNHELD = {"MYBUDDY_MAILS_PER_MINUTE": "100000", "MYBUDDY_MAILS_PER_MINUTE_TO_DOMAIN": "100000"}
Change = Callable[[list[Service]], Awaitable[None]]


@dataclass(frozen=True)
class Measured:
    """`done`: when the first and the last was, in the service's own database."""

    service: str
    what: str
    events: int
    done: str


MEASURED = (
    Measured("geo", "people located", 6_000, "SELECT min(handled_at), max(handled_at), count(*) FROM inbox"),
    Measured("notification", "mails", 900, "SELECT min(done_at), max(done_at), count(*) FROM messages WHERE state = 'sent'"),
)


def say(text: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S}  {text}", file=sys.stderr, flush=True)


def row(what: str, *cells: str) -> None:
    print(f"{what:<44}" + "".join(f"{cell:>16}" for cell in cells), flush=True)


@asynccontextmanager
async def alone(stack: Stack, service: str, processes: int) -> AsyncIterator[tuple[Installation, list[Service]]]:
    """So many processes of one service, on databases and topics of their own."""
    async with AsyncExitStack() as opened:
        client = await opened.enter_async_context(registration())
        env = {**UNHELD, "MYBUDDY_REGISTRATION_URL": str(client.base_url)}
        made = opened.enter_context(stack.installation(f"{service}{processes}{uuid4().hex[:4]}", services=[service], env=env))
        made.move_clock(datetime(2021, 10, 5, 10, tzinfo=UTC))  # by day
        running = [made.services[service], *(made.replica(service) for _ in range(processes - 1))]
        await asyncio.gather(*map(start, running))
        yield made, running


def people(count: int) -> list[Said]:
    round_ = uuid4()
    return [told(Confirmed(**someone(round_, number)), "registration") for number in range(count)]


async def throughput(stack: Stack, measured: Measured, processes: int) -> tuple[float, float]:
    """Per second, and how busy the machine was meanwhile."""
    say(f"{measured.service}: {processes} of {MOST}")
    async with alone(stack, measured.service, processes) as (made, _):
        events = people(measured.events)
        psutil.cpu_percent()
        await topics.say(made, events)

        async def is_done() -> bool:
            return bool((await fetch(made, measured.service, measured.done))[0][2] == measured.events)

        await until(f"{measured.events} {measured.what}", is_done, LONGEST_SECONDS)
        busy = psutil.cpu_percent()
        first, last, count = (await fetch(made, measured.service, measured.done))[0]
    return float(count / (last - first).total_seconds()), busy


async def longest_wait(made: Installation, service: str, running: list[Service], change: Change) -> float:
    """Seconds that an event waited which was said while it happened: nearly nothing where nothing stops."""
    flow = Flow([made], at_once=10)
    async with flow.flowing():
        await change(running)
        await asyncio.sleep(QUIET_SECONDS)
    heard = [one.envelope for one in flow.said if one.envelope["type"] in HEARD]
    said = {UUID(one["id"]): datetime.fromisoformat(one["time"]) for one in heard}

    async def is_done() -> bool:
        return bool(await value(made, service, "SELECT count(*) FROM inbox WHERE event_id = ANY($1)", list(said)) == len(said))

    await until("all that was said is handled", is_done, LONGEST_SECONDS)
    handled = await fetch(made, service, "SELECT event_id, handled_at FROM inbox WHERE event_id = ANY($1)", list(said))
    return max(float((one["handled_at"] - said[one["event_id"]]).total_seconds()) for one in handled)


async def rebalances(stack: Stack, service: str) -> list[float]:
    """While nothing happens, one joins, one ends kindly, one is killed."""
    async with alone(stack, service, 2) as (made, running):
        third = made.replica(service)

        async def nothing(_: list[Service]) -> None:
            await asyncio.sleep(QUIET_SECONDS)

        async def joins(_: list[Service]) -> None:
            await start(third)

        async def ends(_: list[Service]) -> None:
            await stop(third)

        async def dies(running: list[Service]) -> None:
            await kill(running[0])
            await asyncio.sleep(12)  # its session lasts ten

        changes = {"nothing": nothing, "joins": joins, "ends": ends, "dies": dies}
        found = []
        for name, change in changes.items():
            say(f"{service}: {name}")
            found.append(await longest_wait(made, service, running, change))
        return found


async def bench(stack: Stack) -> None:
    row("processes", *(f"{count}" for count in range(1, MOST + 1)))
    for measured in MEASURED:
        found = [await throughput(stack, measured, count) for count in range(1, MOST + 1)]
        row(f"{measured.service}: {measured.what}", *(f"{rate:.0f}/s" for rate, _ in found))
        row("  by one process's", *(f"{rate / found[0][0]:.2f}" for rate, _ in found))
        row("  machine busy", *(f"{busy:.0f} %" for _, busy in found))
    print()
    row("longest wait of an event while one of three", "nothing", "joins", "ends", "is killed")
    for measured in MEASURED:
        row(measured.service, *(f"{seconds:.1f} s" for seconds in await rebalances(stack, measured.service)))


def main() -> int:
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the start, Python {sys.version.split()[0]}\n")
    with Stack.start(ROOT / "build" / "bench", durable=True) as stack:
        asyncio.run(bench(stack))
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
