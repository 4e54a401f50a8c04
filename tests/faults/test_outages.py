"""Kafka, the database or geo away for a while: it costs time, not data, and people are told so in their language (P10)."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from deploy.local.stack import Stack
from shared.schemas.topics import PARTICIPANTS
from tests.conftest import QUICK
from tests.faults import topics
from tests.faults.breaking import fetch, insist, start, value
from tests.rounds import Round, person, until

pytestmark = pytest.mark.timeout(300)
AWAY_SECONDS, BACK_SECONDS, ANSWER_SECONDS = 10.0, 30.0, 3.0


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Parts that nobody else uses, to be stopped and frozen."""
    with Stack.start(tmp_path_factory.mktemp("outages"), provider="local") as started:
        yield started


@pytest.fixture(scope="module")
async def door(own_stack: Stack) -> AsyncIterator[Round]:
    """An open round's sign-up and mails; geo is not running."""
    with own_stack.installation("outages", env=QUICK) as made:
        await asyncio.gather(start(made.services["registration"]), start(made.services["notification"]))
        async with Round(made, own_stack.mailbox.http_url) as round_:
            await round_.open()
            yield round_


async def test_sign_up_goes_on_while_kafka_is_away_and_everything_drains_in_order_when_it_is_back(
    door: Round, own_stack: Stack
) -> None:
    kafka = own_stack.kafka
    assert isinstance(kafka, Kafka)
    await until("nothing waits", lambda: _backlog_is(door, 0))
    rows = [person(number) for number in range(40)]
    await asyncio.to_thread(kafka.kill)
    end = time.monotonic() + AWAY_SECONDS
    for begin in range(0, len(rows), 10):
        await door.sign_up(rows[begin : begin + 10])
    assert await _backlog_is(door, len(rows))

    await until("ten seconds are over", lambda: _over(end))
    assert await _backlog_is(door, len(rows))
    await asyncio.to_thread(kafka.start)
    await until("all is said", lambda: _backlog_is(door, 0), BACK_SECONDS)
    await until("all is mailed", lambda: _mailed(door, len(rows)), BACK_SECONDS)

    written = await fetch(
        door.installation, "registration", "SELECT payload FROM outbox WHERE topic = 'participants' ORDER BY id"
    )
    order = {row["payload"]: number for number, row in enumerate(written)}
    places: dict[int, list[int]] = defaultdict(list)
    for one in await topics.read(door.installation, PARTICIPANTS):
        if (place := order[one.value or b""]) not in places[one.partition]:
            places[one.partition].append(place)
    assert sorted(place for found in places.values() for place in found) == sorted(order.values())
    assert all(found == sorted(found) for found in places.values())


@pytest.mark.parametrize(("how", "number"), [("frozen", 100), ("killed", 101)])
async def test_while_its_database_is_away_registration_says_so_in_time_and_in_the_readers_language(
    door: Round, own_stack: Stack, how: str, number: int
) -> None:
    server, row = own_stack.postgres, person(number, language="ar")
    assert isinstance(server, Postgres)
    await asyncio.to_thread(server.freeze if how == "frozen" else server.kill)
    try:
        started = time.monotonic()
        answer = await door.post(row)
        took = time.monotonic() - started
    finally:
        await asyncio.to_thread(server.thaw if how == "frozen" else server.start)

    assert answer.status_code == 503
    assert took < ANSWER_SECONDS
    assert answer.headers["retry-after"].isdecimal()
    assert 'lang="ar"' in answer.text
    await insist(door, [row], BACK_SECONDS)
    for query in ("SELECT count(*) FROM people WHERE id = $1", "SELECT count(*) FROM outbox WHERE key::uuid = $1"):
        assert await value(door.installation, "registration", query, door.person_id(row)) == 1


async def test_while_geo_is_away_a_postcode_is_taken_and_a_name_becomes_a_question_until_geo_is_back(door: Round) -> None:
    by_code, by_name = person(200), person(201, postcode="", place="Freiberg am Neckar")
    await insist(door, [by_code, by_name], BACK_SECONDS)
    rows = await fetch(
        door.installation,
        "registration",
        "SELECT postcode, place_text FROM people WHERE id = ANY($1) ORDER BY postcode",
        [door.person_id(by_code), door.person_id(by_name)],
    )
    assert [tuple(row) for row in rows] == [("", "Freiberg am Neckar"), ("71638", "")]
    await start(door.installation.services["geo"])
    await until("geo to be asked once more", lambda: _settled(door), 60)


async def _settled(door: Round) -> bool:
    query = "SELECT place_id FROM people WHERE id = $1"
    by_name = await value(door.installation, "registration", query, door.person_id(person(201)))
    left = await value(door.installation, "registration", "SELECT count(*) FROM people WHERE place_unseen")
    return bool((by_name, left) == ("de-71691-freiberg-am-neckar", 0))


async def _backlog_is(door: Round, count: int) -> bool:
    query = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
    return bool(await value(door.installation, "registration", query) == count)


async def _over(end: float) -> bool:
    return time.monotonic() > end


async def _mailed(door: Round, count: int) -> bool:
    query = "SELECT count(*) FROM messages WHERE kind = 'confirm' AND state = 'sent'"
    return bool(await value(door.installation, "notification", query) >= count)
