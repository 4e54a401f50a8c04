"""Faults planted into what pods may, must and are told."""

from typing import Any

import pytest

from deploy.checks.manifests import pods
from deploy.checks.tests.manifests import Plant, container, fresh, one, planted, pod, spec, variable

JOB = "migrate-geo-0.1.0"


def drop(found: Any, *way: str) -> None:
    for step in way[:-1]:
        found = found[step]
    del found[way[-1]]


PLANTED: list[tuple[Plant, str]] = [
    (lambda m: drop(container(m, "geo"), "resources", "limits", "memory"), "Deployment geo: limits.memory is missing"),
    (lambda m: drop(container(m, JOB, "Job"), "resources", "requests", "cpu"), f"Job {JOB}: requests.cpu is missing"),
    (
        lambda m: container(m, "geo")["securityContext"].update(readOnlyRootFilesystem=False),
        "Deployment geo: securityContext.readOnlyRootFilesystem must be True",
    ),
    (
        lambda m: container(m, "geo")["securityContext"].update(capabilities={"drop": ["NET_RAW"]}),
        "Deployment geo: securityContext.capabilities must be {'drop': ['ALL']}",
    ),
    (
        lambda m: container(m, JOB, "Job")["securityContext"].pop("allowPrivilegeEscalation"),
        f"Job {JOB}: securityContext.allowPrivilegeEscalation must be False",
    ),
    (lambda m: pod(m, "geo")["securityContext"].update(runAsUser=0), "Deployment geo: securityContext.runAsUser must be 10001"),
    (lambda m: pod(m, "geo")["securityContext"].pop("seccompProfile"), "Deployment geo: securityContext.seccompProfile must be"),
    (lambda m: pod(m, "geo").pop("automountServiceAccountToken"), "Deployment geo: automountServiceAccountToken must be false"),
    (lambda m: pod(m, "geo").pop("topologySpreadConstraints"), "Deployment geo: topologySpreadConstraints are missing"),
    (lambda m: container(m, "geo").update(image="mybuddy-geo"), "the image mybuddy-geo has no tag that stays"),
    (lambda m: container(m, "geo").update(image="a:5000/mybuddy-geo:latest"), "the image a:5000/mybuddy-geo:latest has no tag"),
    (lambda m: m.objects.remove(one(m, "Deployment", "matching")), "there is no Deployment matching"),
    (lambda m: container(m, "geo").update(envFrom=[{"secretRef": {"name": "x"}}]), "envFrom brings variables that nobody"),
    (
        lambda m: variable(m, "geo", "MYBUDDY_TOPIC_PREFIX").update(name="MYBUDDY_TOPICS"),
        "MYBUDDY_TOPICS is known to nobody there",
    ),
    (
        lambda m: container(m, "geo")["env"].remove(variable(m, "geo", "MYBUDDY_INTERNAL_SECRET_REGISTRATION")),
        "Deployment geo: MYBUDDY_INTERNAL_SECRET_REGISTRATION is missing or empty",
    ),
    (
        lambda m: container(m, "topics-0.1.0", "Job")["env"].remove(
            variable(m, "topics-0.1.0", "MYBUDDY_KAFKA_BOOTSTRAP", "Job")
        ),
        "Job topics-0.1.0: MYBUDDY_KAFKA_BOOTSTRAP is missing or empty",
    ),
    (
        lambda m: container(m, "geo")["env"].remove(variable(m, "geo", "MYBUDDY_KAFKA_CA")),
        "MYBUDDY_KAFKA_PASSWORD: Value error, a password is never sent in the clear: give kafka_ca too",
    ),
    (
        lambda m: container(m, "geo")["env"].remove(variable(m, "geo", "MYBUDDY_KAFKA_USER")),
        "MYBUDDY_KAFKA_PASSWORD: Value error, Kafka needs both kafka_user and kafka_password, or none of the two",
    ),
    (
        lambda m: variable(m, "registration", "MYBUDDY_TRUSTED_PROXIES").update(value="10.0.0.1/8"),
        "Deployment registration: MYBUDDY_TRUSTED_PROXIES: Value error",
    ),
    (
        lambda m: container(m, "geo")["readinessProbe"]["httpGet"].update(path="/ready"),
        "Deployment geo: readinessProbe must ask /readyz",
    ),
    (
        lambda m: container(m, "geo")["startupProbe"]["httpGet"].update(path="/readyz"),
        "Deployment geo: startupProbe must ask /healthz",
    ),
    (lambda m: container(m, "geo")["livenessProbe"]["httpGet"].update(port="web"), "livenessProbe asks the port web"),
    (lambda m: container(m, "geo")["ports"][0].update(containerPort=80), "Deployment geo: the port http must be 8000"),
    (
        lambda m: container(m, "geo")["securityContext"].update(privileged=True),
        "securityContext.privileged is more than is needed",
    ),
    (lambda m: pod(m, "geo").update(hostNetwork=True), "Deployment geo: hostNetwork is a right of the machine's"),
    (
        lambda m: pod(m, "geo")["volumes"].append({"name": "x", "hostPath": {"path": "/"}}),
        "Deployment geo: the volume x is a folder of the machine's",
    ),
    (
        lambda m: m.of("Namespace")[0]["metadata"]["labels"].update({"pod-security.kubernetes.io/enforce": "privileged"}),
        "Namespace mybuddy-ludwigsburg: pod-security.kubernetes.io/enforce must be restricted",
    ),
    (
        lambda m: container(m, "geo")["startupProbe"].update(failureThreshold=11),
        "Deployment geo: startupProbe ends it after 55 s: failureThreshold × periodSeconds must be 60 s or more",
    ),
    (lambda m: container(m, "geo")["startupProbe"].pop("failureThreshold"), "startupProbe ends it after 15 s"),
    (lambda m: container(m, "geo")["livenessProbe"].update(periodSeconds=6), "livenessProbe ends it after 18 s"),
    (lambda m: spec(m, "Job", JOB).update(backoffLimit=5), f"Job {JOB}: backoffLimit is 5: it must be 6 or more"),
    (lambda m: pod(m, JOB, "Job").update(restartPolicy="Always"), f"Job {JOB}: restartPolicy is Always"),
    (lambda m: pod(m, JOB, "Job").pop("restartPolicy"), f"Job {JOB}: restartPolicy is Always: a Job needs OnFailure or Never"),
    (
        lambda m: variable(m, "registration", "MYBUDDY_TRUSTED_PROXIES").update(value="10.0.0.0/8,::/0"),
        "MYBUDDY_TRUSTED_PROXIES: Value error, the network ::/0 is everybody",
    ),
    (lambda m: container(m, "geo").pop("lifecycle"), "Deployment geo: preStop must sleep for 5 s or more"),
    (lambda m: pod(m, "geo").update(terminationGracePeriodSeconds=20), "terminationGracePeriodSeconds must be 28 or more"),
    (
        lambda m: container(m, "geo")["livenessProbe"].update(failureThreshold=13),
        "Deployment geo: livenessProbe acts after 130 s: failureThreshold × periodSeconds must be 120 s or less",
    ),
    (lambda m: container(m, "geo")["readinessProbe"].update(periodSeconds=11), "Deployment geo: readinessProbe acts after 132 s"),
    (lambda m: spec(m, "Job", JOB).update(ttlSecondsAfterFinished=3599), f"Job {JOB}: ttlSecondsAfterFinished is 3599: it must"),
    (
        lambda m: pod(m, "geo")["topologySpreadConstraints"][0].update(topologyKey="hostname"),
        "Deployment geo: its topologyKey is hostname: no machine may have that label: take kubernetes.io/hostname or topology",
    ),
    (
        lambda m: m.of("Namespace")[0]["metadata"]["labels"].update({"pod-security.kubernetes.io/enforce-version": "1.34"}),
        "Namespace mybuddy-ludwigsburg: pod-security.kubernetes.io/enforce-version is 1.34: it must be like v1.34, or latest",
    ),
    (
        lambda m: m.objects.append({"kind": "Secret", "metadata": {"name": "mail"}, "apiVersion": "v1"}),
        "Secret mail is written down: refer to it",
    ),
    (
        lambda m: variable(m, "geo", "MYBUDDY_TOPIC_PREFIX").update(value="a://b:c@d"),
        "Deployment geo: there is a password in spec.template.spec.containers.0.env",
    ),
]


@pytest.mark.parametrize(("plant", "said"), PLANTED)
def test_planted_faults_are_found(plant: Plant, said: str) -> None:
    found = planted(pods.faults, plant)
    assert len(found) == 1
    assert said in found[0]


DIGEST = f"sha256:{'1' * 64}"


@pytest.mark.parametrize("image", [f"mybuddy-geo@{DIGEST}", f"a:5000/mybuddy-geo:0.1.0@{DIGEST}", "a:5000/mybuddy-geo:0.1.0"])
def test_an_image_may_stay_by_its_tag_or_by_its_digest(image: str) -> None:
    assert planted(pods.faults, lambda m: container(m, "geo").update(image=image)) == []


def test_the_country_is_checked_by_the_same() -> None:
    assert list(pods.faults(fresh("country"))) == []
