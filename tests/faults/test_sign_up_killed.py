"""Registration and notification killed while people sign up: nobody is lost, or there twice, or told twice (P1, P4)."""

from collections import Counter
from functools import partial

from deploy.local.stack import Stack
from shared.schemas.topics import PARTICIPANTS
from tests.faults import topics
from tests.faults.breaking import POINTS, dies, doomed, dying, insist, start, stop, value
from tests.rounds import Round, person, until

SENDER_POINTS = ("N1", "N2", "N5", "N4")
ONE_SENDER = {"MYBUDDY_SENDERS": "1"}


async def test_whoever_signs_up_while_registration_is_killed_at_any_step_is_in_exactly_once(door: Round) -> None:
    rows = [person(n) for n in range(12)]
    await dying(door.installation.services["registration"], POINTS, insist(door, rows))
    await _all_mailed(door)

    stored = await door.fetch("registration", "SELECT id FROM people")
    assert Counter(row["id"] for row in stored) == Counter(door.person_id(row) for row in rows)
    said = {one.envelope["id"]: one.envelope for one in await topics.read(door.installation, PARTICIPANTS)}
    assert Counter(one["key"] for one in said.values()) == Counter(str(door.person_id(row)) for row in rows)
    assert {row.id: len(await door.mails(row)) for row in rows} == {row.id: 1 for row in rows}


async def test_a_mail_whose_acceptance_was_never_heard_is_sent_once_more_with_the_same_id(door: Round, stack: Stack) -> None:
    row, other = person(300), person(301)
    stack.mailbox.behave("drop-after-data", door.address(row))
    try:
        await door.sign_up([row, other])
        await until("the mail was taken without an answer", lambda: door.mails(row))
    finally:
        stack.mailbox.behave()
    await _all_mailed(door)

    first, again = await door.mails(row)
    assert first["message_id"] == again["message_id"]
    assert len(await door.mails(other)) == 1


async def test_a_form_sent_again_after_its_person_was_erased_makes_nobody_whom_matching_would_refuse(door: Round) -> None:
    row = person(400)
    await door.signed_up([row])
    await door.press(row, "erase")

    await door.post(row)

    assert await value(door.installation, "registration", "SELECT count(*) FROM people WHERE id = $1", door.person_id(row)) == 0


async def test_a_killed_sender_repeats_no_mail_but_the_one_taken_and_not_recorded_and_that_with_the_same_id(
    door: Round, stack: Stack
) -> None:
    notification = door.installation.services["notification"]
    rows = [person(100 + n) for n in range(6)]
    stack.mailbox.behave("defer")
    try:
        await door.sign_up(rows)
        await until("every mail waits for its second try", partial(_put_back, door, len(rows)))
        await stop(notification)
    finally:
        stack.mailbox.behave()
    for point in SENDER_POINTS:
        await doomed(notification, point, **ONE_SENDER)
        await dies(notification)
    await start(notification)
    await _all_mailed(door)

    mails = {row.id: await door.mails(row) for row in rows}
    assert sorted(len(found) for found in mails.values()) == [1, 1, 1, 1, 1, 2]
    assert all(len({mail["message_id"] for mail in found}) == 1 for found in mails.values())


async def _put_back(door: Round, count: int) -> bool:
    found = await value(
        door.installation, "notification", "SELECT count(*) FROM messages WHERE state = 'queued' AND attempts > 0"
    )
    return bool(found == count)


async def _all_mailed(door: Round) -> None:
    """Every sign-up's event was said and handled, and its mail is out."""

    async def none_waits() -> bool:
        unsaid = await value(door.installation, "registration", "SELECT count(*) FROM outbox WHERE published_at IS NULL")
        people = await value(door.installation, "registration", "SELECT count(*) FROM people")
        sent = await value(door.installation, "notification", "SELECT count(*) FROM messages WHERE state = 'sent'")
        return not unsaid and bool(sent >= people)

    await until("every mail is out", none_waits)
