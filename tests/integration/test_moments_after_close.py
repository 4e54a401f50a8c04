"""The table "moment x change / leave / erase" after a round closed: before and after its plan, published, as mails go out."""

import json

import pytest

from tests.integration.moments import AFTER_CLOSE, BYSTANDERS, Stories, actor, partner, says

ROW = "SELECT state, version, email, hobbies FROM people WHERE id = $1 AND round_id = $2"
PARTICIPANT = "SELECT version, has_left, attributes FROM participants WHERE person_id = $1 AND round_id = $2"
ROSTER = "SELECT version, attributes, gone FROM roster WHERE person_id = $1 AND round_id = $2"
GONE = "SELECT version, how FROM gone WHERE person_id = $1 AND round_id = $2"
OUTCOME = "SELECT outcome, reason, revision FROM outcomes WHERE person_id = $1 AND round_id = $2"
PAIRS = "SELECT state FROM pairs WHERE $1 IN (newcomer, local) AND round_id = $2"
WAITING = "SELECT rounds FROM waiting WHERE person_id = $1 AND $2::uuid IS NOT NULL"
MESSAGES = "SELECT state FROM messages WHERE person_id = $1 AND round_id = $2 AND kind = 'introduced'"

BEFORE_PUBLISHING, PUBLISHED = ("closed", "solved"), ("introduced", "unsent", "handed")
SHOWN = {"closed": "closed", "solved": "solved", "introduced": "published", "unsent": "published", "handed": "published"}
GOES = ("leave", "erase")
FIRST = ["confirm", "welcome"]
# What whoever goes has had in the end, and what their partner has.
MAILS = {
    "closed": (FIRST, [*FIRST, "unmatched"]),
    "solved": (FIRST, [*FIRST, "unmatched"]),
    "unsent": (FIRST, [*FIRST, "unmatched"]),
    "introduced": ([*FIRST, "introduced"], [*FIRST, "introduced", "pair_ended"]),
    "handed": ([*FIRST, "introduced"], [*FIRST, "introduced", "pair_ended"]),
}


@pytest.mark.parametrize("moment", AFTER_CLOSE)
async def test_a_change_is_stored_for_the_next_round_and_the_page_says_so(stories: Stories, moment: str) -> None:
    story, row = await stories.of(moment), actor(moment, "change")
    seen = story.seen[moment, "change"]
    assert (seen.status, seen.after.status) == (303, 200)
    assert says("done.changed_next_round.text") in seen.done.text
    assert says("me.change.next_round") in seen.before.text
    assert says("me.change.next_round") in seen.after.text
    assert story.round_.address(row) in seen.after.text
    stored = await story.one("registration", ROW, row)
    assert (stored["state"], stored["version"], stored["hobbies"]) == ("confirmed", 1, ["chess"])
    assert [kind for kind, _ in await story.said("registration", row)] == ["SignedUp.v1", "Confirmed.v1"]


@pytest.mark.parametrize("moment", AFTER_CLOSE)
async def test_a_change_leaves_this_round_as_it_was(stories: Stories, moment: str) -> None:
    story, row = await stories.of(moment), actor(moment, "change")
    for service, query in (("registration", ROSTER), ("matching", PARTICIPANT)):
        frozen = await story.one(service, query, row)
        assert (frozen["version"], json.loads(frozen["attributes"])["hobbies"]) == (1, ["sewing"])
    assert story.pair(moment, "change") in await story.round_.pairs()
    outcome = await story.one("matching", OUTCOME, row)
    assert (outcome["outcome"], outcome["revision"]) == ("matched", 1)


@pytest.mark.parametrize("moment", AFTER_CLOSE)
async def test_the_result_goes_once_whatever_was_changed_before(stories: Stories, moment: str) -> None:
    story, row = await stories.of(moment), actor(moment, "change")
    assert await story.mails(row) == [*FIRST, "introduced"]
    assert await story.mails(partner(moment, "change")) == [*FIRST, "introduced"]
    (result,) = await story.round_.results(partner(moment, "change"))
    assert story.round_.address(row) in result["text"]


@pytest.mark.parametrize("moment", AFTER_CLOSE)
async def test_who_withdraws_is_gone_but_still_counted_on_the_roster(stories: Stories, moment: str) -> None:
    story, row = await stories.of(moment), actor(moment, "leave")
    stored = await story.one("registration", ROW, row)
    assert (stored["state"], stored["version"], stored["hobbies"]) == ("withdrawn", 1, ["sewing"])
    said = await story.said("registration", row)
    mine = {"person": str(story.round_.person_id(row)), "version": 1, "round": str(story.round_.id)}
    assert [kind for kind, _ in said] == ["SignedUp.v1", "Confirmed.v1", "Withdrawn.v1"]
    assert said[-1][1] == mine
    assert [kind for kind, _ in await story.said("geo", row)] == ["Located.v1", "Withdrawn.v1"]
    frozen = await story.one("registration", ROSTER, row)
    assert (frozen["version"], frozen["gone"]) == (1, "withdrawn")
    assert dict(await story.one("matching", GONE, row)) == {"version": 1, "how": "withdrawn"}
    assert not (await story.one("matching", PARTICIPANT, row))["has_left"]


