"""Questions to the office for the samples of pages: on my page, and on the page to ask."""

from datetime import UTC, datetime
from types import SimpleNamespace as Some

ASKED, ANSWERED = (datetime(2021, 10, day, 9, 30, tzinfo=UTC) for day in (4, 7))


def asked(text: str) -> list[Some]:
    """Somebody's questions: the newest waits, the other has its answer. A line break would begin a paragraph."""
    line = text.replace("\n", " ")
    waits = Some(text=line, asked_at=ASKED, answer=None, answered_at=None)
    return [waits, Some(text=f"{line}\n\n{line}", asked_at=ASKED, answer=line, answered_at=ANSWERED)]


def question(text: str = "", *found: Some, **more: object) -> dict[str, object]:
    given: dict[str, object] = {"action": "/x", "back_url": "/y", "form_token": "token", "values": {"question": text}}
    return given | {"errors": found, "longest": 2000, "most": 5, "full": False, "mailed": True} | more
