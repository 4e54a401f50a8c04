"""What `make check` prints, and that walls are walls: errors planted where they would be made."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.checks import browser
from deploy.checks.__main__ import BIN, ROOT, run
from deploy.local.errors import MissingPartError


def test_a_failing_step_shows_what_it_said_and_the_next_still_runs(capsys: pytest.CaptureFixture[str]) -> None:
    fails = [sys.executable, "-c", "print('line 3 is wrong'); raise SystemExit(1)"]
    assert run({"first": fails, "second": [sys.executable, "-c", "print('quiet')"]}) == ["first"]
    shown = capsys.readouterr().out
    assert "first         FAILED" in shown
    assert "    line 3 is wrong\n" in shown
    assert "second        ok" in shown
    assert "quiet" not in shown


BREACHES = [
    ("shared/runtime/ids.py", "from services.geo import domain", "Shared knows nobody"),
    ("shared/schemas/codes.py", "from shared.runtime import ids", "The contract stands alone"),
    ("shared/schemas/codes.py", "import asyncpg", "The contract needs pydantic only"),
    ("shared/runtime/ids.py", "import shared.web.languages", "The contract stands alone"),
    ("services/geo/store.py", "import services.matching.settings", "Services never import each other"),
    ("services/geo/store.py", "from services.geo import handlers", "Rooms of geo"),
    ("services/registration/handlers/sign_up.py", "from services.registration.api import forms", "Rooms of registration"),
    ("services/registration/domain/life.py", "from shared.runtime import clock", "Domain and engine"),
    ("services/registration/domain/life.py", "from fastapi import Request", "Domain and engine"),
    ("services/notification/domain.py", "from services.notification import metrics", "Rooms of notification"),
    ("services/matching/engine/model.py", "import prometheus_client", "Domain and engine"),
    ("services/matching/solving.py", "from services.matching.engine.job import run", "The engine is started"),
    ("services/matching/newroom.py", "", "Rooms of matching"),
    ("deploy/local/ports.py", "from services.geo.settings import Settings", "neither imports one"),
    ("coordinator/desk.py", "from services.registration.store import rounds", "neither imports one"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("walls")
    shutil.copy(ROOT / "pyproject.toml", made)
    for package in ("shared", "services", "deploy", "coordinator", "examples"):
        shutil.copytree(ROOT / package, made / package, ignore=shutil.ignore_patterns("tests", "__pycache__", "*.csv"))
    return made


def walls(root: Path) -> subprocess.CompletedProcess[str]:
    command = [str(BIN / "lint-imports"), "--no-logo"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("file", "line", "wall"), BREACHES)
def test_a_breach_of_a_wall_is_named(copy: Path, file: str, line: str, wall: str) -> None:
    planted = copy / file
    before = planted.read_text() if planted.exists() else None
    planted.write_text(f"{before or ''}\n{line}\n")
    try:
        done = walls(copy)
    finally:
        planted.unlink() if before is None else planted.write_text(before)
    assert done.returncode == 1
    broken = [shown for shown in done.stdout.splitlines() if shown.endswith("BROKEN")]
    assert any(wall in shown for shown in broken), done.stdout


def test_without_breaches_the_walls_hold(copy: Path) -> None:
    done = walls(copy)
    assert done.returncode == 0, done.stdout


def test_without_root_a_missing_browser_is_explained(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def none_here() -> None:
        raise MissingPartError("There is no browser here.")

    monkeypatch.delenv("MYBUDDY_BROWSER", raising=False)
    monkeypatch.setattr(browser, "find_browser", none_here)
    monkeypatch.setattr(browser.os, "geteuid", lambda: 1000)
    assert browser.main() == 1
    assert "There is no browser here. `.venv/bin/playwright install" in capsys.readouterr().err
