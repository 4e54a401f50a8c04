"""What a coordinator is told: by registration as it runs, by others that do not answer, and by what is no service at all."""

import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from conftest import NewInstallation
from coordinator.__main__ import main, run
from coordinator.desk import TOKEN, RefusedError
from coordinator.tests.stand_in import StandIn
from deploy.local.ports import free_port
from shared.runtime.audit import hash_of

ROUND = ["ludwigsburg", "2021-autumn"]
ID = str(UUID(int=7))
ANNA, BEN = str(UUID(int=1)), str(UUID(int=2))


@pytest.fixture(scope="module")
def environment(new_installation: NewInstallation) -> dict[str, str]:
    """Registration runs, a fortnight before its round; where the others are nobody has said."""
    installation = new_installation(services=("registration",))
    installation.move_clock(datetime.fromisoformat("2021-10-01T12:00+02:00"))
    installation.start("registration")
    given = installation.coordinator_environment()
    given[TOKEN] = run(["token", "--name", "Test", "--regions", "ludwigsburg"], given)
    end = time.monotonic() + 20
    while "no such round" in refused(["close", *ROUND], given):
        assert time.monotonic() < end, "the round is not drafted"
        time.sleep(0.05)
    return given


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn().listening() as listening:
        yield listening


@pytest.fixture
def strange(stand_in: StandIn) -> dict[str, str]:
    """All four services are the stand-in."""
    return {TOKEN: "a.b.c"} | {
        f"MYBUDDY_{name}_URL": stand_in.url for name in ("REGISTRATION", "GEO", "MATCHING", "NOTIFICATION")
    }


def refused(arguments: list[str], environment: dict[str, str]) -> str:
    with pytest.raises(RefusedError) as caught:
        run(arguments, environment)
    return str(caught.value)


def said(value: Any, status: int = 200) -> tuple[int, bytes]:
    return status, json.dumps(value).encode()


def test_a_step_that_is_not_allowed_now_is_refused_in_the_services_own_words(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["coordinator", "close", *ROUND])
    monkeypatch.setattr(os, "environ", environment)
    assert main() == 1
    assert capsys.readouterr() == ("", "The round is draft; only an open one can be closed.\n")


def test_others_regions_rounds_and_people_are_refused_in_a_sentence_each(environment: dict[str, str]) -> None:
    assert refused(["show", "hannover", "2021-autumn"], environment) == "You are not a coordinator of this region."
    assert refused(["show", "ludwigsburg", "1999"], environment) == "This region has no such round."
    place = ["place", "ludwigsburg"]
    assert refused([*place, str(uuid4()), "71638"], environment) == "Nobody of this region has this id."
    assert refused([*place, str(uuid4()), "somewhere"], environment) == "A postcode has five digits."
    assert refused([*place, "nobody", "71638"], environment) == "“nobody” is not the id of a person."
    assert refused(["close", *ROUND], environment | {TOKEN: "a.b.c"}) == "A coordinator's token is needed."
    assert refused(["person", "ludwigsburg", str(uuid4())], environment) == "Nobody of this region has this id."
    assert refused(["person", "hannover", str(uuid4())], environment) == "You are not a coordinator of this region."
    nobody = "Nobody with this id was erased in ludwigsburg."
    assert refused(["receipts", "ludwigsburg", str(uuid4())], environment) == nobody


def test_entries_in_doubt_are_listed_accepted_and_refused(stand_in: StandIn, strange: dict[str, str]) -> None:
    decided = f"POST /coordinator/doubts/ludwigsburg/{ANNA}"
    stand_in.says |= {
        "GET /coordinator/doubts/ludwigsburg/2021-autumn": said([{"person": ANNA, "kind": "name"}]),
        decided: said({"state": "confirmed", "in_doubt": []}),
    }
    assert run(["doubts", *ROUND], strange) == [{"person": ANNA, "kind": "name"}]
    for command in ("accept", "refuse"):
        answer = run([command, "ludwigsburg", ANNA, "--reason", "known to us", "--kind", "name"], strange)
        assert answer == {"state": "confirmed", "in_doubt": []}


