"""`python -m coordinator`: what a coordinator does, from the command line. See docs/coordinators.md."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from jwt.exceptions import InvalidKeyError

from coordinator import asked, doubts
from coordinator.audit import KEPT_BY, listed, verified
from coordinator.desk import TOKEN, Desk, RefusedError
from shared.runtime.coordinators import Coordinator, sign

MOST_DAYS = 366
KEY_FILE = "MYBUDDY_COORDINATOR_PRIVATE_KEY_FILE"


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m coordinator", description=__doc__)
    commands = made.add_subparsers(dest="command", required=True)
    token = commands.add_parser("token", help=f"make a signed token; the private key's file is named by {KEY_FILE}")
    token.add_argument("--name", required=True, help="who will act")
    token.add_argument("--regions", required=True, help="for which regions, with commas between")
    token.add_argument("--role", default="coordinator")
    token.add_argument("--days", type=int, default=30, help="how long it is valid")
    about = {
        "show": "a round: people, roster, plan, messages; numbers only",
        "open": "open a round now",
        "close": "close it now: exactly who is in is frozen",
        "reopen": "back to sign-up, while nothing is solved",
        "end": "the round is over: what was kept for it alone is deleted",
        "repair": "mend a plan after somebody went, keeping all other pairs",
        "publish": "tell everyone the result",
        "questions": "people whose place nobody understood",
        "endings": "pairs that one of the two ended and why, those for safety's sake first",
        "silent": "introduced pairs that do not seem to have met, with what each said",
    }
    for name, text in about.items():
        command = commands.add_parser(name, help=text)
        command.add_argument("region")
        command.add_argument("round")
        if name in {"show", "repair", "publish"}:
            command.add_argument("--all", action="store_true", help="with the engine's proof that the plan is the best there is")
        if name == "end":
            command.add_argument("--early", action="store_true", help="while pairs are still asked how it goes, and never again")
    person = commands.add_parser("person", help="who somebody is and how to reach them; for the ids that other commands show")
    person.add_argument("region")
    person.add_argument("person", help="their id")
    place = commands.add_parser("place", help="answer such a question")
    place.add_argument("region")
    place.add_argument("person")
    place.add_argument("postcode")
    doubts.add_to(commands)
    asked.add_to(commands)
    commands.add_parser("undelivered", help="messages that no mail server took").add_argument("region")
    resend = commands.add_parser("resend", help="send such a message again")
    resend.add_argument("region")
    resend.add_argument("message", help="its id, as undelivered shows it")
    erase = commands.add_parser("erase", help="everything of somebody goes, in all services; it cannot be taken back")
    erase.add_argument("region")
    erase.add_argument("person")
    receipts = commands.add_parser("receipts", help="which services have forgotten somebody erased")
    receipts.add_argument("region")
    receipts.add_argument("person")
    flyer = commands.add_parser("flyer", help="a page to print and hang up, with a QR code; written to standard output")
    flyer.add_argument("region")
    flyer.add_argument("language")
    flyer.add_argument("--group", help="the code under which whoever comes through it is counted")
    retention = commands.add_parser("retention", help="what goes by itself within the next 30 days; numbers only")
    retention.add_argument("region")
    audit = commands.add_parser("audit", help="who looked at whom and did what")
    audit.add_argument("region")
    audit.add_argument(
        "--of",
        choices=KEPT_BY,
        default=KEPT_BY[0],
        help="geo: of open questions; matching: of plans and pairs; notification: of messages that did not arrive",
    )
    audit.add_argument("--verify", action="store_true", help="instead of listing it: is every line as it was written?")
    audit.add_argument("--noted", metavar="HASH", help="with --verify: a hash noted earlier that must still be there")
    _helper(commands.add_parser("helper", help="links for places whose staff sign people up, one after the other"))
    return made


def _helper(made: argparse.ArgumentParser) -> None:
    steps = made.add_subparsers(dest="step", required=True)
    make = steps.add_parser("make", help="make a link; it is shown this once")
    make.add_argument("region")
    make.add_argument("--name", required=True, help="of the place, as it stands on the cards")
    make.add_argument("--group", required=True, help="the code under which the place's people are counted")
    make.add_argument("--days", type=int, default=90, help="how long the link is valid")
    steps.add_parser("list", help="all links, and how many people signed up with each").add_argument("region")
    revoke = steps.add_parser("revoke", help="make a link worth nothing")
    revoke.add_argument("region")
    revoke.add_argument("helper", help="its id")


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> Any:
    """Does one command and returns what the services said. Raises RefusedError."""
    given = parser().parse_args(arguments)
    if given.command == "token":
        return make_token(given, environment)
    if not environment.get(TOKEN, "").isascii():
        raise RefusedError(f"{TOKEN} holds signs that no token has.")
    if not environment.get(TOKEN):
        raise RefusedError(f"{TOKEN} is not set. Make a token with: python -m coordinator token --name … --regions …")
    desk = Desk(environment)
    does: dict[str, Callable[[], Any]] = {
        "show": lambda: desk.round(given.region, given.round, proof=given.all),
        "questions": lambda: desk.questions(given.region, given.round),
        "endings": lambda: desk.endings(given.region, given.round),
        "silent": lambda: desk.silent(given.region, given.round),
        "person": lambda: desk.person(given.region, given.person),
        "place": lambda: desk.place(given.region, given.person, given.postcode),
        "undelivered": lambda: desk.undelivered(given.region),
        "resend": lambda: desk.resend(given.region, given.message),
        "erase": lambda: desk.erase(given.region, given.person),
        "receipts": lambda: desk.receipts(given.region, given.person),
        "flyer": lambda: desk.flyer(given.region, given.language, given.group),
        "retention": lambda: desk.retention(given.region),
        "audit": lambda: (
            verified(desk, given.of, given.region, given.noted) if given.verify else listed(desk, given.of, given.region)
        ),
        "helper": lambda: helper(desk, given),
        **doubts.doing(desk, given),
        **asked.doing(desk, given),
        **dict.fromkeys(("publish", "repair"), lambda: desk.plan(given.region, given.round, given.command, proof=given.all)),
        **dict.fromkeys(("open", "close", "reopen"), lambda: desk.step(given.region, given.round, given.command)),
        "end": lambda: desk.step(given.region, given.round, "end-early" if given.early else "end"),
    }
    return does[given.command]()


def helper(desk: Desk, given: argparse.Namespace) -> Any:
    if given.step == "make":
        return desk.new_helper(given.region, given.name, given.group, given.days)
    return desk.helpers(given.region) if given.step == "list" else desk.revoke_helper(given.region, given.helper)


def make_token(given: argparse.Namespace, environment: Mapping[str, str]) -> str:
    file = environment.get(KEY_FILE)
    if not file:
        raise RefusedError(f"{KEY_FILE} is not set: which private key signs?")
    try:
        key = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError(f"The private key {file} cannot be read: {getattr(error, 'strerror', 'it is not text')}.") from None
    regions = tuple(region.strip() for region in given.regions.split(",") if region.strip())
    if not regions or not 0 < given.days <= MOST_DAYS:
        raise RefusedError(f"A token is for one region or more, and for 1 to {MOST_DAYS} days.")
    try:
        return sign(Coordinator(given.name, given.role, regions), key, timedelta(days=given.days))
    except (ValueError, TypeError, AttributeError, InvalidKeyError):  # AttributeError: it is the public key
        raise RefusedError(f"{file} holds no private key that can sign.") from None


def main() -> int:
    try:
        answer = run(sys.argv[1:], os.environ)
    except RefusedError as error:
        print(error, file=sys.stderr)
        return 1
    print(answer if isinstance(answer, str) else json.dumps(answer, indent=2, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
