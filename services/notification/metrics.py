"""Business metrics of notification."""

from prometheus_client import Counter, Gauge, Histogram

MESSAGES = Counter("messages_total", "Messages by what became of them.", ["kind", "language", "state"])
RETRIES = Counter("message_retries_total", "Messages put back, by why.", ["reason"])
UNSENT = Gauge("messages_unsent", "Messages waiting to be sent.")
HELD = Gauge("messages_held", "Messages that wait for a day, a morning or a pace.")
OLDEST_UNSENT = Gauge("messages_oldest_unsent_seconds", "Age of the oldest message waiting to be sent.")
HANDOVER_SECONDS = Histogram("message_handover_seconds", "Time to hand one mail to the mail server.")