def test_a_decision_about_an_entry_is_refused_in_a_sentence(environment: dict[str, str]) -> None:
    assert run(["doubts", *ROUND], environment) == []
    accept = ["accept", "ludwigsburg"]
    assert refused([*accept, str(uuid4()), "--reason", "known"], environment) == "Nobody of this region has this id."
    short = "A reason is needed: one line of 3 to 300 characters."
    assert refused([*accept, str(uuid4()), "--reason", "no"], environment) == short


def test_questions_are_listed_with_the_language_of_their_words_and_answered(stand_in: StandIn, strange: dict[str, str]) -> None:
    question = {"id": ID, "person": ANNA, "language": "ar", "text": "متى؟"}
    stand_in.says |= {
        "GET /coordinator/asked/ludwigsburg": said([question]),
        "GET /coordinator/asked/ludwigsburg?all": said([question, question]),
        f"POST /coordinator/asked/ludwigsburg/{ID}": said(question | {"answer": "غدًا"}),
    }
    assert run(["asked", "ludwigsburg"], strange) == [question]
    assert run(["asked", "ludwigsburg", "--all"], strange) == [question, question]
    assert run(["answer", "ludwigsburg", ID, "--text", "غدًا"], strange)["answer"] == "غدًا"


def test_an_answer_is_refused_in_a_sentence(environment: dict[str, str]) -> None:
    assert run(["asked", "ludwigsburg"], environment) == []
    answer = ["answer", "ludwigsburg", str(uuid4()), "--text"]
    assert refused([*answer, "Gern."], environment) == "This region has no such question."
    assert refused([*answer, " "], environment) == "An answer is needed: 1 to 2000 characters."


def test_a_service_that_is_away_is_named_with_its_address(environment: dict[str, str]) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    away = environment | {"MYBUDDY_MATCHING_URL": url}
    assert refused(["show", *ROUND], away) == f"matching at {url} does not answer (ConnectError)."
    assert refused(["show", *ROUND], environment) == "MYBUDDY_MATCHING_URL is not set: where is matching?"
    for wrong in ("127.0.0.1:1", "ftp://x", "http://[", "http://127.0.0.1:99999"):
        said = refused(["publish", *ROUND], environment | {"MYBUDDY_MATCHING_URL": wrong})
        assert said.startswith(f"matching at {wrong} does not answer (")


def test_a_round_is_shown_from_three_services_also_before_matching_knows_it(
    environment: dict[str, str], stand_in: StandIn
) -> None:
    elsewhere = environment | {f"MYBUDDY_{name}_URL": stand_in.url for name in ("MATCHING", "NOTIFICATION")}
    opened = run(["open", *ROUND], environment)
    assert opened["phase"] == "open"
    stand_in.says[f"GET /coordinator/messages/{opened['round']}"] = said([{"kind": "confirm", "count": 3}])
    shown = run(["show", *ROUND], elsewhere)
    assert shown["registration"]["phase"] == "open"
    assert (shown["matching"], shown["messages"]) == (None, [{"kind": "confirm", "count": 3}])
    assert {token for _, token in stand_in.heard} == {f"Bearer {environment[TOKEN]}"}


def test_what_was_done_is_listed_and_proved(environment: dict[str, str]) -> None:
    run(["open", *ROUND], environment)
    lines = [json.loads(line) for line in run(["audit", "ludwigsburg"], environment).splitlines()]
    assert ("Test", "round.open", {"round": ROUND[1]}) in [(line["name"], line["action"], line["detail"]) for line in lines]
    proved = run(["audit", "ludwigsburg", "--verify"], environment)
    assert (proved["from"], proved["lines"] > len(lines)) == (lines[0]["at"], True)
    again = run(["audit", "ludwigsburg", "--verify", "--noted", proved["hash"]], environment)
    assert again["lines"] > proved["lines"]
    missing = refused(["audit", "ludwigsburg", "--verify", "--noted", "f" * 64], environment)
    assert missing.startswith(f"The audit of ludwigsburg has no line with the hash {'f' * 64}")
    assert refused(["audit", "hannover"], environment) == "You are not a coordinator of this region."


