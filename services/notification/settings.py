"""What notification must be told by its environment."""

from pydantic import Field

from shared.runtime.settings import RuntimeSettings


class Settings(RuntimeSettings):
    """See RuntimeSettings for what all services share."""

    registration_url: str
    internal_secret_notification: str = Field(repr=False)
    smtp_url: str = Field(default="smtp://localhost:25", repr=False)
    """smtp:// (STARTTLS where offered) or smtps://, with user:password@ where the server asks for it."""
    senders: int = 8
    """Mails handed over at the same time by this process."""
    mails_per_day: int = Field(default=3, ge=1)
    """To one person, within any 24 hours; later ones wait. One stays free of what anybody can cause (`confirm`, `link`)."""
    audit_months: int = Field(default=24, ge=6, le=120)
    """How long it is kept who of the office looked at undelivered messages or had them sent again, in all regions."""
    mails_per_minute: int = Field(default=1000, ge=100)
    """By all processes together; more wait. 10,000 people are told within five minutes from 2,000 on, which one process does.

    Most of them have their address at a few providers: then the pace to a domain must be higher too.
    """
    mails_per_minute_to_domain: int = Field(default=300, ge=1)
    """To the addresses of one domain, by all processes together; more wait, and those to other domains go on.

    What people ask for at that moment (`confirm`, `welcome`, `link`) has as many again, so that it never waits behind results.
    """

    @property
    def pool_size(self) -> int:
        """A sender holds a connection while it sends."""
        return self.senders + 5
