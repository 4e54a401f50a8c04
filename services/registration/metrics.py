"""Business metrics of registration. Regions are those of its files; what comes from outside is counted by `known` values."""

from typing import Literal

from prometheus_client import Counter, Gauge, Histogram

from services.registration.domain.answers import ROLES
from shared.runtime.metrics import known
from shared.web.languages import LANGUAGES

Step = Literal["opened", "mended", "checked", "taken", "repeated", "doubted", "confirmed"]
"""Of a sign-up: the form was opened, shown with faults, shown to be checked, sent and taken, or was there already; the person
waits for a coordinator, or counts.
"""

STEPS = Counter("mybuddy_signup_steps_total", "Steps that people took in signing up.", ["region", "role", "language", "step"])
SIGN_UPS = Counter("mybuddy_signups_total", "Forms that were sent, by what became of them.", ["region", "result"])
SIGN_UP_SECONDS = Histogram(
    "mybuddy_signup_duration_seconds",
    "From the first sight of the form to its being sent.",
    ["language"],
    buckets=(15, 30, 45, 60, 90, 120, 180, 240, 300, 600, 1800),
)
FAULTY_FIELDS = Counter("mybuddy_signup_faults_total", "Fields that had to be corrected.", ["code"])
CONFIRMATIONS = Counter("mybuddy_confirmations_total", "People who confirmed.", ["region"])
DEPARTURES = Counter("mybuddy_departures_total", "People who left, withdrew or were erased.", ["region", "how"])
ROUND_PEOPLE = Gauge(
    "mybuddy_round_people", "People of the newest round of a region, while it has not ended.", ["region", "role", "state"]
)
ROUNDS = Gauge("mybuddy_rounds", "Rounds by the phase they are in.", ["region", "phase"])
PHASE_AGE = Gauge("mybuddy_round_phase_age_seconds", "How long the newest round is in its phase.", ["region", "phase"])
OPENS_AT = Gauge(
    "mybuddy_round_opens_timestamp_seconds", "When the next round opens, or should have opened, as Unix time.", ["region"]
)
CLOSES_AT = Gauge("mybuddy_round_closes_timestamp_seconds", "When the open round closes, as Unix time.", ["region"])
ROUNDS_MISSED = Gauge("mybuddy_rounds_missed", "Rounds that never opened and whose time is over.", ["region"])
PLACES_OPEN = Gauge("mybuddy_place_questions_open", "People whose place nobody understood yet.", ["region"])
QUESTIONS_OPEN = Gauge("mybuddy_questions_open", "Questions of people that nobody answered yet.", ["region"])
QUESTIONS_OLDEST = Gauge("mybuddy_questions_oldest_seconds", "Age of the oldest question without an answer.", ["region"])
MAILS = Counter("mybuddy_mail_reports_total", "What notification reported of its mails.", ["kind", "language", "state"])
RECEIPTS = Counter("mybuddy_erasure_receipts_total", "Receipts of erasures, by service.", ["by"])
ERASURES_UNANSWERED = Gauge("mybuddy_erasures_unanswered", "Erasures that not every service has answered within a minute.")
PLACES_UNANSWERED = Counter("mybuddy_place_lookups_unanswered_total", "Times geo did not answer within its limit.")
PLACES_SETTLED = Counter(
    "mybuddy_places_settled_total", "Places taken while geo was away, looked up since.", ["region", "result"]
)
GONE_BY_DATE = Counter("mybuddy_kept_data_deleted_total", "What went by itself, past its date.", ["region", "kind"])
ROUNDS_MOVED = Counter("mybuddy_rounds_moved_total", "Rounds that opened or closed by their date.", ["region", "phase"])
SLOWED = Counter("mybuddy_posts_slowed_total", "Forms whose sender had to wait, by whose limit.", ["region", "purpose", "limit"])
ROBOTS = Counter("mybuddy_robots_total", "Forms that no person can have sent; nothing of them was kept.", ["region"])
MAILS_LATER = Counter("mybuddy_unconfirmed_mails_later_total", "Mails to mailboxes with enough unconfirmed ones.", ["region"])


def count_step(step: Step, region: str, role: str, language: str) -> None:
    """The role is empty until somebody has chosen one."""
    STEPS.labels(region, known(role, ROLES, ""), known(language, LANGUAGES), step).inc()
