"""Do the databases take all connections that the pods may open, each at its most and one more while deploying?"""

from collections.abc import Iterator
from typing import Any

from deploy.checks import environment
from deploy.checks.manifests.rendered import Manifests, Pod
from deploy.checks.manifests.scaling import most_pods

RELAY, SENDERS = 1, "MYBUDDY_SENDERS"
SPARE = 10
"""For PostgreSQL's own superusers, an operator's look, migrations and the copy."""


def faults(manifests: Manifests) -> Iterator[str]:
    needed, taken = total(manifests), manifests.said["connections"]
    if needed + SPARE > int(taken):
        yield f"the databases take {taken} connections, and the pods may open {needed}: leave {SPARE} free beside them"


def total(manifests: Manifests) -> int:
    return sum((most_pods(pod, manifests) + 1) * _of_one(pod) for pod in manifests.services if pod.name in environment.SETTINGS)


def _of_one(pod: Pod) -> int:
    settings = environment.SETTINGS[pod.name].model_construct(None, **_numbers(pod))
    return settings.pool_size + RELAY


def _numbers(pod: Pod) -> dict[str, Any]:
    """What it is told and a pool's size depends on."""
    told = pod.environment(pod.container)
    return {"senders": int(told[SENDERS])} if SENDERS in told else {}
