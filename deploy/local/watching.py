"""A Prometheus that watches one installation, with the rules of every installation; with WATCH=1 demo and dev start one.

It asks each service every two seconds and is reached from this machine only. What it learnt goes with the stack.
"""

import json
import os
import time
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from deploy.local.errors import ProcessError
from deploy.local.one_process import OneProcess
from deploy.local.phone import HERE
from deploy.local.process import ROOT, Process, Processes, Spec
from deploy.local.prometheus import tool
from deploy.local.service import Service

VARIABLE = "MYBUDDY_LOCAL_WATCH"
RULES = ROOT / "deploy" / "prometheus" / "rules.yml"
JOB = "mybuddy"
EVERY_SECONDS = 2
START_SECONDS = 60.0
KEPT = "6h"


def wanted() -> bool:
    return bool(os.environ.get(VARIABLE))


@dataclass(frozen=True)
class Prometheus:
    """One that runs somewhere, to be asked what it knows."""

    url: str

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series that it has now."""
        return list(self._call("query", query=expression)["result"])

    def query_range(self, expression: str, start: float, end: float, step: float) -> list[dict[str, Any]]:
        """The series that it had between two moments (Unix time), each with its values."""
        asked = {"query": expression, "start": f"{start}", "end": f"{end}", "step": f"{step}"}
        return list(self._call("query_range", **asked)["result"])

    def alerts(self) -> list[dict[str, Any]]:
        """Those that fire and those that are about to, with their labels and `state`."""
        return list(self._call("alerts")["alerts"])

    def rules(self) -> list[dict[str, Any]]:
        """All that it evaluates, with `name`, `type` and `health`."""
        return [rule for group in self._call("rules")["groups"] for rule in group["rules"]]

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=2) as answer:  # noqa: S310 - ours
                return int(answer.status) == 200
        except OSError:
            return False

    def _call(self, path: str, **asked: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urlencode(asked)}", timeout=10) as answer:  # noqa: S310 - ours
            data: dict[str, Any] = json.load(answer)["data"]
            return data


@dataclass
class Watching(OneProcess):
    """Its port and what it has learnt stay the same over restarts."""

    port: int
    targets: Path

    def look_at(self, services: Iterable[Service]) -> None:
        """From now on at these. Whoever starts another process of a service says so; after a restart they are where they were."""
        told = [{"targets": [f"{HERE}:{one.port}"], "labels": {"service": one.name}} for one in services]
        part = self.targets.with_suffix(".part")
        part.write_text(json.dumps(told))
        part.replace(self.targets)

    @property
    def prometheus(self) -> Prometheus:
        return Prometheus(f"http://{HERE}:{self.port}")

    @property
    def describe(self) -> str:
        return f"Prometheus at {self.prometheus.url}"

    def start(self, *, wait: bool = True) -> None:
        self.process.start()
        if wait:
            self.wait_ready()

    def wait_ready(self) -> None:
        end = time.monotonic() + START_SECONDS
        while not self.prometheus.is_ready():
            if not self.process.running or time.monotonic() > end:
                raise ProcessError(f"Prometheus did not start{self.process.log_tail()}")
            time.sleep(0.05)


def launch(processes: Processes, data: Path, port: int, installation: str, services: Iterable[Service]) -> Watching:
    """Started, not yet ready: see `wait_ready`."""
    folder = data / f"prometheus-{installation}"
    folder.mkdir(parents=True)
    config, targets = folder / "prometheus.yml", folder / "targets.json"
    config.write_text(json.dumps(_config(installation, targets)))  # JSON is YAML
    argv = [str(tool("prometheus")), f"--config.file={config}", f"--web.listen-address={HERE}:{port}"]
    argv += [f"--storage.tsdb.path={folder / 'data'}", f"--storage.tsdb.retention.time={KEPT}", "--log.level=warn"]
    watching = Watching(Process(processes, Spec(f"{installation}-prometheus", argv, grace=10)), port, targets)
    watching.look_at(services)
    watching.start(wait=False)
    return watching


def _config(installation: str, targets: Path) -> dict[str, Any]:
    every = f"{EVERY_SECONDS}s"
    return {
        "global": {"scrape_interval": every, "evaluation_interval": every, "external_labels": {"installation": installation}},
        "rule_files": [str(RULES)],
        "scrape_configs": [{"job_name": JOB, "file_sd_configs": [{"files": [str(targets)], "refresh_interval": every}]}],
    }
