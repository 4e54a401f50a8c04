"""Every wall of pyproject.toml holds, and is named where it is breached."""

import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.checks.__main__ import BIN, ROOT

BREACHES = [
    ("shared.runtime.ids", "services.geo.store", "Shared knows nobody who uses it"),
    ("services.geo.store", "deploy.local.ports", "Services know nothing of where they run"),
    ("shared.schemas.codes", "shared.runtime.ids", "The contract stands alone, the plumbing knows no pages"),
    ("shared.runtime.ids", "shared.web.languages", "The contract stands alone, the plumbing knows no pages"),
    ("shared.schemas.codes", "asyncpg", "The contract needs pydantic only"),
    ("services.geo.store", "services.matching.settings", "Services never import each other"),
    ("services.registration.domain.life", "shared.runtime.clock", "Domain and engine know no framework and no plumbing"),
    ("services.notification.domain", "fastapi", "Domain and engine know no framework and no plumbing"),
    ("services.matching.engine.model", "prometheus_client", "Domain and engine know no framework and no plumbing"),
    ("services.matching.solving", "services.matching.engine.job", "The engine is started, never imported"),
    ("deploy.local.ports", "services.geo.settings", "Stack and coordinators import no service"),
    ("coordinator.desk", "services.registration.store.rounds", "Stack and coordinators import no service"),
    ("services.registration.handlers.sign_up", "services.registration.api.forms", "Rooms of registration"),
    ("services.geo.store", "services.geo.handlers", "Rooms of geo"),
    ("services.matching.store.runs", "services.matching.barrier", "Rooms of matching"),
    ("services.notification.domain", "services.notification.metrics", "Rooms of notification"),
]


def walls(root: Path) -> str:
    command = [str(BIN / "lint-imports"), "--no-logo"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, env={"COLUMNS": "200"}).stdout


@pytest.fixture(scope="module")
def breached(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is said of a copy where all these errors were made, and one room added without a place."""
    copy = tmp_path_factory.mktemp("walls")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in ("shared", "services", "deploy", "coordinator", "examples"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("tests", "__pycache__", "*.csv"))
    for importer, imported, _ in BREACHES:
        with (copy / f"{importer.replace('.', '/')}.py").open("a") as file:
            file.write(f"\nimport {imported}\n")
    (copy / "services/geo/loft.py").touch()
    return walls(copy)


def test_the_walls_hold() -> None:
    assert " 0 broken" in walls(ROOT)


@pytest.mark.parametrize(("importer", "imported", "wall"), BREACHES)
def test_a_breach_is_named(breached: str, importer: str, imported: str, wall: str) -> None:
    assert f"{wall} BROKEN" in breached
    _, _, said = breached.partition("Broken contracts")
    of_wall = said.split(f"\n{wall}\n")[1]
    assert f"{importer} -> {imported}" in of_wall


def test_a_room_without_a_place_is_named(breached: str) -> None:
    assert "loft" in breached
