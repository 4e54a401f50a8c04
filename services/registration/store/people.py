"""People: who they are, how to reach them, what they wish. The only table in the whole system that knows a name."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg

from services.registration.domain.answers import Answers, repeat_key
from services.registration.domain.life import State
from services.registration.domain.wishes import Wish
from shared.runtime.db import Connection


@dataclass(frozen=True)
class Place:
    """Where somebody lives: what geo understood, or the words that nobody understood yet. `unseen`: geo was away."""

    postcode: str
    place_id: str
    text: str
    unseen: bool = False


@dataclass(frozen=True)
class Person:
    """One human in one region, as stored."""

    id: UUID
    region: str
    round_id: UUID
    state: State
    version: int
    language: str
    name: str
    email: str
    phone: str
    release_email: bool
    release_phone: bool
    role: Literal["local", "newcomer"]
    postcode: str
    place_id: str
    place_text: str
    birth_year: int
    gender: Literal["f", "m", "d", ""]
    wish: Literal["any", "same"]
    languages: dict[str, Literal["little", "well", "native"]]
    hobbies: list[str]
    max_km: int
    max_age_gap: int | None
    capacity: int
    party: UUID | None
    group: str | None
    repeat_key: bytes
    link_generation: int
    consent_version: str
    consent_at: datetime
    confirmed_at: datetime | None
    bounced_at: datetime | None
    messenger: str
    release_messenger: bool
    unconfirmed_since: datetime
    helper: UUID | None
    card: str | None
    card_handed_at: datetime | None
    new_email: str
    new_email_id: UUID | None
    place_unseen: bool
    new_email_bounced_at: datetime | None


# Of the form $1 of the round $2: it left no row, for it was a repeat, or the person left or was erased.
TAKEN_BACK = (
    "(EXISTS (SELECT FROM erasures WHERE person_id = $1) OR EXISTS"
    " (SELECT FROM turned_away WHERE attempt = $1 AND round_id = $2 AND result <> 'refused'))"
)


def _person(row: asyncpg.Record | None) -> Person | None:
    return Person(**dict(row)) if row else None


async def get(conn: Connection, person: UUID, *, lock: bool = False) -> Person | None:
    return _person(await conn.fetchrow(f"SELECT * FROM people WHERE id = $1 {'FOR UPDATE' if lock else ''}", person))


async def find_repeat(conn: Connection, region: str, key: bytes) -> Person | None:
    return _person(await conn.fetchrow("SELECT * FROM people WHERE region = $1 AND repeat_key = $2 FOR UPDATE", region, key))


async def insert(
    conn: Connection,
    person: UUID,
    region: str,
    round_id: UUID,
    language: str,
    answers: Answers,
    place: Place,
    key: bytes,
    consent_version: str,
    group: str | None = None,
) -> datetime | None:
    """When it was stored. None where the round is not open, or the form or the person known or taken back.

    Takes the shared lock on the round, like every change of a person.
    """
    given = {
        **_columns(answers, place),
        "id": person,
        "region": region,
        "round_id": round_id,
        "language": language,
        "repeat_key": key,
        "consent_version": consent_version,
        "group": group,
        "state": "unconfirmed",
    }
    names, marks = ", ".join(f'"{name}"' for name in given), ", ".join(f"${n}" for n in range(3, len(given) + 3))
    # One statement and not a question before it: this is the one row that hundreds write in the same second.
    stored: datetime | None = await conn.fetchval(
        f"INSERT INTO people ({names}, consent_at) SELECT {marks}, clock_now() FROM rounds"
        f" WHERE rounds.id = $2 AND phase = 'open' AND NOT {TAKEN_BACK} FOR SHARE OF rounds"
        " ON CONFLICT DO NOTHING RETURNING consent_at",
        person,
        round_id,
        *given.values(),
    )
    return stored


async def consent(conn: Connection, person: UUID, version: str) -> None:
    """Agreed once more, to this text."""
    await conn.execute("UPDATE people SET consent_version = $2, consent_at = clock_now() WHERE id = $1", person, version)


async def overwrite(conn: Connection, person: UUID, language: str, answers: Answers, place: Place) -> None:
    """New answers of somebody who is there already. Where they now say the same as another, that one stays the known one."""
    given = _columns(answers, place) | {"language": language}
    sets = ", ".join(f'"{name}" = ${n}' for n, name in enumerate(given, 2))
    email = f"${list(given).index('email') + 2}"
    still = f"bounced_at = CASE WHEN lower(email) = lower({email}) THEN bounced_at END"
    await conn.execute(f"UPDATE people SET {sets}, {still} WHERE id = $1", person, *given.values())
    await _set_repeat_key(conn, person, repeat_key(answers, person))


async def use_new_email(conn: Connection, person: UUID) -> None:
    """The address that waits is theirs."""
    await conn.execute(
        "UPDATE people SET email = new_email, new_email = '', bounced_at = NULL, new_email_bounced_at = NULL WHERE id = $1",
        person,
    )
    now = await get(conn, person)
    if now is not None:
        await _set_repeat_key(conn, person, repeat_key(now, person))


async def _set_repeat_key(conn: Connection, person: UUID, key: bytes) -> None:
    with suppress(asyncpg.UniqueViolationError):
        async with conn.transaction():
            await conn.execute("UPDATE people SET repeat_key = $2 WHERE id = $1", person, key)


async def new_links(conn: Connection, person: UUID) -> None:
    """No link that was given out before holds any more."""
    await conn.execute("UPDATE people SET link_generation = link_generation + 1 WHERE id = $1", person)


def _columns(answers: Answers, place: Place) -> dict[str, object]:
    return vars(answers) | _place_columns(place)


def _place_columns(place: Place) -> dict[str, object]:
    return {
        "postcode": place.postcode,
        "place_id": place.place_id,
        "place_text": place.text,
        "place_unseen": place.unseen,
    }


async def move(conn: Connection, person: UUID, round_id: UUID, state: State, version: int) -> None:
    """The next step of a person's life, with the version that says it."""
    await conn.execute(
        "UPDATE people SET round_id = $2, state = $3, version = $4,"
        " confirmed_at = CASE WHEN $3 IN ('confirmed', 'in_doubt') THEN coalesce(confirmed_at, clock_now()) ELSE confirmed_at"
        " END,"
        " unconfirmed_since = CASE WHEN $3 = 'unconfirmed' THEN clock_now() ELSE unconfirmed_since END WHERE id = $1",
        person,
        round_id,
        state,
        version,
    )


