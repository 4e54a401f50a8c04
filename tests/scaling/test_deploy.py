"""A deploy is invisible (P21): every service is replaced while people sign up, look at pages and are sent mails."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial

import httpx
import pytest

from deploy.local.databases import SERVICES
from deploy.local.service import Service
from deploy.local.stack import Stack
from shared.schemas.people_file import Row
from tests.conftest import QUICK
from tests.faults.breaking import caught_up, fetch, start, value
from tests.rounds import Round, person, town, until
from tests.scaling.balancer import Balancer
from tests.scaling.beside import places_of, undisturbed
from tests.scaling.crowd import Crowd
from tests.scaling.front import Front

pytestmark = pytest.mark.timeout(300)
A_SECOND = 4.0
SLOW_SECONDS = 1.0
DOMAIN = "deploy.example.org"
# Another setting of all processes, as a release or an office may bring it.
UPGRADED = {"MYBUDDY_MAILS_PER_DAY": "90", "MYBUDDY_LOG_LEVEL": "DEBUG"}


@pytest.fixture(scope="module")
async def front(stack: Stack) -> AsyncIterator[Front]:
    balancers = {"registration": Balancer(), "geo": Balancer()}
    env = {
        "MYBUDDY_LINGER_SECONDS": "6",
        "MYBUDDY_MAILS_PER_MINUTE_TO_DOMAIN": "1000",  # all of this crowd have one mail server
        "MYBUDDY_PUBLIC_URL": balancers["registration"].url,
        "MYBUDDY_REGISTRATION_URL": balancers["registration"].url,
        "MYBUDDY_GEO_URL": balancers["geo"].url,
    }
    async with AsyncExitStack() as opened:
        for one in balancers.values():
            await opened.enter_async_context(one.running())
        made = opened.enter_context(stack.installation("deployed", env={**QUICK, **env}))
        front = Front(made, balancers)
        await front.begin()
        yield front


async def test_every_service_is_replaced_under_load_and_nobody_notices(front: Front, stack: Stack) -> None:
    made = front.installation
    async with Round(made, stack.mailbox.http_url) as round_:
        await round_.open()
    crowd = Crowd(front.site, stack.mailbox.http_url, DOMAIN, A_SECOND)
    async with crowd.coming():
        for name in SERVICES:
            for old in front.processes(name):
                await front.replace(old)
    await caught_up(made)

    assert crowd.wrong == []
    assert len(crowd.accepted) == len(crowd.confirmed) > 50
    assert await value(made, "registration", "SELECT count(*) FROM people WHERE confirmed_at IS NOT NULL") == len(crowd.accepted)
    assert await value(made, "matching", "SELECT count(*) FROM participants") == len(crowd.accepted)
    mails = Counter((mail["to"], mail["subject"]) for mail in stack.mailbox.mails() if mail["to"].endswith(DOMAIN))
    assert {to for to, _ in mails} == set(crowd.accepted)
    assert [mail for mail, count in mails.items() if count > 1] == []
    states = await fetch(made, "notification", "SELECT kind, state, count(*) FROM messages GROUP BY 1, 2")
    assert len(mails) == 2 * len(crowd.accepted), states  # confirm, welcome


async def test_a_mail_in_hand_is_finished_before_its_process_ends(front: Front, stack: Stack) -> None:
    made, row = front.installation, person(9001)
    old = made.services["notification"]
    async with Round(made, stack.mailbox.http_url) as round_:
        await round_.open()
        stack.mailbox.behave("hang-after-data", round_.address(row))
        try:
            await round_.sign_up([row])
            await until("the mail is at the server", partial(round_.mails, row))
            replacing = asyncio.create_task(front.replace(old))
            await until("its process ends", partial(_is_closed, old))
            await asyncio.sleep(SLOW_SECONDS)
        finally:
            stack.mailbox.behave()
        await replacing
        await caught_up(made)
        assert len(await round_.mails(row)) == 1


async def test_one_installation_stopped_scaled_and_upgraded_is_nothing_to_another_on_the_same_kafka(
    front: Front, round_: Round, stack: Stack
) -> None:
    """Two rounds at the same time: one in peace, the other of an office that stops everything and starts more and other."""
    others, rows = town(6, 4), [person(n, "local" if n % 2 else "newcomer", postcode="30159") for n in range(6)]
    async with Round(front.installation, stack.mailbox.http_url, "hannover") as disturbed, undisturbed(round_.installation):
        await asyncio.gather(_told(round_, others), _disturbed(front, disturbed, rows))
        assert sorted(kind for kind, _ in (await round_.outcomes()).values()) == ["matched"] * 8 + ["unmatched"] * 2
        assert [kind for kind, _ in (await disturbed.outcomes()).values()] == ["matched"] * 6
        for mine, theirs, people in ((round_, disturbed, rows), (disturbed, round_, others)):
            known = [str(theirs.id), *(str(theirs.person_id(row)) for row in people)]
            assert await places_of(mine.installation, known) == []
            assert await places_of(theirs.installation, known) != []
        for told, people in ((round_, others), (disturbed, rows)):
            assert {len(await told.results(row)) for row in people} == {1}


async def _told(round_: Round, rows: list[Row]) -> None:
    await round_.signed_up(rows)
    await _ended(round_)


async def _ended(round_: Round) -> None:
    await round_.close()
    await round_.solved()
    await round_.publish()
    await round_.told()


async def _disturbed(front: Front, round_: Round, rows: list[Row]) -> None:
    made = front.installation
    await round_.signed_up(rows)
    await asyncio.to_thread(made.stop_all)
    for service in made.services.values():
        await asyncio.to_thread(service.start, UPGRADED, wait=False)
    more = [made.replica(name) for name in ("geo", "notification")]
    await asyncio.gather(*(start(one, **UPGRADED) for one in more))
    await _ended(round_)


async def _is_closed(service: Service) -> bool:
    """It takes no connections any more."""
    async with httpx.AsyncClient() as client:
        try:
            await client.get(f"{service.url}/healthz")
        except httpx.TransportError:
            return True
    return False
