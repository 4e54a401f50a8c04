"""Forms, people and rounds of these tests, and what the service has said."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from services.registration.domain.answers import Answers
from services.registration.handlers import own_data
from services.registration.handlers import rounds as round_handlers
from services.registration.handlers.sign_up import SignUp, sign_up
from services.registration.regions import Region, RoundDraft, read_regions, round_id
from services.registration.store.people import Place
from shared.runtime import db
from shared.schemas.envelope import Event, decode
from shared.schemas.topics import TOPICS

REGIONS_DIR = Path(__file__).parents[3] / "deploy" / "regions"
REGIONS = read_regions(REGIONS_DIR)
LUDWIGSBURG: Region = REGIONS["ludwigsburg"]
HANNOVER: Region = REGIONS["hannover"]
ROUND = round_id("ludwigsburg", "2021-autumn")
HERE = Place("71638", "", "")
NEXT_OPENS, NEXT_CLOSES = (datetime.fromisoformat(date) for date in ("2021-10-20", "2021-12-01"))
E = TypeVar("E", bound=Event)

# Names of living scripts that must pass unchanged; Persian with its joiner, Tigrinya, Tamil with vowel signs.
REAL_NAMES = (
    "Änne Groß-Müller",
    "Søren O'Neill",
    "Nguyễn Thị Ánh",
    "محمد عبد الرحمن",
    "سارا\u200cجان",
    "Олександра Ґалаґан",
    "ሰላም ገብረ",
    "கார்த்திகா",
    "王小明",
    "Şükrü İpek",
)
HOSTILE_NAMES = (
    "=?utf-8?q?a=0ABcc:_x@example.org?=",
    "{{7*7}}",
    "{0.__class__}",
    "%s%n",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=HYPERLINK(1)",
    "evil.example/login",
    "Robert'); DROP TABLE people;--",
)
REFUSED_NAMES = (
    "a\r\nBcc: x",
    "a\u2028b",
    "a\u2029b",
    "a\0b",
    "a\x1bb",
    "a\x85b",
    "Anna\u202egpj",
    "Anna\u2066x\u2069",
    "e" + "\u0301" * 60,
    "\u0301",
    "...",
    "\ue000a",
    "a\ud800",
    "a\U000e0041",
)


def form(**other: str | list[str]) -> dict[str, list[str]]:
    """What somebody suitable types, with some fields otherwise; None takes a field away."""
    given: dict[str, Any] = {
        "form_token": "a-form-of-these-tests",
        "role": "newcomer",
        "name": "Anna Beispiel",
        "email": "anna@example.org",
        "place": "71638",
        "birth_year": "1990",
        "gender": "f",
        "wish": "any",
        "language_1": "de",
        "level_1": "well",
        "hobbies": ["cooking"],
        "max_km": "10",
        "release_email": "1",
        "consent": "1",
    }
    merged: Mapping[str, Any] = given | other
    return {name: value if isinstance(value, list) else [value] for name, value in merged.items() if value is not None}


def answers(**other: Any) -> Answers:
    given: dict[str, Any] = {
        "role": "newcomer",
        "name": "Anna Beispiel",
        "email": "anna@example.org",
        "phone": "",
        "messenger": "",
        "release_email": True,
        "release_phone": False,
        "release_messenger": False,
        "birth_year": 1990,
        "gender": "f",
        "wish": "any",
        "languages": {"de": "well"},
        "hobbies": ["cooking"],
        "max_km": 10,
        "max_age_gap": None,
        "capacity": 1,
        "party": None,
    }
    return Answers(**(given | other))


def one(number: int, **other: Any) -> SignUp:
    """The form of somebody; each number is another person with an address of their own."""
    given = {"name": f"Person {number}", "email": f"p{number}@example.org"} | other
    return SignUp(ROUND, LUDWIGSBURG.slug, f"form-of-person-{number}", "de", answers(**given), HERE)


async def draft(pool: db.Pool, region: Region = LUDWIGSBURG) -> None:
    async with db.transaction(pool) as conn:
        await round_handlers.draft(conn, region)


async def opened(pool: db.Pool) -> UUID:
    await draft(pool)
    async with db.transaction(pool) as conn:
        await round_handlers.open_(conn, ROUND)
    return ROUND


async def signed_up(pool: db.Pool, person: SignUp) -> UUID:
    async with db.transaction(pool) as conn:
        assert await sign_up(conn, person) == "accepted"
    return person.person


async def confirmed(pool: db.Pool, *people: SignUp) -> list[UUID]:
    for person in people:
        await signed_up(pool, person)
        async with db.transaction(pool) as conn:
            assert await own_data.confirm(conn, person.person) == "confirmed"
    return [person.person for person in people]


async def proved(pool: db.Pool, person: UUID) -> None:
    """They press the button in the mail to the address that waits."""
    async with db.transaction(pool) as conn:
        asking = await conn.fetchval("SELECT new_email_id FROM people WHERE id = $1 AND new_email <> ''", person)
        assert await own_data.prove(conn, asking)


async def closed(pool: db.Pool) -> None:
    async with db.transaction(pool) as conn:
        await round_handlers.close(conn, ROUND)


async def next_round(pool: db.Pool) -> UUID:
    """The round after this one, open; this one ended."""
    await closed(pool)
    async with db.transaction(pool) as conn:
        await round_handlers.end_early(conn, ROUND)
    later = RoundDraft(slug="next", name={"de": "Nächste"}, opens=NEXT_OPENS, closes=NEXT_CLOSES)
    await draft(pool, LUDWIGSBURG.model_copy(update={"rounds": [later]}))
    async with db.transaction(pool) as conn:
        await round_handlers.open_(conn, round_id(LUDWIGSBURG.slug, "next"))
    return round_id(LUDWIGSBURG.slug, "next")


async def said(pool: db.Pool, kind: type[E]) -> list[E]:
    """Events of this kind, in the order in which they were said; what was blanked is not among them."""
    rows = await pool.fetch("SELECT topic, payload FROM outbox WHERE payload IS NOT NULL ORDER BY id")
    topics = {topic.name: topic for topic in TOPICS}
    events = [topics[row["topic"]].read(decode(row["payload"])) for row in rows]
    return [event for event in events if isinstance(event, kind)]


async def everything(pool: db.Pool) -> dict[str, list[str]]:
    """All rows of all tables but the numbers of posts, to see that nothing has changed."""
    names = [row[0] for row in await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
    names.remove("limits")
    return {name: sorted(str(row) for row in await pool.fetch(f'SELECT * FROM "{name}"')) for name in names}
