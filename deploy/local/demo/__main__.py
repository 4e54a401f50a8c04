"""`python -m deploy.local.demo`: the Ludwigsburg round of autumn 2021, or another file's people, and its result on the screen."""

import argparse
import asyncio
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from coordinator.desk import RefusedError
from deploy.local import watching
from deploy.local.demo.life import live
from deploy.local.demo.next_round import come_and_go, regions
from deploy.local.demo.report import addresses, lines, sums
from deploy.local.demo.story import Story
from deploy.local.errors import MissingPartError, ProcessError
from deploy.local.process import ROOT
from deploy.local.stack import Stack
from deploy.local.staying import HOW, parts_of, stay
from shared.schemas.people_file import Row, read_people

EXAMPLE = ROOT / "examples" / "ludwigsburg-2021.csv"


def say(text: str) -> None:
    print(text, flush=True)


def read(path: Path) -> list[Row]:
    """The file's people; bad rows are named, the others go on. Ends the program where there is nobody."""
    try:
        rows, bad = read_people(path)
    except OSError as error:
        sys.exit(f"{path} cannot be read: {error.strerror}.")
    for one in bad:
        say(f"Left out: {one}")
    if not rows:
        sys.exit(f"{path} has no row that can be used.")
    return rows


def demo(rows: list[Row], run_dir: Path) -> bool:
    """Runs the round and shows it. True where every sum is right."""
    started = time.monotonic()
    say(f"Starting Kafka, PostgreSQL, a mailbox and four services; the logs are in {run_dir / 'logs'}")
    with Stack.start(run_dir) as stack:
        installation = stack.installation("demo", regions=regions(run_dir / "regions"))
        watch = stack.watch(installation) if watching.wanted() else None
        installation.start_all()
        for line in [*stack.describe(), *([watch.describe] if watch else [])]:
            say(f"  {line}")
        say(f"stack ready: {time.monotonic() - started:.1f} s")
        story = Story(installation, rows, stack.mailbox.http_url, say)
        asyncio.run(story.tell())
        asyncio.run(live(story))
        now = asyncio.run(story.show())
        asyncio.run(come_and_go(story))
        for line in lines(installation, len(rows), story.turned_back, story.published, now, story.stages):
            say(line)
        say(f"Whole       {time.monotonic() - started:.1f} s\n")
        for line in addresses(installation, stack.mailbox, watch):
            say(line)
        if watch or (sys.stdin.isatty() and sys.stdout.isatty()):
            say(f"\nEverything stays up until Ctrl-C. {HOW}.")
            stay(parts_of(stack, installation), while_typed=True)
            say("\nStopping …")
    return sums(len(rows), story.turned_back, story.published, now).right


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m deploy.local.demo", description=__doc__)
    arguments.add_argument("--people", type=Path, default=EXAMPLE, help="a CSV file of people instead of the example")
    given = arguments.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    rows = read(given.people)
    run_dir = ROOT / "build" / f"demo-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    try:
        return 0 if demo(rows, run_dir) else 1
    except KeyboardInterrupt:
        return 130
    except httpx.HTTPError as error:
        print(f"A service did not answer ({type(error).__name__} {error}).\nThe logs are in {run_dir / 'logs'}", file=sys.stderr)
        return 1
    except (MissingPartError, ProcessError, RefusedError, TimeoutError, RuntimeError) as error:
        print(f"{error}\nThe logs are in {run_dir / 'logs'}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
