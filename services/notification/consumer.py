"""What notification listens to."""

from services.notification import handlers
from shared.runtime.inbox import Subscription
from shared.schemas import pairings, participants, rounds
from shared.schemas.topics import PAIRINGS, PARTICIPANTS, ROUNDS

SUBSCRIPTION = Subscription(
    "notification",
    {
        PARTICIPANTS: {
            participants.SignedUp: handlers.on_signed_up,
            participants.LinkAsked: handlers.on_link_asked,
            participants.NoticeDue: handlers.on_notice_due,
            participants.Confirmed: handlers.on_confirmed,
            participants.Left: handlers.on_gone,
            participants.Refused: handlers.on_refused,
            participants.NotChecked: handlers.on_not_checked,
            participants.AnswerGiven: handlers.on_answer_given,
            participants.OfficeAsked: handlers.on_office_asked,
            participants.OfficeAlerted: handlers.on_office_alerted,
            participants.AddressGiven: handlers.on_address_given,
            participants.Withdrawn: handlers.on_gone,
            participants.Erased: handlers.on_erased,
        },
        ROUNDS: {rounds.RoundOpened: handlers.on_round_opened, rounds.RoundEnded: handlers.on_round_ended},
        PAIRINGS: {
            pairings.OutcomeAnnounced: handlers.on_outcome_announced,
            pairings.PairChanged: handlers.on_pair_changed,
            pairings.FollowUpDue: handlers.on_follow_up_due,
            pairings.ReminderDue: handlers.on_reminder_due,
        },
    },
)
