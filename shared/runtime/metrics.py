"""Metrics of the plumbing, and how all metrics are shown; a service's business metrics are in its own metrics.py.

A value of a label comes from a closed set, always: whatever somebody sends, there are never more series than we know of.
"""

from collections.abc import Container, Iterable

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

# When each counter began is a second series beside each, of which nobody asks.
disable_created_metrics()  # type: ignore[no-untyped-call]

OTHER = "other"

EVENTS_HANDLED = Counter("mybuddy_events_handled_total", "Events handled for the first time.", ["topic", "type"])
EVENTS_REPEATED = Counter("mybuddy_events_repeated_total", "Events that came again and changed nothing.", ["topic"])
DEAD_LETTERS = Counter("mybuddy_dead_letters_total", "Events that can never be handled.", ["topic"])
DEAD_LETTERS_KEPT = Gauge("mybuddy_dead_letters_kept", "Events that could not be handled and are kept.", ["topic"])
DEPENDENCY_RETRIES = Counter("mybuddy_dependency_retries_total", "Times a loop waited for something that was away.", ["loop"])
LOOP_LAST_TURN = Gauge(
    "mybuddy_loop_last_turn_timestamp_seconds", "When a loop last showed that it lives, as Unix time.", ["loop"]
)
CONSUMER_LAG = Gauge("mybuddy_consumer_lag_events", "Events on the topic that were not handled yet.", ["topic"])
OUTBOX_BACKLOG = Gauge("mybuddy_outbox_backlog_events", "Events waiting to be published.")
OUTBOX_OLDEST = Gauge("mybuddy_outbox_oldest_seconds", "Age of the oldest event waiting to be published.")
OUTBOX_PUBLISHED = Counter("mybuddy_outbox_published_total", "Events published.", ["topic"])
EVENTS_FORGOTTEN = Counter("mybuddy_events_forgotten_total", "Events deleted long after they were said or heard.", ["table"])
READY = Gauge("mybuddy_ready", "1 where the last look at /readyz found nothing missing, else 0.")
HTTP_SECONDS = Histogram("mybuddy_http_request_duration_seconds", "Time to answer a request.", ["method", "route", "status"])
POOL_CONNECTIONS = Gauge("mybuddy_database_pool_connections", "Connections this process has to its database.", ["state"])
POOL_MOST = Gauge("mybuddy_database_pool_connections_max", "Connections this process may have to its database.")


def known(value: str, allowed: Container[str], other: str = OTHER) -> str:
    """A value that came from outside, as a label: itself where it is one of ours, else one word for all others."""
    return value if value in allowed else other


class Few:
    """Labels of which nobody has a list: the first so many values are known, all later ones are `other`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[str] = set()

    def __call__(self, value: str | None) -> str:
        if value and len(self._known) < self._most:
            self._known.add(value)
        return known(value or OTHER, self._known)


known_region = Few(500)
"""Of regions that are known from events only. Germany has 400 counties and cities that could be one."""


def show(gauge: Gauge, series: Iterable[tuple[tuple[str, ...], float]]) -> None:
    """These series and no others: what is over is not shown any more. Those with the same labels are one, their sum."""
    gauge.clear()
    for labels, value in series:
        gauge.labels(*labels).inc(value)
