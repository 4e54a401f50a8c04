"""What services and their jobs read of their environment, and what is wrong with what they are told there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from deploy.checks.manifests.rendered import ELSEWHERE
from services.geo.settings import Settings as Geo
from services.matching.settings import Settings as Matching
from services.notification.settings import Settings as Notification
from services.registration.settings import Settings as Registration
from shared.runtime.settings import KafkaSettings, RuntimeSettings

PREFIX = "MYBUDDY_"
FORMED = "kafka_ca"  # of what comes out of a Secret, nobody here can say whether it has the right form
SETTINGS: dict[str, type[RuntimeSettings]] = {
    "registration": Registration,
    "geo": Geo,
    "matching": Matching,
    "notification": Notification,
}
OWNER = "MYBUDDY_OWNER_DATABASE_URL"


@dataclass(frozen=True)
class Reader:
    """Whoever reads the environment: which variables it knows, which it must have, and the settings they go to."""

    known: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    settings: type[RuntimeSettings] | None = None


def _reads(settings: type[KafkaSettings]) -> tuple[frozenset[str], frozenset[str]]:
    """All that it knows, and what it must have."""
    fields = {f"{PREFIX}{field.upper()}": about for field, about in settings.model_fields.items()}
    return frozenset(fields), frozenset(name for name, about in fields.items() if about.is_required())


# What one-shot jobs read; a container with a command of its own runs one or several of these modules.
JOBS = {
    "shared.runtime.migrate": Reader(frozenset({OWNER}), frozenset({OWNER})),
    "services.geo.gazetteer": Reader(frozenset({OWNER}), frozenset({OWNER})),
    "shared.runtime.topics": Reader(*_reads(KafkaSettings)),
}


def service(name: str) -> Reader:
    return Reader(*_reads(SETTINGS[name]), SETTINGS[name])


def job(command: Sequence[str]) -> Reader:
    """Of all modules that the command runs."""
    run = [reader for module, reader in JOBS.items() if module in " ".join(command)]
    return Reader(
        frozenset[str]().union(*(reader.known for reader in run)), frozenset[str]().union(*(reader.required for reader in run))
    )


def faults(reader: Reader, environment: Mapping[str, str]) -> Iterator[str]:
    """One sentence for each variable that is unknown, missing or refused."""
    values = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    yield from (f"{name} is known to nobody there" for name in sorted(values.keys() - reader.known))
    yield from (f"{name} is missing or empty" for name in sorted(reader.required) if not values.get(name))
    if reader.settings and reader.required <= values.keys() <= reader.known:
        yield from _refused(reader.settings, values)


def _refused(settings: type[RuntimeSettings], values: Mapping[str, str]) -> Iterator[str]:
    try:
        settings.model_validate({name.removeprefix(PREFIX).lower(): value for name, value in values.items()})
    except ValidationError as error:
        found = [fault for fault in error.errors() if (fault["loc"][0], fault["input"]) != (FORMED, ELSEWHERE)]
        yield from (f"{PREFIX}{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in found)
