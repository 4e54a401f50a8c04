"""What stands beside a sender: registration's side of the one call, and a mail server that says what it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request
from fastapi.responses import Response

from services.notification.sender.pace import Pace
from shared.runtime import db

SILENT = "nothing"
"""Said instead of a reply: the connection stays, and no reply comes."""


def quick(pool: db.Pool) -> Pace:
    """One that makes nobody wait."""
    return Pace(pool, 1_000_000, 1_000_000)


class Answers:
    """Registration's side of the one call: what it says of each person, and what it was asked."""

    def __init__(self) -> None:
        self.of: dict[UUID, Any] = {}
        self.asked: list[dict[str, Any]] = []
        self.app = FastAPI()
        self.together = 0
        self.app.post("/internal/recipient")(self._answer)
        self.app.post("/internal/recipients")(self._answers)

    async def _answers(self, request: Request) -> Response:
        """Each answer as it is when it is asked for alone; one with another status than 200 makes all of them fail."""
        questions = (await request.json())["questions"]
        self.together = max(self.together, len(questions))
        answers = [self._told(request, question) for question in questions]
        if failed := next((one for one in answers if one.status_code != 200), None):
            return failed
        bodies = b", ".join(bytes(one.body) for one in answers)
        return Response(b'{"answers": [' + bodies + b"]}", media_type="application/json")

    async def _answer(self, request: Request) -> Response:
        return self._told(request, await request.json())

    def _told(self, request: Request, question: dict[str, Any]) -> Response:
        self.asked.append({**question, "secret": request.headers["authorization"]})
        answer = self.of[UUID(question["person"])]
        if isinstance(answer, int):
            return Response(status_code=answer)
        if isinstance(answer, str):
            return Response(answer, media_type="application/json")
        return Response(answer.model_dump_json().replace("{", '{"answer": "send", ', 1), media_type="application/json")


@asynccontextmanager
async def server_saying(**replies: str) -> AsyncIterator[str]:
    """A mail server with a word of its own for a step: greeting, ehlo, auth, mail, rcpt, data or end."""
    usual = {"greeting": "220 here", "ehlo": "250-here\r\n250 AUTH PLAIN LOGIN", "auth": "235 welcome", "data": "354 go on"}

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        step, said = "greeting", replies | {}
        while True:
            if said.get(step) == SILENT:
                await reader.read()  # until the other side has enough
                return writer.close()
            writer.write(f"{said.get(step, usual.get(step, '250 fine'))}\r\n".encode())
            if step == "data" and "data" not in said:
                await reader.readuntil(b"\r\n.\r\n")
                step = "end"
                continue
            line = await reader.readline()
            if not line:
                return writer.close()
            step = line[:4].decode().strip().lower()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    try:
        yield f"smtp://us:secret@127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
