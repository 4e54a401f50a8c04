"""Every topic: who writes it, who reads it, what it carries. docs/design.md is drawn from here."""

from dataclasses import dataclass

from shared.schemas import answers, located_participants, messages, pairings, participants, receipts, rounds
from shared.schemas.codes import ServiceName
from shared.schemas.envelope import Envelope, Event, InvalidEventError, read_data

RETENTION_DAYS = 14


@dataclass(frozen=True)
class Topic:
    """One topic. `partitions` is fixed for life: a key must never move."""

    name: str
    producers: tuple[ServiceName, ...]
    consumers: tuple[ServiceName, ...]
    events: tuple[type[Event], ...]
    carries: str
    partitions: int = 12

    def read(self, envelope: Envelope) -> Event:
        """The typed event. Raises InvalidEventError for a type or version this topic does not carry."""
        for event in self.events:
            if envelope.type == event.TYPE:
                return read_data(envelope, event)
        raise InvalidEventError("unknown type or version")


PARTICIPANTS = Topic(
    "participants",
    producers=("registration",),
    consumers=("geo", "notification"),
    events=(
        participants.SignedUp,
        participants.LinkAsked,
        participants.NoticeDue,
        participants.Confirmed,
        participants.Changed,
        participants.Left,
        participants.Refused,
        participants.NotChecked,
        participants.AnswerGiven,
        participants.OfficeAsked,
        participants.OfficeAlerted,
        participants.AddressGiven,
        participants.Withdrawn,
        participants.Erased,
    ),
    carries="signed up, link asked, notice due, confirmed, changed, left, refused, not checked, answer given,"
    " office asked, office alerted, address given, withdrawn, erased: pseudonymous attributes only",
)
ROUNDS = Topic(
    "rounds",
    producers=("registration",),
    consumers=("matching", "notification"),
    events=(rounds.RoundOpened, rounds.RoundClosed, rounds.RoundReopened, rounds.RosterPage, rounds.RoundEnded),
    carries="opened with frozen rules, closed with count + digest of exactly who is in, roster pages, ended",
    partitions=1,
)
LOCATED = Topic(
    "located-participants",
    producers=("geo",),
    consumers=("matching",),
    events=(located_participants.Located, *located_participants.FORWARDED),
    carries="the same person with coordinates, or why there are none; leaving and erasure forwarded in order",
)
PAIRINGS = Topic(
    "pairings",
    producers=("matching",),
    consumers=("registration", "notification"),
    events=(
        pairings.RunFinished,
        pairings.RoundIncomplete,
        pairings.RoundPublished,
        pairings.OutcomeAnnounced,
        pairings.PairChanged,
        pairings.ReminderDue,
        pairings.FollowUpDue,
    ),
    carries="run finished, round incomplete, published; per person: outcome, changes of pairs, reminder and follow-up due",
)
ANSWERS = Topic(
    "answers",
    producers=("registration",),
    consumers=("matching",),
    events=(answers.Answered, answers.PairEnded, answers.FollowUpAnswered),
    carries="yes or no to a pair that was asked; a pair ended by one of the two; answers to follow-ups",
)
MESSAGES = Topic(
    "messages",
    producers=("notification",),
    consumers=("registration",),
    events=(messages.Sent, messages.Failed, messages.Bounced),
    carries="sent, failed, bounced",
)
RECEIPTS = Topic(
    "receipts",
    producers=("geo", "matching", "notification"),
    consumers=("registration",),
    events=(receipts.ErasureDone,),
    carries="erasure done",
)

TOPICS = (PARTICIPANTS, ROUNDS, LOCATED, PAIRINGS, ANSWERS, MESSAGES, RECEIPTS)


def topic_of(event: type[Event], source: ServiceName) -> Topic:
    """The topic on which `source` publishes this event. Raises LookupError where it may not."""
    for topic in TOPICS:
        if event in topic.events and source in topic.producers:
            return topic
    raise LookupError(f"{source} does not publish {event.TYPE}")
