"""`make demo WATCH=1` tells a whole round, every sum at its end is right, and every number that is shown of it is there."""

import asyncio
import math
import os
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from deploy.grafana.queries import queries
from deploy.local.process import ROOT
from deploy.local.watching import VARIABLE, Prometheus
from tests.rounds import until

EXAMPLE = ROOT / "examples" / "ludwigsburg-2021.csv"
SECONDS = 300
SHOWN_WITHIN_SECONDS = 120.0
STAYS_UP = "Everything stays up until Ctrl-C"
LIFE = ("Half the time is over: ", "asked how it goes after three months: ", "are in the next round", "\nand is gone again: ")


@pytest.mark.timeout(SECONDS + SHOWN_WITHIN_SECONDS + 30)
async def test_the_demo_tells_a_round_and_every_panel_and_recording_rule_has_something_of_it(tmp_path: Path) -> None:
    started = time.time()
    async with demo(small(tmp_path)) as run:
        said = await said_until(run, STAYS_UP)
        assert said.count("\nright: ") == 4, said
        assert not [told for told in LIFE if told not in said], said

        prometheus = Prometheus(re.findall(r"\nPrometheus  (http://127.0.0.1:\d+)/alerts", said)[0])
        await every_number_is_there(prometheus, started)
        assert run.stdin is not None
        run.stdin.close()  # there is nobody to look at it any more
        assert await run.wait() == 0, said


def small(folder: Path) -> Path:
    """Some of the example's people, the unusual ones among them."""
    people = folder / "people.csv"
    header, *rows = EXAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    unusual = [row for row in rows if row.endswith((",declines\n", ",silent\n"))]
    people.write_text("".join([header, *dict.fromkeys([*rows[:24], *unusual[:6]])]), encoding="utf-8")
    return people


@asynccontextmanager
async def demo(people: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Ended with the test, however that ends."""
    run = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "deploy.local.demo", "--people", str(people)],
        cwd=ROOT,
        env={**os.environ, VARIABLE: "1"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield run
    finally:
        if run.returncode is None:
            run.terminate()
            await run.communicate()


async def said_until(run: asyncio.subprocess.Process, words: str) -> str:
    assert run.stdout is not None
    said = ""
    async with asyncio.timeout(SECONDS):
        while words not in said:
            line = (await run.stdout.readline()).decode()
            assert line, said
            said += line
    return said


async def every_number_is_there(prometheus: Prometheus, started: float) -> None:
    """Sometime within the round, for what a phase has alone is gone with it."""
    recorded = [rule for rule in await asyncio.to_thread(prometheus.rules) if rule["type"] == "recording"]
    asked = {f"{one.dashboard}: {one.panel}: {one.expr}": one.expr for one in queries()}
    asked |= {f"recording rule {rule['name']}": rule["name"] for rule in recorded}
    assert recorded

    async def none_is_missing() -> bool:
        for name in list(asked):
            found = await asyncio.to_thread(prometheus.query_range, asked[name], started, time.time(), 2)
            if any(not math.isnan(float(value)) for series in found for _, value in series["values"]):
                del asked[name]
        return not asked

    try:
        await until("every panel and every recording rule has a number", none_is_missing, SHOWN_WITHIN_SECONDS)
    except AssertionError as late:
        raise AssertionError("\n".join([f"{late}. These have none:", *asked])) from late