def audit_line(number: int, previous: str) -> dict[str, Any]:
    line = {"id": number, "region": "ludwigsburg", "at": f"2021-10-0{number}T08:00:00.000000+00:00", "name": "Jörg", "detail": {}}
    return line | {"previous": previous, "hash": hash_of(line | {"previous": previous})}


def test_the_first_line_that_does_not_fit_is_named(stand_in: StandIn, strange: dict[str, str]) -> None:
    first = audit_line(1, "of a line past its time")
    second = audit_line(2, first["hash"])
    third = audit_line(3, second["hash"])
    for lines, sentence in (
        ([first, second | {"name": "B"}, third], "line 2 of 2021-10-02T08:00:00.000000+00:00 does not fit."),
        ([first, third], "line 3 of 2021-10-03T08:00:00.000000+00:00 does not fit."),
    ):
        body = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
        stand_in.says["GET /coordinator/audit/ludwigsburg?after=0"] = 200, body
        stand_in.says["GET /coordinator/audit/ludwigsburg?after=3"] = 200, b""
        assert refused(["audit", "ludwigsburg", "--verify"], strange) == f"The audit of ludwigsburg was changed: {sentence}"
    for nonsense in (b"<html>", b"[1]", b'{"id": 1}'):
        stand_in.says["GET /coordinator/audit/ludwigsburg?after=0"] = 200, nonsense
        assert refused(["audit", "ludwigsburg"], strange) == f"What answers at {stand_in.url} is not registration."


def test_an_audit_without_a_line_fits(stand_in: StandIn, strange: dict[str, str]) -> None:
    stand_in.says["GET /coordinator/audit/ludwigsburg?after=0"] = 200, b""
    assert run(["audit", "ludwigsburg", "--verify"], strange) == {"lines": 0, "hash": "0" * 64}


@pytest.mark.parametrize("service", ["geo", "matching", "notification"])
def test_the_audit_of_another_service_is_asked_of_that_service(stand_in: StandIn, strange: dict[str, str], service: str) -> None:
    line = audit_line(1, "0" * 64)
    stand_in.says["GET /coordinator/audit/ludwigsburg?after=0"] = 200, f"{json.dumps(line)}\n".encode()
    asked = ["audit", "ludwigsburg", "--of", service]
    alone = {TOKEN: strange[TOKEN], f"MYBUDDY_{service.upper()}_URL": stand_in.url}
    assert json.loads(run(asked, alone)) == line
    assert run([*asked, "--verify"], alone)["hash"] == line["hash"]


def test_what_goes_by_itself_is_told(environment: dict[str, str]) -> None:
    assert run(["retention", "ludwigsburg"], environment)["goes"] == []


