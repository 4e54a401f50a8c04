"""What gives a robot away that fills in forms, without a riddle for people."""

from services.registration.domain.answers import Form
from services.registration.domain.text import folded

TRAP = "website"
"""A field of the form that nobody sees."""
FASTEST_SECONDS = 3.0
"""Nobody reads the form, fills it in and agrees in less."""


def looks_automatic(form: Form, stamp_age: float | None, fastest: float = FASTEST_SECONDS) -> bool:
    """Whether nobody can have typed this form. In doubt it is a person.

    No stamp (an old or kept page) and an old one (the form lay open for days) are a person's. What fills in passwords
    may fill in the hidden field too, but with what stands in another field already.
    """
    if stamp_age is not None and stamp_age < fastest:
        return True
    trapped = {folded(value) for value in form.get(TRAP, ())} - {""}
    return bool(trapped) and bool(trapped - {folded(value) for name, values in form.items() if name != TRAP for value in values})
