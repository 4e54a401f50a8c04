"""Topics sent again, and offsets lost: nothing changes and nobody is told anything twice (P6, P7)."""

import asyncio
import random

from tests.faults import topics
from tests.faults.breaking import caught_up, dead_letters, digests
from tests.faults.people import everyone
from tests.rounds import Round


async def test_every_event_sent_again_in_any_order_changes_nothing(calm_round: Round) -> None:
    installation = calm_round.installation
    before, mails = await digests(installation), await _mails(calm_round)
    records = await topics.read(installation)
    random.Random(1).shuffle(records)

    await topics.repeat(installation, records)
    await caught_up(installation)

    assert await digests(installation) == before
    assert await _mails(calm_round) == mails
    assert await dead_letters(installation) == {}


async def test_consumers_that_forgot_how_far_they_had_read_change_nothing(calm_round: Round) -> None:
    installation = calm_round.installation
    before, mails = await digests(installation), await _mails(calm_round)
    await asyncio.to_thread(installation.stop_all)
    await topics.forget_offsets(installation)
    assert not await topics.is_caught_up(installation)

    await asyncio.to_thread(installation.start_all)
    await caught_up(installation)

    assert await digests(installation) == before
    assert await _mails(calm_round) == mails


async def _mails(round_: Round) -> list[int]:
    return [len(await round_.mails(row)) for row in everyone("calm")]
