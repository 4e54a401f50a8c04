"""`python -m deploy.k8s`: writes the component watched from the rules of Prometheus and the dashboards of Grafana, which
docker-compose.yml mounts as they are. Kustomize can put a file into a ConfigMap, but not into a PrometheusRule.
"""

import argparse
import sys
import textwrap
from pathlib import Path

DEPLOY = Path(__file__).parents[1]
WATCHED = Path(__file__).parent / "components/watched"
WRITTEN = "# Written by `python -m deploy.k8s`: change {} instead.\n"

RULE = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: mybuddy
spec:
"""
KUSTOMIZATION = """\
# Needs the Prometheus operator, and for the dashboards Grafana with its sidecar. The rules name no installation: a Prometheus
# that watches several of them needs `enforcedNamespaceLabel: namespace`, which lets each namespace's rules see its own alone.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
resources:
  - services.yaml
  - network.yaml
  - rules.yaml
generatorOptions:
  disableNameSuffixHash: true
  labels: { grafana_dashboard: "1" }
configMapGenerator:
"""
DASHBOARD = """\
  - name: dashboard-{stem}
    files: [../../../grafana/dashboards/{stem}.json]
"""


def written(deploy: Path = DEPLOY) -> dict[str, str]:
    """What each file of the folder must hold. Raises FileNotFoundError where there are no rules."""
    rules = (deploy / "prometheus/rules.yml").read_text(encoding="utf-8")
    names = sorted(path.stem for path in (deploy / "grafana/dashboards").glob("*.json"))
    listed = "".join(DASHBOARD.format(stem=name) for name in names)
    return {
        "rules.yaml": WRITTEN.format("deploy/prometheus/rules.yml") + RULE + textwrap.indent(rules, "  "),
        "kustomization.yaml": WRITTEN.format("deploy/grafana/dashboards or deploy/k8s/__main__.py") + KUSTOMIZATION + listed,
    }


def outdated(folder: Path = WATCHED, deploy: Path = DEPLOY) -> list[str]:
    """The files that are not what they must be."""
    files = written(deploy)
    return [name for name, text in files.items() if not _holds(folder / name, text)]


def _holds(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8") == text


def main() -> int:
    argparse.ArgumentParser(prog="python -m deploy.k8s", description=__doc__).parse_args()
    for name, text in written().items():
        (WATCHED / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
