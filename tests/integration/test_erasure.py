"""Erasure at every moment: each service forgets and says so, and nothing that could name the person is left anywhere."""

from uuid import uuid5

import pytest

from coordinator.desk import RefusedError
from deploy.local.installation import Installation
from tests.integration.looking import Found, logs, rows_with, topics
from tests.integration.moments import AFTER_CLOSE, MOMENTS, Stories, actor, language_of, phone
from tests.rounds import SLUG, Round, person, token_of, until

FOUR = ["geo", "matching", "notification", "registration"]
# What still holds the id of somebody erased, and nothing else of them: who was counted, and that they are erased.
COUNTED = {("registration", "roster"), ("matching", "participants"), ("matching", "outcomes")}
PLAN = {("matching", "pairs"), ("matching", "proposals"), ("matching", "left_over")}
PROOF = {("registration", "erasures"), ("registration", "erasure_receipts"), ("registration", "audit"), ("matching", "gone")}
SAID = {(service, "outbox") for service in FOUR}
TAKEN_BACK = {("registration", "turned_away")}


@pytest.fixture(scope="module")
async def words(stories: Stories) -> dict[str, list[str]]:
    """Of each moment's erased person: name, address and phone, once all stories are told."""
    found = {}
    for moment in MOMENTS:
        story, row = await stories.of(moment), actor(moment, "erase")
        found[moment] = [row.name.split()[0], story.round_.address(row).split("@")[0], phone(row), phone(row).replace(" ", "")]
    return found


@pytest.fixture(scope="module")
async def everywhere(shared_installation: Installation, words: dict[str, list[str]]) -> tuple[Found, bytes]:
    """All rows that hold one of the words; all bytes of topics and logs."""
    rows = await rows_with(shared_installation, [word for one in words.values() for word in one])
    said = [value for values in (await topics(shared_installation)).values() for value in values]
    return rows, b"\n".join([*said, *logs(shared_installation).values()])


@pytest.mark.parametrize("moment", MOMENTS)
async def test_each_of_the_four_services_gives_its_receipt(stories: Stories, moment: str) -> None:
    story = await stories.of(moment)
    assert await story.receipts(actor(moment, "erase")) == FOUR


@pytest.mark.parametrize("moment", MOMENTS)
async def test_no_table_topic_or_log_holds_their_name_address_or_phone(
    everywhere: tuple[Found, bytes], words: dict[str, list[str]], moment: str
) -> None:
    rows, said = everywhere
    for word in words[moment]:
        assert not [place for place, texts in rows.items() if any(word.lower() in text.lower() for text in texts)]
        assert word.encode() not in said


async def test_who_was_not_erased_is_found_by_the_same_search(stories: Stories, shared_installation: Installation) -> None:
    """The search can see, and finds people in the one table that knows them."""
    row = actor("closed", "leave")
    await stories.of("closed")
    assert set(await rows_with(shared_installation, [row.name.split()[0]])) == {("registration", "people")}


@pytest.mark.parametrize("moment", MOMENTS)
async def test_only_their_id_and_version_are_left(stories: Stories, shared_installation: Installation, moment: str) -> None:
    story = await stories.of(moment)
    found = await rows_with(shared_installation, [str(story.round_.person_id(actor(moment, "erase")))])
    assert set(found) <= PROOF | SAID | COUNTED | (PLAN if moment in AFTER_CLOSE else set())
    attributes = ("sewing", "birth_year", "postcode", "max_km", f'"{language_of(moment, "erase")}"')
    for place, rows in found.items():
        assert not [word for word in attributes for row in rows if word in row], place


@pytest.mark.parametrize("moment", MOMENTS)
async def test_what_was_said_of_them_is_blanked_but_for_the_erasure_itself(stories: Stories, moment: str) -> None:
    story, row = await stories.of(moment), actor(moment, "erase")
    assert [kind for kind, _ in await story.said("registration", row)] == ["Erased.v1"]
    assert {kind for kind, _ in await story.said("geo", row)} == {"Erased.v1", "ErasureDone.v1"}
    told = [data for kind, data in await story.said("matching", row) if kind != "ErasureDone.v1"]
    assert [(one["outcome"], one["pairs"]) for one in told] == ([("withdrawn", [])] if moment in {"closed", "solved"} else [])
    assert {kind for kind, _ in await story.said("notification", row)} == {"ErasureDone.v1"}


async def _erased(round_: Round, row_id: str) -> None:
    async def receipts() -> bool:
        return bool(await round_.command("receipts", round_.region, row_id) == FOUR)

    await until("four receipts", receipts)


async def _ended(round_: Round) -> None:
    async def ended() -> bool:
        return await round_.phase() == "ended"

    await round_.command("end", "--early", round_.region, SLUG)
    await until("matching has heard that the round is over", ended)


async def test_after_the_round_only_the_proof_of_the_erasure_is_left(round_: Round, shared_installation: Installation) -> None:
    """Erased while introduced, and erased after the round: both are in no pair any more, and no attribute comes back."""
    rows = [person(n) for n in range(2)] + [person(100 + n, "local") for n in range(2)]
    early, late = rows[0], rows[1]
    await round_.signed_up(rows)
    await round_.close()
    await round_.solved()
    await round_.publish()
    await round_.told()
    await round_.press(early, "withdraw")
    await round_.press(early, "erase")
    await _erased(round_, str(round_.person_id(early)))
    await _ended(round_)
    await round_.press(late, "erase")
    await _erased(round_, str(round_.person_id(late)))

    proof = SAID | PROOF - {("matching", "gone")}
    for row in (early, late):
        assert set(await rows_with(shared_installation, [str(round_.person_id(row))])) <= proof
    assert not await round_.fetch("matching", "SELECT person_id FROM participants WHERE round_id = $1", round_.id)


async def test_the_form_of_somebody_erased_sent_once_more_brings_nobody_back(round_: Round) -> None:
    row = person(1)
    await round_.signed_up([row])
    assert await round_.press(row, "erase") == 303
    await _erased(round_, str(round_.person_id(row)))

    assert (await round_.post(row)).status_code == 303
    assert not await round_.fetch("registration", "SELECT id FROM people WHERE round_id = $1", round_.id)
    assert (await round_.public.get(round_.links[row.id]["me"])).status_code == 404


async def test_who_signs_up_anew_after_an_erasure_is_a_new_person(round_: Round) -> None:
    row = person(1)
    await round_.signed_up([row])
    await round_.press(row, "erase")
    await _erased(round_, str(round_.person_id(row)))

    again = token_of(row) + "-again"
    assert (await round_.post(row, form_token=[again])).status_code == 303
    (stored,) = await round_.fetch("registration", "SELECT id, state FROM people WHERE round_id = $1", round_.id)
    assert (stored["id"], stored["state"]) == (uuid5(round_.id, again), "unconfirmed")

    sent = "SELECT id FROM messages WHERE person_id = $1 AND kind = 'confirm' AND state = 'sent'"
    await until("another confirmation mail", lambda: round_.fetch("notification", sent, stored["id"]))


async def test_receipts_are_shown_to_coordinators_of_the_persons_region_only(round_: Round, stories: Stories) -> None:
    story = await stories.of("handed")
    other = story.round_.person_id(actor("handed", "erase"))
    with pytest.raises(RefusedError, match=f"Nobody with this id was erased in {round_.region}"):
        await round_.command("receipts", round_.region, str(other))
