"""What geo must be told by its environment."""

from pydantic import Field

from shared.runtime.settings import RuntimeSettings


class Settings(RuntimeSettings):
    """See RuntimeSettings for what all services share."""

    internal_secret_registration: str = Field(repr=False)
