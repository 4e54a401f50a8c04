"""The command line: what it takes, and one sentence for whatever is missing before any service is asked."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import HTTPException, Request

from coordinator.__main__ import KEY_FILE, MOST_DAYS, main, run
from coordinator.desk import TOKEN, RefusedError
from deploy.local.keys import Keys, make_keys
from deploy.local.process import ROOT
from shared.runtime.coordinators import Coordinator, verify

MAKE = ["token", "--name", "A. Coordinator", "--regions", "ludwigsburg, hannover"]
ROUND = ["ludwigsburg", "2021-autumn"]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


def refused(arguments: list[str], **environment: str) -> str:
    with pytest.raises(RefusedError) as caught:
        run(arguments, environment)
    return str(caught.value)


def shown(token: str) -> Request:
    return Request({"type": "http", "headers": [(b"authorization", f"Bearer {token}".encode())]})


def test_a_token_made_with_the_private_key_is_read_with_the_public_one(keys: Keys) -> None:
    token = run(MAKE, {KEY_FILE: str(keys.coordinator_private_file)})
    made = Coordinator("A. Coordinator", "coordinator", ("ludwigsburg", "hannover"))
    assert verify(shown(token), keys.coordinator_public) == made


def test_the_private_key_of_others_makes_no_token_for_here(keys: Keys, tmp_path: Path) -> None:
    token = run(MAKE, {KEY_FILE: str(make_keys(tmp_path).coordinator_private_file)})
    with pytest.raises(HTTPException, match="401"):
        verify(shown(token), keys.coordinator_public)


def test_which_private_key_signs_must_be_said() -> None:
    assert refused(MAKE) == refused(MAKE, **{KEY_FILE: ""}) == f"{KEY_FILE} is not set: which private key signs?"


def test_a_key_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path) -> None:
    missing = tmp_path / "nothing.pem"
    assert refused(MAKE, **{KEY_FILE: str(missing)}) == f"The private key {missing} cannot be read: No such file or directory."
    assert refused(MAKE, **{KEY_FILE: str(tmp_path)}) == f"The private key {tmp_path} cannot be read: Is a directory."
    binary = tmp_path / "binary.pem"
    binary.write_bytes(b"\xff\xfe\x00")
    assert refused(MAKE, **{KEY_FILE: str(binary)}) == f"The private key {binary} cannot be read: it is not text."


@pytest.mark.parametrize("text", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_without_a_private_key_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "key.pem"
    file.write_text(text)
    assert refused(MAKE, **{KEY_FILE: str(file)}) == f"{file} holds no private key that can sign."


def test_the_public_key_does_not_sign(keys: Keys, tmp_path: Path) -> None:
    file = tmp_path / "public.pem"
    file.write_text(keys.coordinator_public)
    assert refused(MAKE, **{KEY_FILE: str(file)}) == f"{file} holds no private key that can sign."


@pytest.mark.parametrize(
    "other", [["--days", "0"], ["--days", "-1"], ["--days", str(MOST_DAYS + 1)], ["--regions", " , "]], ids=str
)
def test_a_token_is_for_some_region_and_for_some_days(keys: Keys, other: list[str]) -> None:
    said = refused([*MAKE, *other], **{KEY_FILE: str(keys.coordinator_private_file)})
    assert said == f"A token is for one region or more, and for 1 to {MOST_DAYS} days."


COMMANDS = {
    **{name: [name, *ROUND] for name in ("show", "open", "close", "reopen", "end", "repair", "publish", "questions", "doubts")},
    "person": ["person", "ludwigsburg", "someone"],
    "place": ["place", "ludwigsburg", "someone", "71638"],
    "erase": ["erase", "ludwigsburg", "someone"],
    "receipts": ["receipts", "ludwigsburg", "someone"],
    "flyer": ["flyer", "ludwigsburg", "ar"],
    "retention": ["retention", "ludwigsburg"],
    "audit": ["audit", "ludwigsburg"],
    "helper": ["helper", "list", "ludwigsburg"],
    "asked": ["asked", "ludwigsburg"],
    "answer": ["answer", "ludwigsburg", "some", "--text", "Gern."],
    "accept": ["accept", "ludwigsburg", "someone", "--reason", "known to us"],
    "refuse": ["refuse", "ludwigsburg", "someone", "--reason", "known to us"],
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_every_command_but_one_needs_a_token_and_says_how_to_get_it(arguments: list[str]) -> None:
    needed = f"{TOKEN} is not set. Make a token with: python -m coordinator token --name … --regions …"
    assert refused(arguments) == refused(arguments, **{TOKEN: ""}) == needed
    assert refused(arguments, **{TOKEN: "tökén"}) == f"{TOKEN} holds signs that no token has."


@pytest.mark.parametrize(("name", "service"), [("show", "registration"), ("publish", "matching"), ("receipts", "registration")])
def test_a_service_whose_address_is_not_told_is_asked_for(name: str, service: str) -> None:
    said = refused(COMMANDS[name], **{TOKEN: "a.b.c"})
    assert said == f"MYBUDDY_{service.upper()}_URL is not set: where is {service}?"


@pytest.mark.parametrize(
    "arguments",
    [[], ["dance"], ["show"], ["show", "ludwigsburg"], ["show", *ROUND, "more"], ["token"], [*MAKE, "--days", "some"]],
    ids=" ".join,
)
def test_what_is_no_command_is_answered_with_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(arguments, {})
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: python -m coordinator")


def test_the_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(["--help"], {})
    said = capsys.readouterr().out
    assert [name for name in ("token", *COMMANDS) if name not in said] == []


def test_a_refusal_is_one_sentence_and_exit_code_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["coordinator", "show", *ROUND])
    monkeypatch.setattr(os, "environ", {})
    assert main() == 1
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith(f"{TOKEN} is not set.")


def test_the_program_prints_the_token_alone_for_a_shell_to_take(keys: Keys) -> None:
    environment = {KEY_FILE: str(keys.coordinator_private_file), "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "coordinator", *MAKE]
    done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert verify(shown(done.stdout.removesuffix("\n")), keys.coordinator_public).name == "A. Coordinator"
    assert done.stderr == ""


def test_nobody_else_can_read_the_private_key(keys: Keys) -> None:
    assert stat.S_IMODE(keys.coordinator_private_file.stat().st_mode) == 0o600
