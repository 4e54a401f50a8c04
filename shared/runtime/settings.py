"""What every service must be told by its environment; each service's own Settings class extends this one."""

import ssl

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class KafkaSettings(BaseSettings):
    """Where Kafka is and how it lets us in; all that the topics' job reads."""

    model_config = SettingsConfigDict(env_prefix="MYBUDDY_", frozen=True)

    kafka_bootstrap: str
    kafka_ca: str = Field(default="", repr=False)
    """The authority behind Kafka's certificate, in PEM: with it all goes by TLS, without it in plain text."""
    kafka_user: str = ""
    kafka_password: str = Field(default="", repr=False, validate_default=True)
    topic_prefix: str = ""

    @field_validator("kafka_ca")
    @classmethod
    def _is_certificate(cls, pem: str) -> str:
        """Said at the start: later it would look like a Kafka that is away."""
        try:
            if pem:
                ssl.create_default_context(cadata=pem)
        except (ssl.SSLError, ValueError) as error:
            raise ValueError("must be a certificate in PEM, the authority's and not the path of its file") from error
        return pem

    @field_validator("kafka_password")
    @classmethod
    def _is_complete(cls, password: str, given: ValidationInfo) -> str:
        if bool(password) != bool(given.data.get("kafka_user")):
            raise ValueError("Kafka needs both kafka_user and kafka_password, or none of the two")
        if password and not given.data.get("kafka_ca", "refused itself"):
            raise ValueError("a password is never sent in the clear: give kafka_ca too")
        return password

    def topic(self, name: str) -> str:
        """The name of a topic or consumer group on the broker, which installations share."""
        return f"{self.topic_prefix}{name}"


class RuntimeSettings(KafkaSettings):
    """Read from variables that begin with MYBUDDY_."""

    database_url: str = Field(repr=False)
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


def secrets(value: str) -> tuple[str, ...]:
    """Comma-separated secrets, the current one first. Raises ValueError where there is none."""
    found = tuple(part.strip() for part in value.split(",") if part.strip())
    if not found:
        raise ValueError("no secret given")
    return found
