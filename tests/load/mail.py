"""`make bench-mail`: how many mails one process makes and hands over to a mailbox. Says nothing of right or wrong.

PostgreSQL writes every commit to disk, the mailbox stands on the same machine, and registration's answers come from a process
of their own.
"""

import argparse
import asyncio
import multiprocessing
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
import uvicorn
import uvloop
from fastapi import FastAPI, Request

from deploy.local.databases import InstallationDatabases
from deploy.local.ports import free_port
from deploy.local.process import ROOT
from deploy.local.stack import Stack
from services.notification import store
from services.notification.sender.composing import compose
from services.notification.sender.pace import Pace
from services.notification.sender.recipient import Registration
from services.notification.sender.sending import Sender
from services.notification.sender.smtp import MailServer
from services.notification.tests.day import START
from services.notification.tests.mails import PAGES, ROUND, message, pair, partner, recipient
from shared.runtime import db
from shared.web.languages import LANGUAGES

FEW, MANY = 1_000, 10_000
SENDERS = 8
PER_MINUTE = 12_000
"""In all and to the one domain that all of them are of: as an office whose mail server takes as much would set it."""


def row(what: str, reached: str, to_reach: str) -> None:
    print(f"{what:<58} {reached:>28}   {to_reach}", flush=True)


def answering() -> FastAPI:
    """Registration's side: everybody is there, each in one of the languages, each with a partner."""
    app = FastAPI()
    languages = list(LANGUAGES)

    @app.post("/internal/recipient")
    async def answer(request: Request) -> dict[str, Any]:
        return about(await request.json())

    @app.post("/internal/recipients")
    async def several(request: Request) -> dict[str, Any]:
        return {"answers": [about(question) for question in (await request.json())["questions"]]}

    def about(question: dict[str, Any]) -> dict[str, Any]:
        person = UUID(question["person"])
        partners = [partner(UUID(one)) for one in question["partners"]]
        language = languages[person.int % len(languages)]
        to = recipient(language, email=f"{person.hex}@example.org", partners=partners)
        return {"answer": "send", **to.model_dump(mode="json")}

    return app


def serve(port: int) -> None:
    uvicorn.run(answering(), port=port, log_level="warning")


def bench_composing(seconds: float = 3.0) -> None:
    """The part that only the processor does."""
    made, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        for language in LANGUAGES:
            other = uuid4()
            compose(PAGES, message("introduced", pairs=[pair(other)]), recipient(language, partners=[partner(other)]))
            made += 1
    row("mails rendered and read back, no more", f"{made / (time.perf_counter() - started):.0f}/s", "")


@asynccontextmanager
async def registration() -> AsyncIterator[httpx.AsyncClient]:
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(port,), daemon=True)
    process.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5) as client:
            async with asyncio.timeout(30):
                while not await _answers(client):
                    await asyncio.sleep(0.05)
            yield client
    finally:
        process.terminate()


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return bool(await client.get("/"))
    except httpx.TransportError:
        return False


async def queue(pool: db.Pool, count: int) -> None:
    async with db.transaction(pool) as conn:
        for _ in range(count):
            await store.queue(conn, uuid4(), uuid4(), ROUND, "introduced", 1, {"pairs": [pair(uuid4())]})


async def told(pool: db.Pool, smtp_url: str, count: int) -> float:
    """Seconds from the first to the last of `count` mails handed over."""
    async with registration() as client:
        asked, server = Registration(client, "x"), MailServer(smtp_url)
        sender = Sender(pool, asked, server, PAGES, Pace(pool, PER_MINUTE, PER_MINUTE))
        await queue(pool, count)
        started, own = time.perf_counter(), time.process_time()
        await asyncio.gather(*(_work(sender) for _ in range(SENDERS)))
        seconds, own = time.perf_counter() - started, time.process_time() - own
        await server.close_idle()
    sent = await pool.fetchval("SELECT count(*) FROM messages WHERE state = 'sent'")
    row(f"{count} people told, {SENDERS} senders of one process", f"{seconds:.1f} s, {sent} sent", "")
    row("  of which the process itself computes", f"{1000 * own / count:.1f} ms a mail", "")
    return seconds


async def _work(sender: Sender) -> None:
    while await sender.send_next():
        pass


async def bench_sending(databases: InstallationDatabases, smtp_url: str, count: int) -> None:
    async with db.open_pool(databases.url("notification", "app"), size=SENDERS + 5) as pool:
        seconds = await told(pool, smtp_url, count)
    rate = count / seconds
    row("mails asked for, rendered, handed over and recorded", f"{rate:.0f}/s", ">= 100/s")
    how = "measured" if count >= MANY else f"as {count} were"
    row(f"{MANY} people, {how}", f"{MANY / rate / 60:.1f} min", "<= 5 min")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help=f"{MANY} people instead of {FEW}")
    count = MANY if parser.parse_args().full else FEW
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the start, Python {sys.version.split()[0]}\n")
    bench_composing()
    with Stack.start(ROOT / "build" / "bench", durable=True, parts=("postgres", "mailbox")) as stack:
        databases = stack.databases.create("mail", ["notification"])
        databases.move_clock(START)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:  # as the services run
            loop.run(bench_sending(databases, stack.mailbox.smtp_url, count))
    return 0


if __name__ == "__main__":
    sys.exit(main())
