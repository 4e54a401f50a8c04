"""Questions of people to the office, at any time: how long, how many, and who is told that there is one."""

from uuid import UUID, uuid5

from services.registration.domain.text import paragraphs

LONGEST = 2000
MOST_WAITING = 5
OFFICES = UUID("6d794275-6464-4979-8000-6f6666696365")


def said(typed: str) -> str | None:
    """The words as they are kept, of a question or an answer. None where they are too long."""
    words = paragraphs(typed)
    return words if len(words) <= LONGEST else None


def office_id(region: str, email: str) -> UUID:
    """Under which events speak of a mailbox of the office: the same for all whom it answers."""
    return uuid5(OFFICES, f"{region}:{email}")
