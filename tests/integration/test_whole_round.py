"""A round from sign-up to the mail: everyone has exactly one outcome and is told once, in their language."""

from tests.rounds import Round, person, town

PEOPLE = [
    *town(4, 3),
    person(20, language="ar", languages=(("ar", "native"), ("de", "little"))),
    person(21, languages=(("am", "native"),)),
    person(22, postcode="10115", max_km=5),
]


async def test_everyone_on_the_roster_has_one_outcome_and_is_told_once_in_their_language(round_: Round) -> None:
    await round_.signed_up(PEOPLE)
    closed = await round_.close()
    await round_.solved()
    await round_.publish()
    await round_.told()

    outcomes = await round_.outcomes()
    assert closed["count"] == len(PEOPLE)
    assert set(outcomes) == {round_.person_id(row) for row in PEOPLE}
    assert [kind for kind, _ in outcomes.values()].count("matched") == 6
    assert outcomes[round_.person_id(PEOPLE[8])] == ("unmatched", "no_shared_language")
    assert outcomes[round_.person_id(PEOPLE[9])] == ("unmatched", "none_within_distance")
    for row in PEOPLE:
        assert [mail["language"] for mail in await round_.results(row)] == [row.language], row.id


async def test_partners_read_each_others_first_name_and_released_contact_and_nothing_of_anyone_else(round_: Round) -> None:
    rows = town(2, 2)
    await round_.signed_up(rows)
    await round_.close()
    await round_.solved()
    await round_.publish()
    await round_.told()

    by_id = {round_.person_id(row): row for row in rows}
    for newcomer, local in await round_.pairs():
        for me, other in ((newcomer, local), (local, newcomer)):
            (mail,) = await round_.results(by_id[me])
            assert round_.address(by_id[other]) in mail["text"]
            strangers = [round_.address(row) for row in rows if row not in {by_id[me], by_id[other]}]
            assert not any(stranger in mail["text"] + mail["html"] for stranger in strangers)


async def test_the_same_closed_round_always_gives_the_same_result(round_: Round) -> None:
    rows = town(6, 4)
    await round_.signed_up(rows)
    await round_.close()
    await round_.solved()
    first = await _plan(round_)
    await round_.execute("matching", "DELETE FROM proposals USING runs WHERE runs.id = run_id AND round_id = $1", round_.id)
    await round_.execute("matching", "DELETE FROM left_over USING runs WHERE runs.id = run_id AND round_id = $1", round_.id)
    await round_.execute("matching", "UPDATE rounds SET phase = 'solving' WHERE id = $1", round_.id)
    await round_.execute("matching", "UPDATE runs SET state = 'queued', input_digest = NULL WHERE round_id = $1", round_.id)
    await round_.solved()

    assert await _plan(round_) == first


async def _plan(round_: Round) -> list[tuple[object, ...]]:
    rows = await round_.fetch(
        "matching",
        "SELECT newcomer, local, slot, fit FROM proposals JOIN runs ON runs.id = run_id WHERE round_id = $1 ORDER BY newcomer",
        round_.id,
    )
    return [tuple(row) for row in rows]
