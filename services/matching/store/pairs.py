"""Published pairs: who stands in which, how far it is, and who may be asked about somebody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.matching.domain import FOLLOW_UPS, PairState
from shared.runtime.db import Connection
from shared.schemas.codes import Role


@dataclass(frozen=True)
class Pair:
    """A published pair; `answer_by` is empty where nobody was asked."""

    id: UUID
    round_id: UUID
    newcomer: UUID
    local: UUID
    slot: int
    why: dict[str, Any]
    state: PairState
    answer_by: datetime | None = None

    def role_of(self, person: UUID) -> Role:
        """Which of the two this person is. Raises LookupError for anybody else."""
        roles: dict[UUID, Role] = {self.newcomer: "newcomer", self.local: "local"}
        return roles[person]

    def person(self, role: Role) -> UUID:
        return self.newcomer if role == "newcomer" else self.local


PAIR = ", ".join(Pair.__dataclass_fields__)
WAITS = "state IN ('asked', 'newcomer_agreed', 'local_agreed')"


async def publish(conn: Connection, found: Sequence[Pair]) -> None:
    """The unique indexes of the table, not this code, promise that nobody stands in too many."""
    await conn.executemany(
        "INSERT INTO pairs (id, round_id, newcomer, local, slot, why, state, answer_by, remind_at, introduced_at,"
        "   follow_up_at)"
        " SELECT $1, $2, $3, $4, $5, $6, $7::text, $8::timestamptz, now + ($8 - now) / 2,"
        "   CASE WHEN $7 = 'introduced' THEN now END, CASE WHEN $7 = 'introduced' THEN now + $9::interval END"
        " FROM clock_now() AS now",
        [(*(getattr(pair, name) for name in Pair.__dataclass_fields__), FOLLOW_UPS["day_5"]) for pair in found],
    )


async def live(conn: Connection, round_id: UUID, person: UUID) -> list[Pair]:
    rows = await conn.fetch(
        f"SELECT {PAIR} FROM pairs WHERE round_id = $1 AND state <> 'ended' AND $2 IN (newcomer, local) ORDER BY id",
        round_id,
        person,
    )
    return [Pair(**dict(row)) for row in rows]


async def get(conn: Connection, pair_id: UUID) -> Pair | None:
    row = await conn.fetchrow(f"SELECT {PAIR} FROM pairs WHERE id = $1", pair_id)
    return Pair(**dict(row)) if row else None


async def last_of(conn: Connection, round_id: UUID, person: UUID) -> UUID:
    """The pair of theirs that ended last."""
    found: UUID = await conn.fetchval(
        "SELECT id FROM pairs WHERE round_id = $1 AND $2 IN (newcomer, local) ORDER BY ended_at DESC NULLS LAST, id LIMIT 1",
        round_id,
        person,
    )
    return found


async def set_state(conn: Connection, pair_id: UUID, state: PairState) -> None:
    await conn.execute(
        "UPDATE pairs SET state = $2,"
        " introduced_at = CASE WHEN $2 = 'introduced' THEN coalesce(introduced_at, clock_now()) ELSE introduced_at END,"
        " follow_up_at = CASE WHEN $2 = 'introduced' AND introduced_at IS NULL THEN clock_now() + $3::interval"
        "   WHEN $2 = 'introduced' THEN follow_up_at END,"
        " ended_at = CASE WHEN $2 = 'ended' THEN clock_now() END WHERE id = $1",
        pair_id,
        state,
        FOLLOW_UPS["day_5"],
    )


async def keep_saying(conn: Connection, pair_id: UUID, role: Role, said: str) -> None:
    """`said`: an answer, or `nothing` where the time to answer is over."""
    await conn.execute(f"UPDATE pairs SET {role}_said = $2 WHERE id = $1", pair_id, said)


async def keep_reason(conn: Connection, pair_id: UUID, reason: str, by: UUID) -> None:
    await conn.execute("UPDATE pairs SET ended_reason = $2, ended_by = $3 WHERE id = $1", pair_id, reason, by)


async def was_reported(conn: Connection, round_id: UUID, person: UUID) -> bool:
    """Whether somebody ended their pair with them for safety's sake."""
    found = await conn.fetchval(
        "SELECT EXISTS (SELECT FROM pairs WHERE round_id = $1 AND $2 IN (newcomer, local)"
        " AND ended_reason = 'safety' AND ended_by <> $2)",
        round_id,
        person,
    )
    return bool(found)


async def reminded(conn: Connection, pair_id: UUID) -> None:
    await conn.execute("UPDATE pairs SET remind_at = NULL WHERE id = $1", pair_id)


