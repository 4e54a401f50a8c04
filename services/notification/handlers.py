"""One function per event: what must be said is queued, what must not be said any more is dropped."""

from collections.abc import Sequence
from uuid import UUID, uuid5

from services.notification import store
from services.notification.domain import SHOWS, UNSENT, Change, Heard, Opening, Told, is_reminded, kind_of, opening
from shared.runtime.db import Connection
from shared.runtime.ids import new_id
from shared.runtime.killpoints import killpoint
from shared.runtime.outbox import Outbox, blank
from shared.schemas.codes import MessageKind
from shared.schemas.pairings import FollowUpDue, Outcome, OutcomeAnnounced, PairChanged, ReminderDue
from shared.schemas.participants import (
    AddressGiven,
    AnswerGiven,
    Confirmed,
    Erased,
    Left,
    LinkAsked,
    NotChecked,
    NoticeDue,
    OfficeAlerted,
    OfficeAsked,
    Refused,
    SignedUp,
    Withdrawn,
)
from shared.schemas.receipts import ErasureDone
from shared.schemas.rounds import RoundEnded, RoundOpened

outbox = Outbox("notification")
MOST_ENDED = 10


async def on_signed_up(conn: Connection, event: SignedUp) -> None:
    await store.queue(conn, new_id(), event.person, event.round, "confirm")


async def on_link_asked(conn: Connection, event: LinkAsked) -> None:
    await store.queue(conn, new_id(), event.person, event.round, "link")


async def on_notice_due(conn: Connection, event: NoticeDue) -> None:
    await store.queue(conn, uuid5(event.person, f"opens:{event.round}"), event.person, event.round, "opens")


async def on_confirmed(conn: Connection, event: Confirmed) -> None:
    """Carries the personal link; said again for the same version it is the same message."""
    message = uuid5(event.person, f"welcome:{event.round}:{event.version}")
    await store.queue(conn, message, event.person, event.round, "welcome", event.version)


async def on_refused(conn: Connection, event: Refused) -> None:
    await store.queue(conn, new_id(), event.person, event.round, "refused")


async def on_not_checked(conn: Connection, event: NotChecked) -> None:
    """Each closing of a round is told once."""
    message = uuid5(event.person, f"not_checked:{event.round}:{event.closing}")
    await store.queue(conn, message, event.person, event.round, "not_checked", event.closing)


async def on_answer_given(conn: Connection, event: AnswerGiven) -> None:
    """That there is an answer, and where; each question has one."""
    await store.queue(conn, uuid5(event.person, f"answered:{event.question}"), event.person, event.round, "answered")


async def on_office_asked(conn: Connection, event: OfficeAsked) -> None:
    """An office is written to like a person; how often, registration decides."""
    await store.queue(conn, new_id(), event.office, event.round, "office_asked")


async def on_office_alerted(conn: Connection, event: OfficeAlerted) -> None:
    """Of each pair once."""
    message = uuid5(event.office, f"office_alerted:{event.pair}")
    await store.queue(conn, message, event.office, event.round, "office_alerted")


async def on_address_given(conn: Connection, event: AddressGiven) -> None:
    """The old address is told of it; the new one is to be proved. Only registration knows either: by the message that is named
    as the asking, and by the asking in place of a person, for that mailbox is nobody's yet.
    """
    await store.queue(conn, event.asking, event.person, event.round, "old_address")
    await store.queue(conn, uuid5(event.asking, "new_address"), event.asking, event.round, "new_address")


async def on_gone(conn: Connection, event: Left | Withdrawn) -> None:
    await store.drop_unsent(conn, event.person, event.round)


async def on_erased(conn: Connection, event: Erased) -> None:
    """No mail follows an erasure: the page was the receipt."""
    await store.forget(conn, event.person)
    await blank(conn, event.person)
    await outbox.append(conn, ErasureDone(person=event.person, service="notification"))
    killpoint("W4")


