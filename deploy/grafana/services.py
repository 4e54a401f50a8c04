"""For whoever runs the installation: are the services there, do they answer, have they room, do they keep what was promised."""

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models import units

from deploy.grafana import frame
from deploy.grafana.expressions import RANGE, WINDOW, here, most, of_service, or_zero, quantile, rate, regional, rose, total
from deploy.grafana.panels import About, Line, Panel, bars, columns, curve, number, wanted, worry

BY_PEOPLE = 'route!~"/metrics|/healthz|/readyz"'
HTTP = "mybuddy_http_request_duration_seconds"
REQUESTS = total(rate(of_service(f"{HTTP}_count", BY_PEOPLE)), "service")
ERRORS = total(rate(of_service(f"{HTTP}_count", BY_PEOPLE, 'status=~"5.."')), "service")
SLOWEST = quantile(0.95, total(rate(of_service(f"{HTTP}_bucket", BY_PEOPLE), RANGE), "le", "service", "route"))
USED = most(of_service("mybuddy_database_pool_connections", 'state="used"'), "service", "instance")
MOST = most(of_service("mybuddy_database_pool_connections_max"), "service", "instance")


def latency(share: float) -> str:
    return quantile(share, total(rate(of_service(f"{HTTP}_bucket", BY_PEOPLE)), "le", "service"))


def kept(recorded: str, window: str) -> str:
    """The share that did not fail; recorded by deploy/prometheus/rules.yml."""
    return here(f"{recorded}:ratio{window}")


def kept_and_burnt(what: str, promise: str, recorded: str, allowed: float, label: str) -> list[Panel]:
    return [
        bars(
            About(
                f"{what}: kept",
                f"{promise} Worry when the last three days are below.",
                units.PercentUnit,
                12,
                ("red", (1 - allowed, "green")),
                most=1,
                decimals=2,
            ),
            *(Line(kept(recorded, window), f"{{{{{label}}}}} {window}") for window in ("1h", "1d", "3d")),
        ),
        curve(
            About(
                f"{what}: budget spent",
                "1: the failures we allow ourselves last exactly 30 days. Worry above 6; at 14.4 somebody is called.",
                units.NoUnit,
                12,
                worry(6, 14.4),
                decimals=1,
            ),
            *(Line(f"(1 - {kept(recorded, window)}) / {allowed}", f"{{{{{label}}}}} {window}") for window in ("1h", "6h")),
        ),
    ]


THERE: list[Panel] = [
    number(
        About("Processes that answer", "Of each service. Worry when one has none.", units.Short, 6, wanted(1), decimals=0),
        Line(total(of_service("up"), "service"), "{{service}}"),
    ),
    number(
        About(
            "Processes that do not",
            "Known to Prometheus and not answering. Worry above 0.",
            units.Short,
            6,
            worry(1, 1),
            decimals=0,
        ),
        Line(or_zero(f"count({of_service('up')} == 0)")),
    ),
    number(
        About(
            "Restarts",
            "Within the time shown; a new version is one, too. Worry above 2.",
            units.Short,
            6,
            worry(1, 3),
            decimals=0,
        ),
        Line(most(f"changes({of_service('process_start_time_seconds')}[{RANGE}])", "service"), "{{service}}"),
    ),
    number(
        About(
            "Slowest loop's last turn",
            "Every loop shows that it lives. Worry above 30 s: its process runs and does not do its work.",
            units.Seconds,
            6,
            worry(30, 60),
            decimals=0,
        ),
        Line(f"time() - min by (service) ({of_service('mybuddy_loop_last_turn_timestamp_seconds')})", "{{service}}"),
    ),
    curve(
        About(
            "Loops' last turn", "Seconds since each loop's last turn. Worry when one climbs.", units.Seconds, 12, worry(30, 60)
        ),
        Line(
            f"time() - min by (service, loop) ({of_service('mybuddy_loop_last_turn_timestamp_seconds')})",
            "{{service}} {{loop}}",
        ),
    ),
    columns(
        About(
            "Waits for a database or Kafka",
            "How often a loop tried again because something was away. Worry when it does not stop.",
            units.Short,
            12,
            decimals=0,
        ),
        Line(
            or_zero(total(rose(of_service("mybuddy_dependency_retries_total"), WINDOW), "service", "loop"), "service"),
            "{{service}} {{loop}}",
        ),
    ),
]

