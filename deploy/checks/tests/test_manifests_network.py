"""Faults planted into who may reach whom, and into what the Ingress shows to people."""

from typing import Any

import pytest

from deploy.checks.manifests import flows, front
from deploy.checks.manifests.rendered import Manifests
from deploy.checks.tests.manifests import Plant, fresh, one, planted, spec, variable


def policy(manifests: Manifests, name: str) -> Any:
    return spec(manifests, "NetworkPolicy", name)


def without(manifests: Manifests, name: str) -> None:
    manifests.objects.remove(one(manifests, "NetworkPolicy", name))


EXTRA = "and the design has no such flow: "
FLOWS: list[tuple[Plant, str]] = [
    (lambda m: without(m, "closed"), "no NetworkPolicy closes everything in both directions first"),
    (lambda m: policy(m, "closed").update(ingress=[{}]), "no NetworkPolicy closes everything"),
    (
        lambda m: without(m, "public"),
        "lets this into a pod: traefik[app.kubernetes.io/name=traefik] to registration, port 8000/TCP",
    ),
    (lambda m: without(m, "registration-asks-geo"), "lets this out of a pod: registration to geo, port 8000/TCP"),
    (lambda m: without(m, "geo-answers-registration"), "lets this into a pod: registration to geo, port 8000/TCP"),
    (lambda m: without(m, "registration-answers-notification"), "into a pod: notification to registration, port 8000/TCP"),
    (
        lambda m: without(m, "watched"),
        "lets this into a pod: monitoring[app.kubernetes.io/name=prometheus] to matching, port 8000/TCP",
    ),
    (lambda m: without(m, "databases"), "out of a pod: migrate-geo to databases[cnpg.io/cluster=ludwigsburg], port 5432/TCP"),
    (lambda m: without(m, "kafka"), "lets this out of a pod: topics to kafka[strimzi.io/name=mybuddy-kafka], port 9093/TCP"),
    (lambda m: without(m, "names"), "lets this out of a pod: geo to kube-system[k8s-app=kube-dns], port 53/UDP"),
    (lambda m: without(m, "mail"), "lets this out of a pod: notification to anywhere, port 465/TCP"),
    (lambda m: policy(m, "mail").update(podSelector={}), f"{EXTRA}geo to anywhere, port 465/TCP"),
    (lambda m: policy(m, "mail")["egress"][0].pop("ports"), f"{EXTRA}notification to anywhere, port any"),
    (lambda m: policy(m, "mail")["egress"][0].pop("to"), f"{EXTRA}notification to everybody, port 465/TCP"),
    (lambda m: policy(m, "public")["ingress"].append({"from": []}), f"{EXTRA}everybody to registration, port any"),
    (lambda m: policy(m, "mail")["egress"][0]["ports"][0].update(endPort=65535), "notification to anywhere, port 465-65535/TCP"),
    (lambda m: policy(m, "mail").update(policyTypes=["Ingress"]), "out of a pod: notification to anywhere, port 465/TCP"),
    (
        lambda m: policy(m, "public").update(podSelector={"matchLabels": {"app.kubernetes.io/name": "matching"}}),
        f"{EXTRA}traefik[app.kubernetes.io/name=traefik] to matching, port 8000/TCP",
    ),
    (
        lambda m: policy(m, "databases")["egress"][0]["to"][0]["podSelector"]["matchLabels"].update(
            {"cnpg.io/cluster": "hannover"}
        ),
        f"{EXTRA}geo to databases[cnpg.io/cluster=hannover], port 5432/TCP",
    ),
    (
        lambda m: policy(m, "kafka")["egress"][0]["to"][0].pop("podSelector"),
        f"{EXTRA}geo to every pod of kafka, port 9093/TCP",
    ),
    (
        lambda m: policy(m, "watched")["ingress"][0]["from"][0].update(namespaceSelector={}),
        f"{EXTRA}any namespace[app.kubernetes.io/name=prometheus] to geo, port 8000/TCP",
    ),
    (
        lambda m: variable(m, "geo", "MYBUDDY_KAFKA_BOOTSTRAP").update(value="k.elsewhere:9092"),
        "geo to elsewhere[strimzi.io/name=k], port 9092/TCP",
    ),
    (
        lambda m: policy(m, "kafka")["egress"][0]["ports"][0].update(port=9092),
        "lets this out of a pod: geo to kafka[strimzi.io/name=mybuddy-kafka], port 9093/TCP",
    ),
    (
        lambda m: policy(m, "watched")["ingress"][0]["from"][0]["podSelector"]["matchLabels"].update(
            {"app.kubernetes.io/name": "promtheus"}
        ),
        f"{EXTRA}monitoring[app.kubernetes.io/name=promtheus] to geo, port 8000/TCP",
    ),
]


