"""Business metrics of registration."""

from prometheus_client import Counter, Gauge, Histogram

SIGN_UPS = Counter("signups_total", "Forms that were sent, by what became of them.", ["region", "result"])
SIGN_UP_SECONDS = Histogram(
    "signup_seconds",
    "From the first sight of the form to its being sent.",
    ["language"],
    buckets=(15, 30, 45, 60, 90, 120, 180, 240, 300, 600, 1800),
)
FAULTY_FIELDS = Counter("signup_faults_total", "Fields that had to be corrected.", ["code"])
CONFIRMATIONS = Counter("confirmations_total", "People who confirmed.", ["region"])
DEPARTURES = Counter("departures_total", "People who left, withdrew or were erased.", ["region", "how"])
MAILS = Counter("mail_reports_total", "What notification reported of its mails.", ["kind", "language", "state"])
RECEIPTS = Counter("erasure_receipts_total", "Receipts of erasures, by service.", ["service"])
PLACES_UNANSWERED = Counter("place_lookups_unanswered_total", "Times geo did not answer within its limit.")
PLACES_SETTLED = Counter("places_settled_total", "Places taken while geo was away, looked up since.", ["region", "result"])
GONE_BY_DATE = Counter("kept_data_deleted_total", "What went by itself, past its date.", ["region", "kind"])
ERASURES_UNANSWERED = Gauge("erasures_unanswered", "Erasures that not every service has answered within a minute.")
ROUNDS_MOVED = Counter("rounds_moved_total", "Rounds that opened or closed by their date.", ["region", "phase"])
SLOWED = Counter("posts_slowed_total", "Forms whose sender had to wait, by whose limit it was.", ["region", "purpose", "limit"])
ROBOTS = Counter("robots_total", "Forms that no person can have sent; nothing of them was kept.", ["region"])
MAILS_LATER = Counter("unconfirmed_mails_later_total", "Mails to mailboxes with enough unconfirmed ones.", ["region"])
