"""`python -m deploy.checks.metrics_page`: writes docs/metrics.md from the services; `--check` says whether it is up to date."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from deploy.checks.compose import FILE
from deploy.checks.metrics import OURS, Metric, read, shown

PAGE = FILE.parent / "docs" / "metrics.md"
INTRODUCTION = """\
# Metrics

What each service shows at `/metrics`, besides what Prometheus's library says of any process (`process_…`, `python_…`). Written by
`python -m deploy.checks.metrics_page` from the services themselves.

- Whoever collects them adds `service`, and `installation` where there are several.
- Gauges are read from the service's database (every 15 s, queues every 5 s), the same by every replica: ask for their `max`,
  never their `sum`. Only `mybuddy_consumer_lag_events` (each replica its partitions), `mybuddy_database_pool_connections…`,
  `mybuddy_loop_last_turn_timestamp_seconds`, `mybuddy_ready` and `mybuddy_solver_peak_bytes` are a replica's own.
- Counters are each replica's own: ask for the `sum` of their `rate`. One with labels is there from the first time it counts, and
  `increase` does not see that first time; where one is enough, a gauge of kept rows is asked instead.
- A series that is over is not shown any more: a phase that was left, a region without an open round.
- Labels have values of closed sets, whatever is sent: what is unknown is `other`. None is of a person.
"""


def page(of: dict[str, list[Metric]]) -> str:
    """What all services have stands once, before what is each one's own."""
    ours = {service: [metric for metric in metrics if metric.name.startswith(OURS)] for service, metrics in of.items()}
    everywhere = [metric for metric in next(iter(ours.values())) if all(metric in metrics for metrics in ours.values())]
    parts = [("every service", everywhere)]
    parts += [(service, [metric for metric in metrics if metric not in everywhere]) for service, metrics in ours.items()]
    return "\n".join([INTRODUCTION, *(_table(title, metrics) for title, metrics in parts)])


def _table(title: str, metrics: Iterable[Metric]) -> str:
    rows = [
        f"| `{metric.name}` | {metric.kind} | {', '.join(f'`{label}`' for label in metric.labels)} | {metric.help} |"
        for metric in metrics
    ]
    return "\n".join(
        [f"## {title[0].upper()}{title[1:]}", "", "| name | kind | labels | what |", "| --- | --- | --- | --- |", *rows, ""]
    )


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m deploy.checks.metrics_page", description=__doc__)
    arguments.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page is not up to date")
    arguments.add_argument("--file", type=Path, default=PAGE)
    given = arguments.parse_args()
    try:
        wanted = page({service: read(text) for service, text in shown().items()})
    except RuntimeError as error:
        sys.exit(str(error))
    if not given.check:
        given.file.write_text(wanted)
    elif not given.file.exists() or given.file.read_text() != wanted:
        sys.exit(f"{given.file} is not up to date: run python -m deploy.checks.metrics_page")
    return 0


if __name__ == "__main__":
    sys.exit(main())
