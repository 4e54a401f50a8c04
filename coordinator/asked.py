"""The commands about questions of people: read them, answer them."""

import argparse
from collections.abc import Callable
from typing import Any

from coordinator.desk import Desk


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """What the command line takes."""
    listed = commands.add_parser("asked", help="what people asked the office and nobody has answered yet")
    listed.add_argument("region")
    listed.add_argument("--all", action="store_true", help="what is answered too")
    answer = commands.add_parser("answer", help="answer one; the person finds it on their page")
    answer.add_argument("region")
    answer.add_argument("id", help="of the question")
    answer.add_argument("--text", required=True, help="1 to 2,000 characters, best in the language of the question")


def doing(desk: Desk, given: argparse.Namespace) -> dict[str, Callable[[], Any]]:
    """What each command does."""
    return {
        "asked": lambda: desk.asked(given.region, answered=given.all),
        "answer": lambda: desk.answer(given.region, given.id, given.text),
    }