async def rounds_due(conn: Connection, grace_seconds: float) -> list[UUID]:
    """Rounds in which somebody is to be reminded or asked how it goes, or their time to answer is over; an answer given in
    time may still be on its way for `grace_seconds`.
    """
    rows = await conn.fetch(
        f"SELECT round_id FROM pairs JOIN rounds ON rounds.id = round_id AND phase = 'published' WHERE {WAITS}"
        "   AND (remind_at <= clock_now() OR answer_by <= clock_now() - make_interval(secs => $1))"
        " UNION SELECT round_id FROM pairs JOIN rounds ON rounds.id = round_id AND phase = 'published'"
        "   WHERE follow_up_at <= clock_now()",
        grace_seconds,
    )
    return [row["round_id"] for row in rows]


async def over(conn: Connection, round_id: UUID, grace_seconds: float, most: int) -> list[Pair]:
    """Pairs whose time to answer is over."""
    rows = await conn.fetch(
        f"SELECT {PAIR} FROM pairs WHERE round_id = $1 AND {WAITS}"
        " AND answer_by <= clock_now() - make_interval(secs => $2) ORDER BY answer_by, id LIMIT $3",
        round_id,
        grace_seconds,
        most,
    )
    return [Pair(**dict(row)) for row in rows]


async def unanswered(conn: Connection, round_id: UUID) -> list[Pair]:
    rows = await conn.fetch(f"SELECT {PAIR} FROM pairs WHERE round_id = $1 AND {WAITS} ORDER BY id", round_id)
    return [Pair(**dict(row)) for row in rows]


async def half_over(conn: Connection, round_id: UUID, most: int) -> list[Pair]:
    """Pairs of which somebody is to be reminded."""
    rows = await conn.fetch(
        f"SELECT {PAIR} FROM pairs WHERE round_id = $1 AND {WAITS} AND remind_at <= clock_now() AND answer_by > clock_now()"
        " ORDER BY answer_by, id LIMIT $2",
        round_id,
        most,
    )
    return [Pair(**dict(row)) for row in rows]


async def states(conn: Connection, round_id: UUID) -> dict[str, int]:
    rows = await conn.fetch("SELECT state, count(*) FROM pairs WHERE round_id = $1 GROUP BY state ORDER BY state", round_id)
    return {row["state"]: row["count"] for row in rows}


async def endings(conn: Connection, round_id: UUID) -> list[asyncpg.Record]:
    """Pairs that one of the two ended: for safety's sake first, then the newest."""
    return await conn.fetch(
        "SELECT id AS pair, newcomer, local, ended_reason AS reason, ended_by AS by, ended_at AS at FROM pairs"
        " WHERE round_id = $1 AND ended_reason IS NOT NULL ORDER BY ended_reason <> 'safety', ended_at DESC, id",
        round_id,
    )


async def never_again(conn: Connection, round_id: UUID, *, here_too: bool) -> list[asyncpg.Record]:
    """Pairs of people of this round who knew each other by us before, or of whom one never wants to be asked about the other
    again; and with `here_too`, whoever stood together in this round.
    """
    return await conn.fetch(
        "SELECT DISTINCT p.newcomer, p.local FROM pairs p"
        " JOIN participants n ON n.person_id = p.newcomer AND n.round_id = $1"
        " JOIN participants l ON l.person_id = p.local AND l.round_id = $1"
        " WHERE CASE WHEN p.round_id = $1 THEN $2"
        "   ELSE p.introduced_at IS NOT NULL OR 'not_again' IN (p.newcomer_said, p.local_said) END ORDER BY 1, 2",
        round_id,
        here_too,
    )


async def partners(conn: Connection, person: UUID) -> list[UUID]:
    """Everyone they were ever in a published pair with."""
    rows = await conn.fetch(
        "SELECT CASE WHEN newcomer = $1 THEN local ELSE newcomer END AS partner FROM pairs WHERE $1 IN (newcomer, local)", person
    )
    return [row["partner"] for row in rows]


async def forget_person(conn: Connection, person: UUID) -> None:
    """Takes what was computed from somebody erased, and what they said; ids in pairs stay until the round ends."""
    await conn.execute(
        "DELETE FROM pairs USING rounds WHERE rounds.id = round_id AND phase = 'ended' AND $1 IN (newcomer, local)", person
    )
    await conn.execute("UPDATE pairs SET why = '{}' WHERE $1 IN (newcomer, local)", person)
    await conn.execute("UPDATE pairs SET ended_reason = NULL, ended_by = NULL WHERE ended_by = $1", person)
    await conn.execute("UPDATE pairs SET newcomer_said = NULL WHERE newcomer = $1", person)
    await conn.execute("UPDATE pairs SET local_said = NULL WHERE local = $1", person)
