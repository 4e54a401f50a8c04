"""The dashboards of Grafana, as code: `python -m deploy.grafana` writes dashboards/*.json, which Grafana reads."""
