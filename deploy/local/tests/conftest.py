"""One stack for all tests of this folder, always the local one: what is tested here is how it behaves."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.process import ROOT, Processes
from deploy.local.stack import Stack

STAND_IN = [sys.executable, str(Path(__file__).with_name("stand_in.py"))]


def migrate_runtime_only(_service: str, owner_url: str) -> None:
    """The tables all services share; the services' own migrations are tested with them."""
    dbmate = Path(sys.executable).with_name("dbmate")
    folder = ROOT / "shared/runtime/migrations"
    command = [str(dbmate), "--no-dump-schema", "--migrations-dir", str(folder), "up"]
    subprocess.run(command, env={**os.environ, "DATABASE_URL": owner_url}, check=True, capture_output=True)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    run_dir = tmp_path_factory.mktemp("stack")
    with Stack.start(run_dir, provider="local", parts=(), migrate=migrate_runtime_only) as started:
        yield started


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path)
    yield made
    made.close()
