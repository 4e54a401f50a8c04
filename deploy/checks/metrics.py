"""`python -m deploy.checks.metrics`: are the metrics of all services named and described as Prometheus wants it?

Each service is asked in a process of its own, for services are never loaded together. What it would show is judged by promtool.
"""

import argparse
import hashlib
import importlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from prometheus_client import REGISTRY, generate_latest
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from deploy.checks.compose import FILE
from deploy.checks.environment import SETTINGS
from deploy.local.artifacts import put
from deploy.local.errors import MissingPartError
from deploy.local.kafka import cache_folder
from deploy.local.prometheus import tool

OURS = "mybuddy_"
LOCK = FILE.parent / "locks/all.txt"
# Prometheus's own library gives these to every process, on some machines more of them than on others.
OF_ANY_PROCESS = ("python_", "process_")
SECONDS = 60


@dataclass(frozen=True)
class Metric:
    """As a service declares it: `labels` without those of a histogram's parts, which `samples` have."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...]
    samples: dict[str, frozenset[str]]


def exported() -> dict[str, dict[str, set[str]]]:
    """Of each service all that can be asked for, by the name of a sample (`…_total`, `…_bucket`), with its labels."""
    return {
        service: {name: set(labels) for metric in read(text) for name, labels in metric.samples.items()}
        for service, text in shown().items()
    }


def shown() -> dict[str, str]:
    """What each service shows once everything has been counted. To load them all takes long: it is kept until code changes."""
    kept = cache_folder() / "metrics" / f"{_digest()}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        put(json.dumps(asked()).encode(), kept)
    found: dict[str, str] = json.loads(kept.read_text(encoding="utf-8"))
    return found


def _digest() -> str:
    """Of all that a service is made of."""
    sources = sorted(path for part in ("services", "shared") for path in (FILE.parent / part).rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in (LOCK, *sources))).hexdigest()


def asked() -> dict[str, str]:
    """What each shows. Raises RuntimeError with the last words of one that cannot be loaded."""
    with ThreadPoolExecutor() as at_once:
        return dict(zip(SETTINGS, at_once.map(_shown_by, SETTINGS), strict=True))


def _shown_by(service: str) -> str:
    command = [sys.executable, "-m", "deploy.checks.metrics", "--of", service]
    done = subprocess.run(command, cwd=FILE.parent, capture_output=True, text=True, check=False, timeout=SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"{service} cannot be loaded: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout


def touched(service: str) -> str:
    """Loads the service and counts with every metric once, for one that was never counted with is not shown."""
    importlib.import_module(f"services.{service}.app")
    for metric in list(REGISTRY._names_to_collectors.values()):  # noqa: SLF001 - there is no other list of them
        if isinstance(metric, MetricWrapperBase) and metric._labelnames:  # noqa: SLF001
            metric.labels(*("any" for _ in metric._labelnames))  # noqa: SLF001
    return generate_latest().decode()


def read(text: str) -> list[Metric]:
    """What a service shows, metric by metric."""
    found = []
    for family in text_string_to_metric_families(text):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        samples = _labels_of(family.samples)
        labels = tuple(dict.fromkeys(label for sample in family.samples for label in sample.labels if label != "le"))
        found.append(Metric(name, family.type, family.documentation, labels, samples))
    return found


def _labels_of(samples: list[Sample]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for sample in samples:
        found[sample.name] = found.get(sample.name, frozenset()) | frozenset(sample.labels)
    return found


def faults(text: str) -> list[str]:
    """One sentence for each thing that is wrong with what a service shows."""
    checked = subprocess.run(
        [tool("promtool"), "check", "metrics"], input=text, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    said = [line for line in (checked.stdout + checked.stderr).splitlines() if line.strip()]
    if checked.returncode != 0 and not said:
        said = [f"promtool ended with {checked.returncode} and said nothing"]
    names = [metric.name for metric in read(text)] if checked.returncode in {0, 3} else []
    foreign = [name for name in names if not name.startswith((OURS, *OF_ANY_PROCESS))]
    return [*said, *(f"{name} does not begin with {OURS}" for name in foreign)]


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m deploy.checks.metrics", description=__doc__)
    arguments.add_argument("--of", choices=list(SETTINGS), help="only print what this service shows")
    if service := arguments.parse_args().of:
        sys.stdout.write(touched(service))
        return 0
    try:
        found = [f"{name}: {fault}" for name, text in shown().items() for fault in faults(text)]
    except (MissingPartError, RuntimeError) as error:
        found = [str(error)]
    sys.stderr.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
