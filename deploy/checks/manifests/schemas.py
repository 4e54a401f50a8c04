"""Is every object what its kind says, with no field that the kind does not know?"""

import importlib
import json
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
from pydantic import BaseModel, ValidationError

from deploy.checks.manifests.rendered import Manifests, Object

KUBERNETES = "1.34"
# Typed models of other programs' kinds. Loaded late: they are large.
MODELS = {
    "keda.sh/v1alpha1": "cloudcoil.models.keda.v1alpha1",
    "monitoring.coreos.com/v1": "cloudcoil.models.prometheus_operator.v1",
}


def faults(manifests: Manifests) -> Iterator[str]:
    for one in manifests.objects:
        yield from _of_object(json.dumps(one))


@cache
def _of_object(text: str) -> tuple[str, ...]:
    """Most objects are the same in all overlays, and a schema is read anew for each look."""
    one: Object = json.loads(text)
    check = _of_model if one["apiVersion"] in MODELS else _of_kubernetes
    return tuple(f"{one['kind']} {one['metadata']['name']}: {fault}" for fault in check(one))


def _of_kubernetes(one: Object) -> Iterator[str]:
    try:
        kubernetes_validate.validate(one, KUBERNETES, strict=True)
    except kubernetes_validate.ValidationError as error:
        yield f"{'.'.join(map(str, error.path)) or 'it'}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError:
        yield f"Kubernetes {KUBERNETES} knows no {one['kind']} of {one['apiVersion']}"


def _of_model(one: Object) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = importlib.import_module(MODELS[one["apiVersion"]])
    model: type[BaseModel] | None = getattr(module, one["kind"], None)
    if model is None:
        yield f"{one['apiVersion']} has no kind {one['kind']}"
        return
    try:
        read = model.model_validate(one)
    except ValidationError as error:
        yield from (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
    else:
        yield from _unknown(one, read.model_dump(by_alias=True, exclude_unset=True, warnings=False), "")


def _unknown(given: Any, read: Any, where: str) -> Iterator[str]:
    """The models let pass what they do not know; what they did not keep is that."""
    if isinstance(given, dict) and isinstance(read, dict):
        for key, value in given.items():
            if key not in read:
                yield f"{where}{key} is no field there"
            else:
                yield from _unknown(value, read[key], f"{where}{key}.")
    elif isinstance(given, list) and isinstance(read, list):
        for number, (one, kept) in enumerate(zip(given, read, strict=True)):
            yield from _unknown(one, kept, f"{where}{number}.")
