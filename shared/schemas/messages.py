"""Topic `messages`: what became of a mail."""

from typing import ClassVar
from uuid import UUID

from shared.schemas.codes import LanguageTag, MessageKind
from shared.schemas.envelope import Event


class Delivery(Event):
    """One message to one person."""

    message: UUID
    person: UUID
    kind: MessageKind
    language: LanguageTag


class Sent(Delivery):
    """A mail server took it."""

    TYPE: ClassVar[str] = "Sent.v1"
    KEY: ClassVar[str] = "person"


class Failed(Delivery):
    """Given up after the last try."""

    TYPE: ClassVar[str] = "Failed.v1"
    KEY: ClassVar[str] = "person"


class Bounced(Delivery):
    """Refused for good by a mail server."""

    TYPE: ClassVar[str] = "Bounced.v1"
    KEY: ClassVar[str] = "person"
