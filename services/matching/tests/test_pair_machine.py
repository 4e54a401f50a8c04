"""Any order and repetition of answers, deadlines, withdrawals, erasures, endings and searches, on the real database."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from deploy.local.databases import InstallationDatabases
from services.matching.store.runs import Run
from services.matching.tests.asked import all_told, days_pass, ends_with, offered, published, time_is_looked_at
from services.matching.tests.made import claimed, hear
from shared.runtime import db
from shared.schemas.answers import Answered, PairEnded
from shared.schemas.envelope import Event
from shared.schemas.participants import Erased, Withdrawn

NUMBERS = st.integers(0, 50)
PHASES = (Phase.generate, Phase.shrink)  # to explain a failure takes longer than to find it
CAPACITIES, ASKED_AGAIN = (2, 1, 1), 1
NEWCOMERS = 4
T = TypeVar("T")

STANDS = """
SELECT person_id, count(*) FILTER (WHERE state <> 'ended') AS live, count(*) AS asked
FROM pairs, LATERAL (VALUES (newcomer), (local)) AS two (person_id) WHERE round_id = $1 GROUP BY person_id
"""


class PairLives(RuleBasedStateMachine):
    """Some rounds of four newcomers and three locals, one of whom takes two; the engine makes whichever pairs it may."""

    pool: db.Pool
    database: InstallationDatabases
    runner: asyncio.Runner

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize(asked=st.sets(st.tuples(st.integers(0, NEWCOMERS - 1), st.just(0)), max_size=2))
    def publish(self, asked: set[tuple[int, int]]) -> None:
        self.do(self.pool.execute("DELETE FROM outbox"))
        pairs = [*asked, *((newcomer, 1) for newcomer in range(NEWCOMERS) if (newcomer, 0) not in asked)][: len(asked) + 1]
        self.round_id, self.newcomers, self.locals = self.do(
            published(self.pool, pairs, NEWCOMERS, CAPACITIES, asked_again=ASKED_AGAIN)
        )
        self.offers = dict.fromkeys(self.newcomers, 1) | dict(zip(self.locals, CAPACITIES, strict=True))
        self.people, self.gone = list(self.offers), set[UUID]()
        self.run: Run | None = None
        self.everybody, self.never = set[UUID](), set[tuple[UUID, UUID]]()
        self.yes = set[tuple[UUID, UUID]]()  # pair and who agreed to it
        self.said = list[Event]()

    def some_pair(self, number: int) -> dict[str, Any]:
        found = self.do(self.pool.fetch("SELECT * FROM pairs WHERE round_id = $1 ORDER BY id", self.round_id))
        return dict(found[number % len(found)])

    def say(self, event: Event) -> None:
        self.said.append(event)
        self.do(hear(self.pool, event))

    @rule(which=NUMBERS, role=st.sampled_from(["newcomer", "local"]), answer=st.sampled_from(["yes", "yes", "no", "not_again"]))
    def answer(self, which: int, role: str, answer: Any) -> None:
        pair = self.some_pair(which)
        if answer == "yes":
            self.yes.add((pair["id"], pair[role]))
        self.say(Answered(pair=pair["id"], person=pair[role], answer=answer))

    @rule(which=NUMBERS, who=NUMBERS)
    def stranger_answers(self, which: int, who: int) -> None:
        pair, person = self.some_pair(which), self.people[who % len(self.people)]
        if person not in (pair["newcomer"], pair["local"]):
            self.say(Answered(pair=pair["id"], person=person, answer="no"))

    @rule(which=NUMBERS, role=st.sampled_from(["newcomer", "local"]), reason=st.sampled_from(["no_time", "safety"]))
    def end(self, which: int, role: str, reason: Any) -> None:
        pair = self.some_pair(which)
        self.say(PairEnded(pair=pair["id"], person=pair[role], reason=reason))

    @rule(who=NUMBERS, erased=st.booleans())
    def go(self, who: int, erased: bool) -> None:
        person = self.people[who % len(self.people)]
        self.gone.add(person)
        if erased:
            self.say(Erased(person=person, version=2, round=self.round_id, on_roster=True))
        else:
            self.say(Withdrawn(person=person, version=1, round=self.round_id))

    @precondition(lambda self: self.said)
    @rule(which=NUMBERS)
    def hear_again(self, which: int) -> None:
        self.do(hear(self.pool, self.said[which % len(self.said)]))

    @rule(days=st.sampled_from([2.0, 4.0, 8.0]))
    def time_passes(self, days: float) -> None:
        self.do(days_pass(self.pool, self.database, self.round_id, days))
        self.do(time_is_looked_at(self.pool, self.round_id))

    @precondition(lambda self: self.run is None)
    @rule()
    def search_begins(self) -> None:
        self.run = self.do(claimed(self.pool))
        if self.run:
            people, self.never = self.do(offered(self.pool, self.run))
            self.places = {UUID(person["id"]): person["capacity"] for person in people}

    @precondition(lambda self: self.run is not None)
    @rule(order=st.permutations(range(NEWCOMERS * len(CAPACITIES))))
    def search_ends(self, order: Sequence[int]) -> None:
        assert self.run
        two = [(newcomer, local) for newcomer in self.newcomers for local in self.locals]
        places, found = dict(self.places), list[tuple[UUID, UUID]]()
        for pair in (two[number] for number in order):
            if pair not in self.never and all(places.get(person, 0) > 0 for person in pair):
                found.append(pair)
                for person in pair:
                    places[person] -= 1
        self.do(ends_with(self.pool, self.run, set(self.places), *found))
        self.run = None

    @invariant()
    def nobody_stands_in_too_many_pairs_or_is_asked_too_often(self) -> None:
        for row in self.do(self.pool.fetch(STANDS, self.round_id)):
            assert row["live"] <= self.offers[row["person_id"]]
            assert row["asked"] <= self.offers[row["person_id"]] + ASKED_AGAIN
            assert not row["live"] or row["person_id"] not in self.gone

    @invariant()
    def nobody_is_introduced_who_did_not_agree(self) -> None:
        rows = self.do(self.pool.fetch("SELECT * FROM pairs WHERE round_id = $1 AND introduced_at IS NOT NULL", self.round_id))
        for row in rows:
            assert {(row["id"], row["newcomer"]), (row["id"], row["local"])} <= self.yes

    @invariant()
    def everybody_has_one_outcome_that_is_true_and_was_told(self) -> None:
        rows = self.do(self.pool.fetch("SELECT * FROM outcomes WHERE round_id = $1", self.round_id))
        live = {row["person_id"]: row["live"] for row in self.do(self.pool.fetch(STANDS, self.round_id))}
        told = self.do(all_told(self.pool))
        assert {row["person_id"] for row in rows} == set(self.people) == self.gone | set(told)
        for row in rows:
            person = row["person_id"]
            expected = "withdrawn" if person in self.gone else "matched" if live.get(person) else "unmatched"
            assert row["outcome"] == expected
            if person not in self.gone:
                said = told[person]
                assert (said.revision, said.outcome, said.reason) == (row["revision"], row["outcome"], row["reason"])
                assert len(said.pairs) == live.get(person, 0)

    @invariant()
    def nobody_is_forgotten(self) -> None:
        """Whoever is looked for has a search under way."""
        searching = self.do(
            self.pool.fetchval("SELECT count(*) FROM outcomes WHERE round_id = $1 AND reason = 'searching'", self.round_id)
        )
        under_way = "SELECT count(*) FROM runs WHERE round_id = $1 AND state IN ('queued', 'running')"
        assert not searching or self.do(self.pool.fetchval(under_way, self.round_id)) == 1

    def teardown(self) -> None:
        """Searches come to an end."""
        for _ in range(len(self.people)):
            if self.run is None:
                self.search_begins()
            if self.run is None:
                break
            self.search_ends(range(NEWCOMERS * len(CAPACITIES)))
        searching = "SELECT count(*) FROM outcomes WHERE round_id = $1 AND reason = 'searching'"
        assert self.do(self.pool.fetchval(searching, self.round_id)) == 0


@pytest.fixture
def machine(database: InstallationDatabases) -> Iterator[type[PairLives]]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        pool = runner.run(stack.enter_async_context(db.open_pool(database.url("matching", "app"))))
        try:
            yield type("PairLives", (PairLives,), {"pool": pool, "database": database, "runner": runner})
        finally:
            runner.run(stack.aclose())


def test_whatever_happens_in_whatever_order_nobody_stands_twice_is_asked_too_often_or_forgotten(
    machine: type[PairLives],
) -> None:
    unhurried = settings(
        max_examples=12,
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=PHASES,
    )
    run_state_machine_as_test(machine, settings=unhurried)
