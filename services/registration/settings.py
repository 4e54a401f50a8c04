"""What registration must be told by its environment."""

from pathlib import Path

from pydantic import Field

from shared.runtime.settings import RuntimeSettings, secrets


class Settings(RuntimeSettings):
    """See RuntimeSettings for what all services share."""

    public_url: str
    geo_url: str
    regions_dir: Path = Path("deploy/regions")
    link_keys: str = Field(repr=False)
    internal_secret_registration: str = Field(repr=False)
    internal_secret_notification: str = Field(repr=False)

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of personal links, the signing one first."""
        return secrets(self.link_keys)
