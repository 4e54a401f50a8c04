"""Is there nothing in an object that no check here has ever looked at? A field more is often a fault that nobody sees."""

from collections.abc import Iterator, Mapping
from typing import Any

from deploy.checks.manifests.rendered import Manifests

POD, CONTAINER = "spec.template.spec", "spec.template.spec.containers"
# Some of these stand nowhere: other checks say of them why they are wrong.
COMMON = {"": "apiVersion kind metadata spec", "metadata": "name namespace labels annotations"}
PODS = COMMON | {
    "spec.template": "metadata spec",
    "spec.template.metadata": "labels",
    POD: "automountServiceAccountToken containers enableServiceLinks imagePullSecrets securityContext volumes "
    "hostNetwork hostPID hostIPC",
    f"{POD}.imagePullSecrets": "name",
    f"{POD}.volumes": "name emptyDir configMap persistentVolumeClaim hostPath secret",
    f"{POD}.volumes.emptyDir": "sizeLimit",
    f"{POD}.volumes.configMap": "name",
    f"{POD}.volumes.secret": "secretName",
    f"{POD}.volumes.persistentVolumeClaim": "claimName readOnly",
    CONTAINER: "name image env envFrom resources securityContext volumeMounts",
    f"{CONTAINER}.env": "name value valueFrom",
    f"{CONTAINER}.env.valueFrom": "secretKeyRef",
    f"{CONTAINER}.env.valueFrom.secretKeyRef": "name key",
    f"{CONTAINER}.resources": "requests limits",
    f"{CONTAINER}.resources.requests": "cpu memory",
    f"{CONTAINER}.resources.limits": "cpu memory",
    f"{CONTAINER}.volumeMounts": "name mountPath readOnly",
}
PROBE = {"": "httpGet periodSeconds timeoutSeconds failureThreshold", ".httpGet": "path port"}
SERVICE = {
    "spec": "replicas revisionHistoryLimit selector strategy template",
    "spec.selector": "matchLabels",
    "spec.strategy": "type rollingUpdate",
    POD: f"{PODS[POD]} serviceAccountName terminationGracePeriodSeconds topologySpreadConstraints",
    f"{POD}.topologySpreadConstraints": "maxSkew topologyKey whenUnsatisfiable labelSelector matchLabelKeys",
    CONTAINER: f"{PODS[CONTAINER]} ports lifecycle startupProbe livenessProbe readinessProbe",
    f"{CONTAINER}.ports": "name containerPort protocol hostPort",
    f"{CONTAINER}.lifecycle": "preStop",
    f"{CONTAINER}.lifecycle.preStop": "sleep",
    **{
        f"{CONTAINER}.{probe}{below}": keys
        for probe in ("startupProbe", "livenessProbe", "readinessProbe")
        for below, keys in PROBE.items()
    },
}
JOB = {
    "spec": "backoffLimit template ttlSecondsAfterFinished",
    POD: f"{PODS[POD]} restartPolicy",
    CONTAINER: f"{PODS[CONTAINER]} command args",
}
PEER = {"": "ipBlock namespaceSelector podSelector", ".ipBlock": "cidr"}
POLICY = {
    "spec": "egress ingress podSelector policyTypes",
    "spec.egress": "to ports",
    "spec.ingress": "from ports",
    "spec.egress.ports": "port endPort protocol",
    "spec.ingress.ports": "port endPort protocol",
    **{f"{way}{below}": keys for way in ("spec.egress.to", "spec.ingress.from") for below, keys in PEER.items()},
}
INGRESS = {
    "spec": "ingressClassName rules tls defaultBackend",
    "spec.rules": "host http",
    "spec.rules.http.paths.backend": "service",
    "spec.tls": "hosts secretName",
}
AUTOSCALER = {
    "spec": "behavior maxReplicas metrics minReplicas scaleTargetRef",
    "spec.behavior": "scaleDown",
    "spec.behavior.scaleDown": "stabilizationWindowSeconds",
    "spec.metrics": "type resource",
    "spec.metrics.resource.target": "type averageUtilization",
}
BEHAVIOUR = "spec.advanced.horizontalPodAutoscalerConfig.behavior"
KAFKA_TRIGGER = "bootstrapServers consumerGroup topic lagThreshold offsetResetPolicy version sasl tls"
PROMETHEUS_TRIGGER = "serverAddress query threshold ignoreNullValues"
SCALED = {
    "spec": "advanced fallback maxReplicaCount minReplicaCount pollingInterval scaleTargetRef triggers",
    "spec.advanced": "horizontalPodAutoscalerConfig",
    "spec.advanced.horizontalPodAutoscalerConfig": "behavior",
    BEHAVIOUR: "scaleDown",
    f"{BEHAVIOUR}.scaleDown": "stabilizationWindowSeconds",
    "spec.fallback": "failureThreshold replicas",
    "spec.scaleTargetRef": "apiVersion kind name",
    "spec.triggers": "type metadata metricType authenticationRef",
    "spec.triggers.metadata": f"{KAFKA_TRIGGER} {PROMETHEUS_TRIGGER}",
    "spec.triggers.authenticationRef": "name",
}
MONITOR = {
    "spec": "endpoints selector",
    "spec.endpoints": "port path interval scrapeTimeout relabelings",
    "spec.endpoints.relabelings": "action regex replacement separator sourceLabels targetLabel",
}
KNOWN: Mapping[str, Mapping[str, str]] = {
    "Deployment": PODS | SERVICE,
    "Job": PODS | JOB,
    "NetworkPolicy": COMMON | POLICY,
    "Ingress": COMMON | INGRESS,
    "Service": COMMON | {"spec": "ports selector type externalIPs", "spec.ports": "name port targetPort protocol"},
    "PodDisruptionBudget": COMMON | {"spec": "maxUnavailable selector"},
    "HorizontalPodAutoscaler": COMMON | AUTOSCALER,
    "ScaledObject": COMMON | SCALED,
    "TriggerAuthentication": COMMON | {"spec": "secretTargetRef", "spec.secretTargetRef": "parameter name key"},
    "ServiceMonitor": COMMON | MONITOR,
    "PrometheusRule": COMMON | {"spec": "groups"},
    "Namespace": COMMON,
    "ServiceAccount": COMMON | {"": "apiVersion kind metadata automountServiceAccountToken"},
    "ConfigMap": COMMON | {"": "apiVersion kind metadata data binaryData"},
    "Secret": {},
}
"""Of each kind, the ways in it with the keys that are known there. Below a way that is not named, all is."""


def faults(manifests: Manifests) -> Iterator[str]:
    for one in manifests.objects:
        name = f"{one['kind']} {one['metadata']['name']}"
        if one["kind"] not in KNOWN:
            yield f"{name}: nobody has looked at any {one['kind']} here: leave it away, or add its kind to KNOWN in unknown.py"
        for way in dict.fromkeys(_more(one, KNOWN.get(one["kind"], {}), "")):
            yield f"{name}: nobody has looked at {way} here: leave it away, or add it to KNOWN in unknown.py"


def _more(tree: Any, known: Mapping[str, str], way: str) -> Iterator[str]:
    """A list stands for each of what is in it."""
    if isinstance(tree, list):
        for one in tree:
            yield from _more(one, known, way)
    elif isinstance(tree, dict):
        keys = known[way].split() if way in known else tree.keys()
        for key, value in tree.items():
            below = f"{way}.{key}" if way else key
            yield from _more(value, known, below) if key in keys else [below]
