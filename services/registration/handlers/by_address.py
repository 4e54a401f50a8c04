"""What somebody asks for who has nothing but an address: their link once more, or to be told when a round opens."""

from services.registration.domain import mailbox
from services.registration.handlers import outbox
from services.registration.store import notices, outcomes, people
from services.registration.store.notices import Notice
from services.registration.store.rounds import Round
from shared.runtime.db import Connection
from shared.schemas.participants import LinkAsked, NoticeDue


async def lost_link(conn: Connection, region: str, email: str) -> None:
    """A mail to everybody with this address, in the language each signed up in; nobody learns whether there is any."""
    for row in await people.of_address(conn, region, email):
        await outbox.append(conn, LinkAsked(person=row["id"], round=row["round_id"], language=row["language"]))


async def tell_me(conn: Connection, region: str, language: str, email: str, key: str) -> None:
    await notices.keep(conn, Notice(mailbox.notice_id(region, email, key), region, language, email))


async def say_open(conn: Connection, round_: Round) -> None:
    """One mail to each who waits for it, and to each who was left over: they are in again when they say so."""
    told = [*await notices.due(conn, round_.region), *await outcomes.invite_left_over(conn, round_.region)]
    for person, language in told:
        await outbox.append(conn, NoticeDue(person=person, region=round_.region, round=round_.id, language=language))
