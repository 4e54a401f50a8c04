"""Fields that nobody has looked at, planted into all kinds of objects."""

from typing import Any

import pytest

from deploy.checks.manifests import unknown
from deploy.checks.manifests.rendered import OVERLAYS
from deploy.checks.tests.manifests import Plant, container, fresh, planted, pod, spec, trigger, variable

JOB = "migrate-geo-0.1.0"
POD, CONTAINER = "spec.template.spec", "spec.template.spec.containers"


def end(manifests: Any) -> Any:
    return spec(manifests, "ServiceMonitor", "mybuddy")["endpoints"][0]


def block(manifests: Any) -> Any:
    return spec(manifests, "NetworkPolicy", "mail")["egress"][0]["to"][0]["ipBlock"]


PLANTED: list[tuple[Plant, str]] = [
    (lambda m: container(m, "geo").update(command=["sleep"]), f"Deployment geo: {CONTAINER}.command"),
    (lambda m: container(m, "geo").update(args=["sleep"]), f"Deployment geo: {CONTAINER}.args"),
    (lambda m: container(m, "geo").update(imagePullPolicy="Never"), f"Deployment geo: {CONTAINER}.imagePullPolicy"),
    (lambda m: container(m, JOB, "Job").update(imagePullPolicy="Never"), f"Job {JOB}: {CONTAINER}.imagePullPolicy"),
    (lambda m: container(m, "geo")["readinessProbe"].update(successThreshold=9), f"{CONTAINER}.readinessProbe.successThreshold"),
    (lambda m: container(m, "geo")["startupProbe"]["httpGet"].update(host="a"), f"{CONTAINER}.startupProbe.httpGet.host"),
    (lambda m: container(m, "geo")["volumeMounts"][0].update(subPath="a"), f"{CONTAINER}.volumeMounts.subPath"),
    (
        lambda m: variable(m, "geo", "MYBUDDY_DATABASE_URL")["valueFrom"]["secretKeyRef"].update(optional=True),
        f"Deployment geo: {CONTAINER}.env.valueFrom.secretKeyRef.optional",
    ),
    (lambda m: pod(m, "geo").update(nodeSelector={"a": "b"}), f"Deployment geo: {POD}.nodeSelector"),
    (lambda m: pod(m, "geo").update(priorityClassName="a"), f"Deployment geo: {POD}.priorityClassName"),
    (lambda m: pod(m, "geo").update(dnsPolicy="Default"), f"Deployment geo: {POD}.dnsPolicy"),
    (lambda m: pod(m, "geo").update(hostAliases=[{"ip": "192.0.2.1"}]), f"Deployment geo: {POD}.hostAliases"),
    (lambda m: pod(m, "geo").update(initContainers=[{"name": "a"}]), f"Deployment geo: {POD}.initContainers"),
    (lambda m: pod(m, "geo")["volumes"][0]["emptyDir"].update(medium="Memory"), f"{POD}.volumes.emptyDir.medium"),
    (lambda m: spec(m, "Deployment", "geo").update(paused=True), "Deployment geo: spec.paused"),
    (lambda m: spec(m, "Job", JOB).update(suspend=True), f"Job {JOB}: spec.suspend"),
    (lambda m: spec(m, "Job", JOB).update(activeDeadlineSeconds=1), f"Job {JOB}: spec.activeDeadlineSeconds"),
    (lambda m: spec(m, "Service", "geo").update(publishNotReadyAddresses=True), "Service geo: spec.publishNotReadyAddresses"),
    (lambda m: spec(m, "Service", "geo")["ports"][0].update(nodePort=30000), "Service geo: spec.ports.nodePort"),
    (lambda m: end(m).update(metricRelabelings=[]), "ServiceMonitor mybuddy: spec.endpoints.metricRelabelings"),
    (lambda m: spec(m, "ServiceMonitor", "mybuddy").update(sampleLimit=1), "ServiceMonitor mybuddy: spec.sampleLimit"),
    (lambda m: block(m).update({"except": ["192.0.2.0/24"]}), "NetworkPolicy mail: spec.egress.to.ipBlock.except"),
    (lambda m: spec(m, "ScaledObject", "geo").update(idleReplicaCount=0), "ScaledObject geo: spec.idleReplicaCount"),
    (lambda m: trigger(m, "geo").update(limitToPartitionsWithLag="true"), "spec.triggers.metadata.limitToPartitionsWithLag"),
    (
        lambda m: spec(m, "HorizontalPodAutoscaler", "registration")["behavior"].update(scaleUp={"selectPolicy": "Disabled"}),
        "HorizontalPodAutoscaler registration: spec.behavior.scaleUp",
    ),
    (lambda m: spec(m, "PodDisruptionBudget", "geo").update(minAvailable=1), "PodDisruptionBudget geo: spec.minAvailable"),
    (lambda m: m.of("Deployment")[0]["metadata"].update(finalizers=["a"]), "metadata.finalizers"),
    (lambda m: m.objects.append({"kind": "Role", "metadata": {"name": "a"}}), "Role a: nobody has looked at any Role here"),
]


@pytest.mark.parametrize(("plant", "said"), PLANTED)
def test_a_field_more_is_found(plant: Plant, said: str) -> None:
    (found,) = planted(unknown.faults, plant)
    assert said in found.replace("nobody has looked at spec", "spec")


def test_what_to_do_is_said() -> None:
    (found,) = planted(unknown.faults, lambda m: spec(m, "Deployment", "geo").update(paused=True))
    assert found == "Deployment geo: nobody has looked at spec.paused here: leave it away, or add it to KNOWN in unknown.py"


def test_what_is_twice_in_a_list_is_said_once() -> None:
    found = planted(unknown.faults, lambda m: [one.update(hostIP="a") for one in container(m, "geo")["ports"] * 2])
    assert len(found) == 1


@pytest.mark.parametrize("overlay", sorted(folder.name for folder in OVERLAYS))
def test_every_overlay_has_only_what_is_known(overlay: str) -> None:
    assert list(unknown.faults(fresh(overlay))) == []


def test_pods_may_have_a_secret_for_their_registry() -> None:
    assert planted(unknown.faults, lambda m: pod(m, "geo").update(imagePullSecrets=[{"name": "registry"}])) == []