async def on_outcome_announced(conn: Connection, event: OutcomeAnnounced) -> None:
    await _tell(conn, event, "announced", None)


async def on_pair_changed(conn: Connection, event: PairChanged) -> None:
    await _tell(conn, event, event.change, event.pair)


async def on_reminder_due(conn: Connection, event: ReminderDue) -> None:
    """Of the outcome as it is known: its revision is no new one."""
    known = await store.outcome_messages(conn, event.person, event.round)
    is_newest = all((message.revision or 0) <= event.revision for message in known)
    if is_newest and is_reminded([pair.standing for pair in event.pairs], _told(known)):
        await _queue(conn, event, "reminder", "")


async def _tell(conn: Connection, event: Outcome, change: Change, pair: UUID | None) -> None:
    """A newer outcome takes the place of all that was not told yet; a lower revision than what is known is no news."""
    known = await store.outcome_messages(conn, event.person, event.round)
    if any((message.revision or 0) >= event.revision for message in known):
        return
    told = _told(known, is_over=await store.has_ended(conn, event.round))
    for message in known:
        if message.state in UNSENT:
            await store.done(conn, message.id, "superseded")
    standings = tuple(one.standing for one in event.pairs)
    kind = kind_of(Heard(change, event.outcome, event.reason, standings, pair), told)
    if kind is not None:
        over = _over(known, change, pair) if kind == "pair_ended" else []
        await _queue(conn, event, kind, opening(told), over)


def _over(known: Sequence[store.Message], change: Change, pair: UUID | None) -> list[str]:
    """The pairs whose end a mail tells: its own, and those of the mails that it takes the place of."""
    before = [one for message in known if message.state in UNSENT for one in message.payload.get("ended", [])]
    return list(dict.fromkeys([*before, str(pair)] if change == "ended" else before))[-MOST_ENDED:]


def _told(known: Sequence[store.Message], *, is_over: bool = False) -> Told:
    """Of a round that is over nobody knows any more what was sent, but everybody was told."""
    if is_over:
        return Told(sent=("introduced",), named={None}, unsent=set())
    sent = [message for message in known if message.state == "sent"]
    before = [None for message in sent if message.named is None and SHOWS.get(message.kind) == "introduced"]
    return Told(
        sent=tuple(message.kind for message in sent),
        named={*before, *(pair for message in sent for pair in message.named or ())},
        unsent={message.kind for message in known if message.state in UNSENT},
    )


async def _queue(conn: Connection, event: Outcome, kind: MessageKind, begins: Opening, over: Sequence[str] = ()) -> None:
    """With the pairs it shows and no others; `question`: there is one beside what it tells; `over`: pairs whose end it tells."""
    message = uuid5(event.person, f"{kind}:{event.round}:{event.revision}")
    shown = [pair for pair in event.pairs if pair.standing == SHOWS.get(kind)]
    payload = event.model_dump(mode="json", include={"reason", "suggestion"})
    payload |= {"pairs": [pair.model_dump(mode="json") for pair in shown], "opening": begins}
    payload |= {"question": any(pair.standing == "asked" for pair in event.pairs)}
    payload |= {"ended": list(over)} if over else {}
    named = [pair.pair for pair in shown if pair.standing == "introduced"]
    await store.queue(conn, message, event.person, event.round, kind, event.revision, payload, named)


async def on_follow_up_due(conn: Connection, event: FollowUpDue) -> None:
    """Each step of a pair is asked once."""
    message = uuid5(event.person, f"follow_up:{event.pair}:{event.step}")
    partner = {"pair": str(event.pair), "partner": str(event.partner)}
    payload = {"pair": str(event.pair), "step": event.step, "pairs": [partner]}
    await store.queue(conn, message, event.person, event.round, "follow_up", payload=payload)


async def on_round_opened(conn: Connection, event: RoundOpened) -> None:
    await store.keep_region(conn, event.round, event.region)


async def on_round_ended(conn: Connection, event: RoundEnded) -> None:
    await store.end_round(conn, event.round)
