"""Every service killed in the middle of a round: it ends as if nobody had been (P1, P3, P4, P9)."""

import asyncio

import pytest

from deploy.local.installation import Installation
from deploy.local.stack import Stack
from tests.faults.breaking import (
    caught_up,
    dead_letters,
    dies,
    doomed,
    insist,
    nothing_left_of,
    start,
    while_killed,
    worker_silent_for_long,
)
from tests.faults.people import everyone
from tests.rounds import Round

pytestmark = pytest.mark.timeout(400)


async def test_a_round_in_which_every_service_was_killed_ends_like_one_in_which_none_was(
    installation: Installation, stack: Stack, calm_round: Round
) -> None:
    await asyncio.to_thread(installation.start_all)
    rows = everyone(installation.name)
    services = installation.services
    async with Round(installation, stack.mailbox.http_url) as round_:
        await round_.open()
        await while_killed(services["registration"], insist(round_, rows))
        await doomed(services["geo"], "E3")
        await while_killed(services["notification"], round_.confirm(rows))
        await dies(services["geo"])
        await start(services["geo"])
        await _close_while_matching_dies(round_)
        await round_.solved()
        await round_.publish()
        await while_killed(services["notification"], round_.told())
        await caught_up(installation)

        assert await round_.pairs() == await calm_round.pairs()
        assert await round_.outcomes() == await calm_round.outcomes()
        assert set(await round_.outcomes()) == {round_.person_id(row) for row in rows}
        assert await dead_letters(installation) == {}
        for row in rows:
            kinds = await round_.fetch("notification", "SELECT kind FROM messages WHERE person_id = $1", round_.person_id(row))
            result = "unmatched" if row.id == "p20" else "introduced"
            assert sorted(kind for (kind,) in kinds) == sorted(["confirm", "welcome", result]), row.id
            assert len({mail["message_id"] for mail in await round_.mails(row)}) == 3, row.id


async def _close_while_matching_dies(round_: Round) -> None:
    """At the barrier, while the solver runs, and before the result is kept; registration dies once it has answered."""
    matching, registration = round_.installation.services["matching"], round_.installation.services["registration"]
    await doomed(matching, "M1")
    await round_.close()
    await while_killed(registration, dies(matching))
    for point in ("M2", "M3"):
        await doomed(matching, point)
        await worker_silent_for_long(round_.installation)
        pid = matching.pid
        await dies(matching)
        await nothing_left_of(pid)
    await worker_silent_for_long(round_.installation)
    await start(matching)
