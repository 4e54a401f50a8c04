"""An image holds what its service imports: the packages of its own lock and the code that is copied, nothing else."""

import re
import sys
from importlib.metadata import packages_distributions

import grimp
import pytest

from deploy.checks.compose import FILE
from deploy.checks.environment import SETTINGS

LOCKED = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[.*\])?==", re.MULTILINE)
GRAPH = grimp.build_graph("shared", "services", include_external_packages=True)


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(service: str) -> set[str]:
    """Everything the service or one of its jobs imports, however indirectly."""
    own = {f"services.{service}"} | {module for module in GRAPH.modules if module.startswith(f"services.{service}.")}
    jobs = {"shared.runtime.migrate", "shared.runtime.topics"}
    tests = {module for module in own if ".tests" in module}
    begun = (own | jobs) - tests
    return begun.union(*(GRAPH.find_upstream_modules(module) for module in begun))


@pytest.mark.parametrize("service", SETTINGS)
def test_every_import_is_in_the_image(service: str) -> None:
    locked = {plain(name) for name in LOCKED.findall((FILE.parent / f"locks/{service}.txt").read_text())}
    distributions = packages_distributions()
    outside = {module.split(".")[0] for module in imported(service)} - {"shared", "services"} - sys.stdlib_module_names
    missing = {module for module in outside if not locked & {plain(name) for name in distributions.get(module, [])}}
    assert outside >= {"fastapi", "asyncpg"}
    assert not missing