ANSWERING: list[Panel] = [
    curve(
        About("Requests", "Without what machines ask all the time.", units.RequestsPerSecond, 8),
        Line(REQUESTS, "{{service}}"),
    ),
    curve(
        About("Errors", "Share of answers with 5xx. Worry above 1 %.", units.PercentUnit, 8, worry(0.01, 0.05)),
        Line(f"({ERRORS} or 0 * {REQUESTS}) / ({REQUESTS} > 0) or 0 * {REQUESTS}", "{{service}}"),
    ),
    curve(
        About("Answers by status", "Worry when 5xx appear, or 429 for people.", units.RequestsPerSecond, 8),
        Line(total(rate(of_service(f"{HTTP}_count", BY_PEOPLE)), "status"), "{{status}}"),
    ),
    *(
        curve(
            About(
                f"Time to answer, p{share * 100:.0f}",
                f"{share:.0%} of the requests are answered faster. Worry when it stays above a second.",
                units.Seconds,
                8,
                worry(0.5, 1),
            ),
            Line(latency(share), "{{service}}"),
        )
        for share in (0.5, 0.95, 0.99)
    ),
    bars(
        About(
            "Slowest routes, p95",
            "Within the time shown. Worry about pages of people above a second.",
            units.Seconds,
            12,
            worry(0.5, 1),
        ),
        Line(f"topk(10, {SLOWEST})", "{{service}} {{route}}"),
    ),
    bars(
        About("Busiest routes", "Within the time shown.", units.RequestsPerSecond, 12),
        Line(
            f"topk(10, {total(rate(of_service(f'{HTTP}_count', BY_PEOPLE), RANGE), 'service', 'route')})",
            "{{service}} {{route}}",
        ),
    ),
]

ROOM: list[Panel] = [
    curve(
        About("Memory", "Resident, by process. Worry when it only climbs, or nears the container's limit.", units.BytesIEC),
        Line(of_service("process_resident_memory_bytes"), "{{service}} {{instance}}"),
    ),
    curve(
        About("CPU", "1 is one core. Worry when it stays near the container's limit.", units.NoUnit, decimals=2),
        Line(rate(of_service("process_cpu_seconds_total")), "{{service}} {{instance}}"),
    ),
    curve(
        About(
            "Database connections in use",
            "Share of what each process may have. Worry at 100 %: whoever asks then waits.",
            units.PercentUnit,
            8,
            worry(0.8, 1),
            most=1,
        ),
        Line(f"{USED} / {MOST}", "{{service}} {{instance}}"),
    ),
]

DEFENCE: list[Panel] = [
    bars(
        About(
            "Forms that had to wait",
            "By what for and by whose limit, within the time shown. Worry when people of one house or region are slowed.",
            units.Short,
            12,
            decimals=0,
        ),
        Line(
            or_zero(total(rose(regional("mybuddy_posts_slowed_total")), "region", "purpose", "limit"), "region"),
            "{{region}} {{purpose}}: {{limit}}",
        ),
    ),
    number(
        About("Forms of robots", "Nothing of them was kept.", units.Short, 4, worry(20, 200), decimals=0),
        Line(or_zero(total(rose(regional("mybuddy_robots_total"))))),
    ),
    number(
        About(
            "Mails put off",
            "For mailboxes with many sign-ups that nobody confirmed. Worry when it is a shelter's.",
            units.Short,
            4,
            worry(20, 200),
            decimals=0,
        ),
        Line(or_zero(total(rose(regional("mybuddy_unconfirmed_mails_later_total"))))),
    ),
    number(
        About(
            "Places geo did not answer",
            "Look-ups of the form; they are made up for later.",
            units.Short,
            4,
            worry(10, 100),
            decimals=0,
        ),
        Line(or_zero(total(rose(here("mybuddy_place_lookups_unanswered_total"))))),
    ),
]

OBJECTIVES: list[Panel] = [
    *kept_and_burnt(
        "Signing up",
        "99.9 % of what is asked of the form (GET) and sent from it (POST) is answered.",
        "method:mybuddy_signup_success",
        0.001,
        "method",
    ),
    *kept_and_burnt(
        "Being told",
        "99 % of mails are handed over within five minutes of being due.",
        "urgency:mybuddy_messages_told_in_time",
        0.01,
        "urgency",
    ),
]


def build() -> Dashboard:
    return frame.framed(
        "services",
        "Services",
        "Are the services there, do they answer, have they room, do they keep what was promised?",
        [frame.installation(), frame.service(), frame.region()],
        {
            "Are they there?": THERE,
            "What was promised": OBJECTIVES,
            "Do they answer?": ANSWERING,
            "Have they room?": ROOM,
            "Who is kept out": DEFENCE,
        },
        [frame.RoundPhases()],
    )
