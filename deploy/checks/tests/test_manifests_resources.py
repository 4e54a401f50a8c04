"""Faults planted into the sizes of containers."""

import pytest

from deploy.checks.manifests import resources
from deploy.checks.tests.manifests import Plant, container, planted, variable

JOB = "migrate-geo-0.1.0"


def size(of: str, name: str = "geo", kind: str = "Deployment", **sizes: str | float) -> Plant:
    return lambda m: container(m, name, kind)["resources"][of].update(sizes)


PLANTED: list[tuple[Plant, str]] = [
    (size("requests", memory="385Mi"), "Deployment geo: requests.memory is more than limits.memory, which Kubernetes refuses"),
    (size("requests", cpu="1001m"), "Deployment geo: requests.cpu is more than limits.cpu"),
    (size("requests", cpu=1.5), "Deployment geo: requests.cpu is more than limits.cpu"),
    (size("requests", JOB, "Job", memory="1Gi"), f"Job {JOB}: requests.memory is more than limits.memory"),
    (
        size("limits", memory="255Mi"),
        "Deployment geo: limits.memory is too little to start in time: give it 256Mi or more",
    ),
    (size("limits", cpu="0.2"), "Deployment geo: limits.cpu is too little to start in time: give it 250m or more"),
    (size("limits", memory="384 MB"), "Deployment geo: memory: 384 MB is no size like 512Mi"),
    (size("requests", cpu="a lot"), "Deployment geo: cpu: a lot is no part of a processor like 250m"),
    (
        lambda m: variable(m, "matching", "MYBUDDY_SOLVER_MEMORY_MB").update(value="2000"),
        "Deployment matching: 2048 MB do not hold the solver (2000 MB)",
    ),
    (
        lambda m: container(m, "matching")["env"].remove(variable(m, "matching", "MYBUDDY_SOLVER_MEMORY_MB")),
        "Deployment matching: 2048 MB do not hold the solver (0 MB)",
    ),
]


@pytest.mark.parametrize(("plant", "said"), PLANTED)
def test_planted_faults_are_found(plant: Plant, said: str) -> None:
    found = planted(resources.faults, plant)
    assert len(found) == 1
    assert said in found[0]


def test_a_job_may_be_small_and_a_request_as_large_as_its_limit() -> None:
    assert planted(resources.faults, size("limits", JOB, "Job", cpu="100m", memory="128Mi")) == []
    assert planted(resources.faults, size("requests", cpu=1, memory="384Mi")) == []
