"""How many sign-ups a second the public form takes, with a number of clients at once, each as a person: open, fill in, send."""

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp

TOKEN = re.compile(rb'name="form_token" value="([\w-]+)"')
FORM = {
    "role": "newcomer", "place": "71638", "birth_year": "1990", "gender": "f", "wish": "any", "language_1": "ar",
    "level_1": "native", "language_2": "de", "level_2": "little", "hobbies": "cooking", "max_km": "10", "max_age_gap": "",
    "capacity": "1", "party": "", "release_email": "yes", "consent": "yes",
}  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """Rates are per second; latencies in milliseconds."""

    rate: float
    median_ms: float
    p99_ms: float
    failed: int


async def sign_ups(url: str, count: int, clients: int, *, open_first: bool) -> Measured:
    """`open_first`: the form is fetched before each is sent, as a browser does; else only sending is measured."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=clients)) as session:

        async def one() -> bool:
            token = secrets.token_urlsafe(18)
            if open_first:
                async with session.get(url) as page:
                    found = TOKEN.search(await page.read())
                    token = found.group(1).decode() if found else token
            who = {"name": f"Person {token[:6]}", "email": f"{secrets.token_hex(6)}@example.org", "form_token": token}
            async with session.post(url, data=FORM | who, allow_redirects=False) as answer:
                await answer.read()
                return answer.status == 303

        return await measure(one, count, clients)


async def measure(one: Callable[[], Awaitable[bool]], count: int, clients: int) -> Measured:
    took: list[float] = []
    failed = 0
    left = iter(range(count))

    async def client() -> None:
        nonlocal failed
        for _ in left:
            started = time.perf_counter()
            failed += not await one()
            took.append(time.perf_counter() - started)

    begun = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    seconds = time.perf_counter() - begun
    took.sort()
    return Measured(count / seconds, took[len(took) // 2] * 1000, took[int(len(took) * 0.99)] * 1000, failed)
