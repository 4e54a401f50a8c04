"""Runs one service until it is told to stop: HTTP and loops in one process, ended in bounded time, with an honest exit code."""

import asyncio
import gc
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
import uvloop
from fastapi import FastAPI

from shared.runtime import logs
from shared.runtime.settings import RuntimeSettings

log = structlog.get_logger()

STOP_SECONDS = 18
READS = 5
CLOSE = (b"connection", b"close")


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling (the process has one owner of signals, `run`), which cuts nobody off.

    A connection that is closed while its client sends the next request leaves that request without an answer. So each answer
    says that the connection ends, and whoever keeps one has `linger` seconds to use it or to let go of it.
    """

    linger = 0.0
    _ends: float | None = None

    def stop(self) -> None:
        self.config.encoded_headers.append(CLOSE)
        self.server_state.default_headers = [*self.server_state.default_headers, CLOSE]
        self._ends = time.monotonic() + self.linger

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def on_tick(self, counter: int) -> bool:
        if self._ends is not None and (not self.server_state.connections or time.monotonic() >= self._ends):
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """What has arrived by now is read first: a connection closed with a request unread is reset."""
        for _ in range(READS):
            await asyncio.sleep(0)
        await super().shutdown(sockets)


def run(name: str, app: FastAPI, settings: RuntimeSettings) -> None:
    """Serves until SIGTERM or SIGINT, or until a loop has died. Never returns: exits 0, or 1 after a failure."""
    # All modules and texts stay to the end: they are looked through for garbage no more.
    gc.freeze()
    gc.enable()
    logs.configure(name, settings.log_level)
    code = uvloop.run(_serve(app, settings))
    # What is left may hang (a client library waiting for a broker that is away); nothing of it matters any more.
    os._exit(code)


async def _serve(app: FastAPI, settings: RuntimeSettings) -> int:
    server = _Server(
        uvicorn.Config(
            app,
            host=settings.http_host,
            port=settings.http_port,
            log_config=None,
            access_log=False,
            server_header=False,
            # Whoever needs to know the client decides whose word about it counts.
            proxy_headers=False,
            # Longer than clients keep a connection (httpx: 5 s), else both may end it at the same moment.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=5,
        )
    )
    server.linger = settings.linger_seconds
    _stop_on_signals(server)
    serving = asyncio.create_task(server.serve())
    log.info("started", address=f"{settings.http_host}:{settings.http_port}")
    await asyncio.wait({serving})
    failed = serving.exception() is not None or not server.started or app.state.loops.failed
    log.info("stopped", status="failed" if failed else "clean")
    return 1 if failed else 0


def _stop_on_signals(server: _Server) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.stop()
        loop.call_later(STOP_SECONDS, os._exit, 1)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
