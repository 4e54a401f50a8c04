"""Helpers' links, the cards of people who signed up with one, and wrong codes that somebody typed."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.registration.domain.cards import numbers
from services.registration.domain.life import Phase, State
from services.registration.store.people import Person
from shared.runtime.db import Connection

MOST_CARDS = 200
MOST_GUESSES = 10


@dataclass(frozen=True)
class Helper:
    """A place whose staff sign people up."""

    id: UUID
    region: str
    name: str
    group: str
    link_generation: int
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class Card:
    """What a helper may know of somebody they signed up: no name."""

    number: str
    state: State
    phase: Phase
    progress: str | None
    is_asked: bool


# As `proposals.is_open` has it, of the round they are in.
IS_ASKED = """
EXISTS (SELECT FROM outcomes, jsonb_array_elements(pairs) AS pair
        WHERE person_id = people.id AND outcomes.round_id = people.round_id AND pair->>'standing' = 'asked'
          AND NOT answers ? (pair->>'pair') AND coalesce((pair->>'answer_by')::timestamptz, 'infinity') > clock_now()) AS is_asked
"""


async def insert(conn: Connection, helper: UUID, region: str, name: str, group: str, days: int) -> Helper:
    row = await conn.fetchrow(
        'INSERT INTO helpers (id, region, name, "group", made_at, expires_at)'
        " VALUES ($1, $2, $3, $4, clock_now(), clock_now() + make_interval(days => $5)) RETURNING *",
        *(helper, region, name, group, days),
    )
    assert row is not None
    return Helper(**dict(row))


async def valid(conn: Connection, region: str, helper: UUID) -> Helper | None:
    """None for one who is unknown here, whose time is over, or whose link was revoked."""
    row = await conn.fetchrow(
        "SELECT * FROM helpers WHERE region = $1 AND id = $2 AND revoked_at IS NULL AND expires_at > clock_now()", region, helper
    )
    return Helper(**dict(row)) if row else None


async def of_region(conn: Connection, region: str) -> list[asyncpg.Record]:
    """All that were made, the newest first, each with how many of their people are here."""
    return await conn.fetch(
        'SELECT id, name, "group", expires_at, revoked_at, (SELECT count(*) FROM people WHERE helper = helpers.id) AS signed_up'
        " FROM helpers WHERE region = $1 ORDER BY made_at DESC, id",
        region,
    )


async def name_of(conn: Connection, helper: UUID | None) -> str | None:
    """Of the place whose staff signed somebody up; None where they did it themselves."""
    name: str | None = await conn.fetchval("SELECT name FROM helpers WHERE id = $1", helper)
    return name


async def revoke(conn: Connection, region: str, helper: UUID) -> bool:
    """Twice is as good as once. False for one whom this region does not know."""
    done = await conn.execute(
        "UPDATE helpers SET revoked_at = coalesce(revoked_at, clock_now()) WHERE region = $1 AND id = $2", region, helper
    )
    return bool(done != "UPDATE 0")


async def give_card(conn: Connection, person: Person, helper: UUID) -> None:
    """A number that nobody of the region has; who has a card keeps it."""
    for number in numbers(person.region):
        with suppress(asyncpg.UniqueViolationError):
            async with conn.transaction():
                await conn.execute(
                    "UPDATE people SET helper = $2, card = $3 WHERE id = $1 AND card IS NULL", person.id, helper, number
                )
            return
    raise LookupError(f"no free card in {person.region}")


async def hand_over(conn: Connection, person: UUID) -> None:
    await conn.execute("UPDATE people SET card_handed_at = coalesce(card_handed_at, clock_now()) WHERE id = $1", person)


async def cards(conn: Connection, helper: UUID) -> list[Card]:
    """The newest first."""
    rows = await conn.fetch(
        f"SELECT card AS number, state, phase, progress, {IS_ASKED} FROM people JOIN rounds ON rounds.id = round_id"
        " WHERE helper = $1 ORDER BY consent_at DESC, card LIMIT $2",
        helper,
        MOST_CARDS,
    )
    return [Card(**dict(row)) for row in rows]


async def with_card(conn: Connection, region: str, card: str) -> Person | None:
    row = await conn.fetchrow("SELECT * FROM people WHERE region = $1 AND card = $2", region, card)
    return Person(**dict(row)) if row else None


async def may_guess(conn: Connection, region: str, card: str) -> bool:
    """One guess at a card after the other; none after too many wrong ones within an hour."""
    await conn.execute("SELECT pg_advisory_xact_lock(hashtext('card ' || $1), hashtext($2))", region, card)
    old = "SELECT ctid FROM card_guesses WHERE at <= clock_now() - interval '1 hour' FOR UPDATE SKIP LOCKED"
    await conn.execute(f"DELETE FROM card_guesses WHERE ctid = ANY(ARRAY({old}))")
    wrong: int = await conn.fetchval("SELECT count(*) FROM card_guesses WHERE region = $1 AND card = $2", region, card)
    return wrong < MOST_GUESSES


async def guessed_wrong(conn: Connection, region: str, card: str) -> None:
    await conn.execute("INSERT INTO card_guesses (region, card, at) VALUES ($1, $2, clock_now())", region, card)
