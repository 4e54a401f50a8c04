"""What matching listens to."""

from services.matching.handlers import pairs, people, rounds
from shared.runtime.inbox import Subscription
from shared.schemas import answers, located_participants, participants
from shared.schemas import rounds as events
from shared.schemas.topics import ANSWERS, LOCATED, ROUNDS

SUBSCRIPTION = Subscription(
    "matching",
    {
        ROUNDS: {
            events.RoundOpened: rounds.on_round_opened,
            events.RoundClosed: rounds.on_round_closed,
            events.RoundReopened: rounds.on_round_reopened,
            events.RosterPage: rounds.on_roster_page,
            events.RoundEnded: rounds.on_round_ended,
        },
        LOCATED: {
            located_participants.Located: people.on_located,
            participants.Left: people.on_left,
            participants.Withdrawn: people.on_withdrawn,
            participants.Erased: people.on_erased,
        },
        ANSWERS: {
            answers.Answered: pairs.on_answered,
            answers.PairEnded: pairs.on_pair_ended,
            answers.FollowUpAnswered: pairs.on_follow_up_answered,
        },
    },
)
