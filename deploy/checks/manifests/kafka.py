"""Is everybody who asks Kafka let in alike: services, the topics' Job, and KEDA in the name of the service it scales?"""

from collections.abc import Iterator

from deploy.checks.manifests.references import place_of
from deploy.checks.manifests.rendered import Manifests, Object, Pod

CA, USER, PASSWORD = "MYBUDDY_KAFKA_CA", "MYBUDDY_KAFKA_USER", "MYBUDDY_KAFKA_PASSWORD"
# What KEDA calls them, and what its trigger must say where a pod has them.
PARAMETERS = {"ca": CA, "username": USER, "password": PASSWORD}
MODES = {"tls": (CA, "enable"), "sasl": (USER, "scram_sha512")}


def faults(manifests: Manifests) -> Iterator[str]:
    asks = [pod for pod in manifests.pods if "MYBUDDY_KAFKA_BOOTSTRAP" in pod.environment(pod.container)]
    known = {name for pod in asks for name in _told(pod)}
    for pod in asks:
        yield from (
            f"{pod.kind} {pod.name}: {name} is missing, and others ask Kafka with it" for name in sorted(known - {*_told(pod)})
        )
    for one in manifests.of("ScaledObject"):
        pods = [pod for pod in asks if pod.kind == "Deployment" and pod.name == one["spec"]["scaleTargetRef"]["name"]]
        triggers = [trigger for trigger in one["spec"]["triggers"] if trigger["type"] == "kafka"]
        found = (fault for pod in pods for trigger in triggers for fault in _trigger(trigger, pod, manifests))
        yield from (f"ScaledObject {one['metadata']['name']}: {fault}" for fault in found)


def _told(pod: Pod) -> dict[str, Object]:
    """Of the three, those that the pod has, each with the Secret it comes from."""
    given = {one["name"]: one.get("valueFrom", {}).get("secretKeyRef", {}) for one in pod.container["env"]}
    return {name: given[name] for name in PARAMETERS.values() if name in given}


def _trigger(trigger: Object, pod: Pod, manifests: Manifests) -> Iterator[str]:
    told = _told(pod)
    for mode, (name, value) in MODES.items():
        has, wanted = trigger["metadata"].get(mode), value if name in told else None
        if has != wanted:
            yield f"its {mode} is {has}, and {pod.name} asks Kafka as with {wanted}: take kafka-secured after scaling"
    named = trigger.get("authenticationRef", {}).get("name")
    if not told and named:
        yield f"it refers to the TriggerAuthentication {named}, and {pod.name} asks Kafka in plain text"
    elif told:
        yield from _authentication(named, told, pod, manifests)


def _authentication(named: str | None, told: dict[str, Object], pod: Pod, manifests: Manifests) -> Iterator[str]:
    found = manifests.named("TriggerAuthentication", named or "")
    if found is None:
        yield f"there is no TriggerAuthentication {named} for it"
        return
    has = {one["parameter"]: place_of(one) for one in found["spec"].get("secretTargetRef", [])}
    for parameter, name in PARAMETERS.items():
        wanted = place_of(told[name]) if name in told else None
        if has.get(parameter) != wanted:
            yield f"its {parameter} comes from the Secret {has.get(parameter)}, and that of {pod.name} from {wanted}"
