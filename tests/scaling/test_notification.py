"""Two processes of notification, then three, and one is killed, while hundreds wait for their mail (P4)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial

import pytest

from deploy.local.stack import Stack
from tests.conftest import QUICK
from tests.faults.breaking import kill, start, value
from tests.rounds import Round, person, until

pytestmark = pytest.mark.timeout(300)
PEOPLE, AT_A_TIME = 150, 25
A_SECOND, SENDERS, PROCESSES = 10, 8, 3
PACE = {"MYBUDDY_MAILS_PER_MINUTE": str(60 * A_SECOND), "MYBUDDY_SENDERS": str(SENDERS)}
# Two blocks of a second's worth may be had at once, and each process may hold one.
AT_ONCE = (2 + PROCESSES) * A_SECOND


@pytest.fixture(scope="module")
async def front_door(stack: Stack) -> AsyncIterator[Round]:
    with stack.installation("many_mails", services=("registration", "notification"), env={**QUICK, **PACE}) as made:
        await start(made.services["registration"])
        async with Round(made, stack.mailbox.http_url) as round_:
            await round_.open()
            yield round_


async def test_with_two_and_three_processes_and_one_killed_everyone_has_one_mail_at_the_pace_of_one(
    front_door: Round, stack: Stack
) -> None:
    made, rows = front_door.installation, [person(n) for n in range(PEOPLE)]
    first, second, third = made.services["notification"], made.replica("notification"), made.replica("notification")
    for begin in range(0, PEOPLE, AT_A_TIME):
        await front_door.sign_up(rows[begin : begin + AT_A_TIME])
    await asyncio.gather(start(first), start(second))
    coming = asyncio.create_task(start(third))
    await until("half of the mails are out", partial(_are, front_door, PEOPLE // 2, "state = 'sent'"))
    await kill(first)
    await coming
    await until("every mail is out", partial(_are, front_door, PEOPLE, "state = 'sent'"))

    addresses = {front_door.address(row) for row in rows}
    mails = [mail for mail in stack.mailbox.mails() if mail["to"] in addresses]
    twice = [to for to, count in Counter(mail["to"] for mail in mails).items() if count > 1]
    assert {mail["to"] for mail in mails} == addresses
    assert len(mails) - PEOPLE == len(twice) <= SENDERS, "only what the killed process had in hand (N3, N4)"
    assert len({mail["message_id"] for mail in mails}) == PEOPLE
    moments = sorted(datetime.fromisoformat(mail["received"]) for mail in mails)
    assert (moments[-1] - moments[0]).total_seconds() >= (len(mails) - AT_ONCE) / A_SECOND


async def _are(round_: Round, count: int, which: str) -> bool:
    return await _count(round_, which) >= count


async def _count(round_: Round, which: str) -> int:
    return int(await value(round_.installation, "notification", f"SELECT count(*) FROM messages WHERE {which}"))
