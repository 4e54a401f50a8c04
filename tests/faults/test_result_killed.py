"""Notification killed while people are told their result: nobody is left out, and a mail comes twice only where nobody can know,
with the same Message-ID and the same links (P4, N1 to N5)."""

import asyncio
from functools import partial

import pytest

from deploy.local.stack import Stack
from shared.schemas.people_file import Row
from tests.faults.breaking import caught_up, dies, doomed, kill, start, stop, value
from tests.faults.people import everyone
from tests.rounds import Round, until

pytestmark = pytest.mark.timeout(300)
ONE_SENDER = {"MYBUDDY_SENDERS": "1"}
# How many of the results are at the mail server, and how many are recorded as sent, after each death.
DEATHS = [("N1", 0, 0), ("N2", 0, 0), ("N5", 1, 1), ("N4", 2, 1)]


async def test_a_result_is_there_twice_only_where_its_acceptance_was_not_recorded(own_round: Round, stack: Stack) -> None:
    rows, notification = everyone(own_round.installation.name), own_round.installation.services["notification"]
    await _results_wait(own_round, stack, rows)
    for point, handed_over, recorded in DEATHS:
        await doomed(notification, point, **ONE_SENDER)
        await dies(notification)
        assert await _handed_over(own_round, rows) == handed_over, point
        assert await _recorded(own_round) == recorded, point
    in_doubt = await _killed_without_a_reply(own_round, stack, rows)
    await start(notification)
    await own_round.told()
    await caught_up(own_round.installation)

    mails = {row.id: await own_round.results(row) for row in rows}
    assert sorted(len(found) for found in mails.values()) == [1] * (len(rows) - 2) + [2, 2]
    assert len(mails[in_doubt.id]) == 2
    for found in mails.values():
        assert len({(mail["message_id"], mail["raw"]) for mail in found}) == 1
        assert all(own_round.links[row.id]["me"] in mail["text"] for row in rows for mail in mails[row.id])


async def _results_wait(round_: Round, stack: Stack, rows: list[Row]) -> None:
    """Every result was deferred once, and nobody sends."""
    await round_.signed_up(rows)
    await round_.close()
    await round_.solved()
    await caught_up(round_.installation)
    stack.mailbox.behave("defer")
    try:
        await round_.publish()
        query = "SELECT count(*) = $1 FROM messages WHERE kind IN ('introduced', 'unmatched') AND attempts > 0"
        await until("every result is deferred", partial(value, round_.installation, "notification", query, len(rows)))
        await stop(round_.installation.services["notification"])
    finally:
        stack.mailbox.behave()


async def _killed_without_a_reply(round_: Round, stack: Stack, rows: list[Row]) -> Row:
    """N3: the server has the mail of somebody and does not answer; all others are told. Returns whose it is."""
    in_doubt = [row for row in rows if not await round_.results(row)][0]  # noqa: RUF015 - it awaits
    stack.mailbox.behave("hang-after-data", round_.address(in_doubt))
    try:
        await start(round_.installation.services["notification"])
        await until("the mail is at the server", partial(round_.results, in_doubt))
        await until("the others are told", partial(_recorded_are, round_, len(rows) - 1))
        await kill(round_.installation.services["notification"])
    finally:
        stack.mailbox.behave()
    return in_doubt


async def _handed_over(round_: Round, rows: list[Row]) -> int:
    return sum(map(len, await asyncio.gather(*(round_.results(row) for row in rows))))


async def _recorded(round_: Round) -> int:
    query = "SELECT count(*) FROM messages WHERE kind IN ('introduced', 'unmatched') AND state = 'sent'"
    return int(await value(round_.installation, "notification", query))


async def _recorded_are(round_: Round, count: int) -> bool:
    return await _recorded(round_) == count
