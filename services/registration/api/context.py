"""What every route needs: settings, regions, database, pages, places; made once by the app's lifespan."""

from dataclasses import dataclass, field
from typing import Any, cast

from fastapi import HTTPException, Request

from services.registration.consents import Consents
from services.registration.domain import links, proposals
from services.registration.limits import Limits
from services.registration.places import Places, municipality
from services.registration.regions import Office, Region
from services.registration.settings import Settings
from services.registration.store.people import Person, Place
from services.registration.store.rounds import Round
from shared.runtime.db import Pool
from shared.web.pages import Pages


@dataclass(frozen=True)
class Context:
    """The tools of one running registration."""

    settings: Settings
    regions: dict[str, Region]
    pool: Pool
    pages: Pages
    places: Places
    consents: Consents
    limits: Limits = field(default_factory=Limits)
    open_rounds: dict[str, tuple[float, Round]] = field(default_factory=dict)
    blank_forms: dict[tuple[object, ...], bytes] = field(default_factory=dict)

    def link(self, person: Person, purpose: links.Purpose) -> str:
        """The absolute address of a personal link, in the person's language."""
        token = links.make(person.id, purpose, person.link_generation, self.settings.keys)
        return self.address(person.language, person.region, f"/{purpose}/{token}")

    def address_link(self, person: Person) -> str:
        """Where they prove the address that waits. It holds for this asking alone."""
        assert person.new_email_id is not None
        token = links.make(person.new_email_id, "address", person.link_generation, self.settings.keys)
        return self.address(person.language, person.region, f"/address/{token}")

    async def contact(self, person: Person) -> Office:
        """Whom somebody asks: the contact of their municipality where it has one, or the office."""
        region = self.regions[person.region]
        return region.contact_for(await self.town(person)) if region.contacts else region.office

    async def town(self, person: Person) -> str:
        """The municipality somebody lives in; empty where it is not known, or geo does not answer."""
        place = Place(person.postcode, person.place_id, person.place_text)
        return await municipality(self.places, place, person.region)

    async def described(self, partner: Person, year: int) -> dict[str, Any]:
        """Somebody about whom another is asked: about how old in this year, and which municipality. Neither name nor contact
        leaves before both said yes.
        """
        age_from = proposals.age_from(partner.birth_year, year)
        return {"person": partner.id, "age_from": age_from, "place": await self.town(partner)}

    def released(self, partner: Person) -> dict[str, Any]:
        """A first name and the contact that this person ticked; nothing else of them leaves. Where a helper brings the two
        together and nothing is ticked, the office is asked.
        """
        kinds = ("email", "phone", "messenger")
        given = {kind: getattr(partner, kind) for kind in kinds if getattr(partner, f"release_{kind}")}
        ways = {kind: value for kind, value in given.items() if value}  # an address may still have to be proved
        if not ways and partner.helper is not None:
            office = self.regions[partner.region].office
            ways = {"email": office.email, "phone": office.phone}
        contacts = [{"kind": kind, "value": value} for kind, value in ways.items() if value]
        return {"person": partner.id, "first_name": partner.name.split()[0], "contacts": contacts}

    def address(self, language: str, slug: str, rest: str = "") -> str:
        """The absolute address of a page as the public reaches it."""
        return f"{self.settings.public_url.rstrip('/')}/{language}/{slug}{rest}"


def context(request: Request) -> Context:
    return cast("Context", request.app.state.context)


def region_or_404(request: Request, slug: str) -> Region:
    """Raises HTTP 404 for a region that this installation does not serve, or not in the language of the address."""
    found = context(request).regions.get(slug)
    if found is None or request.path_params.get("language", found.languages[0]) not in found.languages:
        raise HTTPException(404, "There is no such region here, or not in this language.")
    return found
