"""What did not arrive is listed for the region's coordinators, and sent again on their word: the same mail as before."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.local.keys import Keys, make_keys
from deploy.local.mailbox.part import Mailbox
from services.notification import store
from services.notification.api import NOT_AGAIN, OVER
from services.notification.domain import MOST_ATTEMPTS
from services.notification.handlers import on_gone, on_pair_changed
from services.notification.sender.recipient import Registration
from services.notification.tests.day import START, Day, ids
from services.notification.tests.mails import ROUND, pair, partner, recipient
from services.notification.tests.test_api import made_app, token
from services.notification.tests.test_handlers import outcome
from services.notification.tests.test_sending import queued, rows
from shared.runtime import db
from shared.schemas.codes import MessageKind
from shared.schemas.pairings import PairChanged
from shared.schemas.participants import Left

LIST = "/coordinator/undelivered/ludwigsburg"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def client(day: Day, keys: Keys) -> AsyncIterator[httpx.AsyncClient]:
    """A coordinator of Ludwigsburg; the round is Ludwigsburg's."""
    app = made_app(day.pool, keys)
    async with db.connection(day.pool) as conn:
        await store.keep_region(conn, ROUND, "ludwigsburg")
    asking = httpx.AsyncClient(transport=httpx.ASGITransport(day.answers.app), base_url="http://registration")
    asked = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://notification", headers=token(keys, "ludwigsburg")
    )
    async with asking, asked:
        app.state.registration = Registration(asking, "x")
        yield asked


async def bounced(day: Day, mailbox: Mailbox, kind: MessageKind = "welcome", other: UUID | None = None) -> tuple[UUID, str, UUID]:
    """Somebody, their address, and the message that it did not take."""
    someone, address = day.person()
    if other:
        day.answers.of[someone] = recipient(email=address, partners=[partner(other)])
    mailbox.behave("reject", address)
    message = await queued(day.pool, someone, kind, pairs=[pair(other)] if other else [])
    await day.send()
    mailbox.behave()
    return someone, address, message


def again(message: object) -> str:
    return f"{LIST}/{message}/resend"


