"""A pair from its introduction to its third month, told in seconds: who is asked what, what they answer, who hears of it."""

from datetime import timedelta
from functools import partial
from typing import Any

import httpx

from deploy.local.demo.page import Page
from deploy.local.demo.story import DURING
from shared.schemas.people_file import Row
from shared.web.sample_follow_ups import STEPS
from shared.web.sample_mails import notification
from tests.rounds import SLUG, Round, moment, person, until

NEWCOMER, LOCAL = person(1), person(101, "local")
ELSEWHERE: dict[str, Any] = {"postcode": "71672", "languages": (("en", "well"),), "hobbies": ("music",)}
UNSAFE, SILENT = person(2, **ELSEWHERE), person(102, "local", **ELSEWHERE)
EVERYBODY = (NEWCOMER, LOCAL, UNSAFE, SILENT)
SUBJECTS = {notification().text("de", f"mail.follow_up.{step}.subject"): step for step in STEPS}
URGENT = notification().text("de", "mail.office_alerted.subject")


async def asked(round_: Round, row: Row) -> list[str]:
    """The steps of the mails that ask somebody how it goes, in the order in which they came."""
    return [SUBJECTS[mail["subject"]] for mail in await round_.mails(row) if mail["subject"] in SUBJECTS]


async def later(round_: Round, expected: dict[str, list[str]], **after: float) -> None:
    """Lets time pass; afterwards everybody has been asked this much, and nothing waits that could be more."""
    round_.installation.move_clock(moment(DURING) + timedelta(**after))

    async def all_asked() -> bool:
        waiting = await round_.fetch("notification", "SELECT id FROM messages WHERE state = 'queued'")
        return not waiting and {row.id: await asked(round_, row) for row in EVERYBODY} == expected

    await until(f"everybody is asked as often as they should be after {after}", all_asked)


async def answer(round_: Round, row: Row, said: str) -> str:
    """Taps on the page as a browser does. Returns the page that follows."""
    mine = round_.links[row.id]["me"]
    link = await until("the question stands on the page", partial(_question, round_, mine))
    done = await round_.public.post(link, data=Page((await round_.public.get(link)).text).hidden | {"answer": said})
    assert done.status_code == httpx.codes.SEE_OTHER
    return (await round_.public.get(done.headers["location"])).text


async def _question(round_: Round, mine: str) -> str | None:
    page = (await round_.public.get(mine)).text
    return next((part.partition('"')[0] for part in page.split('action="') if "/follow/" in part.partition('"')[0]), None)


async def _silent(round_: Round) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await round_.command("silent", round_.region, SLUG)
    return found


async def _alerts(round_: Round) -> list[dict[str, Any]]:
    summaries = (await round_.reader.get("/api/mails")).json()
    mails = [(await round_.reader.get(f"/api/mails/{one['index']}")).json() for one in summaries if one["subject"] == URGENT]
    rows = await round_.fetch("notification", "SELECT id FROM messages WHERE kind = 'office_alerted'")
    return [mail for mail in mails if mail["message_id"].strip("<>").split("@")[0] in {str(row["id"]) for row in rows}]


async def test_a_pair_is_looked_after_until_its_third_month_and_nobody_is_asked_twice(own_round: Round) -> None:
    round_ = own_round
    await round_.signed_up(EVERYBODY)
    await round_.close()
    await round_.solved()
    await round_.publish()
    await round_.told()
    first, other = NEWCOMER.id, LOCAL.id
    nobody_else = {UNSAFE.id: ["day_5"], SILENT.id: ["day_5"]}

    await later(round_, {first: ["day_5"], other: ["day_5"], **nobody_else}, days=5, hours=1)
    page = await answer(round_, NEWCOMER, "no")
    assert round_.address(LOCAL) in page
    (shown,) = await until("the office sees who is silent", partial(_silent, round_))
    assert {shown["newcomer"], shown["local"]} == {str(round_.person_id(row)) for row in (NEWCOMER, LOCAL)}
    assert [one["answer"] for one in shown["said"]] == ["no", None]

    two = ["day_5", "week_4"]
    await later(round_, dict.fromkeys((first, other, UNSAFE.id, SILENT.id), two), days=28, hours=1)
    await answer(round_, NEWCOMER, "stop")
    await answer(round_, LOCAL, "yes")

    async def only_the_others_are_silent() -> bool:
        return [one["newcomer"] for one in await _silent(round_)] == [str(round_.person_id(UNSAFE))]

    await until("the office sees that they have met", only_the_others_are_silent)
    await answer(round_, UNSAFE, "no")

    async def comes_first() -> bool:
        rows = await round_.fetch("matching", "SELECT person_id, rounds FROM waiting")
        return [tuple(row) for row in rows] == [(round_.person_id(UNSAFE), 1)]

    await until("who never met their buddy comes first next time", comes_first)

    round_.installation.move_clock(moment(DURING) + timedelta(days=30, hours=13))  # at night
    mine = round_.links[UNSAFE.id]["me"]
    (end,) = {part.partition('"')[0] for part in (await round_.public.get(mine)).text.split('href="') if "/end/" in part[:200]}
    await round_.public.post(end, data={"reason": "safety"})
    (alert,) = await until("the office is alerted", partial(_alerts, round_))
    assert not [word for row in EVERYBODY for word in (row.name, round_.address(row)) if word in alert["text"] + alert["html"]]

    async def is_named() -> bool:
        return [one["reason"] for one in await round_.command("endings", round_.region, SLUG)] == ["safety"]

    await until("the office reads which pair it is", is_named)
    await later(round_, {first: two, other: [*two, "month_3"], UNSAFE.id: two, SILENT.id: two}, days=91, hours=1)
    page = (await round_.public.get(round_.links[SILENT.id]["me"])).text
    assert "/follow/" not in page
    assert len(await _alerts(round_)) == 1
