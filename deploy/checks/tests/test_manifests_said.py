"""Faults planted into what an overlay says of its installation."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy.checks.manifests import __main__ as manifests
from deploy.checks.manifests import said
from deploy.checks.manifests.rendered import COMPONENTS, OVERLAYS, UnrenderedError

NAME, CHOSEN = "ludwigsburg", ("cloudnativepg", "scaling", "kafka-secured", "watched")
GONE = object()


def written(folder: Path, data: dict[str, Any], components: tuple[str, ...] = CHOSEN, **own: Any) -> Path:
    """The overlay ludwigsburg with other words."""
    folder, yaml = folder / NAME, YAML(typ="safe")
    folder.mkdir()
    for name in ("installation.yaml", "kustomization.yaml"):
        content = yaml.load((COMPONENTS.parent / f"overlays/{NAME}/{name}").read_text())
        if "data" in content:
            content["data"] = {key: value for key, value in (content["data"] | data).items() if value is not GONE}
        else:
            content |= {"components": [str(COMPONENTS / component) for component in components]} | own
        with (folder / name).open("w") as file:
            YAML().dump(content, file)
    return folder


LABEL = "it must be a name of lower case letters, digits and hyphens, 63 at most"
HOST = "it must be a name like buddy.example.org, without https://, port and path"
RELEASE = "it must be a tag like 0.1.0, of lower case letters, digits, hyphens and dots, 40 at most"
KAFKA = "it must be one address, like mybuddy-kafka-bootstrap.kafka:9093"
CONNECTIONS = "it must be a whole number from 50 to 2000: with more, PostgreSQL gets slow"
LINES = [
    ("name", "Ludwigsburg", "it must be a name of lower case letters, digits and hyphens, 50 at most"),
    ("name", "hannover", "it must be ludwigsburg, as its folder is called"),
    ("host", "https://buddy.example", HOST),
    ("host", "buddy.example:443", HOST),
    ("host", "buddy.example/de", HOST),
    ("host", "Buddy.example", HOST),
    ("host", "192.0.2.1", HOST),
    ("host", "buddy..example", HOST),
    ("host", "buddy", HOST),
    ("release", "v1_0", RELEASE),
    ("release", "1.0-", RELEASE),
    ("release", "1" * 41, RELEASE),
    ("ingress-class", "Traefik", LABEL),
    ("ingress-namespace", "kube system", LABEL),
    ("ingress-pods", "traefik-", LABEL),
    ("kafka", "kafka.example", KAFKA),
    ("kafka", "a.example:9093,b.example:9093", KAFKA),
    ("kafka", "kafka.example:65536", KAFKA),
    ("kafka", "SASL_SSL://kafka.example:9093", KAFKA),
    ("kafka", "kafka:9092", "with the component kafka-secured it must name the port that listens by TLS, like 9093"),
    ("connections", "49", CONNECTIONS),
    ("connections", "2001", CONNECTIONS),
    ("connections", "300.5", CONNECTIONS),
]


@pytest.mark.parametrize(("key", "value", "wanted"), LINES)
def test_a_wrong_word_is_one_sentence(tmp_path: Path, key: str, value: str, wanted: str) -> None:
    assert list(said.faults(written(tmp_path, {key: value}))) == [f"installation.yaml: {key} is {value}: {wanted}"]


@pytest.mark.parametrize("key", sorted(said.LINES))
def test_what_is_missing_empty_or_no_text_is_found(tmp_path: Path, key: str) -> None:
    for number, value in enumerate((GONE, "", 300)):
        (tmp_path / str(number)).mkdir()
        (found,) = said.faults(written(tmp_path / str(number), {key: value}))
        assert found.startswith(
            f"installation.yaml: {key} is {('missing: ', 'empty: ', 'no text: write it in quotation')[number]}"
        )


ELSEWHERE = ("databases-elsewhere", "kafka-elsewhere", "ingress-network", "cert-manager")
THERE = {"databases": "192.0.2.0/28", "kafka-network": "2001:db8::/32", "ingress-network": "10.0.0.0/8", "issuer": "a.b"}
MASK = "it must be a network with its mask"
OF_COMPONENTS = [
    ("databases", "192.0.2.1", f"{MASK} as a number, like 192.0.2.0/28"),
    ("databases", "192.0.2.1/28", f"{MASK}, like 192.0.2.0/28 (192.0.2.1/28 has host bits set)"),
    ("databases", "192.0.2.0/255.255.255.0", f"{MASK} as a number, like 192.0.2.0/28"),
    ("databases", "databases.example", f"{MASK}, like 192.0.2.0/28"),
    ("kafka-network", "0.0.0.0/0", "it is too wide: name the network where they are, /8 or narrower"),
    ("ingress-network", "2001:d00::/24", "it is too wide: name the network where they are, /32 or narrower"),
    ("issuer", "Let's Encrypt", "it must be the name of a ClusterIssuer, like letsencrypt"),
]


@pytest.mark.parametrize(("key", "value", "wanted"), OF_COMPONENTS)
def test_what_a_component_needs_is_looked_at_too(tmp_path: Path, key: str, value: str, wanted: str) -> None:
    assert list(said.faults(written(tmp_path, THERE | {key: value}, ELSEWHERE))) == [
        f"installation.yaml: {key} is {value}: {wanted}"
    ]


@pytest.mark.parametrize("key", sorted(THERE))
def test_it_is_there_exactly_with_its_component(tmp_path: Path, key: str) -> None:
    component = said.OF_COMPONENTS[key][0]
    (missing,) = said.faults(written(tmp_path, THERE | {key: GONE}, ELSEWHERE))
    assert missing.startswith(f"installation.yaml: {key} is missing, and the component {component} needs it: it must be ")
    (tmp_path / "other").mkdir()
    others = ("cloudnativepg", *(one for one in ELSEWHERE if one not in {component, "databases-elsewhere"}))
    there = {other: value for other, value in THERE.items() if other == key or other != "databases"}
    (needless,) = said.faults(written(tmp_path / "other", there, others))
    assert needless.startswith(f"installation.yaml: {key} counts for nothing without the component {component}: take that, or")


def test_nothing_is_wrong_with_all_of_them(tmp_path: Path) -> None:
    assert list(said.faults(written(tmp_path, THERE, ELSEWHERE))) == []


def test_a_word_that_nobody_knows_is_found(tmp_path: Path) -> None:
    (found,) = said.faults(written(tmp_path, {"hots": "buddy.example"}))
    assert found.startswith("installation.yaml: nobody knows hots here: what there can be is name, host, release, ingress-class,")


OWN: list[tuple[dict[str, Any], str]] = [
    ({"namespace": "mybuddy"}, "namespace is mybuddy: it must be mybuddy-ludwigsburg"),
    ({"namespace": None}, "namespace is missing: it must be mybuddy-ludwigsburg"),
    ({"components": ()}, "components must name cloudnativepg or databases-elsewhere, and one of them is needed"),
    (
        {"components": ("cloudnativepg", "kafka-secured", "scaling")},
        "take kafka-secured after scaling, which else asks Kafka without a name",
    ),
    (
        {"images": [{"name": "mybuddy-geo", "newName": "Registry.example/mybuddy-geo"}]},
        "images: mybuddy-geo: newName is Registry.example/mybuddy-geo: it must be like registry.example:5000/mybuddy-geo, in",
    ),
    ({"images": [{"name": "mybuddy-geo", "newName": "a.example/mybuddy-geo:0.1.0"}]}, "newName is a.example/mybuddy-geo:0.1.0"),
    ({"images": [{"name": "mybuddy-geo", "newName": "https://a.example/geo"}]}, "newName is https://a.example/geo"),
    ({"images": [{"name": "mybuddy-geo", "digest": "1" * 64}]}, "it must be sha256: and 64 digits from 0 to f"),
    ({"images": [{"name": "mybuddy-geo", "digest": f"sha256:{'1' * 63}"}]}, "it must be sha256: and 64 digits from 0 to f"),
]


@pytest.mark.parametrize(("own", "wanted"), OWN)
def test_faults_in_the_kustomization_are_found(tmp_path: Path, own: dict[str, Any], wanted: str) -> None:
    (found,) = said.faults(written(tmp_path, {}, **own))
    assert found.startswith("kustomization.yaml: ")
    assert wanted in found


def test_databases_are_in_one_place(tmp_path: Path) -> None:
    folder = written(tmp_path, {"databases": "192.0.2.0/28"}, ("cloudnativepg", "databases-elsewhere"))
    assert list(said.faults(folder)) == [
        "kustomization.yaml: components must name cloudnativepg or databases-elsewhere, and not both"
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("kind: Secret\n", "installation.yaml: it must be a ConfigMap with the name installation"),
        ("kind: ConfigMap\nmetadata: { name: other }\n", "installation.yaml: it must be a ConfigMap with the name installation"),
        ("kind: ConfigMap\nmetadata: { name: installation }\n", "installation.yaml: data is missing"),
    ],
)
def test_a_file_of_another_form_is_found(tmp_path: Path, text: str, wanted: str) -> None:
    folder = written(tmp_path, {})
    (folder / "installation.yaml").write_text(text)
    (found,) = said.faults(folder)
    assert found.startswith(wanted)


@pytest.mark.parametrize("name", ["installation.yaml", "kustomization.yaml"])
def test_an_empty_file_is_said_as_one_that_cannot_be_made(tmp_path: Path, name: str) -> None:
    folder = written(tmp_path, {})
    (folder / name).write_text("")
    with pytest.raises(UnrenderedError, match=f"ludwigsburg: {name} holds no keys with values"):
        list(said.faults(folder))
    assert manifests.all_faults([folder]) == [f"ludwigsburg: it cannot be made: {name} holds no keys with values"]


def test_the_whole_check_says_it_and_renders_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(manifests, "read")
    folder = written(tmp_path, {"host": "https://buddy.example"})
    assert manifests.all_faults([*OVERLAYS, folder]) == [f"ludwigsburg: installation.yaml: host is https://buddy.example: {HOST}"]
