"""`python -m deploy.local.mailbox --smtp-port N --http-port M [--http-host H] [--file F]`: runs until it is told to end."""

import argparse
import asyncio
from pathlib import Path

import uvicorn

from deploy.local.mailbox.box import Box
from deploy.local.mailbox.smtp import serve_smtp
from deploy.local.mailbox.web import create_app


async def run(smtp_port: int, http_host: str, http_port: int, file: Path | None) -> None:
    box = Box(file)
    smtp = await serve_smtp(box, smtp_port)
    config = uvicorn.Config(create_app(box), host=http_host, port=http_port, log_level="warning", timeout_graceful_shutdown=1)
    await uvicorn.Server(config).serve()  # ends on SIGTERM and SIGINT
    smtp.close()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--smtp-port", type=int, required=True)
    arguments.add_argument("--http-port", type=int, required=True)
    arguments.add_argument("--http-host", default="127.0.0.1", help="the address it listens on")
    arguments.add_argument("--file", type=Path, help="where the mails are kept over restarts")
    given = arguments.parse_args()
    asyncio.run(run(given.smtp_port, given.http_host, given.http_port, given.file))


if __name__ == "__main__":
    main()
