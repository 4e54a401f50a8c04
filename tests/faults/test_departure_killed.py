"""Somebody withdraws or is erased while a service is killed on the way: it is done everywhere, and said once (P5, P12)."""

import asyncio
from collections import Counter

import httpx
import pytest

from deploy.local.service import Service
from deploy.local.stack import Stack
from shared.schemas.people_file import Row
from tests.conftest import QUICK
from tests.faults.breaking import caught_up, dies, doomed, start
from tests.rounds import Round, town, until

pytestmark = pytest.mark.timeout(400)

STEPS = (
    ("withdraw", "W1", "registration"),
    ("withdraw", "W2", "registration"),
    ("erase", "W3", "matching"),
    ("erase", "W4", "notification"),
)
FOUR = ["geo", "matching", "notification", "registration"]


async def _goes(round_: Round, action: str, row: Row) -> None:
    """Presses the button until it is answered: with thanks, or that there is no such link any more."""
    link = f"{round_.links[row.id]['me']}/{action}"

    async def answered() -> bool:
        try:
            return (await round_.public.post(link)).status_code in {303, 404}
        except httpx.TransportError:
            return False

    await until("the button is answered", answered)


async def _goes_while_killed(round_: Round, action: str, row: Row, point: str, service: Service) -> None:
    await doomed(service, point)
    going = asyncio.create_task(_goes(round_, action, row))
    await dies(service)
    await start(service)
    await going


async def _partner_of(round_: Round, row: Row) -> str:
    (pair,) = await round_.fetch("matching", "SELECT local FROM pairs WHERE newcomer = $1", round_.person_id(row))
    return str(pair["local"])


async def test_whoever_goes_while_a_service_is_killed_is_gone_everywhere_and_their_partner_hears_it_once(stack: Stack) -> None:
    with stack.installation("departing", env=QUICK) as installation:
        await asyncio.to_thread(installation.start_all)
        async with Round(installation, stack.mailbox.http_url) as round_:
            goers = dict(zip(STEPS, town(len(STEPS), 0), strict=True))
            await _told(round_, [*goers.values(), *town(0, len(STEPS))])
            partners = [await _partner_of(round_, row) for row in goers.values()]
            mails = {row.id: len(await round_.mails(row)) for row in goers.values()}

            for (action, point, name), row in goers.items():
                await _goes_while_killed(round_, action, row, point, installation.services[name])
            await caught_up(installation)

            outcomes = await round_.outcomes()
            assert {outcomes[round_.person_id(row)] for row in goers.values()} == {("withdrawn", None)}
            assert {row.id: len(await round_.mails(row)) for row in goers.values()} == mails
            told = await round_.fetch("notification", "SELECT person_id FROM messages WHERE kind = 'pair_ended'")
            assert Counter(str(row["person_id"]) for row in told) == Counter(partners)
            erased = [round_.person_id(row) for (action, _, _), row in goers.items() if action == "erase"]
            receipts = [await round_.command("receipts", round_.region, str(person)) for person in erased]
            assert receipts == [FOUR] * len(erased)


async def _told(round_: Round, rows: list[Row]) -> None:
    await round_.signed_up(rows)
    await round_.close()
    await round_.solved()
    await round_.publish()
    await round_.told()
