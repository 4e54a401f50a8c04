"""Topic `receipts`: each service says that an erasure is done."""

from typing import ClassVar
from uuid import UUID

from shared.schemas.codes import ServiceName
from shared.schemas.envelope import Event


class ErasureDone(Event):
    """Nothing of this person is left in this service but what the round's proof needs: (id, version)."""

    TYPE: ClassVar[str] = "ErasureDone.v1"
    KEY: ClassVar[str] = "person"
    person: UUID
    service: ServiceName
