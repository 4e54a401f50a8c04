"""The table "moment x change / leave / erase" while a round is open: before confirming, and confirmed."""

import pytest

from tests.integration.moments import BEFORE_CLOSE, Stories, actor, partner, people, says

ROW = "SELECT state, version, email, hobbies, max_km FROM people WHERE id = $1 AND round_id = $2"
PARTICIPANT = "SELECT version, has_left, attributes FROM participants WHERE person_id = $1 AND round_id = $2"
OUTCOME = "SELECT outcome, reason FROM outcomes WHERE person_id = $1 AND round_id = $2"
ROSTER = "SELECT version FROM roster WHERE person_id = $1 AND round_id = $2"
FIRST_MAILS = {"unconfirmed": ["confirm"], "open": ["confirm", "welcome"]}


async def test_who_changes_before_confirming_overwrites_and_is_matched_by_the_new_answers(stories: Stories) -> None:
    story, row = await stories.of("unconfirmed"), actor("unconfirmed", "change")
    stored = await story.one("registration", ROW, row)
    assert (stored["state"], stored["version"], stored["email"]) == ("confirmed", 1, story.round_.address(row))
    said = await story.said("registration", row)
    assert [kind for kind, _ in said] == ["SignedUp.v1", "Confirmed.v1"]
    assert (said[1][1]["version"], said[1][1]["hobbies"], said[1][1]["max_km"]) == (1, ["chess"], 25)
    assert (await story.one("matching", PARTICIPANT, row))["version"] == 1
    assert await story.mails(row) == ["confirm", "welcome", "introduced"]


async def test_who_changes_while_open_says_a_new_version_and_is_matched_by_it(stories: Stories) -> None:
    story, row = await stories.of("open"), actor("open", "change")
    stored = await story.one("registration", ROW, row)
    assert (stored["state"], stored["version"], stored["email"]) == ("confirmed", 2, story.round_.address(row))
    said = await story.said("registration", row)
    assert [kind for kind, _ in said] == ["SignedUp.v1", "Confirmed.v1", "Changed.v1"]
    assert (said[2][1]["version"], said[2][1]["hobbies"], said[2][1]["round"]) == (2, ["chess"], str(story.round_.id))
    known = await story.one("matching", PARTICIPANT, row)
    assert known["version"] == 2
    assert '"chess"' in known["attributes"]
    assert (await story.one("registration", ROSTER, row))["version"] == 2
    assert await story.mails(row) == ["confirm", "welcome", "introduced"]


@pytest.mark.parametrize("moment", BEFORE_CLOSE)
async def test_the_page_says_what_a_change_means_while_open(stories: Stories, moment: str) -> None:
    story = await stories.of(moment)
    seen = story.seen[moment, "change"]
    assert seen.status == 303
    assert says("done.changed.text") in seen.done.text
    assert says("me.change.next_round") not in seen.before.text + seen.after.text
    assert says("me.state.unconfirmed" if moment == "unconfirmed" else "me.state.confirmed") in seen.after.text
    assert story.round_.address(actor(moment, "change")) in seen.after.text
    assert (await story.one("matching", OUTCOME, actor(moment, "change")))["outcome"] == "matched"
    assert story.pair(moment, "change") in await story.round_.pairs()


async def test_who_leaves_before_confirming_is_deleted(stories: Stories) -> None:
    story, row = await stories.of("unconfirmed"), actor("unconfirmed", "leave")
    seen = story.seen["unconfirmed", "leave"]
    assert (seen.status, seen.after.status) == (303, 404)
    assert await story.one("registration", ROW, row) is None
    assert [kind for kind, _ in await story.said("registration", row)] == ["SignedUp.v1", "Left.v1"]
    counted = "SELECT result FROM turned_away WHERE attempt = $1 AND round_id = $2"
    assert (await story.one("registration", counted, row))["result"] == "left"


async def test_who_leaves_while_open_keeps_a_page_that_says_so(stories: Stories) -> None:
    story, row = await stories.of("open"), actor("open", "leave")
    seen = story.seen["open", "leave"]
    assert (seen.status, seen.after.status) == (303, 200)
    assert says("me.state.left") in seen.after.text
    stored = await story.one("registration", ROW, row)
    assert (stored["state"], stored["version"]) == ("left", 2)
    said = await story.said("registration", row)
    assert said[-1] == ("Left.v1", {"person": str(story.round_.person_id(row)), "version": 2, "round": str(story.round_.id)})


@pytest.mark.parametrize("moment", BEFORE_CLOSE)
@pytest.mark.parametrize("action", ["leave", "erase"])
async def test_who_goes_while_open_is_on_no_roster_and_hears_nothing_more(stories: Stories, moment: str, action: str) -> None:
    story, row = await stories.of(moment), actor(moment, action)
    seen = story.seen[moment, action]
    assert says(f"ask.{action}.text") in seen.asked.text
    assert says("ask.minute") in seen.asked.text
    assert says("done.erased.text" if action == "erase" else "done.left.text") in seen.done.text
    assert await story.one("registration", ROSTER, row) is None
    assert (await story.one("matching", PARTICIPANT, row))["has_left"]
    assert await story.one("matching", OUTCOME, row) is None
    assert await story.mails(row) == FIRST_MAILS[moment]


@pytest.mark.parametrize("moment", BEFORE_CLOSE)
@pytest.mark.parametrize("action", ["leave", "erase"])
async def test_whoever_they_would_have_met_is_told_once_that_there_was_nobody(stories: Stories, moment: str, action: str) -> None:
    story, row = await stories.of(moment), partner(moment, action)
    outcome = await story.one("matching", OUTCOME, row)
    assert (outcome["outcome"], outcome["reason"]) == ("unmatched", "no_shared_language")
    assert await story.mails(row) == ["confirm", "welcome", "unmatched"]


@pytest.mark.parametrize("moment", BEFORE_CLOSE)
async def test_who_is_erased_while_open_is_said_to_be_on_no_roster(stories: Stories, moment: str) -> None:
    story, row = await stories.of(moment), actor(moment, "erase")
    ((kind, data),) = await story.said("registration", row)
    assert (kind, data["on_roster"], data["version"]) == ("Erased.v1", False, 1 if moment == "unconfirmed" else 2)
    assert story.seen[moment, "erase"].after.status == 404


async def test_the_round_closed_over_exactly_those_who_were_in(stories: Stories) -> None:
    story = await stories.of("open")
    went = {story.round_.person_id(actor(moment, action)) for moment in BEFORE_CLOSE for action in ("leave", "erase")}
    stayed = {story.round_.person_id(row) for row in people(story.moments)} - went
    (closed,) = await story.round_.fetch("registration", "SELECT roster_count FROM rounds WHERE id = $1", story.round_.id)
    assert closed["roster_count"] == len(stayed)
    assert set(await story.round_.outcomes()) == stayed
