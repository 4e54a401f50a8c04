"""A round of 10,000 newcomers and 10,000 locals: told to the service, solved, published, and heard of by everyone once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import pytest

from coordinator.__main__ import run as coordinator
from coordinator.desk import TOKEN
from deploy.local import proc
from deploy.local.installation import Installation
from services.matching.settings import Settings
from services.matching.tests.made import RULES, closed, located
from shared.runtime.tests.waiting import until
from shared.schemas.envelope import Event, decode
from shared.schemas.located_participants import Located
from shared.schemas.pairings import OutcomeAnnounced, RoundPublished, RunFinished
from shared.schemas.rounds import RoundOpened
from shared.schemas.topics import PAIRINGS
from tests.faults import topics
from tests.faults.topics import told
from tests.load.population import YEAR, population

EACH = 10_000
SECONDS = 120.0
SERVICE_MB = 500
ROUND_ID = UUID(int=20_000)
ROUND = ("ludwigsburg", "large")
ALL_SAID = "SELECT NOT EXISTS (SELECT FROM outbox WHERE published_at IS NULL)"

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Story:
    """What there was to hear of the round from outside, and what a coordinator was shown at its end."""

    people: dict[UUID, Located]
    events: list[Event]
    shown: dict[str, Any]
    shown_again: dict[str, Any]
    loaded: str
    service_mb: float

    @property
    def outcomes(self) -> list[OutcomeAnnounced]:
        return [event for event in self.events if isinstance(event, OutcomeAnnounced)]


@pytest.fixture(scope="module")
async def story(new_installation: Any) -> Story:
    installation: Installation = new_installation(services=("matching",), env={"MYBUDDY_INCOMPLETE_SECONDS": "600"})
    service = await asyncio.to_thread(installation.start, "matching")
    people = [_somebody(line) for line in population("nation", EACH, EACH)]
    await _say_all(installation, people)
    async with _database(installation) as conn:
        await until("the round is solved", lambda: _is_in(conn, "solved"), SECONDS)
        shown, shown_again = await _published(installation), await _published(installation)
        await until("all is said", lambda: conn.fetchval(ALL_SAID), SECONDS)
    events = [PAIRINGS.read(decode(one.value)) for one in await topics.read(installation, PAIRINGS)]
    loaded, peak_mb = await asyncio.to_thread(Path(f"/proc/{service.pid}/maps").read_text), proc.peak_mb(service.pid)
    return Story({one.person: one for one in people}, events, shown, shown_again, loaded, peak_mb)


def _somebody(line: dict[str, Any]) -> Located:
    """A line of the people file as geo would say it."""
    names = ("role", "lat", "lon", "birth_year", "gender", "wish", "max_km")
    return located(
        ROUND_ID,
        uuid5(ROUND_ID, line["id"]),
        languages=dict(one.split(":") for one in line["languages"].split(";")),
        hobbies=[one for one in line["hobbies"].split(";") if one],
        max_age_gap=line["max_age_gap"] or None,
        **{name: line[name] for name in names},
    )


async def _say_all(installation: Installation, people: list[Located]) -> None:
    region, slug = ROUND
    rules, now = RULES.model_copy(update={"year": YEAR, "quality_floor": 400}), datetime.now(UTC)
    opened = RoundOpened(round=ROUND_ID, region=region, slug=slug, opens_at=now, closes_at=now, rules=rules)
    end = closed(ROUND_ID, {one.person: one.version for one in people})
    said = [told(opened, "registration"), *(told(one, "geo") for one in people), told(end, "registration")]
    await topics.say(installation, said)


@asynccontextmanager
async def _database(installation: Installation) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    conn = await asyncpg.connect(installation.database_url("matching"))
    try:
        yield conn
    finally:
        await conn.close()


async def _is_in(conn: "asyncpg.Connection[asyncpg.Record]", phase: str) -> bool:
    return bool(await conn.fetchval("SELECT phase FROM rounds WHERE id = $1", ROUND_ID) == phase)


async def _published(installation: Installation) -> dict[str, Any]:
    """As a coordinator does it, who is told to wait and asks again."""
    environment = installation.coordinator_environment()
    environment[TOKEN] = coordinator(["token", "--name", "Test", "--regions", ROUND[0]], environment)

    async def shown() -> Any:
        answer: Any = await asyncio.to_thread(coordinator, ["publish", *ROUND, "--all"], environment)
        return answer if "phase" in answer else None

    found: dict[str, Any] = await until("the plan is published", shown, SECONDS)
    return found


def test_everyone_is_told_exactly_once(story: Story) -> None:
    assert Counter(event.person for event in story.outcomes) == Counter(list(story.people))
    assert Counter(type(event) for event in story.events) == {OutcomeAnnounced: 2 * EACH, RunFinished: 1, RoundPublished: 1}
    assert {event.revision for event in story.outcomes} == {1}


def test_whoever_is_matched_has_one_partner_of_the_other_side_who_hears_of_them_too(story: Story) -> None:
    partners = {event.person: [pair.partner for pair in event.pairs] for event in story.outcomes}
    for event in story.outcomes:
        assert (len(event.pairs), event.reason is None) == ((1, True) if event.outcome == "matched" else (0, False))
        for partner in partners[event.person]:
            assert partners[partner] == [event.person]
            assert {story.people[one].role for one in (event.person, partner)} == {"newcomer", "local"}


def test_the_counts_agree_wherever_they_are_told(story: Story) -> None:
    (finished,) = (event for event in story.events if isinstance(event, RunFinished))
    (published,) = (event for event in story.events if isinstance(event, RoundPublished))
    kinds = Counter(event.outcome for event in story.outcomes)
    assert kinds == {"matched": published.matched, "unmatched": published.unmatched}
    assert published.pairs == finished.pairs == story.shown["plan"]["pairs"] == published.matched // 2
    assert published.unmatched == finished.unmatched == sum(story.shown["plan"]["unmatched"].values())
    reasons = Counter(f"unmatched: {event.reason}" for event in story.outcomes if event.reason)
    assert story.shown["outcomes"] == {"matched": published.matched, **reasons}
    assert (story.shown["expected"], story.shown["present"], story.shown["gone"]) == (2 * EACH, 2 * EACH, 0)


def test_the_plan_is_the_first_attempts_proved_and_within_the_memory(story: Story) -> None:
    run, proof = story.shown["run"], story.shown["run"]["proof"]
    limit = Settings(database_url="", kafka_bootstrap="").solver_memory_mb
    assert (run["state"], run["attempts"], run["error"], proof["status"]) == ("solved", 1, None, "optimal")
    assert all(level["value"] == level["bound"] for level in proof["levels"].values())
    assert proof["levels"]["pairs"]["value"] == story.shown["plan"]["pairs"] > EACH // 2
    assert proof["engine"]
    assert proof["rules"]["levels"]
    assert limit is not None
    assert proof["peak_mb"] < limit // 4


def test_publishing_again_changes_nothing(story: Story) -> None:
    assert story.shown["phase"] == "published"
    assert story.shown_again == story.shown


def test_the_service_itself_stays_small_and_loads_no_solver(story: Story) -> None:
    assert "asyncpg" in story.loaded
    assert not [name for name in ("llvmlite", "numba", "ortools", "numpy") if name in story.loaded]
    assert story.service_mb < SERVICE_MB
