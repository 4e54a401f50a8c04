"""A question from the page to the office and the answer back, with a mail each way that holds neither."""

from typing import Any

import httpx
import pytest

from coordinator.desk import RefusedError
from deploy.local.demo.page import Page
from tests.rounds import Round, person, until

ANNA = person(1, language="ar", languages=(("ar", "native"), ("de", "little")))
QUESTION, ANSWER = "متى تكون أول مقابلة؟", "في الأسبوع القادم."
WORDS = (QUESTION, ANSWER)


async def _asked(round_: Round) -> None:
    """Sends the form of the page as a browser does."""
    address = f"{round_.links[ANNA.id]['me']}/ask"
    form = Page((await round_.public.get(address)).text).hidden
    answer = await round_.public.post(address, data=form | {"question": QUESTION})
    assert answer.status_code == httpx.codes.SEE_OTHER


async def _sent(round_: Round, kind: str) -> list[dict[str, Any]]:
    """The mails of this kind that were sent in this round, found by their own id, whoever got them."""
    rows = await round_.fetch(
        "notification", "SELECT id FROM messages WHERE round_id = $1 AND kind = $2 AND state = 'sent'", round_.id, kind
    )
    ids = [str(row["id"]) for row in rows]
    summaries = (await round_.reader.get("/api/mails")).json()
    mails = [(await round_.reader.get(f"/api/mails/{one['index']}")).json() for one in summaries] if ids else []
    return [mail for mail in mails if mail["message_id"].strip("<>").split("@")[0] in ids]


async def test_a_question_reaches_the_office_and_the_answer_comes_back(round_: Round) -> None:
    await round_.signed_up([ANNA])
    await _asked(round_)

    (notice,) = await until("the office is told", lambda: _sent(round_, "office_asked"))
    (question,) = await round_.command("asked", round_.region)
    assert (question["text"], question["language"], question["person"]) == (QUESTION, "ar", str(round_.person_id(ANNA)))
    await round_.command("answer", round_.region, question["id"], "--text", ANSWER)
    (mail,) = await until("Anna is told", lambda: _sent(round_, "answered"))

    assert (notice["language"], mail["language"]) == ("de", "ar")
    assert round_.links[ANNA.id]["me"].rpartition("/")[2] in mail["text"]
    for told in (notice, mail):
        assert not [word for word in WORDS if word in told["text"] + told["html"]]
    assert ANNA.name not in notice["text"] + notice["html"]
    page = (await round_.public.get(round_.links[ANNA.id]["me"])).text
    assert [word for word in WORDS if word not in page] == []
    assert await round_.command("asked", round_.region) == []
    with pytest.raises(RefusedError, match="already answered"):
        await round_.command("answer", round_.region, question["id"], "--text", "Doch nicht.")
