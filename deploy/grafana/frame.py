"""What stands around the panels of every dashboard: variables, links, the phases of rounds as marks, and the grid."""

from collections.abc import Iterable, Mapping, Sequence

from grafana_foundation_sdk.builders.dashboard import Dashboard, DashboardLink, QueryVariable, Row
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard

from deploy.grafana.expressions import here, most, regional
from deploy.grafana.panels import DATASOURCE, Panel

TAG = "mybuddy"
RUNBOOK = "/public/runbook.md"
"""docs/runbook.md, where docker-compose.yml lets Grafana serve it."""

SERVICES = "registration|geo|matching|notification"

YOUNG = 300  # seconds for which a phase is marked as new
MARK_EXTRAS = {"titleFormat": "{{region}}: {{phase}}", "step": "60s"}

Rows = Mapping[str, Sequence[Panel]]
Mark = Builder[dashboard.AnnotationQuery]


class Phases(dashboard.AnnotationQuery):
    """The builders know no title of a mark: Grafana reads it beside the query."""

    def to_json(self) -> dict[str, object]:
        return super().to_json() | MARK_EXTRAS


class RoundPhases(Builder[dashboard.AnnotationQuery]):
    """Marks the moments at which rounds moved on."""

    def build(self) -> dashboard.AnnotationQuery:
        age = most(regional("mybuddy_round_phase_age_seconds"), "region", "phase")
        return Phases(
            name="A round's next phase",
            datasource=DATASOURCE,
            icon_color="blue",
            expr=f"({age} < bool {YOUNG}) == 1",  # Grafana marks where the value is 1
        )


def framed(
    uid: str, title: str, description: str, variables: Iterable[QueryVariable], rows: Rows, marks: Iterable[Mark] = ()
) -> Dashboard:
    board = Dashboard(title).uid(uid).description(description).tags([TAG]).readonly().version(1)
    board.timezone("browser").refresh("30s").time("now-6h", "now").tooltip(dashboard.DashboardCursorSync.CROSSHAIR)
    board.variables([*variables]).annotations([*marks]).links([_others(), _runbook()])
    number = 0
    for name, panels in rows.items():
        number += 1
        board.with_row(Row(name).id(number))
        for panel in panels:
            number += 1
            board.with_panel(panel.id(number))
    return board


def installation() -> QueryVariable:
    """A single Prometheus does not know the name of its own installation: "All" stands for that, too."""
    return _variable("installation", "Installation", "label_values(up, installation)")


def region() -> QueryVariable:
    return _variable("region", "Region", f"label_values({here('mybuddy_rounds')}, region)").multi(True)


def service() -> QueryVariable:
    """All are ours: others that Prometheus asks may have the label, too."""
    return (
        _variable("service", "Service", f"label_values({here('mybuddy_outbox_backlog_events')}, service)")
        .multi(True)
        .all_value(SERVICES)
    )


def _variable(name: str, label: str, query: str) -> QueryVariable:
    return (
        QueryVariable(name)
        .label(label)
        .query({"query": query, "refId": name})
        .datasource(DATASOURCE)
        .include_all(True)
        .all_value(".*")
        .current(dashboard.VariableOption(selected=True, text="All", value="$__all"))
        .refresh(dashboard.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(dashboard.VariableSort.ALPHABETICAL_ASC)
    )


def _others() -> DashboardLink:
    link = DashboardLink("Dashboards").type(dashboard.DashboardLinkType.DASHBOARDS).tags([TAG])
    return link.as_dropdown(False).include_vars(True).keep_time(True)


def _runbook() -> DashboardLink:
    link = DashboardLink("Runbook").type(dashboard.DashboardLinkType.LINK).url(RUNBOOK).icon("doc")
    return link.tooltip("What to do when something is wrong").target_blank(True)
