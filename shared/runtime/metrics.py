"""Metrics of the plumbing; a service's business metrics are in its own metrics.py."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS_HANDLED = Counter("events_handled_total", "Events handled for the first time.", ["topic", "type"])
EVENTS_REPEATED = Counter("events_repeated_total", "Events that came again and changed nothing.", ["topic"])
DEAD_LETTERS = Counter("dead_letters_total", "Events that can never be handled.", ["topic"])
DEPENDENCY_RETRIES = Counter("dependency_retries_total", "Times a loop waited for something that was away.", ["loop"])
CONSUMER_LAG = Gauge("consumer_lag_events", "Events on the topic that were not handled yet.", ["topic"])
OUTBOX_BACKLOG = Gauge("outbox_backlog_events", "Events waiting to be published.")
OUTBOX_OLDEST = Gauge("outbox_oldest_seconds", "Age of the oldest event waiting to be published.")
EVENTS_FORGOTTEN = Counter("events_forgotten_total", "Events deleted long after they were said or heard.", ["table"])
OUTBOX_PUBLISHED = Counter("outbox_published_total", "Events published.", ["topic"])
HTTP_SECONDS = Histogram("http_request_seconds", "Time to answer a request.", ["method", "route", "status"])