@pytest.mark.parametrize("moment", AFTER_CLOSE)
async def test_the_page_of_who_withdraws_says_what_it_means(stories: Stories, moment: str) -> None:
    seen = (await stories.of(moment)).seen[moment, "leave"]
    assert says("me.result" if SHOWN[moment] == "published" else f"me.phase.{SHOWN[moment]}") in seen.before.text
    assert says("me.go.withdraw") in seen.before.text
    assert says("me.go.leave") not in seen.before.text
    assert says("ask.withdraw.text") in seen.asked.text
    assert says("ask.minute") in seen.asked.text
    assert (seen.status, seen.after.status) == (303, 200)
    assert says("done.withdrawn.text") in seen.done.text
    assert says("ask.minute") in seen.done.text
    assert says("me.state.withdrawn") in seen.after.text
    assert says("me.go.withdraw") not in seen.after.text


@pytest.mark.parametrize("moment", AFTER_CLOSE)
async def test_who_is_erased_is_gone_with_their_version_only(stories: Stories, moment: str) -> None:
    story, row = await stories.of(moment), actor(moment, "erase")
    assert await story.one("registration", ROW, row) is None
    ((kind, data),) = await story.said("registration", row)
    assert (kind, data["version"], data["on_roster"]) == ("Erased.v1", 1, True)
    frozen = await story.one("registration", ROSTER, row)
    assert (frozen["version"], frozen["attributes"], frozen["gone"]) == (1, None, "erased")
    known = await story.one("matching", PARTICIPANT, row)
    assert (known["version"], known["attributes"], known["has_left"]) == (1, None, False)
    assert dict(await story.one("matching", GONE, row)) == {"version": 1, "how": "erased"}


@pytest.mark.parametrize("moment", AFTER_CLOSE)
async def test_the_page_of_who_is_erased_is_the_receipt(stories: Stories, moment: str) -> None:
    seen = (await stories.of(moment)).seen[moment, "erase"]
    assert says("ask.erase.text") in seen.asked.text
    assert says("ask.final") in seen.asked.text
    assert (says("ask.contact") in seen.asked.text) == (moment in PUBLISHED)
    assert (seen.status, seen.after.status) == (303, 404)
    assert says("done.erased.receipt") in seen.done.text
    assert says("ask.minute") in seen.done.text


@pytest.mark.parametrize("moment", AFTER_CLOSE)
@pytest.mark.parametrize("action", GOES)
async def test_mails_end_with_the_going_and_the_partner_has_one_result(stories: Stories, moment: str, action: str) -> None:
    story = await stories.of(moment)
    assert (await story.mails(actor(moment, action)), await story.mails(partner(moment, action))) == MAILS[moment]
    *_, last = await story.round_.mails(partner(moment, action))
    first_name = actor(moment, action).name.split()[0]
    assert first_name not in last["text"] + last["html"] + last["subject"]


@pytest.mark.parametrize("moment", AFTER_CLOSE)
@pytest.mark.parametrize("action", GOES)
async def test_the_outcome_of_who_goes_is_withdrawn_and_nobody_waits_for_them(stories: Stories, moment: str, action: str) -> None:
    story = await stories.of(moment)
    outcome = await story.one("matching", OUTCOME, actor(moment, action))
    assert (outcome["outcome"], outcome["reason"]) == ("withdrawn", None)
    assert await story.one("matching", WAITING, actor(moment, action)) is None


@pytest.mark.parametrize("moment", BEFORE_PUBLISHING)
@pytest.mark.parametrize("action", GOES)
async def test_before_publishing_their_partner_was_never_in_a_pair(stories: Stories, moment: str, action: str) -> None:
    story, other = await stories.of(moment), partner(moment, action)
    assert await story.one("matching", PAIRS, other) is None
    outcome = await story.one("matching", OUTCOME, other)
    assert (outcome["outcome"], outcome["reason"], outcome["revision"]) == ("unmatched", "no_shared_language", 1)
    assert (await story.one("matching", WAITING, other))["rounds"] == 1


@pytest.mark.parametrize("moment", PUBLISHED)
@pytest.mark.parametrize("action", GOES)
async def test_after_publishing_the_pair_ends_and_the_partner_comes_first_next_time(
    stories: Stories, moment: str, action: str
) -> None:
    story, other = await stories.of(moment), partner(moment, action)
    assert (await story.one("matching", PAIRS, other))["state"] == "ended"
    outcome = await story.one("matching", OUTCOME, other)
    assert (outcome["outcome"], outcome["reason"], outcome["revision"]) == ("unmatched", "partner_gone", 2)
    assert (await story.one("matching", WAITING, other))["rounds"] == 1


@pytest.mark.parametrize("action", GOES)
async def test_a_message_that_waited_is_dropped_and_the_partners_is_superseded(stories: Stories, action: str) -> None:
    story = await stories.of("unsent")
    mine = await story.one("notification", MESSAGES, actor("unsent", action))
    assert mine is None if action == "erase" else mine["state"] == "dropped"
    assert (await story.one("notification", MESSAGES, partner("unsent", action)))["state"] == "superseded"


async def test_a_plan_with_somebody_gone_is_not_published_and_repair_keeps_all_other_pairs(stories: Stories) -> None:
    story = await stories.of("solved")
    before, after = story.plans
    broken = {story.pair("solved", action) for action in GOES}
    assert story.refused == ["2 pairs of the plan have a member who is gone. Repair the plan, then publish it."]
    assert broken <= before
    assert after == before - broken
    assert not {story.pair("closed", action) for action in GOES} & before


@pytest.mark.parametrize("moment", ["whole", "unsent", "handed"])
async def test_whoever_did_nothing_has_one_result_and_it_never_changed(stories: Stories, moment: str) -> None:
    story = await stories.of("closed" if moment == "whole" else moment)
    for row in BYSTANDERS:
        assert await story.mails(row) == [*FIRST, "introduced"]
        assert (await story.one("matching", OUTCOME, row))["revision"] == 1
