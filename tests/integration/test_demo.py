"""`make demo` tells a whole round, and every sum at its end is right."""

import asyncio
import sys
from pathlib import Path

import pytest

from deploy.local.process import ROOT

EXAMPLE = ROOT / "examples" / "ludwigsburg-2021.csv"
SECONDS = 240


@pytest.mark.timeout(SECONDS + 30)
async def test_the_demo_tells_a_round_and_somebody_comes_and_goes(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("".join(EXAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)[:40]), encoding="utf-8")
    command = [sys.executable, "-m", "deploy.local.demo", "--people", str(people)]
    run = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(SECONDS):
        said = (await run.communicate())[0].decode()
    assert run.returncode == 0, said
    assert said.count("\nright: ") == 3, said
    assert "\nand is gone again: " in said, said
