"""Does Prometheus ask the services where, how often and with which labels the rules and dashboards expect it?"""

import re
from collections.abc import Iterator
from typing import Any

from deploy.checks.manifests.rendered import Manifests, Object

PATH, INTERVAL = "/metrics", "15s"
SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
POD_NAME = "__meta_kubernetes_pod_label_app_kubernetes_io_name"
UNSAID = {"action": "replace", "regex": "(.*)", "replacement": "$1", "separator": ";"}


def faults(manifests: Manifests) -> Iterator[str]:
    for one in manifests.of("ServiceMonitor"):
        for end in one["spec"]["endpoints"]:
            found = (*_asks(end), *_labels(end, manifests.overlay))
            yield from (f"ServiceMonitor {one['metadata']['name']}: {fault}" for fault in found)


def _asks(end: Object) -> Iterator[str]:
    if end.get("path", PATH) != PATH:
        yield f"it asks {end['path']}: the services answer on {PATH}"
    try:
        interval = seconds_of(end.get("interval", "nothing"))
        timeout = seconds_of(end.get("scrapeTimeout", "0s"))
    except ValueError as error:
        yield f"interval and scrapeTimeout: {error}"
        return
    if not 0 < interval <= seconds_of(INTERVAL):
        yield f"its interval is {end['interval']}: it must be {INTERVAL} at most, rates and alerts are made for that"
    elif timeout >= interval:
        yield f"its scrapeTimeout is {end['scrapeTimeout']}: it must be less than the interval, {end['interval']}"


def seconds_of(duration: str) -> float:
    """Of a duration like 15s or 1m30s. Raises ValueError for one that is written otherwise."""
    if not re.fullmatch(r"(\d+(ms|[smhd]))+", duration):
        raise ValueError(f"{duration} is no duration like {INTERVAL}")
    return sum(int(number) * SECONDS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhd])", duration))


def _labels(end: Object, installation: str) -> Iterator[str]:
    """Of several that write one label, the last counts."""
    has = {one.get("targetLabel"): _said(one) for one in end.get("relabelings", [])}
    wanted: dict[str, dict[str, Any]] = {"service": {"sourceLabels": [POD_NAME]}, "installation": {"replacement": installation}}
    for label, how in wanted.items():
        if has.get(label) != {"targetLabel": label, **how}:
            yield f"its relabelings must make the label {label} of {' '.join(f'{key} {value}' for key, value in how.items())}"
    for label in (label for label in has if label not in wanted):
        yield f"a relabeling {f'makes the label {label}' if label else 'makes no label'}: take it away, nobody here expects it"


def _said(relabeling: Object) -> Object:
    """Without what counts anyway."""
    return {key: value for key, value in relabeling.items() if value != UNSAID.get(key)}
