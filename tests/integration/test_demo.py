"""`make demo` tells a whole round, and every sum at its end is right."""

import asyncio
import sys
from pathlib import Path

import pytest

from deploy.local.process import ROOT

EXAMPLE = ROOT / "examples" / "ludwigsburg-2021.csv"
SECONDS = 240
LIFE = ("Half the time is over: ", "asked how it goes after three months: ", "are in the next round", "\nand is gone again: ")


@pytest.mark.timeout(SECONDS + 30)
async def test_the_demo_tells_a_round_the_life_of_its_pairs_and_how_somebody_comes_and_goes(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    header, *rows = EXAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    unusual = [row for row in rows if row.endswith((",declines\n", ",silent\n"))]
    people.write_text("".join([header, *dict.fromkeys([*rows[:24], *unusual[:6]])]), encoding="utf-8")
    command = [sys.executable, "-m", "deploy.local.demo", "--people", str(people)]
    run = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(SECONDS):
        said = (await run.communicate())[0].decode()
    assert run.returncode == 0, said
    assert said.count("\nright: ") == 4, said
    for told in (
        "Half the time is over: ",
        "asked how it goes after three months: ",
        "are in the next round",
        "and is gone again: ",
    ):
        assert told in said, said
