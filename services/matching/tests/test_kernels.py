"""The engine's kernels are there before the service says that it is ready; where they cannot be made, it ends and says why.

A minute of compiling is too long for a test: what stands in for Numba here is a package that is met first on the way.
"""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local import proc
from deploy.local.installation import Installation
from deploy.local.service import Service
from services.matching import kernels
from shared.runtime.tests.waiting import until

WAITS = "import pathlib, sys, time\nwhile not pathlib.Path({gate!r}).exists(): time.sleep(0.01)\nsys.exit(0)\n"
FAILS = "raise SystemExit('no kernels for this processor')\n"


@pytest.fixture(scope="module")
def matching(new_installation: Any) -> Service:
    made: Installation = new_installation(services=("matching",))
    return made.services["matching"]


@pytest.fixture
async def stopped(matching: Service) -> AsyncIterator[Service]:
    yield matching
    if matching.pid and matching.running:
        await asyncio.to_thread(matching.stop)


def numba(folder: Path, says: str) -> dict[str, str]:
    """The environment in which the engine finds this Numba, and no kernels from before."""
    (folder / "numba").mkdir(exist_ok=True)
    (folder / "numba" / "__init__.py").write_text(says)
    return {"PYTHONPATH": str(folder), "MYBUDDY_KERNELS_DIR": str(folder / "kernels")}


async def begin(service: Service, env: dict[str, str], *, wait: bool = False) -> None:
    await asyncio.to_thread(service.start, env, wait=wait)


async def missing(service: Service) -> list[str] | None:
    """What /readyz says is missing; None while nobody answers."""
    async with httpx.AsyncClient(base_url=service.url) as client:
        try:
            answer = await client.get("/readyz")
        except httpx.TransportError:
            return None
    found: list[str] = answer.json()["missing"]
    assert (answer.status_code == 200) is (found == [])
    return found


async def compiling(service: Service) -> list[int]:
    return proc.descendants(service.pid)


async def waits_for_kernels(service: Service) -> None:
    async def is_missing() -> bool:
        return await missing(service) == ["kernels"]

    await until("all but the kernels is there", is_missing)


async def test_the_service_is_ready_once_the_kernels_are_there_and_does_not_make_them_again(
    stopped: Service, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    await begin(stopped, numba(tmp_path, WAITS.format(gate=str(gate))))
    await waits_for_kernels(stopped)
    await until("kernels are compiled", lambda: compiling(stopped))
    gate.touch()
    await asyncio.to_thread(stopped.wait_ready)
    await asyncio.to_thread(stopped.stop)
    await begin(stopped, numba(tmp_path, FAILS), wait=True)
    assert await missing(stopped) == []


async def test_kernels_that_cannot_be_compiled_end_the_service_with_the_reason(stopped: Service, tmp_path: Path) -> None:
    await begin(stopped, numba(tmp_path, FAILS))
    assert await asyncio.to_thread(stopped.wait_exit) == 1
    assert "no kernels for this processor" in stopped.log_text()


async def test_a_folder_in_which_kernels_cannot_be_kept_ends_the_service_with_its_name(stopped: Service, tmp_path: Path) -> None:
    (tmp_path / "kernels").touch()
    await begin(stopped, numba(tmp_path, FAILS))
    assert await asyncio.to_thread(stopped.wait_exit) == 1
    assert f"kernels cannot be kept in {tmp_path / 'kernels'}" in stopped.log_text()


@pytest.mark.parametrize("how", ["stopped", "killed"])
async def test_the_compiling_ends_with_the_service(stopped: Service, tmp_path: Path, how: str) -> None:
    await begin(stopped, numba(tmp_path, WAITS.format(gate=str(tmp_path / "never"))))
    await waits_for_kernels(stopped)
    children = await until("kernels are compiled", lambda: compiling(stopped))
    if how == "killed":
        proc.send(stopped.pid, 9)
        await asyncio.to_thread(stopped.wait_exit)
    else:
        assert await asyncio.to_thread(stopped.stop) == 0

    async def none_lives() -> bool:
        return not any(proc.alive(pid) for pid in children)

    await until("the compiling has ended", none_lives, 5)


async def test_of_several_services_that_share_the_folder_one_compiles(stopped: Service, tmp_path: Path) -> None:
    env = numba(tmp_path, FAILS)
    folder = kernels._folder(Path(env["MYBUDDY_KERNELS_DIR"]))
    with kernels._opened(folder) as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        await begin(stopped, env)
        await waits_for_kernels(stopped)
        assert await compiling(stopped) == []
        (folder / f"{kernels._state()}.nbw").touch()
    await asyncio.to_thread(stopped.wait_ready)


def test_another_state_of_the_engine_has_other_kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "ENGINE", tmp_path)
    source = tmp_path / "prices.py"
    source.write_text("one")
    before = kernels.environment(tmp_path)["NUMBA_CACHE_DIR"]
    assert kernels.environment(tmp_path)["NUMBA_CACHE_DIR"] == before
    source.write_text("another")
    assert kernels.environment(tmp_path)["NUMBA_CACHE_DIR"] != before
    assert kernels.environment(None).get("NUMBA_CACHE_DIR") is None
