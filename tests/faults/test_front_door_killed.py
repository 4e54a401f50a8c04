"""Registration killed at the other doors: the page to check, a helper's link, a lost link, a notice. All once (P1)."""

from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial

import httpx

from deploy.local.demo.story import DURING
from shared.schemas.topics import PARTICIPANTS
from tests.faults import topics
from tests.faults.breaking import POINTS, dies, doomed, dying, insist, start
from tests.rounds import Round, moment, person, until


async def said(door: Round, kind: str, keys: set[str]) -> Counter[str]:
    """How often this was said of each, once all is said; the same event twice on the topic is one."""
    await until("all is said", partial(_nothing_unsaid, door))
    events = {one.envelope["id"]: one.envelope for one in await topics.read(door.installation, PARTICIPANTS)}
    return Counter(one["key"] for one in events.values() if one["type"] == f"{kind}.v1" and one["key"] in keys)


async def _nothing_unsaid(door: Round) -> bool:
    return not await door.fetch("registration", "SELECT id FROM outbox WHERE published_at IS NULL")


async def mailed(door: Round, kind: str, keys: set[str]) -> Counter[str]:
    """How many mails of this kind each was sent, once there is one to each; none is on its way."""
    rows = await until(f"{kind} to everybody", partial(_mailed, door, kind, keys))
    return Counter(rows)


async def _mailed(door: Round, kind: str, keys: set[str]) -> list[str] | None:
    rows = await door.fetch("notification", "SELECT person_id, state FROM messages WHERE kind = $1", kind)
    ours = [(str(row["person_id"]), row["state"]) for row in rows if str(row["person_id"]) in keys]
    done = {key for key, _ in ours} == keys and {state for _, state in ours} == {"sent"}
    return [key for key, _ in ours] if done else None


def once(keys: set[str]) -> Counter[str]:
    return Counter(dict.fromkeys(keys, 1))


async def heard(ask: Callable[[], Awaitable[httpx.Response]]) -> list[int]:
    """Asks as soon as somebody listens: the answer's status, or nothing where they died before they answered."""

    async def asked() -> list[list[int]]:
        try:
            return [[(await ask()).status_code]]
        except httpx.ConnectError:
            return []
        except httpx.TransportError:
            return [[]]

    (found,) = await until("somebody listens", asked)
    return list(found)


async def killed_at(door: Round, point: str, ask: Callable[[], Awaitable[httpx.Response]]) -> list[int]:
    registration = door.installation.services["registration"]
    await doomed(registration, point)
    answer = await heard(ask)
    await dies(registration)
    await start(registration)
    return answer


async def test_whoever_asks_to_be_told_is_told_once_when_the_round_opens(front_door: Round) -> None:
    """Registration is killed at each step: while it is asked, and while it says that the round is open."""
    rows = [person(400 + n) for n in range(6)]
    for point, row in zip(("R1", "R2"), rows, strict=False):
        ask = partial(front_door.ask, "notice", row)
        assert await killed_at(front_door, point, ask) == []
        assert (await ask()).status_code == 303
    for row in rows[2:]:
        assert (await front_door.ask("notice", row)).status_code == 303
    notices = await front_door.fetch("registration", "SELECT id, email FROM notices")
    assert Counter(row["email"] for row in notices) == once({front_door.address(row) for row in rows})

    await dying(front_door.installation.services["registration"], ("R3", "R4", "R5"), _opens(front_door))

    keys = {str(row["id"]) for row in notices}
    assert await said(front_door, "NoticeDue", keys) == once(keys)
    assert await mailed(front_door, "opens", keys) == once(keys)
    assert {len(await front_door.mails(row)) for row in rows} == {1}
    await until("their addresses are forgotten", partial(_forgotten, front_door))


async def _opens(round_: Round) -> None:
    round_.installation.move_clock(moment(DURING))


async def _forgotten(round_: Round) -> bool:
    return not await round_.fetch("registration", "SELECT id FROM notices")


async def test_whoever_checks_and_sends_while_registration_is_killed_is_in_exactly_once(door: Round) -> None:
    rows = [person(500 + n) for n in range(12)]
    keys = {str(door.person_id(row)) for row in rows}
    registration = door.installation.services["registration"]

    await dying(registration, POINTS, insist(door, rows, send=door.post_checked))

    stored = await door.fetch("registration", "SELECT name, lower(email) AS email FROM people")
    ours = Counter((row["name"], row["email"]) for row in stored if row["email"] in {door.address(one) for one in rows})
    assert ours == Counter((row.name, door.address(row)) for row in rows)
    assert await said(door, "SignedUp", keys) == once(keys)
    assert await mailed(door, "confirm", keys) == once(keys)
    assert {len(await door.mails(row)) for row in rows} == {1}


async def test_whoever_a_helper_signs_up_while_registration_is_killed_has_one_card_and_counts_once(door: Round) -> None:
    rows = [person(600 + n) for n in range(12)]
    keys = {str(door.person_id(row)) for row in rows}
    helper = await door.helper()
    registration = door.installation.services["registration"]

    answers = await dying(registration, POINTS, insist(door, rows, send=partial(door.post_helped, helper)))

    stored = await door.fetch("registration", "SELECT id, card, state FROM people WHERE card IS NOT NULL")
    assert Counter(str(row["id"]) for row in stored) == once(keys)
    assert {row["state"] for row in stored} == {"confirmed"}
    cards = {str(row["id"]): row["card"] for row in stored}
    for row in rows:
        shown = await door.public.get(answers[row.id].headers["location"])
        assert cards[str(door.person_id(row))] in shown.text
    assert await said(door, "Confirmed", keys) == once(keys)


async def test_a_link_asked_for_while_registration_is_killed_is_sent_once_for_each_request_that_was_taken(door: Round) -> None:
    rows = [person(700 + n) for n in range(len(POINTS))]
    keys = {str(door.person_id(row)) for row in rows}
    await door.signed_up(rows)

    asks = {point: partial(door.ask, "link", row) for point, row in zip(POINTS, rows, strict=True)}
    answers = {point: await killed_at(door, point, ask) for point, ask in asks.items()}
    assert answers["R1"] == answers["R2"] == []
    # The relay runs beside: it may get there before the answer, which waits for its time (api/evened.py), or after it.
    assert all(answers[point] in ([], [303]) for point in POINTS[2:])
    # Before the commit nothing was taken, and nothing is said of it; after it, it was taken although nobody heard so.
    taken = keys - {str(door.person_id(rows[0]))}
    assert await said(door, "LinkAsked", keys) == once(taken)
    assert (await asks["R1"]()).status_code == 303

    assert await said(door, "LinkAsked", keys) == once(keys)
    assert await mailed(door, "link", keys) == once(keys)
