"""Region files: what a county decided. Read here alone; other services learn the rules from RoundOpened."""

from services.registration.regions.model import NAMESPACE, Contact, Keeping, Office, Region, RoundDraft, round_id
from services.registration.regions.reading import RegionFilesError, read_regions
from services.registration.regions.values import Way

__all__ = [
    "NAMESPACE",
    "Contact",
    "Keeping",
    "Office",
    "Region",
    "RegionFilesError",
    "RoundDraft",
    "Way",
    "read_regions",
    "round_id",
]
