"""How it goes is asked once for each step; what is about danger waits for no night, no pace and no other mail."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from deploy.local.mailbox.part import Mailbox
from services.notification import handlers, store
from services.notification.sender.composing import compose
from services.notification.tests.day import MOST, START, Day, ids
from services.notification.tests.mails import PAGES, ROUND, message, partner, recipient
from services.notification.tests.test_composing import check, parts, plain, read
from services.notification.tests.test_handlers import hear, rows
from services.notification.tests.test_quiet_hours import NIGHT
from services.notification.tests.test_sending import queued
from shared.runtime import db
from shared.schemas.codes import FollowUpStep
from shared.schemas.pairings import FollowUpDue
from shared.schemas.participants import OfficeAlerted
from shared.web.formal import informal
from shared.web.languages import LANGUAGES
from shared.web.tests.reading import Reading

PAIR, ME, PARTNER = uuid4(), uuid4(), uuid4()
STEPS: tuple[FollowUpStep, ...] = ("day_5", "week_4", "month_3")


def due(step: FollowUpStep) -> FollowUpDue:
    return FollowUpDue(person=ME, round=ROUND, pair=PAIR, partner=PARTNER, step=step)


def alerted(office: UUID, pair: UUID = PAIR) -> OfficeAlerted:
    return OfficeAlerted(office=office, region="ludwigsburg", round=ROUND, pair=pair)


async def test_each_step_of_a_pair_is_one_message_however_often_it_is_said(pool: db.Pool) -> None:
    for step in (*STEPS, *STEPS):
        await hear(pool, handlers.on_follow_up_due, due(step))
    assert await rows(pool, ME) == [("follow_up", "queued")] * 3


async def test_registration_is_asked_about_the_pair_and_the_step(day: Day, mailbox: Mailbox) -> None:
    address = f"{ME.hex}@example.org"
    day.answers.of[ME] = recipient(email=address, partners=[partner(PARTNER)])
    await hear(day.pool, handlers.on_follow_up_due, due("day_5"))
    await day.send()
    (question,) = day.answers.asked
    assert (question["kind"], question["pair"], question["step"]) == ("follow_up", str(PAIR), "day_5")
    assert (question["round"], question["partners"]) == (str(ROUND), [str(PARTNER)])
    (mail,) = mailbox.mails(address)
    assert mail["subject"] == PAGES.text("de", "mail.follow_up.day_5.subject")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_asks_its_own_question_and_only_the_first_repeats_the_contact(step: FollowUpStep, language: str) -> None:
    about = message("follow_up", step=step, pairs=[{"pair": str(PAIR), "partner": str(PARTNER)}])
    raw = compose(PAGES, about, recipient(language, partners=[partner(PARTNER)])).raw
    check(raw)
    assert read(raw)["subject"] == PAGES.text(language, f"mail.follow_up.{step}.subject")
    text, html = parts(raw)
    for part in (text, Reading(html).text):
        assert plain(PAGES.text(language, f"follow_up.ask.{step}", name="Ben")) in plain(part)
        assert ("ben@example.org" in plain(part)) == (step == "day_5")
        assert "https://buddy.example/m/abc" in part


def test_a_region_that_says_sie_says_it_here_too() -> None:
    for step in STEPS:
        about = message("follow_up", step=step, pairs=[{"pair": str(PAIR), "partner": str(PARTNER)}])
        raw = compose(PAGES, about, recipient(partners=[partner(PARTNER)], address="sie")).raw
        assert [informal(part) for part in (read(raw)["subject"], parts(raw)[0])] == [[], []]


async def test_the_office_hears_of_each_pair_once(pool: db.Pool) -> None:
    office = uuid4()
    for pair in (PAIR, PAIR, uuid4()):
        await hear(pool, handlers.on_office_alerted, alerted(office, pair))
    assert await rows(pool, office) == [("office_alerted", "queued")] * 2


async def test_danger_waits_for_no_night_and_for_no_other_mail_of_the_day(day: Day, mailbox: Mailbox) -> None:
    office, address = day.person()
    asked = [str(await queued(day.pool, office, "office_asked")) for _ in range(MOST + 2)]
    await day.send()
    assert ids(mailbox, address) == asked[:MOST]
    await day.is_at(NIGHT)
    await hear(day.pool, handlers.on_office_alerted, alerted(office))
    await day.send()
    assert len(ids(mailbox, address)) == MOST + 1
    await day.is_at(START + timedelta(days=1, minutes=1))
    await day.send()  # and it takes the place of none of them
    assert set(ids(mailbox, address)) >= set(asked)


async def test_danger_is_sent_before_all_that_waits(day: Day, mailbox: Mailbox) -> None:
    for _ in range(5):
        await queued(day.pool, day.person()[0], "link")
    office, _ = day.person()
    await hear(day.pool, handlers.on_office_alerted, alerted(office))
    async with db.transaction(day.pool) as conn:
        first = await store.claim(conn)
    assert first is not None
    assert first.kind == "office_alerted"


def test_the_mail_about_danger_names_nobody_and_says_how_to_look() -> None:
    raw = compose(PAGES, message("office_alerted"), recipient(name="Landratsamt", address="sie")).raw
    check(raw)
    for part in parts(raw):
        assert "python -m coordinator endings" in plain(part)
        assert "Landkreis Ludwigsburg" in plain(part)
    assert informal(parts(raw)[0]) == []
