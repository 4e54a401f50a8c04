"""Business metrics of notification."""

from prometheus_client import Counter, Gauge, Histogram

MESSAGES = Counter("mybuddy_messages_total", "Messages by what became of them.", ["kind", "language", "state"])
RETRIES = Counter("mybuddy_message_retries_total", "Messages put back, by why.", ["reason"])
UNSENT = Gauge("mybuddy_messages_unsent", "Messages that are due and wait to be sent.")
HELD = Gauge("mybuddy_messages_held", "Messages that wait for a day, a morning or a pace.")
PUT_OFF = Gauge("mybuddy_messages_put_off", "Messages that were put off, mostly by a mail server, and wait for their next try.")
OLDEST_UNSENT = Gauge("mybuddy_messages_oldest_unsent_seconds", "How long the oldest message that is due waits to be sent.")
UNDELIVERED = Gauge("mybuddy_messages_undelivered", "Messages that did not arrive and were not sent again.", ["state", "kind"])
HANDOVER_SECONDS = Histogram("mybuddy_message_handover_duration_seconds", "Time to hand one mail to the mail server.")
DELAY_SECONDS = Histogram(
    "mybuddy_message_delay_seconds",
    "From when a message could go, written or held no longer, until the mail server has taken it.",
    ["urgency"],
    buckets=(1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600),
)
