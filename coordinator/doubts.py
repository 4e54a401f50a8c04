"""The commands about entries in doubt: see them, accept them, refuse them."""

import argparse
from collections.abc import Callable
from typing import Any

from coordinator.desk import Desk

DECISIONS = {"accept": "accepted", "refuse": "refused"}
KINDS = ("name", "under_age", "duplicate", "reported")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """What the command line takes."""
    listed = commands.add_parser("doubts", help="entries that somebody should look at before they count")
    listed.add_argument("region")
    listed.add_argument("round")
    for name, text in (("accept", "such an entry counts"), ("refuse", "it does not count, and the person is told kindly")):
        command = commands.add_parser(name, help=text)
        command.add_argument("region")
        command.add_argument("person")
        command.add_argument("--reason", required=True, help="one line of 3 to 300 characters; it stays at the office")
        command.add_argument("--kind", choices=KINDS, help="only this kind of doubt; without it all that are open")


def doing(desk: Desk, given: argparse.Namespace) -> dict[str, Callable[[], Any]]:
    """What each command does."""
    return {
        "doubts": lambda: desk.doubts(given.region, given.round),
        **dict.fromkeys(
            DECISIONS, lambda: desk.decide(given.region, given.person, DECISIONS[given.command], given.reason, given.kind)
        ),
    }
