"""What every service must be told by its environment; each service's own Settings class extends this one."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class RuntimeSettings(BaseSettings):
    """Read from variables that begin with MYBUDDY_."""

    model_config = SettingsConfigDict(env_prefix="MYBUDDY_", frozen=True)

    database_url: str = Field(repr=False)
    kafka_bootstrap: str
    topic_prefix: str = ""
    http_host: str = "127.0.0.1"
    http_port: int = 8000
    linger_seconds: float = Field(default=6, ge=0, le=10)
    """Told to end, it waits so long for whoever keeps a connection: longer than they keep one that is idle (httpx: 5)."""
    coordinator_public_key: str = ""
    log_level: str = "INFO"

    @property
    def pool_size(self) -> int:
        """Connections to its database that this process holds at most; its relay has one more."""
        return 8

    def topic(self, name: str) -> str:
        """The name of a topic or consumer group on the broker, which installations share."""
        return f"{self.topic_prefix}{name}"


def secrets(value: str) -> tuple[str, ...]:
    """Comma-separated secrets, the current one first. Raises ValueError where there is none."""
    found = tuple(part.strip() for part in value.split(",") if part.strip())
    if not found:
        raise ValueError("no secret given")
    return found
