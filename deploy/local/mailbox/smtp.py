"""The SMTP side: takes mails into the box, or misbehaves as told."""

import asyncio
import logging

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.mailbox.box import Box

LARGEST_MAIL = 10_000_000


class Handler:
    """The hooks aiosmtpd calls; each returns the reply to the sender."""

    def __init__(self, box: Box) -> None:
        self.box = box

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        accept = self.box.behaviour.towards([address])
        if accept == "defer":
            return "451 4.3.0 Try again later"
        if accept == "reject":
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        behaviour, changed = self.box.behaviour, self.box.behaviour_changed
        accept = behaviour.towards(envelope.rcpt_tos)
        if accept not in {"hang-after-data", "drop-after-data"} or behaviour.keep:
            self.box.add(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.original_content or b"")
        if accept == "drop-after-data" and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()  # the lost connection cancels this coroutine
        if accept in {"hang-after-data", "drop-after-data"}:
            await changed.wait()
        return "250 OK: kept"


async def serve_smtp(box: Box, port: int) -> asyncio.Server:
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    loop = asyncio.get_running_loop()

    def connection() -> SMTP:
        return SMTP(
            Handler(box),
            hostname="localhost",
            ident="mailbox",
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            timeout=3600,
            loop=loop,
        )

    return await loop.create_server(connection, "127.0.0.1", port)
