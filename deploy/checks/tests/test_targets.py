"""Prometheus asks the services that there are, and Grafana shows what lies here."""

from deploy.checks.compose import FILE, read
from deploy.checks.environment import SETTINGS
from deploy.grafana.files import FOLDER
from deploy.grafana.frame import RUNBOOK

ROOT = FILE.parent


def test_prometheus_asks_every_service() -> None:
    jobs = read(ROOT / "deploy/prometheus/prometheus.yml")["scrape_configs"]
    targets = {target for job in jobs for static in job["static_configs"] for target in static["targets"]}
    assert targets == {f"{service}:8000" for service in SETTINGS}


def test_grafana_is_given_the_dashboards_the_provisioning_and_the_runbook() -> None:
    mounts = dict(volume.split(":")[:2] for volume in read(FILE)["services"]["grafana"]["volumes"])
    assert mounts["./docs/runbook.md"] == f"/usr/share/grafana{RUNBOOK}"
    provider = read(FOLDER.parent / "provisioning/dashboards/mybuddy.yml")["providers"][0]
    assert mounts[f"./{FOLDER.relative_to(ROOT)}"] == provider["options"]["path"]
    assert provider["allowUiUpdates"] is False


def test_dashboards_begin_with_the_cockpit() -> None:
    home = read(FILE)["services"]["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert home == "/dashboards/round-cockpit.json"
    assert (FOLDER / "round-cockpit.json").is_file()
