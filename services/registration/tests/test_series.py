"""Whatever strangers send, registration never shows more series than it knows of."""

import asyncio
from uuid import UUID

import httpx

from services.registration.consumer import SUBSCRIPTION
from services.registration.measuring import measure
from services.registration.tests.front import Front
from services.registration.tests.made import form, opened
from shared.runtime.inbox import Record, handle_batch
from shared.runtime.tests.events import value
from shared.runtime.tests.series import odd, of_odd, series
from shared.schemas.messages import Sent
from shared.schemas.receipts import ErasureDone
from shared.schemas.topics import MESSAGES, RECEIPTS

REQUESTS, POSTS, EVENTS, TOGETHER = 3000, 600, 1400, 50
ALL_KNOWN = 60
"""More than all methods, routes, answers and faults that these can be counted with; a hundredth of what is sent."""


async def ask(front: Front, number: int) -> None:
    """Paths, languages, regions, methods, names of the host and links that nobody has."""
    word, host = odd(number), {"Host": f"{odd(number)}.example"}
    requests = (
        ("GET", f"/{word}/ludwigsburg"),
        ("GET", f"/de/{word}"),
        (word.replace("-", "").upper(), "/de/ludwigsburg"),
        ("GET", f"/de/ludwigsburg/me/{word}"),
        ("GET", f"/coordinator/rounds/{word}/{word}"),
        ("HEAD", f"/{word}/{word}/{word}?{word}={word}"),
    )
    method, path = requests[number % len(requests)]
    await front.client.request(method, path, headers=host)


async def post(front: Front, number: int) -> None:
    """Forms with a role, a language and codes that nobody has."""
    word = odd(number)
    fields = form(role=word, language_1=word, via=word, go=word, party=word, messenger_kind=word, gender=word)
    await front.client.post(("/de/ludwigsburg", f"/{word}/ludwigsburg", "/uk/ludwigsburg")[number % 3], data=fields)


def record(number: int) -> Record:
    """Languages that nobody speaks, events that nobody knows, and events of another topic."""
    sent = Sent(message=UUID(int=number), person=UUID(int=number), kind="link", language=f"de-zykanari-x{number}"[:20])
    contents = (
        value(sent),
        value(sent).replace(b"Sent.v1", f"Zykanari{number}.v1".encode()),
        value(sent).replace(b'"link"', f'"{odd(number)}"'.encode()),
        value(ErasureDone(person=UUID(int=number), service="geo")).replace(b'"geo"', f'"{odd(number)}"'.encode()),
    )
    topic = RECEIPTS if number % 4 == 3 else MESSAGES
    return Record(topic.name, 0, number, odd(number).encode(), contents[number % 4])


async def test_5000_odd_requests_and_events_make_no_series_of_their_own(front: Front) -> None:
    await opened(front.pool)
    before = series()
    for start in range(0, REQUESTS, TOGETHER):
        await asyncio.gather(*(ask(front, number) for number in range(start, start + TOGETHER)))
    for start in range(0, POSTS, TOGETHER):
        await asyncio.gather(*(post(front, number) for number in range(start, start + TOGETHER)))
    for start in range(0, EVENTS, 200):
        await handle_batch(front.pool, SUBSCRIPTION, [record(number) for number in range(start, start + 200)])
    await measure(front.pool)
    grown = series() - before
    assert of_odd(grown) == []
    # A request's histogram is one series for each of its limits.
    assert len({one.partition("le=")[0] for one in grown}) <= ALL_KNOWN


async def test_the_requests_are_odd(front: Front) -> None:
    """Else nothing was tried: the answers are those to strangers."""
    await opened(front.pool)
    odd_host = {"Host": "zykanari.example"}
    answers = [await front.client.get(path, headers=odd_host) for path in (f"/{odd(1)}/ludwigsburg", f"/de/{odd(1)}")]
    assert {answer.status_code for answer in answers} == {404}
    assert isinstance(answers[0], httpx.Response)
    assert (await front.client.request("ZYKANARI", "/de/ludwigsburg")).status_code == 405
