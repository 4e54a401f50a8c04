"""Faults planted into which images and commands pods run."""

import pytest

from deploy.checks.manifests import images
from deploy.checks.manifests.rendered import Manifests
from deploy.checks.tests.manifests import Plant, container, planted

JOB = "migrate-geo-0.1.0"
ONE, TWO = (f"sha256:{digit * 64}" for digit in "12")
MIGRATE, GAZETTEER = "python -m shared.runtime.migrate geo --app geo_app", "python -m services.geo.gazetteer"


def run(command: str, name: str = JOB) -> Plant:
    return lambda m: container(m, name, "Job").update(command=["sh", "-c", command])


def image(deployment: str, job: str, name: str = "geo") -> Plant:
    def plant(manifests: Manifests) -> None:
        container(manifests, name).update(image=deployment)
        container(manifests, f"migrate-{name}-0.1.0", "Job").update(image=job)

    return plant


PLANTED: list[tuple[Plant, str]] = [
    (
        lambda m: container(m, "geo").update(image="a.example/mybuddy-matching:0.1.0"),
        "Deployment geo: its image is a.example/mybuddy-matching:0.1.0: it must be mybuddy-geo",
    ),
    (
        lambda m: container(m, JOB, "Job").update(image="mybuddy-matching:0.1.0"),
        f"Job {JOB}: its image is mybuddy-matching:0.1.0: it must be mybuddy-geo",
    ),
    (run(f"{MIGRATE.replace('geo_app', 'matching_app')} && {GAZETTEER}"), f"Job {JOB}: its command must run {MIGRATE}"),
    (run(f"{MIGRATE.replace(' geo ', ' matching ')} && {GAZETTEER}"), f"its command must run {MIGRATE}"),
    (run(MIGRATE), f"Job {JOB}: its command must run {GAZETTEER}"),
    (
        run(MIGRATE, "migrate-matching-0.1.0"),
        "Job migrate-matching-0.1.0: its command must run python -m shared.runtime.migrate matching --app matching_app",
    ),
    (
        run("python -m shared.runtime.topics --replication 1", "topics-0.1.0"),
        "Job topics-0.1.0: its command must say --replication",
    ),
    (run("python -m shared.runtime.topics --replication 30", "topics-0.1.0"), "its command must say --replication 2 or 3"),
    (run("python -m shared.runtime.topics", "topics-0.1.0"), "its command must say --replication 2 or 3"),
    (
        lambda m: container(m, "topics-0.1.0", "Job").update(image="mybuddy-registration:0.2.0"),
        "Job topics-0.1.0: its image has the tag 0.2.0: it must be the release of installation.yaml, 0.1.0",
    ),
    (
        image(f"mybuddy-geo@{ONE}", f"mybuddy-geo@{TWO}"),
        f"Job {JOB}: the digest of its image is {TWO}: it must be that of Deployment geo, {ONE}",
    ),
    (image(f"mybuddy-geo@{ONE}", "mybuddy-geo:0.1.0"), f"Job {JOB}: the digest of its image is missing"),
    (
        image("mybuddy-geo:0.1.0", f"mybuddy-geo@{TWO}"),
        f"the digest of its image is {TWO}: it must be that of Deployment geo, none",
    ),
    (
        image(f"mybuddy-registration:0.1.0@{ONE}", f"mybuddy-registration:0.1.0@{ONE}", "registration"),
        "Job topics-0.1.0: the digest of its image is missing",
    ),
]


@pytest.mark.parametrize(("plant", "said"), PLANTED)
def test_planted_faults_are_found(plant: Plant, said: str) -> None:
    found = planted(images.faults, plant)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    "same", ["registry.example:5000/mybuddy-geo:0.1.0", f"a.example/mybuddy-geo@{ONE}", f"a:5000/mybuddy-geo:0.1.0@{ONE}"]
)
def test_a_registry_with_a_port_and_a_digest_are_no_fault(same: str) -> None:
    assert planted(images.faults, image(same, same)) == []


def test_a_whole_release_by_digest_is_no_fault() -> None:
    def plant(manifests: Manifests) -> None:
        for pod in manifests.pods:
            pod.container["image"] = pod.container["image"].replace(":0.1.0", f"@{ONE}")

    assert planted(images.faults, plant) == []