async def set_wish(conn: Connection, person: UUID, wish: Wish, value: int | str) -> None:
    await conn.execute(f'UPDATE people SET "{wish}" = $2 WHERE id = $1', person, value)


async def set_place(conn: Connection, person: UUID, postcode: str) -> None:
    await conn.execute("UPDATE people SET postcode = $2, place_id = '', place_unseen = false WHERE id = $1", person, postcode)


async def unseen_places(conn: Connection, limit: int) -> list[tuple[UUID, str, Place]]:
    """Who was taken while geo was away, their region, and the place as it was taken."""
    rows = await conn.fetch(
        "SELECT id, region, postcode, place_id, place_text, place_unseen FROM people WHERE place_unseen ORDER BY id LIMIT $1",
        limit,
    )
    return [(row["id"], row["region"], Place(*list(row)[2:])) for row in rows]


async def settle_place(conn: Connection, person: UUID, taken: Place, known: Place) -> bool:
    """False where they have changed it since, or another replica was quicker."""
    given = list(_place_columns(known).values())
    done = await conn.execute(
        "UPDATE people SET postcode = $5, place_id = $6, place_text = $7, place_unseen = $8"
        " WHERE id = $1 AND place_unseen AND (postcode, place_id, place_text) = ($2, $3, $4)",
        *(person, taken.postcode, taken.place_id, taken.text, *given),
    )
    return bool(done == "UPDATE 1")


async def delete(conn: Connection, person: UUID) -> None:
    """With what stands elsewhere of them: wrong codes of their card, whom a duplicate resembles, whose partner they were, and
    which mailboxes they gave.
    """
    await conn.execute(
        "DELETE FROM card_guesses g USING people p WHERE p.id = $1 AND g.region = p.region AND g.card = p.card", person
    )
    await conn.execute("UPDATE doubts SET other = NULL WHERE other = $1", person)
    await conn.execute(
        "UPDATE outcomes SET pairs = coalesce((SELECT jsonb_agg(pair) FROM jsonb_array_elements(pairs) pair"
        " WHERE pair->>'partner' <> $1), '[]') WHERE pairs @> jsonb_build_array(jsonb_build_object('partner', $1::text))",
        str(person),
    )
    await conn.execute(
        "DELETE FROM unconfirmed_mails"
        " WHERE person_id = $1 OR person_id IN (SELECT id FROM addresses_asked WHERE person_id = $1::uuid)",
        person,
    )
    await conn.execute("DELETE FROM people WHERE id = $1", person)


async def turned_away(
    conn: Connection, round_id: UUID, attempt: UUID, result: Literal["refused", "repeated", "left", "unconfirmed"], reason: str
) -> None:
    """Counts an attempt that left no row; the same form counts once."""
    await conn.execute(
        "INSERT INTO turned_away (round_id, attempt, result, reason) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        round_id,
        attempt,
        result,
        reason,
    )


async def was_taken(conn: Connection, round_id: UUID, attempt: UUID) -> bool:
    """Whether this form was sent before: its answer stands, whatever became of the person since."""
    found = await conn.fetchval(f"SELECT EXISTS (SELECT FROM people WHERE id = $1) OR {TAKEN_BACK}", attempt, round_id)
    return bool(found)


async def of_address(conn: Connection, region: str, email: str) -> list[asyncpg.Record]:
    """Everybody with this address, with what a link to them needs: families share one."""
    return await conn.fetch(
        "SELECT id, round_id, language FROM people WHERE region = $1 AND lower(email) = lower($2) ORDER BY id LIMIT 20",
        region,
        email,
    )


async def open_questions(conn: Connection, round_id: UUID) -> list[asyncpg.Record]:
    """Confirmed people whose place nobody understood, with what they typed: for the coordinator only."""
    return await conn.fetch(
        "SELECT id, place_text, language FROM people WHERE round_id = $1 AND state = 'confirmed'"
        " AND postcode = '' AND place_id = '' ORDER BY confirmed_at, id",
        round_id,
    )


async def mark_bounced(conn: Connection, person: UUID) -> None:
    await conn.execute("UPDATE people SET bounced_at = clock_now() WHERE id = $1", person)


async def mark_reached(conn: Connection, person: UUID) -> None:
    """A mail was taken: one before that came back says nothing any more."""
    await conn.execute("UPDATE people SET bounced_at = NULL WHERE id = $1 AND bounced_at IS NOT NULL", person)
