"""Whom people ask: the contact of their municipality where it has one, on their own pages and in their mails."""

from dataclasses import replace

import pytest

from services.registration.regions.model import Contact
from services.registration.store.people import Place
from services.registration.tests.front import NOTIFICATION, Front
from services.registration.tests.made import LUDWIGSBURG, one, opened, signed_up

MARBACH = Contact(
    municipality="Marbach am Neckar", name="Frau Yılmaz, Rathaus", phone="07144 102-200", email="hilfe@marbach.example"
)
OFFICE = LUDWIGSBURG.office
PLACES = {
    "by postcode": (Place("71672", "", ""), MARBACH),
    "another municipality": (Place("71638", "", ""), OFFICE),
    "a postcode nobody knows": (Place("00001", "", ""), OFFICE),
    "a place nobody understood": (Place("", "", "bei Marbach"), OFFICE),
}


async def asked(front: Front, monkeypatch: pytest.MonkeyPatch, place: Place) -> tuple[str, dict[str, str]]:
    """What my page says, and what notification is told."""
    monkeypatch.setitem(front.tools.regions, "ludwigsburg", LUDWIGSBURG.model_copy(update={"contacts": [MARBACH]}))
    await opened(front.pool)
    person = await signed_up(front.pool, replace(one(1), place=place))
    page = await front.client.get(await front.link(person))
    question = {"kind": "link", "person": str(person)}
    mail = await front.client.post("/internal/recipient", json=question, headers=NOTIFICATION)
    office: dict[str, str] = mail.json()["office"]
    return page.text, office


@pytest.mark.parametrize(("place", "whom"), PLACES.values(), ids=PLACES)
async def test_people_are_told_the_contact_of_their_municipality(
    front: Front, monkeypatch: pytest.MonkeyPatch, place: Place, whom: Contact
) -> None:
    page, office = await asked(front, monkeypatch, place)
    assert office == {"name": whom.name, "phone": whom.phone, "email": whom.email}
    assert (MARBACH.phone in page, MARBACH.name in page) == (whom is MARBACH, whom is MARBACH)
    assert OFFICE.name in page


async def test_while_geo_is_away_they_are_told_the_office(front_without_geo: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    page, office = await asked(front_without_geo, monkeypatch, Place("71672", "", ""))
    assert office["email"] == OFFICE.email
    assert MARBACH.email not in page


async def test_the_form_names_the_office_since_nobody_said_yet_where_they_live(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(front.tools.regions, "ludwigsburg", LUDWIGSBURG.model_copy(update={"contacts": [MARBACH]}))
    await opened(front.pool)
    assert MARBACH.email not in (await front.client.get("/de/ludwigsburg")).text
