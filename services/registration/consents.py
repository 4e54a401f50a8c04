"""What people agree to, word for word: each region and language has a text, its version is the text's fingerprint."""

from typing import Any

from services.registration.regions import Region
from services.registration.store.consents import Consent
from shared.web.pages import Pages

Consents = dict[tuple[str, str], Consent]


def consents(pages: Pages, regions: dict[str, Region]) -> Consents:
    """Of every region in every language that it offers."""
    found = [
        Consent(region.slug, language, pages.render("privacy.txt", language, region.address, **told(region)))
        for region in regions.values()
        for language in region.languages
    ]
    return {(one.region, one.language): one for one in found}


def told(region: Region) -> dict[str, Any]:
    """What the text names of the region."""
    privacy = region.privacy
    return {
        "office": region.office,
        "controller": " · ".join(privacy.controller.splitlines()) or region.office.name,
        "officer": privacy.officer or region.office.email,
        "authority": privacy.authority,
        "days": region.keeping.unconfirmed_days,
        "months": region.keeping.after_round_months,
    }