@pytest.mark.parametrize(("plant", "said"), FLOWS)
def test_every_flow_of_the_design_is_allowed_and_no_other(plant: Plant, said: str) -> None:
    found = planted(flows.faults, plant)
    assert any(said in fault for fault in found)


def test_an_old_relay_may_be_asked_and_a_port_without_protocol_is_one_of_tcp() -> None:
    def plant(manifests: Manifests) -> None:
        policy(manifests, "mail")["egress"][0]["ports"].append({"port": 25})

    assert planted(flows.faults, plant) == []


def test_the_design_has_these_flows_between_services() -> None:
    own = {"registration", "geo", "matching", "notification"}
    between = {flow for flow in flows.needed(fresh()) if {flow.source, flow.target} <= own}
    assert between == {flows.Flow("registration", "geo", "8000/TCP"), flows.Flow("notification", "registration", "8000/TCP")}


def paths(manifests: Manifests) -> Any:
    return spec(manifests, "Ingress", "mybuddy")["rules"][0]["http"]["paths"]


def without_path(manifests: Manifests, path: str) -> None:
    paths(manifests)[:] = [one for one in paths(manifests) if one["path"] != path]


def leading(path: str, service: str) -> dict[str, Any]:
    return {"path": path, "pathType": "Prefix", "backend": {"service": {"name": service, "port": {"name": "http"}}}}


FRONT: list[tuple[Plant, str]] = [
    (lambda m: without_path(m, "/metrics"), "Ingress: /metrics is not for people, and is shown to them"),
    (lambda m: without_path(m, "/internal"), "Ingress: /internal/recipient is not for people"),
    (lambda m: without_path(m, "/coordinator"), "Ingress: /coordinator/rounds/{region}/{slug} is not for people"),
    (lambda m: without_path(m, "/"), "Ingress: /{slug} is for people, and they do not reach it"),
    (lambda m: paths(m).append(leading("/healthz", "registration")), "Ingress: /healthz is not for people"),
    (lambda m: paths(m).append(leading("/x", "gone")), "Ingress: there is no Service gone"),
    (lambda m: spec(m, "Ingress", "mybuddy").pop("tls"), "Ingress: tls must name buddy.ludwigsburg.example and a Secret"),
    (lambda m: spec(m, "Ingress", "mybuddy")["tls"][0].pop("secretName"), "Ingress: tls must name buddy.ludwigsburg.example"),
    (
        lambda m: variable(m, "registration", "MYBUDDY_PUBLIC_URL").update(value="https://other.example"),
        "Ingress: links in mails lead to other.example, not to buddy.ludwigsburg.example",
    ),
    (
        lambda m: one(m, "Ingress", "mybuddy")["metadata"].update(annotations={}),
        "Ingress: the annotation traefik.ingress.kubernetes.io/router.entrypoints must be websecure",
    ),
    (
        lambda m: one(m, "Ingress", "mybuddy")["metadata"]["annotations"].update({"example.org/rewrite-target": "/"}),
        "Ingress: nobody knows the annotation example.org/rewrite-target here",
    ),
    (lambda m: spec(m, "Ingress", "mybuddy").update(ingressClassName="trafik"), "Ingress: ingressClassName must be traefik"),
    (lambda m: paths(m)[0].update(pathType="Exact"), "Ingress: the pathType of / must be Prefix"),
    (lambda m: paths(m)[0]["backend"]["service"].update(port={"name": "web"}), "Ingress: / leads to a port that the Service"),
    (lambda m: spec(m, "Ingress", "mybuddy").update(defaultBackend=paths(m)[0]["backend"]), "Ingress: a defaultBackend would"),
    (lambda m: spec(m, "Ingress", "mybuddy").update(rules=[]), "there must be one Ingress, with one host"),
]


@pytest.mark.parametrize(("plant", "said"), FRONT)
def test_people_see_what_is_for_people_and_nothing_else(plant: Plant, said: str) -> None:
    found = planted(front.faults, plant)
    assert any(said in fault for fault in found)
