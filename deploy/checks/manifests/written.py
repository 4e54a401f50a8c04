"""Are the files well written: no word that one reader of YAML takes for something else than another, and none out of date?"""

import re
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.tokens import ScalarToken

from deploy import k8s
from deploy.checks.manifests.rendered import K8S
from deploy.k8s.__main__ import outdated

TRAPS = re.compile(r"y|n|yes|no|on|off|0\d+|0o[0-7]+|\d+(:\d\d)+|\d+\.\d+|\d[\d_]*_\d+|~|null", re.IGNORECASE)


def faults(folder: Path = K8S) -> Iterator[str]:
    for path in sorted(folder.rglob("*.yaml")):
        yield from (f"{path.relative_to(folder)}: {fault}" for fault in _of(path.read_text(encoding="utf-8")))
    yield from (f"{name} is out of date: run `python -m {k8s.__name__}`" for name in outdated())


def _of(text: str) -> Iterator[str]:
    try:
        list(YAML(typ="safe").load_all(text))
    except YAMLError as error:
        yield f"it cannot be read: {' '.join(str(error).split())}"
        return
    for token in YAML(typ="safe", pure=True).scan(text):
        if isinstance(token, ScalarToken) and token.plain and TRAPS.fullmatch(token.value):
            yield f"line {token.start_mark.line + 1}: write {token.value} in quotation marks, or true or false"
