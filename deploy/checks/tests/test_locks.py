"""A lock that is not what pyproject.toml gives is named."""

import shutil
from pathlib import Path

import pytest

from deploy.checks import locks
from deploy.checks.__main__ import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "locks", tmp_path / "locks")
    return tmp_path


def test_the_locks_are_what_pyproject_gives() -> None:
    assert locks.outdated(ROOT) == []


def test_what_is_not_as_pyproject_gives_it_is_named(checkout: Path) -> None:
    project, lock = checkout / "pyproject.toml", checkout / "locks/matching.txt"
    project.write_text(project.read_text().replace("geo = [\n", 'geo = [\n  "httpx>=0.28",\n'))
    lock.write_text(lock.read_text().replace("# This file", "# that file"))
    (checkout / "locks/notification.txt").unlink()
    assert locks.outdated(checkout) == ["locks/geo.txt", "locks/matching.txt", "locks/notification.txt"]


def test_what_cannot_be_resolved_is_said(checkout: Path) -> None:
    project = checkout / "pyproject.toml"
    project.write_text(project.read_text().replace('"uvicorn>=0.32"', '"uvicorn>=999"'))
    with pytest.raises(locks.UnresolvedError, match=r"locks/all\.txt could not be made"):
        locks.write(checkout, "--offline")
