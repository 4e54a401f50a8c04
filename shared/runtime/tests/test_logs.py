"""Logs say what happened and where, in fields from a list, and never what a person typed."""

import asyncio
import json
import sys
from typing import Any

import pytest

from shared.runtime.logs import ALLOWED
from shared.runtime.tests.noisy import CANARY


@pytest.fixture(scope="module")
async def output() -> str:
    """All that a process wrote which said CANARY in every way, and then died of it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "default", "-m", "shared.runtime.tests.noisy"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    return said.decode()


@pytest.fixture(scope="module")
def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_what_somebody_typed_is_nowhere(output: str) -> None:
    assert CANARY not in output


def test_every_line_is_json_with_allowed_fields_only(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        assert set(line) <= ALLOWED
        assert {"event", "level", "time", "service"} <= set(line)
        assert line["service"] == "noisy"


def test_our_own_events_keep_their_words_and_their_allowed_fields(lines: list[dict[str, Any]]) -> None:
    (ours,) = [line for line in lines if line["event"] == "ours"]
    assert {name: ours.get(name) for name in ("level", "reason", "region", "name", "email")} == {
        "level": "info", "reason": "fine", "region": "ludwigsburg", "name": None, "email": None,
    }  # fmt: skip


@pytest.mark.parametrize("event", ["in a handler", "given by hand", "outside a handler"])
def test_of_an_error_its_kind_is_said(lines: list[dict[str, Any]], event: str) -> None:
    (line,) = [line for line in lines if line["event"] == event]
    assert line["error"] == "SaidError"
    assert "where" in line


def test_of_a_librarys_warning_the_template_is_said_where_there_is_one_and_always_its_place(lines: list[dict[str, Any]]) -> None:
    said = [line for line in lines if line.get("logger") == "library"]
    assert [line["event"] for line in said] == [
        "to %s", "said by a library", "as a dictionary: %(who)s", "said by a library", "said by a library", "said by a library",
    ]  # fmt: skip
    assert all("noisy.py:" in line["where"][-1] for line in said)
    assert said[-1]["error"] == "SaidError"


def test_warnings_and_errors_that_nobody_caught_are_said_too(lines: list[dict[str, Any]]) -> None:
    assert "py.warnings" in {line.get("logger") for line in lines}
    assert [line["error"] for line in lines if line.get("logger") == "asyncio"] == ["SaidError", "SaidError"]
    died = [line for line in lines if line["event"] == "died"]
    assert [line["error"] for line in died] == ["SaidError", "SaidError"]
    assert all("noisy.py:" in line["where"][-1] for line in died)
