"""The kinds of panels: a curve, a number, bars beside each other, a table. Each has a title, a sentence that says when to worry,
and a unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.builders import common as build
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.cog import variants
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common, dashboard
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

DATASOURCE = dashboard.DataSourceRef(type_val="prometheus", uid="prometheus")
"""By the uid that provisioning/datasources gives it."""

GREEN, ORANGE, RED = "green", "orange", "red"
LOW, HIGH = 4, 8  # heights


@dataclass(frozen=True)
class Line:
    """A query, and what its series are called; without a name, by the value's own."""

    expr: str
    name: str = ""


@dataclass(frozen=True)
class About:
    """What every panel says of itself. `steps`: from which value on it has which colour, beginning with the first one's."""

    title: str
    description: str
    unit: str
    width: int = 8
    steps: tuple[str | tuple[float, str], ...] = ()
    most: float | None = None
    decimals: int | None = None


Panel = timeseries.Panel | stat.Panel | bargauge.Panel | table.Panel


def worry(orange: float, red: float) -> tuple[str | tuple[float, str], ...]:
    """The more, the worse."""
    return (GREEN, (orange, ORANGE), (red, RED))


def wanted(green: float) -> tuple[str | tuple[float, str], ...]:
    """Less than that is bad."""
    return (RED, (green, GREEN))


def curve(about: About, *lines: Line) -> Panel:
    return _curve(about, lines)


def layers(about: About, *lines: Line) -> Panel:
    """Curves one on the other, where their sum means something."""
    return _stacked(_curve(about, lines)).fill_opacity(40)


def columns(about: About, *lines: Line) -> Panel:
    """What happened in each stretch of time, one column on the other."""
    return _stacked(_curve(about, lines)).draw_style(common.GraphDrawStyle.BARS).fill_opacity(70)


def _stacked(panel: timeseries.Panel) -> timeseries.Panel:
    return panel.stacking(build.StackingConfig().mode(common.StackingMode.NORMAL).group("A"))


def _curve(about: About, lines: Sequence[Line]) -> timeseries.Panel:
    panel = timeseries.Panel().targets(_queries(lines)).fill_opacity(10).span_nulls(False)
    _describe(panel, about, HIGH)
    panel.tooltip(build.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.DESCENDING))
    panel.legend(
        build.VizLegendOptions()
        .show_legend(True)
        .display_mode(common.LegendDisplayMode.LIST)
        .placement(common.LegendPlacement.BOTTOM)
        .calcs([])
    )
    if about.steps:
        panel.thresholds_style(build.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.DASHED))
    return panel


def number(about: About, *lines: Line, instead: dict[str, str] | None = None) -> Panel:
    """`instead`: words for values."""
    panel = stat.Panel().targets(_queries(lines, now=True)).reduce_options(_last())
    _describe(panel, about, LOW)
    panel.graph_mode(common.BigValueGraphMode.NONE).text_mode(common.BigValueTextMode.AUTO)
    panel.color_mode(common.BigValueColorMode.VALUE if about.steps else common.BigValueColorMode.NONE)
    if instead:
        panel.mappings([dashboard.ValueMap({value: dashboard.ValueMappingResult(text=text) for value, text in instead.items()})])
    return panel


def bars(about: About, *lines: Line) -> Panel:
    panel = bargauge.Panel().targets(_queries(lines, now=True)).reduce_options(_last())
    _describe(panel, about, HIGH)
    panel.orientation(common.VizOrientation.HORIZONTAL).display_mode(common.BarGaugeDisplayMode.BASIC).show_unfilled(True)
    return panel


def rows(about: About, *lines: Line) -> Panel:
    """One line for each set of labels, one column for each query, of which there are several."""
    panel = table.Panel().targets(_queries(lines, now=True, form=PromQueryFormat.TABLE))
    _describe(panel, about, HIGH)
    names = {f"Value #{_letter(place)}": line.name for place, line in enumerate(lines)}
    panel.with_transformation(dashboard.DataTransformerConfig(id_val="merge", options={}))
    arranged: dict[str, Any] = {"excludeByName": {"Time": True}, "indexByName": {}, "renameByName": names}
    panel.with_transformation(dashboard.DataTransformerConfig(id_val="organize", options=arranged))
    return panel


def _describe(panel: Panel, about: About, height: int) -> None:
    panel.title(about.title).description(about.description).datasource(DATASOURCE).unit(about.unit)
    panel.span(about.width).height(height).min(0)
    panel.thresholds(ThresholdsConfig().mode(dashboard.ThresholdsMode.ABSOLUTE).steps(_steps(about.steps or (GREEN,))))
    if about.most is not None:
        panel.max(about.most)
    if about.decimals is not None:
        panel.decimals(about.decimals)


def _steps(steps: Sequence[str | tuple[float, str]]) -> list[dashboard.Threshold]:
    pairs = [(None, one) if isinstance(one, str) else one for one in steps]
    return [dashboard.Threshold(value=value, color=color) for value, color in pairs]


def _queries(
    lines: Sequence[Line], now: bool = False, form: PromQueryFormat = PromQueryFormat.TIME_SERIES
) -> list[Builder[variants.Dataquery]]:
    return [_query(line, _letter(place), now, form) for place, line in enumerate(lines)]


def _query(line: Line, letter: str, now: bool, form: PromQueryFormat) -> Dataquery:
    query = Dataquery().expr(line.expr).ref_id(letter).datasource(DATASOURCE).legend_format(line.name or "__auto").format(form)
    return query.instant() if now else query.range()


def _last() -> build.ReduceDataOptions:
    return build.ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields("")


def _letter(place: int) -> str:
    return "ABCDEFGH"[place]
