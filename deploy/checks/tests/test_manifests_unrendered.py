"""What is said of manifests that Kustomize cannot make."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy.checks.__main__ import ROOT
from deploy.checks.manifests import __main__ as manifests
from deploy.checks.manifests import scaling, unrendered
from deploy.checks.manifests.rendered import Manifests, UnrenderedError, render

PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: gone }\nspec: { replicas: 1 }\n"


def made(root: Path, kustomization: str, base: str = "resources: []") -> str:
    """What is said of this overlay over this base."""
    for folder, text in (("base", base), ("overlays/country", kustomization)):
        (root / folder).mkdir(parents=True)
        (root / folder / "kustomization.yaml").write_text(f"{text}\n")
    (root / "overlays/country/patch.yaml").write_text(PATCH)
    with pytest.raises(UnrenderedError) as raised:
        render(root / "overlays/country")
    return unrendered.sentence(raised.value, root)


FILE = "country: it cannot be made, because there is no {}: add it, or refer to what is there"
CANNOT: list[tuple[dict[str, str], str]] = [
    ({"kustomization": "resources: [geo.yaml]"}, FILE.format("overlays/country/geo.yaml")),
    ({"kustomization": "resources: [../../base]", "base": "resources: [geo.yaml]"}, FILE.format("base/geo.yaml")),
    ({"kustomization": "patches: [{ path: sizes.yaml }]"}, FILE.format("overlays/country/sizes.yaml")),
    ({"kustomization": "components: [../../watched]"}, FILE.format("watched")),
    (
        {"kustomization": "configMapGenerator: [{ name: regions, files: [a.toml, patch.yaml] }]"},
        FILE.format("overlays/country/a.toml"),
    ),
    (
        {"kustomization": "patches: [{ path: patch.yaml }]"},
        "country: it cannot be made, because a patch is for Deployment gone, which is not there: name what it changes",
    ),
    ({"kustomization": "resource: []"}, 'country: it cannot be made: invalid Kustomization: json: unknown field "resource"'),
    (
        {"kustomization": "resources: [../../base]", "base": "patches: [{ patch: 'a: [' }]"},
        'country: it cannot be made (base): unable to parse SM or JSON patch from [patch: "a: ["]',
    ),
]


@pytest.mark.parametrize(("files", "said"), CANNOT)
def test_the_reason_is_said_in_one_sentence(tmp_path: Path, files: dict[str, str], said: str) -> None:
    assert made(tmp_path, **files) == said


def test_the_whole_check_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Sequence[Path]) -> Sequence[Manifests]:
        raise UnrenderedError(f"country: error: open {ROOT}/deploy/k8s/base/geo.yaml: no such file or directory")

    monkeypatch.setattr(scaling, "exported", dict)
    monkeypatch.setattr(manifests, "read", fail)
    assert manifests.all_faults() == [FILE.format("deploy/k8s/base/geo.yaml")]
