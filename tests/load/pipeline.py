"""`make bench-pipeline`: the start, the relay, and a round from its close to its last mail. Says nothing of right or wrong."""

import asyncio
import dataclasses
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import asyncpg
import psutil

from deploy.local.demo.__main__ import EXAMPLE, read
from deploy.local.demo.story import Story
from deploy.local.installation import Installation
from deploy.local.process import ROOT
from deploy.local.stack import Stack
from shared.runtime.ids import new_id
from shared.runtime.loops import Loop
from shared.runtime.relay import relay
from shared.runtime.settings import RuntimeSettings
from shared.schemas.envelope import encode
from shared.schemas.receipts import ErasureDone

EVENTS = 30_000


def row(what: str, reached: str, to_reach: str) -> None:
    print(f"{what:<58} {reached:>28}   {to_reach}", flush=True)


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def bench_start(stack: Stack, begun: float) -> Installation:
    parts = time.perf_counter() - begun
    installation = stack.installation("round")
    services = timed(installation.start_all)
    row("Kafka, PostgreSQL and mailbox ready", f"{parts:.1f} s", "")
    row("local stack ready, services and all", f"{time.perf_counter() - begun:.1f} s", "<= 15 s")
    row("  of which the four services", f"{services:.1f} s", "")
    return installation


def bench_memory(installation: Installation) -> None:
    for name, one in installation.services.items():
        resident = psutil.Process(one.pid).memory_info().rss / 2**20
        row(f"idle {name}", f"{resident:.0f} MB", "<= 150 MB")


def bench_round(installation: Installation, mailbox_url: str) -> None:
    rows = [dataclasses.replace(one, demo="") if one.demo == "withdraws" else one for one in read(EXAMPLE)]
    story = Story(installation, rows, mailbox_url, lambda _: None)
    asyncio.run(story.tell())
    after_close = sum(seconds for name, seconds in story.stages.items() if name not in {"sign up", "confirm"})
    row(f"{len(rows)} people, close to last mail handed over", f"{after_close:.1f} s", "<= 10 s")
    for name, seconds in story.stages.items():
        row(f"  {name}", f"{seconds:.1f} s", "")


def bench_relay(stack: Stack) -> None:
    with stack.installation("relay", services=["geo"]) as installation:
        row(f"relay, {EVENTS} events", f"{asyncio.run(_relay_rate(installation)):.0f}/s", ">= 3,000/s")


async def _relay_rate(installation: Installation) -> float:
    url = installation.database_url("geo")
    conn = await asyncpg.connect(url)
    now = datetime.now(UTC)
    people = [new_id() for _ in range(EVENTS)]
    said = [ErasureDone(person=one, service="geo") for one in people]
    rows = [("receipts", str(one.person), encode(one, event_id=new_id(), time=now, source="geo", trace=new_id())) for one in said]
    await conn.copy_records_to_table("outbox", records=rows, columns=["topic", "key", "payload"])
    settings = RuntimeSettings(
        database_url=url, kafka_bootstrap=installation.kafka.bootstrap, topic_prefix=installation.topic_prefix
    )
    started = time.perf_counter()
    task = asyncio.create_task(_run(relay(settings)))
    async with asyncio.timeout(120):
        while await conn.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"):
            await asyncio.sleep(0.05)
    rate = EVENTS / (time.perf_counter() - started)
    task.cancel()
    await conn.close()
    return rate


async def _run(loop: Loop) -> None:
    await loop.run()


def main() -> int:
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the start, Python {sys.version.split()[0]}\n")
    begun = time.perf_counter()
    with Stack.start(ROOT / "build" / "bench", durable=True) as stack:
        installation = bench_start(stack, begun)
        bench_memory(installation)
        bench_round(installation, stack.mailbox.http_url)
        installation.stop_all()
        bench_relay(stack)
    return 0


if __name__ == "__main__":
    sys.exit(main())