def test_questions_are_put_together_from_geo_and_registration(stand_in: StandIn, strange: dict[str, str]) -> None:
    of_round = "GET /coordinator/rounds/ludwigsburg/2021-autumn"
    stand_in.says |= {
        f"{of_round}/questions": said({"round": ID, "questions": [{"person": ANNA, "typed": "bei Oma", "language": "de"}]}),
        "GET /coordinator/questions/ludwigsburg": said(
            [
                {"person": ANNA, "round": ID, "postcode": "", "reason": "no_place"},
                {"person": BEN, "round": ID, "postcode": "00001", "reason": "unknown_postcode"},
                {"person": str(uuid4()), "round": str(uuid4()), "postcode": "", "reason": "no_place"},
            ]
        ),
    }
    found = run(["questions", *ROUND], strange)
    assert [(one["person"], one["typed"], one["reason"]) for one in found] == [
        (ANNA, "bei Oma", "no_place"),
        (BEN, "00001", "unknown_postcode"),
    ]
    asked = [path for path, _ in stand_in.heard]
    assert asked == [f"{of_round}/questions", "GET /coordinator/questions/ludwigsburg"], "one look is one line in the audit"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (said({"detail": "The plan has a pair with somebody gone."}, 409), "The plan has a pair with somebody gone."),
        (said({"detail": [{"msg": "one"}, {"msg": "two"}]}, 422), "one; two"),
        (said({"detail": ["one", None]}, 422), "one; None"),
        (said({"detail": {"msg": "one"}}, 400), "one"),
        (said({"detail": None}, 400), "None"),
        ((500, b"<html>Internal Server Error</html>"), "matching answered with HTTP 500."),
        ((502, b""), "matching answered with HTTP 502."),
        (said(["no detail"], 503), "matching answered with HTTP 503."),
        ((200, b"<html>Welcome to nginx</html>"), "What answers at {url} is not matching."),
        ((200, b"\xff\xfe"), "What answers at {url} is not matching."),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value[0]),
)
def test_whatever_comes_back_is_one_sentence(
    stand_in: StandIn, strange: dict[str, str], answer: tuple[int, bytes], sentence: str
) -> None:
    stand_in.says["POST /coordinator/rounds/ludwigsburg/2021-autumn/publish"] = answer
    assert refused(["publish", *ROUND], strange) == sentence.format(url=stand_in.url)


def test_answers_are_printed_as_json_in_every_script(
    stand_in: StandIn, strange: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in.says["POST /coordinator/rounds/ludwigsburg/2021-autumn/repair"] = said({"phase": "solving", "name": "Осінь"})
    monkeypatch.setattr(sys, "argv", ["coordinator", "repair", *ROUND])
    monkeypatch.setattr(os, "environ", strange)
    assert main() == 0
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"phase": "solving", "name": "Осінь"}
    assert "Осінь" in printed


@pytest.mark.parametrize("command", ["publish", "repair", "show"])
def test_the_engines_proof_is_shown_to_whoever_asks_for_it(stand_in: StandIn, strange: dict[str, str], command: str) -> None:
    proof = {"status": "optimal", "seed": 7, "digest": "f" * 64}
    shown = {"phase": "solved", "run": {"state": "solved", "proof": proof}}
    of_round = "/coordinator/rounds/ludwigsburg/2021-autumn"
    method = "GET" if command == "show" else "POST"
    stand_in.says[f"{method} {of_round}{'' if command == 'show' else f'/{command}'}"] = said(shown | {"round": ID})
    brief, whole = (run([command, *ROUND, *more], strange) for more in ([], ["--all"]))
    brief, whole = (one["matching"] if command == "show" else one for one in (brief, whole))
    assert brief["run"] == {"state": "solved", "optimal": True}
    assert whole["run"]["proof"] == proof


def test_what_did_not_arrive_is_listed_and_sent_again_with_the_token(stand_in: StandIn, strange: dict[str, str]) -> None:
    stand_in.says["GET /coordinator/undelivered/ludwigsburg"] = (200, b'[{"message": "m1", "said": "recipient refused 550"}]')
    stand_in.says["POST /coordinator/undelivered/ludwigsburg/m1/resend"] = (200, b'{"message": "m1", "state": "queued"}')
    sent = "This message was sent; it is not sent twice."
    stand_in.says["POST /coordinator/undelivered/ludwigsburg/m2/resend"] = (409, f'{{"detail": "{sent}"}}'.encode())
    assert run(["undelivered", "ludwigsburg"], strange) == [{"message": "m1", "said": "recipient refused 550"}]
    assert run(["resend", "ludwigsburg", "m1"], strange) == {"message": "m1", "state": "queued"}
    assert refused(["resend", "ludwigsburg", "m2"], strange) == sent
    assert {told for _, told in stand_in.heard} == {"Bearer a.b.c"}
