"""`make bench-signup`: how fast the form is shown and taken, by Locust, and whether all that was accepted is there."""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from deploy.local.demo.story import DURING
from deploy.local.installation import Installation
from deploy.local.process import ROOT
from deploy.local.stack import Stack

HERE = Path(__file__).parent
FORM_PATH = "/de/ludwigsburg"
ON_TIME_SECONDS = 30
# One address plays all people, and types faster than people do.
PLAYED = {"MYBUDDY_LIMITS_FACTOR": "1000", "MYBUDDY_FASTEST_FORM_SECONDS": "0"}
LOCUST = ("--no-project", "--quiet", "--with-requirements", str(ROOT / "locks" / "load.txt"), "locust")


@dataclass(frozen=True)
class Run:
    """People of one kind for a while. With `per_second` an open loop of that rate, else each as fast as they are answered."""

    what: str
    kind: str
    people: int
    seconds: int
    to_reach: str
    per_second: float = 0.0


RUNS = (
    Run("the form opened, 50/s", "Opening", 200, 20, "p95 <= 20 ms", 50),
    Run("the form sent, 50/s", "Sending", 200, 30, "p95 <= 60 ms, p99 <= 150 ms", 50),
    Run("the form sent, as fast as it goes", "Sending", 24, 20, ">= 400/s"),
    Run("the form opened and sent, as fast as it goes", "SigningUp", 24, 20, ""),
)


@dataclass
class Measured:
    """What Locust counted of one kind of request. Milliseconds, which Locust rounds to two digits."""

    name: str
    requests: int
    failures: int
    seconds: float
    times: Counter[int] = field(default_factory=Counter)

    def percentile(self, share: float) -> int:
        wanted, seen = share * self.times.total(), 0
        for time in sorted(self.times):
            seen += self.times[time]
            if seen >= wanted:
                return time
        return 0

    @property
    def accepted(self) -> int:
        return self.requests - self.failures


def load(run: Run, url: str) -> list[Measured]:
    """Raises RuntimeError with what Locust said."""
    pause = run.people / run.per_second if run.per_second else 0.0
    command = [ROOT / ".venv/bin/uv", "run", "--python", sys.executable, *LOCUST, "-f", HERE / "locustfile.py", run.kind]
    options = ["--headless", "--json", "--only-summary", "--host", url, "--users", run.people, "--spawn-rate", run.people]
    timing = ["--run-time", f"{run.seconds}s", "--stop-timeout", ON_TIME_SECONDS]
    done = subprocess.run(
        [str(part) for part in (*command, *options, *timing)],
        env=os.environ | {"FORM_PATH": FORM_PATH, "PAUSE_SECONDS": str(pause), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return [measured(found) for found in json.loads(done.stdout)]
    except json.JSONDecodeError as error:
        raise RuntimeError(f"Locust ended with {done.returncode} and said:\n{done.stderr}") from error


def measured(found: Mapping[str, Any]) -> Measured:
    seconds = found["last_request_timestamp"] - found["start_time"]
    times = Counter({int(time): count for time, count in found["response_times"].items()})
    return Measured(found["name"], found["num_requests"], found["num_failures"], seconds, times)


def show(run: Run, all_measured: Sequence[Measured]) -> None:
    print(f"{run.what}, {run.people} people, {run.seconds} s".ljust(66), run.to_reach)
    for one in all_measured:
        tenths = ", ".join(f"p{share:.0%}"[:-1] + f" {one.percentile(share)} ms" for share in (0.5, 0.95, 0.99))
        print(f"  {one.name:<6} {one.requests / one.seconds:>6.0f}/s   {tenths}   failed {one.failures}", flush=True)


async def counted(installation: Installation) -> tuple[int, int]:
    """People, and events of theirs that are published; waits until the outbox is empty."""
    conn = await asyncpg.connect(installation.database_url("registration"))
    try:
        async with asyncio.timeout(ON_TIME_SECONDS):
            while await conn.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"):
                await asyncio.sleep(0.1)
        people = await conn.fetchval("SELECT count(*) FROM people")
        return people, await conn.fetchval("SELECT count(*) FROM outbox WHERE topic = 'participants'")
    finally:
        await conn.close()


async def until_open(url: str) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(ON_TIME_SECONDS):
        while "form_token" not in (await client.get(url)).text:
            await asyncio.sleep(0.1)


def main() -> int:
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the start, Python {sys.version.split()[0]}\n")
    with Stack.start(ROOT / "build" / "bench", durable=True) as stack, stack.installation("form", env=PLAYED) as installation:
        for name in ("geo", "registration"):
            installation.start(name)
        installation.move_clock(datetime.fromisoformat(DURING))
        url = installation.services["registration"].url
        asyncio.run(until_open(url + FORM_PATH))
        load(Run("", "SigningUp", 8, 3, ""), url)
        people_before, events_before = asyncio.run(counted(installation))
        accepted = 0
        for run in RUNS:
            found = load(run, url)
            show(run, found)
            accepted += sum(one.accepted for one in found if one.name == "send")
        people, events = asyncio.run(counted(installation))
    stored, told = people - people_before, events - events_before
    print(f"\naccepted {accepted}, stored {stored}, told to Kafka {told}, lost {accepted - min(stored, told)}")
    return 0 if accepted == stored == told else 1


if __name__ == "__main__":
    sys.exit(main())
