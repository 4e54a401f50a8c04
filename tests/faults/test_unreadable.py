"""What no service can read on each topic: a dead letter with a reason in each of its readers, and the next event is handled."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from uuid import UUID, uuid4

import pytest

from deploy.local.installation import Installation
from deploy.local.stack import Stack
from shared.schemas.answers import PairEnded
from shared.schemas.envelope import MAX_BYTES, Event
from shared.schemas.messages import Bounced
from shared.schemas.pairings import OutcomeAnnounced, RunFinished
from shared.schemas.participants import Left
from shared.schemas.receipts import ErasureDone
from shared.schemas.rounds import RoundEnded
from shared.schemas.topics import ANSWERS, LOCATED, MESSAGES, PAIRINGS, PARTICIPANTS, RECEIPTS, ROUNDS, Topic
from tests.conftest import QUICK
from tests.faults import topics
from tests.faults.breaking import fetch
from tests.faults.people import located
from tests.faults.topics import Said, told
from tests.rounds import until

PARTITION = 0
HANDLED_SECONDS = 20.0  # for the first values of services that have just started, on a busy machine


@pytest.fixture(scope="module")
def running(stack: Stack) -> Iterator[Installation]:
    """All services, for these tests alone: what is written here stays on the topics."""
    with stack.installation("unreadable", env=QUICK) as made:
        made.start_all()
        yield made


def _nobody() -> Left:
    return Left(person=uuid4(), version=1, round=uuid4())


READABLE: list[tuple[Topic, dict[str, Event]]] = [
    (PARTICIPANTS, {"geo": _nobody(), "notification": _nobody()}),
    (ROUNDS, {"matching": RoundEnded(round=uuid4()), "notification": RoundEnded(round=uuid4())}),
    (LOCATED, {"matching": _nobody()}),
    (
        PAIRINGS,
        {
            "registration": RunFinished(round=uuid4(), closing=1, run=uuid4(), status="optimal", pairs=0, unmatched=0, gone=0),
            "notification": OutcomeAnnounced(person=uuid4(), round=uuid4(), revision=1, outcome="withdrawn"),
        },
    ),
    (ANSWERS, {"matching": PairEnded(pair=uuid4(), person=uuid4(), reason="other")}),
    (MESSAGES, {"registration": Bounced(message=uuid4(), person=uuid4(), kind="confirm", language="de")}),
    (RECEIPTS, {"registration": ErasureDone(person=uuid4(), service="geo")}),
]


def _envelope(**other: object) -> bytes:
    whole = {"id": str(uuid4()), "type": "Left.v1", "time": "2021-10-16T10:00:00Z", "source": "registration"}
    return json.dumps({**whole, "trace": str(uuid4()), "key": str(uuid4()), "data": {}, **other}).encode()


UNREADABLE: list[tuple[bytes | None, str]] = [
    (b"hello", "not JSON"),
    (b"\xff\xfe{}", "not UTF-8"),
    (None, "null value"),
    (b'"' + b"x" * 2_000_000 + b'"', "too large"),
    (b'{"id": NaN}', "not a JSON number"),
    (b"[" * 10_000 + b"]" * 10_000, "nested too deep"),
    (b'{"id": 1, "id": 2}', "a key stands twice"),
    (b"{}", "envelope: id missing"),
    (_envelope(type="RoundOpened.v9"), "unknown type or version"),
    (_envelope(data=float("inf")), "not a JSON number"),
]


@pytest.mark.parametrize(("topic", "readable"), READABLE, ids=lambda value: value.name if isinstance(value, Topic) else "")
async def test_what_cannot_be_read_is_kept_with_a_reason_and_the_next_event_is_handled(
    running: Installation, topic: Topic, readable: dict[str, Event]
) -> None:
    bad = [Said(topic.name, PARTITION, -1, b"somebody", value) for value, _ in UNREADABLE]
    good = {service: replace(told(event, topic.producers[0]), partition=PARTITION) for service, event in readable.items()}
    await topics.repeat(running, [*bad, *good.values()])

    assert set(readable) == set(topic.consumers)
    for service, event in good.items():
        await until(f"{service} handled the next event", partial(_handled, running, service, event), HANDLED_SECONDS)
        rows = await fetch(
            running,
            service,
            'SELECT value, reason FROM dead_letters WHERE topic = $1 ORDER BY "offset"',
            topic.name,
        )
        assert [row["reason"] for row in rows] == [reason for _, reason in UNREADABLE]
        assert [row["value"] for row in rows] == [value and value[:MAX_BYTES] for value, _ in UNREADABLE]


async def test_what_the_database_would_refuse_for_ever_is_kept_with_a_reason_and_the_next_event_is_handled(
    running: Installation,
) -> None:
    huge = located(uuid4(), 1)
    whole = huge.envelope
    whole["data"]["version"] = 2**40
    good = replace(told(_nobody(), "geo"), partition=PARTITION)
    await topics.repeat(running, [replace(huge, partition=PARTITION, value=json.dumps(whole).encode()), good])

    await until("the next event is handled", lambda: _handled(running, "matching", good), HANDLED_SECONDS)
    rows = await fetch(running, "matching", "SELECT reason FROM dead_letters WHERE key = $1", whole["key"].encode())
    assert [row["reason"] for row in rows] == ["refused by the database: DataError"]


async def _handled(running: Installation, service: str, said: Said) -> bool:
    query = "SELECT FROM inbox WHERE consumer = $1 AND event_id = $2"
    return bool(await fetch(running, service, query, service, UUID(said.envelope["id"])))
