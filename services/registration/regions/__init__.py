"""Region files: what a county decided. Read here alone; other services learn the rules from RoundOpened."""

from services.registration.regions.model import NAMESPACE, Contact, Keeping, Office, Region, RoundDraft, round_id
from services.registration.regions.reading import RegionFilesError, read_regions

__all__ = ["NAMESPACE", "Contact", "Keeping", "Office", "Region", "RegionFilesError", "RoundDraft", "read_regions", "round_id"]