async def test_what_bounced_is_listed_with_the_servers_code_and_without_the_address(
    day: Day, client: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    someone, address, message = await bounced(day, mailbox)
    (listed,) = (await client.get(LIST)).json()
    at = listed.pop("at")
    assert at.startswith(START.strftime("%Y-%m-%dT%H:"))
    about = {"message": str(message), "person": str(someone), "kind": "welcome", "language": "de", "state": "bounced"}
    assert listed == about | {"said": "recipient refused 550"}
    assert address not in str(listed)


async def test_what_failed_after_the_last_try_is_listed(day: Day, client: httpx.AsyncClient, mailbox: Mailbox) -> None:
    someone, address = day.person()
    message = await queued(day.pool, someone)
    await day.pool.execute("UPDATE messages SET attempts = $1", MOST_ATTEMPTS - 1)
    mailbox.behave("defer", address)
    await day.send()
    assert [(one["message"], one["state"]) for one in (await client.get(LIST)).json()] == [(str(message), "failed")]


async def test_only_coordinators_of_the_region_see_and_resend(
    day: Day, client: httpx.AsyncClient, mailbox: Mailbox, keys: Keys
) -> None:
    *_, message = await bounced(day, mailbox)
    for headers, status in (
        ({"Authorization": ""}, 401),
        (token(keys, "ludwigsburg", days=-1), 401),
        (token(keys, "hannover"), 403),
    ):
        assert (await client.get(LIST, headers=headers)).status_code == status
        assert (await client.post(again(message), headers=headers)).status_code == status
    theirs = await client.get(LIST.replace("ludwigsburg", "hannover"), headers=token(keys, "hannover"))
    assert theirs.json() == []
    elsewhere = again(message).replace("ludwigsburg", "hannover")
    assert (await client.post(elsewhere, headers=token(keys, "hannover"))).status_code == 404
    assert await rows(day.pool) == [("welcome", "bounced")]


async def test_a_message_sent_again_is_the_same_mail(day: Day, client: httpx.AsyncClient, mailbox: Mailbox) -> None:
    ben = uuid4()
    _, address, message = await bounced(day, mailbox, "introduced", ben)
    answer = await client.post(again(message))
    assert (answer.status_code, answer.json()) == (200, {"message": str(message), "kind": "introduced", "state": "queued"})
    await day.is_at(START + timedelta(hours=2))
    await day.send()
    assert ids(mailbox, address) == [str(message)]
    (mail,) = mailbox.mails(address)
    text = mailbox.mail(mail["index"])["text"]
    assert "Ben" in text
    assert "https://buddy.example/m/abc" in text
    assert (await client.get(LIST)).json() == []
    assert await day.pool.fetchval("SELECT payload FROM messages") == {}


async def test_what_cannot_be_sent_again_is_refused_in_a_sentence(day: Day, client: httpx.AsyncClient, mailbox: Mailbox) -> None:
    *_, message = await bounced(day, mailbox)
    for state, sentence in NOT_AGAIN.items():
        await day.pool.execute("UPDATE messages SET state = $1", state)
        answer = await client.post(again(message))
        assert (answer.status_code, answer.json()["detail"]) == (409, sentence)
        assert await rows(day.pool) == [("welcome", state)]
    answer = await client.post(again(uuid4()))
    assert (answer.status_code, answer.json()["detail"]) == (404, "Notification knows no such message of this region.")
    answer = await client.post(again("abc"))
    assert (answer.status_code, answer.json()["detail"]) == (422, "“abc” is not the id of a message.")


async def test_whom_registration_does_not_know_any_more_is_not_written_to(
    day: Day, client: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    someone, _, message = await bounced(day, mailbox)
    day.answers.of[someone] = '{"answer": "gone"}'
    answer = await client.post(again(message))
    assert (answer.status_code, answer.json()["detail"]) == (409, OVER)
    day.answers.of[someone] = 500
    answer = await client.post(again(message))
    assert (answer.status_code, answer.json()["detail"]) == (503, "Registration does not answer at the moment. Try again.")
    assert await rows(day.pool) == [("welcome", "bounced")]


async def test_what_is_sent_again_at_night_waits_for_the_morning(day: Day, client: httpx.AsyncClient, mailbox: Mailbox) -> None:
    _, address, message = await bounced(day, mailbox, "unmatched")
    await day.is_at(START + timedelta(hours=14))
    assert (await client.post(again(message))).status_code == 200
    await day.send()
    assert ids(mailbox, address) == []
    await day.is_at(START + timedelta(hours=23))
    await day.send()
    assert ids(mailbox, address) == [str(message)]


async def test_who_left_is_not_listed(day: Day, client: httpx.AsyncClient, mailbox: Mailbox) -> None:
    someone, _, message = await bounced(day, mailbox)
    async with db.transaction(day.pool) as conn:
        await on_gone(conn, Left(person=someone, version=1, round=ROUND))
    assert (await client.get(LIST)).json() == []
    assert (await client.post(again(message))).json()["detail"] == OVER


async def test_an_introduction_that_bounced_is_forgotten_when_the_pair_has_ended(
    day: Day, client: httpx.AsyncClient, mailbox: Mailbox
) -> None:
    """The partner may be gone: nobody learns their name from a mail that is sent again."""
    ben = uuid4()
    someone, _, message = await bounced(day, mailbox, "introduced", ben)
    async with db.transaction(day.pool) as conn:
        await on_pair_changed(conn, PairChanged(**outcome(someone, 2), pair=uuid4(), change="ended"))
    assert (await client.post(again(message))).json()["detail"] == OVER
    assert str(ben) not in str(await day.pool.fetch("SELECT * FROM messages"))
    assert await rows(day.pool, someone) == [("introduced", "superseded"), ("unmatched", "queued")]
