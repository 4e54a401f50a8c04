"""Runs one service until it is told to stop: HTTP and loops in one process, ended in bounded time, with an honest exit code."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
import uvloop
from fastapi import FastAPI

from shared.runtime import logs
from shared.runtime.settings import RuntimeSettings

log = structlog.get_logger()

STOP_SECONDS = 12
LINGER_SECONDS = 0.2
CLOSE = (b"connection", b"close")


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: the process has one owner of signals, and it is `run`."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run(name: str, app: FastAPI, settings: RuntimeSettings) -> None:
    """Serves until SIGTERM or SIGINT, or until a loop has died. Never returns: exits 0, or 1 after a failure."""
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
    _stop_on_signals(server)
    serving = asyncio.create_task(server.serve())
    log.info("started", address=f"{settings.http_host}:{settings.http_port}")
    await asyncio.wait({serving})
    failed = serving.exception() is not None or not server.started or app.state.loops.failed
    log.info("stopped", status="failed" if failed else "clean")
    return 1 if failed else 0


def _stop_on_signals(server: uvicorn.Server) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        # Whoever keeps a connection is told with their next answer that it ends: closed while they send, it would be an error.
        server.config.encoded_headers.append(CLOSE)
        server.server_state.default_headers = [*server.server_state.default_headers, CLOSE]
        loop.call_later(LINGER_SECONDS, setattr, server, "should_exit", True)
        loop.call_later(STOP_SECONDS, os._exit, 1)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
