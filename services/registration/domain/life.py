"""What a person may do at which moment, and what it means: the table "moment x change / leave / erase"."""

from typing import Literal

State = Literal["unconfirmed", "in_doubt", "confirmed", "paused", "left", "withdrawn", "refused", "not_checked"]
Phase = Literal["draft", "open", "closed", "ended"]
Standing = Literal["in", "unconfirmed", "in_doubt", "left", "closed", "asked", "result"]
Action = Literal["return", "pause", "leave", "withdraw", "erase"]


def actions(state: State, phase: Phase, *, can_return: bool) -> list[Action]:
    """The buttons on my page. Erasing is possible always; leaving while the round is open, withdrawing after it closed."""
    found: list[Action] = ["return"] if can_return else []
    if phase == "open" and state == "confirmed":
        found.append("pause")
    if phase == "open" and state in {"unconfirmed", "in_doubt", "confirmed", "paused"}:
        found.append("leave")
    if phase == "closed" and state == "confirmed":
        found.append("withdraw")
    return [*found, "erase"]


def shown_phase(phase: Phase, progress: str | None) -> str:
    """The phase as people see it: registration's own, refined by what matching said."""
    return progress if phase == "closed" and progress else phase


def standing(state: State, phase: Phase, progress: str | None, *, is_asked: bool = False) -> Standing:
    """How far it is with somebody, in a word for the helper who signed them up; they alone may say that there is a question."""
    if state == "unconfirmed":
        return "unconfirmed"
    if state == "in_doubt":
        return "in_doubt"
    if state != "confirmed":
        return "left"
    if phase == "open":
        return "in"
    if is_asked:
        return "asked"
    return "result" if progress == "published" else "closed"
