"""What registration must be told by its environment."""

from functools import cached_property
from pathlib import Path

from pydantic import Field, field_validator

from services.registration.domain import network
from services.registration.domain.robots import FASTEST_SECONDS
from shared.runtime.settings import RuntimeSettings, secrets


class Settings(RuntimeSettings):
    """See RuntimeSettings for what all services share."""

    public_url: str
    geo_url: str
    regions_dir: Path = Path("deploy/regions")
    link_keys: str = Field(repr=False)
    internal_secret_registration: str = Field(repr=False)
    internal_secret_notification: str = Field(repr=False)
    trusted_proxies: str = ""
    """Networks (CIDR, comma-separated) of the proxies before us. Without them everybody behind a proxy counts as one network."""
    limits_factor: float = Field(default=1.0, gt=0)
    """Multiplies what one network and one region may send: for benchmarks and tests, whose people all have one address."""
    fastest_form_seconds: float = FASTEST_SECONDS
    """What is sent sooner after the form was shown is a robot's; 0 where programs play people."""

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, typed: str) -> str:
        network.proxies(typed)
        return typed

    @property
    def pool_size(self) -> int:
        return 12

    @cached_property
    def proxies(self) -> tuple[network.Network, ...]:
        return network.proxies(self.trusted_proxies)

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of personal links, the signing one first."""
        return secrets(self.link_keys)
