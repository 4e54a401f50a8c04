"""Nobody is written to at night but for what they ask for then; what waits is sent in the morning, in its order."""

from datetime import UTC, datetime, timedelta

import pytest

from deploy.local.mailbox.part import Mailbox
from services.notification.domain import ASKED_FOR, quiet_seconds
from services.notification.sender.recipient import Recipient
from services.notification.tests.day import Day, ids
from services.notification.tests.mails import recipient
from services.notification.tests.test_sending import queued, rows

EVENING = datetime(2021, 10, 16, 18, 59, tzinfo=UTC)
NIGHT = EVENING + timedelta(minutes=1)
MORNING = datetime(2021, 10, 17, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "seconds"),
    [
        ("2021-10-16T07:59:59+02:00", 1),
        ("2021-10-16T08:00:00+02:00", 0),
        ("2021-10-16T20:59:59+02:00", 0),
        ("2021-10-16T21:00:00+02:00", 11 * 3600),
        ("2021-10-17T00:30:00+02:00", 7.5 * 3600),
        ("2021-10-30T22:00:00+02:00", 11 * 3600),  # the night that is an hour longer
        ("2021-03-27T22:00:00+01:00", 9 * 3600),  # and the one that is an hour shorter
    ],
)
def test_a_message_waits_for_eight_in_the_morning_of_its_region(at: str, seconds: float) -> None:
    moment = datetime.fromisoformat(at).astimezone(UTC)
    assert quiet_seconds("introduced", moment, "Europe/Berlin") == seconds
    assert {quiet_seconds(kind, moment, "Europe/Berlin") for kind in ASKED_FOR} == {0}


def test_night_is_where_the_region_is() -> None:
    assert quiet_seconds("opens", NIGHT, "Atlantic/Azores") == 0
    assert quiet_seconds("opens", NIGHT - timedelta(hours=1), "Asia/Tehran") > 0


async def test_what_nobody_asked_for_waits_for_the_morning_and_registration_is_asked_once_a_night(
    day: Day, mailbox: Mailbox
) -> None:
    someone, address = day.person()
    await day.is_at(NIGHT)
    message = str(await queued(day.pool, someone, "unmatched", reason="no_partner"))
    for minutes in (0, 5, 600):
        await day.is_at(NIGHT + timedelta(minutes=minutes))
        await day.send()
    assert (len(day.answers.asked), ids(mailbox, address)) == (1, [])
    assert await rows(day.pool) == [("unmatched", "queued")]
    await day.is_at(MORNING)
    await day.send()
    assert ids(mailbox, address) == [message]
    assert len(day.answers.asked) == 2


@pytest.mark.parametrize("kind", sorted(ASKED_FOR))
async def test_what_somebody_asks_for_at_night_comes_at_once(day: Day, mailbox: Mailbox, kind: str) -> None:
    someone, address = day.person()
    await day.is_at(NIGHT)
    message = str(await queued(day.pool, someone, kind))  # type: ignore[arg-type]
    await day.send()
    assert ids(mailbox, address) == [message]


async def test_in_the_evening_all_is_sent(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    await day.is_at(EVENING)
    message = str(await queued(day.pool, someone, "refused"))
    await day.send()
    assert ids(mailbox, address) == [message]


@pytest.mark.parametrize("kind", sorted(ASKED_FOR))
async def test_what_somebody_asks_for_at_night_does_not_wait_behind_their_result(day: Day, mailbox: Mailbox, kind: str) -> None:
    someone, address = day.person()
    await day.is_at(NIGHT)
    outcome = str(await queued(day.pool, someone, "unmatched", reason="no_partner"))
    await day.send()
    asked_for = str(await queued(day.pool, someone, kind))  # type: ignore[arg-type]
    await day.send()
    assert ids(mailbox, address) == [asked_for]
    await day.is_at(MORNING)
    await day.send()
    assert ids(mailbox, address) == [asked_for, outcome]


async def test_what_nobody_asked_for_is_sent_in_the_order_in_which_it_was_written(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    await day.is_at(NIGHT)
    first = str(await queued(day.pool, someone, "unmatched", reason="no_partner"))
    await day.send()
    second = str(await queued(day.pool, someone, "answered"))
    await day.is_at(MORNING)
    await day.send()
    assert ids(mailbox, address) == [first, second]


async def test_who_is_gone_in_the_morning_is_written_to_no_more(day: Day, mailbox: Mailbox) -> None:
    someone, address = day.person()
    await day.is_at(NIGHT)
    await queued(day.pool, someone, "introduced")
    await day.send()
    day.answers.of[someone] = '{"answer": "gone"}'
    await day.is_at(MORNING)
    await day.send()
    assert (ids(mailbox, address), await rows(day.pool)) == ([], [("introduced", "dropped")])


def test_a_zone_that_nobody_knows_is_no_answer_of_registration() -> None:
    about = {"name": "Herbst", "closes_at": MORNING, "zone": "Europe/Nowhere"}
    with pytest.raises((ValueError, LookupError)):
        recipient(round=about)
    assert isinstance(recipient(round=about | {"zone": "Europe/Berlin"}), Recipient)
