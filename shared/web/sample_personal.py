"""The pages and texts that say what somebody typed, each with a name that a test may choose."""

from types import SimpleNamespace as Some

from shared.web.sample_follow_ups import follow_ups
from shared.web.sample_outcomes import outcomes
from shared.web.sample_questions import asked
from shared.web.samples import (
    ZONE,
    Case,
    addresses,
    by_address,
    checked,
    ending,
    errors,
    form,
    frame,
    mine,
    person,
    places,
    told,
    typed,
)


def personal_pages(name: str) -> list[Case]:
    """The pages that say what somebody typed."""
    return [
        ("form.html", form(mode="whole", values=typed(name), errors=errors(), places=places(name))),
        ("form.html", form(mode="change", values=typed(name))),
        ("check.html", checked(name)),
        ("by_address.html", by_address("link", name, Some(field="email", code="email_invalid", params={}))),
        ("slow.html", frame(action="/x", seconds=10, fields=[("name", name)])),
        *[("me.html", mine(person=person(name), asked=asked(name), outcome=one)) for one in (None, *outcomes(name))],
        ("me.html", mine(person=person(name), follow_ups=follow_ups(name))),
        *[("followed.html", frame(one=one, here="/x")) for one in follow_ups(name)],
        *addresses(name)[:-1],
        ("end.html", ending(name, [])),
    ]


def texts(name: str = "Anna") -> list[Case]:
    """What is given out as plain text: somebody's own data, and what people agree to."""
    own = {"person": person(name, new_email=name), "asked": asked(name), "former": [name], "zone": ZONE, "said": "…"}
    own |= {"follow_ups": follow_ups(name)}
    return [*(("data.txt", frame(outcome=one, **own)) for one in (None, *outcomes(name))), ("privacy.txt", frame(**told()))]
