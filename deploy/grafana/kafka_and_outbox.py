"""For whoever asks why something that happened in one service is not known in another."""

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models import units

from deploy.grafana import frame
from deploy.grafana.expressions import RANGE, WINDOW, here, most, of_service, once, or_zero, quantile, rate, rose, total
from deploy.grafana.panels import About, Line, Panel, bars, columns, curve, layers, number, worry

LAG = total(of_service("mybuddy_consumer_lag_events"), "service", "topic")
HANDLED = of_service("mybuddy_events_handled_total")
REPEATED = of_service("mybuddy_events_repeated_total")
MOVING = total(f"increase({HANDLED}[5m])", "service", "topic")
KEPT = once(of_service("mybuddy_dead_letters_kept"), "service", "topic")
TOPIC = "{{service}}: {{topic}}"

FIRST: list[Panel] = [
    number(
        About(
            "Events not read yet",
            "Over all topics. Worry when it does not fall.",
            units.Short,
            4,
            worry(1_000, 10_000),
            decimals=0,
        ),
        Line(total(of_service("mybuddy_consumer_lag_events"))),
    ),
    number(
        About(
            "Readers that stand still",
            "Topics with events to read of which none was handled for five minutes. Worry above 0.",
            units.Short,
            4,
            worry(1, 1),
            decimals=0,
        ),
        Line(or_zero(f"count(({LAG} > 0) unless on (service, topic) ({MOVING} > 0))")),
    ),
    number(
        About(
            "Events not published yet",
            "In all outboxes. Worry when it does not fall.",
            units.Short,
            4,
            worry(1_000, 10_000),
            decimals=0,
        ),
        Line(total(once(of_service("mybuddy_outbox_backlog_events"), "service"))),
    ),
    number(
        About("Oldest of them", "Worry above a minute: Kafka is away.", units.Seconds, 4, worry(10, 60)),
        Line(most(of_service("mybuddy_outbox_oldest_seconds"))),
    ),
    number(
        About(
            "Dead letters",
            "Events nobody could read; what they said did not happen there.",
            units.Short,
            4,
            worry(1, 1),
            decimals=0,
        ),
        Line(or_zero(total(KEPT))),
    ),
    number(
        About("Oldest unsent mail", "Only mails that are due. Worry above five minutes.", units.Seconds, 4, worry(120, 300)),
        Line(most(here("mybuddy_messages_oldest_unsent_seconds"))),
    ),
]

READING: list[Panel] = [
    curve(
        About("Not read yet", "By service and topic. Worry when one is flat and not 0.", units.Short, 12, decimals=0),
        Line(LAG, TOPIC),
    ),
    curve(
        About(
            "Handled",
            "Events each second, for the first time. Worry when it is 0 while the left one is not.",
            units.EventsPerSecond,
            12,
        ),
        Line(total(rate(HANDLED), "service", "topic"), TOPIC),
    ),
    columns(
        About(
            "Came again",
            "Events that were known already and changed nothing: normal after a restart. Worry when it goes on.",
            units.Short,
            12,
            decimals=0,
        ),
        Line(or_zero(total(rose(REPEATED, WINDOW), "service", "topic"), "service"), TOPIC),
    ),
    bars(
        About("Handled by kind", "Within the time shown.", units.Short, 12, decimals=0),
        Line(f"topk(12, {total(rose(HANDLED), 'service', 'type')})", "{{service}}: {{type}}"),
    ),
]

PUBLISHING: list[Panel] = [
    curve(
        About("Not published yet", "By service. Worry when one does not fall.", units.Short, decimals=0),
        Line(most(of_service("mybuddy_outbox_backlog_events"), "service"), "{{service}}"),
    ),
    curve(
        About("Age of the oldest", "By service. Worry above a minute: nobody else hears of it.", units.Seconds, 8, worry(10, 60)),
        Line(most(of_service("mybuddy_outbox_oldest_seconds"), "service"), "{{service}}"),
    ),
    curve(
        About("Published", "Events each second.", units.EventsPerSecond),
        Line(total(rate(of_service("mybuddy_outbox_published_total")), "service", "topic"), TOPIC),
    ),
]

WRONG: list[Panel] = [
    bars(
        About(
            "Dead letters kept",
            "By service and topic, each with its reason in the database.",
            units.Short,
            8,
            worry(1, 1),
            decimals=0,
        ),
        Line(or_zero(total(KEPT, "service", "topic"), "service"), TOPIC),
    ),
    columns(
        About("New dead letters", "Worry about each: two services do not understand each other.", units.Short, decimals=0),
        Line(or_zero(total(rose(of_service("mybuddy_dead_letters_total"), WINDOW), "service", "topic"), "service"), TOPIC),
    ),
    bars(
        About(
            "Forgotten",
            "Old events deleted within the time shown, by table. Worry when it is 0 for weeks: the tables only grow.",
            units.Short,
            decimals=0,
        ),
        Line(
            or_zero(total(rose(of_service("mybuddy_events_forgotten_total")), "service", "table"), "service"),
            "{{service}}: {{table}}",
        ),
    ),
]

MESSAGES: list[Panel] = [
    layers(
        About("Mails waiting", "Due now, and held for later. Worry when those that are due only grow.", units.Short, decimals=0),
        Line(most(here("mybuddy_messages_unsent")), "due"),
        Line(most(here("mybuddy_messages_held")), "held"),
    ),
    bars(
        About(
            "Mails put back by reason", "Within the time shown. Worry when the mail server refuses us.", units.Short, decimals=0
        ),
        Line(or_zero(total(rose(here("mybuddy_message_retries_total")), "reason"), "reason"), "{{reason}}"),
    ),
    curve(
        About("Time to hand over a mail", "p95. Worry when it nears the time after which we give up.", units.Seconds),
        Line(quantile(0.95, total(rate(here("mybuddy_message_handover_duration_seconds_bucket"), RANGE), "le")), "p95"),
    ),
]


def build() -> Dashboard:
    return frame.framed(
        "kafka-and-outbox",
        "Kafka and outbox",
        "What one service said and another has not heard yet.",
        [frame.installation(), frame.service()],
        {
            "At a glance": FIRST,
            "Reading": READING,
            "Publishing": PUBLISHING,
            "What went wrong, and what was forgotten": WRONG,
            "Mails": MESSAGES,
        },
    )
