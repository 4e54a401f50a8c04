"""What geo must be told by its environment."""

from pydantic import Field

from shared.runtime.settings import RuntimeSettings


class Settings(RuntimeSettings):
    """See RuntimeSettings for what all services share."""

    internal_secret_registration: str = Field(repr=False)

    audit_months: int = Field(default=24, ge=6, le=120)
    """How long it is kept who of the office looked at open questions, in all regions."""
