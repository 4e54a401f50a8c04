"""Dashboards and scrape targets speak of metrics and services that exist."""

import json
import re
from pathlib import Path

from deploy.checks.compose import FILE, SETTINGS, read

ROOT = FILE.parent
DECLARED = re.compile(r'(Counter|Gauge|Histogram)\(\s*"(\w+)"')
NAME = re.compile(r"\b([a-z]+(?:_[a-z]+)+)\b(?=\s*[{\[)]|$|\s*$)")
PARTS = {"Counter": ("",), "Gauge": ("",), "Histogram": ("_bucket", "_count", "_sum")}


def metrics() -> set[str]:
    """Read, not imported: services are no modules of ours."""
    files = [ROOT / "shared/runtime/metrics.py", *ROOT.glob("services/*/metrics.py")]
    found = [match for file in files for match in DECLARED.findall(file.read_text())]
    return {f"{name}{part}" for kind, name in found for part in PARTS[kind]}


def asked(dashboard: Path) -> set[str]:
    panels = json.loads(dashboard.read_text())["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    return {name for query in queries for name in NAME.findall(query)} - {"histogram_quantile"}


def test_dashboards_ask_for_metrics_that_exist() -> None:
    dashboards = list((ROOT / "deploy/grafana/dashboards").glob("*.json"))
    names = set[str]().union(*map(asked, dashboards))
    assert len(names) > 10
    assert names <= metrics()


def test_prometheus_asks_every_service() -> None:
    jobs = read(ROOT / "deploy/prometheus/prometheus.yml")["scrape_configs"]
    targets = {target for job in jobs for static in job["static_configs"] for target in static["targets"]}
    assert targets == {f"{service}:8000" for service in SETTINGS}
