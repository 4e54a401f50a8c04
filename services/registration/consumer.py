"""What registration listens to."""

from services.registration.handlers import events, following
from shared.runtime.inbox import Subscription
from shared.schemas import messages, pairings, receipts
from shared.schemas.topics import MESSAGES, PAIRINGS, RECEIPTS

SUBSCRIPTION = Subscription(
    "registration",
    {
        PAIRINGS: {
            pairings.RunFinished: events.on_run_finished,
            pairings.RoundPublished: events.on_round_published,
            pairings.RoundIncomplete: events.on_round_incomplete,
            pairings.OutcomeAnnounced: events.on_outcome,
            pairings.PairChanged: events.on_outcome,
            pairings.FollowUpDue: following.on_follow_up_due,
        },
        MESSAGES: {messages.Sent: events.on_delivery, messages.Failed: events.on_delivery, messages.Bounced: events.on_bounced},
        RECEIPTS: {receipts.ErasureDone: events.on_erasure_done},
    },
)
