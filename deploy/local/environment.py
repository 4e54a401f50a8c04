"""What each process is told by its environment, and nothing more: one table of variables per service."""

import os
from collections.abc import Mapping
from pathlib import Path

# Passed on from the caller's environment where they are set. Not PYTHONDONTWRITEBYTECODE: it makes every start slow.
PASSED_ON = ("PATH", "HOME", "PYTHONPATH", "COVERAGE_PROCESS_START", "LD_LIBRARY_PATH")

EVERY_SERVICE = (
    "DATABASE_URL",
    "KAFKA_BOOTSTRAP",
    "TOPIC_PREFIX",
    "HTTP_HOST",
    "HTTP_PORT",
    "LINGER_SECONDS",
    "COORDINATOR_PUBLIC_KEY",
)
# Of two services that talk, both hold the caller's secret, and nobody else does.
ALSO = {
    "registration": (
        "PUBLIC_URL",
        "GEO_URL",
        "REGIONS_DIR",
        "LIMITS_FACTOR",
        "FASTEST_FORM_SECONDS",
        "LINK_KEYS",
        "INTERNAL_SECRET_NOTIFICATION",
        "INTERNAL_SECRET_REGISTRATION",
    ),
    "geo": ("INTERNAL_SECRET_REGISTRATION",),
    "matching": (),
    "notification": (
        "REGISTRATION_URL",
        "SMTP_URL",
        "MAILS_PER_MINUTE",
        "MAILS_PER_MINUTE_TO_DOMAIN",
        "INTERNAL_SECRET_NOTIFICATION",
    ),
}


def base_environment(scratch: Path) -> dict[str, str]:
    """Temporary files go where they end with the stack."""
    temporary = scratch / "tmp"
    temporary.mkdir(exist_ok=True)
    passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return passed_on | {"LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", "TMPDIR": str(temporary)}


def service_environment(service: str, values: Mapping[str, str]) -> dict[str, str]:
    """Of all `values` (without the prefix) those that this service needs, with it."""
    return {f"MYBUDDY_{name}": values[name] for name in (*EVERY_SERVICE, *ALSO[service])}
